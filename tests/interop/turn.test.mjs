// Calls through a real coturn, relay-only on both sides: not one packet passes beside it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { certificate, coturn, credentials, freePort, password, user } from './lib/coturn.mjs';
import { call, run, serve } from './lib/rill.mjs';

const relayed = (summary) => {
  assert.ok(summary.ok, summary.failure);
  assert.match(summary.local_candidate, / typ relay /);
  assert.match(summary.remote_candidate, / typ (relay|prflx)\b/);
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

// Every UDP socket the process has, as /proc/net/udp shows its local address.
function udpSockets(pid) {
  const inodes = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  return ['udp', 'udp6'].flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1)
    .map((line) => line.trim().split(/\s+/)).filter((f) => f.length > 9 && inodes.includes(f[9])).map((f) => f[1].split(':')[0]));
}

test('relay-only has one UDP socket, bound to no address of ours, and tells no address', async (t) => {
  const turn = await coturn(t);
  const server = await serve(t);
  const both = ['--ice-policy', 'relay', '--turn', `turn:${credentials}@127.0.0.1:${turn.port}`, '-t', '2', '-v'];
  const a = call(t, server, 'first', ...both);
  await a.step(9);
  const b = call(t, server, 'second', ...both);
  await Promise.all([a.step(23), b.step(23)]);
  assert.deepEqual(udpSockets(a.child.pid), ['00000000']);
  assert.deepEqual(udpSockets(b.child.pid), ['00000000']);
  for (const s of await Promise.all([a.summary(), b.summary()])) relayed(s);
  // what was told to the other side, and where checks went from
  for (const line of (a.err + b.err).split('\n')) {
    if (/ ice local_candidate /.test(line)) assert.match(line, /type=(relay|prflx)/);
    if (/typ host|typ srflx/.test(line)) assert.fail(line);
  }
});

test('relay-only over TLS, whose certificate is checked', async (t) => {
  const { cert, key } = certificate(t);
  const turn = await coturn(t, '--cert', cert, '--pkey', key);
  const url = `turns:${credentials}@127.0.0.1:${turn.tls}?transport=tcp`;
  await relayedCall(t, url, '--ca', cert);
  const server = await serve(t);
  const a = call(t, server, 'distrustful', '--as', 'offerer', '--ice-policy', 'relay', '--turn', url, '--timeout', '3', '-v');
  assert.equal((await a.summary()).ok, false);
  assert.match(a.err, /relay_failed/);
});

test('relay-only with nonces that go stale every second', async (t) => {
  const turn = await coturn(t, '--stale-nonce=1');
  const server = await serve(t);
  const both = ['--ice-policy', 'relay', '--turn', `turn:${credentials}@127.0.0.1:${turn.port}`, '-t', '1', '-v'];
  const a = call(t, server, 'first', ...both);
  await a.step(9);
  await sleep(2200); // its nonce is stale before it needs a permission
  const b = call(t, server, 'second', ...both);
  for (const s of await Promise.all([a.summary(), b.summary()])) relayed(s);
  assert.match(a.err, /code=438/);
});

test('credentials from the environment', async (t) => {
  const turn = await coturn(t);
  process.env.RILL_TURN_USERNAME = user;
  process.env.RILL_TURN_PASSWORD = password;
  try {
    await relayedCall(t, `turn:127.0.0.1:${turn.port}`);
  } finally {
    delete process.env.RILL_TURN_USERNAME;
    delete process.env.RILL_TURN_PASSWORD;
  }
});

test('a quota that is used up, a wrong password and dead servers do no harm to a call that has another way', async (t) => {
  const turn = await coturn(t, '--user-quota=1');
  const server = await serve(t);
  const dead = await freePort();
  const good = `turn:${credentials}@127.0.0.1:${turn.port}`;
  const a = call(t, server, 'first', '-t', '1', '-v', '--turn', good, '--turn', `turn:${user}:wrong@127.0.0.1:${turn.port}`);
  await a.step(9);
  await a.event((e) => e.event === 'candidate');
  const b = call(t, server, 'second', '-t', '1', '-v', '--turn', good, '--turn', `turn:x:y@127.0.0.1:${dead}`,
    '--turn', `turn:x:y@127.0.0.1:${dead}?transport=tcp`);
  const [x, y] = await Promise.all([a.summary(), b.summary()]);
  assert.ok(x.ok && y.ok, x.failure + y.failure);
  assert.ok(y.connected_us < 5e6, `${y.connected_us} µs`);
  assert.match(b.err, /number=486/);
  assert.match(a.err, /number=401/);
});

test('a TURN server that starts anew in mid-call', async (t) => {
  await Promise.all(['udp', 'tcp'].map(async (transport) => {
    const turn = await coturn(t);
    const server = await serve(t);
    const a = call(t, server, `relayed-${transport}`, '--ice-policy', 'relay', '-t', '8', '-v', '--turn',
      `turn:${credentials}@127.0.0.1:${turn.port}?transport=${transport}`);
    await a.step(9);
    const b = call(t, server, `direct-${transport}`, '-t', '8');
    await Promise.all([a.step(23), b.step(23)]);
    await turn.restart();
    const [x, y] = await Promise.all([a.summary(), b.summary()]);
    assert.match(a.err, / turn lost /);
    for (const s of [x, y]) {
      assert.ok(s.ok, s.failure);
      const heard = s.received.find((r) => r.kind === 'audio').samples / 48000;
      assert.ok(heard > 4, `${transport}: ${heard} s of sound in 8 s`); // a busy machine makes few pictures
    }
    turn.stop();
  }));
});

// Neither side has a way to tell the other its new relayed address but signaling: ICE is restarted by itself.
test('both sides relayed through one server that starts anew', async (t) => {
  for (const transport of process.env.RILL_LONG ? ['tcp', 'udp'] : ['tcp']) {
    const turn = await coturn(t);
    const server = await serve(t);
    const both = ['--ice-policy', 'relay', '-t', transport === 'tcp' ? '11' : '40', '-v',
      '-s', '160x120', '-r', '15', '-i', 'testsrc', '-i', 'sine', '--turn',
      `turn:${credentials}@127.0.0.1:${turn.port}?transport=${transport}`];
    const a = call(t, server, `first-${transport}`, '--as', 'offerer', '--negotiation', 'polite', ...both);
    await a.step(9);
    const b = call(t, server, `second-${transport}`, '--as', 'answerer', '--negotiation', 'impolite', ...both);
    await Promise.all([a.step(23), b.step(23)]);
    await turn.restart();
    const back = await Promise.all([a, b].map(async (c) => {
      const after = c.events.length;
      await c.event((e) => e.event === 'connection' && e.value === 'disconnected', 25000);
      for (let i = 0; i < 250; i++) {
        if (c.events.slice(after).some((e) => e.event === 'connection' && e.value === 'connected')) return true;
        await sleep(100);
      }
      return false;
    }));
    assert.deepEqual(back, [true, true], a.err + b.err);
    assert.ok([a, b].some((c) => c.events.some((e) => e.event === 'restart')));
    for (const s of await Promise.all([a.summary(), b.summary()])) {
      relayed(s);
      const heard = s.received.find((r) => r.kind === 'audio').samples / 48000;
      assert.ok(heard > 4, `${heard} s of sound`); // the server went within a second
    }
    turn.stop();
  }
});

test('rill gather shows what each server gives, and which give nothing', async (t) => {
  const { cert, key } = certificate(t);
  const turn = await coturn(t, '--cert', cert, '--pkey', key);
  const dead = await freePort();
  const args = ['gather', '--ice-loopback', '--stun', `stun:127.0.0.1:${turn.port}`, '--ca', cert,
    '--turn', `turn:${credentials}@127.0.0.1:${turn.port}`, '--turn', `turn:${credentials}@127.0.0.1:${turn.port}?transport=tcp`,
    '--turn', `turns:${credentials}@127.0.0.1:${turn.tls}`, '--turn', `turn:${user}:wrong@127.0.0.1:${turn.port}`,
    '--turn', `turn:x:y@127.0.0.1:${dead}?transport=tcp`];
  const r = run([...args, '--json']);
  assert.equal(r.code, 0, r.err);
  const said = r.out.trim().split('\n').map((line) => JSON.parse(line));
  const relays = said.filter((e) => e.type === 'relay');
  assert.equal(relays.length, 3, r.out);
  const tcp = said.filter((e) => e.protocol === 'tcp' && e.address === '127.0.0.1');
  assert.deepEqual(tcp.map((e) => [e.type, e.tcptype, e.port === 9]), [['host', 'active', true], ['host', 'passive', false]]);
  assert.equal(new Set(relays.map((e) => e.foundation)).size, 3);
  for (const e of said.filter((e) => e.event === 'candidate'))
    assert.equal(e.priority, e.type_preference * 2 ** 24 + e.local_preference * 2 ** 8 + 256 - e.component);
  assert.ok(relays.every((e) => e.type_preference === 0 && e.related_address === '127.0.0.1'));
  assert.equal(said.filter((e) => e.event === 'server' && e.kind === 'turn').length, 2, r.out);
  assert.equal(said.at(-1).event, 'done');
  const only = run([...args, '--ice-policy', 'relay']);
  assert.match(only.out, / relay /);
  assert.doesNotMatch(only.out, / (host|srflx) /);
  assert.equal(run(['gather', '--turn', 'stun:x']).code, 2);
});
