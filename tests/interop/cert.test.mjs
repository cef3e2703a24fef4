// rill cert: what openssl and Node say of the certificates it makes, and what it leaves alone.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces, hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { rill, root, tempDir } from './lib/rill.mjs';

const data = join(root, 'tests/data/dtls');

// A user of an own home, in an own directory.
function user(t, more = {}) {
  const home = tempDir(t);
  const cwd = join(home, 'work');
  mkdirSync(cwd);
  const env = { PATH: process.env.PATH, HOME: home, ...more };
  const ca = join(home, '.local/share/rill');
  const cert = (...args) => {
    const r = spawnSync(rill, ['cert', ...args], { cwd, env, encoding: 'utf8', timeout: 20000 });
    return { code: r.status, out: r.stdout, err: r.stderr };
  };
  const json = (...args) => {
    const r = cert('--json', ...args);
    assert.equal(r.code, 0, r.err);
    return JSON.parse(r.out);
  };
  return { home, cwd, env, ca, cert, json };
}

function openssl(...args) {
  const r = spawnSync('openssl', args, { encoding: 'utf8' });
  if (r.error) throw r.error;
  return { code: r.status, out: r.stdout + r.stderr };
}

const mode = (path) => statSync(path).mode & 0o777;
const x509 = (path) => new X509Certificate(readFileSync(path));

test('cert --help has an example and exits 0; wrong usage exits 2 with nothing on standard output', (t) => {
  const u = user(t);
  const help = u.cert('--help');
  assert.equal(help.code, 0);
  assert.match(help.out, /usage: rill cert/);
  assert.match(help.out, /example:/);
  const many = Array.from({ length: 65 }, (_, i) => `10.0.0.${i}`);
  for (const args of [['--no-such'], ['a b'], ['*'], ['--install', 'name'], ['--install', '--uninstall'],
    ['--install=moon'], ['--out'], ['--out', ''], many]) {
    const r = u.cert(...args);
    assert.equal(r.code, 2, args.join(' '));
    assert.equal(r.out, '');
    assert.notEqual(r.err, '');
  }
  assert.equal(existsSync(u.ca), false);
  assert.equal(u.cert(...many.slice(1)).code, 0);
});

test('openssl verifies the chain for every name and address of this host', (t) => {
  const u = user(t);
  const r = u.cert();
  assert.equal(r.code, 0, r.err);
  assert.match(r.out, /--install/);
  assert.match(r.out, /update-ca-certificates/);
  const ca = join(u.ca, 'ca.crt');
  const crt = join(u.cwd, 'cert.crt');
  const lan = Object.values(networkInterfaces()).flat()
    .filter((a) => !a.internal && !(a.family === 'IPv6' && a.address.startsWith('fe80'))).map((a) => a.address);
  for (const name of ['localhost', hostname()])
    assert.equal(openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca, '-verify_hostname', name, crt).code, 0, name);
  for (const ip of ['127.0.0.1', '::1', ...lan])
    assert.equal(openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca, '-verify_ip', ip, crt).code, 0, ip);
  assert.notEqual(openssl('verify', '-CAfile', ca, '-verify_hostname', 'example.org', crt).code, 0);
  assert.notEqual(openssl('verify', '-CAfile', ca, '-verify_ip', '192.0.2.250', crt).code, 0);
});

test('the server certificate is P-256, for serverAuth alone, 825 days at most; the CA signs no CA', (t) => {
  const u = user(t);
  u.json();
  const crt = join(u.cwd, 'cert.crt');
  const leaf = openssl('x509', '-in', crt, '-noout', '-text').out;
  assert.match(leaf, /prime256v1/);
  assert.match(leaf, /ecdsa-with-SHA256/);
  assert.match(leaf, /X509v3 Basic Constraints: critical\s+CA:FALSE/);
  assert.match(leaf, /X509v3 Key Usage: critical\s+Digital Signature\n/);
  assert.match(leaf, /X509v3 Extended Key Usage:\s+TLS Web Server Authentication\n/);
  const c = x509(crt);
  const days = (Date.parse(c.validTo) - Date.parse(c.validFrom)) / 86400000;
  assert.ok(days > 800 && days <= 825, `${days} days`);
  assert.ok(Date.parse(c.validFrom) < Date.now());
  const ca = openssl('x509', '-in', join(u.ca, 'ca.crt'), '-noout', '-text').out;
  assert.match(ca, /CA:TRUE, pathlen:0/);
  assert.match(ca, /X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
  assert.match(ca, new RegExp(`CN = rill local CA ${hostname()}`));
  const own = x509(join(u.ca, 'ca.crt'));
  assert.ok(Date.parse(own.validTo) - Date.now() > 9.9 * 365 * 86400000);
  assert.equal(openssl('pkey', '-in', join(u.cwd, 'cert.key'), '-noout', '-check').code, 0);
});

test('the CA is made once; serials and keys are new each time', (t) => {
  const u = user(t);
  const one = u.json();
  const first = x509(join(u.cwd, 'cert.crt'));
  const ca = readFileSync(join(u.ca, 'ca.crt'), 'utf8');
  const two = u.json();
  const second = x509(join(u.cwd, 'cert.crt'));
  assert.equal(one.ca.made, true);
  assert.equal(two.ca.made, false);
  assert.equal(readFileSync(join(u.ca, 'ca.crt'), 'utf8'), ca);
  assert.notEqual(first.serialNumber, second.serialNumber);
  assert.ok(first.serialNumber.length >= 16);
  assert.notEqual(first.publicKey.export({ type: 'spki', format: 'pem' }), second.publicKey.export({ type: 'spki', format: 'pem' }));
  assert.equal(two.fingerprint, second.fingerprint256);
});

test('keys are 0600 and certificates 0644, and no half-written file stays', (t) => {
  const u = user(t);
  u.json('--out', 'deep/below');
  const out = join(u.cwd, 'deep/below');
  assert.deepEqual(readdirSync(out).sort(), ['cert.crt', 'cert.key']);
  assert.deepEqual(readdirSync(u.ca).sort(), ['.lock', 'ca.crt', 'ca.key']);
  assert.equal(mode(join(out, 'cert.key')), 0o600);
  assert.equal(mode(join(out, 'cert.crt')), 0o644);
  assert.equal(mode(join(u.ca, 'ca.key')), 0o600);
  assert.equal(mode(u.ca), 0o700);
});

test('only the names that were given are in the certificate', (t) => {
  const u = user(t);
  const r = u.json('phone.test', '*.phone.test', '192.168.7.7', 'fd00::7', '--out', '.');
  assert.deepEqual(r.names, ['phone.test', '*.phone.test', '192.168.7.7', 'fd00::7']);
  const c = x509(join(u.cwd, 'cert.crt'));
  assert.equal(c.subjectAltName, 'DNS:phone.test, DNS:*.phone.test, IP Address:192.168.7.7, IP Address:FD00:0:0:0:0:0:0:7');
  assert.equal(c.checkHost('localhost'), undefined);
});

test('a CA of mkcert is used when it is there, and left as it is', (t) => {
  const u = user(t);
  for (const dir of [join(u.home, '.local/share/mkcert'), join(u.home, 'elsewhere')]) {
    mkdirSync(dir, { recursive: true });
    copyFileSync(join(data, 'rsa-ca.pem'), join(dir, 'rootCA.pem'));
    copyFileSync(join(data, 'rsa-ca-key.pem'), join(dir, 'rootCA-key.pem'));
  }
  const dir = join(u.home, '.local/share/mkcert');
  const r = u.json('localhost');
  assert.equal(r.ca.mkcert, true);
  assert.equal(r.ca.cert, join(dir, 'rootCA.pem'));
  assert.equal(openssl('verify', '-x509_strict', '-CAfile', join(data, 'rsa-ca.pem'), '-verify_hostname', 'localhost', join(u.cwd, 'cert.crt')).code, 0);
  assert.deepEqual(readdirSync(dir).sort(), ['rootCA-key.pem', 'rootCA.pem']);
  assert.equal(u.json('--ca', join(u.home, 'elsewhere'), 'localhost').ca.cert, join(u.home, 'elsewhere/rootCA.pem'));
  u.env.CAROOT = join(u.home, 'elsewhere');
  assert.equal(u.json('localhost').ca.cert, join(u.home, 'elsewhere/rootCA.pem'));
  // Without its key it can sign nothing: rill makes its own.
  u.env.CAROOT = join(u.home, 'nowhere');
  assert.equal(u.json('localhost').ca.mkcert, false);
});

test('a CA whose key is gone, or is another, is never replaced', (t) => {
  const u = user(t);
  u.json();
  const crt = readFileSync(join(u.ca, 'ca.crt'), 'utf8');
  writeFileSync(join(u.ca, 'ca.key'), readFileSync(join(u.cwd, 'cert.key')));
  const r = u.cert();
  assert.equal(r.code, 1);
  assert.match(r.err, /TLS_KEY_MISMATCH/);
  assert.equal(readFileSync(join(u.ca, 'ca.crt'), 'utf8'), crt);
});

test('ten at a time make one CA', async (t) => {
  const u = user(t);
  const { spawn } = await import('node:child_process');
  const codes = await Promise.all(Array.from({ length: 10 }, (_, i) => new Promise((done) => {
    spawn(rill, ['cert', '--out', `${i}`, 'localhost'], { cwd: u.cwd, env: u.env, stdio: 'ignore' }).on('close', done);
  })));
  assert.deepEqual(codes, Array(10).fill(0));
  for (let i = 0; i < 10; i++)
    assert.equal(openssl('verify', '-CAfile', join(u.ca, 'ca.crt'), join(u.cwd, `${i}`, 'cert.crt')).code, 0);
});

test('a folder that cannot be written fails with 1 and names it', (t) => {
  const u = user(t);
  writeFileSync(join(u.cwd, 'file'), '');
  const r = u.cert('--out', 'file/below');
  assert.equal(r.code, 1);
  assert.match(r.err, /file\/below/);
});

test('Node serves with the certificate to a client that trusts the CA, and to no other', async (t) => {
  const u = user(t);
  u.json();
  const ca = readFileSync(join(u.ca, 'ca.crt'));
  const server = tls.createServer({
    key: readFileSync(join(u.cwd, 'cert.key')), cert: readFileSync(join(u.cwd, 'cert.crt')),
  }, (socket) => socket.end('hello'));
  server.on('tlsClientError', () => {});
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const { port } = server.address();
  const connect = (options) => new Promise((done) => {
    let text = '';
    const socket = tls.connect({ port, host: '127.0.0.1', ...options });
    socket.on('data', (b) => { text += b; });
    socket.on('error', (e) => done(e.code));
    socket.on('close', () => done(text));
  });
  assert.equal(await connect({ ca }), 'hello');
  assert.equal(await connect({ ca, servername: 'localhost' }), 'hello');
  assert.equal(await connect({ ca, servername: 'example.org' }), 'ERR_TLS_CERT_ALTNAME_INVALID');
  assert.equal(await connect({}), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

test('without --install no trust store is touched', (t) => {
  const u = user(t);
  const system = '/usr/local/share/ca-certificates';
  const before = existsSync(system) ? readdirSync(system).map((f) => [f, statSync(join(system, f)).mtimeMs]) : [];
  u.json();
  const after = existsSync(system) ? readdirSync(system).map((f) => [f, statSync(join(system, f)).mtimeMs]) : [];
  assert.deepEqual(after, before);
  assert.equal(existsSync(join(u.home, '.pki')), false);
});

// Chromium's store of a home made for this test; the system's own is left alone here.
test('--install=nss adds the CA to Chromium\'s store and --uninstall=nss takes it out', (t) => {
  const u = user(t);
  const db = `sql:${join(u.home, '.pki/nssdb')}`;
  const certutil = (...args) => spawnSync('certutil', ['-d', db, ...args], { encoding: 'utf8' });
  const absent = certutil('-L').error !== undefined;
  const r = u.cert('--json', '--install=nss');
  if (absent) {
    assert.equal(r.code, 1);
    assert.match(r.out, /libnss3-tools/);
    t.diagnostic('certutil is not here: only what is said without it was tried');
    return;
  }
  assert.equal(r.code, 0, r.out + r.err);
  assert.match(certutil('-L').stdout, /rill local CA +C,,/);
  assert.equal(certutil('-V', '-u', 'L', '-n', 'rill local CA').status, 0);
  assert.equal(u.cert('--install=nss').code, 0);
  assert.equal(u.cert('--uninstall=nss').code, 0);
  assert.doesNotMatch(certutil('-L').stdout, /rill local CA/);
  const again = u.cert('--json', '--uninstall=nss');
  assert.equal(again.code, 0);
  assert.equal(JSON.parse(again.out).steps[0].result, 'absent');
});
