// Two rill processes through rill serve, on loopback: what one shows is what the other decodes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call, serve, tempDir } from './lib/rill.mjs';

function streams(summary, direction) {
  return Object.fromEntries(summary[direction].map((s) => [s.kind, s]));
}

// Complete and in order from the first key frame on; a source that fell behind says so itself.
function checkVideo(received, sent, seconds) {
  assert.equal(received.width, 640);
  assert.equal(received.height, 480);
  assert.equal(received.decode_errors, 0);
  assert.equal(received.numbers, received.decoded, 'each decoded picture shows its number');
  assert.ok(received.number_gaps <= sent.source_dropped,
    `${received.number_gaps} gaps, ${sent.source_dropped} dropped at the source`);
  assert.equal(received.number_last - received.number_first + 1,
    received.numbers + (received.number_gaps ? sent.source_dropped : 0));
  assert.ok(received.decoded > seconds * 15, `${received.decoded} pictures in ${seconds} s`);
}

function checkAudio(received, hz, seconds) {
  assert.ok(Math.abs(received.tone_hz - hz) <= 5, `a tone of ${received.tone_hz} Hz, not ${hz}`);
  assert.ok(received.samples > seconds * 48000 * 0.8, `${received.samples} samples in ${seconds} s`);
  assert.equal(received.decode_errors, 0);
}

function checkFiles(dir) {
  for (const [file, codec] of [['video.ivf', 'vp8'], ['audio.ogg', 'opus'], ['last-frame.png', 'png']]) {
    const path = join(dir, file);
    assert.ok(statSync(path).size > 100, file);
    const r = spawnSync('ffprobe', ['-v', 'error', '-count_frames', '-show_entries',
      'stream=codec_name,nb_read_frames', '-of', 'json', path]);
    assert.equal(r.stderr.toString(), '', file);
    const stream = JSON.parse(r.stdout).streams[0];
    assert.equal(stream.codec_name, codec);
    assert.ok(Number(stream.nb_read_frames) > 0);
  }
}

async function checkCall(a, b, seconds, outs) {
  const [x, y] = await Promise.all([a.summary(), b.summary()]);
  assert.equal(x.failure, null);
  assert.equal(y.failure, null);
  assert.ok(x.ok && y.ok);
  assert.equal(a.code, 0, a.err);
  assert.equal(b.code, 0, b.err);
  assert.equal(x.srtp_profile, 'SRTP_AES128_CM_HMAC_SHA1_80');
  assert.deepEqual([x.dtls_role, y.dtls_role].sort(), ['client', 'server']);
  checkVideo(streams(x, 'received').video, streams(y, 'sent').video, seconds);
  checkVideo(streams(y, 'received').video, streams(x, 'sent').video, seconds);
  checkAudio(streams(x, 'received').audio, 1000, seconds);
  checkAudio(streams(y, 'received').audio, 500, seconds);
  outs.forEach(checkFiles);
}

const toneA = ['-i', 'testsrc', '-i', 'sine:frequency=500'];
const toneB = ['-i', 'testsrc', '-i', 'sine:frequency=1000'];

test('offerer first: the server holds the offer, the answerer finds it', async (t) => {
  const server = await serve(t);
  const outs = [tempDir(t), tempDir(t)];
  const a = call(t, server, 'first', '-t', '3', ...toneA, '-o', outs[0]);
  await a.step(9);
  const b = call(t, server, 'second', '-t', '3', ...toneB, '-o', outs[1]);
  await checkCall(a, b, 3, outs);
  assert.deepEqual(a.steps(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 22, 23]);
  assert.deepEqual(b.steps(), [10, 11, 12, 13, 14, 17, 15, 16, 18, 19, 20, 23]);
});

test('answerer first: it waits and hears of the offer', async (t) => {
  const server = await serve(t);
  const outs = [tempDir(t), tempDir(t)];
  const b = call(t, server, 'second', '-t', '3', '--as', 'answerer', ...toneB, '-o', outs[1]);
  await server.process.event((e) => e.event === 'join' && e.user === 'second');
  const a = call(t, server, 'first', '-t', '3', '--as', 'offerer', ...toneA, '-o', outs[0]);
  await checkCall(a, b, 3, outs);
});

test('^C hangs up: the other side hears it and both end well', async (t) => {
  const server = await serve(t);
  const a = call(t, server, 'first');
  await a.step(9);
  const b = call(t, server, 'second');
  await Promise.all([a.step(23), b.step(23)]);
  const asked = Date.now();
  await a.stop();
  await b.ended;
  assert.ok(Date.now() - asked < 5000, 'the other side heard the goodbye, it did not time out');
  assert.equal(a.code, 0, a.err);
  assert.equal(b.code, 0, b.err);
});

test('audio alone is a call too', async (t) => {
  const server = await serve(t);
  const a = call(t, server, 'first', '-t', '2', '-i', 'sine:frequency=500');
  await a.step(9);
  const b = call(t, server, 'second', '-t', '2', '-i', 'sine:frequency=1000');
  const [x, y] = await Promise.all([a.summary(), b.summary()]);
  assert.ok(x.ok && y.ok, a.err + b.err);
  checkAudio(streams(x, 'received').audio, 1000, 1);
  assert.equal(x.received.length, 1);
});

test('pictures that take too long to encode do not silence the sound', async (t) => {
  const server = await serve(t);
  const large = ['-i', 'testsrc:size=3840x2160', '-i', 'sine', '-t', '4'];
  const a = call(t, server, 'a', '--as', 'offerer', ...large);
  await a.step(8);
  const b = call(t, server, 'b', '--as', 'answerer', ...large);
  for (const [s, process] of [[await b.summary(), b], [await a.summary(), a]]) {
    assert.equal(process.code, 0, s.failure);
    const { audio } = streams(s, 'received');
    assert.ok(audio.samples > 0.4 * 4 * 48000, `${audio.samples} samples in 4 s`);
  }
});

test('nobody comes: the call fails after its timeout and says so', async (t) => {
  const server = await serve(t);
  const a = call(t, server, 'lonely', '--timeout', '1');
  const s = await a.summary();
  assert.equal(s.ok, false);
  assert.match(s.failure, /nobody answered/);
  assert.equal(a.code, 1);
});

test('a wrong password is refused with a sentence', async (t) => {
  const server = await serve(t, '--password', 'right');
  const a = call(t, server, 'first', '--password', 'wrong');
  const s = await a.summary();
  assert.equal(s.ok, false);
  assert.match(s.failure, /password/i);
  assert.equal(a.code, 1);
});
