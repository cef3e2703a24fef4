// Firefox ESR with rill, both ways, and with Chromium through rill serve, both ways. A call counts
// when both ends have decoded: a picture by its number or by what the camera showed, a sound by its
// pitch. Each call ends with another side hanging up, and the one left is told.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { inbound, launch, open, outbound, state } from './lib/browser.mjs';
import { launchFirefox, openFirefox } from './lib/firefox.mjs';
import { distance, readNumbers, readTone, seen, watch } from './lib/pattern.mjs';
import { call, serve, tempDir } from './lib/rill.mjs';

const media = ['-i', 'testsrc', '-i', 'sine:frequency=500'];
const firefoxHz = 1000; // of the fake microphones
const chromiumHz = 400;

// A sound may begin late on a busy machine, so it is listened to until it is the one expected.
async function hears(page, hz) {
  const heard = [];
  while (heard.length < 12) {
    heard.push((await readTone(page, '#remote', 700)).hz);
    if (Math.abs(heard.at(-1) - hz) < 10) return;
  }
  assert.fail(`the page hears ${heard} Hz, not ${hz}`);
}

async function showsNumbers(page) {
  const numbers = await readNumbers(page, '#remote', 30);
  assert.ok(numbers.every((n) => n >= 0), `each picture shows its number: ${numbers}`);
  for (let i = 1; i < numbers.length; i++) assert.ok(numbers[i] >= numbers[i - 1], `in order: ${numbers}`);
  assert.ok(numbers.at(-1) > numbers[0], 'the picture moves');
}

async function showsCamera(page, other) {
  const shown = await seen(page, '#remote', 20);
  const camera = await seen(other, '#local', 20);
  for (const picture of shown) assert.ok(distance(picture, camera) < 12, `not what the camera showed: ${picture}`);
}

// Frames and samples nearly in full: what Firefox had sent before the end was asked for, and a part of it was on its way.
function rillDecoded(summary, sent, camera, dir) {
  assert.ok(summary.ok, summary.failure);
  const [video, audio] = ['video', 'audio'].map((kind) => summary.received.find((s) => s.kind === kind));
  assert.ok(video.decoded >= sent.video.framesEncoded * 0.8 - 3, `${video.decoded} of ${sent.video.framesEncoded} pictures`);
  assert.equal(video.decode_errors + audio.decode_errors, 0);
  // Its estimate begins low, so Firefox begins small and grows for 15 s, with any other side too.
  assert.deepEqual([video.width, video.height], [sent.video.frameWidth, sent.video.frameHeight]);
  assert.ok(audio.samples >= (sent.audio.packetsSent * 0.8 - 5) * 960, `${audio.samples} samples of ${sent.audio.packetsSent} packets`);
  assert.ok(Math.abs(audio.tone_hz - firefoxHz) < 10, `rill hears ${audio.tone_hz} Hz`);
  const scale = ['-vf', 'scale=8:6:flags=area', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const last = spawnSync('ffmpeg', ['-v', 'error', '-i', join(dir, 'last-frame.png'), ...scale]).stdout;
  assert.equal(last.length, 8 * 6 * 3);
  assert.ok(distance([...last], camera) < 12, `rill's last picture is not of the camera: ${[...last]}`);
}

async function withRill(page, peer) {
  await state(page, 'connected');
  await watch(page, '#local');
  await peer.step(23);
  await showsNumbers(page);
  await hears(page, 500);
  const got = await inbound(page);
  assert.ok(got.video.framesDecoded >= 30 && got.video.frameWidth === 640, JSON.stringify(got));
  assert.ok(got.audio.samples > 0 && got.audio.energy > 0, JSON.stringify(got));
  await seen(page, '#local', 30);
  return outbound(page);
}

async function stepsLit(page, ...wanted) {
  const lit = await page.evaluate(() => window.rill.steps.filter((s) => s.where === 'here').map((s) => s.number));
  assert.deepEqual(wanted.filter((n) => !lit.includes(n)), [], `steps of ${lit}`);
}

// Each sees and hears the other; then the caller hangs up.
async function browsersTalk(caller, callerHz, answerer, answererHz) {
  await caller.locator('#call:enabled').click();
  await answerer.locator('#answer:enabled').click();
  for (const page of [caller, answerer]) await state(page, 'connected');
  for (const page of [caller, answerer]) for (const video of ['#local', '#remote']) await watch(page, video);
  await showsCamera(caller, answerer);
  await showsCamera(answerer, caller);
  await hears(caller, answererHz);
  await hears(answerer, callerHz);
  for (const page of [caller, answerer]) {
    const { pair } = await page.evaluate(() => window.rill.stats());
    assert.ok(pair.bytesSent > 0 && pair.bytesReceived > 0, `the pair in use: ${JSON.stringify(pair)}`);
  }
  await caller.locator('#hangup:enabled').click();
  assert.equal(await state(caller, 'closed'), 'You hung up.');
  assert.equal(await state(answerer, 'closed', 20000), 'The other side has hung up.');
  for (const page of [caller, answerer]) assert.deepEqual(page.said, []);
}

test('Firefox', async (t) => {
  const server = await serve(t);
  const firefox = await launchFirefox(t);
  const chromium = await launch(t);

  await t.test('offers and rill answers; Firefox hangs up', async (t) => {
    const page = await openFirefox(firefox, server, 'firefox');
    const dir = tempDir(t);
    await page.locator('#call:enabled').click();
    await state(page, 'calling');
    const peer = call(t, server, 'rill', '--as', 'answerer', ...media, '-o', dir);
    const sent = await withRill(page, peer);
    await page.locator('#hangup:enabled').click();
    assert.equal(await state(page, 'closed'), 'You hung up.');
    const summary = await peer.summary(20000);
    rillDecoded(summary, sent, await seen(page, '#local', 30), dir);
    assert.equal(summary.dtls_role, 'client');
    assert.equal(peer.code, 0, peer.err);
    await stepsLit(page, 1, 2, 3, 4, 5, 6, 7, 8, 9, 22, 23);
    assert.deepEqual(page.said, []);
    await page.close();
  });

  await t.test('answers and rill has offered; rill hangs up', async (t) => {
    const page = await openFirefox(firefox, server, 'firefox');
    const dir = tempDir(t);
    const peer = call(t, server, 'rill', '--as', 'offerer', ...media, '-o', dir);
    await page.locator('#answer:enabled').click();
    const sent = await withRill(page, peer);
    await peer.stop();
    const summary = await peer.summary();
    assert.equal(await state(page, 'closed', 20000), 'The other side has hung up.');
    rillDecoded(summary, sent, await seen(page, '#local', 30), dir);
    assert.equal(summary.dtls_role, 'server');
    assert.equal(peer.code, 0, peer.err);
    await stepsLit(page, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 23);
    assert.deepEqual(page.said, []);
    await page.close();
  });

  await t.test('calls Chromium and hangs up', async () => {
    const caller = await openFirefox(firefox, server, 'firefox');
    const answerer = await open(chromium, server, 'chromium');
    await browsersTalk(caller, firefoxHz, answerer, chromiumHz);
    await caller.close();
    await answerer.close();
  });

  await t.test('is called by Chromium, which hangs up', async () => {
    const answerer = await openFirefox(firefox, server, 'firefox');
    const caller = await open(chromium, server, 'chromium');
    await browsersTalk(caller, chromiumHz, answerer, firefoxHz);
    await caller.close();
    await answerer.close();
  });
});
