// What else a browser may offer than one camera and one microphone, and calls one after the other:
// rill answers what it can do, refuses the rest, and media flows in what is left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inbound, launch, open, state } from './lib/browser.mjs';
import { call, serve } from './lib/rill.mjs';
import { shared } from './lib/shared.mjs';

const browser = shared(launch);

const media = ['-i', 'testsrc:size=320x240', '-i', 'sine'];

// Runs in the page before it calls; `received` and `shown` are the kinds that flow to rill and to the page.
const offers = {
  'a data channel as the first m-line': {
    change: () => {
      const P = RTCPeerConnection.prototype, { addTrack } = P;
      P.addTrack = function (...a) {
        if (this.getSenders().length === 0) this.createDataChannel('first');
        return addTrack.apply(this, a);
      };
    },
    received: ['audio', 'video'], shown: ['audio', 'video'],
  },
  'video codecs that rill has not': {
    change: () => {
      const P = RTCPeerConnection.prototype, { createOffer } = P;
      P.createOffer = function () {
        const video = this.getTransceivers().find((t) => t.sender.track.kind === 'video');
        video.setCodecPreferences(RTCRtpReceiver.getCapabilities('video').codecs.filter((c) => /AV1/.test(c.mimeType)));
        return createOffer.call(this);
      };
    },
    received: ['audio'], shown: ['audio'],
  },
  'two m-lines more, to receive and inactive': {
    change: () => {
      const P = RTCPeerConnection.prototype, { createOffer } = P;
      P.createOffer = function () {
        this.addTransceiver('video', { direction: 'recvonly' });
        this.addTransceiver('audio', { direction: 'inactive' });
        return createOffer.call(this);
      };
    },
    received: ['audio', 'video'], shown: ['audio', 'video'],
  },
  'simulcast, and a transport for each m-line if need be': {
    change: () => {
      const P = RTCPeerConnection.prototype, { addTrack } = P, Plain = RTCPeerConnection;
      P.addTrack = function (track, stream) {
        if (track.kind === 'audio') return addTrack.call(this, track, stream);
        return this.addTransceiver(track, { streams: [stream], sendEncodings: [{ rid: 'h' }, { rid: 'l' }] }).sender;
      };
      window.RTCPeerConnection = function (config) {
        return new Plain({ ...config, bundlePolicy: 'max-compat' });
      };
    },
    received: ['audio', 'video'], shown: ['audio', 'video'],
  },
  'an RSA certificate, and nothing to receive': {
    change: () => {
      const P = RTCPeerConnection.prototype, { createOffer } = P, Plain = RTCPeerConnection;
      const { mediaDevices } = navigator, getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
      let certificate;
      mediaDevices.getUserMedia = async (wanted) => {
        certificate = await Plain.generateCertificate({
          name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]),
        });
        return getUserMedia(wanted);
      };
      P.createOffer = function () {
        for (const t of this.getTransceivers()) t.direction = 'sendonly';
        return createOffer.call(this);
      };
      window.RTCPeerConnection = function (config) {
        return new Plain({ ...config, certificates: [certificate] });
      };
    },
    received: ['audio', 'video'], shown: [],
  },
};

// The kinds of which the page has something.
async function shown(page) {
  const got = await inbound(page);
  return Object.keys(got).filter((kind) => got[kind].packetsReceived > 0).sort();
}

// Asks until the page has it, or for twenty seconds.
async function shows(page, want) {
  for (let i = 0; i < 200 && (await shown(page)).length < want.length; i++) await page.waitForTimeout(100);
  assert.deepEqual(await shown(page), want);
}

test('whatever the browser offers besides', async (t) => {
  const server = await serve(t);
  const context = await browser();
  for (const [name, offer] of Object.entries(offers))
    await t.test(name, async (t) => {
      const page = await open(context, server, 'browser');
      await page.evaluate(offer.change);
      await page.click('#call:enabled');
      await state(page, 'calling');
      const b = call(t, server, 'rill', '--as', 'answerer', ...media);
      await b.step(23);
      await state(page, 'connected');
      await shows(page, offer.shown);
      b.child.kill('SIGINT');
      const s = await b.summary();
      assert.equal(b.code, 0, s.failure);
      assert.deepEqual(s.received.filter((r) => r.decoded > 0).map((r) => r.kind).sort(), offer.received);
      await state(page, 'closed');
      await page.close();
    });
});

test('one page calls, is called and calls again, whoever hangs up', async (t) => {
  const server = await serve(t);
  const page = await open(await browser(), server, 'browser');
  t.after(() => page.close());
  for (const [i, [pageCalls, pageHangsUp]] of [[true, true], [false, false], [true, false], [false, true]].entries()) {
    if (pageCalls) {
      await page.click('#call:enabled');
      await state(page, 'calling');
    }
    const rill = call(t, server, `rill${i}`, '--as', pageCalls ? 'answerer' : 'offerer', ...media);
    if (!pageCalls) await page.click('#answer:enabled');
    await state(page, 'connected');
    await rill.step(23);
    await shows(page, ['audio', 'video']);
    if (pageHangsUp) await page.click('#hangup');
    else rill.child.kill('SIGINT');
    const s = await rill.summary();
    assert.equal(rill.code, 0, s.failure);
    assert.match(await state(page, 'closed'), pageHangsUp ? /You hung up/ : /other side has hung up/);
  }
});

test('a sender report does not come from the future', async (t) => {
  const server = await serve(t);
  const page = await open(await browser(), server, 'browser');
  t.after(() => page.close());
  const rill = call(t, server, 'rill', '--as', 'offerer', '-i', 'testsrc:size=1920x1080', '-i', 'sine');
  await page.click('#answer:enabled');
  await state(page, 'connected');
  const [sent, came] = await page.evaluate(async () => {
    for (;;) {
      for (const s of (await window.rill.pc.getStats()).values())
        if (s.type === 'remote-outbound-rtp' && s.kind === 'video') return [s.remoteTimestamp, s.timestamp];
      await new Promise((ok) => setTimeout(ok, 100));
    }
  });
  // Both are the clock of this machine; the page's may have been set a moment ago.
  assert.ok(sent <= came + 5, `sent at ${sent}, received at ${came}`);
  rill.child.kill('SIGINT');
  await rill.summary();
});
