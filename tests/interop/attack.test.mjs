// What reaches rill's sockets from strangers, liars and careless peers while a call is made. The
// test is the other end: it signals properly, so it knows what an attacker would have to guess.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { IcePeer, sleep, Udp } from './lib/ice_peer.mjs';
import { call, serve, tempDir } from './lib/rill.mjs';
import * as stun from './lib/stun.mjs';

// rill has offered, the test has answered with its sockets and is the controlled side.
async function answered(t, sockets = 1) {
  const server = await serve(t);
  const rill = call(t, server, 'rill', '--as', 'offerer');
  await rill.step(8);
  const peer = await IcePeer.join(t, server, 'peer');
  const us = [];
  for (let i = 0; i < sockets; i++) us.push(await Udp.open(t));
  await peer.answer(us);
  return { server, rill, peer, us, u: us[0], to: await peer.at() };
}

// The test offers what another rill would, and rill answers: the test controls.
async function offered(t) {
  const server = await serve(t);
  const model = call(t, server, 'model', '--as', 'offerer');
  await server.process.event((e) => e.event === 'newOffer');
  const reader = await IcePeer.join(t, server, 'reader');
  const [, [offer]] = await reader.ws.event('availableOffers');
  await model.stop();
  const rill = call(t, server, 'rill', '--as', 'answerer');
  await server.process.event((e) => e.event === 'join' && e.user === 'rill');
  const peer = await IcePeer.join(t, server, 'peer');
  const u = await Udp.open(t);
  await peer.offer(offer.offer.sdp, [u]);
  return { rill, peer, u, to: await peer.at() };
}

const controlling = (n) => [stun.CONTROLLING, stun.u64(n)];
const controlled = (n) => [stun.CONTROLLED, stun.u64(n)];
const TOP = 0xffffffffffffffffn;

// --- what rill answers ----------------------------------------------------------------------

function isSuccess(m, peer, from, what = '') {
  assert.equal(m?.cls, stun.SUCCESS, what);
  assert.deepEqual(m.types, [stun.XOR_MAPPED_ADDRESS, stun.INTEGRITY, stun.FINGERPRINT], what); // so no USERNAME
  assert.equal(stun.mapped(m), `${from.address} ${from.port}`, what);
  assert.ok(stun.integrityHolds(m, peer.remote.pwd) && stun.fingerprintHolds(m), what);
}

test('each request gets the answer it deserves: success, an error, or none', async (t) => {
  const { rill, peer, u, to } = await answered(t);
  const plain = () => peer.check();
  const patched = (at, value) => {
    const m = plain();
    m[at] = value;
    return m;
  };
  const flipped = plain();
  flipped[flipped.length - 1] ^= 1;
  const odd = (type, bytes) => peer.check({ extra: [[type, Buffer.from(bytes, 'hex')]] });
  const rows = [
    ['an honest check', plain(), 'success'],
    ['an unknown attribute that may be ignored', odd(0xc057, '00010002'), 'success'],
    ['an unknown attribute that may not', odd(0x7ffe, 'aa'), 420],
    ['the same behind MESSAGE-INTEGRITY', peer.check({ after: [[0x7ffe, '']] }), 'success'],
    ['USE-CANDIDATE behind MESSAGE-INTEGRITY', peer.check({ after: [[stun.USE_CANDIDATE, '']] }), 'success'],
    ['an address of 7 bytes', odd(stun.XOR_MAPPED_ADDRESS, '00010001010203'), 'success'],
    ['an address of 21 bytes', odd(stun.XOR_MAPPED_ADDRESS, '0002' + '00'.repeat(19)), 'success'],
    ['an address of family 3', odd(stun.XOR_MAPPED_ADDRESS, '00030001' + '01020304'), 'success'],
    ['no FINGERPRINT', peer.check({ fingerprint: false }), 'never'],
    ['a wrong FINGERPRINT', flipped, null],
    ['no MESSAGE-INTEGRITY', peer.check({ key: null }), 'never'],
    ['no USERNAME', peer.check({ username: null }), 'never'],
    ['no attribute at all', stun.encode({ fingerprint: false }), 'never'],
    ['another password', peer.check({ key: 'x'.repeat(22) }), 'never'],
    ['an empty password', peer.check({ key: '' }), 'never'],
    ['our own password', peer.check({ key: peer.pwd }), 'never'],
    ['another left fragment', peer.check({ username: `${peer.remote.ufrag}x:${peer.ufrag}` }), 'never'],
    ['the fragments exchanged', peer.check({ username: `${peer.ufrag}:${peer.remote.ufrag}` }), 'never'],
    ['the left fragment alone', peer.check({ username: peer.remote.ufrag }), 'never'],
    ['an empty USERNAME', peer.check({ username: '' }), 'never'],
    ['a USERNAME of 600 bytes', peer.check({ username: `${peer.remote.ufrag}:${'y'.repeat(600)}` }), 'any'],
    ['another method', peer.check({ method: 3 }), 'never'],
    ['an indication', peer.check({ cls: stun.INDICATION }), null],
    ['a success nobody asked for', peer.check({ cls: stun.SUCCESS }), null],
    ['an error nobody asked for', peer.check({ cls: stun.ERROR }), null],
    ['no cookie', patched(4, 0), null],
    ['the first bit set', patched(0, 0x80), null],
    ['the second bit set', patched(0, 0x40), null],
    ['a length that is not there', patched(3, plain()[3] + 4), null],
    ['a length not of whole words', patched(3, plain()[3] + 1), null],
    ['a byte too many', Buffer.concat([plain(), Buffer.alloc(1)]), null],
    ['a header alone cut short', plain().subarray(0, 19), null],
    ['an attribute that runs out', patched(23, 0xff), null],
  ];
  // Two of one kind have random transaction ids, so all can be on the way at once.
  for (const [, bytes] of rows) {
    u.send(bytes, to);
    await sleep(4);
  }
  await u.ask(plain(), to, 2000); // what came before it has been seen by now
  await sleep(100);
  for (const [what, bytes, want] of rows) {
    const txid = bytes.toString('hex', 8, 20);
    const answers = u.got.filter((d) => d.stun?.txid === txid && d.stun.cls !== stun.REQUEST);
    assert.ok(answers.length <= 1, what);
    const m = answers[0]?.stun;
    if (m) assert.ok(m.bytes.length <= 3 * bytes.length, `${what}: ${bytes.length} bytes earned ${m.bytes.length}`);
    if (want === 'success') isSuccess(m, peer, u, what);
    else if (want === null) assert.equal(m, undefined, what);
    else if (want === 'never') assert.ok(!m || (m.cls === stun.ERROR && [400, 401].includes(stun.errorCode(m))), what);
    else if (want === 420) {
      assert.equal(stun.errorCode(m), 420, what);
      assert.deepEqual([...m.get(stun.UNKNOWN_ATTRIBUTES)], [0x7f, 0xfe]);
      assert.ok(stun.integrityHolds(m, peer.remote.pwd) && stun.fingerprintHolds(m));
      assert.ok(!m.types.includes(stun.USERNAME));
    }
  }
  // After all that, the peer's next honest check is answered, from a new address too.
  const other = await Udp.open(t);
  isSuccess(await other.ask(plain(), to), peer, other);
  assert.equal(rill.code, undefined, rill.err);
});

test('IPv6: the mapped address is the source', async (t) => {
  const { peer } = await answered(t);
  const to = await peer.at((c) => c.transport === 'udp' && c.address === '::1').catch(() => null);
  if (!to) return t.skip('no ::1 here');
  const u = await Udp.open(t, '::1');
  const m = await u.ask(peer.check(), to);
  assert.equal(stun.mapped(m), `0000:0000:0000:0000:0000:0000:0000:0001 ${u.port}`);
});

test('what is no STUN gets no answer, from whoever it comes', async (t) => {
  const { peer, u, to } = await answered(t);
  const stranger = await Udp.open(t);
  const hello = readFileSync(new URL('../data/dtls/clienthello-chromium156.hex', import.meta.url), 'latin1').split('\n').filter(Boolean).map((l) => Buffer.from(l.trim(), 'hex'));
  const noise = [
    ...hello, Buffer.from('15fefd0000000000000000000202 28'.replace(' ', ''), 'hex'), Buffer.from('17fefd000100000000000100010a', 'hex'),
    Buffer.concat([Buffer.from('8060000100000002000000 03'.replace(' ', ''), 'hex'), randomBytes(100)]), Buffer.from('80c90001000000ff', 'hex'),
    Buffer.from('40000004aabbccdd', 'hex'), Buffer.from([16]), Buffer.from([255]), Buffer.alloc(0), randomBytes(1472), Buffer.alloc(9000, 0x16),
  ];
  for (const bytes of noise) {
    stranger.send(bytes, to);
    await sleep(2);
  }
  await sleep(300);
  assert.deepEqual(stranger.got, []);
  // From an address whose check rill has answered, the same hello is heard; the stranger's never.
  await u.ask(peer.check(), to);
  peer.obey(u);
  for (const bytes of hello) u.send(bytes, to);
  const flight = await u.find((d) => d.bytes[0] === 22 && d.bytes[13] === 2);
  assert.ok(flight, 'a ServerHello');
  for (const bytes of [...hello, ...noise]) stranger.send(bytes, to);
  await sleep(300);
  assert.deepEqual(stranger.got, []);
});

// --- what rill asks -------------------------------------------------------------------------

test('rill\'s own checks are as RFC 8445 §7.2.2 wants them', async (t) => {
  const { peer, u } = await answered(t);
  assert.match(peer.remote.ufrag, /^[A-Za-z0-9+/]{4,256}$/);
  assert.match(peer.remote.pwd, /^[A-Za-z0-9+/]{22,256}$/);
  const { stun: m } = await u.find((d) => d.stun?.cls === stun.REQUEST);
  assert.equal(m.get(stun.USERNAME).toString(), `${peer.ufrag}:${peer.remote.ufrag}`);
  assert.equal(m.get(stun.PRIORITY)[0], 110, 'the type preference of peer-reflexive');
  assert.deepEqual(m.types.filter((x) => x === stun.CONTROLLING || x === stun.CONTROLLED), [stun.CONTROLLING]);
  assert.equal(m.get(stun.CONTROLLING).length, 8);
  assert.ok(stun.integrityHolds(m, peer.pwd) && stun.fingerprintHolds(m));
  assert.deepEqual(m.types.slice(-2), [stun.INTEGRITY, stun.FINGERPRINT]);
  // Another session has other credentials.
  const again = await answered(t);
  assert.notEqual(again.peer.remote.ufrag, peer.remote.ufrag);
  assert.notEqual(again.peer.remote.pwd, peer.remote.pwd);
});

test('a check from an address nobody signaled is answered, and asked back', async (t) => {
  const { peer, to } = await answered(t);
  const unknown = await Udp.open(t);
  const sent = performance.now();
  isSuccess(await unknown.ask(peer.check(), to), peer, unknown);
  const back = await unknown.find((d) => d.stun?.cls === stun.REQUEST);
  assert.ok(back && back.at - sent < 1500, 'a triggered check');
  assert.equal(back.from.port, to.port);
});

test('answers that are forged, strange or from elsewhere make no pair valid', async (t) => {
  const { rill, peer, us, u } = await answered(t, 2);
  const elsewhere = await Udp.open(t);
  const forgeries = [
    (d) => u.send(peer.success(d, { key: 'x'.repeat(22) }), d.from),
    (d) => u.send(peer.success(d, { key: undefined, txid: randomBytes(12) }), d.from),
    (d) => u.send(peer.success(d, { txid: randomBytes(12) }), d.from),
    (d) => u.send(stun.encode({ cls: stun.SUCCESS, txid: Buffer.from(d.stun.txid, 'hex') }), d.from),
    (d) => u.send(peer.success(d, { attrs: [] }), d.from),
    (d) => u.send(peer.success(d, { method: 2 }), d.from),
    (d) => u.send(peer.refusal(d, 700), d.from),
    (d) => u.send(stun.encode({ cls: stun.ERROR, txid: Buffer.from(d.stun.txid, 'hex'), key: peer.pwd }), d.from),
    (d) => elsewhere.send(peer.success(d), d.from),
  ];
  for (const s of us) s.onDatagram = (d) => d.stun?.cls === stun.REQUEST && forgeries.forEach((f) => f(d));
  await sleep(1500);
  // Nomination would show as USE-CANDIDATE, a valid pair as DTLS or RTP.
  for (const s of us) {
    assert.ok(s.checks().length > 0);
    assert.ok(s.got.every((d) => d.stun && !d.stun.types.includes(stun.USE_CANDIDATE)), 'no pair is valid');
  }
  assert.equal(rill.code, undefined, rill.err);
  // An honest address that comes now is taken.
  const honest = await Udp.open(t);
  peer.obey(honest);
  const to = await peer.at();
  await honest.ask(peer.check(), to);
  assert.ok(await honest.find((d) => d.stun?.types.includes(stun.USE_CANDIDATE), 4000), 'it is nominated');
});

test('checks are paced: 60 candidates, and no two new checks within 5 ms', async (t) => {
  const { us } = await answered(t, 60);
  await sleep(3600);
  const first = new Map();
  for (const d of us.flatMap((s) => s.checks()))
    if (!first.has(d.stun.txid)) first.set(d.stun.txid, d.at);
  const times = [...first.values()].sort((a, b) => a - b);
  assert.ok(times.length >= 20, `${times.length} checks in 3.6 s`);
  const gaps = times.slice(1).map((x, i) => x - times[i]).sort((a, b) => a - b);
  // The test's own process sees two late ones together now and then; rill sends none so.
  assert.ok(gaps[Math.floor(gaps.length / 4)] >= 5, `the closest quarter: ${gaps.slice(0, 20).map((g) => g.toFixed(1))}`);
  assert.ok(gaps[Math.floor(gaps.length / 2)] >= 15, `the middle gap: ${gaps[Math.floor(gaps.length / 2)]}`);
  assert.ok(times.length <= 80, `${times.length} checks in 3.6 s are more than one every 45 ms`);
});

// --- who controls ---------------------------------------------------------------------------

const role = (m) => m.types.find((x) => x === stun.CONTROLLING || x === stun.CONTROLLED);

// Which role rill claims in a check that it begins from now on.
async function claims(t, peer, to) {
  const u = await Udp.open(t);
  await u.ask(peer.check({ role: null }), to);
  return role((await u.find((d) => d.stun?.cls === stun.REQUEST))?.stun ?? { types: [] });
}

test('both control: the smaller tie-breaker gets 487, the larger makes rill the controlled', async (t) => {
  const { peer, u, to } = await answered(t);
  const refused = await u.ask(peer.check({ role: controlling(0) }), to);
  assert.equal(stun.errorCode(refused), 487);
  assert.ok(stun.integrityHolds(refused, peer.remote.pwd) && stun.fingerprintHolds(refused));
  assert.equal(await claims(t, peer, to), stun.CONTROLLING);
  isSuccess(await u.ask(peer.check({ role: controlling(TOP) }), to), peer, u);
  assert.equal(await claims(t, peer, to), stun.CONTROLLED);
});

test('both are controlled: the larger tie-breaker gets 487, the smaller makes rill control', async (t) => {
  const { peer, u, to } = await offered(t);
  const { stun: m } = await u.find((d) => d.stun?.cls === stun.REQUEST);
  assert.equal(role(m), stun.CONTROLLED);
  assert.ok(!m.types.includes(stun.USE_CANDIDATE));
  assert.equal(stun.errorCode(await u.ask(peer.check({ role: controlled(TOP) }), to)), 487);
  assert.equal(await claims(t, peer, to), stun.CONTROLLED);
  isSuccess(await u.ask(peer.check({ role: controlled(0) }), to), peer, u);
  assert.equal(await claims(t, peer, to), stun.CONTROLLING);
});

test('told 487, rill changes its role, takes a new transaction and asks again', async (t) => {
  const { peer, u } = await answered(t);
  const before = await u.find((d) => d.stun?.cls === stun.REQUEST);
  u.send(peer.refusal(before, 487, 'Role Conflict'), before.from);
  const after = await u.find((d) => d.stun?.cls === stun.REQUEST && role(d.stun) === stun.CONTROLLED);
  assert.ok(after, 'asked again as the controlled side');
  assert.notEqual(after.stun.txid, before.stun.txid);
  // An unauthenticated 487 does nothing.
  u.send(stun.encode({ cls: stun.ERROR, txid: Buffer.from(after.stun.txid, 'hex'), attrs: [[stun.ERROR_CODE, Buffer.from([0, 0, 4, 87])]], key: 'x'.repeat(22) }), after.from);
  assert.equal(await claims(t, peer, await peer.at()), stun.CONTROLLED);
});

// --- rill serve's STUN server -----------------------------------------------------------------

test('the STUN server answers what asks it properly, with no more than thrice the bytes', async (t) => {
  const server = await serve(t);
  const [, address, port] = server.stun.split(':');
  const to = { address, port: Number(port) };
  const u = await Udp.open(t);
  const plain = stun.encode({ fingerprint: false });
  const m = await u.ask(plain, to);
  assert.equal(m.cls, stun.SUCCESS);
  assert.equal(stun.mapped(m), `127.0.0.1 ${u.port}`);
  assert.ok(m.bytes.length <= 3 * plain.length, `${m.bytes.length} bytes`);
  const unknown = await u.ask(stun.encode({ attrs: [[0x7ffe, Buffer.from('a')]] }), to);
  assert.equal(stun.errorCode(unknown), 420);
  const lenient = stun.encode({ attrs: [[0xfffe, Buffer.alloc(0)], [stun.USERNAME, 'a:b']], key: 'whatever' });
  assert.equal((await u.ask(lenient, to))?.cls, stun.SUCCESS);
  const before = u.got.length;
  const spoiled = stun.encode({});
  spoiled[spoiled.length - 1] ^= 1;
  for (const bytes of [
    spoiled, stun.encode({ cls: stun.INDICATION }), stun.encode({ cls: stun.SUCCESS }), stun.encode({ cls: stun.ERROR }), plain.subarray(0, 19),
    Buffer.concat([plain, Buffer.alloc(4)]), Buffer.alloc(20), randomBytes(100), Buffer.from('4000000401020304', 'hex'), Buffer.alloc(0),
  ])
    u.send(bytes, to);
  await u.ask(stun.encode({}), to);
  assert.equal(u.got.length, before + 1, 'nothing else was answered');
});

// --- the flood ------------------------------------------------------------------------------

// The UDP ports of a process (Linux).
function portsOf(pid) {
  const inodes = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
    } catch {
      return undefined;
    }
  }));
  return readFileSync('/proc/net/udp', 'latin1').split('\n').slice(1).map((l) => l.trim().split(/\s+/))
    .filter((f) => f.length > 9 && inodes.has(f[9])).map((f) => parseInt(f[1].split(':')[1], 16));
}

test('two rills call each other in a hail of forgeries', async (t) => {
  const server = await serve(t);
  const a = call(t, server, 'first', '-t', '3', '-i', 'testsrc', '-i', 'sine:frequency=500', '-o', tempDir(t));
  await server.process.event((e) => e.event === 'newOffer');
  const spy = await IcePeer.join(t, server, 'spy');
  const [, [offer]] = await spy.ws.event('availableOffers');
  spy.know(offer.offer.sdp, []);
  const u = await Udp.open(t);
  const hello = readFileSync(new URL('../data/dtls/clienthello-firefox153.hex', import.meta.url), 'latin1').split('\n').filter(Boolean).map((l) => Buffer.from(l.trim(), 'hex'));
  const nullHello = Buffer.from('16feff0000000000000000003a0100002e000000000000002efefd' + 'ab'.repeat(32) + '0000000400000001' + '0100', 'hex');
  const hail = () => [
    ...hello, nullHello, Buffer.from('15fefd00000000000000000002 0228'.replace(' ', ''), 'hex'), Buffer.from('14fefd0000000000000000000101', 'hex'),
    Buffer.concat([Buffer.from('16fefd0001000000000005', 'hex'), Buffer.from([0, 40]), randomBytes(40)]),
    spy.check({ key: 'x'.repeat(22), extra: [[stun.USE_CANDIDATE, '']] }), spy.check({ key: null }), spy.check({ cls: stun.SUCCESS }), spy.check({ cls: stun.ERROR, key: spy.pwd }),
    stun.encode({}), Buffer.concat([Buffer.from([0x80, 96]), randomBytes(200)]), Buffer.concat([Buffer.from([0x80, 0xc8, 0, 6]), randomBytes(24)]), randomBytes(60),
  ];
  const b = call(t, server, 'second', '-t', '3', '-i', 'testsrc', '-i', 'sine:frequency=1000', '-o', tempDir(t));
  let thrown = 0;
  const timer = setInterval(() => {
    for (const p of [a, b]) {
      if (p.code !== undefined) continue;
      for (const port of portsOf(p.child.pid))
        for (const bytes of hail()) {
          u.send(bytes, { address: '127.0.0.1', port });
          thrown++;
        }
    }
  }, 10);
  t.after(() => clearInterval(timer));
  const [x, y] = await Promise.all([a.summary(), b.summary()]);
  clearInterval(timer);
  assert.ok(x.ok && y.ok, `${x.failure} ${y.failure}`);
  assert.deepEqual([a.code, b.code], [0, 0]);
  assert.ok(thrown > 1000, `${thrown} forgeries`);
  for (const s of [x, y]) {
    const video = s.received.find((m) => m.kind === 'video');
    assert.ok(video.decoded > 30 && video.decode_errors === 0, JSON.stringify(video));
  }
  assert.ok(u.got.length === 0, `${u.got.length} answers to forgeries`);
});
