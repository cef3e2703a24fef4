// bench-capture: a screen of 720p30 captured, encoded, sent, received and decoded: what it costs
// each side in CPU and memory, by rill and by GStreamer's webrtcbin, one after the other, in the
// same run, with the same pixels and the same encoder settings.
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [rill, seconds = '10'] = process.argv.slice(2);
const [width, height, rate, bitrate] = [1280, 720, 30, 2000000];
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

// --- the screen: Xvfb keeps its pixels in a file, what is written there is shown ---------------

async function screen(dir) {
  const x = start('Xvfb', ['-displayfd', '3', '-fbdir', dir, '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp',
    '-noreset'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const display = await new Promise((ok) => x.stdio[3].once('data', (d) => ok(Number(d))));
  const fd = openSync(join(dir, 'Xvfb_screen0'), 'r+');
  const head = Buffer.alloc(100);
  readSync(fd, head, 0, 100, 0);
  return { display, fd, at: head.readUInt32BE(0) + head.readUInt32BE(76) * 12 };
}

// A slope that scrolls, with grain that stays: something to encode in each picture.
function animate(s) {
  const pictures = Array.from({ length: 16 }, (_, k) => {
    const p = Buffer.alloc(width * height * 4);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const grain = ((x * 7919 + y * 104729) >> 3) & 15;
        p.writeUInt32LE((((x + k * 16) & 255) << 16) | ((y & 255) << 8) | (((x ^ y) >> 2 & 127) + grain), (y * width + x) * 4);
      }
    return p;
  });
  let k = 0;
  return setInterval(() => writeSync(s.fd, pictures[k++ % 16], 0, width * height * 4, s.at), 1000 / rate);
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

async function byRill(display) {
  const server = start(rill, ['serve', '--json', '--listen', '127.0.0.1:0', '--stun-port', '0']);
  const url = await new Promise((ok) => server.lines.on('line', (l) => {
    const e = JSON.parse(l);
    if (e.event === 'listening') ok(e.url);
  }));
  const common = ['call', '--json', '--ice-loopback', '-t', String(Number(seconds) + 3)];
  const sides = ['send', 'receive'].map((name, i) => {
    const input = i === 0 ? ['-b:v', String(bitrate), '-i', `x11:${display}`] : ['--optional', '-i', '/nonexistent.y4m'];
    const p = start(rill, [...common, '--name', name, '--as', i === 0 ? 'offerer' : 'answerer', ...input, url]);
    p.flows = new Promise((ok) => p.lines.on('line', (l) => {
      const e = JSON.parse(l);
      if (e.event === 'step' && e.step === 23) ok();
      if (e.event === 'summary') p.summary = e;
    }));
    return p;
  });
  await Promise.all(sides.map((p) => p.flows));
  const [from, before] = [process.hrtime.bigint(), sides.map((p) => usage(p.pid))];
  await sleep(Number(seconds) * 1000);
  const wall_s = Number(process.hrtime.bigint() - from) / 1e9;
  const after = sides.map((p) => usage(p.pid));
  await Promise.all(sides.map((p) => p.ended));
  server.kill();
  const [sent, received] = [sides[0].summary.sent[0], sides[1].summary.received.find((s) => s.kind === 'video')];
  const lasted = Number(seconds) + 3;
  if (sent.source_dropped > 0) console.log(`  (rill dropped ${sent.source_dropped} pictures at the source)`);
  return after.map((a, i) => ({ wall_s, cpu_s: a.cpu_s - before[i].cpu_s, peak_kib: a.peak_kib, frames: (received.decoded * wall_s) / lasted }));
}

// --- webrtcbin ---------------------------------------------------------------------------------

async function byWebrtcbin(display) {
  const script = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'webrtcbin.py');
  const sides = [['send', `:${display}`, width, height, rate, bitrate], ['receive']].map((args) =>
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

// --- both --------------------------------------------------------------------------------------

const dir = mkdtempSync(join(tmpdir(), 'rill-bench-'));
try {
  const s = await screen(dir);
  const timer = animate(s);
  console.log(`${width}×${height} at ${rate}, VP8 at ${bitrate / 1e6} Mbit/s, ${seconds} s each`);
  const [mine, theirs] = [await byRill(s.display), await byWebrtcbin(s.display)];
  clearInterval(timer);
  row('rill, screen to network', mine[0]);
  row('webrtcbin, screen to network', theirs[0]);
  row('rill, network to pictures', mine[1]);
  row('webrtcbin, network to pictures', theirs[1]);
} finally {
  for (const p of children) p.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
}
