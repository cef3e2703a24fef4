// `rill serve` as whoever runs it sees it: health, metrics, the access log, draining, who is let in;
// and that no bad client is felt by two who make a call.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { launch, open, state } from './lib/browser.mjs';
import { sleep } from './lib/ice_peer.mjs';
import { call, Process, root, run, serve, tempDir } from './lib/rill.mjs';
import { BINARY, CLOSE, CONTINUATION, frame, PING, Raw, TEXT, WebSocketClient } from './lib/websocket.mjs';

async function metrics(server) {
  const r = await fetch(`${server.url}metrics`);
  assert.equal(r.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const all = new Map();
  for (const line of (await r.text()).trimEnd().split('\n')) {
    if (line.startsWith('# ')) continue;
    const m = /^([a-z_]+(?:\{[a-z]+="[^"\\]*"(?:,[a-z]+="[^"\\]*")*\})?) (\d+)$/.exec(line);
    assert.ok(m && !all.has(m[1]), line);
    all.set(m[1], Number(m[2]));
  }
  return all;
}

const joined = async (t, server, userName, more = {}) => {
  const ws = await WebSocketClient.open(t, server.url);
  ws.say('auth', { userName, ...more });
  await server.process.event((e) => e.event === 'join' && e.user === userName);
  return ws;
};

test('health and metrics tell what is there', async (t) => {
  const server = await serve(t);
  assert.equal(await (await fetch(`${server.url}healthz`)).text(), 'ok\n');
  await joined(t, server, 'ann', { room: 'r' });
  const socket = io(server.url, { auth: { userName: 'bob', room: 'r' }, transports: ['websocket'] });
  t.after(() => socket.disconnect());
  await server.process.event((e) => e.event === 'join' && e.user === 'bob');
  const m = await metrics(server);
  assert.equal(m.get('rill_members'), 2);
  assert.equal(m.get('rill_rooms'), 1);
  assert.equal(m.get('rill_connections{kind="websocket"}'), 1);
  assert.equal(m.get('rill_connections{kind="session"}'), 1);
  assert.equal(m.get('rill_sessions{transport="websocket"}'), 1);
  assert.equal(m.get('rill_messages_total{direction="in",event="auth"}'), 2);
  assert.ok(m.get('rill_received_bytes_total') > 300 && m.get('rill_sent_bytes_total') > 300);
  const off = await serve(t, '--metrics', 'off');
  assert.equal((await fetch(`${off.url}metrics`)).status, 404);
});

test('the access log: a line each, no secrets, begun anew after SIGHUP', async (t) => {
  const file = join(tempDir(t), 'access.log');
  const server = await serve(t, '--access-log', file, '--password', 'sesame');
  const lines = () => readFileSync(file, 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l));
  const has = async (test) => {
    for (const until = Date.now() + 5000; Date.now() < until; await sleep(20)) {
      const found = lines().find(test);
      if (found) return found;
    }
    return assert.fail(readFileSync(file, 'utf8'));
  };
  await fetch(`${server.url}?password=sesame`, { headers: { 'User-Agent': 'a "browser"\tof mine' } });
  const page = await has((l) => l.path === '/');
  assert.deepEqual([page.kind, page.method, page.status, page.remote, page.agent], ['request', 'GET', 200, '127.0.0.1', 'a "browser"\tof mine']);
  assert.match(page.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(page.bytes > 1000 && page.duration >= 0);
  const ann = await joined(t, server, 'ann', { password: 'sesame' });
  await ann.close();
  assert.equal((await has((l) => l.kind === 'websocket')).status, 101);
  const socket = io(server.url, { auth: { userName: 'bob', password: 'sesame' } });
  await server.process.event((e) => e.event === 'join' && e.user === 'bob');
  socket.disconnect();
  const session = await has((l) => l.kind === 'session');
  assert.equal(session.path, '/socket.io/');
  assert.ok(!readFileSync(file, 'utf8').includes('sesame'));
  renameSync(file, `${file}.1`);
  server.process.child.kill('SIGHUP');
  for (const until = Date.now() + 5000; Date.now() < until; await sleep(20)) {
    await fetch(`${server.url}healthz`);
    try {
      if (lines().some((l) => l.path === '/healthz')) break;
    } catch {
      continue;
    }
  }
  assert.ok(lines().some((l) => l.path === '/healthz'));
  const text = new Process(t, ['serve', '--listen', '127.0.0.1:0', '--tls', 'off', '--stun-port', 'off', '--access-log', '/nowhere/log']);
  assert.equal(await text.ended, 1);
  assert.match(text.err, /access log \/nowhere\/log/);
});

test('--trace keeps what the server decides, and --explain tells it', async (t) => {
  const file = join(tempDir(t), 'serve.sqlog');
  const server = await serve(t, '--trace', file, '--explain', '--password', 'sesame');
  const ann = await joined(t, server, 'ann', { password: 'sesame' });
  await ann.close();
  const names = () => run(['trace', 'dump', '--json', file]).out.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
  let events = [];
  for (const until = Date.now() + 10000; Date.now() < until && !events.some((e) => e.name === 'signaling:said'); await sleep(50))
    events = names();
  for (const name of ['accepted', 'upgraded', 'said'])
    assert.ok(events.some((e) => e.name === `signaling:${name}`), name);
  assert.match(events.find((e) => e.name === 'signaling:said').summary, /a client said something: .*event auth/);
  assert.ok(!readFileSync(file, 'utf8').includes('sesame'));
  assert.match(server.process.err, /signaling a client said something/);
  const wrong = new Process(t, ['serve', '--listen', '127.0.0.1:0', '--tls', 'off', '--stun-port', 'off', '--trace', '/nowhere/x.sqlog']);
  assert.equal(await wrong.ended, 1);
  assert.match(wrong.err, /--trace/);
});

test('SIGTERM with --drain: nobody new, those who are there go on, then the end', async (t) => {
  const server = await serve(t, '--drain', '60');
  const [ann, bob] = [await joined(t, server, 'ann'), await joined(t, server, 'bob')];
  server.process.child.kill('SIGTERM');
  let health;
  for (const until = Date.now() + 5000; Date.now() < until && health?.status !== 503; await sleep(20))
    health = await fetch(`${server.url}healthz`);
  assert.deepEqual([health.status, await health.text()], [503, 'draining\n']);
  assert.match((await WebSocketClient.open(t, server.url)).answer, /^HTTP\/1\.1 503 /);
  ann.say('newOffer', { type: 'offer', sdp: 'v=0\r\n' });
  assert.equal((await bob.event('newOfferAwaiting'))[1][0].offererUserName, 'ann');
  await ann.close();
  await bob.close();
  assert.equal(await server.process.ended, 0);
});

test('so many connections of one address, and not one more', async (t) => {
  const server = await serve(t, '--connections-per-address', '3', '--grace', '0');
  const here = [await joined(t, server, 'ann'), await joined(t, server, 'bob'), await joined(t, server, 'cid')];
  const more = new Raw(server.url);
  await more.ended;
  assert.equal(more.bytes.length, 0);
  await here[0].close();
  await server.process.event((e) => e.event === 'leave');
  await joined(t, server, 'dan');
});

test('--allow-origin: a page of that host may, in Chromium; a page of another may not', async (t) => {
  const www = createServer((_, res) => res.setHeader('Content-Type', 'text/html').end('<title>elsewhere</title>'));
  await new Promise((ok) => www.listen(0, '127.0.0.1', ok));
  t.after(() => www.close());
  const origin = `http://127.0.0.1:${www.address().port}`;
  const allowing = await serve(t, '--allow-origin', 'https://another.example', '--allow-origin', origin);
  const closed = await serve(t, '--allow-origin', 'https://another.example');
  const context = await launch(t);
  const page = await context.newPage();
  await page.goto(origin);
  const tries = (url) => page.evaluate(async (url) => {
    const ws = new WebSocket(`${url.replace('http', 'ws')}ws`);
    const opened = await new Promise((ok) => ((ws.onopen = () => ok(true)), (ws.onerror = () => ok(false))));
    const poll = `${url}socket.io/?EIO=4&transport=polling`;
    const simple = await fetch(poll).then((r) => r.text(), () => 'refused');
    const asked = await fetch(poll, { headers: { 'X-Mine': '1' } }).then((r) => r.text(), () => 'refused');
    return [opened, simple.slice(0, 8), asked.slice(0, 8)];
  }, url);
  assert.deepEqual(await tries(allowing.url), [true, '0{"sid":', '0{"sid":']);
  assert.deepEqual(await tries(closed.url), [false, 'refused', 'refused']);
  for (const wrong of ['another.example', 'https://a.example/', 'https://', 'ftp://a', 'https://A.example', 'https://a.example/x', 'https://a b', '*', 'null'])
    assert.equal(run(['serve', '--allow-origin', wrong]).code, 2, wrong);
});

test('the page obeys its own policy: Chromium reports no violation through a whole call', async (t) => {
  const server = await serve(t);
  const context = await launch(t);
  await context.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (e) => window.violations.push(`${e.effectiveDirective} ${e.blockedURI}`));
  });
  const ann = await open(context, server, 'ann');
  await ann.click('#call');
  await state(ann, 'calling');
  const bob = await open(context, server, 'bob');
  await bob.bringToFront();
  await bob.click('#answer:enabled');
  await Promise.all([state(ann, 'connected'), state(bob, 'connected')]);
  for (const page of [ann, bob]) {
    assert.deepEqual(await page.evaluate(() => window.violations), []);
    assert.ok(!page.said.some((s) => /Content Security Policy/.test(s)), page.said.join('\n'));
  }
  // The reporter works, and the policy holds.
  const reports = await ann.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.head.append(script);
    document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x.png' }));
    await fetch('http://127.0.0.1:9/').catch(() => {});
    await new Promise((ok) => setTimeout(ok, 200));
    return [window.injected, window.violations.map((v) => v.split(' ')[0]).sort()];
  });
  assert.deepEqual(reports, [null, ['connect-src', 'img-src', 'script-src-elem']].map((x) => x ?? undefined));
});

test('no link leads out of the folder', async (t) => {
  const [www, secret] = [tempDir(t), tempDir(t)];
  writeFileSync(join(secret, 'file.txt'), 'secret');
  writeFileSync(join(www, 'index.html'), 'page');
  mkdirSync(join(www, 'sub'));
  writeFileSync(join(www, 'sub', 'ok.txt'), 'fine');
  symlinkSync(join(secret, 'file.txt'), join(www, 'link.txt'));
  symlinkSync(secret, join(www, 'folder'));
  symlinkSync('../..', join(www, 'sub', 'up'));
  symlinkSync('index.html', join(www, 'inside.html'));
  const server = await serve(t, '--www', www);
  for (const [path, status] of [['', 200], ['sub/ok.txt', 200], ['link.txt', 404], ['folder/file.txt', 404], ['sub/up/etc/passwd', 404], ['inside.html', 404], ['sub', 404], ['sub/', 404]])
    assert.equal((await fetch(server.url + path)).status, status, path);
});

// --- one against all ---------------------------------------------------------------------------

const get = (target, more = '') => `GET ${target} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;
const auth = (userName, room) => frame(TEXT, JSON.stringify(['auth', { userName, room }]));

// Each is a way to be bad; it gets a connection and does it once.
const villains = {
  'says nothing': () => {},
  'drips a head': async (c) => {
    for (let i = 0; i < 20 && !c.over; i++) {
      c.send('GET / HTTP/1.1\r\nX: y'[i % 20]);
      await sleep(50);
    }
  },
  'sends noise': (c) => c.send(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 197 + (i >> 3)) & 255))),
  'pipelines without reading': (c) => c.socket.pause() && c.send(get('/').repeat(2000)),
  'claims a body that never comes': (c) => c.send('POST /socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n4'),
  'smuggles': (c) => c.send(get('/', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n') + '0\r\n\r\n' + get('/metrics')),
  'opens sessions and leaves them': (c) => c.send(get('/socket.io/?EIO=4&transport=polling').repeat(20)),
  'resets': (c) => c.send(get('/')) && c.socket.resetAndDestroy(),
};

// The same over a WebSocket that is open, in the room of the call or not.
const speakers = {
  'sends nothing': () => {},
  'breaks a frame': (c) => c.send(frame(TEXT, 'x', { masked: false })),
  'claims a terabyte': (c) => c.send(Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
  'sends bytes': (c) => c.send(frame(BINARY, 'abc')),
  'never ends a message': (c) => {
    c.send(frame(TEXT, 'x', { fin: false }));
    for (let i = 0; i < 300; i++) c.send(frame(CONTINUATION, 'y'.repeat(400), { fin: false }));
  },
  'nests': (c) => c.send(frame(TEXT, '['.repeat(100000))),
  'floods': (c) => {
    c.send(auth('flood', 'evil'));
    for (let i = 0; i < 2000; i++) c.send(frame(TEXT, '["newOffer",{"type":"offer","sdp":"v=0"}]'));
  },
  'answers what is not his': (c) => {
    c.send(auth('thief', 'good'));
    c.send(frame(TEXT, JSON.stringify(['newAnswer', { offererUserName: 'nobody', answer: { type: 'answer', sdp: 'v=0' } }])));
    c.send(frame(TEXT, JSON.stringify(['sendIceCandidateToSignalingServer', { iceCandidate: { candidate: 'x' }, iceUserName: 'ann', didIOffer: true }])));
  },
  'pings without end': (c) => c.socket.pause() && c.send(Buffer.concat(Array.from({ length: 3000 }, () => frame(PING, 'x'.repeat(125))))),
  'says goodbye wrongly': (c) => c.send(frame(CLOSE, Buffer.from([0x03]))),
  'reads nothing': (c) => c.socket.pause() && c.send(auth('deaf', 'good')),
};

test('bad clients of every kind, and two who do not feel it', async (t) => {
  const server = await serve(t, '--echo');
  let over = false;
  t.after(() => (over = true));
  const crowd = [];
  const act = async (makes, does) => {
    while (!over) {
      const c = await makes();
      c.socket.on('error', () => {});
      crowd.push(c);
      await does(c);
      await sleep(100);
      if (crowd.length > 150) await crowd.shift().close();
    }
  };
  const raw = () => new Raw(server.url);
  const ws = () => WebSocketClient.open(t, server.url).catch(raw);
  const all = [...Object.values(villains).map((v) => act(raw, v)), ...Object.values(speakers).map((s) => act(ws, s))];
  // Two who speak through the server all the time, over either framing.
  const ann = await joined(t, server, 'ann', { room: 'good' });
  const bob = io(server.url, { auth: { userName: 'bob', room: 'good' }, reconnection: false });
  await server.process.event((e) => e.event === 'join' && e.user === 'bob');
  ann.say('newOffer', { type: 'offer', sdp: 'v=0\r\na=ice-ufrag:u\r\n' });
  const [offers] = await new Promise((ok) => bob.once('newOfferAwaiting', (...a) => ok(a)));
  await bob.timeout(10000).emitWithAck('newAnswer', { ...offers[0], answer: { type: 'answer', sdp: 'v=0\r\n' } });
  await ann.event('answerResponse', 10000);
  for (let i = 0; i < 40; i++) {
    const heard = new Promise((ok) => bob.once('receivedIceCandidateFromServer', ok));
    ann.say('sendIceCandidateToSignalingServer', { iceCandidate: { candidate: `c${i}` }, iceUserName: 'ann', didIOffer: true });
    assert.equal((await heard).candidate, `c${i}`);
    await sleep(25);
  }
  // And a whole call among them, with its media.
  const room = { ...server, url: `${server.url}?room=call` };
  const callers = [['carol', 'offerer'], ['dave', 'answerer']].map(([name, as]) => call(t, room, name, '--as', as, '-t', '2'));
  const ends = await Promise.all(callers.map((p) => p.event((e) => e.event === 'summary', 60000)));
  over = true;
  await Promise.all(all);
  for (const summary of ends) assert.ok(summary.ok, summary.failure);
  assert.ok(bob.connected);
  bob.disconnect();
  const m = await metrics(server);
  for (const [limit, least] of [['rate', 10], ['message', 1], ['head', 1]])
    assert.ok(m.get(`rill_limit_hits_total{limit="${limit}"}`) >= least, limit);
  await Promise.all(crowd.map((c) => c.close()));
});

// --- Engine.IO and Socket.IO, where the clients' own ways matter -----------------------------------

test('a server that is stopped and started again is found again', async (t) => {
  const first = await serve(t, '--echo');
  const port = new URL(first.url).port;
  const socket = io(first.url, { reconnectionDelay: 100, reconnectionDelayMax: 200, auth: { n: 1 } });
  t.after(() => socket.disconnect());
  await new Promise((ok) => socket.once('connect', ok));
  const before = socket.id;
  const gone = new Promise((ok) => socket.once('disconnect', ok));
  await first.process.stop();
  assert.match(await gone, /transport (close|error)/);
  const got = [];
  socket.on('message-back', (x) => got.push(x));
  socket.emit('message', 'kept');
  const again = new Promise((ok) => socket.once('connect', ok));
  await serve(t, '--echo', '--listen', `127.0.0.1:${port}`);
  await again;
  assert.notEqual(socket.id, before);
  assert.equal(await socket.timeout(5000).emitWithAck('message-with-ack', 1), 1);
  assert.deepEqual(got, ['kept']);
});

test('a volatile event before the connection is lost, another waits for it', async (t) => {
  const server = await serve(t, '--echo');
  const socket = io(server.url);
  t.after(() => socket.disconnect());
  const got = [];
  socket.on('message-back', (x) => got.push(x));
  socket.volatile.emit('message', 'lost');
  socket.emit('message', 'kept');
  await socket.timeout(5000).emitWithAck('message-with-ack', 1);
  socket.volatile.emit('message', 'now');
  await socket.timeout(5000).emitWithAck('message-with-ack', 2);
  assert.deepEqual(got, ['kept', 'now']);
});

test('an acknowledgement that does not come in time fails at the client, and nothing else', async (t) => {
  const server = await serve(t, '--echo');
  const socket = io(server.url);
  t.after(() => socket.disconnect());
  // No event of this name is acknowledged before its time: the timer is shorter than any way there.
  await assert.rejects(socket.timeout(0).emitWithAck('message-with-ack', 1));
  assert.equal(await socket.timeout(5000).emitWithAck('message-with-ack', 2), 2);
});

test('a hundred sessions at once, each hears itself alone', async (t) => {
  const server = await serve(t, '--echo');
  const sockets = Array.from({ length: 100 }, (_, i) => io(server.url, { forceNew: true, auth: { i }, transports: i % 3 ? (i % 3 > 1 ? ['polling'] : ['websocket']) : ['polling', 'websocket'] }));
  t.after(() => sockets.forEach((s) => s.disconnect()));
  const acks = await Promise.all(sockets.map((s, i) => s.timeout(20000).emitWithAck('message-with-ack', i, Buffer.from([i]))));
  assert.deepEqual(acks, sockets.map((_, i) => i));
  assert.equal(new Set(sockets.map((s) => s.id)).size, 100);
});

test('a WebSocket that asks wrongly for a session is closed', async (t) => {
  const server = await serve(t, '--echo');
  const url = `${server.url.replace('http', 'ws')}socket.io/`;
  for (const query of ['?transport=websocket', '?EIO=4', '?EIO=abc&transport=websocket', '?EIO=4&transport=abc', '?EIO=4&transport=websocket&sid=nobody']) {
    const ws = new WebSocket(url + query);
    const how = await new Promise((ok) => ((ws.onopen = () => ok('open')), (ws.onerror = () => ok('refused'))));
    assert.equal(how, 'refused', query);
  }
});
