// rill with aiortc, a WebRTC stack that shares no line with it nor with a browser (Debian's
// python3-aiortc). It also plays the peer who has the keys and means no good.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { sleep } from './lib/ice_peer.mjs';
import { call, Process, root, serve } from './lib/rill.mjs';
import { WebSocketClient } from './lib/websocket.mjs';

const media = ['-i', 'testsrc', '-i', 'sine:frequency=500'];

// aiortc as a process that says JSON lines, and is told what to do by them.
class Aiortc extends Process {
  constructor(t) {
    super(t, [join(root, 'tests/interop/lib/aiortc_peer.py')], '/usr/bin/python3');
  }

  tell(what, more = {}) {
    this.child.stdin.write(JSON.stringify({ do: what, ...more }) + '\n');
  }
}

async function joined(t, server) {
  const aio = new Aiortc(t);
  const ws = await WebSocketClient.open(t, server.url);
  ws.say('auth', { userName: 'aiortc' });
  return { aio, ws };
}

async function carry(ws, aio) {
  for (;;) {
    const [name, candidate] = await ws.message(60000);
    if (name === 'receivedIceCandidateFromServer') aio.tell('candidate', { candidate });
  }
}

async function answer(t, ...options) {
  const server = await serve(t);
  const rill = call(t, server, 'rill', '--as', 'offerer', ...media, ...options);
  await server.process.event((e) => e.event === 'newOffer');
  const { aio, ws } = await joined(t, server);
  const [, [offer]] = await ws.event('availableOffers');
  aio.tell('answer', { sdp: offer.offer.sdp });
  const { sdp } = await aio.event((e) => e.event === 'description');
  ws.say('newAnswer', { ...offer, answer: { type: 'answer', sdp } }, { ack: 1 });
  const [, , held] = await ws.event('ack');
  for (const candidate of held) aio.tell('candidate', { candidate });
  carry(ws, aio).catch(() => {});
  return { rill, aio };
}

async function offer(t, ...options) {
  const server = await serve(t);
  const { aio, ws } = await joined(t, server);
  aio.tell('offer');
  ws.say('newOffer', { type: 'offer', sdp: (await aio.event((e) => e.event === 'description')).sdp });
  const rill = call(t, server, 'rill', '--as', 'answerer', ...media, ...options);
  const [, { answer: a }] = await ws.event('answerResponse', 20000);
  aio.tell('accept', { sdp: a.sdp });
  carry(ws, aio).catch(() => {});
  return { rill, aio };
}

async function checkBoth(rill, aio, seconds) {
  const s = await rill.summary();
  assert.ok(s.ok, s.failure);
  const got = Object.fromEntries(s.received.map((m) => [m.kind, m]));
  assert.deepEqual([got.video.width, got.video.height, got.video.decode_errors], [640, 480, 0]);
  assert.ok(got.video.decoded > seconds * 15, `${got.video.decoded} pictures`);
  assert.ok(got.audio.samples > seconds * 48000 * 0.7, `${got.audio.samples} samples`);
  aio.tell('count');
  const count = await aio.event((e) => e.event === 'received');
  assert.ok(count.video > seconds * 10 && count.audio > seconds * 25, JSON.stringify(count));
}

test('rill offers and aiortc answers', async (t) => {
  const { rill, aio } = await answer(t, '-t', '3');
  await checkBoth(rill, aio, 3);
});

test('aiortc offers and rill answers', async (t) => {
  const { rill, aio } = await offer(t, '-t', '3');
  await checkBoth(rill, aio, 3);
});

test('a peer that ends one of its streams has not hung up; with the last it has', async (t) => {
  const { rill, aio } = await answer(t);
  await rill.step(23);
  aio.tell('stop', { kind: 'audio' }); // aiortc says RTCP BYE for it
  await sleep(1500);
  assert.equal(rill.events.find((e) => e.event === 'summary'), undefined, 'the call goes on');
  aio.tell('stop', { kind: 'video' });
  const s = await rill.summary(5000);
  assert.ok(s.ok, s.failure);
});

test('a peer with the keys that sends garbage does no more harm than to its own streams', async (t) => {
  const { rill, aio } = await answer(t, '-t', '6');
  await rill.step(23);
  aio.tell('attack', { seed: 1, seconds: 3 });
  const { sent } = await aio.event((e) => e.event === 'attacked', 20000);
  assert.ok(sent > 1000, `${sent} packets`);
  const s = await rill.summary();
  assert.ok(s.ok, s.failure);
  assert.equal(rill.code, 0, rill.err);
  aio.tell('count');
  const count = await aio.event((e) => e.event === 'received');
  // Among the garbage are packets with rill's own SSRCs: it takes others then (RFC 3550 §8.2), which aiortc does not follow.
  const audio = s.sent.find((m) => m.kind === 'audio');
  assert.ok(count.video > 30 && audio.packets > 150, `what rill sends goes on: ${JSON.stringify([count, audio])}`);
});
