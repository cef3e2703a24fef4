// getStats(): rill's report is W3C's, member by member, it has what Chromium's has, and the figures of both ends agree.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, open, state } from './lib/browser.mjs';
import { call, serve } from './lib/rill.mjs';
import { lacking, mandatory, of, wellFormed } from './lib/webrtc_stats.mjs';

const media = ['-i', 'testsrc:size=320x240', '-i', 'sine:frequency=500', '--changes'];

const reportOf = async (rill) => (await rill.says('stats', (e) => e.event === 'stats')).stats;
const reports = (report) => ['remote-inbound-rtp', 'remote-outbound-rtp'].every((type) => of(report, type, 'video') && of(report, type, 'audio')) &&
  of(report, 'remote-inbound-rtp', 'video').roundTripTime !== undefined;

// The first report in which all has happened that a report tells of.
async function whole(next) {
  for (const end = Date.now() + 20000; ;) {
    const report = await next();
    if (reports(report)) return report;
    assert.ok(Date.now() < end, JSON.stringify(report));
    await new Promise((ok) => setTimeout(ok, 100));
  }
}

function allMandatory(report) {
  for (const type of Object.keys(mandatory).filter((t) => !t.includes(' '))) assert.ok(of(report, type), `no ${type}`);
  for (const o of report) assert.deepEqual(lacking(o), [], `${o.type} ${o.kind ?? ''} lacks members`);
}

// What one end has sent has come to the other, but for what is on its way.
function agree(sender, receiver) {
  for (const kind of ['video', 'audio']) {
    const out = of(sender, 'outbound-rtp', kind);
    const came = receiver.find((o) => o.type === 'inbound-rtp' && o.ssrc === out.ssrc);
    const said = receiver.find((o) => o.type === 'remote-outbound-rtp' && o.ssrc === out.ssrc);
    const heard = sender.find((o) => o.type === 'remote-inbound-rtp' && o.ssrc === out.ssrc);
    assert.equal(came.packetsLost, 0);
    assert.ok(came.packetsReceived >= out.packetsSent * 0.95, `${kind}: ${out.packetsSent} sent, ${came.packetsReceived} received`);
    assert.ok(came.packetsReceived >= said.packetsSent && said.packetsSent > 0, `${kind}: ${said.packetsSent} reported, ${came.packetsReceived} received`);
    assert.ok(came.bytesReceived >= said.bytesSent);
    assert.ok(heard.packetsReceived > 0 && heard.packetsReceived <= out.packetsSent);
    assert.ok((heard.roundTripTime ?? 0) < 5 && heard.fractionLost === 0);
    if (kind === 'audio') assert.ok(came.totalSamplesReceived > 48000 && came.totalAudioEnergy > 0 && came.audioLevel > 0.01, JSON.stringify(came));
    if (kind === 'video') {
      assert.equal(came.frameWidth, out.frameWidth);
      assert.ok(came.framesDecoded >= out.framesSent * 0.5 && came.framesDecoded <= came.framesReceived);
      assert.ok(came.keyFramesDecoded >= 1 && came.qpSum > 0 && out.qpSum > 0 && came.totalDecodeTime > 0 && out.totalEncodeTime > 0);
    }
  }
  const [mine, theirs] = [of(sender, 'transport'), of(receiver, 'transport')];
  assert.ok(theirs.bytesReceived >= mine.bytesSent * 0.9);
  const fingerprint = (report, id) => report.find((o) => o.id === id).fingerprint.toUpperCase();
  assert.equal(fingerprint(sender, mine.localCertificateId), fingerprint(receiver, theirs.remoteCertificateId));
  assert.notEqual(mine.dtlsRole, theirs.dtlsRole);
  assert.notEqual(mine.iceRole, theirs.iceRole);
  assert.equal(mine.srtpCipher?.replace(/\W/g, ''), theirs.srtpCipher?.replace(/\W/g, ''));
}

test('two rills: each dictionary is known, whole and named, and each end tells the same', async (t) => {
  const server = await serve(t);
  const a = call(t, server, 'a', '--as', 'offerer', ...media, '--stats', '1');
  const b = call(t, server, 'b', '--as', 'answerer', ...media);
  await a.step(23);
  await whole(() => reportOf(b));
  const [mine, theirs] = [await whole(() => reportOf(a)), await reportOf(b)];
  for (const report of [mine, theirs]) {
    wellFormed(report);
    allMandatory(report);
  }
  agree(mine, theirs);
  assert.ok(a.events.some((e) => e.event === 'stats' && e.stats.length > 0), '--stats tells unasked');
  const pair = mine.find((o) => o.id === of(mine, 'transport').selectedCandidatePairId);
  assert.ok(pair.state === 'succeeded' && pair.nominated && pair.availableOutgoingBitrate > 0);
  assert.ok(of(mine, 'media-source', 'audio').audioLevel > 0.01);
  const { qualityLimitationDurations } = of(mine, 'outbound-rtp', 'video');
  assert.deepEqual(Object.keys(qualityLimitationDurations).sort(), ['bandwidth', 'cpu', 'none', 'other']);
});

// Payload type 0 is one as any other, and times stand still when what they tell of does.
test('two rills with PCMU: its objects are there, and no count and no time runs back', async (t) => {
  const server = await serve(t);
  const options = ['--codecs', 'vp8,pcmu', ...media];
  const a = call(t, server, 'a', '--as', 'offerer', ...options);
  call(t, server, 'b', '--as', 'answerer', ...options);
  await a.step(23);
  const first = await whole(() => reportOf(a)), second = await reportOf(a);
  for (const report of [first, second]) wellFormed(report);
  for (const o of second.filter((o) => o.type !== 'codec')) assert.deepEqual(lacking(o), [], o.type);
  assert.equal(second.find((o) => o.mimeType === 'audio/PCMU').payloadType, 0);
  const rises = /^(packets|bytes|frames[RDES]|total|concealed|jitterBuffer|qpSum|nack|requests|responses|.*Timestamp$|timestamp$)/;
  for (const before of first)
    for (const [name, value] of Object.entries(before))
      if (typeof value === 'number' && rises.test(name)) {
        const after = second.find((o) => o.id === before.id)?.[name];
        assert.ok(after >= value, `${before.type}.${name}: ${value}, then ${after}`);
      }
  for (const o of second.filter((o) => o.type === 'certificate')) assert.equal(o.id, `CF${o.fingerprint}`);
  for (const o of second.filter((o) => /candidate$/.test(o.type))) assert.ok(o.usernameFragment, JSON.stringify(o));
});

// What Chromium 156 leaves out all the same.
const unknown = ['inbound-rtp video packetsDiscarded', 'inbound-rtp audio nackCount'];

test('Chromium: the mandatory members have the same names and kinds, and the figures of both ends agree', async (t) => {
  const server = await serve(t);
  const page = await open(await launch(t), server, 'browser');
  await page.click('#call');
  await state(page, 'calling');
  const rill = call(t, server, 'rill', '--as', 'answerer', ...media);
  await state(page, 'connected');
  await rill.step(23);
  await whole(() => reportOf(rill));
  const pageReport = () => page.evaluate(async () => [...(await window.rill.pc.getStats()).values()].map((o) => JSON.parse(JSON.stringify(o))));
  await whole(pageReport);
  const mine = await reportOf(rill);
  const theirs = await pageReport(); // after ours: what we had sent by then has come
  wellFormed(mine);
  allMandatory(mine);
  for (const o of mine) {
    const twin = of(theirs, o.type, o.kind) ?? assert.fail(`Chromium has no ${o.type}`);
    const missing = Object.keys(o).filter((name) => !(name in twin) || typeof o[name] !== typeof twin[name]);
    const must = Object.entries(mandatory).filter(([type]) => type === o.type || type === `${o.type} ${o.kind}`).flatMap(([, names]) => names.trim().split(/\s+/));
    const differ = missing.filter((name) => must.includes(name) && !unknown.includes(`${o.type} ${o.kind ?? ''} ${name}`));
    assert.deepEqual(differ, [], `${o.type} ${o.kind}: ${JSON.stringify(twin)}`);
  }
  agree(mine, theirs);
  for (const report of [mine, theirs]) {
    const used = report.find((o) => o.id === of(report, 'transport').selectedCandidatePairId);
    assert.deepEqual([used.packetsDiscardedOnSend, used.bytesDiscardedOnSend], [0, 0]);
    assert.equal(of(report, 'outbound-rtp', 'video').scalabilityMode, 'L1T1');
  }
  // The page draws what its browser says.
  await page.waitForFunction(() => (document.querySelector('#plots .line')?.getAttribute('d').match(/L/g) ?? []).length >= 2);
  const words = await page.evaluate(() => [...document.querySelectorAll('#plots figcaption')].map((c) => c.textContent));
  assert.match(words[0], /^Bit rate: received [1-9][\d.]*, sent [1-9][\d.]* kbit\/s \(of \d+\)$/);
  assert.match(words[1], /^Round trip: of the path in use [\d.]+ ms/);
  assert.match(words[2], /^Jitter: pictures [\d.]+, sound [\d.]+ ms/);
  assert.match(words[3], /^Loss: received 0.0, sent 0.0 %/);
});
