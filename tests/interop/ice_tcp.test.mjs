// ICE-TCP (RFC 6544): rill without any UDP, with both browsers, whoever offers, and with itself.
// Browsers connect to rill's passive candidates; media counts when both ends have decoded it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, open, state } from './lib/browser.mjs';
import { launchFirefox, openFirefox } from './lib/firefox.mjs';
import { call, serve } from './lib/rill.mjs';

const only = ['--ice-tcp', 'only', '--changes'];

async function pageDecodes(page) {
  await page.waitForFunction(async () => {
    const got = {};
    for (const s of (await window.rill.pc.getStats()).values())
      if (s.type === 'inbound-rtp') got[s.kind] = s;
    return got.video?.framesDecoded > 10 && got.audio?.packetsReceived > 20;
  }, ...(page.context ? [null, { timeout: 20000 }] : [{ timeout: 20000 }]));
}

async function withPage(t, server, page, offerer) {
  let b;
  if (offerer === 'browser') {
    await page.click('#call');
    await state(page, 'calling');
    b = call(t, server, 'rill', '--as', 'answerer', ...only);
  } else {
    b = call(t, server, 'rill', '--as', 'offerer', ...only);
    await b.step(8);
    await (page.context ? page.click('#answer:enabled') : page.locator('#answer:enabled').click());
  }
  await state(page, 'connected');
  await b.step(23);
  await pageDecodes(page);
  const s = await b.receives((video, audio) => video.decoded > 0 && audio.decoded > 0);
  assert.ok(s.ok, s.failure);
  assert.match(s.local_candidate, / tcp .* tcptype /);
  assert.match(s.remote_candidate, / tcp .* tcptype /);
  for (const stream of s.received) assert.ok(stream.decode_errors === 0, JSON.stringify(stream));
}

test('Chromium and rill meet over TCP alone, whoever offers', async (t) => {
  const context = await launch(t);
  for (const offerer of ['browser', 'rill']) {
    const server = await serve(t);
    await withPage(t, server, await open(context, server, 'browser'), offerer);
  }
});

test('Firefox and rill meet over TCP alone, whoever offers', async (t) => {
  const browser = await launchFirefox(t);
  for (const offerer of ['browser', 'rill']) {
    const server = await serve(t);
    await withPage(t, server, await openFirefox(browser, server, 'browser'), offerer);
  }
});

test('two rills meet over TCP alone', async (t) => {
  const server = await serve(t);
  const a = call(t, server, 'a', '--as', 'offerer', '-t', '1', ...only);
  const b = call(t, server, 'b', '--as', 'answerer', '-t', '1', ...only);
  for (const s of [await a.summary(), await b.summary()]) {
    assert.ok(s.ok, s.failure);
    assert.match(s.local_candidate, / tcp /);
    for (const stream of s.received) assert.equal(stream.decode_errors, 0);
  }
});
