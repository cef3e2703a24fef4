// What a browser's congestion control thinks that its path carries, bits a second; 0 while it does not know.
import { launch } from './browser.mjs';
import { launchFirefox } from './firefox.mjs';

const chromiumSays = async () => Math.max(0, ...[...(await window.me.pc.getStats()).values()].map((s) => s.availableOutgoingBitrate ?? 0));

// Firefox does not tell pages, but its own page of WebRTC, in bytes and by the tracks of a call.
const firefoxSays = (ids) => new Promise((ok) => {
  WebrtcGlobalInformation.getAllStats(({ reports }) => ok(8 * Math.max(0, ...reports.flatMap((r) => r.bandwidthEstimations ?? [])
    .filter((e) => ids.includes(e.trackIdentifier)).map((e) => e.sendBandwidthBps))));
});
const tracks = () => window.me.pc.getTransceivers().flatMap((x) => [x.sender.track?.id, x.receiver.track.id]);

export async function launchChromium(t) {
  return { browser: await launch(t), estimate: (page) => page.evaluate(chromiumSays) };
}

export async function launchFirefoxToAsk(t) {
  const browser = await launchFirefox(t, undefined, ['--remote-allow-system-access']);
  let own;
  const ownPage = async () => {
    const page = await browser.newPage();
    page.goto('about:webrtc').catch(() => {}); // it comes, though nothing says that it has
    for (const end = performance.now() + 20000; performance.now() < end;) {
      if (await page.evaluate(() => typeof WebrtcGlobalInformation === 'object').catch(() => false)) return page;
      await new Promise((ok) => setTimeout(ok, 50));
    }
    throw new Error('about:webrtc does not come');
  };
  return { browser, estimate: async (page) => (await (own ??= ownPage())).evaluate(firefoxSays, await page.evaluate(tracks)) };
}
