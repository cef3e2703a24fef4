// Chromium over TURN through TLS: the server's certificate is of a CA that the browser's own store holds.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { launch, open, state } from './lib/browser.mjs';
import { certificate, coturn, credentials } from './lib/coturn.mjs';
import { call, ownHome, serve } from './lib/rill.mjs';
import { decodes, pairTypes, relayOnly } from './lib/relay_page.mjs';

const home = ownHome();

function trust(cert) {
  const db = join(home, '.pki/nssdb');
  mkdirSync(db, { recursive: true });
  for (const args of [['-N', '--empty-password'], ['-A', '-n', 'turn', '-t', 'C,,', '-i', cert]]) {
    const r = spawnSync('certutil', ['-d', `sql:${db}`, ...args]);
    assert.equal(r.status, 0, r.stderr?.toString());
  }
}

test('Chromium and rill, both relay-only over turns:', async (t) => {
  const { cert, key } = certificate(t);
  trust(cert);
  const turn = await coturn(t, '--cert', cert, '--pkey', key);
  const server = await serve(t);
  const context = await launch(t);
  await relayOnly(context, `turns:127.0.0.1:${turn.tls}?transport=tcp`);
  const page = await open(context, server, 'browser');
  const b = call(t, server, 'rill', '--as', 'offerer', '--ice-policy', 'relay', '--ca', cert, '--changes',
    '--turn', `turns:${credentials}@127.0.0.1:${turn.tls}?transport=tcp`);
  await b.step(8);
  await page.click('#answer:enabled');
  await state(page, 'connected');
  await decodes(page);
  const [local, remote] = await pairTypes(page);
  assert.equal(local.type, 'relay');
  assert.equal(local.relayProtocol, 'tls');
  assert.match(remote.type, /relay|prflx/);
  const s = await b.receives((video) => video.decoded > 10);
  assert.ok(s.ok, s.failure);
  assert.match(s.local_candidate, / typ relay /);
});
