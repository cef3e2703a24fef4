// A real coturn on loopback: what it says of our address is what we read.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { coturn, freePort } from './lib/coturn.mjs';
import { call, rill, run, serve, tempDir } from './lib/rill.mjs';

test('rill stun reads the mapped address from coturn', async (t) => {
  const { port } = await coturn(t);
  const r = run(['stun', '--json', `stun:127.0.0.1:${port}`]);
  assert.equal(r.code, 0, r.err);
  const said = JSON.parse(r.out.trim().split('\n').pop());
  assert.match(said.mapped, /^127\.0\.0\.1:\d+$/);
  assert.equal(Number(said.mapped.split(':')[1]), said.local_port, 'no NAT stands between');
});

test('a call with coturn as its STUN server', async (t) => {
  const { port } = await coturn(t);
  const server = { ...(await serve(t)), stun: `stun:127.0.0.1:${port}` };
  const a = call(t, server, 'first', '-t', '1');
  await a.step(9);
  const b = call(t, server, 'second', '-t', '1');
  const [x, y] = await Promise.all([a.summary(), b.summary()]);
  assert.ok(x.ok && y.ok, a.err + b.err);
});

test('rill stun against rill serve, and against nobody', async (t) => {
  const server = await serve(t);
  assert.equal(run(['stun', server.stun]).code, 0);
  const port = await freePort();
  const r = run(['stun', '--timeout', '1', `127.0.0.1:${port}`]);
  assert.equal(r.code, 1);
  assert.notEqual(r.err, '');
});

test('a dead STUN server does no harm', async (t) => {
  const server = { ...(await serve(t)), stun: `stun:127.0.0.1:${await freePort()}` };
  const a = call(t, server, 'first', '-t', '1');
  await a.step(9);
  const b = call(t, server, 'second', '-t', '1');
  const [x, y] = await Promise.all([a.summary(), b.summary()]);
  assert.ok(x.ok && y.ok, a.err + b.err);
  assert.ok(x.connected_us < 5e6);
});

// As Debian's installer writes /etc/hosts; seen by the command alone, in a mount namespace of its own.
test('a STUN server whose name is of IPv6 and of IPv4 is asked at both', async (t) => {
  if (spawnSync('unshare', ['-m', 'true']).status !== 0) return t.skip('no namespaces here');
  const server = await serve(t);
  const hosts = `${tempDir(t)}/hosts`;
  writeFileSync(hosts, '127.0.0.1 localhost\n::1 localhost\n');
  const { stderr } = spawnSync('unshare', ['-m', 'sh', '-c', `mount --bind ${hosts} /etc/hosts && exec "$@"`, 'sh',
    rill, 'call', '-v', '--ice-loopback', '--as', 'offerer', '--timeout', '2', '-i', 'sine',
    '--stun', server.stun.replace('127.0.0.1', 'localhost'), server.url], { encoding: 'utf8', timeout: 20000 });
  assert.match(stderr, /server_answered server=127\.0\.0\.1:/);
});
