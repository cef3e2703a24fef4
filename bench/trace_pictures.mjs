// docs/trace-light.png and docs/trace-dark.png: the page of traces with a call that is made for them.
// node bench/trace_pictures.mjs (RILL: the command [build/release/rill])
import { join } from 'node:path';
import { call, ownHome, root, serve } from '../tests/interop/lib/rill.mjs';
import { openPage } from '../tests/interop/lib/trace_page.mjs';

const home = ownHome();
const kept = [];
const t = { after: (end) => kept.push(end) };
const files = ['CLIENT1', 'CLIENT2'].map((name) => join(home, `${name}.sqlog`));
try {
  const server = await serve(t);
  const calls = files.map((file, i) => call(t, server, `CLIENT${i + 1}`, '--as', i ? 'answerer' : 'offerer', '--trace', file, '-t', '8'));
  await Promise.all(calls.map((c) => c.summary()));

  const light = await openPage(t, { scheme: 'light' });
  await light.drop(files[0]);
  await light.loaded();
  await light.fill('#query', 'stun.username and sent');
  await light.waitForTimeout(800);
  await light.locator('.row').first().click();
  await light.fill('#query', '');
  for (const chip of ['decision', 'note']) await light.locator(`.chips .chip[data-p=${chip}]`).click();
  await light.waitForTimeout(500);
  await light.locator('.node', { hasText: 'USERNAME' }).first().click();
  await light.screenshot({ path: join(root, 'docs/trace-light.png') });

  const dark = await openPage(t, { scheme: 'dark' });
  await dark.drop(...files);
  await dark.loaded();
  await dark.keyboard.press('c');
  await dark.keyboard.press('p');
  await dark.locator('.plot canvas').first().waitFor();
  const { width, height } = await dark.locator('.overview').boundingBox();
  await dark.locator('.overview').click({ position: { x: width * 0.6, y: height / 2 } });
  await dark.waitForTimeout(500);
  await dark.screenshot({ path: join(root, 'docs/trace-dark.png') });
} finally {
  for (const end of kept) await end();
}
