// Debian's Chromium, headless, with its fake camera and microphone, on loopback.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required',
];

export async function launch(t, ...more) {
  const dir = mkdtempSync(join(tmpdir(), 'rill-chromium-'));
  const context = await chromium.launchPersistentContext(dir, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    chromiumSandbox: false,
    args: [...args, ...more],
  });
  t.after(async () => {
    await context.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return context;
}

// rill's page under a name of its own; says what the page's console said when a test fails.
export async function open(context, server, name) {
  const page = await context.newPage();
  page.said = [];
  page.on('console', (m) => page.said.push(m.text()));
  page.on('pageerror', (e) => page.said.push(`error: ${e.message}`));
  await page.goto(`${server.url}?name=${name}`);
  return page;
}

// Waits until the page is in a state; gives what it then says. For Chromium's page and Firefox's.
export async function state(page, want, ms = 30000) {
  const [now, message] = await page.evaluate(async ([want, ms]) => {
    const { dataset } = document.documentElement;
    const end = performance.now() + ms;
    while (dataset.state !== want && performance.now() < end) await new Promise((ok) => setTimeout(ok, 20));
    return [dataset.state, document.querySelector('#message').textContent.trim()];
  }, [want, ms]);
  if (now !== want) throw new Error(`the page is ${now}, not ${want}: ${message}\n${page.said.join('\n')}`);
  return message;
}

// What getStats says was sent, in frames and packets.
export function outbound(page) {
  return page.evaluate(async () => {
    const out = {};
    for (const s of (await window.rill.pc.getStats()).values())
      if (s.type === 'outbound-rtp')
        out[s.kind] = {
          framesEncoded: s.framesEncoded, packetsSent: s.packetsSent, frameWidth: s.frameWidth, frameHeight: s.frameHeight,
        };
    return out;
  });
}

// What getStats says was received and decoded.
export function inbound(page) {
  return page.evaluate(async () => {
    const out = {};
    for (const s of (await window.rill.pc.getStats()).values())
      if (s.type === 'inbound-rtp')
        out[s.kind] = {
          framesDecoded: s.framesDecoded, packetsReceived: s.packetsReceived, frameWidth: s.frameWidth,
          packetsLost: s.packetsLost, samples: s.totalSamplesReceived, energy: s.totalAudioEnergy,
          emitted: s.jitterBufferEmittedCount, framesDropped: s.framesDropped, nackCount: s.nackCount,
          keyFramesDecoded: s.keyFramesDecoded,
        };
    return out;
  });
}
