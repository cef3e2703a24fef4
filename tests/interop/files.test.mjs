// Files of shapes that others write, in a call between two rills: what comes is what was in them, from the first frame on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { call, serve, tempDir } from './lib/rill.mjs';

// The NAL units of a file, each without its start code and the zeros around it.
function units(path) {
  const bytes = readFileSync(path).toString('latin1');
  return bytes.split('\0\0\x01').slice(1).map((nal) => nal.replace(/\0+$/, ''));
}

function ffmpeg(...options) {
  const r = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', ...options], { maxBuffer: 1 << 24 });
  assert.equal(r.status, 0, r.stderr.toString());
  return r.stdout;
}

test('H.264 of several slices and large pictures amid zeros, and G.711 from a pipe that broke', async (t) => {
  const dir = tempDir(t);
  const [film, song, kept] = ['film.h264', 'song.wav', 'kept.h264'].map((name) => join(dir, name));
  const h264 = ffmpeg('-i', 'nullsrc=s=640x480:r=2:d=1,geq=random(1)*255:128:128', '-c:v', 'libx264', '-x264-params', 'slices=3:aud=1:keyint=1:qp=12', '-pix_fmt', 'yuv420p', '-f', 'h264', '-');
  assert.ok(h264.length > 2 * 262144 && h264.length < 2 * 1048576, `${h264.length}`);
  writeFileSync(film, Buffer.concat([Buffer.alloc(5), h264, Buffer.alloc(3)]));
  const wave = ffmpeg('-i', 'sine=duration=0.6:sample_rate=8000', '-c:a', 'pcm_mulaw', '-f', 'wav', '-'); // by pipe its size is ffffffff
  writeFileSync(song, wave.subarray(0, wave.length - 163));
  const server = await serve(t);
  const options = ['--codecs', 'h264,pcmu', '-t', '4'];
  const a = call(t, server, 'a', '--as', 'offerer', ...options, '-loop', '0', '-r', '2', '-i', film, '-loop', '0', '-i', song);
  const b = call(t, server, 'b', '--as', 'answerer', ...options, '-i', 'sine', '-o', kept);
  const [mine, theirs] = await Promise.all([a.summary(), b.summary()]);
  await Promise.all([a.ended, b.ended]);
  assert.deepEqual(mine.sent.map((s) => [s.kind, s.frames, s.frames_dropped]), [['video', 2, 0], ['audio', 29, 0]]);
  assert.ok(theirs.received.some((s) => s.kind === 'audio' && s.packets === 29 && s.lost === 0), JSON.stringify(theirs.received));
  assert.deepEqual(units(kept), units(film));
});

test('codecs that two have not in common, and one that nothing encodes, are told', async (t) => {
  const server = await serve(t);
  const a = call(t, server, 'a', '--as', 'offerer', '--codecs', 'vp9', '-i', 'testsrc');
  const b = call(t, server, 'b', '--as', 'answerer', '--codecs', 'vp8', '-i', 'testsrc');
  const { failure } = await a.summary();
  assert.match(failure, /takes nothing that was offered/);
  assert.deepEqual(await Promise.all([a.ended, b.ended]), [1, 1]);
  const c = call(t, server, 'c', '--as', 'offerer', '--codecs', 'h264', '-i', 'testsrc');
  call(t, server, 'd', '--as', 'answerer', '--codecs', 'h264', '-i', 'testsrc');
  const refused = await c.event((e) => e.event === 'refused');
  assert.match(refused.value, /come from files alone/);
  const e = call(t, server, 'e', '--as', 'offerer', '--codecs', 'vp9,opus', '-i', 'testsrc', '-i', 'sine', '-t', '1');
  const [film, song] = ['film.y4m', 'song.wav'].map((name) => join(tempDir(t), name));
  const f = call(t, server, 'f', '--as', 'answerer', '--codecs', 'vp8,opus', '-i', 'sine', '-o', song, '-o', film);
  assert.match((await e.event((m) => m.event === 'refused')).value, /no picture is sent/);
  assert.equal((await f.event((m) => m.event === 'output-unfilled')).value, `${film}: nothing that was agreed on goes into it`);
  assert.equal((await e.summary()).failure, null);
});
