// `rill serve` as a careless or hostile client meets it: HTTP and WebSocket, byte by byte.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sleep } from './lib/ice_peer.mjs';
import { root, serve } from './lib/rill.mjs';
import { BINARY, CLOSE, CONTINUATION, frame, PING, PONG, Raw, TEXT, WebSocketClient } from './lib/websocket.mjs';

// All that comes back for these bytes until the server closes, or falls silent for ms.
async function talk(t, server, bytes, ms = 150) {
  const c = new Raw(server.url);
  t.after(() => c.close());
  c.send(bytes.replaceAll('HOST', c.host));
  let had = -1;
  while (!c.over && c.bytes.length !== had) {
    had = c.bytes.length;
    await Promise.race([c.ended, sleep(ms)]);
  }
  return { text: c.bytes.toString('latin1'), over: Boolean(c.over), conn: c };
}

const statuses = (text) => [...text.matchAll(/(?:^|\n)HTTP\/1\.1 (\d{3}) /g)].map((m) => Number(m[1]));
const get = (target, more = '') => `GET ${target} HTTP/1.1\r\nHost: HOST\r\n${more}\r\n`;
const once = (target) => get(target, 'Connection: close\r\n');
const alive = async (t, server) => assert.deepEqual(statuses((await talk(t, server, once('/'))).text), [200]);

// --- HTTP -----------------------------------------------------------------------------------

test('http: pages, and what is asked of them in other ways', async (t) => {
  const server = await serve(t);
  const page = readFileSync(`${root}/web/index.html`, 'latin1');
  const whole = await talk(t, server, get('/'));
  assert.ok(whole.text.startsWith('HTTP/1.1 200 OK\r\n') && whole.text.endsWith(page));
  assert.match(whole.text, /\r\nContent-Type: text\/html; charset=utf-8\r\n/);
  assert.match(whole.text, /\r\nX-Content-Type-Options: nosniff\r\n/i);
  for (const [target, status] of [['/index.html', 200], ['/%69ndex.html', 200], ['/index.html?a=../b', 200], ['/config.json', 200], ['http://HOST/', 200], ['http://HOST', 200], ['/none', 404], ['*', 404]])
    assert.deepEqual(statuses((await talk(t, server, once(target))).text), [status], target);
  const head = await talk(t, server, get('/').replace('GET', 'HEAD'));
  assert.match(head.text, new RegExp(`\r\nContent-Length: ${page.length}\r\n`));
  assert.ok(head.text.endsWith('\r\n\r\n'), 'no body behind HEAD');
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PATCH', 'get', 'X'])
    assert.ok(statuses((await talk(t, server, once('/').replace('GET', method))).text)[0] >= 400, method);
  const two = await talk(t, server, get('/none') + get('/config.json'));
  assert.deepEqual(statuses(two.text), [404, 200], 'a pipeline is answered in order');
  assert.ok(!two.over, 'and stays open');
  const old = await talk(t, server, 'GET / HTTP/1.0\r\n\r\n');
  assert.deepEqual([statuses(old.text), old.over], [[200], true]);
  assert.ok((await talk(t, server, get('/', 'Connection: close\r\n'))).over);
});

test('http: no way leads out of the folder', async (t) => {
  const server = await serve(t);
  for (const target of [
    '/../README.md', '/../../../../../etc/passwd', '/..%2fREADME.md', '/%2e%2e/README.md', '/%2e%2e%2fREADME.md', '/.%2e/README.md', '/x/../../README.md', '/./../README.md',
    '/....//README.md', '//etc/passwd', '/%2fetc/passwd', '///etc/passwd', '/..\\README.md', '/..%5cREADME.md', '/%c0%ae%c0%ae/README.md', '/%252e%252e/README.md', '/..;/README.md',
    '/index.html%00', '/index.html%00.png', '/index.html/', '/index.html/..', '/.', '/..', '/.git/config', '/%2egit/config', '/%', '/%2', '/%zz', '/\u00ff', 'http://HOST/../README.md', 'http://HOST//etc/passwd',
    'file:///etc/passwd', 'index.html', '~root', '/' + 'a/'.repeat(500), '/' + 'a'.repeat(3000),
  ]) {
    const r = await talk(t, server, once(target));
    const [status] = statuses(r.text);
    assert.ok(status === 404 || status === 400 || status === 414, `${target}: ${status}`);
    assert.ok(!r.text.includes('root:') && !r.text.includes('# rill'), target);
  }
  await alive(t, server);
});

test('http: what two readers could read in two ways is refused, and nothing behind it answered', async (t) => {
  const server = await serve(t);
  const hidden = get('/config.json');
  const length = (n) => `Content-Length: ${n}\r\n`;
  const chunked = 'Transfer-Encoding: chunked\r\n';
  for (const [what, bytes, want] of [
    ['two lengths', get('/', length(5) + length(5)) + hidden, 400],
    ['a length and an encoding', get('/', length(5) + chunked) + '0\r\n\r\n' + hidden, 400],
    ['an encoding', get('/', chunked) + '0\r\n\r\n' + hidden, 501],
    ['an encoding in HTTP/1.0', `GET / HTTP/1.0\r\n${chunked}\r\n0\r\n\r\n` + hidden, 400],
    ['an encoding with a space before its colon', get('/', 'Transfer-Encoding : chunked\r\n') + hidden, 400],
    ['two encodings', get('/', chunked + 'Transfer-Encoding: identity\r\n') + hidden, 400],
    ['a length with a sign', get('/', length('+5')) + 'aaaaa' + hidden, 400],
    ['a list of lengths', get('/', length('5, 5')) + 'aaaaa' + hidden, 400],
    ['a negative length', get('/', length('-1')) + hidden, 400],
    ['a length in hex', get('/', length('0x5')) + hidden, 400],
    ['a length beyond 64 bits', get('/', length('18446744073709551616')) + hidden, 400],
    ['an empty length', get('/', length('')) + hidden, 400],
    ['a body nobody reads', get('/', length(hidden.length)) + hidden, 413],
    ['bare line feeds', get('/').replaceAll('\r\n', '\n') + hidden, 400],
    ['one bare line feed', get('/', 'A: b\nContent-Length: 5\r\n') + hidden, 400],
    ['a bare carriage return', get('/', 'A: b\rContent-Length: 5\r\n') + hidden, 400],
    ['a folded line', get('/', 'A: b\r\n c\r\n') + hidden, 400],
    ['a first header line that begins with a space', `GET / HTTP/1.1\r\n Host: HOST\r\n\r\n` + hidden, 400],
    ['a line without colon', get('/', 'abc\r\n') + hidden, 400],
    ['a name that is none', get('/', 'a b: c\r\n') + hidden, 400],
    ['an empty name', get('/', ': c\r\n') + hidden, 400],
    ['a NUL', get('/', 'a: b\0c\r\n') + hidden, 400],
    ['two hosts', get('/', 'Host: other\r\n') + hidden, 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n' + hidden, 400],
    ['two spaces', 'GET  / HTTP/1.1\r\nHost: HOST\r\n\r\n' + hidden, 400],
    ['a space at the end', 'GET / HTTP/1.1 \r\nHost: HOST\r\n\r\n' + hidden, 400],
    ['no version', 'GET /\r\nHost: HOST\r\n\r\n' + hidden, 400],
    ['a version in lower case', get('/').replace('HTTP', 'http') + hidden, 400],
    ['HTTP/2', get('/').replace('1.1', '2.0') + hidden, 505],
    ['HTTP/1.2', get('/').replace('1.1', '1.2') + hidden, 505],
    ['a head of 9000 bytes', get('/', `A: ${'b'.repeat(9000)}\r\n`) + hidden, 431],
    ['a target of 9000 bytes', get('/' + 'b'.repeat(9000)) + hidden, 431],
    ['a hundred header lines', get('/', 'A: b\r\n'.repeat(100)) + hidden, 431],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + '\r\n\r\n' + hidden, 400],
    ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ]) {
    const r = await talk(t, server, bytes);
    assert.deepEqual(statuses(r.text), [want], what);
    assert.ok(r.over, `${what}: the connection ends`);
  }
  await alive(t, server);
});

// --- the opening handshake ------------------------------------------------------------------

test('ws: the opening handshake, right and wrong', async (t) => {
  const server = await serve(t);
  const ws = await WebSocketClient.open(t, server.url, { Origin: server.url.slice(0, -1) });
  assert.match(ws.answer, /^HTTP\/1\.1 101 /);
  assert.match(ws.answer, new RegExp(`\r\nSec-WebSocket-Accept: ${ws.accept.replace(/[+/]/g, '\\$&')}\r\n`, 'i'));
  assert.doesNotMatch(ws.answer, /Sec-WebSocket-(Protocol|Extensions)/i);
  for (const [what, headers, status] of [
    ['no Origin', {}, 101],
    ['names in other case', { Upgrade: 'WebSocket', Connection: 'keep-alive, UPGRADE' }, 101],
    ['protocols and extensions offered', { 'Sec-WebSocket-Protocol': 'a, b', 'Sec-WebSocket-Extensions': 'permessage-deflate' }, 101],
    ['a page of another host', { Origin: 'http://evil.example' }, 403],
    ['a page of another port', { Origin: 'http://127.0.0.1:1' }, 403],
    ['a page whose host begins like ours', { Origin: `${server.url.slice(0, -1)}.evil.example` }, 403],
    ['a page without origin', { Origin: 'null' }, 403],
    ['an old version', { 'Sec-WebSocket-Version': 8 }, 426],
    ['no key', { 'Sec-WebSocket-Key': '' }, 400],
    ['a short key', { 'Sec-WebSocket-Key': 'AAAA' }, 400],
    ['a key of 17 bytes', { 'Sec-WebSocket-Key': 'A'.repeat(22) + 'A=' }, 400],
    ['no upgrade', { Upgrade: 'h2c' }, 426],
    ['no connection upgrade', { Connection: 'close' }, 400],
  ]) {
    const { answer } = await WebSocketClient.open(t, server.url, headers);
    assert.deepEqual(statuses(answer), [status], what);
    if (status === 426) assert.match(answer, /\r\nSec-WebSocket-Version: 13\r\n/i);
  }
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
  for (const bytes of [get('/ws', key).replace('GET', 'POST'), `GET /ws HTTP/1.0\r\nHost: HOST\r\n${key}\r\n`, get('/ws', key + key), get('/ws', key + 'Content-Length: 5\r\n') + 'aaaaa'])
    assert.ok(!statuses((await talk(t, server, bytes)).text).includes(101), bytes);
  const open = await serve(t, '--any-origin');
  assert.match((await WebSocketClient.open(t, open.url, { Origin: 'http://evil.example' })).answer, /^HTTP\/1\.1 101 /);
});

// --- frames ---------------------------------------------------------------------------------

const auth = JSON.stringify(['auth', { userName: 'ann' }]);
const utf8 = (hex) => Buffer.from(hex, 'hex');
const code = (n, reason = '') => Buffer.concat([Buffer.from([n >> 8, n & 255]), Buffer.from(reason)]);
// The first bytes of a frame that claims a length it never sends.
const claim = (...bytes) => Buffer.from([...bytes, 0, 0, 0, 0]);

test('ws: each broken rule has its close code', async (t) => {
  const server = await serve(t);
  for (const [what, bytes, want] of [
    ['a frame without mask', frame(TEXT, auth, { masked: false }), 1002],
    ['a reserved bit', frame(TEXT, auth, { rsv: 4 }), 1002],
    ['another reserved bit', frame(PING, '', { rsv: 1 }), 1002],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((op) => [`opcode ${op}`, frame(op, ''), 1002]),
    ['a ping in fragments', frame(PING, '', { fin: false }), 1002],
    ['a close in fragments', frame(CLOSE, '', { fin: false }), 1002],
    ['a ping of 126 bytes', frame(PING, 'x'.repeat(126)), 1002],
    ['a length of 16 bits that fits 7', frame(TEXT, 'abc', { size: 16 }), 1002],
    ['a length of 64 bits that fits 16', frame(TEXT, 'x'.repeat(200), { size: 64 }), 1002],
    ['a length with the highest bit', claim(0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0), 1002],
    ['a frame of a terabyte', claim(0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0), 1009],
    ['a message of 128 KiB and a byte', frame(TEXT, 'x'.repeat(131073)), 1009],
    ['the same in fragments', Buffer.concat([frame(TEXT, 'x'.repeat(131072), { fin: false }), frame(CONTINUATION, 'x')]), 1009],
    ['a continuation of nothing', frame(CONTINUATION, 'abc'), 1002],
    ['a text within a text', Buffer.concat([frame(TEXT, 'a', { fin: false }), frame(TEXT, 'b')]), 1002],
    ['a binary within a text', Buffer.concat([frame(TEXT, 'a', { fin: false }), frame(BINARY, 'b')]), 1002],
    ['a continuation after the last', Buffer.concat([frame(TEXT, auth.slice(0, 5), { fin: false }), frame(CONTINUATION, auth.slice(5)), frame(CONTINUATION, 'c')]), 1002],
    ['a binary message', frame(BINARY, 'abc'), 1003],
    ...['ff', 'c0af', 'e08080', 'eda080', 'f4908080', 'f8888080', '61c3', '80', 'f0808080'].map((h) => [`text ${h}`, frame(TEXT, utf8(h)), 1007]),
    ['a wrong byte in a text that goes on', frame(TEXT, utf8('61ff'), { fin: false }), 1007],
    ['half a character at the end', Buffer.concat([frame(TEXT, utf8('c3'), { fin: false }), frame(CONTINUATION, '')]), 1007],
    ['a goodbye without code', frame(CLOSE, ''), null],
    ...[1000, 1001, 1003, 1011, 3000, 3999, 4000, 4999].map((n) => [`goodbye ${n}`, frame(CLOSE, code(n, 'so long')), n]),
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535].map((n) => [`goodbye ${n}`, frame(CLOSE, code(n)), 1002]),
    ['a goodbye of one byte', frame(CLOSE, 'x'), 1002],
    ['a goodbye that is not UTF-8', frame(CLOSE, Buffer.concat([code(1000), utf8('ff')])), 1007],
    ['a first message that is not auth', frame(TEXT, '["newOffer",{}]'), 1008],
    ['a first message that is no JSON', frame(TEXT, 'hello'), 1008],
    ['JSON 40 deep', frame(TEXT, '["auth",' + '['.repeat(40) + ']'.repeat(40) + ']'), 1008],
    ['JSON 60000 deep', frame(TEXT, '['.repeat(60000)), 1008],
    ['a name of 65 bytes', frame(TEXT, JSON.stringify(['auth', { userName: 'x'.repeat(65) }])), 1008],
    ['a name with a control character', frame(TEXT, JSON.stringify(['auth', { userName: 'a\u0001' }])), 1008],
    ['no name', frame(TEXT, '["auth",{}]'), 1008],
    ['an empty name', frame(TEXT, '["auth",{"userName":""}]'), 1008],
    ['a name that is a number', frame(TEXT, '["auth",{"userName":7}]'), 1008],
  ]) {
    const ws = await WebSocketClient.open(t, server.url);
    ws.send(bytes);
    assert.equal(await ws.closed(2000), want, what);
    await Promise.race([ws.ended, sleep(2000)]);
    assert.ok(ws.over, `${what}: the connection ends`);
  }
  await alive(t, server);
});

test('ws: fragments, pings between them, and characters cut in two', async (t) => {
  const server = await serve(t);
  const ws = await WebSocketClient.open(t, server.url);
  const text = Buffer.from(JSON.stringify(['auth', { userName: 'Zo\u00eb \u{1f600}' }]));
  for (const [i, byte] of [...text].entries()) {
    ws.send(frame(i ? CONTINUATION : TEXT, Buffer.from([byte]), { fin: i === text.length - 1 }));
    if (i % 8 === 3) {
      ws.send(frame(PING, `p${i}`));
      const f = await ws.next();
      assert.deepEqual([f.opcode, f.payload.toString(), f.masked], [PONG, `p${i}`, false]);
    }
    if (i % 8 === 5) ws.send(frame(PONG, 'unasked'));
  }
  await server.process.event((e) => e.event === 'join' && e.user === 'Zo\u00eb \u{1f600}');
  ws.send(frame(PING, 'x'.repeat(125)));
  assert.equal((await ws.next()).payload.length, 125);
  ws.send(frame(TEXT, '', { fin: false })).send(frame(CONTINUATION, '', { fin: false })).send(frame(CONTINUATION, '["x"]'));
  assert.equal((await ws.message())[0], 'error', 'and it stays');
  // Byte by byte, each in a segment of its own.
  const slow = await WebSocketClient.open(t, server.url);
  slow.socket.setNoDelay(true);
  for (const b of frame(TEXT, auth)) {
    slow.send(Buffer.from([b]));
    await sleep(1);
  }
  await server.process.event((e) => e.event === 'join' && e.user === 'ann');
  ws.send(frame(CLOSE, code(1000)));
  assert.equal(await ws.closed(), 1000);
  await server.process.event((e) => e.event === 'leave' && e.user === 'Zo\u00eb \u{1f600}');
});

// --- many, slow and loud --------------------------------------------------------------------

async function joined(t, server, userName, room) {
  const ws = await WebSocketClient.open(t, server.url);
  ws.say('auth', { userName, room });
  await server.process.event((e) => e.event === 'join' && e.user === userName);
  return ws;
}

test('more connections than there is room for: those inside go on, and places come free', async (t) => {
  const server = await serve(t, '--connections', '128');
  const [ann, bob] = [await joined(t, server, 'ann'), await joined(t, server, 'bob')];
  const crowd = [];
  for (let i = 0; i < 240; i++) {
    const c = new Raw(server.url);
    t.after(() => c.close());
    crowd.push(c);
  }
  for (let i = 0; i < 100 && crowd.filter((c) => c.over).length < 80; i++) await sleep(50);
  const out = crowd.filter((c) => c.over).length;
  assert.ok(out >= 80 && out < 240, `${out} of 240 were turned away`);
  ann.say('newOffer', { type: 'offer', sdp: 'v=0\r\n' });
  assert.equal((await bob.event('newOfferAwaiting'))[1][0].offererUserName, 'ann');
  await Promise.all(crowd.map((c) => c.close()));
  await sleep(100);
  await alive(t, server);
});

test('the slow are closed in bounded time, and nobody waits for them', async (t) => {
  const server = await serve(t);
  const start = performance.now();
  const took = async (c) => {
    await Promise.race([c.ended, sleep(16000)]);
    return c.over ? performance.now() - start : Infinity;
  };
  const raw = (bytes) => {
    const c = new Raw(server.url);
    t.after(() => c.close());
    return c.send(bytes);
  };
  const dripping = raw('GET / HTTP/1.1\r\n');
  const drip = setInterval(() => dripping.over || dripping.send('X'), 300);
  t.after(() => clearInterval(drip));
  const mute = await WebSocketClient.open(t, server.url);
  const half = await WebSocketClient.open(t, server.url);
  half.send(frame(TEXT, auth).subarray(0, 8));
  const pinging = await WebSocketClient.open(t, server.url);
  const ping = setInterval(() => pinging.over || pinging.send(frame(PING)), 300);
  t.after(() => clearInterval(ping));
  const ends = await Promise.all([raw(''), raw('GET'), dripping, mute, half, pinging].map(took));
  ends.forEach((ms, i) => assert.ok(ms > 3000 && ms < 15000, `number ${i} was closed after ${ms} ms`));
  await alive(t, server);
});

test('a client that does not read is dropped; the others get all that is theirs', async (t) => {
  const server = await serve(t);
  const deaf = await joined(t, server, 'deaf', 'r');
  deaf.socket.pause();
  const listener = await joined(t, server, 'listener', 'r');
  let heard = 0;
  const sdp = `v=0\r\na=${'x'.repeat(50000)}\r\n`;
  for (let i = 0; i < 30; i++) {
    const ws = await joined(t, server, `loud${i}`, 'r');
    for (let k = 0; k < 4; k++) {
      ws.say('newOffer', { type: 'offer', sdp });
      await listener.event('newOfferAwaiting');
      heard++;
    }
    await ws.close();
  }
  assert.equal(heard, 120);
  await server.process.event((e) => e.event === 'leave' && e.user === 'deaf', 5000);
  const memory = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.process.child.pid}/status`, 'latin1'));
  assert.ok(Number(memory[1]) < 128 * 1024, `${memory[1]} kB`);
});

test('a client that talks too much is told so, and the others do not feel it', async (t) => {
  const server = await serve(t);
  const [loud, ann, bob] = [await joined(t, server, 'loud', 'r'), await joined(t, server, 'ann', 'r'), await joined(t, server, 'bob', 'r')];
  for (let i = 0; i < 2000; i++) loud.say('sendIceCandidateToSignalingServer', { iceCandidate: { candidate: `x${i}` }, iceUserName: 'loud', didIOffer: true });
  const before = performance.now();
  ann.say('newOffer', { type: 'offer', sdp: 'v=0\r\n' });
  await bob.event('newOfferAwaiting');
  assert.ok(performance.now() - before < 1000);
  for (;;) {
    const m = await loud.message();
    assert.equal(m[0], 'error');
    if (m[1] === 'SIGNALING_RATE') break;
  }
});
