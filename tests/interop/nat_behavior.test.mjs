// `rill nat` (RFC 5780) with coturn's server and rill's own.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { coturn, freePort } from './lib/coturn.mjs';
import { internet, kinds, site } from './lib/nats.mjs';
import { impossible, Lab } from './lib/netns.mjs';
import { rill, run, Process } from './lib/rill.mjs';

const discover = (...args) => {
  const r = run(['nat', '--json', ...args]);
  assert.ok(r.code === 0 || r.code === 1, r.err);
  return { code: r.code, ...JSON.parse(r.out) };
};

const without = (told) => {
  assert.equal(told.code, 0);
  assert.equal(told.nat, false);
  assert.equal(told.mapping, 'endpoint-independent');
  assert.equal(told.filtering, 'endpoint-independent');
  assert.equal(told.fragments, true);
  assert.equal(told.port_preservation, true);
  assert.match(told.words.join(' '), /^No NAT/);
};

// They wait for silence mostly: beside each other it is one silence.
describe('nat', { concurrency: 3 }, () => {
  test('coturn on two addresses tells that there is no NAT on this machine, and that a binding lives', async (t) => {
    const turn = await coturn(t, '-L', '127.0.0.2', '--alt-listening-port', String(await freePort()));
    const told = discover('--lifetime', '1', `stun:127.0.0.1:${turn.port}`);
    without(told);
    assert.match(told.other_address, /^127\.0\.0\.2:/);
    assert.equal(told.response_origin, `127.0.0.1:${turn.port}`);
  });

  test('rill serve --stun-alternate tells the same', async (t) => {
    const server = new Process(t, ['serve', '--json', '--listen', '127.0.0.1:0', '--tls', 'off', '--stun-port', '0', '--stun-alternate', '127.0.0.2'], rill);
    const first = await server.event((e) => e.event === 'stun');
    const told = discover('--lifetime', '1', `127.0.0.1:${first.port}`);
    without(told);
    assert.equal(told.lifetime_least_s, 1);
    assert.match(told.other_address, /^127\.0\.0\.2:/);
    const plain = run(['nat', `127.0.0.1:${first.port}`]);
    assert.match(plain.out, /^mapping +endpoint-independent$/m);
    assert.match(run(['stun', `127.0.0.1:${first.port}`]).out, /^mapped address +127\.0\.0\.1:/);
  });

  test('a server with one address tells no behaviour, and none at all is told so', async (t) => {
    const turn = await coturn(t);
    const told = discover('--no-fragments', `127.0.0.1:${turn.port}`);
    assert.equal(told.other_address, null);
    assert.equal(told.filtering, 'unknown');
    assert.match(told.words.join(' '), /no OTHER-ADDRESS/);
    const dead = discover(`127.0.0.1:${await freePort()}`);
    assert.equal(dead.code, 1);
    assert.match(dead.words.join(' '), /^No answer came/);
    assert.equal(run(['nat']).code, 2);
    assert.equal(run(['nat', '--lifetime', '0', 'x']).code, 2);
  });

  // What each kind of nats.mjs is in the terms of RFC 4787, as its rules are written.
  const behaviors = { one: 'endpoint-independent', each: 'address and port-dependent' };
  const filters = { all: 'endpoint-independent', address: 'address-dependent', port: 'address and port-dependent' };

  test('each kind of NAT that Linux makes is told as what it is, over a real network', { skip: impossible('nft') }, async (t) => {
    const lab = await Lab.make(t, 'net');
    await internet(lab, lab.net, '203.0.113.1');
    lab.net.ip('addr add 203.0.113.2/24 dev internet');
    const server = new Process(t, ['serve', '--json', '--listen', '203.0.113.1:off', '--stun-alternate', '203.0.113.2'], rill, lab.net.inside);
    await server.event((e) => e.event === 'stun' && e.address === '203.0.113.2');
    const names = ['none', 'cone', 'address', 'port', 'symmetric', 'blocked', 'double'];
    const asked = await Promise.all(names.map(async (kind, i) => {
      const { host, gate } = await site(lab, lab.net, `h${i}`, kind, `203.0.113.${10 + i}`);
      // One that forgets what is silent for a second, beside one that sends on whatever comes.
      if (kind === 'port') gate.sysctl('net.netfilter.nf_conntrack_udp_timeout', 1);
      const lives = ['cone', 'port'].includes(kind) ? ['--lifetime', '3'] : [];
      const p = new Process(t, ['nat', '--json', ...lives, '203.0.113.1'], rill, host.inside);
      await p.ended;
      return { kind, code: p.code, told: p.events[0] };
    }));
    for (const { kind, code, told } of asked) {
      const says = `${kind}: ${JSON.stringify(told)}`;
      if (kind === 'blocked') {
        assert.equal(code, 1, says);
        assert.match(told.words.join(' '), /^No answer came/);
        continue;
      }
      assert.equal(code, 0, says);
      assert.equal(told.nat, kind !== 'none', says);
      assert.equal(told.mapping, behaviors[kinds[kind].maps ?? 'one'], says);
      assert.equal(told.filtering, filters[kinds[kind].filters ?? 'all'], says);
      assert.equal(told.fragments, true, says);
      if (kind === 'cone') assert.deepEqual([told.lifetime_least_s, told.lifetime_most_s], [3, null], says);
      if (kind === 'port') assert.deepEqual([told.lifetime_least_s, told.lifetime_most_s], [null, 3], says);
      assert.equal(told.hairpinning, kind === 'none' ? null : false, says);
    }
  });
});
