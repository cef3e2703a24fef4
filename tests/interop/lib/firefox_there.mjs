// Firefox in a network of its own. It is spoken to over TCP on its own loopback, so who speaks must be
// there too: this file, run as a program inside, is told on standard input what a page is to do, one JSON
// object a line, {id, open}, {id, goto}, {id, f, args} or {id, close}, and answers {id, value} or {id, error}.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';

// A browser whose pages know newPage(), goto(), evaluate() and close(); home: its HOME, new.
export async function firefoxThere(t, host, home) {
  const [first, ...rest] = [...host.inside, process.execPath, fileURLToPath(import.meta.url)];
  const child = spawn(first, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, HOME: home } });
  const waiting = new Map();
  let last = 0;
  const ended = new Promise((ok) => child.on('close', ok));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, value, error } = JSON.parse(line);
    const { ok, fail } = waiting.get(id);
    waiting.delete(id);
    if (error) fail(new Error(error));
    else ok(value);
  });
  ended.then(() => waiting.forEach(({ fail }) => fail(new Error('Firefox is gone'))));
  const ask = (what) => new Promise((ok, fail) => {
    waiting.set(++last, { ok, fail });
    child.stdin.write(`${JSON.stringify({ id: last, ...what })}\n`);
  });
  t.after(async () => {
    child.stdin.end();
    await ended;
  });
  return {
    async newPage() {
      const page = await ask({ open: true });
      return {
        goto: (url) => ask({ page, goto: url }),
        evaluate: (f, ...args) => ask({ page, f: String(f), args }),
        close: () => ask({ page, close: true }),
      };
    },
  };
}

async function main() {
  const browser = await puppeteer.launch({
    browser: 'firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', headless: true, protocol: 'webDriverBiDi',
  });
  const pages = [];
  const act = async ({ open, page, goto, f, args, close }) => {
    if (open) return pages.push(await browser.newPage()) - 1;
    if (goto) return void (await pages[page].goto(goto));
    if (close) return void (await pages[page].close());
    return pages[page].evaluate(`(${f})(...${JSON.stringify(args)})`);
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, ...what } = JSON.parse(line);
    act(what).then((value) => ({ id, value }), (e) => ({ id, error: e.message })).then((answer) => console.log(JSON.stringify(answer)));
  }
  await browser.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
