// rill with Chromium through a real coturn, relay-only on both sides, whoever offers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inbound, launch, open, state } from './lib/browser.mjs';
import { coturn, credentials } from './lib/coturn.mjs';
import { decodes, pairTypes, relayOnly } from './lib/relay_page.mjs';
import { call, serve } from './lib/rill.mjs';

for (const [offerer, transport] of [['browser', 'udp'], ['rill', 'tcp']])
  test(`${offerer} offers, both relay-only, over ${transport}`, async (t) => {
    const turn = await coturn(t);
    const server = await serve(t);
    const context = await launch(t);
    await relayOnly(context, `turn:127.0.0.1:${turn.port}?transport=${transport}`);
    const page = await open(context, server, 'browser');
    const ours = ['--ice-policy', 'relay', '--turn', `turn:${credentials}@127.0.0.1:${turn.port}?transport=${transport}`, '--changes'];
    let b;
    if (offerer === 'browser') {
      await page.click('#call');
      await state(page, 'calling');
      b = call(t, server, 'rill', '--as', 'answerer', ...ours);
    } else {
      b = call(t, server, 'rill', '--as', 'offerer', ...ours);
      await b.step(8);
      await page.click('#answer:enabled');
    }
    await state(page, 'connected');
    await b.step(23);
    await decodes(page);
    const [local, remote] = await pairTypes(page);
    assert.equal(local.type, 'relay');
    assert.match(remote.type, /relay|prflx/);
    assert.ok((await inbound(page)).audio.samples > 0);
    const s = await b.receives((video) => video.decoded > 10);
    assert.ok(s.ok, s.failure);
    assert.match(s.local_candidate, / typ relay /);
  });
