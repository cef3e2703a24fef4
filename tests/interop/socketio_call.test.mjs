// Calls whose signaling is Socket.IO: pages with socket.io-client, rill as its client, and Node's own
// socket.io server. A call counts when both ends have decoded.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { inbound, launch, state } from './lib/browser.mjs';
import { Process, root, serve } from './lib/rill.mjs';
import { shared } from './lib/shared.mjs';
import { socketioServer } from './lib/socketio_server.mjs';

const www = join(root, 'tests/interop/www');

const browser = shared(launch);

async function open(t, url, query) {
  const page = await (await browser()).newPage();
  t.after(() => page.close());
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

async function rillDecodes(rill) {
  const summary = await rill.receives((picture, sound) => picture.decoded > 20 && sound.samples > 48000);
  assert.ok(summary.ok, summary.failure);
  assert.equal(summary.received.find((s) => s.kind === 'video').decode_errors, 0);
  assert.equal(rill.code, 0, rill.err);
}

for (const transport of ['', 'polling', 'websocket']) {
  test(`two pages with socket.io-client meet on rill serve: ${transport || 'polling, then websocket'}`, async (t) => {
    const server = await serve(t, '--www', www, '--password', 'x', '--grace', '200');
    const more = `&password=x${transport && `&transport=${transport}`}`;
    const ann = await open(t, server.url, `?name=ann&as=offerer${more}`);
    await state(ann, 'calling');
    const bob = await open(t, server.url, `?name=bob&as=answerer${more}`);
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
  const page = await open(t, server.url, '?name=ann&as=answerer&password=wrong');
  await state(page, 'disconnected: io server disconnect');
});

for (const [signaling, role] of [['ws', 'answerer'], ['socketio', 'answerer'], ['socketio', 'offerer']]) {
  test(`rill as ${role} over ${signaling} and a page with socket.io-client meet on rill serve`, async (t) => {
    const server = await serve(t, '--www', www);
    const other = role === 'answerer' ? 'offerer' : 'answerer';
    const page = await open(t, server.url, `?name=page&as=${other}`);
    await state(page, other === 'offerer' ? 'calling' : 'waiting');
    const rill = call(t, server.url, 'rill', '--changes', '--as', role, '--signaling', signaling);
    await state(page, 'connected');
    await pageDecodes(page);
    await rillDecodes(rill);
  });
}

for (const role of ['answerer', 'offerer']) {
  test(`rill as ${role} and a page meet on a Node socket.io server`, async (t) => {
    const server = await socketioServer(t, { pingInterval: 500, pingTimeout: 500 });
    const other = role === 'answerer' ? 'offerer' : 'answerer';
    const page = await open(t, server.url, `?name=page&as=${other}`);
    await state(page, other === 'offerer' ? 'calling' : 'waiting');
    // auto: /ws is not there, Socket.IO is.
    const rill = call(t, server.url, 'rill', '--changes', '--as', role);
    await state(page, 'connected');
    await pageDecodes(page);
    await rillDecodes(rill);
  });
}

test('two rills meet on a Node socket.io server', async (t) => {
  const server = await socketioServer(t);
  const a = call(t, server.url, 'first', '-t', '1', '--as', 'offerer', '--signaling', 'socketio');
  await a.step(9);
  const b = call(t, server.url, 'second', '-t', '1', '--signaling', 'socketio');
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
