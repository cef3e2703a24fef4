// A real coturn on loopback with one user, for this test alone.
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, tempDir } from './rill.mjs';

export const user = 'rill';
export const password = 'a secret, 100%';
export const credentials = `${user}:${encodeURIComponent(password)}`;

export async function freePort() {
  const s = createSocket('udp4');
  await new Promise((ok) => s.bind(0, '127.0.0.1', ok));
  const { port } = s.address();
  await new Promise((ok) => s.close(ok));
  return port;
}

// A certificate for 127.0.0.1 that is its own CA.
export function certificate(t) {
  const dir = tempDir(t);
  const [cert, key] = [join(dir, 'turn.crt'), join(dir, 'turn.key')];
  const r = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=turn', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert]);
  if (r.status !== 0) throw new Error(r.stderr.toString());
  return { cert, key };
}

export async function coturn(t, ...options) {
  return coturnAt(t, { port: await freePort(), tls: await freePort() }, ...options);
}

// At an address and ports of its own; inside: of a namespace (netns.mjs). With a second -L it answers
// NAT behaviour discovery (RFC 5780). restart() ends it with all it knows and starts another one on
// the same ports.
export async function coturnAt(t, { address = '127.0.0.1', port = 3478, tls = 5349, inside = [] }, ...options) {
  const dir = tempDir(t);
  const server = { port, tls, log: '', child: null };
  const start = async () => {
    const [program, ...words] = [...inside, 'turnserver'];
    const child = spawn(program, [...words, '-n', '-L', address, '-E', address, '-p', String(port),
      '--tls-listening-port', String(tls), '--lt-cred-mech', '--realm', 'example.org', '--user', `${user}:${password}`,
      '--allow-loopback-peers', '--no-dtls', '--no-cli', ...(options.includes('-L') ? [] : ['--no-rfc5780']), '--log-file', 'stdout', '--pidfile', `${dir}/pid`,
      '--userdb', `${dir}/db`, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (bytes) => (server.log += bytes));
    child.stderr.on('data', (bytes) => (server.log += bytes));
    server.child = child;
    for (let i = 0; i < 50; i++) {
      if (run(['stun', '--timeout', '1', `${address}:${port}`], '', inside).code === 0) return;
      await sleep(100);
    }
    throw new Error(`coturn did not answer: ${server.log}`);
  };
  server.stop = () => server.child.kill('SIGKILL');
  server.restart = async () => {
    const gone = new Promise((ok) => server.child.once('exit', ok));
    server.stop();
    await gone;
    await start();
  };
  t.after(() => server.stop());
  await start();
  return server;
}
