// A call that changes, with real browsers: tracks come and go, hold and resume, stop and come back,
// roll back, cross. What is decoded is looked at after each step, and the stream that nobody touches
// stands still for no longer than half a second.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch } from './lib/browser.mjs';
import { launchFirefox } from './lib/firefox.mjs';
import { jsepPage } from './lib/jsep_page.mjs';
import { call, serve } from './lib/rill.mjs';

const browsers = [['Chromium', launch], ['Firefox', launchFirefox]];
const media = ['-i', 'sine:frequency=500', '-i', 'testsrc'];

// Sound both ways, offered by the page; rill's picture waits for an m-line.
async function soundCall(t, { browser, server }, negotiation, polite, config = {}) {
  const name = `page-${Math.random()}`;
  const page = await browser.newPage();
  t.after(() => page.close());
  const p = await jsepPage(page, server, name, polite, config, name);
  const room = { ...server, url: `${server.url}?room=${name}` };
  const rill = call(t, room, 'rill', '--as', 'answerer', '--negotiation', negotiation, ...media);
  await p.do(async () => {
    window.me.iOffered = true;
    window.me.pc.addTrack(await window.me.track('audio'));
  });
  return { p, rill };
}

for (const [name, launchIt] of browsers)
  test(`calls with ${name} change`, async (t) => {
    const place = { server: await serve(t), browser: await launchIt(t) };
    await t.test(`${name} changes a call that rill answers`, async (t) => {
      const { p, rill } = await soundCall(t, place, 'passive', true);
      await p.do(() => window.me.negotiate());
      await p.do(() => window.me.flows(['0']));
      await p.do(() => window.me.watch('0'));

      // Add a picture: rill's own comes back on the same m-line.
      await p.do(async () => {
        window.me.video = await window.me.track('video');
        window.me.sender = window.me.pc.addTrack(window.me.video);
        await window.me.negotiate();
        await window.me.flows(['0', '1']);
      });
      assert.deepEqual(await p.do(() => window.me.directions()), ['sendrecv', 'sendrecv']);

      // Remove it: rill's goes on.
      await p.do(async () => {
        window.me.pc.removeTrack(window.me.sender);
        await window.me.negotiate();
        await window.me.flows(['0', '1']);
      });
      assert.deepEqual(await p.do(() => window.me.directions()), ['sendrecv', 'recvonly']);

      // Stop that transceiver and add the picture again: the m-line is recycled.
      await p.do(async () => {
        window.me.pc.getTransceivers()[1].stop();
        await window.me.negotiate();
      });
      assert.deepEqual((await p.do(() => window.me.mlines()))[1], 0);
      await p.do(async () => {
        window.me.pc.addTrack(window.me.video);
        await window.me.negotiate();
        await window.me.flows(['0']);
      });
      const ports = await p.do(() => window.me.mlines());
      assert.equal(ports.length, 2);
      assert.notEqual(ports[1], 0);

      // Hold and resume.
      await p.do(async () => {
        const video = window.me.pc.getTransceivers().find((x) => x.sender.track?.kind === 'video');
        video.direction = 'inactive';
        await window.me.negotiate();
        if (video.currentDirection !== 'inactive') throw new Error(video.currentDirection);
        video.direction = 'sendrecv';
        await window.me.negotiate();
        await window.me.flows(['0']);
      });

      // replaceTrack, three pictures, codec preferences.
      await p.do(async () => {
        const { pc } = window.me;
        const video = pc.getTransceivers().find((x) => x.sender.track?.kind === 'video');
        await video.sender.replaceTrack(await window.me.track('video'));
        pc.addTrack(await window.me.track('video'));
        pc.addTrack(await window.me.track('video'));
        const codecs = RTCRtpSender.getCapabilities('video').codecs;
        if (video.setCodecPreferences)
          video.setCodecPreferences([...codecs.filter((c) => !/VP8/i.test(c.mimeType)), ...codecs.filter((c) => /VP8/i.test(c.mimeType))]);
        await window.me.negotiate();
        await window.me.flows(['0']);
      });
      const sending = (await p.do(() => window.me.directions())).filter((d) => d === 'sendonly' || d === 'sendrecv');
      assert.equal(sending.length, 4);

      // An offer that is taken back, and the next one.
      await p.do(async () => {
        const { pc } = window.me;
        pc.addTransceiver('audio', { direction: 'recvonly' });
        await pc.setLocalDescription(await pc.createOffer());
        await pc.setLocalDescription({ type: 'rollback' });
        await window.me.negotiate();
        await window.me.flows(['0']);
      });

      // ICE begins anew: both sides have new credentials. Offers are dear at the server: their rate
      // has to allow one more.
      await p.do(() => new Promise((ok) => { setTimeout(ok, 1500); }));
      const [before, after] = await p.do(() => window.me.restartIce());
      for (const k of [0, 1]) assert.notEqual(before[k], after[k]);
      await p.do(() => window.me.flows(['0']));

      await p.do(() => window.me.unwatch());
      const gap = await p.do(() => window.me.gaps['0']);
      assert.ok(gap < 500, `the sound stood still for ${gap} ms`);
      assert.deepEqual((await p.do(() => window.me.said)).filter((s) => s.startsWith('error')), []);
      await rill.event((e) => e.event === 'step' && e.step === 23);
      await rill.stop();
      const summary = await rill.summary();
      const pictures = summary.received.filter((s) => s.kind === 'video' && s.decoded > 0);
      assert.ok(pictures.length >= 3, `rill has decoded ${pictures.length} pictures`);
      assert.ok(summary.received.every((s) => !s.decode_errors), JSON.stringify(summary.received));
    });

    await t.test(`${name} offers simulcast and is answered with its encodings`, async (t) => {
      const { p, rill } = await soundCall(t, place, 'passive', true);
      await p.do(async () => {
        const encodings = [{ rid: 'a' }, { rid: 'b', scaleResolutionDownBy: 2 }];
        window.me.pc.addTransceiver(await window.me.track('video'), { direction: 'sendrecv', sendEncodings: encodings });
        await window.me.negotiate();
        await window.me.flows(['0', '1']);
      });
      const answer = await p.do(() => window.me.pc.remoteDescription.sdp);
      assert.match(answer, /a=rid:a recv\r\na=rid:b recv\r\n/);
      assert.match(answer, /a=simulcast:recv a;b\r\n/);
      await rill.event((e) => e.event === 'step' && e.step === 23);
      await rill.stop();
      const summary = await rill.summary();
      assert.ok(summary.received.find((s) => s.kind === 'video').decoded > 0, JSON.stringify(summary.received));
    });

    await t.test(`${name} offers max-compat to one without BUNDLE: one m-line is taken`, async (t) => {
      const { p, rill } = await soundCall(t, place, 'passive', true, { bundlePolicy: 'max-compat' });
      await p.do(async () => {
        const { me } = window;
        me.change = (sdp) => sdp.replace(/a=group:BUNDLE.*\r\n/, '');
        me.pc.addTrack(await me.track('video'));
        await me.negotiate();
        await me.flows(['0']);
      });
      const answer = await p.do(() => window.me.pc.remoteDescription.sdp);
      assert.match(answer, /^m=audio [1-9]/m);
      assert.match(answer, /^m=video 0 /m);
      assert.doesNotMatch(answer, /a=group/);
      await rill.stop();
    });

    await t.test(`rill offers its picture in a call with ${name}`, async (t) => {
      const { p, rill } = await soundCall(t, place, 'polite', true);
      await p.do(() => window.me.negotiate());
      await p.do(() => window.me.flows(['0', '1']));
      await rill.event((e) => e.event === 'negotiation' && e.value === 'agreed');
      assert.deepEqual(await p.do(() => window.me.said), ['agreed', 'answered']);
    });

    for (const polite of [true, false])
      await t.test(`offers cross: ${name} is ${polite ? 'polite' : 'impolite'}`, async (t) => {
        const { p } = await soundCall(t, place, polite ? 'impolite' : 'polite', polite);
        // The page's own offer is on its way when rill's is taken.
        await p.do(async () => {
          const { me } = window;
          me.onOffer = async (o) => {
            me.onOffer = null;
            me.pc.addTrack(await me.track('video'));
            await me.offer();
            await me.takeOffer(o);
          };
          await me.negotiate();
        });
        await p.do(() => window.me.flows(['0', '1']));
        assert.equal(await p.do(() => window.me.crossed), 1);
        // Whoever gave way has told its wish after all.
        await p.do(async () => {
          const end = performance.now() + 10000;
          const sends = () => window.me.pc.getTransceivers().filter((x) => x.sender.track && /send/.test(x.currentDirection ?? ''));
          if (window.me.pc.signalingState === 'stable' && sends().length < 2) await window.me.negotiate();
          while (sends().length < 2 && performance.now() < end) await new Promise((ok) => setTimeout(ok, 50));
          if (sends().length < 2) throw new Error(`${window.me.directions()}`);
          await window.me.flows(['0', '1']);
        });
      });
  });
