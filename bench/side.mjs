// bench-side: rill beside libwebrtc over the same bottleneck, which tests of its own make (bench/side/bottleneck.mjs):
// rill to Chromium, Chromium to rill, Chromium to Chromium, one after the other, the same pictures each time. What
// the link carried and how long packets waited is counted by the link; freezes and concealment by who received; how late
// pictures and sound are, by all three: a mean of what packets wait for their departure, on the way, and with the receiver.
// Run: node bench/side.mjs RILL [seconds a phase [DIR]]; DIR gets what the link saw in each tenth of a second, and rill's trace.
import { fork, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.env.RILL = process.argv[2];
const { launch } = await import('../tests/interop/lib/browser.mjs');
const { serve } = await import('../tests/interop/lib/rill.mjs');
const { pageEnd, rillEnd, through } = await import('./side/ends.mjs');

const seconds = Number(process.argv[3] ?? 12);
const data = process.argv[4];
if (data) mkdirSync(data, { recursive: true });
const delay = 25, queue = 300; // ms
const phases = [ // kbit/s, share
  { name: 'begins, 1 Mbit/s', rate: 1000, loss: 0 },
  { name: 'steady, 1 Mbit/s', rate: 1000, loss: 0 },
  { name: 'drops to 400 kbit/s', rate: 400, loss: 0 },
  { name: 'back at 1 Mbit/s', rate: 1000, loss: 0 },
  { name: '1 Mbit/s, 2 % lost', rate: 1000, loss: 0.02 },
];

const ends = [];
const t = { after: (f) => ends.unshift(f) };
const dir = mkdtempSync(join(tmpdir(), 'rill-side-'));
t.after(() => rmSync(dir, { recursive: true, force: true }));

// Pictures that take whatever rate they are given.
const clip = join(dir, 'clip.y4m');
const made = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=640x480:rate=30', '-t', '5',
  '-vf', 'noise=alls=10:allf=t:all_seed=1', '-pix_fmt', 'yuv420p', clip]);
if (made.status !== 0) throw new Error(`ffmpeg: ${made.stderr}`);

async function message(child, wanted) {
  for (;;) {
    const m = await new Promise((ok) => { child.once('message', ok); });
    if (wanted(m)) return m;
  }
}

async function run(name, sender, receiver) {
  const link = fork(new URL('side/bottleneck.mjs', import.meta.url).pathname, [delay, queue, 7].map(String));
  const { fronts } = await message(link, (m) => m.fronts);
  link.send({ rate: phases[0].rate, loss: phases[0].loss });
  const offer = await sender.offer();
  const answer = await receiver.answer(through(offer.sdp.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, ''), fronts[1]));
  link.send({ to: [offer.port ?? null, answer.port] });
  await sender.accept(through(answer.sdp, fronts[0]));
  await receiver.look();
  for (const end = Date.now() + 20000; (await receiver.received()).frames < 1;) {
    if (Date.now() > end) {
      link.send({ mark: 'none' });
      const { ways } = await message(link, (m) => m.mark === 'none');
      throw new Error(`${name}: no picture came: ${JSON.stringify([ways, await receiver.received(), await sender.state?.(), await receiver.state?.()], (k, v) => (k === 'waits' ? undefined : v))}`);
    }
    await new Promise((ok) => setTimeout(ok, 100));
  }
  const rows = [], series = [];
  link.on('message', (m) => {
    if (m.tenth) series.push(m);
  });
  if (data) link.send({ tell: 100 });
  const both = async () => ({ ...await receiver.received(), sent: await sender.sent() });
  let before = await both();
  link.send({ mark: 'begin' });
  await message(link, (m) => m.mark === 'begin');
  for (const phase of phases) {
    link.send({ rate: phase.rate, loss: phase.loss });
    series.push({ phase });
    await new Promise((ok) => setTimeout(ok, seconds * 1000));
    link.send({ mark: phase.name });
    const { ways } = await message(link, (m) => m.mark === phase.name);
    const after = await both();
    const mean = (sum, n, of = (x) => x) => (of(after)[sum] - of(before)[sum]) / Math.max(1, of(after)[n] - of(before)[n]) * 1000;
    const sent = (kind) => mean('totalPacketSendDelay', 'packetsSent', (x) => x.sent[kind]);
    const way = delay + ways[0].mean;
    rows.push({
      phase: phase.name, kbps: ways[0].bytes * 8 / seconds / 1000, share: ways[0].bytes * 8 / seconds / 1000 / phase.rate,
      p50: ways[0].p50, p95: ways[0].p95, full: ways[0].full, fps: (after.frames - before.frames) / seconds,
      picture: sent('video') + way + mean('pictureDelay', 'frames'), sound: sent('audio') + way + mean('soundDelay', 'soundEmitted'),
      freezes: after.freezes - before.freezes, frozen: (after.frozen - before.frozen) * 1000,
      width: after.width ?? 0,
      concealed: (after.concealed - before.concealed) / Math.max(1, after.samples - before.samples) * 100,
    });
    series.push({ sent: after.sent });
    before = after;
  }
  await sender.close();
  await receiver.close();
  link.disconnect();
  if (data)
    writeFileSync(join(data, `${name}.tsv`), series.map((m) => (m.phase ? `# ${m.phase.name}\n` : m.sent ? `# ${JSON.stringify(m.sent.video)}\n` :
      `${[m.tenth / 10, ...m.ways.flatMap((w) => [w.bytes * 8 / 100, w.wait, w.full])].join('\t')}\n`)).join(''));
  return { name, rows };
}

const columns = [
  ['kbit/s', (r) => r.kbps.toFixed(0), (r) => r.kbps, 1], ['of link', (r) => `${(r.share * 100).toFixed(0)} %`],
  ['wait p50', (r) => `${r.p50.toFixed(0)} ms`], ['wait p95', (r) => `${r.p95.toFixed(0)} ms`, (r) => r.p95, -1],
  ['picture', (r) => `${r.picture.toFixed(0)} ms`, (r) => r.picture, -1], ['sound', (r) => `${r.sound.toFixed(0)} ms`, (r) => r.sound, -1],
  ['queue full', (r) => String(r.full)], ['frames/s', (r) => r.fps.toFixed(1), (r) => r.fps, 1], ['width', (r) => String(r.width)],
  ['freezes', (r) => String(r.freezes), (r) => r.freezes, -1], ['frozen', (r) => `${r.frozen.toFixed(0)} ms`, (r) => r.frozen, -1],
  ['concealed', (r) => `${r.concealed.toFixed(2)} %`, (r) => r.concealed, -1],
];

function print({ name, rows }) {
  console.log(`\n${name}\n  ${'phase'.padEnd(22)}${columns.map(([c]) => c.padStart(11)).join('')}`);
  for (const r of rows) console.log(`  ${r.phase.padEnd(22)}${columns.map(([, text]) => text(r).padStart(11)).join('')}`);
}

// At least as good: within a tenth, and a little more where figures are small.
const late = ['wait p95', 'picture', 'sound']; // who sends more has longer queues
const slack = { 'kbit/s': 20, 'wait p95': 10, picture: 10, sound: 10, 'frames/s': 1, freezes: 0, frozen: 50, concealed: 0.5 };

let code = 1;
try {
  const server = await serve(t);
  const context = await launch(t, `--use-file-for-fake-video-capture=${clip}`, '--disable-features=WebRtcHideLocalIpsWithMdns');
  const url = new URL('nothing', server.url).href;
  const page = (sends) => pageEnd(context, url, sends);
  const rill = (role, ...options) => rillEnd(t, server, role, [...options, ...(data ? ['--trace', join(data, `${role}.sqlog`)] : [])]);
  const results = [
    await run('rill to Chromium', await rill('offerer', '-loop', '1', '-re', '-i', clip, '-i', 'sine'), await page(false)),
    await run('Chromium to rill', await page(true), await rill('answerer', '-r', '15', '-i', 'testsrc:size=160x120')),
    await run('Chromium to Chromium', await page(true), await page(false)),
  ];
  results.forEach(print);
  const [ours, theirs, reference] = results;
  let held = 0, all = 0;
  console.log('\nwhere rill is not as good as Chromium to Chromium:');
  for (const [who, { rows }] of [['rill to Chromium', ours], ['Chromium to rill', theirs]])
    rows.forEach((r, i) => columns.filter(([, , value]) => value).forEach(([c, text, value, sign]) => {
      const want = value(reference.rows[i]);
      const good = sign * (value(r) - want) >= -Math.max(slack[c], 0.1 * want);
      all++;
      held += good;
      const beside = late.includes(c) ? `, with ${r.kbps.toFixed(0)} kbit/s, not ${reference.rows[i].kbps.toFixed(0)}` : '';
      if (!good) console.log(`  ${who}, ${r.phase}: ${c} ${text(r)}, not ${text(reference.rows[i])}${beside}`);
    }));
  console.log(`\nat least as good in ${held} of ${all}`);
  code = 0;
} finally {
  for (const end of ends) await end();
}
process.exit(code);
