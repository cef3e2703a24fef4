// RTX (RFC 4588) with real browsers: a relay of the test's own loses one media packet in twenty each
// way, and both ends' statistics say how the pictures came whole all the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch } from './lib/browser.mjs';
import { launchFirefox } from './lib/firefox.mjs';
import { jsepPage } from './lib/jsep_page.mjs';
import { goThrough, reach, relay } from './lib/relay.mjs';
import { call, serve } from './lib/rill.mjs';

const browsers = [['Chromium', launch], ...(process.env.RILL_LONG ? [['Firefox', launchFirefox]] : [])];

for (const [name, launchIt] of browsers)
  test(`what is lost between rill and ${name} is repaired by RTX, both ways`, async (t) => {
    const server = await serve(t);
    const between = await relay(t, 20);
    const page = await (await launchIt(t)).newPage();
    const p = await jsepPage(page, server, 'browser');
    await goThrough(p, between);
    const rill = call(t, server, 'rill', '--as', 'answerer', '-i', 'testsrc:size=320x240');
    await p.do(async () => {
      const { me } = window;
      me.pc.addTrack(await me.track('video'));
      await me.negotiate();
    });
    await reach(p, between);
    const stats = () => p.do(async () => {
      const out = {};
      for (const s of (await window.me.pc.getStats()).values())
        if (s.type === 'outbound-rtp' || s.type === 'inbound-rtp')
          out[s.type] = { retransmitted: s.retransmittedPacketsSent ?? s.retransmittedPacketsReceived, nacks: s.nackCount,
            packets: s.packetsSent ?? s.packetsReceived, frames: s.framesEncoded ?? s.framesDecoded };
      return out;
    });
    let browser = {};
    for (const end = performance.now() + 25000; performance.now() < end;) {
      browser = await stats();
      if (browser['outbound-rtp']?.retransmitted > 3 && browser['inbound-rtp']?.nacks > 6 && browser['inbound-rtp']?.frames > 150) break;
      await new Promise((ok) => setTimeout(ok, 200));
    }
    const sdp = await p.do(() => window.me.pc.remoteDescription.sdp);
    await rill.stop();
    const s = await rill.summary();
    const [sent, received] = [s.sent, s.received].map((rows) => rows.find((r) => r.kind === 'video'));
    const said = JSON.stringify([browser, sent, received, between.lost]);
    assert.match(sdp, /a=fmtp:\d+ apt=\d+/);
    assert.match(sdp, /a=ssrc-group:FID \d+ \d+/);
    assert.ok(between.lost > 5, said);
    assert.ok(sent.retransmitted > 3 && received.retransmitted > 3, said);
    // What either has of the other's is no more than that one sent; as browsers also probe with RTX,
    // rill counts alone what it lacked.
    assert.ok(received.retransmitted <= browser['outbound-rtp'].retransmitted + 2, said);
    assert.ok(received.nacks > 0 && sent.nacks > 0, said);
    // Chromium counts what came by RTX, rill's probes of the path among it; Firefox does not say.
    if (name === 'Chromium') {
      assert.ok(browser['inbound-rtp'].retransmitted > 3, said);
      assert.ok(browser['inbound-rtp'].retransmitted <= sent.retransmitted + sent.padding_packets, said);
    }
    assert.equal(received.decode_errors, 0, said);
    assert.ok(received.decoded > 50 && browser['inbound-rtp'].frames > 100, said);
  });
