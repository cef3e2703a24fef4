// Other codecs in real calls with Chromium: what is agreed on is what both sides send, say and decode.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { launch, open, state } from './lib/browser.mjs';
import { readNumbers } from './lib/pattern.mjs';
import { call, serve, tempDir } from './lib/rill.mjs';

const seconds = 4;

// What getStats says of each stream: its codec, and how much was decoded or sent.
function streams(page) {
  return page.evaluate(async () => {
    const all = await window.rill.pc.getStats(), out = {};
    for (const s of all.values())
      if (s.type === 'inbound-rtp' || s.type === 'outbound-rtp')
        out[`${s.type.split('-')[0]} ${s.kind}`] = { codec: all.get(s.codecId)?.mimeType, frames: s.framesDecoded ?? s.framesEncoded, samples: s.totalSamplesReceived, energy: s.totalAudioEnergy };
    return out;
  });
}

async function callChromium(t, codecs, ...options) {
  const server = await serve(t);
  const dir = tempDir(t);
  const a = call(t, server, 'rill', '--as', 'offerer', '--codecs', codecs, '-t', String(seconds), ...options, '-o', join(dir, 'kept.ivf'), '-o', join(dir, 'kept.wav'));
  await a.step(9);
  const page = await open(await launch(t), server, 'browser');
  await page.click('#answer:enabled');
  await state(page, 'connected');
  await a.step(23);
  const numbers = await readNumbers(page, '#remote', 20);
  const seen = await streams(page);
  return { dir, numbers, seen, summary: await a.summary() };
}

test('VP9 and PCMU with Chromium, both ways', async (t) => {
  const { dir, numbers, seen, summary } = await callChromium(t, 'vp9,vp8,pcmu,opus', '-i', 'testsrc', '-i', 'sine:frequency=500');
  assert.ok(numbers.every((n) => n >= 0), `each picture shows its number: ${numbers}`);
  assert.ok(numbers.at(-1) > numbers[0]);
  for (const way of ['inbound', 'outbound']) {
    assert.equal(seen[`${way} video`].codec, 'video/VP9');
    assert.equal(seen[`${way} audio`].codec, 'audio/PCMU');
  }
  assert.ok(seen['inbound audio'].energy > 0);
  assert.ok(summary.ok, summary.failure);
  const video = summary.received.find((s) => s.kind === 'video');
  assert.ok(video.decoded > 10 && video.decode_errors === 0, JSON.stringify(video));
  const audio = summary.received.find((s) => s.kind === 'audio');
  assert.ok(audio.samples > seconds * 48000 * 0.6 && audio.decode_errors === 0, JSON.stringify(audio));
  const probe = spawnSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_name,width', '-of', 'csv=p=0', join(dir, 'kept.ivf')]);
  assert.equal(probe.stdout.toString().trim(), 'vp9,640');
});
