// The rill command as a test drives it: started by its path, read as JSON lines, ended by its pid.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(fileURLToPath(import.meta.url), '../../../..');
export const rill = process.env.RILL ?? join(root, 'build/release/rill');

export function tempDir(t) {
  const dir = mkdtempSync(join(tmpdir(), 'rill-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

let cwd = root;

// A home of this test file's own, where rill and the browsers keep what they trust, and where rill runs.
// Gives its path.
export function ownHome() {
  const home = mkdtempSync(join(tmpdir(), 'rill-home-'));
  for (const name of ['XDG_DATA_HOME', 'CAROOT', 'SSL_CERT_FILE']) delete process.env[name];
  process.env.HOME = cwd = home;
  process.on('exit', () => rmSync(home, { recursive: true, force: true }));
  return home;
}

// Runs to the end; input may be a string or bytes.
export function run(args, input = '', inside = []) {
  const [program, ...words] = [...inside, rill, ...args];
  const r = spawnSync(program, words, { input, timeout: 20000, maxBuffer: 64 << 20, cwd });
  if (r.error) throw r.error;
  return { code: r.status, signal: r.signal, out: r.stdout.toString(), err: r.stderr.toString() };
}

export function decode(module, input, ...options) {
  const r = run(['decode', module, ...options, '-'], input);
  if (r.code !== 0 && r.code !== 1) throw new Error(`decode ${module}: exit ${r.code}, ${r.err}`);
  return { code: r.code, ...JSON.parse(r.out) };
}

// A process that says one JSON object a line. inside: what goes before the command (netns.mjs).
export class Process {
  constructor(t, args, command = rill, inside = []) {
    this.args = args;
    this.command = command;
    this.events = [];
    this.err = '';
    this.waiting = [];
    const [program, ...words] = [...inside, command, ...args];
    const input = command === rill && !args.includes('--changes') ? 'ignore' : 'pipe';
    this.child = spawn(program, words, { cwd, stdio: [input, 'pipe', 'pipe'] });
    let rest = '';
    this.child.stdout.on('data', (bytes) => {
      const lines = (rest + bytes).split('\n');
      rest = lines.pop();
      for (const line of lines.filter(Boolean)) this.take(JSON.parse(line));
    });
    this.child.stderr.on('data', (bytes) => (this.err += bytes));
    this.ended = new Promise((done) =>
      this.child.on('close', (code, signal) => {
        this.code = code ?? signal;
        for (const w of this.waiting) w.fail(new Error(this.describe(`ended with ${this.code}`)));
        this.waiting = [];
        done(this.code);
      }),
    );
    t.after(async () => {
      if (this.code === undefined) this.child.kill('SIGKILL');
      await this.ended;
    });
  }

  describe(what) {
    return `${basename(this.command)} ${this.args.join(' ')}: ${what}\n${this.err}`;
  }

  take(event) {
    this.events.push(event);
    this.waiting = this.waiting.filter((w) => {
      if (!w.test(event)) return true;
      w.ok(event);
      return false;
    });
  }

  // The next event that the test holds for, after `say` was written to its standard input.
  async says(say, test, ms = 15000) {
    const seen = this.events.length;
    this.child.stdin.write(`${say}\n`);
    return this.event((e) => this.events.indexOf(e) >= seen && test(e), ms);
  }

  // Waits until what a call with --changes has received, by its kind, is enough; then it hangs up. Gives its summary.
  async receives(enough, ms = 20000) {
    for (const end = Date.now() + ms; ;) {
      const { received } = await this.says('stats', (e) => e.event === 'stats');
      const [video, audio] = ['video', 'audio'].map((kind) => received.find((s) => s.kind === kind) ?? {});
      if (enough(video, audio)) break;
      if (Date.now() > end) throw new Error(this.describe(`received too little: ${JSON.stringify(received)}`));
      await new Promise((ok) => { setTimeout(ok, 50); });
    }
    this.child.kill('SIGINT');
    return this.summary();
  }

  // The first event, past or to come, that the test holds for.
  event(test, ms = 30000) {
    const past = this.events.find(test);
    if (past) return Promise.resolve(past);
    return new Promise((ok, reject) => {
      let timer;
      const fail = (e) => {
        clearTimeout(timer);
        reject(e);
      };
      const w = { test, ok: (e) => (clearTimeout(timer), ok(e)), fail };
      timer = setTimeout(() => {
        this.waiting = this.waiting.filter((x) => x !== w);
        fail(new Error(this.describe(`said nothing that was waited for in ${ms} ms`)));
      }, ms);
      if (this.code !== undefined) return fail(new Error(this.describe(`ended with ${this.code}`)));
      this.waiting.push(w);
    });
  }

  step(n, ms) {
    return this.event((e) => e.event === 'step' && e.step === n, ms);
  }

  steps() {
    return this.events.filter((e) => e.event === 'step').map((e) => e.step);
  }

  async summary(ms = 60000) {
    const s = await this.event((e) => e.event === 'summary', ms);
    await this.ended;
    return s;
  }

  stop(signal = 'SIGINT') {
    this.child.kill(signal);
    return this.ended;
  }
}

// A server on free ports; gives its URL and its STUN server's. Plain http unless a test says --tls.
export async function serve(t, ...options) {
  const tls = options.includes('--tls') ? [] : ['--tls', 'off'];
  const p = new Process(t, ['serve', '--json', '--listen', '127.0.0.1:0', '--stun-port', '0', ...tls, ...options]);
  const listening = await p.event((e) => e.event === 'listening');
  const stun = await p.event((e) => e.event === 'stun');
  return { process: p, url: listening.url, stun: `stun:${stun.address}:${stun.port}` };
}

export function call(t, server, name, ...options) {
  return new Process(t, [
    'call', '--json', '--ice-loopback', '--name', name, ...(server.stun ? ['--stun', server.stun] : []), '--timeout', '40',
    ...options, server.url,
  ]);
}
