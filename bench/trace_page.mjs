// The page of a trace with very many packets, measured in Chromium: time to load, frame times while scrolling and while
// playing, the longest task, nodes and memory. node bench/trace_page.mjs [PACKETS] [BYTES]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTrace } from '../tests/interop/lib/trace_maker.mjs';
import { openPage, scrollThrough, timesOf } from '../tests/interop/lib/trace_page.mjs';

const [packets = '100000', size = '1000'] = process.argv.slice(2);
const dir = mkdtempSync(join(tmpdir(), 'rill-trace-'));
const ends = [];
try {
  const path = join(dir, 'many.sqlog');
  makeTrace({ packets: Number(packets), size: Number(size), paths: [path] });
  const page = await openPage({ after: (end) => ends.push(end) });
  const began = performance.now();
  await page.drop(path);
  await page.waitForSelector('.row');
  const first = performance.now() - began;
  await page.loaded();
  console.log(`${packets} packets, ${(statSync(path).size / 1e6).toFixed(0)} MB: first rows after ${first.toFixed(0)} ms, all after ${(performance.now() - began).toFixed(0)} ms; longest task ${(await timesOf(page)).task.toFixed(0)} ms`);
  await page.keyboard.press('c');
  await page.waitForTimeout(500);
  const rows = await page.evaluate(() => document.querySelector('rill-ladder').list.items.length);
  const say = (what, t) => console.log(`${what}: ${t.frames} frames, median ${t.median.toFixed(1)} ms, 95 of 100 within ${t.most.toFixed(1)} ms, longest ${t.longest.toFixed(1)} ms; longest task ${t.task.toFixed(0)} ms; ${t.nodes} nodes`);
  say(`scrolling through ${rows} rows`, await scrollThrough(page, 4000));
  await page.evaluate(() => { window.measured = null; });
  await page.locator('select').first().selectOption('16');
  await page.keyboard.press(' ');
  say('playing sixteenfold', await scrollThrough(page, 3000, false));
  await page.keyboard.press(' ');
  const asked = performance.now();
  await page.fill('#query', '"seq 4711 "');
  await page.waitForFunction(() => /^\d+ of/.test(document.querySelector('#searched').textContent));
  console.log(`filter by words: ${(performance.now() - asked).toFixed(0)} ms`);
  const all = performance.now();
  await page.fill('#query', 'rtp.sequence == 4711 or rtp.seq == 4711');
  await page.waitForTimeout(300);
  await page.waitForFunction(() => !document.querySelector('#searched').textContent.includes('%'), null, { timeout: 120000 });
  console.log(`filter by an expression that asks each packet: ${(performance.now() - all).toFixed(0)} ms; ${await page.locator('#searched').textContent()}; longest task ${(await timesOf(page)).task.toFixed(0)} ms`);
  console.log(`memory of the program: ${((await page.evaluate(() => performance.memory.usedJSHeapSize)) / 1e6).toFixed(0)} MB`);
} finally {
  for (const end of ends) await end();
  rmSync(dir, { recursive: true, force: true });
}
