// Simulcast (RFC 8853) with real browsers and between two rills: three encodings at once, one shown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch } from './lib/browser.mjs';
import { launchFirefox } from './lib/firefox.mjs';
import { jsepPage } from './lib/jsep_page.mjs';
import { goThrough, reach, relay } from './lib/relay.mjs';
import { call, serve } from './lib/rill.mjs';

// Rill shows this encoding, having shown another one since `mark`.
const shown = (rill, rid, mark) =>
  rill.event((e) => rill.events.indexOf(e) >= mark && e.event === 'encoding' && e.value.startsWith(`${rid}:`), 40000);
const rows = (list) => Object.fromEntries(list.filter((s) => s.rid).map((s) => [s.rid, s]));

// A page of its own in the file's browser.
async function pageOf(t, place) {
  const page = await place.browser.newPage();
  t.after(() => page.close());
  return jsepPage(page, place.server, 'browser');
}

// The page offers three encodings; what it says of them is in me.sent().
function offersThree(p) {
  return p.do(async () => {
    const { me } = window;
    me.iOffered = true;
    const video = { width: 1280, height: 720 };
    const [track] = (await navigator.mediaDevices.getUserMedia({ video })).getTracks();
    me.sender = me.pc.addTransceiver(track, { sendEncodings: [
      { rid: 'l', scaleResolutionDownBy: 4, maxBitrate: 60000 }, { rid: 'm', scaleResolutionDownBy: 2, maxBitrate: 150000 },
      { rid: 'h', maxBitrate: 600000 },
    ] }).sender;
    me.activate = async (rid, active) => {
      const parameters = me.sender.getParameters();
      parameters.encodings.find((e) => e.rid === rid).active = active;
      await me.sender.setParameters(parameters);
    };
    me.sent = async () => {
      const out = {};
      for (const s of (await me.sender.getStats()).values())
        if (s.type === 'outbound-rtp') out[s.rid] = { ...s };
      return out;
    };
    await me.negotiate();
  });
}

async function sendsThree(t, place) {
  const p = await pageOf(t, place);
  const rill = call(t, place.server, 'rill', '--as', 'answerer', '-i', 'testsrc:size=160x120');
  await offersThree(p);
  await shown(rill, 'h', 0);
  let mark = rill.events.length;
  await p.do(() => window.me.activate('h', false));
  await shown(rill, 'm', mark);
  mark = rill.events.length;
  await p.do(() => window.me.activate('h', true));
  await shown(rill, 'h', mark);
  const sent = await p.do(() => window.me.sent());
  assert.deepEqual(Object.keys(sent).sort(), ['h', 'l', 'm']);
  await rill.stop();
  const s = await rill.summary();
  const received = rows(s.received);
  for (const rid of ['h', 'm', 'l']) {
    assert.ok(sent[rid].framesEncoded > 0, JSON.stringify(sent));
    assert.ok(received[rid].frames > 0, JSON.stringify(received));
  }
  assert.deepEqual(['h', 'm', 'l'].map((rid) => received[rid].frame_width), [1280, 640, 320]);
  assert.ok(received.h.handed_out);
  const video = s.received.find((r) => r.decoded > 0);
  assert.equal(video.decode_errors, 0);
  assert.equal(video.width, 1280);
}

async function until(look, test, ms = 30000) {
  for (const end = performance.now() + ms; ;) {
    const now = await look();
    if (test(now)) return now;
    if (performance.now() > end) throw new Error(JSON.stringify(now));
    await new Promise((ok) => setTimeout(ok, 100));
  }
}

// Whose repairs a stream has, its packets tell: with RepairedRtpStreamId (RFC 8852 §3.2) from Chromium, whose offer pairs
// no SSRCs; with RtpStreamId from Firefox, which does not offer the other.
async function repairsThree(t, place) {
  const between = await relay(t, 12);
  const p = await pageOf(t, place);
  await goThrough(p, between);
  const rill = call(t, place.server, 'rill', '--as', 'answerer', '--changes', '-i', 'testsrc:size=160x120');
  await offersThree(p);
  await reach(p, between);
  await rill.event((e) => e.event === 'connection' && e.value === 'connected');
  const rids = ['h', 'm', 'l'];
  const received = async () => rows((await rill.says('stats', (e) => e.event === 'stats')).received);
  await until(received, (r) => rids.every((rid) => r[rid]?.retransmitted > 0 && r[rid].frames > 40));
  const before = await p.do(() => window.me.sent());
  await rill.stop();
  const here = rows((await rill.summary()).received);
  const there = await p.do(() => window.me.sent()); // after rill's, so that it has counted what rill has
  const [offer, answer] = await p.do(() => [window.me.pc.localDescription.sdp, window.me.pc.remoteDescription.sdp]);
  if (place.name === 'Chromium') {
    for (const sdp of [offer, answer]) assert.match(sdp, /a=extmap:\d+ urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id/);
    assert.doesNotMatch(offer, /a=ssrc-group/);
  }
  for (const rid of rids) {
    const said = JSON.stringify([rid, here[rid], there[rid]]);
    assert.equal(here[rid].ssrc, there[rid].ssrc, said);
    // What a browser probes with may be what was lacking, and it does not count that.
    assert.ok(here[rid].retransmitted > 0 && here[rid].retransmitted <= between.lost, said);
    assert.ok(there[rid].retransmittedPacketsSent > 0, said);
    // Of twelve packets one was lost.
    assert.ok(here[rid].frames >= before[rid].framesEncoded - 4, said);
  }
}

// Runs in the page: it becomes what an SFU is to a sender of simulcast.
//
// As a plain receiver a browser takes no simulcast: Chromium and Firefox answer an offer of three
// encodings with one m-line and no a=rid, and rill then sends the first alone. An answer that is given
// a=simulcast:recv behind Chromium's back brings all three, which Chromium leads to the one receiver of
// that MID and starts it anew with each SSRC: nothing is shown. So the page reads rill's RtpStreamId as
// its own MID: one m-line a rid, and each of them is decoded by itself.
function standBetween(rids) {
  const { me } = window, { pc } = me;
  const mid = 'urn:ietf:params:rtp-hdrext:sdes:mid', rid = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id';
  const id = (section, uri) => new RegExp(`a=extmap:(\\d+) ${uri}`).exec(section)[1];
  let ids;
  const spread = (sdp) => {
    const [session, section] = sdp.split(/(?=^m=)/m);
    ids = { mid: id(section, mid), rid: id(section, rid) };
    const one = section.replace(/^a=(rid|simulcast|msid):.*\r\n/gm, '')
      .replace(new RegExp(`a=extmap:${ids.mid} .*\\r\\n`), '').replace(`a=extmap:${ids.rid} ${rid}`, `a=extmap:${ids.rid} ${mid}`);
    return session.replace(/BUNDLE .*/, `BUNDLE ${rids.join(' ')}`)
      + rids.map((r) => one.replace(/a=mid:.*/, `a=mid:${r}\r\na=msid:s-${r} t-${r}`)).join('');
  };
  const join = (sdp) => {
    const [session, section] = sdp.split(/(?=^m=)/m);
    return session.replace(/BUNDLE .*/, 'BUNDLE 0') + section.replace(/a=mid:.*/, 'a=mid:0')
      .replace(`a=extmap:${ids.rid} ${mid}`, `a=extmap:${ids.rid} ${rid}\r\na=extmap:${ids.mid} ${mid}`)
      + rids.map((r) => `a=rid:${r} recv\r\n`).join('') + `a=simulcast:recv ${rids.join(';')}\r\n`;
  };
  const set = pc.setRemoteDescription.bind(pc), add = pc.addIceCandidate.bind(pc), tell = pc.onicecandidate;
  let offer;
  pc.setRemoteDescription = (d) => set({ type: d.type, sdp: (offer = spread(d.sdp)) });
  // Between the page and itself: whose repairs are whose, since it cannot read RepairedRtpStreamId as a MID too.
  me.pairUp = async (pairs) => {
    const [session, ...sections] = offer.split(/(?=^m=)/m);
    const sdp = session + sections.map((s, i) => `${s}a=ssrc-group:FID ${pairs[i].join(' ')}\r\n`
      + pairs[i].map((ssrc) => `a=ssrc:${ssrc} cname:x\r\n`).join('')).join('');
    await set({ type: 'offer', sdp });
    await pc.setLocalDescription();
  };
  pc.addIceCandidate = (c) => add({ candidate: c.candidate, sdpMLineIndex: 0 });
  pc.onicecandidate = ({ candidate: c }) => c && c.sdpMLineIndex === 0
    && tell?.({ candidate: { candidate: c.candidate, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: c.usernameFragment } });
  me.changeAnswer = join;
  me.layers = async () => {
    const out = {};
    for (const t of pc.getTransceivers())
      for (const s of (await t.receiver.getStats()).values())
        if (s.type === 'inbound-rtp') out[t.mid] = { ...s };
    return out;
  };
}

// Until so many streams have a round trip, which the other side's reports bring in their own time.
async function allReported(rill, n) {
  let stats = [];
  for (const end = performance.now() + 20000; performance.now() < end; await new Promise((ok) => setTimeout(ok, 200))) {
    ({ stats } = await rill.says('stats', (e) => e.event === 'stats'));
    if (stats.filter((s) => s.type === 'remote-inbound-rtp' && s.roundTripTime >= 0).length >= n) return;
  }
  assert.fail(`each is reported: ${JSON.stringify(stats)}`);
}

const callWithThree = (t, server) => call(t, server, 'rill', '--as', 'offerer', '--changes',
  '-sendEncodings', 'rid=1,scaleResolutionDownBy=4;rid=2,scaleResolutionDownBy=2;rid=3,maxBitrate=600k',
  '-i', 'testsrc:size=640x480:rate=15');

async function receivesRepairs(t, place) {
  const between = await relay(t, 12);
  const p = await pageOf(t, place);
  const rids = ['1', '2', '3'];
  await goThrough(p, between);
  await p.do(standBetween, rids);
  await p.do(() => {
    const { me } = window, join = me.changeAnswer;
    me.changeAnswer = (sdp) => join(sdp).replace(/^a=(candidate|end-of-candidates).*\r\n/gm, '');
  });
  const rill = callWithThree(t, place.server);
  await rill.step(21);
  await reach(p, between);
  const layers = () => p.do(() => window.me.layers());
  await until(layers, (l) => rids.every((r) => l[r]?.framesDecoded > 0));
  const { stats } = await rill.says('stats', (e) => e.event === 'stats');
  const streams = rows(stats.filter((s) => s.type === 'outbound-rtp'));
  await p.do((pairs) => window.me.pairUp(pairs), rids.map((r) => [streams[r].ssrc, streams[r].rtxSsrc]));
  const there = await until(layers, (l) => rids.every((r) => l[r]?.retransmittedPacketsReceived > 0 && l[r].framesDecoded > 20));
  await rill.stop();
  const sent = rows((await rill.summary()).sent);
  for (const r of rids) {
    const said = JSON.stringify([sent[r], there[r]]);
    assert.equal(there[r].ssrc, sent[r].ssrc, said);
    assert.ok(there[r].retransmittedPacketsReceived <= sent[r].retransmitted + sent[r].padding_packets, said);
    assert.ok(there[r].nackCount > 0, said);
  }
}

async function receivesThree(t, place) {
  const { server } = place;
  const p = await pageOf(t, place);
  const rids = ['1', '2', '3'];
  await p.do(standBetween, rids);
  const rill = callWithThree(t, server);
  const layers = () => p.do(() => window.me.layers());
  const before = await until(layers, (l) => rids.every((r) => l[r]?.framesDecoded > 10));
  assert.deepEqual(rids.map((r) => before[r].frameWidth), [160, 320, 640]);
  await allReported(rill, rids.length);
  // The third stops, the others go on.
  rill.child.stdin.write('0:setParameters=rid=3,active=false\n');
  let last = before;
  await until(layers, (l) => {
    const stands = l[3].packetsReceived === last[3].packetsReceived && l[1].framesDecoded > last[1].framesDecoded + 15;
    if (l[3].packetsReceived !== last[3].packetsReceived) last = l;
    return stands;
  });
  await rill.stop();
  const s = await rill.summary();
  const sent = rows(s.sent);
  const after = await layers().catch(() => before);
  for (const r of rids) {
    assert.ok(sent[r].frames >= before[r].framesDecoded, JSON.stringify([sent[r], before[r]]));
    assert.ok(sent[r].rtt_us >= 0, 'each is reported');
    assert.equal(sent[r].active, r !== '3');
  }
  assert.ok(after[1].framesDecoded > after[3].framesDecoded);
}

async function asksForThree(t, place) {
  const { server } = place;
  const p = await pageOf(t, place);
  const rids = ['lo', 'mid', 'hi'];
  const rill = call(t, server, 'rill', '--as', 'answerer', '--changes', '-i', 'testsrc:size=640x480:rate=15');
  const answer = await p.do(async (rids) => {
    const { me } = window;
    me.pc.addTransceiver('video', { direction: 'recvonly' });
    me.iOffered = true;
    // Firefox offers no names of what it would not send.
    const names = 'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n';
    me.change = (sdp) => sdp + (sdp.includes(':rtp-stream-id') ? '' : names)
      + rids.map((r) => `a=rid:${r} recv\r\n`).join('') + `a=simulcast:recv ${rids.join(';')}\r\n`;
    let answer;
    const set = me.pc.setRemoteDescription.bind(me.pc);
    // What it did not ask for itself, it need not hear.
    me.pc.setRemoteDescription = (d) => {
      answer = d.sdp;
      return set({ type: d.type, sdp: d.sdp.replace(/^a=(rid|simulcast):.*\r\n/gm, '').replace(names, '') });
    };
    await me.negotiate();
    return answer;
  }, rids);
  assert.match(answer, /a=rid:lo send\r\na=rid:mid send\r\na=rid:hi send\r\n/);
  assert.match(answer, /a=simulcast:send lo;mid;hi\r\n/);
  await rill.event((e) => e.event === 'connection' && e.value === 'connected');
  const flow = (sent) => ['lo', 'mid'].every((r) => sent[r]?.frames > 5);
  let sent = {};
  for (const end = Date.now() + 20000; !flow(sent) && Date.now() < end; await new Promise((ok) => setTimeout(ok, 100)))
    sent = rows((await rill.says('stats', (e) => e.event === 'stats')).sent);
  assert.ok(flow(sent), JSON.stringify(sent));
  await rill.stop();
}

for (const [name, launchIt] of [['Chromium', launch], ['Firefox', launchFirefox]])
  test(`simulcast with ${name}`, async (t) => {
    const place = { name, server: await serve(t), browser: await launchIt(t) };
    await t.test(`${name} sends three encodings: rill shows the largest, and the next when that one stops`, (t) => sendsThree(t, place));
    await t.test(`what is lost of three encodings from ${name} is repaired, each by its own RTX`, (t) => repairsThree(t, place));
    await t.test(`rill sends three encodings, each is decoded by ${name}, and one stops by itself`, (t) => receivesThree(t, place));
    if (name === 'Chromium')
      await t.test('what is lost of three encodings from rill is repaired, each by its own RTX', (t) => receivesRepairs(t, place));
    await t.test('an offer that asks for simulcast gets it: rill answers as the sender', (t) => asksForThree(t, place));
  });

test('between two rills: what is shown changes when an encoding stops and comes back', async (t) => {
  const server = await serve(t);
  const b = call(t, server, 'b', '--as', 'answerer', '-i', 'sine');
  const a = call(t, server, 'a', '--as', 'offerer', '--changes', '-sendEncodings', '3', '-i', 'testsrc:size=640x480:rate=15');
  const activate = (active) => a.child.stdin.write(`0:setParameters=rid=3,active=${active}\n`);
  await shown(b, '3', 0);
  let mark = b.events.length;
  activate(false);
  await shown(b, '2', mark);
  mark = b.events.length;
  activate(true);
  await shown(b, '3', mark);
  await a.stop();
  const [x, y] = [await a.summary(), await b.summary()];
  assert.deepEqual(y.received.filter((r) => r.rid).map((r) => r.frame_width).sort(), [160, 320, 640]);
  const video = y.received.find((r) => r.kind === 'video' && r.decoded > 0);
  assert.equal(video.decode_errors, 0);
  assert.equal(video.width, 640);
  for (const r of ['1', '2', '3']) assert.ok(rows(x.sent)[r].frames > 0);
});
