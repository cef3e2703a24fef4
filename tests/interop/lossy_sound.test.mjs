// Sound on a network that loses, and the keys of a telephone: RED (RFC 2198) and telephone-event (RFC 4733) with
// Chromium, and between two rills. Some 25 s.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bridge } from './lib/bridge.mjs';
import { launch } from './lib/browser.mjs';
import { jsepPage } from './lib/jsep_page.mjs';
import { lossy } from './lib/lossy.mjs';
import { goThrough, reach, relay } from './lib/relay.mjs';
import { call, serve } from './lib/rill.mjs';

const audio = (summary, direction) => summary[direction].find((s) => s.kind === 'audio');
const tones = (p) => p.events.filter((e) => e.event === 'tone').map((e) => e.value).join('');
const sound = ['--changes', '-i', 'sine:frequency=500'];

// What getStats of a page says of its sound, with the codec's name.
const stats = (p) => p.do(async () => {
  const all = await window.me.pc.getStats(), out = {};
  for (const s of all.values())
    if (s.type === 'inbound-rtp' || s.type === 'outbound-rtp') out[s.type] = { ...s, codec: all.get(s.codecId)?.mimeType };
  return out;
});

async function until(p, enough, ms = 20000) {
  let seen;
  for (const end = performance.now() + ms; performance.now() < end;) {
    seen = await stats(p);
    if (enough(seen['inbound-rtp'] ?? {}, seen['outbound-rtp'] ?? {})) break;
    await new Promise((ok) => setTimeout(ok, 200));
  }
  return { in: seen['inbound-rtp'] ?? {}, out: seen['outbound-rtp'] ?? {} };
}

const offer = (p, redFirst) => p.do(async (first) => {
  const { me } = window;
  me.iOffered = true;
  const t = me.pc.addTransceiver(await me.track('audio'));
  if (first) {
    const { codecs } = RTCRtpReceiver.getCapabilities('audio');
    const is = (name) => codecs.filter((c) => c.mimeType === `audio/${name}`);
    t.setCodecPreferences([...is('red'), ...is('opus'), ...is('telephone-event')]);
  }
  await me.negotiate();
}, redFirst);

test('with --red what is lost between rill and Chromium is found again in the next packet, both ways', async (t) => {
  const server = await serve(t);
  const between = await relay(t, 13);
  const p = await jsepPage(await (await launch(t)).newPage(), server, 'browser');
  await goThrough(p, between);
  const rill = call(t, server, 'rill', '--as', 'answerer', '--red', ...sound);
  await offer(p, false);
  await reach(p, between);
  const page = await until(p, (i) => i.packetsLost > 20);
  rill.child.kill('SIGINT');
  const summary = await rill.summary();
  const [sent, got] = [audio(summary, 'sent'), audio(summary, 'received')];
  const said = JSON.stringify([page, sent, got, between.lost]);
  assert.ok(sent.red, said);
  // Chromium counts what it has twice as discarded; of each ten losses it makes up less than three, and a few at the
  // beginning, when its buffer is still short.
  assert.ok(page.in.packetsDiscarded > page.in.packetsReceived * 0.7, said);
  assert.ok(page.in.packetsLost > 20 && page.in.concealmentEvents < page.in.packetsLost * 0.3 + 3, said);
  // Chromium does the same, since rill's answer has RED before Opus.
  assert.ok(got.fec_packets > got.packets / 2, said);
  assert.ok(got.lost > 3 && got.fec_packets - got.fec_discarded > got.lost / 2, said);
  assert.ok(got.concealmentEvents < got.lost * 0.4 + 3, said);
  assert.equal(got.decode_errors, 0, said);
});

test('Chromium that prefers RED gets it, and keys are heard both ways', async (t) => {
  const server = await serve(t);
  const p = await jsepPage(await (await launch(t)).newPage(), server, 'browser');
  const rill = call(t, server, 'rill', '--as', 'answerer', ...sound);
  await offer(p, true);
  await rill.step(23);
  await p.do(() => window.me.pc.getSenders()[0].dtmf.insertDTMF('19#D', 100, 70));
  await rill.event((e) => e.event === 'tone' && e.value === 'D');
  rill.child.stdin.write('0:dtmf=2580*/60/40\n');
  await rill.event((e) => e.event === 'tonechange' && e.value === '');
  const page = await until(p, (i) => i.packetsReceived > 200);
  rill.child.kill('SIGINT');
  const summary = await rill.summary();
  const [sent, got] = [audio(summary, 'sent'), audio(summary, 'received')];
  const said = JSON.stringify([page, sent, got]);
  assert.equal(tones(rill), '19#D');
  assert.ok(rill.events.filter((e) => e.event === 'tone').every((e) => Math.abs(e.duration_ms - 110) <= 20), said);
  assert.equal(rill.events.filter((e) => e.event === 'tonechange').map((e) => e.value).join(''), '2580*');
  // A page cannot see keys; it has taken their packets, and misses none.
  assert.equal(page.in.packetsLost, 0, said);
  assert.ok(sent.red && got.fec_packets > got.packets / 2, said);
  assert.ok(page.in.packetsDiscarded > page.in.packetsReceived * 0.7, said);
  assert.ok(got.concealedSamples / got.totalSamplesReceived < 0.4, said);
});

test('between two rills a tenth of all packets is lost, and hardly anything of the sound or the keys', async (t) => {
  const server = await serve(t);
  const path = lossy(t, 0.1);
  const options = ['--red', '-t', '6', '-i', 'sine:frequency=700', '--dtmf', '147*/80'];
  const { a, b } = await bridge(t, server, {
    changeOffer: (sdp) => sdp.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, ''),
    changeAnswer: (sdp) => sdp.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, ''),
    changeCandidate: path.candidate,
    options,
  });
  for (const [who, summary] of [[a, await a.summary()], [b, await b.summary()]]) {
    const got = audio(summary, 'received');
    const said = JSON.stringify([got, path.lost, path.passed]);
    assert.ok(summary.ok, who.err);
    assert.equal(tones(who), '147*');
    assert.ok(got.lost > 10, said);
    assert.ok(got.fec_packets - got.fec_discarded > got.lost / 2, said);
    // A machine that has much to do lets sound run dry too, but seldom.
    assert.ok(got.concealmentEvents < got.lost * 0.5 + 3, said);
    assert.ok(Math.abs(got.tone_hz - 700) <= 5, said);
  }
});
