// Addresses that go and come in mid-call, in network namespaces: the call goes on, over another one.
// Nothing tells the other side but the checks themselves: with the address the connection to the
// server is gone too. And a network that lets no UDP through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { impossible, Lab } from './lib/netns.mjs';
import { Process, rill } from './lib/rill.mjs';

const seconds = 5;

// Two hosts and a server on one switch.
async function lab(t) {
  const l = await Lab.make(t, 'a', 'b', 'server');
  l.bridge(l.server, 'br0', '10.0.0.9/24');
  l.plug(l.a, 'eth0', '10.0.0.1/24', l.server, 'br0', 'port1');
  l.plug(l.b, 'eth0', '10.0.0.2/24', l.server, 'br0', 'port2');
  const p = inside(t, l.server, ['serve', '--json', '--listen', '10.0.0.9:0', '--stun-port', '0', '--tls', 'off']);
  const { url } = await p.event((e) => e.event === 'listening');
  return { ...l, url };
}

const inside = (t, host, args) => {
  const [command, ...before] = host.inside;
  return new Process(t, [...before, rill, ...args], command);
};

const call = (t, host, url, name, ...more) =>
  inside(t, host, ['call', '--json', '--name', name, '--timeout', '20', '-t', String(seconds), ...more, url]);

function decodedOn(summary, name, seconds) {
  assert.ok(summary.ok, `${name}: ${summary.failure}`);
  const audio = summary.received.find((s) => s.kind === 'audio');
  // At most two seconds of it may be missing.
  assert.ok(audio.samples > (seconds - 2) * 48000, `${name}: ${audio.samples} samples in ${seconds} s`);
  for (const s of summary.received) assert.equal(s.decode_errors, 0, name);
}

async function changes(t, side) {
  const l = await lab(t);
  const [old, other] = side === 'a' ? ['10.0.0.1', '10.0.0.11'] : ['10.0.0.2', '10.0.0.12'];
  const a = call(t, l.a, l.url, 'a', '--as', 'offerer');
  const b = call(t, l.b, l.url, 'b', '--as', 'answerer');
  await Promise.all([a.step(23), b.step(23)]);
  await sleep(500);
  l[side].ip(`addr del ${old}/24 dev eth0`);
  l[side].ip(`addr add ${other}/24 dev eth0`);
  const [sa, sb] = await Promise.all([a.summary(), b.summary()]);
  decodedOn(sa, 'a', seconds);
  decodedOn(sb, 'b', seconds);
  const [mine, theirs] = side === 'a' ? [sa, sb] : [sb, sa];
  assert.match(mine.local_candidate, new RegExp(` ${other} `));
  assert.match(theirs.remote_candidate, new RegExp(` ${other} .* typ prflx`));
}

// As a default call has it: passive and active candidates beside UDP's.
async function meetsOverTcp(t) {
  const l = await lab(t);
  l.b.nft('add table inet f; add chain inet f in { type filter hook input priority 0; }; add rule inet f in meta l4proto udp drop');
  const a = call(t, l.a, l.url, 'a', '--as', 'offerer', '-t', '3');
  const b = call(t, l.b, l.url, 'b', '--as', 'answerer', '-t', '3');
  for (const s of await Promise.all([a.summary(), b.summary()])) {
    decodedOn(s, s.name, 3);
    assert.match(s.local_candidate, / tcp .* tcptype (active|passive)/);
    assert.ok(s.connected_us < 3e6, `connected in ${s.connected_us} us`);
  }
}

test('UDP is blocked, and the call takes TCP', { skip: impossible('nft') }, meetsOverTcp);

test('an address changes in mid-call', { skip: impossible(), concurrency: true }, async (t) => {
  await Promise.all([
    t.test('of the offerer, which controls', (t) => changes(t, 'a')),
    t.test('of the answerer', (t) => changes(t, 'b')),
  ]);
});
