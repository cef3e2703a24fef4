// `rill serve` over TLS, and `rill call` as its client, as openssl, Node and careless clients meet them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { sleep } from './lib/ice_peer.mjs';
import { call, ownHome, Process, rill, run, serve, tempDir } from './lib/rill.mjs';
import { socketioServer } from './lib/socketio_server.mjs';
import { Raw, WebSocketClient } from './lib/websocket.mjs';

const home = ownHome();
const data = join(home, '.local/share/rill');
const port = (url) => new URL(url).port;
const auto = (t, ...more) => serve(t, '--tls', 'auto', ...more);
const caText = () => readFileSync(join(data, 'ca.crt'));

// A certificate of the local CA for these names, in a folder of its own.
function cert(t, ...names) {
  const dir = tempDir(t);
  const r = run(['cert', '--json', '--out', dir, ...names]);
  assert.equal(r.code, 0, r.err);
  return { dir, crt: join(dir, 'cert.crt'), key: join(dir, 'cert.key'), files: `${join(dir, 'cert.crt')},${join(dir, 'cert.key')}` };
}

function ask(url, options = {}) {
  const request = new URL(url).protocol === 'https:' ? httpsRequest : plainRequest;
  return new Promise((ok, fail) => {
    const r = request(url, { ca: caText(), agent: false, ...options }, (res) => {
      const parts = [];
      res.on('data', (b) => parts.push(b));
      res.on('end', () => ok({ status: res.statusCode, headers: res.headers, body: Buffer.concat(parts).toString('latin1') }));
      res.on('error', fail);
    });
    r.on('error', fail);
    r.end();
  });
}

// The certificate that is shown to a new connection.
function shown(url) {
  return new Promise((ok, fail) => {
    const s = connectTls({ port: port(url), host: '127.0.0.1', rejectUnauthorized: false, servername: 'localhost' }, () => {
      ok(s.getPeerX509Certificate().fingerprint256);
      s.destroy();
    });
    s.on('error', fail);
  });
}

function sClient(url, ...args) {
  const r = spawnSync('openssl', ['s_client', '-connect', `127.0.0.1:${port(url)}`, '-CAfile', join(data, 'ca.crt'), ...args], { input: '', encoding: 'utf8', timeout: 10000 });
  return { code: r.status, out: r.stdout + r.stderr };
}

test('auto makes what is missing and says so; Node trusts it under every URL; next time it is there', async (t) => {
  const server = await auto(t, '--listen', '0.0.0.0:0', '--listen', '[::]:0');
  const made = await server.process.event((e) => e.event === 'certificate');
  assert.deepEqual([made.made, made.ca.made, made.why], [true, true, 'start']);
  assert.equal(made.cert, join(data, 'cert.crt'));
  const x509 = new X509Certificate(readFileSync(made.cert));
  const urls = server.process.events.filter((e) => e.event === 'url');
  assert.ok(urls.length >= 3, 'localhost three times at least');
  for (const { url, network, named } of urls) {
    const { hostname, protocol } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    assert.equal(protocol, 'https:');
    assert.ok(named && (x509.checkHost(host) ?? x509.checkIP(host)), url);
    assert.equal(network, !['localhost', '127.0.0.1', '::1'].includes(host), url);
  }
  assert.equal(server.process.events.find((e) => e.event === 'listening').url, server.url);
  const page = await ask(server.url);
  assert.equal(page.status, 200);
  assert.match(page.body, /<title>rill/);
  const again = await (await auto(t)).process.event((e) => e.event === 'certificate');
  assert.deepEqual([again.made, again.ca.made, again.fingerprint], [false, false, made.fingerprint]);
});

test('a certificate that does not cover this machine is made anew, by the same CA', async (t) => {
  const first = await (await auto(t)).process.event((e) => e.event === 'certificate');
  assert.equal(run(['cert', '--out', data, 'elsewhere.test']).code, 0);
  const server = await auto(t);
  const next = await server.process.event((e) => e.event === 'certificate');
  assert.deepEqual([next.made, next.ca.made, next.ca.fingerprint], [true, false, first.ca.fingerprint]);
  assert.equal((await ask(server.url)).status, 200);
});

test('openssl: TLS 1.2 and http/1.1; nothing older, nothing else', async (t) => {
  const { url } = await auto(t);
  const good = sClient(url, '-alpn', 'h2,http/1.1', '-verify_return_error', '-verify_ip', '127.0.0.1');
  assert.equal(good.code, 0, good.out);
  assert.match(good.out, /Protocol *: TLSv1\.2/);
  assert.match(good.out, /ALPN protocol: http\/1\.1/);
  assert.match(good.out, /Verify return code: 0 \(ok\)/);
  assert.match(good.out, /Secure Renegotiation IS supported/);
  for (const [version, alert] of [['-tls1', /alert protocol version/], ['-tls1_1', /alert protocol version/], ['-tls1_3', /alert handshake failure/]]) {
    const r = sClient(url, version, '-cipher', 'DEFAULT@SECLEVEL=0');
    assert.notEqual(r.code, 0, version);
    assert.match(r.out, alert, version);
  }
  const h2 = sClient(url, '-alpn', 'h2');
  assert.match(h2.out, /no application protocol/i);
  assert.match(sClient(url, '-cipher', 'AES128-SHA@SECLEVEL=0', '-tls1_2').out, /handshake failure/);
});

test('wss: on the same port, from Node; a page of another origin is refused', async (t) => {
  const server = await auto(t);
  const ws = new WebSocket(`wss://127.0.0.1:${port(server.url)}/ws`, { ca: caText(), origin: server.url.slice(0, -1) });
  await new Promise((ok, fail) => ws.on('open', ok).on('error', fail));
  ws.send(JSON.stringify(['auth', { userName: 'ann' }]));
  await server.process.event((e) => e.event === 'join' && e.user === 'ann');
  ws.close();
  await server.process.event((e) => e.event === 'leave' && e.user === 'ann');
  const evil = new WebSocket(`wss://127.0.0.1:${port(server.url)}/ws`, { ca: caText(), origin: 'https://evil.example' });
  assert.match(String(await new Promise((ok) => evil.on('error', ok))), /403/);
});

// --- plain HTTP to the port of HTTPS ----------------------------------------------------------

test('plain HTTP is answered with a hint that names the https URL', async (t) => {
  const server = await auto(t);
  const http = server.url.replace('https', 'http');
  const page = await ask(`${http}call?name=ann&room=%3Cr%3E`);
  assert.equal(page.status, 400);
  assert.match(page.headers['content-type'], /^text\/html/);
  assert.match(page.body, new RegExp(`<a href="${server.url}call\\?name=ann&amp;room=%3Cr%3E">`));
  assert.match(page.body, /\/ca\.crt/);
  assert.equal((await ask(http, { method: 'HEAD' })).body, '');
  const ws = new WebSocket(`${http.replace('http', 'ws')}ws`);
  assert.match(String(await new Promise((ok) => ws.on('error', ok))), /400/);
  for (const host of ['"><script>alert(1)</script>', 'a b', '']) {
    const raw = new Raw(http);
    raw.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await raw.ended;
    const text = raw.bytes.toString('latin1');
    assert.match(text, /^HTTP\/1\.1 400 /);
    assert.doesNotMatch(text, /<script>|<a href="https/);
  }
  const slow = new Raw(http);
  for (const part of ['G', 'ET / HT', `TP/1.1\r\nHost: ${slow.host}\r\n`, '\r\n']) {
    slow.send(part);
    await sleep(20);
  }
  assert.match(await slow.head(), /^HTTP\/1\.1 400 /);
  const endless = new Raw(http);
  endless.send(`GET /${'a'.repeat(9000)}`);
  await endless.ended;
  assert.match(endless.bytes.toString('latin1'), /^HTTP\/1\.1 400 /);
  assert.equal((await ask(server.url)).status, 200);
});

test('/ca.crt is the CA\'s certificate, over https and, for who does not trust it yet, over http; no key', async (t) => {
  const ca = join(tempDir(t), 'ca');
  assert.equal(run(['cert', '--ca', ca, '--out', ca]).code, 0);
  const file = join(ca, 'ca.crt'), key = readFileSync(join(ca, 'ca.key'), 'latin1');
  // A careless bundle: the key lies in the certificate's file, too.
  writeFileSync(file, readFileSync(file, 'latin1') + key);
  const server = await auto(t, '--ca', ca);
  for (const url of [server.url, server.url.replace('https', 'http')]) {
    const r = await ask(`${url}ca.crt`, { ca: readFileSync(file) });
    assert.equal(r.status, 200);
    assert.equal(r.headers['content-type'], 'application/x-x509-ca-cert');
    assert.doesNotMatch(r.body, /PRIVATE/);
    assert.equal(new X509Certificate(r.body).fingerprint256, new X509Certificate(readFileSync(file)).fingerprint256);
    assert.ok(new X509Certificate(r.body).ca);
  }
  for (const path of ['ca.key', 'cert.key', 'cert.crt'])
    assert.equal((await ask(server.url + path, { ca: readFileSync(file) })).status, 404, path);
});

// The ClientHello of Node, as a server sees it.
function firstBytes() {
  return new Promise((ok) => {
    const server = createServer((s) => s.once('data', (b) => {
      ok(b);
      s.destroy();
      server.close();
    }));
    server.listen(0, '127.0.0.1', () => connectTls({ port: server.address().port, host: '127.0.0.1' }).on('error', () => {}));
  });
}

// --- the slow, the rude and the many ----------------------------------------------------------

test('silence, half a handshake, garbage and half-closed connections end in time and disturb nobody', async (t) => {
  const server = await auto(t);
  const http = server.url.replace('https', 'http');
  Raw.ca = caText();
  const ann = await WebSocketClient.open(t, server.url);
  ann.say('auth', { userName: 'ann' });
  const hello = await firstBytes();
  const open = (bytes) => {
    const c = new Raw(http);
    t.after(() => c.close());
    if (bytes) c.send(bytes);
    return c;
  };
  const crowd = [];
  for (let i = 0; i < 60; i++) crowd.push(open(), open(hello.subarray(0, 1 + i)));
  const garbage = [Buffer.from([0, 1, 2]), Buffer.from('\x16\x03\x01\xff\xff', 'latin1'), Buffer.alloc(20000, 0x16), Buffer.from('SSH-2.0-x\r\n'), Buffer.from('\r\n'), Buffer.from([0x80, 0x2e, 1, 0, 2])];
  for (const bytes of garbage) crowd.push(open(bytes));
  const half = connect({ port: port(server.url), host: '127.0.0.1', allowHalfOpen: true });
  half.end(hello);
  half.on('error', () => {});
  half.resume();
  const before = Date.now();
  const trickle = open();
  const drops = setInterval((at) => trickle.send(hello.subarray(at.n, ++at.n)), 200, { n: 0 });
  trickle.ended.then(() => clearInterval(drops));
  crowd.push(trickle);
  for (let i = 0; i < 5; i++) assert.equal((await ask(server.url)).status, 200);
  await Promise.all(crowd.map((c) => c.ended));
  assert.ok(Date.now() - before < 30000, 'all are gone');
  const memory = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.process.child.pid}/status`, 'latin1'));
  assert.ok(Number(memory[1]) < 256 * 1024, `${memory[1]} kB`);
  ann.say('newOffer', { type: 'offer', sdp: 'v=0\r\n' });
  await server.process.event((e) => e.event === 'newOffer' && e.user === 'ann');
});

test('more TLS connections than there is room for: those inside go on, and places come free', async (t) => {
  const server = await auto(t, '--connections', '20');
  Raw.ca = caText();
  const ann = await WebSocketClient.open(t, server.url);
  ann.say('auth', { userName: 'ann' });
  const crowd = Array.from({ length: 60 }, () => new Raw(server.url.replace('https', 'http')));
  for (let i = 0; i < 100 && crowd.filter((c) => c.over).length < 41; i++) await sleep(50);
  assert.equal(crowd.filter((c) => c.over).length, 41);
  ann.say('newOffer', { type: 'offer', sdp: 'v=0\r\n' });
  await server.process.event((e) => e.event === 'newOffer');
  await Promise.all(crowd.map((c) => c.close()));
  for (let i = 0; ; i++) {
    const r = await ask(server.url).catch(() => null);
    if (r) break;
    assert.ok(i < 50, 'a place comes free');
    await sleep(50);
  }
});

// --- signals ----------------------------------------------------------------------------------

test('SIGHUP takes a new certificate while a WebSocket stays; a bad one changes nothing', async (t) => {
  const mine = cert(t, 'localhost', '127.0.0.1');
  const server = await serve(t, '--tls', mine.files);
  Raw.ca = caText();
  const reloaded = (n) => server.process.event((e) => e.event === 'certificate' && e.why === 'reload' && server.process.events.filter((x) => x.why === 'reload').length >= n);
  const ann = await WebSocketClient.open(t, server.url);
  ann.say('auth', { userName: 'ann' });
  const first = await shown(server.url);
  const other = cert(t, 'localhost', '127.0.0.1');
  copyFileSync(other.key, mine.key);
  copyFileSync(other.crt, mine.crt);
  server.process.child.kill('SIGHUP');
  const said = await reloaded(1);
  const second = await shown(server.url);
  assert.notEqual(second, first);
  assert.equal(said.fingerprint, second);
  writeFileSync(mine.crt, 'no certificate');
  server.process.child.kill('SIGHUP');
  await server.process.event((e) => e.event === 'certificate_kept');
  assert.equal(await shown(server.url), second);
  copyFileSync(cert(t, 'localhost').crt, mine.crt); // not of this key
  server.process.child.kill('SIGHUP');
  for (let i = 0; i < 100 && server.process.events.filter((e) => e.event === 'certificate_kept').length < 2; i++) await sleep(20);
  assert.equal(server.process.events.filter((e) => e.event === 'certificate_kept').length, 2);
  assert.match(server.process.err, /does not belong to the certificate/);
  assert.equal(await shown(server.url), second);
  ann.say('newOffer', { type: 'offer', sdp: 'v=0\r\n' });
  await server.process.event((e) => e.event === 'newOffer' && e.user === 'ann');
});

test('auto takes the certificate that lies in the current directory, and lets go of it when it is taken away', async (t) => {
  const [crt, key] = [join(home, 'cert.crt'), join(home, 'cert.key')];
  t.after(() => [crt, key].forEach((f) => rmSync(f, { force: true })));
  assert.equal(run(['cert', 'localhost', '127.0.0.1']).code, 0);
  const server = await auto(t, '--listen', '0.0.0.0:0');
  const mine = new X509Certificate(readFileSync(crt)).fingerprint256;
  assert.equal((await server.process.event((e) => e.event === 'certificate')).cert, './cert.crt');
  assert.equal(await shown(server.url), mine);
  assert.ok(server.process.events.filter((e) => e.event === 'url' && e.network).every((e) => !e.named), 'it names no address of the network');
  writeFileSync(crt, 'no certificate');
  server.process.child.kill('SIGHUP');
  await server.process.event((e) => e.event === 'certificate_kept');
  assert.equal(await shown(server.url), mine);
  rmSync(crt);
  server.process.child.kill('SIGHUP');
  assert.equal((await server.process.event((e) => e.why === 'reload')).cert, join(data, 'cert.crt'));
  assert.notEqual(await shown(server.url), mine);
});

test('SIGTERM: WebSockets are told 1001, a file on its way arrives whole, nobody new is let in, and it exits 0', async (t) => {
  const www = tempDir(t);
  writeFileSync(join(www, 'large.bin'), Buffer.alloc(8 << 20, 7));
  const server = await auto(t, '--www', www);
  Raw.ca = caText();
  const ann = await WebSocketClient.open(t, server.url);
  const large = new Raw(server.url);
  large.send(`GET /large.bin HTTP/1.1\r\nHost: ${large.host}\r\n\r\n`);
  await large.until(() => large.bytes.length > 0 || undefined);
  large.socket.pause();
  await sleep(100);
  server.process.child.kill('SIGTERM');
  assert.equal(await ann.closed(), 1001);
  await assert.rejects(ask(server.url));
  large.socket.resume();
  await large.ended;
  const head = large.bytes.indexOf('\r\n\r\n') + 4;
  assert.equal(large.bytes.length - head, 8 << 20);
  await server.process.ended;
  assert.equal(server.process.code, 0, server.process.err);
});

test('SIGTERM: who reads nothing and answers nothing does not hold it up', async (t) => {
  const server = await auto(t);
  Raw.ca = caText();
  const deaf = await WebSocketClient.open(t, server.url);
  deaf.socket.pause();
  const silent = new Raw(server.url.replace('https', 'http'));
  silent.send('\x16');
  const before = Date.now();
  await server.process.stop('SIGTERM');
  assert.equal(server.process.code, 0);
  assert.ok(Date.now() - before < 20000);
});

// --- what is printed --------------------------------------------------------------------------

test('a QR code is for a terminal alone, with and without colours, and says the URL of a phone', async (t) => {
  const urls = [];
  for (const env of [{ LANG: 'C.UTF-8' }, { LANG: 'C.UTF-8', NO_COLOR: '1' }, { LANG: 'C' }]) {
    const r = spawnSync('timeout', ['-s', 'INT', '2', 'script', '-qec', `${rill} serve --listen 0.0.0.0:0 --stun-port 0`, '/dev/null'],
      { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: home, TERM: 'xterm', ...env }, timeout: 20000 });
    const lines = r.stdout.replaceAll('\r', '').split('\n');
    const url = /https:\/\/\d\S+/.exec(lines.find((l) => /^ +https:\/\/\d/.test(l)) ?? '')?.[0];
    if (!url) return t.skip('this machine has no address but loopback');
    const colour = !('NO_COLOR' in env);
    assert.equal(/\x1b\[/.test(r.stdout), colour);
    urls.push([url, scan(t, lines, env.LANG !== 'C', colour)]);
  }
  for (const [url, read] of urls) assert.equal(read, url);
  const plain = run(['serve', '--help']);
  assert.doesNotMatch(plain.out, /\u2588/);
});

// The picture that the lines draw, read by zbar.
function scan(t, lines, utf8, colour) {
  const code = lines.map((l) => l.replace(/\x1b\[[\d;]*m/g, '')).filter((l) => /^[ \u2580\u2584\u2588#]{29,}$/.test(l) && l.trim() !== '' || (colour && /^ {29,}$/.test(l)));
  const rows = code.flatMap((l) => {
    const dots = utf8 ? [...l] : l.match(/../g).map((d) => d[0]);
    if (!utf8) return [dots.map((d) => d === '#')];
    return [dots.map((d) => d === '\u2580' || d === '\u2588'), dots.map((d) => d === '\u2584' || d === '\u2588')];
  });
  const scale = 4, width = rows[0].length;
  const pixels = Buffer.alloc(width * scale * rows.length * scale);
  for (let y = 0; y < rows.length * scale; y++)
    for (let x = 0; x < width * scale; x++)
      pixels[y * width * scale + x] = rows[Math.floor(y / scale)][Math.floor(x / scale)] === colour ? 0 : 255;
  const file = join(tempDir(t), 'qr.pgm');
  writeFileSync(file, Buffer.concat([Buffer.from(`P5\n${width * scale} ${rows.length * scale}\n255\n`), pixels]));
  const r = spawnSync('zbarimg', ['-q', '--raw', file], { encoding: 'utf8' });
  return r.stdout.trim();
}

// --- rill call --------------------------------------------------------------------------------

// One side of a call that fails before it is one; gives why.
async function fails(t, url, ...options) {
  const p = new Process(t, ['call', '--json', '--as', 'answerer', '--timeout', '20', ...options, url]);
  const s = await p.summary();
  assert.equal(p.code, 1);
  return { why: s.failure, err: p.err };
}

test('rill call says why it does not believe a server, and what to do', async (t) => {
  const stranger = join(tempDir(t), 'ca');
  assert.equal(run(['cert', '--ca', stranger, '--out', stranger, 'localhost', '127.0.0.1']).code, 0);
  const unknown = await serve(t, '--tls', `${stranger}/cert.crt,${stranger}/cert.key`);
  assert.match((await fails(t, unknown.url)).why, /no trusted CA.*--ca/);
  const other = await serve(t, '--tls', cert(t, 'elsewhere.test').files);
  assert.match((await fails(t, other.url)).why, /for other names.*rill cert/);
  const plain = await serve(t);
  assert.match((await fails(t, plain.url.replace('http', 'https'))).why, /http:\/\//);
  assert.match((await fails(t, unknown.url.replace('https', 'http'))).why, /https:\/\//);
  assert.match((await fails(t, 'https://127.0.0.1:9/')).why, /is it running/);
  assert.match((await fails(t, unknown.url, '--ca', '/nowhere')).why, /--ca/);
  assert.match((await fails(t, unknown.url, '--ca', join(stranger, 'ca.key'))).why, /--ca/);
  const named = await fails(t, unknown.url, '--ca', join(stranger, 'ca.crt'), '--timeout', '1');
  assert.match(named.why, /nobody answered/);
  const anybody = await fails(t, unknown.url, '--insecure', '--timeout', '1');
  assert.match(anybody.why, /nobody answered/);
  assert.match(anybody.err, /--insecure/);
});

test('two rills call each other over https: and wss:, with rill\'s own CA', async (t) => {
  const server = await auto(t);
  const localhost = { ...server, url: `wss://localhost:${port(server.url)}/ws` };
  const a = call(t, server, 'first', '-t', '1', '--as', 'offerer');
  await a.step(9);
  const b = call(t, localhost, 'second', '-t', '1');
  for (const s of await Promise.all([a.summary(), b.summary()])) assert.ok(s.ok, s.failure);
});

test('two rills meet on Node\'s https and socket.io with a certificate of mkcert', async (t) => {
  const root = join(home, '.local/share/mkcert');
  mkdirSync(root);
  // As mkcert makes it: RSA, with its key in PKCS#8.
  const r = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/O=mkcert development CA/CN=mkcert', '-addext', 'keyUsage=critical,keyCertSign',
    '-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0', '-keyout', join(root, 'rootCA-key.pem'), '-out', join(root, 'rootCA.pem')], { encoding: 'utf8' });
  assert.equal(r.status, 0, r.stderr);
  const mine = cert(t, 'localhost', '127.0.0.1');
  const node = await socketioServer(t, {}, { cert: readFileSync(mine.crt), key: readFileSync(mine.key) });
  assert.match(node.url, /^https:/);
  const start = (name, ...more) => new Process(t, ['call', '--json', '--ice-loopback', '--name', name, '--timeout', '40', '-t', '1', ...more, node.url]);
  const a = start('first', '--as', 'offerer', '--signaling', 'socketio');
  await a.step(9);
  const b = start('second'); // auto: the WebSocket fails first, then Socket.IO is tried
  for (const s of await Promise.all([a.summary(), b.summary()])) assert.ok(s.ok, s.failure);
  // And rill's own CA is believed beside it.
  const own = await serve(t, '--tls', `${join(data, 'cert.crt')},${join(data, 'cert.key')}`);
  assert.match((await fails(t, own.url, '--timeout', '1')).why, /nobody answered/);
});
