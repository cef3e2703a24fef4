// rill with a real Chromium, both ways, and Chromium with Chromium through rill serve. A call counts
// when both ends have decoded: the pattern's numbers in the page, the fake camera and its beep in rill.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { inbound, launch, open, state } from './lib/browser.mjs';
import { readNumbers, readTone } from './lib/pattern.mjs';
import { call, serve, tempDir } from './lib/rill.mjs';
import { shared } from './lib/shared.mjs';

const browser = shared(launch);

async function opened(t, server, name) {
  const page = await open(await browser(), server, name);
  t.after(() => page.close());
  return page;
}

async function pageDecodes(page) {
  const numbers = await readNumbers(page, '#remote', 30);
  assert.ok(numbers.every((n) => n >= 0), `each picture shows its number: ${numbers}`);
  for (let i = 1; i < numbers.length; i++) assert.ok(numbers[i] >= numbers[i - 1], `in order: ${numbers}`);
  assert.ok(numbers.at(-1) > numbers[0], 'the picture moves');
  // A sound may begin late on a busy machine, so it is listened to until it is the one expected.
  const heard = [];
  while (heard.length < 12 && !(Math.abs(heard.at(-1) - 500) < 5)) heard.push((await readTone(page, '#remote', 1000)).hz);
  assert.ok(Math.abs(heard.at(-1) - 500) < 5, `the page hears ${heard} Hz, not 500`);
  const got = await inbound(page);
  assert.ok(got.video.framesDecoded >= 30, JSON.stringify(got));
  assert.equal(got.video.frameWidth, 640);
  assert.ok(got.audio.samples > 0 && got.audio.energy > 0, JSON.stringify(got));
}

// The fake camera's picture is a plain ground with a moving pie; its microphone beeps.
async function rillDecoded(rill, dir) {
  const summary = await rill.receives((picture, sound) => picture.decoded > 48 && sound.samples > 192000);
  assert.ok(summary.ok, summary.failure);
  const video = summary.received.find((s) => s.kind === 'video');
  assert.equal(video.decode_errors, 0);
  assert.equal(video.width, 640);
  assert.equal(video.height, 480);
  const volume = spawnSync('ffmpeg', ['-hide_banner', '-i', join(dir, 'audio.ogg'), '-af', 'volumedetect', '-f', 'null', '-']);
  const loudest = /max_volume: (-?[\d.]+) dB/.exec(volume.stderr.toString());
  assert.ok(loudest && Number(loudest[1]) > -35, `the beep is heard: ${loudest?.[0]}`);
  const pixels = spawnSync('ffmpeg', ['-v', 'error', '-i', join(dir, 'last-frame.png'), '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], { maxBuffer: 1 << 24 }).stdout;
  assert.equal(pixels.length, 640 * 480 * 3);
  const ground = [...pixels.subarray(3 * (640 * 240 + 8), 3 * (640 * 240 + 8) + 3)];
  return ground;
}

// What the page itself shows of its own camera, at the same place.
function localGround(page) {
  return page.evaluate(() => {
    const video = document.querySelector('#local');
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const g = canvas.getContext('2d');
    g.drawImage(video, 0, 0);
    return [...g.getImageData(Math.floor(canvas.width * 8 / 640), canvas.height / 2, 1, 1).data.slice(0, 3)];
  });
}

function alike(a, b) {
  assert.ok(a.every((v, i) => Math.abs(v - b[i]) < 40), `rill decoded ${a} where the camera shows ${b}`);
}

// The steps that this page has done itself, in the order they happened.
const stepsHere = (page) => page.evaluate(() =>
  window.rill.steps.filter((s) => s.where === 'here').sort((a, b) => a.at - b.at || 0).map((s) => s.number));

const media = ['-i', 'testsrc', '-i', 'sine:frequency=500', '--changes'];

test('the browser offers and rill answers', async (t) => {
  const server = await serve(t);
  const page = await opened(t, server, 'browser');
  const dir = tempDir(t);
  await page.click('#call');
  await state(page, 'calling');
  const b = call(t, server, 'rill', '--as', 'answerer', ...media, '-o', dir);
  await state(page, 'connected');
  await b.step(23);
  const shown = await localGround(page);
  await pageDecodes(page);
  alike(await rillDecoded(b, dir), shown);
  assert.equal(b.code, 0, b.err);
  const steps = await stepsHere(page);
  for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 22, 23]) assert.ok(steps.includes(n), `step ${n} of ${steps}`);
  await state(page, 'closed');
});

test('rill offers and the browser answers', async (t) => {
  const server = await serve(t);
  const page = await opened(t, server, 'browser');
  const dir = tempDir(t);
  const a = call(t, server, 'rill', '--as', 'offerer', ...media, '-o', dir);
  await a.step(8);
  await page.click('#answer:enabled');
  await state(page, 'connected');
  await a.step(23);
  const shown = await localGround(page);
  await pageDecodes(page);
  alike(await rillDecoded(a, dir), shown);
  assert.equal(a.code, 0, a.err);
  const steps = await stepsHere(page);
  for (const n of [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 23]) assert.ok(steps.includes(n), `step ${n} of ${steps}`);
});

test('browser with browser through rill serve; one hangs up and the other is told', async (t) => {
  const server = await serve(t);
  const [a, b] = [await opened(t, server, 'ann'), await opened(t, server, 'bob')];
  await a.bringToFront();
  await a.click('#call');
  await b.bringToFront();
  await b.click('#answer:enabled');
  await state(a, 'connected');
  await state(b, 'connected');
  for (const page of [a, b]) {
    await page.bringToFront();
    await page.waitForFunction(async () => {
      for (const s of (await window.rill.pc.getStats()).values())
        if (s.type === 'inbound-rtp' && s.kind === 'video' && s.framesDecoded > 20) return true;
      return false;
    }, null, { timeout: 20000 });
  }
  await a.click('#hangup');
  await state(a, 'closed');
  await state(b, 'closed', 20000);
  assert.notEqual((await b.locator('#message').textContent()).trim(), '');
});

test('the page says why when there is no camera to be had', async (t) => {
  const server = await serve(t);
  const page = await opened(t, server, 'browser');
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await page.click('#call');
  await state(page, 'failed');
  assert.match(await page.locator('#message').textContent(), /permission|allow/i);
});

test('the page says so when the server goes', async (t) => {
  const server = await serve(t);
  const page = await opened(t, server, 'browser');
  await page.waitForFunction(() => !document.querySelector('#call').disabled);
  await server.process.stop();
  await page.waitForFunction(() => /server/i.test(document.querySelector('#message').textContent), null, { timeout: 10000 });
});
