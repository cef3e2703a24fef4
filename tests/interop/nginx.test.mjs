// nginx in front of rill serve, as docs/https.md configures it: the very text of that file.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { sleep } from './lib/ice_peer.mjs';
import { call, ownHome, root, run, serve, tempDir } from './lib/rill.mjs';

const nginx = process.env.NGINX ?? '/usr/sbin/nginx';
const home = ownHome();

function freePort() {
  return new Promise((ok) => {
    const s = createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => ok(port));
    });
  });
}

async function front(t, server) {
  const dir = tempDir(t), port = await freePort();
  assert.equal(run(['cert', '--out', dir]).code, 0);
  const stanza = /```nginx\n([^]*?)```/.exec(readFileSync(join(root, 'docs/https.md'), 'utf8'))[1]
    .replace('listen 443', `listen 127.0.0.1:${port}`).replace('rill.example;', 'localhost;')
    .replace(/\/etc\/\S*fullchain\.pem/, join(dir, 'cert.crt')).replace(/\/etc\/\S*privkey\.pem/, join(dir, 'cert.key'))
    .replace('http://127.0.0.1:8181', server.url.slice(0, -1));
  mkdirSync(join(dir, 'tmp'));
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((k) => `${k}_temp_path ${dir}/tmp/${k};`).join('\n');
  writeFileSync(join(dir, 'nginx.conf'), `daemon off; master_process off; pid ${dir}/pid; error_log stderr;\nevents {}\nhttp { access_log off;\n${temps}\n${stanza}}\n`);
  const p = spawn(nginx, ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  p.stderr.on('data', (b) => (said += b));
  const ended = new Promise((done) => p.on('close', done));
  t.after(() => {
    p.kill();
    return ended;
  });
  for (let i = 0; i < 100 && !existsSync(join(dir, 'pid')); i++) await sleep(50);
  assert.ok(existsSync(join(dir, 'pid')), said);
  return { ...server, url: `https://localhost:${port}/` };
}

test('a call through nginx, and a WebSocket that names its page', { skip: !existsSync(nginx) && 'nginx is not installed' }, async (t) => {
  const server = await serve(t);
  const proxied = await front(t, server);
  const ca = readFileSync(join(home, '.local/share/rill/ca.crt'));
  const origin = proxied.url.slice(0, -1);
  const open = (options) => new Promise((ok) => {
    const ws = new WebSocket(`${proxied.url.replace('https', 'wss')}ws`, { ca, family: 4, ...options });
    ws.on('open', () => { ok('open'); ws.close(); });
    ws.on('error', (e) => ok(e.message));
  });
  assert.equal(await open({ origin }), 'open');
  assert.match(await open({ origin: 'https://evil.example' }), /403/);
  const a = call(t, proxied, 'first', '-t', '1', '--as', 'offerer');
  await a.step(9);
  const b = call(t, proxied, 'second', '-t', '1');
  for (const s of await Promise.all([a.summary(), b.summary()])) assert.ok(s.ok, s.failure);
});
