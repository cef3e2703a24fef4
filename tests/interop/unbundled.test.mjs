// Calls between browsers that bundle and a side that does not: each m-line has its own ICE, its own
// DTLS and its own keys. The group's line is taken out on its way, as one who does not know it would
// pass over it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch } from './lib/browser.mjs';
import { changingCall } from './lib/changing_call.mjs';
import { launchFirefox } from './lib/firefox.mjs';
import { serve } from './lib/rill.mjs';

const browsers = [['Chromium', launch], ['Firefox', launchFirefox]];
const media = ['-i', 'sine:frequency=500', '-i', 'testsrc'];

// Two transports at rill, with sockets of their own; what was offered beside them is given back.
async function hadTwoTransports(rill) {
  await rill.stop();
  const { transports, sent, received } = await rill.summary();
  assert.deepEqual(transports.map((t) => [t.mline, t.component]), [[0, 1], [1, 1]]);
  assert.notEqual(transports[0].local_candidate, transports[1].local_candidate);
  for (const t of transports) assert.equal(t.srtp_profile, 'SRTP_AES128_CM_HMAC_SHA1_80');
  assert.deepEqual(sent.map((s) => s.transport), [0, 1]);
  assert.ok(received.every((s) => !s.decode_errors), JSON.stringify(received));
}

for (const [name, launchIt] of browsers)
  test(`calls with ${name} without BUNDLE`, async (t) => {
    const place = { server: await serve(t), browser: await launchIt(t) };

    await t.test(`${name} offers max-compat to one without BUNDLE`, async (t) => {
      const { p, rill, flows } = await changingCall(t, place, 'passive',
        { bundles: false, config: { bundlePolicy: 'max-compat' }, options: media });
      await p.do(async () => {
        const { me } = window;
        me.change = (sdp) => sdp.replace(/a=group:BUNDLE.*\r\n/, '');
        me.pc.addTrack(await me.track('video'));
        await me.negotiate();
      });
      await rill.event((e) => e.event === 'connection' && e.value === 'connected');
      await flows(['0', '1']);
      const answer = await p.do(() => window.me.pc.remoteDescription.sdp);
      assert.doesNotMatch(answer, /a=group/);
      assert.doesNotMatch(answer, /^m=\S+ 0 /m);
      await hadTwoTransports(rill);
    });

    await t.test(`${name} answers max-compat as one without BUNDLE`, async (t) => {
      const { p, rill, flows } = await changingCall(t, place, 'passive',
        { bundles: false, rillOffers: true, options: [...media, '--bundle-policy', 'max-compat'] });
      await p.do(async () => { window.me.sendBack = true; });
      await rill.event((e) => e.event === 'connection' && e.value === 'connected');
      await flows(['0', '1']);
      const answer = await p.do(() => window.me.pc.localDescription.sdp);
      assert.doesNotMatch(answer, /a=group/);
      await hadTwoTransports(rill);
    });

    // W3C's rtcpMuxPolicy has one value left, "require".
    await t.test(`${name} rejects what is not multiplexed`, async (t) => {
      const { p, rill } = await changingCall(t, place, 'passive',
        { bundles: false, options: [...media, '--rtcp-mux-policy', 'negotiate'] });
      const said = await p.do(async () => {
        const { me } = window;
        me.change = (sdp) => sdp.replace(/a=(group:BUNDLE|rtcp-mux).*\r\n/g, '');
        await me.offer();
        for (const end = performance.now() + 10000; !me.said.length && performance.now() < end;)
          await new Promise((ok) => setTimeout(ok, 20));
        return me.said;
      });
      // rill has answered without a=rtcp-mux, as it was asked to.
      assert.match(said.join(), /^error: answerResponse: .*rtcp-mux.*required/i);
      await rill.stop();
    });
  });
