// The page of traces as a test drives it: Chromium, the page as a file, and traces that are dropped on it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch } from './browser.mjs';
import { root } from './rill.mjs';

export const file = pathToFileURL(join(root, 'web/trace.html')).href;

// Opens the page: as a file, or of a server. Gives Playwright's page with what this page can do.
export async function openPage(t, { url = file, scheme = 'light', width = 1440, height = 900, browser } = {}) {
  const context = browser ?? (await launch(t, '--enable-precise-memory-info'));
  const page = await context.newPage();
  page.said = [];
  page.asked = [];
  page.on('console', (m) => m.type() === 'error' && page.said.push(m.text()));
  page.on('pageerror', (e) => page.said.push(`error: ${e.message} ${e.stack}`));
  page.on('request', (r) => page.asked.push(r.url()));
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height });
  await page.addInitScript(watch);
  await page.goto(url);
  page.drop = (...paths) => drop(page, paths);
  page.loaded = () => page.waitForFunction(() => document.querySelector('.row') && !document.querySelector('.wait'), null, { timeout: 60000 });
  return page;
}

// What the page's program is busy with at a stretch.
function watch() {
  window.tasks = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((e) => e.duration))).observe({ type: 'longtask' });
}

// As if a hand had dropped these files; a file on the disk, so that its bytes need not go through the protocol.
async function drop(page, paths) {
  await page.evaluate(() => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    input.id = 'carried';
    input.hidden = true;
    document.body.append(input);
  });
  await page.setInputFiles('#carried', paths);
  await page.evaluate(() => {
    const input = document.getElementById('carried');
    const carried = new DataTransfer();
    for (const f of input.files) carried.items.add(f);
    input.remove();
    for (const type of ['dragenter', 'drop'])
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }));
  });
}

export const timesOf = (page) => page.evaluate(() => {
  const task = Math.max(0, ...window.tasks);
  window.tasks = [];
  return { task };
});

// From the list's begin to its end in ms, and how the frames went by; scroll false: only looked at.
export function scrollThrough(page, ms, scroll = true) {
  return page.evaluate(async ([ms, scroll]) => {
    const box = document.querySelector('.rows');
    const frames = [];
    let nodes = 0;
    window.tasks = [];
    const began = performance.now();
    for (let before = began, now = began; now - began < ms; before = now) {
      if (scroll) box.scrollTop = (box.scrollHeight - box.clientHeight) * (now - began) / ms;
      now = await new Promise((ok) => requestAnimationFrame(ok));
      frames.push(now - before);
      nodes = Math.max(nodes, document.querySelectorAll('*').length);
    }
    await new Promise((ok) => setTimeout(ok, 100));
    frames.sort((a, b) => a - b);
    const at = (part) => frames[Math.min(frames.length - 1, Math.floor(frames.length * part))];
    return { frames: frames.length, median: at(0.5), most: at(0.95), longest: at(1), task: Math.max(0, ...window.tasks), nodes };
  }, [ms, scroll]);
}
