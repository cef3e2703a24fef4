// socket.io-client and engine.io-client from npm against rill serve, and raw requests where those
// clients would never do what a server must refuse.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Socket as EngineSocket } from 'engine.io-client';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { serve } from './lib/rill.mjs';

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function connect(t, server, options = {}, nsp = '') {
  const socket = io(server.url + nsp, { forceNew: true, reconnection: false, ...options });
  t.after(() => socket.disconnect());
  return socket;
}

// The next arguments of an event; fails when none comes. ("error" is an event like any other.)
function next(socket, event, ms = 5000) {
  return new Promise((ok, fail) => {
    const timer = setTimeout(() => fail(new Error(`no ${event} within ${ms} ms`)), ms);
    socket.once(event, (...args) => {
      clearTimeout(timer);
      ok(args);
    });
  });
}

const connected = async (socket) => (socket.connected ? socket : (await next(socket, 'connect'), socket));

const transports = {
  'polling, then WebSocket': {},
  'polling alone': { transports: ['polling'] },
  'WebSocket alone': { transports: ['websocket'] },
};

for (const [how, options] of Object.entries(transports)) {
  test(`the echo over Socket.IO: ${how}`, async (t) => {
    const server = await serve(t, '--echo');
    for (const nsp of ['', 'custom']) {
      const socket = connect(t, server, { ...options, auth: { token: 'abc' } }, nsp);
      const auth = next(socket, 'auth');
      await connected(socket);
      assert.deepEqual(await auth, [{ token: 'abc' }]);
      const args = [1, '2', { 3: [true, null] }, 'é€😀', Buffer.from([1, 2, 3]), { deep: [Buffer.alloc(0), Buffer.alloc(70000, 7)] }];
      const back = next(socket, 'message-back');
      socket.emit('message', ...args);
      assert.deepEqual(await back, args);
      assert.deepEqual(await new Promise((ack) => socket.emit('message-with-ack', ...args, (...got) => ack(got))), args);
      assert.equal(await socket.timeout(5000).emitWithAck('message-with-ack', 'one'), 'one');
      assert.equal(await socket.timeout(5000).emitWithAck('message-with-ack'), undefined);
    }
  });
}

test('two namespaces share one connection, and leaving one leaves the other', async (t) => {
  const server = await serve(t, '--echo');
  const main = connect(t, server);
  const custom = main.io.socket('/custom');
  await Promise.all([connected(main), connected(custom)]);
  assert.notEqual(main.id, custom.id);
  custom.disconnect();
  assert.equal(await main.timeout(5000).emitWithAck('message-with-ack', 7), 7);
  const again = next(custom, 'connect');
  custom.connect();
  await again;
});

test('an unknown namespace is refused with connect_error', async (t) => {
  const server = await serve(t, '--echo');
  const socket = connect(t, server, {}, 'nowhere');
  const [error] = await next(socket, 'connect_error');
  assert.equal(error.message, 'Invalid namespace');
});

for (const [how, options] of Object.entries(transports)) {
  test(`the echo over Engine.IO: ${how}`, async (t) => {
    const server = await serve(t, '--echo');
    const socket = new EngineSocket(server.url, { path: '/engine.io/', ...options });
    t.after(() => socket.close());
    socket.binaryType = 'arraybuffer';
    await next(socket, 'open');
    const got = [];
    socket.on('message', (m) => got.push(typeof m === 'string' ? m : Buffer.from(m).toString('hex')));
    const want = [];
    for (let i = 0; i < 300; i++) {
      const text = `message ${i} €`;
      socket.send(i % 3 ? text : Buffer.from([i & 255, 0, 255]));
      want.push(i % 3 ? text : Buffer.from([i & 255, 0, 255]).toString('hex'));
      if (i % 50 === 0) await sleep(5);
    }
    const until = Date.now() + 10000;
    while (got.length < want.length && Date.now() < until) await sleep(10);
    assert.deepEqual(got, want);
    assert.equal(socket.transport.name, options.transports?.[0] ?? 'websocket');
  });
}

test('a message as large as maxPayload allows comes back, by each transport', async (t) => {
  const server = await serve(t, '--echo', '--max-payload', '1000000');
  for (const transport of ['polling', 'websocket']) {
    const socket = new EngineSocket(server.url, { path: '/engine.io/', transports: [transport] });
    await next(socket, 'open');
    const text = 'x'.repeat(999_999);
    const back = next(socket, 'message', 20000);
    socket.send(text);
    assert.equal((await back)[0].length, text.length);
    socket.close();
  }
});

test('the heartbeat keeps a quiet session alive, and silence ends one', async (t) => {
  const server = await serve(t, '--echo', '--ping-interval', '100', '--ping-timeout', '100');
  for (const options of Object.values(transports)) {
    const socket = connect(t, server, options);
    await connected(socket);
    await sleep(700);
    assert.ok(socket.connected);
    socket.io.engine._sendPacket = () => {}; // it answers no ping any more
    const [reason] = await next(socket, 'disconnect');
    assert.match(reason, /transport (close|error)|ping timeout/);
  }
});

// --- the vocabulary ---------------------------------------------------------------------------

const sdp = (name) => ({ type: 'offer', sdp: `v=0\r\ns=${name}\r\na=ice-ufrag:${name}\r\n` });
const candidate = (ufrag, port) => ({
  candidate: `candidate:1 1 udp 1 127.0.0.1 ${port} typ host`, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: ufrag,
});

for (const [how, options] of Object.entries(transports)) {
  test(`the course's events in the course's order: ${how}`, async (t) => {
    const server = await serve(t, '--password', 'x');
    const ann = connect(t, server, { ...options, auth: { userName: 'ann', password: 'x' } });
    await connected(ann);
    ann.emit('newOffer', sdp('ann'));
    ann.emit('sendIceCandidateToSignalingServer', { iceCandidate: candidate('ann', 1), iceUserName: 'ann', didIOffer: true });
    await server.process.event((e) => e.event === 'newOffer');
    const bob = connect(t, server, { ...options, auth: { userName: 'bob', password: 'x' } });
    const [offers] = await next(bob, 'availableOffers');
    assert.equal(offers.length, 1);
    assert.equal(offers[0].offererUserName, 'ann');
    assert.deepEqual(offers[0].offer, sdp('ann'));
    assert.equal(offers[0].answererUserName, null);
    const answered = next(ann, 'answerResponse');
    const relayed = next(ann, 'receivedIceCandidateFromServer');
    const held = await bob.timeout(5000).emitWithAck('newAnswer', { ...offers[0], answer: { type: 'answer', sdp: sdp('bob').sdp } });
    assert.deepEqual(held, [candidate('ann', 1)]);
    bob.emit('sendIceCandidateToSignalingServer', { iceCandidate: candidate('bob', 2), iceUserName: 'bob', didIOffer: false });
    const [offer] = await answered;
    assert.equal(offer.answererUserName, 'bob');
    assert.equal(offer.answer.sdp, sdp('bob').sdp);
    assert.deepEqual(await relayed, [candidate('bob', 2)]);
    const later = next(bob, 'receivedIceCandidateFromServer');
    ann.emit('sendIceCandidateToSignalingServer', { iceCandidate: candidate('ann', 3), iceUserName: 'ann', didIOffer: true });
    assert.deepEqual(await later, [candidate('ann', 3)]);
    const heard = next(bob, 'newOfferAwaiting');
    const eve = connect(t, server, { ...options, auth: { userName: 'eve', password: 'x' } });
    await connected(eve);
    eve.emit('newOffer', sdp('eve'));
    assert.equal((await heard)[0][0].offererUserName, 'eve');
  });
}

test('a wrong password: connected, then disconnected by the server', async (t) => {
  const server = await serve(t, '--password', 'right');
  for (const options of Object.values(transports)) {
    const socket = connect(t, server, { ...options, auth: { userName: 'ann', password: 'wrong' } });
    const gone = next(socket, 'disconnect');
    await connected(socket);
    assert.equal((await gone)[0], 'io server disconnect');
  }
});

test('no name: connect_error with a sentence', async (t) => {
  const server = await serve(t);
  const socket = connect(t, server, {});
  const [error] = await next(socket, 'connect_error');
  assert.match(error.message, /member/);
});

test('a refusal is an error event, and an acknowledgement comes all the same', async (t) => {
  const server = await serve(t);
  const socket = connect(t, server, { auth: { userName: 'ann' } });
  await connected(socket);
  const refused = next(socket, 'error');
  const held = await socket.timeout(5000).emitWithAck('newAnswer', {
    offererUserName: 'nobody', answer: { type: 'answer', sdp: 'v=0\r\n' },
  });
  assert.deepEqual(held, []);
  assert.deepEqual((await refused).slice(0, 1), ['SIGNALING_NO_OFFER']);
  const unknown = next(socket, 'error');
  socket.emit('nonsense', Buffer.from([1]));
  assert.equal((await unknown)[0], 'SIGNALING_UNKNOWN');
  assert.ok(socket.connected);
});

test('the newest connection takes a name, and the older is disconnected', async (t) => {
  const server = await serve(t);
  const first = connect(t, server, { auth: { userName: 'ann' } });
  await connected(first);
  const gone = next(first, 'disconnect');
  await connected(connect(t, server, { auth: { userName: 'ann' } }));
  assert.equal((await gone)[0], 'io server disconnect');
});

test('a page that is closed takes its offer with it', async (t) => {
  const server = await serve(t, '--grace', '100');
  for (const options of Object.values(transports)) {
    const ann = connect(t, server, { ...options, auth: { userName: 'ann' } });
    await connected(ann);
    ann.emit('newOffer', sdp('ann'));
    await server.process.event((e) => e.event === 'newOffer');
    server.process.events.length = 0;
    ann.io.engine.close();
    await server.process.event((e) => e.event === 'leave');
    server.process.events.length = 0;
  }
});

// --- requests ---------------------------------------------------------------------------------

const polling = (server, more = '', options = {}) =>
  fetch(`${server.url}socket.io/?EIO=4&transport=polling${more}`, options);

async function openSession(server) {
  const r = await polling(server);
  return JSON.parse((await r.text()).slice(1)).sid;
}

test('each wrong request is refused with its code', async (t) => {
  const server = await serve(t);
  const url = `${server.url}socket.io/`;
  const sid = await openSession(server);
  const rows = [
    ['?EIO=4', {}, 0], ['?EIO=4&transport=abc', {}, 0],
    ['?EIO=4&transport=polling&sid=nobody', {}, 1], ['?EIO=4&transport=polling&sid=nobody', { method: 'POST', body: '41' }, 1],
    ['?EIO=4&transport=polling', { method: 'POST', body: '41' }, 2], ['?EIO=4&transport=polling', { method: 'PUT' }, 2],
    [`?EIO=4&transport=polling&sid=${sid}`, { method: 'DELETE' }, 2],
    ['?EIO=4&transport=websocket', {}, 3],
    ['?transport=polling', {}, 5], ['?EIO=3&transport=polling', {}, 5], ['?EIO=abc&transport=polling', {}, 5],
  ];
  for (const [query, options, code] of rows) {
    const r = await fetch(url + query, options);
    assert.equal(r.status, 400, query);
    assert.equal(r.headers.get('content-type'), 'application/json');
    assert.equal((await r.json()).code, code, query);
  }
  assert.equal((await polling(server, `&sid=${sid}`, { method: 'POST', body: '40{"userName":"a"}' })).status, 200);
});

test('a page of another host is refused', async (t) => {
  const server = await serve(t);
  const r = await polling(server, '', { headers: { Origin: 'http://elsewhere.example' } });
  assert.equal(r.status, 403);
  assert.deepEqual(await r.json(), { code: 4, message: 'Forbidden' });
  const open = await serve(t, '--any-origin');
  const allowed = await polling(open, '', { headers: { Origin: 'http://elsewhere.example' } });
  assert.equal(allowed.status, 200);
  assert.equal(allowed.headers.get('access-control-allow-origin'), '*');
});

test('polling answers are text that nobody keeps', async (t) => {
  const server = await serve(t);
  const r = await polling(server);
  assert.equal(r.headers.get('content-type'), 'text/plain; charset=UTF-8');
  assert.equal(r.headers.get('cache-control'), 'no-store');
  assert.match(await r.text(), /^0\{"sid":"[\w-]{20}","upgrades":\["websocket"\],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000\}$/);
});

test('a body beyond maxPayload is refused with 413', async (t) => {
  const server = await serve(t, '--max-payload', '2000');
  const sid = await openSession(server);
  const r = await polling(server, `&sid=${sid}`, { method: 'POST', body: '4'.repeat(2001) }).catch((e) => e);
  assert.ok(r instanceof Error || r.status === 413, String(r.status));
});

test('/socket.io/socket.io.js is the bundle of socket.io-client', async (t) => {
  const server = await serve(t);
  const r = await fetch(`${server.url}socket.io/socket.io.js`);
  assert.equal(r.status, 200);
  assert.match(r.headers.get('content-type'), /javascript/);
  const text = await r.text();
  assert.ok(text.length > 40000 && text.includes('Socket.IO v4'), text.slice(0, 100));
});

test('/echo gives every WebSocket message back as it came', async (t) => {
  const server = await serve(t, '--echo');
  const ws = new WebSocket(`${server.url.replace('http', 'ws')}echo`);
  t.after(() => ws.terminate());
  await once(ws, 'open');
  for (const [data, binary] of [['héllo', false], ['', false], [Buffer.from([0, 255]), true], [Buffer.alloc(1_000_000, 1), true]]) {
    const back = once(ws, 'message', { signal: AbortSignal.timeout(10000) });
    ws.send(data, { binary });
    const [got, isBinary] = await back;
    assert.equal(isBinary, binary);
    assert.ok(Buffer.from(data).equals(got));
  }
  const plain = await serve(t);
  assert.equal((await fetch(`${plain.url}echo`)).status, 404);
  assert.equal((await fetch(`${plain.url}engine.io/?EIO=4&transport=polling`)).status, 404);
});
