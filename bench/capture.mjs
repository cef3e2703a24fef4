// bench-capture: a screen of 720p30 captured, encoded, sent, received and decoded: what it costs
// each side in CPU and memory, and how long after it was shown a picture is seen on another screen,
// by rill and by GStreamer's webrtcbin, one after the other, in the same run, with the same pixels
// and the same encoder settings.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { animate, screen, watch } from './glass.mjs';

const [rill, seconds = '10'] = process.argv.slice(2);
const [width, height, rate, bitrate] = [1280, 720, 30, 2000000];
const dir = mkdtempSync(join(tmpdir(), 'rill-bench-'));
const TICK = 100; // of /proc, in Hz
const children = [];
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

function start(command, args, options = {}) {
  const p = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'], ...options });
  children.push(p);
  p.ended = new Promise((r) => p.on('close', r));
  if (p.stdout) p.lines = createInterface({ input: p.stdout });
  return p;
}

// --- figures -----------------------------------------------------------------------------------

function usage(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { cpu_s: (Number(stat[11]) + Number(stat[12])) / TICK, peak_kib: Number(/VmHWM:\s+(\d+)/.exec(status)[1]) };
}

function row(name, f) {
  const percent = ((100 * f.cpu_s) / f.wall_s).toFixed(1);
  console.log(`  ${name.padEnd(28)} ${percent.padStart(5)} % of a core, ${(f.frames / f.wall_s).toFixed(1)} pictures a second, ` +
    `${(f.peak_kib / 1024).toFixed(0)} MiB at most`);
}

// --- rill --------------------------------------------------------------------------------------

// glass: the display on which what is received is shown; then the figures are not of decoding alone.
async function byRill(display, glass) {
  const server = start(rill, ['serve', '--json', '--listen', '127.0.0.1:0', '--stun-port', '0']);
  const url = await new Promise((ok) => server.lines.on('line', (l) => {
    const e = JSON.parse(l);
    if (e.event === 'listening') ok(e.url);
  }));
  const kept = join(dir, 'kept.ivf');
  const options = [['--as', 'offerer', '-v', '-b:v', String(bitrate), '-i', `x11:${display}:rate=${rate}`],
    ['--as', 'answerer', '--optional', '-i', '/nonexistent.y4m', '-o', kept, ...(glass === undefined ? [] : ['--preview', 'sdl'])]];
  const env = { ...process.env, SDL_VIDEODRIVER: 'x11', SDL_RENDER_DRIVER: 'software', DISPLAY: `:${glass}` };
  const sides = options.map((o, i) => {
    const p = start(rill, ['call', '--json', '--ice-loopback', '--name', `side-${i}`, ...o, url], { env, stdio: ['ignore', 'pipe', i ? 'ignore' : 'pipe'] });
    p.flows = new Promise((ok) => p.lines.on('line', (l) => {
      const e = JSON.parse(l);
      if (e.event === 'step' && e.step === 23) ok();
      if (e.event === 'summary') p.summary = e;
    }));
    return p;
  });
  // rill begins slowly, and sends all it is allowed to once the path has proven to carry it.
  const fast = new Promise((ok) => createInterface({ input: sides[0].stderr }).on('line', (l) =>
    Number(/target_changed bps=(\d+)/.exec(l)?.[1]) > bitrate && ok()));
  await Promise.all(sides.map((p) => p.flows));
  await Promise.race([fast, sleep(60000)]);
  const state = () => ({ at: process.hrtime.bigint(), frames: framesOf(kept), usage: sides.map((p) => usage(p.pid)) });
  const before = state();
  await sleep(Number(seconds) * 1000);
  const after = state();
  for (const p of sides) p.kill('SIGINT');
  await Promise.all(sides.map((p) => p.ended));
  server.kill();
  return after.usage.map((u, i) => ({ wall_s: Number(after.at - before.at) / 1e9, frames: after.frames - before.frames,
    cpu_s: u.cpu_s - before.usage[i].cpu_s, peak_kib: u.peak_kib }));
}

// In a file that is being written.
function framesOf(ivf) {
  const bytes = readFileSync(ivf);
  let n = 0;
  for (let at = 32; at + 12 <= bytes.length; n++) at += 12 + bytes.readUInt32LE(at);
  return n;
}

// --- webrtcbin ---------------------------------------------------------------------------------

async function byWebrtcbin(display, glass) {
  const script = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'webrtcbin.py');
  const sides = [['send', `:${display}`, width, height, rate, bitrate], ['receive', ...(glass === undefined ? [] : [`:${glass}`])]].map((args) =>
    start('/usr/bin/python3', [script, ...args.map(String)]));
  const figures = sides.map((p, i) => new Promise((ok) => p.lines.on('line', (l) => {
    const m = JSON.parse(l);
    if (m.wall_s !== undefined) ok(m);
    else sides[1 - i].stdin.write(`${l}\n`);
  })));
  await sleep(Number(seconds) * 1000 + 2000);
  for (const p of sides) p.stdin.write('\n');
  return Promise.all(figures);
}

// --- glass to glass ----------------------------------------------------------------------------

const middle = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

// cpu: of a picture on both sides, ms: all that is done and not waited.
async function latency(name, call, pictures, glass, cpu) {
  const end = watch(glass, width, height);
  await call();
  const from = pictures.shown.length - Number(seconds) * rate;
  const all = [...await end()].filter(([n]) => n >= from && n < pictures.shown.length).map(([n, at]) => (at - pictures.shown[n]) / 1000);
  all.sort((a, b) => a - b);
  if (all.length === 0) return console.log(`  ${name.padEnd(28)} no number was seen`);
  const [p50, p95] = [middle(all, 0.5), middle(all, 0.95)];
  console.log(`  ${name.padEnd(28)} ${p50.toFixed(1)} ms in the middle, ${p95.toFixed(1)} ms for 19 in 20 of ${all.length} pictures; ` +
    `without ${cpu.toFixed(1)} ms of work: ${((p50 - cpu) * rate / 1000).toFixed(2)} and ${((p95 - cpu) * rate / 1000).toFixed(2)} frames`);
}

const work = (sides) => sides.reduce((ms, f) => ms + (1000 * f.cpu_s) / f.frames, 0);

// --- both --------------------------------------------------------------------------------------

const keep = (x) => children.push(x);
try {
  for (const name of ['source', 'glass']) mkdirSync(join(dir, name));
  const s = await screen(join(dir, 'source'), width, height, keep);
  const glass = await screen(join(dir, 'glass'), 2 * width, 2 * height, keep);
  const pictures = animate(s, rate);
  console.log(`${width}×${height} at ${rate}, VP8 at ${bitrate / 1e6} Mbit/s, ${seconds} s each`);
  const [mine, theirs] = [await byRill(s.display), await byWebrtcbin(s.display)];
  row('rill, screen to network', mine[0]);
  row('webrtcbin, screen to network', theirs[0]);
  row('rill, network to pictures', mine[1]);
  row('webrtcbin, network to pictures', theirs[1]);
  console.log('glass to glass, from a number on one screen to the same on another:');
  await latency('rill', () => byRill(s.display, glass.display), pictures, glass, work(mine));
  await latency('webrtcbin (latency=0)', () => byWebrtcbin(s.display, glass.display), pictures, glass, work(theirs));
  pictures.stop();
} finally {
  for (const p of children) p.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
}
