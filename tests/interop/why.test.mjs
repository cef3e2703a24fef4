// Why a call is not connected, and the statistics of one that is, as `rill call` tells them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { coturn, credentials, freePort, user } from './lib/coturn.mjs';
import { call, serve } from './lib/rill.mjs';

const why = (process) => process.event((e) => e.event === 'why');
const names = (e) => e.causes.map((c) => c.cause);

// They wait for silence mostly: beside each other it is one silence.
describe('why', { concurrency: 3 }, () => {
  test('a call that works has nothing to explain, at the end and on SIGUSR1; its pairs and candidates are told in W3C names', async (t) => {
    const server = await serve(t);
    // Little to encode, so that a busy machine does not answer late.
    const small = ['-s', '160x120', '-r', '5', '-i', 'testsrc', '-i', 'sine'];
    const a = call(t, server, 'first', '-t', '2', '--why', ...small);
    await a.step(9);
    const b = call(t, server, 'second', '-t', '4', ...small);
    await b.step(23);
    b.child.kill('SIGUSR1');
    assert.deepEqual(names(await why(b)), []);
    const [x] = await Promise.all([a.summary(), b.summary()]);
    const e = await why(a);
    assert.equal(e.connection, 'connected', e.lines.join('\n'));
    assert.deepEqual(names(e), []);
    assert.ok(e.lines.some((l) => /^pair .*: in use, \d+ ms there and back$/.test(l)), e.lines.join('\n'));
    assert.ok(e.lines.some((l) => /^DTLS as (client|server): \d+ flights? sent, done, with keys for SRTP$/.test(l)));
    const pair = x.stats.find((s) => s.type === 'candidate-pair' && s.selected);
    assert.equal(pair.state, 'succeeded');
    assert.equal(pair.nominated, true);
    assert.ok(pair.packetsSent > 20 && pair.packetsReceived > 20 && pair.bytesSent > pair.packetsSent * 20, JSON.stringify(pair));
    assert.ok(pair.requestsSent >= 1 && pair.responsesReceived >= 1 && pair.totalRoundTripTime >= pair.currentRoundTripTime);
    assert.ok(Math.abs(pair.lastPacketReceivedTimestamp - Date.now()) < 10000);
    const local = x.stats.find((s) => s.id === pair.localCandidateId);
    const remote = x.stats.find((s) => s.id === pair.remoteCandidateId);
    assert.equal(local.type, 'local-candidate');
    assert.equal(remote.type, 'remote-candidate');
    for (const c of [local, remote])
      assert.ok(c.address && c.port && c.protocol === 'udp' && c.candidateType && c.priority, JSON.stringify(c));
  });

  test('an offer that nobody answers says so', async (t) => {
    const server = await serve(t);
    const a = call(t, server, 'alone', '--as', 'offerer', '--timeout', '2');
    assert.equal((await a.summary()).ok, false);
    assert.equal(names(await why(a))[0], 'no-answer');
  });

  // What a relay-only caller is told when its one server gives nothing.
  async function relayed(t, url, cause, value, line) {
    const server = await serve(t);
    const both = ['-s', '160x120', '-i', 'testsrc', '-i', 'sine', '--ice-policy', 'relay', '--turn', url];
    const a = call(t, server, 'first', '--timeout', '30', ...both);
    await a.step(9);
    if (cause === 'turn-quota') await a.event((e) => e.event === 'candidate');
    const b = call(t, server, 'second', '--timeout', '5', ...both);
    await b.summary();
    const e = await why(b);
    const found = e.causes.find((c) => c.cause === cause);
    assert.ok(found, JSON.stringify(e, null, 1));
    assert.equal(found.value, value);
    assert.ok(e.lines.some((l) => line.test(l)), e.lines.join('\n'));
    return e;
  }

  test('a wrong password at the TURN server is named', async (t) => {
    const turn = await coturn(t);
    const e = await relayed(t, `turn:${user}:wrong@127.0.0.1:${turn.port}`, 'turn-credentials', 1, /refused these credentials \(error 401\)/);
    assert.ok(names(e).includes('relay-only'));
  });

  test('a quota that is used up is named', async (t) => {
    const turn = await coturn(t, '--user-quota=1');
    await relayed(t, `turn:${credentials}@127.0.0.1:${turn.port}`, 'turn-quota', 486, /no allocation left for us \(error 486\)/);
  });

  test('a TURN server where nobody listens is named', async (t) => {
    await relayed(t, `turn:x:y@127.0.0.1:${await freePort()}?transport=tcp`, 'turn-silent', 1, /cannot be reached/);
  });

  test('a peer that coturn does not relay to is named', async (t) => {
    const turn = await coturn(t, '--denied-peer-ip=127.0.0.1');
    await relayed(t, `turn:${credentials}@127.0.0.1:${turn.port}`, 'not-permitted', 1, /^pair relay .* the TURN server gives no permission \(RFC 8656 §9\.3\)$/);
  });
});
