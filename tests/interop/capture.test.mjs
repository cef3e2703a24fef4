// Cameras, screens and files in whole calls: chosen, lost, replaced, left out.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { call, Process, rill, root, run, serve, tempDir } from './lib/rill.mjs';

const film = 'tests/data/media/bars.y4m';
const clip = 'tests/data/media/clip.ivf';
let camera;

before(() => {
  const dir = mkdtempSync(join(tmpdir(), 'rill-camera-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  camera = join(dir, 'camera.so');
  const r = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-I.', '-o', camera, 'tests/interop/lib/camera_preload.c',
    'capture/testsrc.c', 'capture/digits.c', 'capture/number_code.c', '-lyuv', '-lturbojpeg', '-lpthread'], { cwd: root });
  assert.equal(r.status, 0, r.stderr.toString());
});

function withCamera(more = {}) {
  const env = { LD_PRELOAD: camera, ASAN_OPTIONS: 'verify_asan_link_order=0', ...more };
  return Object.entries(env).map(([k, v]) => `${k}=${v}`);
}

function cameraCall(t, server, name, env, ...options) {
  return new Process(t, [...withCamera(env), rill, 'call', '--json', '--ice-loopback', '--name', name,
    '--stun', server.stun, '--timeout', '40', ...options, server.url], 'env');
}

const video = (summary, direction) => summary[direction].find((s) => s.kind === 'video');
const notes = (p, name) => p.events.filter((e) => e.event === name).map((e) => e.value);

function checkOk(...sides) {
  for (const [p, s] of sides) {
    assert.equal(s.failure, null, p.err);
    assert.ok(s.ok);
    assert.equal(p.code, 0, p.err);
  }
}

// --- cameras ---------------------------------------------------------------------------------

test('rill devices lists a camera under the same id in each run, with what it can do', () => {
  const lists = [0, 1].map(() => {
    const r = spawnSync('env', [...withCamera(), rill, 'devices', '--json']);
    assert.equal(r.status, 0, r.stderr.toString());
    return JSON.parse(r.stdout);
  });
  const [device] = lists[0].filter((d) => d.name === '/dev/video0');
  assert.equal(device.kind, 'videoinput');
  assert.equal(device.label, 'A Camera: of the test');
  assert.match(device.deviceId, /^[0-9a-f]{32}$/);
  assert.match(device.groupId, /^[0-9a-f]{32}$/);
  assert.deepEqual(device.capabilities.width, { min: 1, max: 1280 });
  assert.deepEqual(device.capabilities.resizeMode, ['none', 'crop-and-scale']);
  assert.ok(device.capabilities.modes.some((m) => m.format === 'MJPG' && m.width === 1280 && m.frameRate === 30));
  assert.equal(device.controls[0].name, 'brightness_overall');
  assert.deepEqual(lists[0], lists[1]);
  const text = spawnSync('env', [...withCamera(), rill, 'devices']);
  assert.match(text.stdout.toString(), /videoinput {2}A Camera: of the test/);
});

test('a camera unplugged in mid-call ends its track, not the call', async (t) => {
  const server = await serve(t);
  const unplug = join(tempDir(t), 'unplug');
  const a = cameraCall(t, server, 'first', { CAMERA_UNPLUG: unplug }, '-t', '4',
    '-i', 'video:width=1280,height=720,frameRate=30', '-i', 'sine:frequency=500');
  await a.step(9);
  const b = call(t, server, 'second', '-t', '4', '-i', 'sine:frequency=1000');
  await a.step(23);
  await new Promise((r) => setTimeout(r, 1500));
  writeFileSync(unplug, '');
  const ended = await a.event((e) => e.event === 'ended');
  assert.match(ended.value, /^track 0: the device is gone/);
  const [x, y] = await Promise.all([a.summary(), b.summary()]);
  checkOk([a, x], [b, y]);
  const seen = video(y, 'received');
  assert.equal(seen.width, 1280);
  assert.equal(seen.decode_errors, 0);
  assert.ok(seen.numbers > 5, `${seen.numbers} pictures of the camera`);
  assert.equal(notes(a, 'source')[0], 'track 0: A Camera: of the test, 1280x720 at 30');
  assert.ok(seen.decoded > seen.numbers, 'black pictures went on');
  const heard = y.received.find((s) => s.kind === 'audio');
  assert.ok(heard.samples > 3 * 48000 * 0.8, 'sound went on');
});

test('no camera, no permission and a busy one are told apart, and left out with --optional', async (t) => {
  const refusals = [[{}, 'video:deviceId.exact=nobody', /OverconstrainedError: deviceId/],
    [{ CAMERA_ERROR: 13 }, '/dev/video0', /NotAllowedError/], [{ CAMERA_ERROR: 16 }, '/dev/video0', /NotReadableError/],
    [{ CAMERA_ERROR: 19 }, 'video', /NotFoundError/]];
  const server = await serve(t);
  for (const [env, source, sentence] of refusals) {
    const p = cameraCall(t, server, 'only', env, '--as', 'offerer', '-i', source);
    assert.equal(await p.ended, 1);
    assert.match(p.err, sentence);
  }
  const a = cameraCall(t, server, 'first', { CAMERA_ERROR: 16 }, '-t', '1', '--optional', '-i', 'video',
    '-i', '/nonexistent.y4m', '-i', 'sine');
  await a.step(9);
  const b = call(t, server, 'second', '-t', '1', '--optional', '-i', '/nonexistent.wav');
  const [x, y] = await Promise.all([a.summary(), b.summary()]);
  checkOk([a, x], [b, y]);
  assert.deepEqual(notes(a, 'left-out'), ['video', '/nonexistent.y4m']);
  assert.deepEqual(x.sent.filter((s) => s.frames > 0).map((s) => s.kind), ['audio']);
});

// --- the screen ------------------------------------------------------------------------------

// Xvfb keeps its pixels in a file (XWD): what is written there is on the screen.
async function screen(t, width, height) {
  const dir = tempDir(t);
  const x = spawn('Xvfb', ['-displayfd', '3', '-fbdir', dir, '-screen', '0', `${width}x${height}x24`,
    '-nolisten', 'tcp', '-noreset', '-nocursor'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const gone = new Promise((r) => x.on('close', r));
  t.after(() => (x.kill('SIGKILL'), gone));
  const display = await new Promise((ok, fail) => {
    x.on('error', fail);
    x.stdio[3].once('data', (d) => ok(Number(d)));
  });
  return { display, file: join(dir, 'Xvfb_screen0') };
}

// Slopes in each colour, so that no half of a picture is like the other, as blue, green, red and a spare byte.
function paint(width, height) {
  const p = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      p.set([200 - (x * 160) / width, Math.floor((y * 255) / height), ((x + y) * 255) / (width + height), 0], (y * width + x) * 4);
  return p;
}

function show(file, pixels) {
  const fd = openSync(file, 'r+');
  const head = Buffer.alloc(100);
  readSync(fd, head, 0, 100, 0);
  const [size, colours] = [head.readUInt32BE(0), head.readUInt32BE(76)];
  writeSync(fd, pixels, 0, pixels.length, size + colours * 12);
}

function psnr(raw, width, height, png) {
  const r = spawnSync('ffmpeg', ['-v', 'info', '-f', 'rawvideo', '-pix_fmt', 'bgr0', '-s', `${width}x${height}`,
    '-i', raw, '-i', png, '-lavfi', '[0]format=gbrp[a];[1]format=gbrp[b];[a][b]psnr', '-f', 'null', '-']);
  return Number(/average:([\d.]+|inf)/.exec(r.stderr.toString())[1]);
}

test('pattern, film, screen: replaced in mid-call without a new offer, the pixels are the screen\'s', async (t) => {
  const server = await serve(t);
  const [width, height] = [320, 240];
  const x = await screen(t, width, height);
  const pixels = paint(width, height);
  show(x.file, pixels);
  const out = tempDir(t);
  const raw = join(out, 'wanted.raw');
  writeFileSync(raw, pixels);
  const a = call(t, server, 'first', '-t', '4', '-i', 'testsrc', '-i', 'sine', '--at', `1:0:replace=${film}`,
    '--at', `1.5:0:replace=${clip}`, '--at', `2:0:replace=x11:${x.display}`);
  await a.step(9);
  const b = call(t, server, 'second', '-t', '6', '-o', out, '-i', 'sine');
  const [s, r] = await Promise.all([a.summary(), b.summary()]);
  checkOk([a, s], [b, r]);
  assert.deepEqual(notes(a, 'replaced'), ['track 0: 64x48', 'track 0: 64x48', `track 0: ${width}x${height}`]);
  assert.equal(b.steps().filter((n) => n === 17).length, 1, 'one offer');
  const seen = video(r, 'received');
  assert.equal(seen.decode_errors, 0);
  assert.equal(seen.width, width);
  assert.ok(seen.numbers >= 5, 'the pattern came first');
  const decibels = psnr(raw, width, height, join(out, 'last-frame.png'));
  assert.ok(decibels > 32, `${decibels} dB`);
});

// --- the command line ------------------------------------------------------------------------

test('-s, -r and -b:v belong to the next -i; a clone has a track of its own', async (t) => {
  const server = await serve(t);
  const a = call(t, server, 'first', '-t', '3', '-s', '320x240', '-r', '15', '-b:v', '200k', '-c:v', 'vp8', '-re',
    '-i', 'testsrc', '-i', 'clone:0', '--at', '1:1:constrain=width=160,height=120');
  await a.step(9);
  const b = call(t, server, 'second', '-t', '5', '-i', 'sine');
  const [x, y] = await Promise.all([a.summary(), b.summary()]);
  checkOk([a, x], [b, y]);
  const seen = y.received.filter((s) => s.kind === 'video');
  assert.deepEqual(seen.map((s) => s.width), [320, 160]);
  for (const s of seen) {
    assert.equal(s.decode_errors, 0);
    assert.ok(s.decoded > 10 && s.decoded < 70, `${s.decoded} pictures at 15 a second`);
  }
});

test('disabled, enabled and stopped by --at, and what cannot be done is told', async (t) => {
  const server = await serve(t);
  const a = call(t, server, 'first', '-t', '3', '-i', 'testsrc', '--at', '0.5:0:disable', '--at', '1.5:0:enable',
    '--at', '2:0:constrain=width.min=9999', '--at', '2.1:0:replace=sine', '--at', '2.5:0:stop');
  await a.step(9);
  const b = call(t, server, 'second', '-t', '5', '-i', 'sine');
  const [x, y] = await Promise.all([a.summary(), b.summary()]);
  checkOk([a, x], [b, y]);
  assert.equal(notes(a, 'refused').length, 2);
  assert.match(a.err, /OverconstrainedError: width/);
  assert.match(a.err, /TypeError: a track is replaced by one of its own kind/);
  assert.deepEqual(notes(a, 'ended'), ['track 0']);
  const seen = video(y, 'received');
  assert.ok(seen.number_last > 45, 'it came back after a second and a half');
  assert.ok(seen.numbers < 60, `${seen.numbers} pictures, though it was disabled for a second`);
});

test('wrong options of inputs exit 2 and say why', () => {
  const wrong = [['-s', '320x240'], ['-b:v', 'much', '-i', 'testsrc'], ['-c:v', 'h264', '-i', 'testsrc'],
    ['-c:v', 'copy', '-i', film], ['-i', 'clone:0'], ['-i', 'testsrc', '-i', 'clone:1'], ['--at', '1:0:disable'],
    ['-i', 'testsrc', '--at', '1:1:disable'], ['-i', 'testsrc', '--at', 'x:0:disable'],
    ['-i', 'testsrc', '--at', '1:0:dance'], ['-i', 'testsrc', '--at', '1:0:replace']];
  for (const args of wrong) {
    const r = run(['call', ...args, 'http://127.0.0.1:1/']);
    assert.equal(r.code, 2, `rill call ${args.join(' ')}: ${r.out}${r.err}`);
    assert.match(r.err, /^rill call: /);
  }
  assert.equal(run(['devices', '--no-such']).code, 2);
});
