// Header extensions that say something of a frame, with Chromium: level, capture time, orientation, playout delay.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, open, state } from './lib/browser.mjs';
import { call, serve } from './lib/rill.mjs';

const uris = ['urn:ietf:params:rtp-hdrext:ssrc-audio-level', 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
  'urn:3gpp:video-orientation', 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay'];
const ntpNow = () => Date.now() + 2208988800000;

test('Chromium and rill tell each other how loud, when captured, which way up and how late', async (t) => {
  const context = await launch(t);
  // Chromium offers the capture time to those who ask for it.
  await context.addInitScript(() => {
    const { createOffer } = RTCPeerConnection.prototype;
    RTCPeerConnection.prototype.createOffer = function (...args) {
      for (const x of this.getTransceivers())
        x.setHeaderExtensionsToNegotiate(x.getHeaderExtensionsToNegotiate().map((e) => (/abs-capture-time/.test(e.uri) ? { ...e, direction: 'sendrecv' } : e)));
      return createOffer.apply(this, args);
    };
  });
  const server = await serve(t);
  const page = await open(context, server, 'browser');
  await page.click('#call');
  await state(page, 'calling');
  const rill = call(t, server, 'rill', '--as', 'answerer', '-i', 'testsrc:size=320x240', '-i', 'sine:frequency=500',
    '--changes', '--orientation', '90', '--playout-delay', '300:600');
  await state(page, 'connected');
  await rill.step(23);
  const answered = await page.evaluate(() => window.rill.pc.remoteDescription.sdp);
  for (const uri of uris) assert.ok(answered.includes(uri), `rill answers ${uri}`);

  // What rill hears: a beep now and then, by the browser's clock, which is ours.
  for (const end = Date.now() + 30000; ;) {
    const { received } = await rill.says('stats', (e) => e.event === 'stats');
    const [video, audio] = ['video', 'audio'].map((kind) => received.find((s) => s.kind === kind)?.synchronization_source ?? {});
    if (audio.audioLevel > 0.01 && audio.captureTimestamp && video.captureTimestamp) {
      for (const s of [audio, video]) assert.ok(Math.abs(s.captureTimestamp - ntpNow()) < 3000, JSON.stringify(s));
      assert.equal(typeof audio.voiceActivityFlag, 'boolean');
      break;
    }
    assert.ok(Date.now() < end, JSON.stringify([video, audio]));
    await new Promise((ok) => setTimeout(ok, 100));
  }

  // What Chromium hears: a sine of -15 dBov, pictures that stand on their side, shown 300 ms late.
  const heard = await page.evaluate(async () => {
    const of = (kind) => window.rill.pc.getReceivers().find((r) => r.track.kind === kind);
    const video = document.querySelector('#remote');
    for (const end = performance.now() + 20000; performance.now() < end && video.videoWidth !== 240;) await new Promise((ok) => setTimeout(ok, 50));
    const delayOf = (all) => [...all.values()].find((s) => s.type === 'inbound-rtp' && s.kind === 'video');
    const a = delayOf(await window.rill.pc.getStats());
    await new Promise((ok) => setTimeout(ok, 1000));
    const b = delayOf(await window.rill.pc.getStats());
    return {
      audio: { ...of('audio').getSynchronizationSources()[0] }, size: [video.videoWidth, video.videoHeight],
      delay: (b.jitterBufferDelay - a.jitterBufferDelay) / (b.jitterBufferEmittedCount - a.jitterBufferEmittedCount),
      level: of('audio').getSynchronizationSources()[0].audioLevel, captured: of('audio').getSynchronizationSources()[0].captureTimestamp,
    };
  });
  assert.deepEqual(heard.size, [240, 320]);
  assert.ok(heard.level > 0.1 && heard.level < 0.3, JSON.stringify(heard));
  assert.ok(Math.abs(heard.captured - ntpNow()) < 3000, JSON.stringify(heard));
  assert.ok(heard.delay > 0.2 && heard.delay < 2, JSON.stringify(heard));
});
