// rill as a lite agent (RFC 8445 §2.5) with Chromium and with itself; and Chromium's renomination,
// which it uses when both descriptions name it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, open, state } from './lib/browser.mjs';
import { call, serve } from './lib/rill.mjs';

async function withPage(t, context, offerer, ...options) {
  const server = await serve(t);
  const page = await open(context, server, 'browser');
  const start = (role) => call(t, { ...server, stun: null }, 'rill', '--as', role, '-t', '1', ...options);
  let b;
  if (offerer === 'browser') {
    await page.click('#call');
    await state(page, 'calling');
    b = start('answerer');
  } else {
    b = start('offerer');
    await b.step(8);
    await page.click('#answer:enabled');
  }
  await state(page, 'connected');
  const s = await b.summary();
  assert.ok(s.ok, s.failure);
  for (const stream of s.received) assert.equal(stream.decode_errors, 0, JSON.stringify(stream));
  return b;
}

test('Chromium and a lite rill, whoever offers; and its renomination', async (t) => {
  const context = await launch(t);
  for (const offerer of ['browser', 'rill']) {
    const b = await withPage(t, context, offerer, '--ice-lite', '-v');
    assert.doesNotMatch(b.err, /ice check_sent/);
    assert.match(b.err, /ice selected/);
  }
  // It then nominates by the attribute NOMINATION alone, never by USE-CANDIDATE.
  await context.addInitScript(() => {
    const plain = RTCPeerConnection.prototype.createOffer;
    RTCPeerConnection.prototype.createOffer = async function (...options) {
      const { type, sdp } = await plain.apply(this, options);
      return { type, sdp: sdp.replaceAll('a=ice-options:trickle', 'a=ice-options:trickle renomination') };
    };
  });
  const b = await withPage(t, context, 'browser', '-v');
  assert.match(b.err, /ice selected/);
  assert.match(b.err, /ice check_received/);
  assert.doesNotMatch(b.err, /ice check_received .*use_candidate=1/);
});

test('two rills of which one is lite, or both', async (t) => {
  await Promise.all([false, true].map(async (both) => {
    const server = { ...(await serve(t)), stun: null };
    const a = call(t, server, 'a', '--as', 'offerer', '-t', '1', '--ice-lite', '-v');
    const b = call(t, server, 'b', '--as', 'answerer', '-t', '1', ...(both ? ['--ice-lite'] : []));
    for (const s of [await a.summary(), await b.summary()]) assert.ok(s.ok, s.failure);
    assert.doesNotMatch(a.err, /ice check_sent/);
  }));
});
