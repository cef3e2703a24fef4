// Browsers over https with a CA that was put into their own store, and nothing else: no flag that has
// them pass over a certificate. A call counts when both ends have decoded.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inbound, launch, open, state } from './lib/browser.mjs';
import { launchFirefox, openFirefox } from './lib/firefox.mjs';
import { call, ownHome, root, run, serve, tempDir } from './lib/rill.mjs';

const home = ownHome();
const ca = join(home, '.local/share/rill/ca.crt');
const localhost = (server) => ({ ...server, url: `https://localhost:${new URL(server.url).port}/` });

async function decodes(page, frames = 15) {
  const until = Date.now() + 30000;
  let got = {};
  while (Date.now() < until) {
    await page.bringToFront();
    got = await inbound(page);
    if (got.video?.framesDecoded >= frames && got.audio?.samples > 0) return;
    await new Promise((done) => setTimeout(done, 200));
  }
  assert.fail(JSON.stringify(got));
}

// What the browser itself says of the page's security.
async function security(context, page) {
  const cdp = await context.newCDPSession(page);
  const said = new Promise((ok) => cdp.on('Security.visibleSecurityStateChanged', (e) => ok(e.visibleSecurityState)));
  await cdp.send('Security.enable');
  return said;
}

test('Chromium', async (t) => {
  const server = localhost(await serve(t, '--tls', 'auto'));
  await t.test('refuses the page before the CA is trusted', async (t) => {
    const page = await (await launch(t)).newPage();
    await assert.rejects(page.goto(server.url), /ERR_CERT_AUTHORITY_INVALID/);
  });
  const installed = run(['cert', '--install=nss']);
  assert.equal(installed.code, 0, installed.err);
  const context = await launch(t);

  await t.test('loads it without a warning once it is, under each of its names', async () => {
    for (const url of [server.url, server.url.replace('localhost', '127.0.0.1')]) {
      const page = await open(context, { url }, 'ann');
      await page.waitForFunction(() => !document.querySelector('#call').disabled);
      const seen = await security(context, page);
      assert.equal(seen.securityState, 'secure', JSON.stringify(seen));
      assert.equal(seen.certificateSecurityState.protocol, 'TLS 1.2');
      assert.equal(await page.evaluate(() => window.isSecureContext && document.querySelector('#insecure').hidden), true);
      assert.deepEqual(page.said, []);
      await page.close();
    }
  });

  await t.test('page with page', async () => {
    const [ann, bob] = [await open(context, server, 'ann'), await open(context, server, 'bob')];
    await ann.bringToFront();
    await ann.click('#call:enabled');
    await bob.bringToFront();
    await bob.click('#answer:enabled');
    for (const page of [ann, bob]) {
      await state(page, 'connected');
      await decodes(page);
    }
    await ann.close();
    await bob.close();
  });

  await t.test('page with rill call', async (t) => {
    const page = await open(context, server, 'page');
    await page.click('#call:enabled');
    await state(page, 'calling');
    const rill = call(t, server, 'rill', '--as', 'answerer', '--changes');
    await state(page, 'connected');
    await decodes(page);
    const s = await rill.receives((picture, sound) => picture.decoded > 10 && sound.samples > 0);
    assert.ok(s.ok, s.failure);
    await page.close();
  });

  await t.test('two pages of a course, which name the server\'s URL themselves', async (t) => {
    const www = tempDir(t), from = join(root, 'tests/interop/www');
    const course = localhost(await serve(t, '--tls', 'auto', '--www', www, '--password', 'x'));
    copyFileSync(join(from, 'course.html'), join(www, 'index.html'));
    writeFileSync(join(www, 'course.js'), readFileSync(join(from, 'course.js'), 'utf8').replace('https://localhost:8181/', course.url));
    const [one, two] = [await open(context, course, ''), await open(context, course, '')];
    await one.bringToFront();
    await state(one, 'here');
    await one.click('#call');
    await two.bringToFront();
    await two.click('#answer button');
    for (const page of [one, two]) {
      await state(page, 'connected');
      await decodes(page);
      assert.equal(await page.evaluate(() => window.rill.socket.io.engine.transport.name), 'websocket');
    }
    assert.equal(await one.evaluate(() => document.querySelector('#remote-video').srcObject.getTracks().length), 2);
  });
});

test('Chromium on plain http under a name of the network: the page says what to do', async (t) => {
  const server = await serve(t, '--any-origin');
  const context = await launch(t, '--host-resolver-rules=MAP phone.test 127.0.0.1');
  const { port } = new URL(server.url);
  const page = await open(context, { url: `http://phone.test:${port}/` }, 'ann');
  const notice = await page.locator('#insecure').innerText();
  assert.match(notice, new RegExp(`https://phone\\.test:${port}/`));
  assert.equal(await page.locator('#secure-url').getAttribute('href'), `https://phone.test:${port}/?name=ann`);
  assert.equal(await page.locator('#call').isDisabled(), true);
  assert.equal(await page.locator('#join').isDisabled(), true);
});

test('Firefox with the CA in its store loads the page and calls rill', async (t) => {
  const server = localhost(await serve(t, '--tls', 'auto'));
  const certutil = (...args) => {
    const r = spawnSync('certutil', args, { encoding: 'utf8' });
    assert.equal(r.status, 0, r.stderr);
  };
  const firefox = await launchFirefox(t, (profile) => {
    certutil('-N', '--empty-password', '-d', `sql:${profile}`);
    certutil('-A', '-n', 'rill', '-t', 'C,,', '-i', ca, '-d', `sql:${profile}`);
  });
  const page = await openFirefox(firefox, server, 'firefox');
  await page.locator('#call:enabled').click();
  await state(page, 'calling');
  const rill = call(t, server, 'rill', '--as', 'answerer', '--changes');
  await state(page, 'connected');
  await decodes(page);
  const s = await rill.receives((picture, sound) => picture.decoded > 10 && sound.samples > 0);
  assert.ok(s.ok, s.failure);
  assert.deepEqual(page.said, []);
});
