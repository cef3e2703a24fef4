// Debian's Firefox ESR, headless, with its fake camera and microphone, on loopback, over WebDriver BiDi.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';

// A standing permission, rather than none asked, is what makes Firefox offer its real addresses.
const prefs = {
  'media.navigator.streams.fake': true,
  'permissions.default.camera': 1,
  'permissions.default.microphone': 1,
  'media.peerconnection.ice.loopback': true,
  'media.cubeb.force_mock_context': true,
  'media.autoplay.default': 0,
};

// Its HOME is new like its profile, so that nothing of another run is found there; prepare(profile)
// may put something there. args: of its command line.
export async function launchFirefox(t, prepare = () => {}, args = []) {
  const dir = mkdtempSync(join(tmpdir(), 'rill-firefox-'));
  const [home, profile] = [join(dir, 'home'), join(dir, 'profile')];
  mkdirSync(home);
  mkdirSync(profile);
  prepare(profile);
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    userDataDir: profile,
    protocol: 'webDriverBiDi',
    args,
    extraPrefsFirefox: prefs,
    env: { ...process.env, HOME: home },
  });
  t.after(async () => {
    await browser.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return browser;
}

// rill's page in a tab of its own, as open() of browser.mjs does it for Chromium.
export async function openFirefox(browser, server, name) {
  const page = await browser.newPage();
  page.said = [];
  page.on('console', (m) => page.said.push(m.text()));
  page.on('pageerror', (e) => page.said.push(`error: ${e.message}`));
  await page.goto(`${server.url}?name=${name}`);
  return page;
}
