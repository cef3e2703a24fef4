// Who comes back takes its place again, and who hangs up is missed: real clients whose wire is cut in
// the middle of a call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { launch, open, state } from './lib/browser.mjs';
import { IcePeer } from './lib/ice_peer.mjs';
import { call, serve } from './lib/rill.mjs';
import { WebSocketClient } from './lib/websocket.mjs';
import { Wire } from './lib/wire.mjs';

const offer = { type: 'offer', sdp: 'v=0\r\na=offer\r\n' };
let bobs; // what rill offered to bob, which is what bob then offers
const answer = { type: 'answer', sdp: 'v=0\r\na=answer\r\n' };
const candidate = (line) => ({ candidate: line, sdpMid: '0', sdpMLineIndex: 0 });
const trickle = (name, line, didIOffer) =>
  ['sendIceCandidateToSignalingServer', { iceCandidate: candidate(line), iceUserName: name, didIOffer }];

async function join(t, url, name, more = {}) {
  const ws = await WebSocketClient.open(t, url);
  ws.say('auth', { userName: name, ...more });
  return ws;
}

const broke = (server, user) => server.process.event((e) => e.event === 'away' && e.user === user);

// Everything the vocabulary's server says to a Socket.IO client, in order.
function listen(t, url, name, options) {
  const socket = io(url, { forceNew: true, auth: { userName: name }, reconnectionDelay: 800, randomizationFactor: 0, ...options });
  t.after(() => socket.disconnect());
  socket.said = [];
  socket.onAny((event, argument) => {
    socket.said.push(event === 'receivedIceCandidateFromServer' ? argument.candidate : event);
    socket.wake?.();
  });
  return socket;
}

function heard(socket, n, ms = 15000) {
  return new Promise((ok, fail) => {
    const timer = setTimeout(() => fail(new Error(`only ${socket.said}`)), ms);
    socket.wake = () => socket.said.length >= n && (clearTimeout(timer), ok(socket.said));
    socket.wake();
  });
}

for (const transports of [['websocket'], ['polling']])
  test(`socket.io-client over ${transports} comes back in mid-call and hears what it missed`, async (t) => {
    const server = await serve(t, '--ping-interval', '300', '--ping-timeout', '300');
    const wire = await Wire.to(t, server.url);
    const ann = listen(t, wire.url, 'ann', { transports });
    await ann.emitWithAck('newOffer', offer);
    await ann.emitWithAck(...trickle('ann', 'a1', true));
    const bob = await join(t, server.url, 'bob');
    await bob.event('availableOffers');
    wire.cut();
    await broke(server, 'ann');
    bob.say('newAnswer', { offererUserName: 'ann', answer }, { ack: 1 });
    assert.deepEqual((await bob.event('ack'))[2].map((c) => c.candidate), ['a1']);
    bob.say(...trickle('bob', 'b1', false));
    bob.say(...trickle('bob', 'b2', false));
    assert.deepEqual(await heard(ann, 3), ['answerResponse', 'b1', 'b2']);
    ann.emit(...trickle('ann', 'a2', true));
    assert.equal((await bob.event('receivedIceCandidateFromServer'))[1].candidate, 'a2');
    await server.process.event((e) => e.event === 'back' && e.user === 'ann');
    ann.disconnect();
    assert.deepEqual(await bob.event('hungUp'), ['hungUp', { userName: 'ann', reason: 'left' }]);
  });

test('with its token a client takes its place back even before the server has missed it', async (t) => {
  const server = await serve(t);
  const ann = await join(t, server.url, 'ann', { resume: '' });
  const [, { token, resumed }] = await ann.event('place');
  assert.equal(resumed, false);
  assert.match(token, /^[0-9a-f]{32}$/);
  ann.say('newOffer', offer);
  const bob = await join(t, server.url, 'bob');
  await bob.event('availableOffers');
  bob.say('newAnswer', { offererUserName: 'ann', answer }, { ack: 1 });
  await bob.event('ack');
  const again = await join(t, server.url, 'ann', { resume: token });
  assert.deepEqual(await again.event('place'), ['place', { token, resumed: true }]);
  assert.equal((await again.event('answerResponse'))[1].answer.sdp, answer.sdp);
  await assert.rejects(ann.event('nothing'), /SIGNALING_REPLACED/);
});

test('a name alone does not take the place of who has a token', async (t) => {
  const server = await serve(t);
  const ann = await join(t, server.url, 'ann', { resume: '' });
  await ann.event('place');
  ann.say('newOffer', offer);
  const bob = await join(t, server.url, 'bob');
  await bob.event('availableOffers');
  await ann.close();
  await broke(server, 'ann');
  const thief = await join(t, server.url, 'ann', { resume: 'guess' });
  assert.equal((await thief.event('place'))[1].resumed, false);
  assert.deepEqual(await bob.event('offerWithdrawn'), ['offerWithdrawn', { offererUserName: 'ann' }]);
  bob.say('newAnswer', { offererUserName: 'ann', answer }, { ack: 1 });
  await assert.rejects(bob.event('ack'), /SIGNALING_NO_OFFER/);
});

test('who does not come back in time has left: the offer is withdrawn, the call lost', async (t) => {
  const server = await serve(t, '--grace', '200');
  const [ann, bob, cid] = [await join(t, server.url, 'ann'), await join(t, server.url, 'bob'), await join(t, server.url, 'cid')];
  ann.say('newOffer', offer);
  await bob.event('newOfferAwaiting');
  bob.say('newAnswer', { offererUserName: 'ann', answer }, { ack: 1 });
  await ann.event('answerResponse');
  await ann.close();
  assert.deepEqual((await bob.event('hungUp'))[1], { userName: 'ann', reason: 'lost' });
  assert.deepEqual((await cid.event('offerWithdrawn'))[1], { offererUserName: 'ann' });
});

test('rill call ends with a sentence when the other side hangs up before it is connected', async (t) => {
  const server = await serve(t);
  for (const role of ['offerer', 'answerer']) {
    const bob = await IcePeer.join(t, server, 'bob');
    const ann = call(t, server, 'ann', '--as', role);
    if (role === 'offerer') {
      await bob.answer([]);
      await ann.step(22);
    } else {
      bob.ws.say('newOffer', { type: 'offer', sdp: bobs });
      await ann.step(20);
    }
    bobs = bob.remote?.sdp;
    bob.ws.say('hangUp', {});
    const { ok, failure } = await ann.summary();
    assert.equal(ok, false);
    assert.match(failure, /^bob has hung up/);
    await bob.ws.close();
  }
});

test('the page keeps its call while the server is out of reach, and hears that it is over', async (t) => {
  const server = await serve(t);
  const wire = await Wire.to(t, server.url);
  const page = await open(await launch(t), { url: wire.url }, 'ann');
  await page.click('#call:enabled');
  await server.process.event((e) => e.event === 'newOffer');
  wire.cut();
  await broke(server, 'ann');
  const bob = await IcePeer.join(t, server, 'bob');
  await bob.answer([]);
  await server.process.event((e) => e.event === 'back' && e.user === 'ann');
  await page.waitForFunction(() => window.rill.pc?.remoteDescription);
  bob.ws.say('hangUp', {});
  assert.equal(await state(page, 'closed'), 'The other side has hung up.');
});

test('the page takes an offer that is withdrawn off its list', async (t) => {
  const server = await serve(t);
  const page = await open(await launch(t), server, 'ann');
  const bob = await join(t, server.url, 'bob');
  bob.say('newOffer', offer);
  await page.waitForSelector('#answer:enabled');
  bob.say('hangUp', {});
  await page.waitForSelector('#answer:disabled');
  assert.match(await state(page, 'idle'), /^bob is not calling any more/);
});

test('the room of a URL is the room of who names none', async (t) => {
  const server = await serve(t);
  const ann = listen(t, `${server.url}?room=caf%C3%A9%201`, 'ann', { transports: ['websocket'] });
  await ann.emitWithAck('newOffer', offer);
  const bob = await join(t, server.url, 'bob', { room: 'caf\u00e9 1' });
  assert.equal((await bob.event('availableOffers'))[1][0].offererUserName, 'ann');
  const there = await server.process.event((e) => e.event === 'join' && e.user === 'ann');
  assert.equal(there.room, 'caf\u00e9 1');
  const long = listen(t, `${server.url}?room=${'x'.repeat(65)}`, 'cid', { reconnection: false });
  const [error] = await new Promise((ok) => long.once('connect_error', (...e) => ok(e)));
  assert.match(error.message, /a name has 1 to 64 bytes/);
});
