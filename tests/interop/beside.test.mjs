// What browsers agree on beside codecs, used both ways by what both ends count: RTX (RFC 4588) and Opus' own FEC where one
// packet in eight is lost; feedback on the whole transport, keys of a telephone (RFC 4733), DTX, and sound that is sent twice
// (RED, RFC 2198), which Firefox has not, as its capabilities say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchChromium, launchFirefoxToAsk } from './lib/estimates.mjs';
import { jsepPage } from './lib/jsep_page.mjs';
import { readTone } from './lib/pattern.mjs';
import { goThrough, reach, relay } from './lib/relay.mjs';
import { call, serve } from './lib/rill.mjs';
import { babble } from './lib/sound.mjs';

const sleep = (ms) => new Promise((ok) => { setTimeout(ok, ms); });

// A page of its own in the browser, and rill, which answers it, in a room of their own.
async function pair(t, { browser, server }, name, between, ...options) {
  const page = await browser.newPage();
  t.after(() => page.close());
  const p = await jsepPage(page, server, 'browser', true, {}, name);
  if (between) await goThrough(p, between);
  const rill = call(t, { ...server, url: `${server.url}?room=${name}` }, 'rill', '--as', 'answerer', '--changes', ...options);
  return { page, p, rill };
}

// Of the page, by direction and kind: "in video". Of rill the same.
const pageStreams = (p) => p.do(async () => {
  const all = await window.me.pc.getStats(), out = {};
  for (const s of all.values())
    if (s.type === 'inbound-rtp' || s.type === 'outbound-rtp')
      out[`${s.type === 'inbound-rtp' ? 'in' : 'out'} ${s.kind}`] = { ...s, codec: all.get(s.codecId)?.mimeType };
  return out;
});
const rillStreams = ({ sent, received }) =>
  Object.fromEntries([...received.map((s) => [`in ${s.kind}`, s]), ...sent.map((s) => [`out ${s.kind}`, s])]);
const both = async ({ p, rill }) => ({
  page: await pageStreams(p), rill: rillStreams(await rill.says('stats', (e) => e.event === 'stats')),
});

// Until both ends have counted enough.
async function until(sides, enough, ms = 60000) {
  for (const end = performance.now() + ms; ; await sleep(200)) {
    const now = await both(sides);
    let yes = false;
    try { yes = enough(now.page, now.rill); } catch { /* one of them has nothing to tell yet */ }
    if (yes) return now;
    if (performance.now() > end) throw new Error(`too little: ${JSON.stringify(now)}`);
  }
}

// What both ends send and decode is of the codecs that were asked for.
function sameCodecs(page, ...codecs) {
  for (const way of ['in', 'out'])
    assert.deepEqual([page[`${way} audio`].codec, page[`${way} video`].codec], codecs);
}

async function repaired(t, place) {
  const between = await relay(t, 8);
  // Redundancy of another kind would leave nothing to Opus.
  const sides = await pair(t, place, 'repaired', between, '--red=off', '-loop', '1', '-i', babble(t), '-i', 'testsrc:size=320x240');
  const { p, rill } = sides;
  await p.do(async () => {
    const { me } = window;
    me.pc.addTrack(me.babble());
    me.pc.addTrack(await me.track('video', { width: 320, height: 240 }));
    await me.negotiate();
  });
  await reach(p, between);
  await rill.step(23);
  const used = (s) => s.fecPacketsReceived - s.fecPacketsDiscarded;
  await until(sides, (page, here) => page['out video'].retransmittedPacketsSent > 3 && page['in video'].nackCount > 3 &&
    page['in video'].framesDecoded > 100 && here['in video'].decoded > 50 && here['in video'].retransmitted > 3 &&
    here['out video'].retransmitted > 3 && used(page['in audio']) > 0 && here['in audio'].opus_fec_used > 0);
  const sdp = await p.do(() => window.me.pc.remoteDescription.sdp);
  await rill.stop();
  const here = rillStreams(await rill.summary());
  const page = await pageStreams(p); // after rill's, so that it has counted what rill has
  const said = JSON.stringify([page, here, between.lost]);
  assert.match(sdp, /a=fmtp:\d+ apt=\d+/);
  assert.match(sdp, /a=ssrc-group:FID \d+ \d+/);
  assert.match(sdp, /useinbandfec=1/);
  sameCodecs(page, 'audio/opus', 'video/VP8');
  const [sent, received] = [here['out video'], here['in video']];
  // What rill had by RTX is no more than was lost; a browser probes with RTX too, does not count that, and may so send what
  // was lacking.
  assert.ok(received.retransmitted <= between.lost, said);
  assert.ok(received.nacks > 0 && sent.nacks > 0, said);
  // Chromium counts what came by RTX, rill's probes of the path among it; Firefox does not say.
  const { retransmittedPacketsReceived } = page['in video'];
  assert.ok(retransmittedPacketsReceived !== undefined || place.name === 'Firefox', said);
  if (retransmittedPacketsReceived !== undefined) {
    assert.ok(retransmittedPacketsReceived > 3, said);
    assert.ok(retransmittedPacketsReceived <= sent.retransmitted + sent.padding_packets, said);
  }
  assert.equal(received.decode_errors + here['in audio'].decode_errors, 0, said);
  assert.ok(!here['out audio'].red && here['in audio'].fec_packets === 0, said);
}

// Who has no transport-wide numbers is told what comes of what it sends (REMB), and follows. Nothing is lost on the way, so
// that nothing else tells of it.
async function followsRemb(t, place) {
  const between = await relay(t);
  const { page, p, rill } = await pair(t, place, 'remb', between, '-i', 'testsrc:size=640x480:rate=30');
  await p.do(async () => {
    const { me } = window, { change } = me;
    me.change = (sdp) => change(sdp).replace(/^a=(extmap|rtcp-fb):.*transport-(wide-)?cc.*\r\n/gm, '');
    me.pc.addTrack(await me.track('video', { width: 640, height: 480 }));
    await me.negotiate();
  });
  await reach(p, between);
  await rill.step(23);
  const ours = async () => (await rill.says('stats', (e) => e.event === 'stats')).stats.find((s) => s.availableOutgoingBitrate)?.availableOutgoingBitrate ?? 0;
  const till = async (enough) => {
    for (const end = performance.now() + 30000; ; await sleep(200)) {
      const now = [await place.estimate(page), await ours()];
      if (now.every(enough)) return;
      assert.ok(performance.now() < end, `${place.name} thinks it may send ${now[0]}, rill ${now[1]}`);
    }
  };
  await till((bps) => bps > 310000);
  between.bps = 200000;
  await till((bps) => bps > 0 && bps < 260000);
  between.bps = Infinity;
  const sdp = await p.do(() => window.me.pc.remoteDescription.sdp);
  assert.match(sdp, /a=rtcp-fb:\d+ goog-remb/);
  assert.doesNotMatch(sdp, /transport-cc|transport-wide-cc/);
  await rill.stop();
}

// Feedback on the whole transport: what each thinks that the path carries has left its first guess of 300 kbit/s far
// behind. By reports of loss alone, 8 % a second at most, either would need 9 s for it.
async function feelPath({ page, rill }, place) {
  const ours = async () => (await rill.says('stats', (e) => e.event === 'stats')).stats.find((s) => s.availableOutgoingBitrate)?.availableOutgoingBitrate ?? 0;
  const most = { [place.name]: 0, rill: 0 };
  for (const end = performance.now() + 8500; Math.min(...Object.values(most)) < 600000 && performance.now() < end; await sleep(100)) {
    most[place.name] = Math.max(most[place.name], await place.estimate(page));
    most.rill = Math.max(most.rill, await ours());
  }
  for (const bps of Object.values(most)) assert.ok(bps >= 600000, JSON.stringify(most));
}

// Each presses keys. A page does not see those that come, but its browser sounds them: 2 and 5 have 1336 Hz in common.
async function pressKeys({ page, p, rill }) {
  await p.do(() => window.me.pc.getSenders()[0].dtmf.insertDTMF('19#D', 100, 70));
  await rill.event((e) => e.event === 'tone' && e.value === 'D');
  const tones = rill.events.filter((e) => e.event === 'tone');
  assert.equal(tones.map((e) => e.value).join(''), '19#D');
  for (const { duration_ms } of tones) assert.ok(duration_ms > 60 && duration_ms < 200, `held for ${duration_ms} ms`);
  const isKey = (hz) => [697, 770, 1336].some((of) => Math.abs(of - hz) < 10);
  const heard = [];
  for (let i = 0; i < 5 && !heard.some(isKey); i++) {
    rill.child.stdin.write('0:dtmf=25/900/60\n');
    for (let k = 0; k < 4 && !heard.some(isKey); k++) heard.push((await readTone(page, 'audio', 400)).hz);
  }
  assert.ok(heard.some(isKey), `the page hears ${heard}`);
  await rill.event((e) => e.event === 'tonechange' && e.value === '');
  assert.match(rill.events.filter((e) => e.event === 'tonechange').map((e) => e.value).join(''), /^(25)+$/);
}

// What was sent and has come between two looks, and what rill has played, in packets of 20 ms.
function since(a, b) {
  const of = (where, what, name) => b[where][what][name] - a[where][what][name];
  return {
    sent: of('page', 'out audio', 'packetsSent'), came: of('page', 'in audio', 'packetsReceived'), rillSent: of('rill', 'out audio', 'packets'),
    played: of('rill', 'in audio', 'totalSamplesReceived') / 960, comfort: of('rill', 'in audio', 'comfort_samples') / 960,
  };
}

// Both are silent, and speak again: of a pause hardly anything is sent, and nobody takes it for a loss.
async function pause(sides) {
  const hush = async (silent) => {
    await sides.p.do((now) => { window.me.mouth.enabled = !now; }, silent);
    sides.rill.child.stdin.write(`0:${silent ? 'disable' : 'enable'}\n`);
    await sleep(silent ? 700 : 200); // an encoder waits before it believes it
    const before = await both(sides);
    const enough = (x) => x.played > 50 && (silent || (x.sent > 20 && x.came > 20));
    return since(before, await until(sides, (page, rill) => enough(since(before, { page, rill }))));
  };
  const silence = await hush(true);
  const said = JSON.stringify(silence);
  for (const n of ['sent', 'came', 'rillSent']) assert.ok(silence[n] < silence.played / 3, said);
  assert.ok(silence.comfort > silence.played / 5, said);
  const speech = await hush(false);
  assert.ok(speech.comfort < speech.played / 4, JSON.stringify(speech));
}

async function spoken(t, place) {
  const sides = await pair(t, place, 'spoken', null, '--dtx', '--red', '-i', 'sine:frequency=500', '-i', 'testsrc:size=320x240');
  const { p, rill } = sides;
  const hasRed = await p.do(async () => {
    const { me } = window;
    me.change = (sdp) => sdp.replace(/useinbandfec=1/, 'useinbandfec=1;usedtx=1');
    me.mouth = await me.track('audio');
    me.pc.addTrack(me.mouth);
    me.pc.addTrack(await me.track('video', { width: 320, height: 240 }));
    await me.negotiate();
    return RTCRtpReceiver.getCapabilities('audio').codecs.some((c) => c.mimeType === 'audio/red');
  });
  if (!hasRed) t.diagnostic(`this ${place.name} has no audio/red`);
  await rill.step(23);
  await feelPath(sides, place);
  await pressKeys(sides);
  await pause(sides);
  const sdp = await p.do(() => window.me.pc.remoteDescription.sdp);
  const theirs = await pageStreams(p);
  await rill.stop();
  const summary = await rill.summary();
  const here = rillStreams(summary);
  const said = JSON.stringify([theirs, here]);
  sameCodecs(theirs, 'audio/opus', 'video/VP8');
  assert.match(sdp, /usedtx=1/);
  assert.match(sdp, /a=rtpmap:\d+ telephone-event\/8000/);
  assert.equal(sdp.match(/a=rtcp-fb:\d+ transport-cc/g).length, 2);
  // The browser's feedback comes all the time.
  assert.ok(summary.feedbacks > 30, `${summary.feedbacks} feedbacks`);
  // RED goes where the other side has it.
  assert.equal(here['out audio'].red, hasRed, said);
  assert.equal(here['in audio'].fec_packets > 0, hasRed, said);
  assert.equal(/a=rtpmap:\d+ red\/48000/.test(sdp), hasRed);
  // Nothing was lost, keys and pauses included.
  for (const kind of ['audio', 'video']) {
    assert.equal(theirs[`in ${kind}`].packetsLost, 0, said);
    assert.equal(here[`in ${kind}`].decode_errors, 0, said);
  }
}

for (const [name, launchIt] of [['Chromium', launchChromium], ['Firefox', launchFirefoxToAsk]])
  test(`beside codecs, with ${name}`, { concurrency: true }, async (t) => {
    const place = { name, server: await serve(t), ...(await launchIt(t)) };
    await Promise.all([
      t.test(`what is lost between rill and ${name} is repaired by RTX and by Opus' FEC, both ways`, (t) => repaired(t, place)),
      // A third page of Firefox's waits for its camera for ever.
      ...(name === 'Chromium' ? [t.test('without transport-wide numbers Chromium and rill follow each other\'s estimates', (t) => followsRemb(t, place))] : []),
      t.test(`${name} and rill tell each other how the path is, press keys, and are silent`, (t) => spoken(t, place)),
    ]);
  });
