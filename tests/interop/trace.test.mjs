// What rill keeps of a call: the trace can be run again, and tshark, which knows nothing of rill,
// reads the capture and finds in each packet what rill finds there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { launch, open, state } from './lib/browser.mjs';
import { call, run, serve, tempDir } from './lib/rill.mjs';
import { shared } from './lib/shared.mjs';

const browser = shared(launch);

function records(path) {
  const [header, ...events] = readFileSync(path, 'utf8').split('\x1e').slice(1).map((text) => JSON.parse(text));
  return { header, events };
}

const fields = ['frame.interface_id', 'frame.protocols', 'udp.srcport', 'stun.type', 'stun.id', 'dtls.handshake.type', 'dtls.handshake.verify_data',
  'rtp.seq', 'rtp.timestamp', 'rtp.ssrc', 'rtp.p_type', 'rtp.marker', 'rtcp.pt', 'rtcp.senderssrc', '_ws.malformed', 'ip.checksum.status', 'udp.checksum.status'];

// As docs/trace.md says it: media in clear has the ports 5004 and 5005.
function tshark(path) {
  const options = ['-d', 'udp.port==5004,rtp', '-d', 'udp.port==5005,rtcp', '-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE',
    '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((f) => ['-e', f])];
  const r = spawnSync('tshark', ['-r', path, ...options], { maxBuffer: 64 << 20 });
  assert.equal(r.status, 0, r.stderr.toString());
  return r.stdout.toString().trim().split('\n').map((line) => {
    const values = line.split('|');
    return Object.fromEntries(fields.map((f, i) => [f, values[i]]));
  });
}

const hex = (n, digits) => `0x${n.toString(16).padStart(digits, '0')}`;

// Every event with the fields that rill finds in its packet.
function asRill(path) {
  const r = run(['trace', 'dump', '--json', '--fields', path]);
  assert.equal(r.code, 0, r.err);
  return r.out.trim().split('\n').map((line) => JSON.parse(line));
}

const all = (e, ...names) => e.fields.filter((f) => names.includes(f.name)).map((f) => f.value);
const one = (e, name) => all(e, name)[0];

// Method and class of RFC 8489 §5, put together again.
function stunType(method, klass) {
  return ((method & 0xf80) << 2) | ((klass & 2) << 7) | ((method & 0x70) << 1) | ((klass & 1) << 4) | (method & 0xf);
}

const same = {
  stun(e, its) {
    assert.equal(its['stun.id'], one(e, 'transaction ID'));
    assert.equal(its['stun.type'], hex(stunType(one(e, 'method'), one(e, 'class')), 4));
  },
  rtp(e, its) {
    assert.deepEqual(
      [its['rtp.seq'], its['rtp.timestamp'], its['rtp.ssrc'], its['rtp.p_type'], its['rtp.marker'] === '1' || its['rtp.marker'] === 'True'],
      [`${one(e, 'seq')}`, `${one(e, 'timestamp')}`, hex(one(e, 'ssrc'), 8), `${one(e, 'pt')}`, one(e, 'marker') === 1]);
  },
  // tshark names neither who says goodbye nor whose the items are.
  rtcp(e, its) {
    assert.equal(its['rtcp.pt'], all(e, 'pt').join(','), JSON.stringify(e.fields));
    assert.equal(its['rtcp.senderssrc'], all(e, 'sender SSRC', 'SSRC of packet sender').map((n) => hex(n, 8)).join(','), JSON.stringify(e.fields));
  },
};

// Each packet, as rill and as tshark read it.
function compare(wire, clear, events) {
  const datagrams = events.filter((e) => /^peer:datagram_(sent|received)$/.test(e.name));
  const media = events.filter((e) => /^peer:rtc?p_(sent|received)$/.test(e.name)).sort((a, b) => a.data.packet - b.data.packet);
  assert.equal(wire.length, datagrams.length);
  assert.equal(clear.length, media.length);
  const seen = { stun: 0, rtp: 0, rtcp: 0 };
  const look = (kind, e, its) => {
    seen[kind]++;
    same[kind](e, its);
  };
  for (const [i, e] of datagrams.entries())
    if (Number.parseInt(e.data.bytes.slice(0, 2), 16) <= 3) look('stun', e, wire[i]);
  for (const [i, e] of media.entries()) look(/rtp_/.test(e.name) ? 'rtp' : 'rtcp', e, clear[i]);
  assert.ok(seen.stun >= 4 && seen.rtp >= 100 && seen.rtcp >= 3, JSON.stringify(seen));
}

function readsAsRill(dir, name) {
  const { header } = records(join(dir, `${name}.sqlog`));
  const events = asRill(join(dir, `${name}.sqlog`));
  const packets = tshark(join(dir, `${name}.pcapng`));
  assert.deepEqual(header.trace.event_schemas, ['urn:rill:trace:1']);
  for (const p of packets) {
    assert.equal(p['_ws.malformed'], '', JSON.stringify(p));
    assert.ok(!/0|Bad/.test(p['udp.checksum.status']), JSON.stringify(p));
  }
  const wire = packets.filter((p) => p['frame.interface_id'] === '0');
  compare(wire, packets.filter((p) => p['frame.interface_id'] === '1'), events);
  // The Finished of both sides is seen in clear.
  const finished = wire.filter((p) => p['dtls.handshake.type'].split(',').includes('20') && p['dtls.handshake.verify_data']);
  assert.equal(new Set(finished.map((p) => p['udp.srcport'])).size, 2, 'the handshake is decrypted');
}

function replays(path) {
  const r = run(['replay', path]);
  assert.equal(r.code, 0, r.out + r.err);
  assert.match(r.out, /^replayed \d+ inputs, \d+ outputs: no difference\n$/);
}

test('a call with Chromium is kept, run again, and read by tshark', async (t) => {
  const server = await serve(t);
  const page = await open(await browser(), server, 'browser');
  t.after(() => page.close());
  const dir = tempDir(t);
  await page.click('#call');
  await state(page, 'calling');
  const rill = call(t, server, 'rill', '--as', 'answerer', '-i', 'testsrc', '-i', 'sine', '-t', '2', '--trace', join(dir, 'rill.sqlog'),
    '--pcapng', join(dir, 'rill.pcapng'), '--trace-secrets');
  assert.ok((await rill.summary()).ok);
  replays(join(dir, 'rill.sqlog'));
  readsAsRill(dir, 'rill');
});

test('a call of rill with rill is kept with secrets at one side and without at the other', async (t) => {
  const server = await serve(t);
  const dir = tempDir(t);
  const file = (name) => join(dir, name);
  const options = ['-i', 'testsrc', '-i', 'sine', '-t', '1'];
  const a = call(t, server, 'a', '--as', 'offerer', ...options, '--trace', file('a.sqlog'), '--pcapng', file('a.pcapng'), '--trace-secrets',
    '--keylog', file('a.keys'));
  await a.step(6);
  const b = call(t, server, 'b', '--as', 'answerer', ...options, '--trace', file('b.sqlog'), '--pcapng', file('b.pcapng'));
  for (const p of [a, b]) assert.ok((await p.summary()).ok);
  for (const name of ['a.sqlog', 'a.pcapng', 'a.keys', 'b.sqlog', 'b.pcapng']) assert.equal(statSync(file(name)).mode & 0o777, 0o600, name);
  replays(file('a.sqlog'));
  readsAsRill(dir, 'a');
  const secret = /^CLIENT_RANDOM [0-9a-f]{64} ([0-9a-f]{96})\n$/.exec(readFileSync(file('a.keys'), 'utf8'))?.[1];
  assert.ok(secret, 'the key log has the master secret');
  const kept = records(file('a.sqlog')).events.find((e) => e.name === 'dtls:secret');
  assert.equal(kept.data.secret, secret);
  const bare = readFileSync(file('b.sqlog'), 'utf8');
  assert.ok(!bare.includes(secret) && !bare.includes('input:'), 'without --trace-secrets there are none');
  assert.ok(!readFileSync(file('b.pcapng')).includes(secret));
  // Nor are passwords of ICE, in descriptions or in what the signaling server heard of them.
  const passwords = records(file('a.sqlog')).events.filter((e) => e.name === 'peer:description').map((e) => /a=ice-pwd:(\S+)/.exec(e.data.text)[1]);
  assert.equal(new Set(passwords).size, 2);
  const told = { a: run(['trace', 'dump', '--json', '--fields', file('a.sqlog')]).out, b: run(['trace', 'dump', '--json', '--fields', file('b.sqlog')]).out };
  for (const password of passwords) {
    assert.ok(told.a.includes(password));
    assert.ok(!told.b.includes(password), 'a password of ICE');
  }
  assert.match(told.b, /a=ice-pwd:x{24}/);
  for (const side of ['a', 'b']) assert.ok(!told[side].split('\n').some((line) => /"peer:description".*"bad":true/.test(line)), 'a description is bad');
  const refused = run(['replay', file('b.sqlog')]);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /without --trace-secrets/);
  for (const name of ['a.sqlog', 'b.sqlog']) {
    const times = records(file(name)).events.map((e) => e.time);
    assert.equal(times.findIndex((time, i) => i && time < times[i - 1]), -1, `${name} is in order`);
  }
  // Every step of the call is there, in the words of both sides.
  const steps = [...records(file('a.sqlog')).events, ...records(file('b.sqlog')).events].filter((e) => e.name === 'call:step').map((e) => e.data.number);
  assert.deepEqual([...new Set(steps)].sort((x, y) => x - y), Array.from({ length: 23 }, (_, i) => i + 1));
});

test('rill stun and rill gather are traced as calls are', async (t) => {
  const server = await serve(t);
  const { stun } = await (await fetch(`${server.url}config.json`)).json();
  const dir = tempDir(t);
  for (const [name, ...args] of [['stun', `127.0.0.1:${stun}`], ['gather', '--ice-loopback', '--ice-tcp', 'off', '--stun', `stun:127.0.0.1:${stun}`]]) {
    const file = join(dir, `${name}.sqlog`);
    const r = run([name, '--trace', file, '--pcapng', join(dir, `${name}.pcapng`), '--explain', ...args]);
    assert.equal(r.code, 0, r.err);
    assert.match(r.err, /→ 127\.0\.0\.1:\d+ STUN Binding request/);
    const stuns = asRill(file).filter((e) => e.name.startsWith('peer:datagram_'));
    assert.ok(stuns.some((e) => e.name.endsWith('sent') && one(e, 'class') === 0), name);
    assert.ok(stuns.some((e) => e.name.endsWith('received') && one(e, 'class') === 2), name);
    assert.deepEqual(stuns.map((e) => e.data.packet), stuns.map((_, i) => i + 1));
    assert.equal(tshark(join(dir, `${name}.pcapng`)).length, stuns.length);
  }
});

test('a trace that cannot be kept is said so before the call, and a full disk ends the trace alone', async (t) => {
  const server = await serve(t);
  const none = run(['call', '--trace', '/nonexistent/x', server.url]);
  assert.equal(none.code, 1);
  assert.match(none.err, /--trace \/nonexistent\/x: No such file or directory/);
  const options = ['-i', 'sine', '-t', '1'];
  const a = call(t, server, 'a', '--as', 'offerer', ...options, '--trace', '/dev/full');
  await a.step(6);
  const b = call(t, server, 'b', '--as', 'answerer', ...options);
  for (const p of [a, b]) assert.ok((await p.summary()).ok);
  assert.match(a.err, /--trace \/dev\/full: No space left on device; nothing more is written to it/);
});
