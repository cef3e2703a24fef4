// A call that rill changes, with real browsers: it adds, holds, resumes, replaces, prefers, rolls back, removes,
// stops, comes back and restarts ICE. What is decoded at both ends is looked at after each step, and what a step does
// not touch stands still at neither for longer than half a second.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch } from './lib/browser.mjs';
import { changingCall } from './lib/changing_call.mjs';
import { launchFirefox } from './lib/firefox.mjs';
import { serve } from './lib/rill.mjs';

const sources = ['sine:frequency=500', ...Array(3).fill('testsrc:size=160x120:rate=15')].flatMap((s) => ['-i', s]);
const later = [1, 2, 3].flatMap((track) => ['--at', `3600:${track}:add`]); // not there until a line says so

// Of the picture that the page receives, and of the one that it sends.
const codecs = (c) => c.p.do(async () => {
  const stats = [...(await window.me.pc.getStats()).values()];
  return ['inbound-rtp', 'outbound-rtp'].map((type) => {
    const { codecId } = stats.find((s) => s.type === type && s.kind === 'video');
    return stats.find((s) => s.id === codecId).mimeType.split('/')[1];
  }).join(' ');
});

async function rillChanges(t, place) {
  const c = await changingCall(t, place, 'impolite', { rillOffers: true, options: [...sources, ...later, '--codecs', 'vp8,vp9,opus'] });
  await c.p.do(() => { window.me.sendBack = true; });
  await c.rill.event((e) => e.event === 'connection' && e.value === 'connected');
  await c.flows(['0']);
  await c.p.do(() => window.me.watch('0'));

  // A picture is added to a call of sound, and the page's comes back on its m-line.
  await c.agrees('1:add');
  await c.flows(['0', '1']);
  assert.deepEqual(await c.directions(), { 0: 'sendrecv', 1: 'sendrecv' });

  // Hold and resume.
  await c.agrees('1:hold');
  assert.deepEqual(await c.directions(), { 0: 'sendrecv', 1: 'inactive' });
  await c.pageRests('1');
  await c.agrees('1:resume');
  assert.deepEqual(await c.directions(), { 0: 'sendrecv', 1: 'sendrecv' });
  await c.flows(['0', '1']);

  // replaceTrack: no offer, another picture.
  await c.rill.says('1:replace=testsrc:size=320x240', (e) => e.event === 'replaced');
  await c.p.do(async () => {
    const width = async () => [...(await window.me.pc.getStats()).values()].find((s) => s.type === 'inbound-rtp' && s.kind === 'video').frameWidth;
    for (const end = performance.now() + 10000; (await width()) !== 320;) {
      if (performance.now() > end) throw new Error(`${await width()} wide`);
      await new Promise((ok) => { setTimeout(ok, 50); });
    }
  });

  // Codec preferences: the page's picture and rill's come in another codec. An offer that is taken back.
  assert.equal(await codecs(c), 'VP8 VP8');
  await c.agrees('1:prefer=vp9');
  await c.flows(['0', '1']);
  assert.equal(await codecs(c), 'VP9 VP9');
  await c.rill.says('rollback', (e) => e.event === 'negotiation' && e.value === 'rolled back');
  await c.flows(['0', '1']);

  // Remove it: the page's goes on. Add it again: what was used to send before is not used again.
  await c.agrees('1:remove');
  assert.deepEqual(await c.directions(), { 0: 'sendrecv', 1: 'sendonly' });
  await c.pageRests('1');
  await c.flows(['0'], ['0', '1']);
  await c.agrees('1:add');
  await c.flows(['0', '2'], ['0', '1', '2']);

  // Stop that transceiver; added again, its m-line is recycled.
  await c.agrees('1:stop-transceiver');
  assert.equal((await c.p.do(() => window.me.mlines()))[2], 0);
  await c.agrees('1:add');
  const mid = await c.p.do(() => window.me.pc.getTransceivers().at(-1).mid);
  assert.ok(!['0', '1', '2'].includes(mid), mid);
  await c.flows(['0', mid]);
  const ports = await c.p.do(() => window.me.mlines());
  assert.equal(ports.length, 3);
  assert.notEqual(ports[2], 0);

  // Three pictures; the first of them is shown on.
  await c.p.do((m) => window.me.watch(m), mid);
  await c.agrees('2:add');
  await c.agrees('3:add');
  const sending = Object.entries(await c.directions()).filter(([, d]) => d === 'sendrecv').map(([m]) => m);
  assert.equal(sending.length, 4);
  await c.flows(sending);
  await c.ends();
}

// Each side's sockets and names of before are given up while sound and picture go on.
async function bothRestart(t, place) {
  const c = await changingCall(t, place, 'impolite', { options: sources.slice(0, 4) });
  await c.p.do(async () => {
    window.me.pc.addTrack(await window.me.track('video', window.me.small));
    await window.me.negotiate();
  });
  await c.rill.event((e) => e.event === 'connection' && e.value === 'connected');
  await c.flows(['0', '1']);
  await c.p.do(() => ['0', '1'].forEach(window.me.watch));
  for (let i = 0; i < 2; i++) {
    const was = await c.p.do(() => window.me.ufrags());
    const [before, after] = await c.p.do(() => window.me.restartIce());
    await c.flows(['0', '1']);
    await c.agrees('restart');
    const now = await c.p.do(() => window.me.ufrags());
    for (const k of [0, 1]) {
      assert.equal(before[k], was[k]);
      assert.equal(new Set([was[k], after[k], now[k]]).size, 3);
    }
    await c.flows(['0', '1']);
  }
  await c.ends(['0', '1']);
}

for (const [name, launchIt] of [['Chromium', launch], ['Firefox', launchFirefox]])
  test(`rill in a call with ${name}`, async (t) => {
    const place = { server: await serve(t), browser: await launchIt(t) };
    await t.test('rill changes it', (t) => rillChanges(t, place));
    await t.test('both restart ICE in turn', (t) => bothRestart(t, place));
  });
