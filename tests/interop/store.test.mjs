// Several rill serve with one real Redis between them behave as one, whoever of them is killed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { launch, open, state } from './lib/browser.mjs';
import { Redis } from './lib/redis.mjs';
import { call, Process, serve } from './lib/rill.mjs';
import { CLOSE, frame, WebSocketClient } from './lib/websocket.mjs';

const offer = { type: 'offer', sdp: 'v=0\r\na=offer\r\n' };
const answerTo = (offererUserName, by) => ({ offererUserName, answer: { type: 'answer', sdp: `v=0\r\na=${by}\r\n` } });
const sleep = (ms) => new Promise((ok) => setTimeout(ok, ms));

async function join(t, server, name, more = {}) {
  const ws = await WebSocketClient.open(t, server.url);
  ws.user = name;
  ws.say('auth', { userName: name, ...more });
  return ws;
}

function trickle(ws, line, didIOffer) {
  const iceCandidate = { candidate: line, sdpMid: '0', sdpMLineIndex: 0 };
  ws.say('sendIceCandidateToSignalingServer', { iceCandidate, iceUserName: ws.user, didIOffer });
}

// The next so many events but offers, as words.
async function hear(ws, n) {
  const said = [];
  while (said.length < n) {
    const [event, argument] = await ws.message(20000);
    if (event !== 'newOfferAwaiting' && event !== 'availableOffers') said.push(event === 'receivedIceCandidateFromServer' ? argument.candidate : event);
  }
  return said;
}

const offered = async (ws) => (await ws.event('newOfferAwaiting', 20000))[1][0].offererUserName;
const many = (t, redis, n, ...more) => Promise.all(Array.from({ length: n }, () => serve(t, '--store', redis.url, ...more)));

test('clients of three servers meet: offers, answers, candidates both ways, hang-ups', async (t) => {
  const redis = await Redis.start(t);
  const servers = await many(t, redis, 3);
  const [ann, bob, cid] = [await join(t, servers[0], 'ann'), await join(t, servers[1], 'bob'), await join(t, servers[2], 'cid')];
  for (const s of servers) await s.process.event((e) => e.event === 'join');
  ann.say('newOffer', offer);
  assert.deepEqual([await offered(bob), await offered(cid)], ['ann', 'ann']);
  trickle(ann, 'a1', true);
  trickle(bob, 'b0', false);
  await sleep(200);
  bob.say('newAnswer', answerTo('ann', 'bob'), { ack: 1 });
  assert.deepEqual((await bob.event('ack'))[2].map((c) => c.candidate), ['a1']);
  trickle(bob, 'b1', false);
  trickle(ann, 'a2', true);
  assert.deepEqual(await hear(ann, 3), ['answerResponse', 'b0', 'b1']);
  assert.deepEqual(await hear(bob, 1), ['a2']);
  const late = await join(t, servers[2], 'dan');
  late.say('newAnswer', answerTo('ann', 'dan'), { ack: 1 });
  await assert.rejects(late.event('ack'), /SIGNALING_ANSWERED/);
  ann.say('hangUp', {});
  assert.deepEqual((await bob.event('hungUp'))[1], { userName: 'ann', reason: 'left' });
  assert.deepEqual((await cid.event('offerWithdrawn'))[1], { offererUserName: 'ann' });
});

test('the first answer wins when two servers are told one at once', async (t) => {
  const redis = await Redis.start(t);
  const [a, b, c] = await many(t, redis, 3);
  const [ann, bob, cid] = [await join(t, a, 'ann'), await join(t, b, 'bob'), await join(t, c, 'cid')];
  for (const server of [a, b, c]) await server.process.event((e) => e.event === 'join');
  for (let i = 0; i < 6; i++) {
    ann.say('newOffer', { ...offer, sdp: `${offer.sdp}${i}` });
    await offered(bob);
    await offered(cid);
    const outcome = (ws) => {
      ws.say('newAnswer', answerTo('ann', ws.user), { ack: 1 });
      return ws.event('ack').then(() => ws.user, (e) => (assert.match(e.message, /ANSWERED/), null));
    };
    const winners = (await Promise.all([outcome(bob), outcome(cid)])).filter(Boolean);
    assert.equal(winners.length, 1);
    assert.equal((await ann.event('answerResponse'))[1].answererUserName, winners[0]);
  }
});

test('a server that starts late begins with what is held, though the stream is trimmed', async (t) => {
  const redis = await Redis.start(t);
  const a = await serve(t, '--store', redis.url);
  const ann = await join(t, a, 'ann', { room: 'r' });
  ann.say('newOffer', offer);
  trickle(ann, 'a1', true);
  await a.process.event((e) => e.event === 'newOffer');
  await sleep(500);
  redis.cli('XTRIM', 'rill:stream', 'MAXLEN', '0');
  const b = await serve(t, '--store', redis.url);
  const bob = await join(t, b, 'bob', { room: 'r' });
  const [, [held]] = await bob.event('availableOffers');
  assert.deepEqual(held.offerIceCandidates.map((c) => c.candidate), ['a1']);
  bob.say('newAnswer', answerTo('ann', 'bob'), { ack: 1 });
  assert.equal((await ann.event('answerResponse'))[1].answererUserName, 'bob');
  trickle(ann, 'a2', true);
  assert.equal((await bob.event('receivedIceCandidateFromServer'))[1].candidate, 'a2');
});

test('who comes back to another server takes the place back, with a token or while it is away', async (t) => {
  const redis = await Redis.start(t);
  const [a, b] = await many(t, redis, 2);
  for (const resume of ['', undefined]) {
    const ann = await join(t, a, 'ann', { resume });
    const token = resume === '' ? (await ann.event('place'))[1].token : undefined;
    ann.say('newOffer', offer);
    await a.process.event((e) => e.event === 'newOffer');
    const bob = await join(t, b, 'bob');
    await bob.event('availableOffers');
    await ann.close();
    await a.process.event((e) => e.event === 'away');
    bob.say('newAnswer', answerTo('ann', 'bob'), { ack: 1 });
    await bob.event('ack');
    trickle(bob, 'b1', false);
    const again = await join(t, b, 'ann', { resume: token });
    await again.event('answerResponse');
    assert.deepEqual(await hear(again, 1), ['b1']);
    trickle(again, 'a1', true);
    assert.equal((await bob.event('receivedIceCandidateFromServer'))[1].candidate, 'a1');
    again.say('hangUp', {});
    await bob.event('hungUp');
    for (const ws of [again, bob]) {
      ws.send(frame(CLOSE));
      await ws.closed();
    }
    a.process.events.length = 0;
  }
});

for (const [how, ...options] of [['with its file', '--appendonly', 'yes'], ['with nothing']])
  test(`redis is killed in the middle and comes back ${how}: no offer and no event is lost`, async (t) => {
    const redis = await Redis.start(t, ...options);
    const [a, b] = await many(t, redis, 2);
    const [ann, bob, eve] = [await join(t, a, 'ann'), await join(t, b, 'bob'), await join(t, a, 'eve')];
    for (const [s, user] of [[a, 'ann'], [b, 'bob'], [a, 'eve']]) await s.process.event((e) => e.event === 'join' && e.user === user);
    ann.say('newOffer', offer);
    await offered(bob);
    eve.say('newOffer', offer);
    await offered(bob);
    trickle(ann, 'a1', true);
    await sleep(300);
    await redis.kill();
    bob.say('newAnswer', answerTo('ann', 'bob'), { ack: 1 });
    trickle(bob, 'b1', false);
    trickle(bob, 'b2', false);
    trickle(ann, 'a2', true);
    const dan = await join(t, b, 'dan');
    await sleep(300);
    await redis.run();
    assert.deepEqual((await bob.event('ack', 20000))[2].map((c) => c.candidate).slice(0, 1), ['a1']);
    assert.deepEqual(await hear(ann, 3), ['answerResponse', 'b1', 'b2']);
    assert.ok((await dan.event('availableOffers', 20000))[1].some((o) => o.offererUserName === 'eve'));
    trickle(ann, 'a3', true);
    let last;
    while (last !== 'a3') [last] = await hear(bob, 1);
    dan.say('newAnswer', answerTo('eve', 'dan'), { ack: 2 });
    assert.equal((await eve.event('answerResponse', 20000))[1].answererUserName, 'dan');
    // And whoever starts now knows it all.
    await sleep(300);
    const c = await serve(t, '--store', redis.url);
    const cid = await join(t, c, 'cid');
    cid.say('newAnswer', answerTo('eve', 'cid'), { ack: 1 });
    await assert.rejects(cid.event('ack', 10000), /SIGNALING_ANSWERED/);
    assert.match((await (await fetch(`${a.url}metrics`)).text()), /\nrill_store_connected 1\n/);
  });

test('a server that is stopped leaves the places of its clients to the others', async (t) => {
  const redis = await Redis.start(t);
  const [a, b] = await many(t, redis, 2);
  const ann = await join(t, a, 'ann', { resume: '' });
  const [, { token }] = await ann.event('place');
  ann.say('newOffer', offer, { ack: 1 });
  await ann.event('ack');
  const ended = a.process.stop('SIGTERM');
  assert.equal(await ann.closed(), 1001);
  await ann.close();
  assert.equal(await ended, 0, a.process.err);
  const again = await join(t, b, 'ann', { resume: token });
  assert.deepEqual(await again.event('place'), ['place', { token, resumed: true }]);
  const bob = await join(t, b, 'bob');
  bob.say('newAnswer', answerTo('ann', 'bob'), { ack: 1 });
  assert.equal((await again.event('answerResponse'))[1].answererUserName, 'bob');
});

test('a server is killed, another held up: what their clients offered vanishes, the others go on', async (t) => {
  const redis = await Redis.start(t);
  const [a, b, c] = await many(t, redis, 3);
  const [ann, bob, cid] = [await join(t, a, 'ann'), await join(t, b, 'bob'), await join(t, c, 'cid')];
  for (const s of [a, b, c]) await s.process.event((e) => e.event === 'join');
  for (const ws of [ann, cid]) {
    ws.say('newOffer', offer);
    await offered(bob);
  }
  a.process.child.kill('SIGKILL');
  c.process.child.kill('SIGSTOP');
  const gone = [(await bob.event('offerWithdrawn', 25000))[1], (await bob.event('offerWithdrawn', 25000))[1]];
  assert.deepEqual(gone.map((o) => o.offererUserName).sort(), ['ann', 'cid']);
  // Who was taken for dead and is not has its clients come again.
  c.process.child.kill('SIGCONT');
  assert.equal(await cid.closed(10000), 1012);
  const again = await join(t, c, 'cid');
  again.say('newOffer', offer);
  assert.equal(await offered(bob), 'cid');
  bob.say('newAnswer', answerTo('ann', 'bob'), { ack: 1 });
  await assert.rejects(bob.event('ack'), /SIGNALING_NO_OFFER/);
});

test('whole calls across servers: rill with rill, and a page with rill', async (t) => {
  const redis = await Redis.start(t);
  const [a, b] = await many(t, redis, 2);
  const x = call(t, a, 'ann', '--as', 'offerer', '-t', '1');
  await a.process.event((e) => e.event === 'newOffer');
  const y = call(t, b, 'bob', '--as', 'answerer', '-t', '1');
  for (const s of await Promise.all([x.summary(), y.summary()])) assert.ok(s.ok, s.failure);
  const page = await open(await launch(t), a, 'page');
  await page.click('#call:enabled');
  await a.process.event((e) => e.event === 'newOffer' && e.user === 'page');
  const z = call(t, b, 'cid', '--as', 'answerer', '-t', '1');
  await state(page, 'connected');
  assert.ok((await z.summary()).ok);
  assert.equal(await state(page, 'closed'), 'The other side has hung up.');
});

test('a store that is not there, refuses, or is none: a clear word, and the server stays', async (t) => {
  const said = {
    garbage: (s) => s.write('HTTP/1.1 200 OK\r\n\r\n'),
    'a huge bulk': (s) => s.write('$2147483647\r\nxxx'),
    'a huge array': (s) => s.write('*2147483647\r\n'),
    'deep arrays': (s) => s.write('*1\r\n'.repeat(100)),
    'too much': (s) => s.write(`$16777210\r\n${'x'.repeat(17000000)}`),
    refusal: (s) => s.write('-NOAUTH Authentication required.\r\n'),
    end: (s) => s.destroy(),
  };
  for (const [what, row] of Object.entries({ garbage: 'PROTOCOL', 'a huge bulk': null, 'a huge array': 'TOO_LARGE', 'deep arrays': 'PROTOCOL', 'too much': 'TOO_LARGE', refusal: 'REFUSED', end: 'GONE' })) {
    const hostile = createServer((s) => (s.on('error', () => {}), s.once('data', () => said[what](s)))).listen(0, '127.0.0.1');
    await once(hostile, 'listening');
    t.after(() => hostile.close());
    const server = await serve(t, '--store', `redis://127.0.0.1:${hostile.address().port}/0`);
    if (row) {
      const trouble = await server.process.event((e) => e.event === 'store_trouble');
      assert.equal(trouble.error, `SIGNALING_STORE_${row}`, what);
      assert.equal(trouble.text, what === 'refusal' ? 'NOAUTH Authentication required.' : undefined);
    }
    assert.equal(await (await fetch(`${server.url}healthz`)).text(), 'ok\n', what);
    server.process.stop('SIGKILL');
    await server.process.ended;
  }
});

test('a store that comes later and asks for a password', async (t) => {
  const redis = await Redis.start(t, '--requirepass', 'sesame');
  await redis.kill();
  const url = `redis://:sesame@127.0.0.1:${redis.port}/2`;
  const server = await serve(t, '--store', url);
  const ann = await join(t, server, 'ann');
  ann.say('newOffer', offer, { ack: 4 });
  assert.equal((await server.process.event((e) => e.event === 'store_trouble')).error, 'SIGNALING_STORE_GONE');
  await redis.run();
  assert.deepEqual(await ann.event('ack', 20000), ['ack', 4, []]);
  await server.process.event((e) => e.event === 'store');
  const wrong = new Process(t, ['serve', '--store', 'redis://nobody']);
  for (const url of ['redis:/x', 'redis://', 'redis://h:0/', 'redis://h:1/x', 'http://h', 'redis://user@h', 'redis://[::1/0', 'redis://h:1:2'])
    assert.equal(await new Process(t, ['serve', '--store', url]).ended, 2, url);
  await wrong.stop('SIGKILL');
});
