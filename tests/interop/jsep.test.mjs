// A call that changes, with real browsers: tracks come and go, hold and resume, stop and come back,
// roll back, cross. What is decoded is looked at after each step, and the stream that nobody touches
// stands still for no longer than half a second.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch } from './lib/browser.mjs';
import { changingCall } from './lib/changing_call.mjs';
import { launchFirefox } from './lib/firefox.mjs';
import { serve } from './lib/rill.mjs';

const browsers = [['Chromium', launch], ['Firefox', launchFirefox]];
const media = ['-i', 'sine:frequency=500', '-i', 'testsrc:size=160x120'];

// Sound both ways, offered by the page; rill's picture waits for an m-line.
const soundCall = (t, place, negotiation, polite, config = {}) => changingCall(t, place, negotiation, { polite, config, options: media });

for (const [name, launchIt] of browsers)
  test(`calls with ${name} change`, async (t) => {
    const place = { server: await serve(t), browser: await launchIt(t) };
    await t.test(`${name} changes a call that rill answers`, async (t) => {
      const c = await changingCall(t, place, 'passive', { options: media });
      const { p } = c;
      await p.do(() => window.me.negotiate());
      await c.rill.event((e) => e.event === 'connection' && e.value === 'connected');
      await c.flows(['0']);
      await p.do(() => window.me.watch('0'));

      // Add a picture: rill's own comes back on the same m-line.
      await p.do(async () => {
        window.me.video = await window.me.track('video', window.me.small);
        window.me.sender = window.me.pc.addTrack(window.me.video);
        await window.me.negotiate();
      });
      assert.deepEqual(await c.directions(), { 0: 'sendrecv', 1: 'sendrecv' });
      await c.flows(['0', '1']);

      // Remove it: rill's goes on.
      await p.do(() => { window.me.pc.removeTrack(window.me.sender); return window.me.negotiate(); });
      assert.deepEqual(await c.directions(), { 0: 'sendrecv', 1: 'recvonly' });
      await c.flows(['0', '1'], ['0']);
      await c.rillRests('1');

      // Stop that transceiver and add the picture again: the m-line is recycled.
      await p.do(() => { window.me.pc.getTransceivers()[1].stop(); return window.me.negotiate(); });
      assert.deepEqual((await p.do(() => window.me.mlines()))[1], 0);
      const mid = await p.do(async () => {
        window.me.pc.addTrack(window.me.video);
        await window.me.negotiate();
        return window.me.pc.getTransceivers().find((x) => x.sender.track?.kind === 'video').mid;
      });
      const ports = await p.do(() => window.me.mlines());
      assert.equal(ports.length, 2);
      assert.notEqual(ports[1], 0);
      await c.flows(['0'], ['0', mid]);

      // Hold and resume.
      const direct = (direction) => p.do((to) => {
        window.me.pc.getTransceivers().find((x) => x.sender.track?.kind === 'video').direction = to;
        return window.me.negotiate();
      }, direction);
      await direct('inactive');
      assert.equal((await c.directions())[mid], 'inactive');
      await c.flows(['0']);
      await c.rillRests(mid);
      await direct('sendrecv');
      await c.flows(['0'], ['0', mid]);

      // replaceTrack, three pictures, codec preferences.
      await p.do(async () => {
        const { pc } = window.me;
        const video = pc.getTransceivers().find((x) => x.sender.track?.kind === 'video');
        await video.sender.replaceTrack(await window.me.track('video', window.me.small));
      });
      await c.flows(['0'], ['0', mid]);
      await p.do(async () => {
        const { pc } = window.me;
        const video = pc.getTransceivers().find((x) => x.sender.track?.kind === 'video');
        pc.addTrack(await window.me.track('video', window.me.small));
        pc.addTrack(await window.me.track('video', window.me.small));
        const codecs = RTCRtpSender.getCapabilities('video').codecs;
        if (video.setCodecPreferences)
          video.setCodecPreferences([...codecs.filter((x) => !/VP8/i.test(x.mimeType)), ...codecs.filter((x) => /VP8/i.test(x.mimeType))]);
        await window.me.negotiate();
      });
      const sending = Object.entries(await c.directions()).filter(([, d]) => /send/.test(d)).map(([m]) => m);
      assert.equal(sending.length, 4);
      await c.flows(['0'], sending);

      // An offer that is taken back, and the next one.
      await p.do(async () => {
        const { pc } = window.me;
        pc.addTransceiver('audio', { direction: 'recvonly' });
        await pc.setLocalDescription(await pc.createOffer());
        await pc.setLocalDescription({ type: 'rollback' });
        await window.me.negotiate();
      });
      await c.flows(['0'], sending);

      // ICE begins anew: both sides have new credentials. Offers are dear at the server: their rate
      // has to allow one more.
      await p.do(() => new Promise((ok) => { setTimeout(ok, 1500); }));
      const [before, after] = await p.do(() => window.me.restartIce());
      for (const k of [0, 1]) assert.notEqual(before[k], after[k]);
      await c.flows(['0'], sending);
      await c.ends();
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

    await t.test(`rill offers its picture in a call with ${name}`, async (t) => {
      const { p, rill } = await soundCall(t, place, 'polite', true);
      await p.do(() => window.me.negotiate());
      await p.do(() => window.me.flows(['0', '1']));
      await rill.event((e) => e.event === 'negotiation' && e.value === 'agreed');
      assert.deepEqual(await p.do(() => window.me.said), ['agreed', 'answered']);
    });

    for (const polite of [true, false])
      await t.test(`offers cross: ${name} is ${polite ? 'polite' : 'impolite'}`, async (t) => {
        const { p, flows } = await soundCall(t, place, polite ? 'impolite' : 'polite', polite);
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
        });
        await flows(['0', '1']);
      });
  });
