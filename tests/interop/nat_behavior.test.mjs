// `rill nat` (RFC 5780) with coturn's server and rill's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coturn, freePort } from './lib/coturn.mjs';
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
