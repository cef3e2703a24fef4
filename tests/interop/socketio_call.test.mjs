// Calls whose signaling is Socket.IO: pages with socket.io-client, rill as its client, and Node's own
// socket.io server. A call counts when both ends have decoded.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { inbound, launch, state } from './lib/browser.mjs';
import { Process, root, serve } from './lib/rill.mjs';
import { socketioServer } from './lib/socketio_server.mjs';

const www = join(root, 'tests/interop/www');

async function open(context, url, query) {
  const page = await context.newPage();
  page.said = [];
  page.on('console', (m) => page.said.push(m.text()));
  page.on('pageerror', (e) => page.said.push(`error: ${e.message}`));
  await page.goto(url + query);
  return page;
}

function call(t, url, name, ...options) {
  return new Process(t, ['call', '--json', '--ice-loopback', '--name', name, '--timeout', '40', ...options, url]);
}

async function pageDecodes(page, frames = 20) {
  await page.bringToFront();
  const until = Date.now() + 20000;
  let got = {};
  while (Date.now() < until) {
    got = await inbound(page);
    if (got.video?.framesDecoded >= frames && got.audio?.samples > 0) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.fail(JSON.stringify(got));
}

function rillDecoded(summary) {
  assert.ok(summary.ok, summary.failure);
  const video = summary.received.find((s) => s.kind === 'video');
  const audio = summary.received.find((s) => s.kind === 'audio');
  assert.ok(video.decoded > 20, JSON.stringify(video));
  assert.equal(video.decode_errors, 0);
  assert.ok(audio.samples > 48000, JSON.stringify(audio));
}

for (const transport of ['', 'polling', 'websocket']) {
  test(`two pages with socket.io-client meet on rill serve: ${transport || 'polling, then websocket'}`, async (t) => {
    const server = await serve(t, '--www', www, '--password', 'x', '--grace', '200');
    const context = await launch(t);
    const more = `&password=x${transport && `&transport=${transport}`}`;
    const ann = await open(context, server.url, `?name=ann&as=offerer${more}`);
    await state(ann, 'calling');
    const bob = await open(context, server.url, `?name=bob&as=answerer${more}`);
    await state(ann, 'connected');
    await state(bob, 'connected');
    await pageDecodes(ann);
    await pageDecodes(bob);
    const used = await bob.evaluate(() => window.rill.socket.io.engine.transport.name);
    assert.equal(used, transport || 'websocket');
    await ann.close();
    await server.process.event((e) => e.event === 'leave' && e.user === 'ann');
  });
}

test('a page with a wrong password is disconnected by rill serve', async (t) => {
  const server = await serve(t, '--www', www, '--password', 'right');
  const page = await open(await launch(t), server.url, '?name=ann&as=answerer&password=wrong');
  await state(page, 'disconnected: io server disconnect');
});

for (const [signaling, role] of [['ws', 'answerer'], ['socketio', 'answerer'], ['socketio', 'offerer']]) {
  test(`rill as ${role} over ${signaling} and a page with socket.io-client meet on rill serve`, async (t) => {
    const server = await serve(t, '--www', www);
    const context = await launch(t);
    const other = role === 'answerer' ? 'offerer' : 'answerer';
    const page = await open(context, server.url, `?name=page&as=${other}`);
    await state(page, other === 'offerer' ? 'calling' : 'waiting');
    const rill = call(t, server.url, 'rill', '-t', '4', '--as', role, '--signaling', signaling);
    await state(page, 'connected');
    await pageDecodes(page);
    rillDecoded(await rill.summary());
    assert.equal(rill.code, 0, rill.err);
  });
}

for (const role of ['answerer', 'offerer']) {
  test(`rill as ${role} and a page meet on a Node socket.io server`, async (t) => {
    const server = await socketioServer(t, { pingInterval: 500, pingTimeout: 500 });
    const context = await launch(t);
    const other = role === 'answerer' ? 'offerer' : 'answerer';
    const page = await open(context, server.url, `?name=page&as=${other}`);
    await state(page, other === 'offerer' ? 'calling' : 'waiting');
    // auto: /ws is not there, Socket.IO is.
    const rill = call(t, server.url, 'rill', '-t', '4', '--as', role);
    await state(page, 'connected');
    await pageDecodes(page);
    rillDecoded(await rill.summary());
    assert.equal(rill.code, 0, rill.err);
  });
}

test('two rills meet on a Node socket.io server', async (t) => {
  const server = await socketioServer(t);
  const a = call(t, server.url, 'first', '-t', '2', '--as', 'offerer', '--signaling', 'socketio');
  await a.step(9);
  const b = call(t, server.url, 'second', '-t', '2', '--signaling', 'socketio');
  for (const s of await Promise.all([a.summary(), b.summary()])) assert.ok(s.ok, s.failure);
});

test('rill says so when a Socket.IO server refuses it or wants another password', async (t) => {
  const strict = await socketioServer(t);
  strict.io.use((socket, next) => next(new Error('not today')));
  const refused = await call(t, strict.url, 'first', '--signaling', 'socketio').summary();
  assert.equal(refused.ok, false);
  assert.match(refused.failure, /not today/);
  for (const server of [await socketioServer(t), await serve(t, '--password', 'x')]) {
    const s = await call(t, server.url, 'first', '--password', 'wrong', '--signaling', 'socketio').summary();
    assert.equal(s.ok, false);
    assert.match(s.failure, /password/);
  }
});

test('rill keeps to the framing it is told', async (t) => {
  const node = await socketioServer(t);
  const s = await call(t, node.url, 'first', '--signaling', 'ws').summary();
  assert.equal(s.ok, false);
  assert.match(s.failure, /server/);
});
