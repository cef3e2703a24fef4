// What is received in whole calls: kept in every form at once, through a full stop and a kill, played, and
// together after a minute with loss.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bridge } from './lib/bridge.mjs';
import { lossy } from './lib/lossy.mjs';
import { call, Process, rill, serve, tempDir } from './lib/rill.mjs';

function ffprobe(path, ...options) {
  const r = spawnSync('ffprobe', ['-v', 'error', '-of', 'json', ...options, path]);
  assert.equal(r.status, 0, r.stderr.toString());
  return JSON.parse(r.stdout);
}

function decodes(path) {
  const r = spawnSync('ffmpeg', ['-v', 'error', '-i', path, '-fps_mode', 'passthrough', '-enc_time_base', '-1', '-f', 'null', '-']);
  assert.equal(r.stderr.toString(), '', path);
}

const duration = (path) => Number(ffprobe(path, '-show_entries', 'format=duration').format.duration);

// A call whose second side has these outputs.
async function pair(t, seconds, ...outputs) {
  const server = await serve(t);
  const a = call(t, server, 'first', '--as', 'offerer', '-t', String(seconds + 1));
  return [a, call(t, server, 'second', '--as', 'answerer', '-t', String(seconds), ...outputs)];
}

test('every form at once, one of them where there is no folder: the call and the others go on', async (t) => {
  const dir = tempDir(t);
  const names = ['a.webm', 'a.mkv', 'a.ivf', 'a.ogg', 'a.wav', 'a.y4m', 'last.png', 'f-%03d.png'];
  const [, b] = await pair(t, 2, ...['/nonexistent/a.webm', ...names.map((n) => join(dir, n))].flatMap((n) => ['-o', n]));
  const summary = await b.summary();
  await b.ended;
  assert.ok(summary.ok);
  assert.match(summary.output_error, /cannot be opened/);
  assert.match(b.err, /\/nonexistent\/a.webm/);
  assert.equal(b.code, 1);
  for (const name of names.slice(0, 7)) decodes(join(dir, name));
  for (const name of names.slice(0, 2))
    assert.deepEqual(ffprobe(join(dir, name), '-show_entries', 'stream=codec_name').streams.map((s) => s.codec_name).sort(), ['opus', 'vp8']);
  const [video] = summary.received.filter((s) => s.kind === 'video');
  assert.equal(readdirSync(dir).filter((n) => n.startsWith('f-')).length, video.decoded);
});

test('a process that is killed leaves files that play to their end', async (t) => {
  const dir = tempDir(t);
  const names = ['k.webm', 'k.mkv', 'k.ogg', 'k.wav'];
  const [, b] = await pair(t, 30, ...names.flatMap((n) => ['-o', join(dir, n)]));
  await b.step(23);
  await new Promise((done) => setTimeout(done, 3000));
  b.child.kill('SIGKILL');
  await b.ended;
  for (const name of names) {
    decodes(join(dir, name));
    assert.ok(statSync(join(dir, name)).size > 5000, name);
  }
  assert.ok(duration(join(dir, 'k.ogg')) > 1.5);
});

test('sound is played through ALSA, and a card that is not there costs only itself', async (t) => {
  const dir = tempDir(t);
  const played = join(dir, 'played.wav');
  writeFileSync(join(dir, 'asoundrc'),
    `pcm.kept { type file slave.pcm "null" file "${played}" format "wav" }\n`);
  const env = [`ALSA_CONFIG_PATH=/usr/share/alsa/alsa.conf:${join(dir, 'asoundrc')}`];
  const server = await serve(t);
  const a = call(t, server, 'first', '--as', 'offerer', '-t', '4', '-i', 'sine:frequency=700', '-o', 'alsa:no-such-card');
  const b = new Process(t, [...env, rill, 'call', '--json', '--ice-loopback', '--name', 'second', '--as', 'answerer',
    '--stun', server.stun, '--timeout', '40', '-t', '3', '-i', 'sine', '--play=kept', server.url], 'env');
  const [x, y] = await Promise.all([a.summary(), b.summary()]);
  await Promise.all([a.ended, b.ended]);
  assert.ok(x.ok && y.ok);
  assert.match(a.err, /NotFoundError/);
  // The last second, through a narrow filter round the tone and through one beside it.
  const level = (hz) => {
    const r = spawnSync('ffmpeg', ['-hide_banner', '-sseof', '-1.5', '-i', played, '-af', `bandpass=f=${hz}:width_type=h:w=50,volumedetect`, '-f', 'null', '-']);
    return Number(/mean_volume: (\S+)/.exec(r.stderr.toString())[1]);
  };
  assert.ok(level(700) > level(2500) + 30);
});

// A flash and a beep each second, at the same instant of two files that begin together.
function clapper(dir) {
  const picture = join(dir, 'flash.y4m'), sound = join(dir, 'beep.wav');
  const make = (...args) => assert.equal(spawnSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', ...args]).status, 0);
  make('-i', "color=black:s=160x120:r=30:d=1,drawbox=c=white:t=fill:enable='lt(t,0.1)'", '-pix_fmt', 'yuv420p', picture);
  make('-i', "aevalsrc='if(lt(t,0.1),0.5*sin(2*PI*1000*t),0)':s=48000:d=1", sound);
  return [picture, sound];
}

// When it begins to be bright, and when loud, seconds.
function claps(path) {
  const lines = (...args) => spawnSync('ffmpeg', ['-hide_banner', '-i', path, ...args, '-f', 'null', '-'], { maxBuffer: 64 << 20 }).stderr.toString();
  const dark = lines('-an', '-vf', 'blackdetect=d=0.3:pix_th=0.5');
  const quiet = lines('-vn', '-af', 'silencedetect=n=-20dB:d=0.3');
  return [[...dark.matchAll(/black_end:(\S+)/g)], [...quiet.matchAll(/silence_end: (\S+)/g)]].map((m) => m.map((x) => Number(x[1])));
}

// How far apart they are, ms, three in four and at most, from `from` seconds on.
function apart(path, from) {
  const [bright, loud] = claps(path);
  const ms = bright.filter((s) => s >= from).map((s) => 1000 * Math.min(...loud.map((q) => Math.abs(q - s))));
  assert.ok(ms.length >= duration(path) - from - 2, `${ms.length} flashes`);
  ms.sort((x, y) => x - y);
  return [ms[Math.floor(ms.length * 0.75)], ms[ms.length - 1]];
}

const seconds = process.env.RILL_LONG ? 60 : 12;

// The first reports bring the pictures to where the sound is, which takes some seconds.
describe(`after ${seconds} s picture and sound are together`, { concurrency: true }, () => {
  test('on a path that loses nothing', async (t) => {
    const dir = tempDir(t);
    const [picture, sound] = clapper(dir);
    const kept = join(dir, 'kept.webm');
    const server = await serve(t);
    const a = call(t, server, 'first', '--as', 'offerer', '-t', String(seconds + 2), '-i', picture, '-i', sound);
    const b = call(t, server, 'second', '--as', 'answerer', '-t', String(seconds), '-o', kept);
    const got = await b.summary(100000);
    assert.ok(got.ok);
    await a.ended;
    assert.ok(Math.abs(duration(kept) - seconds) < 2, `${duration(kept)} s`);
    const count = ffprobe(kept, '-count_packets', '-select_streams', 'v', '-show_entries', 'stream=nb_read_packets').streams[0].nb_read_packets;
    assert.equal(Number(count), got.received.find((s) => s.kind === 'video').frames);
    const [most, worst] = apart(kept, 4);
    t.diagnostic(`${Math.round(most)} ms apart, ${Math.round(worst)} at worst`);
    assert.ok(most < 20);
  });

  test('where one in twenty is lost and both tracks are replaced in mid-call', async (t) => {
    const dir = tempDir(t);
    const [picture, sound] = clapper(dir);
    const kept = join(dir, 'kept.webm');
    const server = await serve(t);
    const path = lossy(t, 0.05);
    const half = seconds / 2;
    const { b } = await bridge(t, server, { changeCandidate: path.candidate, options: {
      offerer: ['-t', String(seconds + 2), '-i', picture, '-i', sound, '--at', `${half}.5:0:replace=${picture}`, '--at', `${half}.5:1:replace=${sound}`],
      answerer: ['-t', String(seconds), '-o', kept] } });
    const got = await b.summary(100000);
    assert.ok(got.ok, got.failure);
    assert.ok(path.lost > 0.03 * path.passed, `${path.lost} of ${path.passed} were lost`);
    assert.ok(Math.abs(duration(kept) - seconds) < 2, `${duration(kept)} s`);
    decodes(kept);
    const [most, worst] = apart(kept, 4);
    t.diagnostic(`${Math.round(most)} ms apart, ${Math.round(worst)} at worst; ${path.lost} of ${path.passed + path.lost} lost`);
    assert.ok(most < 20);
  });
});
