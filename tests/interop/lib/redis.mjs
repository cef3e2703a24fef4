// Debian's Redis, started by a test on a free port in a folder of its own and ended by its pid. The
// binary is the one of redis-tools, so that no service of the system is there to meet.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { tempDir } from './rill.mjs';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

const answers = (port) => new Promise((ok) => {
  const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
  socket.on('data', (b) => (socket.destroy(), ok(/PONG|NOAUTH/.test(b))));
  socket.on('error', () => ok(false));
});

export class Redis {
  static async start(t, ...options) {
    const r = new Redis();
    r.dir = tempDir(t);
    r.port = await freePort();
    r.options = options;
    r.url = `redis://127.0.0.1:${r.port}/3`;
    t.after(() => r.kill());
    await r.run();
    return r;
  }

  async run() {
    this.child = spawn('/usr/bin/redis-check-rdb', ['--port', this.port, '--bind', '127.0.0.1', '--dir', this.dir, '--save', '', ...this.options],
      { argv0: 'redis-server', stdio: 'ignore' });
    this.ended = once(this.child, 'exit');
    for (let i = 0; i < 100; i++) {
      if (await answers(this.port)) return;
      await new Promise((ok) => setTimeout(ok, 50));
    }
    throw new Error('redis does not answer');
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  cli(...words) {
    return spawnSync('redis-cli', ['-p', this.port, '-n', '3', ...words]).stdout.toString();
  }
}
