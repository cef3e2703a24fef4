// Calls through a real coturn, relay-only on both sides: not one packet passes beside it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { coturn, credentials } from './lib/coturn.mjs';
import { call, serve } from './lib/rill.mjs';

const relayed = (summary) => {
  assert.ok(summary.ok, summary.failure);
  assert.match(summary.local_candidate, / typ relay /);
  assert.match(summary.remote_candidate, / typ (relay|prflx) /);
  for (const kind of ['video', 'audio']) {
    const got = summary.received.find((s) => s.kind === kind);
    assert.ok(kind === 'video' ? got.decoded > 5 : got.samples > 10000, JSON.stringify(got));
  }
};

async function relayedCall(t, url, ...options) {
  const server = await serve(t);
  const both = ['--ice-policy', 'relay', '--turn', url, '-t', '1', ...options];
  const a = call(t, server, 'first', ...both);
  await a.step(9);
  const b = call(t, server, 'second', ...both);
  const [x, y] = await Promise.all([a.summary(), b.summary()]);
  relayed(x);
  relayed(y);
  return [a, b];
}

test('relay-only over UDP', async (t) => {
  const turn = await coturn(t);
  await relayedCall(t, `turn:${credentials}@127.0.0.1:${turn.port}?transport=udp`);
});

test('relay-only over TCP', async (t) => {
  const turn = await coturn(t);
  await relayedCall(t, `turn:${credentials}@127.0.0.1:${turn.port}?transport=tcp`);
});
