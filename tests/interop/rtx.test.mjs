// RTX (RFC 4588) with real browsers: a relay of the test's own loses one media packet in twenty each
// way, and both ends' statistics say how the pictures came whole all the same.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { launch } from './lib/browser.mjs';
import { launchFirefox } from './lib/firefox.mjs';
import { jsepPage } from './lib/jsep_page.mjs';
import { call, serve } from './lib/rill.mjs';

const isRtp = (d) => (d[0] & 0xc0) === 0x80 && !(d[1] >= 192 && d[1] <= 223);

// Between whoever sends to its port first and `target`, once that is known.
async function relay(t, lost) {
  const [front, back] = [createSocket('udp4'), createSocket('udp4')];
  const x = { target: null, seen: 0, lost: 0 };
  let peer;
  const pass = (socket, d, to) => {
    // The first packets of a stream pass, so that both begin.
    if (isRtp(d) && ++x.seen > 100 && x.seen % lost === 0) return x.lost++;
    if (to) socket.send(d, to.port, to.address);
  };
  front.on('message', (d, from) => pass(back, d, ((peer = from), x.target)));
  back.on('message', (d) => pass(front, d, peer));
  for (const s of [front, back]) {
    s.bind(0, '127.0.0.1');
    await once(s, 'listening');
    t.after(() => s.close());
  }
  x.port = front.address().port;
  return x;
}

const browsers = [['Chromium', launch], ...(process.env.RILL_LONG ? [['Firefox', launchFirefox]] : [])];

for (const [name, launchIt] of browsers)
  test(`what is lost between rill and ${name} is repaired by RTX, both ways`, async (t) => {
    const server = await serve(t);
    const between = await relay(t, 20);
    const page = await (await launchIt(t)).newPage();
    const p = await jsepPage(page, server, 'browser');
    // Neither hears of the other's addresses: the page of the relay's, rill of none.
    await p.do((port) => {
      const { me } = window, add = me.pc.addIceCandidate.bind(me.pc);
      me.rill = null;
      me.pc.onicecandidate = null;
      me.pc.addIceCandidate = async (c) => {
        const m = /^candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host/i.exec(c.candidate);
        if (!m) return;
        me.rill = Number(m[1]);
        await add({ ...c, candidate: c.candidate.replace(` ${m[1]} typ`, ` ${port} typ`) });
      };
    }, between.port);
    const rill = call(t, server, 'rill', '--as', 'answerer', '-i', 'testsrc:size=320x240');
    await p.do(async () => {
      const { me } = window;
      me.iOffered = true;
      me.change = (sdp) => sdp.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, '');
      me.pc.addTrack(await me.track('video'));
      await me.negotiate();
    });
    for (let i = 0; i < 100 && !between.target; i++) {
      const port = await p.do(() => window.me.rill);
      if (port) between.target = { address: '127.0.0.1', port };
      else await new Promise((ok) => setTimeout(ok, 50));
    }
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
      if (browser['outbound-rtp']?.retransmitted > 3 && browser['inbound-rtp']?.nacks > 3 && browser['inbound-rtp']?.frames > 150) break;
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
    // Chromium counts what came by RTX; Firefox does not say.
    if (name === 'Chromium')
      assert.ok(browser['inbound-rtp'].retransmitted > 3 && browser['inbound-rtp'].retransmitted <= sent.retransmitted, said);
    assert.equal(received.decode_errors, 0, said);
    assert.ok(received.decoded > 50 && browser['inbound-rtp'].frames > 100, said);
  });
