// The page of traces in Chromium: a real call's two traces, traces of calls that never were, and files that are none.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { RecordReader } from '../../web/trace/records.js';
import { launch } from './lib/browser.mjs';
import { call, ownHome, root, run, serve } from './lib/rill.mjs';
import { shared } from './lib/shared.mjs';
import { makeTrace } from './lib/trace_maker.mjs';
import { openPage, scrollThrough } from './lib/trace_page.mjs';

const browser = shared((t) => launch(t));
const home = ownHome();
const ends = [join(home, 'one.sqlog'), join(home, 'two.sqlog')];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// The two ends of a real call of two seconds.
before(async () => {
  const kept = [];
  const t = { after: (end) => kept.push(end) };
  try {
    const server = await serve(t);
    const [a, b] = ends.map((file, i) => call(t, server, `c${i}`, '--as', i ? 'answerer' : 'offerer', '--trace', file, '-t', '2'));
    await Promise.all([a.summary(), b.summary()]);
  } finally {
    for (const end of kept) await end();
  }
});

async function open(t, options) {
  const page = await openPage(t, { browser: await browser(), ...options });
  t.after(() => page.close());
  return page;
}

async function opened(t, files = [ends[0]], options = {}) {
  const page = await open(t, options);
  await page.drop(...files);
  await page.loaded();
  return page;
}

const rows = (page) => page.locator('.row');
const searched = (page) => page.locator('#searched').textContent();
const hash = (page) => page.waitForTimeout(350).then(() => page.evaluate(() => location.hash));

async function filter(page, text) {
  const was = await searched(page);
  await page.fill('#query', text);
  await page.waitForFunction((was) => document.querySelector('#searched').textContent !== was, was);
}

// --- a real call -----------------------------------------------------------------------------

test('a dropped trace is shown with its steps, lanes and arrows, and nothing is asked of any host', async (t) => {
  const page = await opened(t);
  assert.ok(await rows(page).count() > 10);
  assert.equal(await page.locator('.pip[data-lit]').count(), 12, 'the steps that CLIENT1 takes are lit');
  await page.locator('.chips .chip[data-p=stun]').dblclick();
  assert.equal(await page.locator('.row:not([data-p=stun])').count(), 0);
  assert.ok(await page.locator('.arrow[data-span="02"]').count() > 0, 'to the STUN server');
  assert.ok(await page.locator('.arrow[data-span="03"]').count() > 0, 'to CLIENT2');
  assert.deepEqual(page.said, []);
  assert.deepEqual(page.asked.filter((url) => !/^(file|data|blob):/.test(url)), []);
});

test('a byte lights its field and its sentence, a field lights its bytes, by hand and by keyboard', async (t) => {
  const page = await opened(t);
  await filter(page, 'stun.username');
  await rows(page).first().click();
  await page.locator('.octets b').nth(5).hover();
  assert.match(await page.locator('.node[data-on]').textContent(), /cookie/);
  assert.equal(await page.locator('.octets b[data-on]').count(), 4);
  assert.match(await page.locator('.card').textContent(), /RFC 8489 §5.*2112a442/i);
  await page.locator('.node', { hasText: 'length' }).first().hover();
  assert.deepEqual(await page.locator('.octets b[data-on]').evaluateAll((all) => all.map((b) => b.dataset.from)), ['2', '3']);
  await page.locator('.bytes').focus();
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
  assert.match(await page.locator('.card').textContent(), /transaction/i);
  await page.locator('.tree').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.locator('.node[aria-selected=true]').count(), 1);
});

test('a packet of media can be looked at on the wire and in clear; a description as text', async (t) => {
  const page = await opened(t);
  await page.keyboard.press('c');
  await filter(page, 'vp8');
  await page.locator('.row[data-p=rtp]:not(.run)').nth(3).click();
  assert.match(await page.locator('.node').first().textContent(), /RTP/);
  assert.ok(await page.locator('.node', { hasText: 'VP8' }).count() > 0);
  await page.locator('.about button', { hasText: 'on the wire' }).click();
  await page.locator('.node', { hasText: /SRTP|tag|encrypted/i }).first().waitFor();
  await filter(page, 'offer');
  await page.locator('.row[data-p=sdp]').first().click();
  await page.locator('.bytes.text b', { hasText: 'BUNDLE' }).first().hover();
  assert.match(await page.locator('.card').textContent(), /RFC /);
});

test('an expression means the same events as in rill trace dump, and a wrong one is told by its column', async (t) => {
  const page = await opened(t);
  for (const expression of ['stun.method == "Binding" and sent', 'ice and not contains "candidate"', 'step == 7 and name ~ "ice:"']) {
    const dumped = run(['trace', 'dump', '--filter', expression, ends[0]]);
    assert.equal(dumped.code, 0, dumped.err);
    const n = dumped.out.trim().split('\n').length;
    await page.fill('#query', expression);
    await page.waitForFunction((n) => document.querySelector('#searched').textContent.startsWith(`${n} of`), n);
  }
  await page.fill('#query', 'stun.method ==');
  await page.waitForFunction(() => /^Column 15: /.test(document.querySelector('#searched').textContent));
  assert.equal(await page.locator('#query').getAttribute('aria-invalid'), 'true');
});

test('links: what is looked at is in the address, and the address shows it again', async (t) => {
  const page = await opened(t);
  await filter(page, 'binding');
  await rows(page).nth(1).click();
  const chosen = await page.locator('.row[aria-selected=true]').textContent();
  await page.keyboard.press('p');
  const link = await hash(page);
  assert.match(link, /^#e=\d+&q=binding&v=plots$/);
  const again = await open(t);
  await again.evaluate((h) => { location.hash = h; }, link);
  await again.drop(ends[0]);
  await again.loaded();
  await again.locator('.row[aria-selected=true]').waitFor();
  assert.equal(await again.locator('.row[aria-selected=true]').textContent(), chosen);
  assert.equal(await again.locator('#tab-plots').getAttribute('aria-selected'), 'true');
  assert.equal(await again.inputValue('#query'), 'binding');
  await again.locator('.plot canvas').first().waitFor();
});

test('keys: step, play, the 23 steps, filter and help', async (t) => {
  const page = await opened(t);
  const moment = () => page.locator('rill-trace').evaluate((a) => a.moment);
  await page.keyboard.press(']');
  assert.equal(await page.locator('.pip[data-lit]').count(), 12, 'there is nothing behind the end');
  for (let i = 0; i < 12; i++) await page.keyboard.press('[');
  assert.equal(await page.locator('.pip[data-lit]').count(), 1, 'only the first is lit');
  const before = await moment();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  assert.ok(await moment() >= before);
  await page.keyboard.press(' ');
  await page.waitForFunction(() => document.querySelectorAll('.pip[data-lit]').length === 12);
  await page.keyboard.press(' ');
  assert.equal(await page.locator('rill-trace').evaluate((a) => a.playing), false);
  await page.keyboard.press('/');
  await page.keyboard.type('stun');
  assert.equal(await page.inputValue('#query'), 'stun', 'letters go to the text, not to the keys');
  await page.keyboard.press('Escape');
  assert.equal(await page.inputValue('#query'), '');
  await page.keyboard.press('?');
  assert.ok(await page.locator('dialog').isVisible());
});

test('runs of media are one row, and open and close', async (t) => {
  const page = await opened(t);
  const run = page.locator('.row.run[data-p=rtp]').first();
  const total = () => page.locator('.row').first().getAttribute('aria-setsize').then(Number);
  const folded = await total();
  // The list grows while it is read.
  for (let i = 0; i < 100 && !await run.isVisible(); i++) {
    await page.locator('.rows').evaluate((box) => { box.scrollTop = box.scrollHeight; });
    await page.waitForTimeout(100);
  }
  await run.click();
  const open = await total();
  assert.ok(open > folded);
  await page.locator('.row.run[aria-expanded=true]').first().click();
  assert.equal(await total(), folded);
});

test('two ends of a real call: each packet is one arrow, and its delay is told', async (t) => {
  const page = await opened(t, [ends[1], ends[0]]);
  assert.equal(await page.locator('.pip[data-lit]').count(), 23, 'all steps are lit');
  const said = await page.locator('.compared p').allTextContents();
  for (const [i, way] of ['c0 → c1', 'c1 → c0'].entries()) {
    const [, of, sent, arrived] = /^(.*?) (\d+) sent, (\d+) arrived,\s+\d+ lost, median /.exec(said[i]);
    assert.equal(of, way);
    // Who hangs up first does not hear what the other sends yet.
    assert.ok(arrived > 100 && arrived >= sent - 40, said[i]);
  }
  await page.locator('.chips .chip[data-p=dtls]').dblclick();
  assert.ok(await page.locator('.row[data-fate=arrived]').count() >= 4);
  await page.locator('.row[data-fate=arrived]').first().click();
  assert.match(await page.locator('.about .fate').textContent(), /Arrived .* later/);
  assert.deepEqual(await page.locator('.about button').allTextContents(), ['c1: packet', 'c0: packet']);
});

// --- two ends that differ ------------------------------------------------------------------------

for (const relay of [false, true])
  test(`what was sent and never arrived is found, though the clocks differ${relay ? ', behind a relay too' : ''}`, (t) => findsLost(t, relay));

async function findsLost(t, relay) {
  const files = [join(home, 'a.sqlog'), join(home, 'b.sqlog')];
  const { lost } = makeTrace({ packets: 3000, paths: files, seed: 7, loss: 6, skew: 250, size: 100, relay });
  assert.ok(lost[1] > 0 && lost[2] > 0);
  const page = await opened(t, files);
  const text = (await page.locator('.compared').textContent()).replace(/\s+/g, ' ');
  const [, one, two, apart] = /(\d+) lost.* (\d+) lost.*clocks ([\d.]+) ms apart/.exec(text);
  assert.deepEqual([Number(one), Number(two)], lost.slice(1));
  assert.ok(Math.abs(Number(apart) - 250) < 2, `the clocks are ${apart} ms apart`);
  await page.locator('.compared input').check();
  await page.waitForFunction((n) => document.querySelector('#searched').textContent.startsWith(`${n} of`), lost[1] + lost[2]);
  await page.locator('.row[data-fate=lost]').first().click();
  assert.match(await page.locator('.about .fate').textContent(), /Sent here, and never arrived at CLIENT[12]\./);
}

test('a failed call ends with its cause in words', async (t) => {
  const file = join(home, 'failed.sqlog');
  const failed = { text: 'no pair of candidates works', step: 23, clause: 'RFC 8445 §7.2.5.2.3', try: 'a TURN server' };
  makeTrace({ packets: 10, paths: [file], failed });
  const page = await opened(t, [file]);
  assert.match(await page.locator('.failed').textContent(), /The call failed\..*no pair of candidates works.*RFC 8445 §7\.2\.5\.2\.3.*Try: a TURN server/s);
});

// --- very many, and growing -----------------------------------------------------------------------

test('100,000 packets: the rows in view are the only ones there are', async (t) => {
  const file = join(home, 'many.sqlog');
  makeTrace({ packets: 100000, paths: [file], size: 90, loss: 0 });
  const page = await open(t);
  const began = performance.now();
  await page.drop(file);
  await page.loaded();
  const loaded = performance.now() - began;
  await page.keyboard.press('c');
  await page.waitForFunction(() => Number(document.querySelector('.row').getAttribute('aria-setsize')) > 100000);
  const s = await scrollThrough(page, 1500);
  t.diagnostic(`${(statSync(file).size / 1e6).toFixed(0)} MB in ${loaded.toFixed(0)} ms; frames: median ${s.median.toFixed(1)} ms, longest ${s.longest.toFixed(1)} ms; longest task ${s.task.toFixed(0)} ms; ${s.nodes} nodes`);
  assert.ok(s.nodes < 1500, `${s.nodes} nodes`);
  assert.ok(await rows(page).evaluateAll((all) => all.every((r) => Number(r.getAttribute('aria-posinset')) > 99000)), 'the end is in view');
});

test('a file that grows is followed while it does', async (t) => {
  const server = await serve(t, '--trace-dir', home);
  const whole = readFileSync(ends[0]);
  const half = Math.floor(whole.length / 2);
  writeFileSync(join(home, 'live.sqlog'), whole.subarray(0, half));
  const page = await open(t, { url: `${server.url}trace` });
  await page.locator('.files a', { hasText: 'live.sqlog' }).click();
  await page.locator('.row').first().waitFor();
  const figures = () => page.locator('.figures').textContent().then((s) => Number(/^([\d,]+)/.exec(s)[1].replaceAll(',', '')));
  await page.waitForTimeout(400);
  const before = await figures();
  appendFileSync(join(home, 'live.sqlog'), whole.subarray(half));
  await page.waitForFunction((n) => Number(/^([\d,]+)/.exec(document.querySelector('.figures').textContent)[1].replaceAll(',', '')) > n + 100, before);
  assert.match(await hash(page), /^#file=\/trace\/files\/live\.sqlog$|^#?$/);
  assert.ok(await page.locator('.rows').evaluate((b) => b.scrollTop + b.clientHeight >= b.scrollHeight - 60), 'the newest is in view');
  assert.deepEqual(page.said, []);
});

// --- what a server gives ---------------------------------------------------------------------------

test('rill serve gives the page to all, traces only of --trace-dir, and of it nothing else', async (t) => {
  writeFileSync(join(home, 'secret.txt'), 'no trace');
  symlinkSync(join(home, 'secret.txt'), join(home, 'link.sqlog'));
  const none = await serve(t);
  assert.equal((await fetch(`${none.url}trace`)).status, 200);
  assert.deepEqual(await (await fetch(`${none.url}trace/files`)).json(), []);
  assert.equal((await fetch(`${none.url}trace/files/one.sqlog`)).status, 404);
  // What the page is built from is not the server's to give.
  for (const name of ['main.js', 'dissect.wasm', 'package.json', 'index.html', 'node_modules/.package-lock.json', 'node_modules/lit/package.json', '', '/main.js',
    '%6dain.js', 'files/../main.js', '../trace/main.js'])
    assert.equal((await fetch(`${none.url}trace/${name}`)).status, 404, name);
  assert.equal((await fetch(`${none.url}trace.html`)).status, 200);
  const some = await serve(t, '--trace-dir', home);
  const names = (await (await fetch(`${some.url}trace/files`)).json()).map((f) => f.name);
  assert.ok(names.includes('one.sqlog') && !names.includes('link.sqlog') && !names.includes('secret.txt'), names.join());
  for (const name of ['link.sqlog', 'secret.txt', '..%2fone.sqlog', '.sqlog', 'none.sqlog'])
    assert.equal((await fetch(`${some.url}trace/files/${name}`)).status, 404, name);
  const size = statSync(ends[0]).size;
  const part = await fetch(`${some.url}trace/files/one.sqlog`, { headers: { Range: 'bytes=2-5' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get('content-range'), `bytes 2-5/${size}`);
  assert.equal(await part.text(), readFileSync(ends[0], 'latin1').slice(2, 6));
  assert.equal((await fetch(`${some.url}trace/files/one.sqlog`, { headers: { Range: `bytes=${size}-` } })).status, 416);
});

test('rill trace html makes one file that shows the trace, whatever is in it', async (t) => {
  const hostile = join(home, 'hostile.sqlog');
  const wicked = '</script><script>document.title="broken"</script><img src=x onerror=document.title="broken">\u2028-->';
  const header = readFileSync(ends[0], 'utf8').split('\n')[0];
  writeFileSync(hostile, `${header}\n\x1e${JSON.stringify({ time: 1, name: 'call:note', data: { what: wicked, text: wicked } })}\n`);
  const made = run(['trace', 'html', hostile]);
  assert.equal(made.code, 0, made.err);
  assert.equal(statSync(join(home, 'hostile.html')).mode & 0o777, 0o600);
  const page = await open(t, { url: pathToFileURL(join(home, 'hostile.html')).href });
  await page.loaded();
  assert.match(await rows(page).first().textContent(), /onerror=/);
  assert.doesNotMatch(await page.title(), /broken/);
  assert.deepEqual(page.said, []);
  assert.deepEqual(page.asked.filter((url) => !/^(file|data|blob):/.test(url)), []);
});

// --- files that are none --------------------------------------------------------------------------

test('a file that is no trace is told to be none, and why', async (t) => {
  const page = await open(t);
  const header = JSON.parse(readFileSync(ends[0], 'utf8').split('\n')[0].slice(1));
  for (const [name, text, why] of [
    ['empty', '', /nothing in this file/],
    ['text', 'a text '.repeat(100), /RFC 7464/],
    ['other', `\x1e${JSON.stringify({ ...header, trace: { ...header.trace, event_schemas: ['urn:ietf:params:qlog:events:quic'] } })}\n`, /of another program/],
    ['json', '\x1e{"a":1}\n', /no qlog header/],
  ]) {
    const file = join(home, `${name}.bad`);
    writeFileSync(file, text);
    await page.drop(file);
    await page.waitForFunction((name) => document.querySelector('.trouble')?.textContent.startsWith(name), name);
    assert.match(await page.locator('.trouble').textContent(), why, name);
  }
  await page.drop(ends[0]);
  await page.loaded();
  assert.deepEqual(page.said, []);
});

test('records whose members are anything at all are shown all the same', async (t) => {
  const values = [null, 0, -1, 1.5, 1e308, -1e308, 2 ** 53, '', 'x', '00', 'zz', '0', '\u0000', '__proto__', 'a'.repeat(3000), 'f'.repeat(3001), [], {}, [[]], true,
    '80'.repeat(400), '8060'.padEnd(4000, '0'), '00010000'.padEnd(40, 'f'), '16fefd'.padEnd(60, '0'), '40000fff', '127.0.0.1:1', ':', 'constructor:x', 'peer:rtp_sent'];
  let seed = 99;
  const dice = (n) => { seed = Math.imul(seed, 1103515245) + 12345 >>> 0; return Math.floor(seed / 2 ** 32 * n); };
  const [header, ...lines] = readFileSync(ends[0], 'utf8').split('\n').filter(Boolean);
  const out = [header];
  for (let i = 0; i < 3000; i++) {
    const record = JSON.parse(lines[dice(lines.length)].slice(1));
    const inside = dice(3) ? record.data : record;
    const keys = Object.keys(inside);
    for (let k = 1 + dice(2); k > 0; k--) inside[keys[dice(keys.length)] ?? 'x'] = values[dice(values.length)];
    out.push(`\x1e${JSON.stringify(record)}`);
  }
  const file = join(home, 'anything.sqlog');
  writeFileSync(file, `${out.join('\n')}\n`);
  const page = await opened(t, [file]);
  await page.keyboard.press('c');
  await scrollThrough(page, 500);
  await page.keyboard.press('p');
  await page.locator('.plot canvas').first().waitFor();
  await page.keyboard.press('p');
  for (let i = 0; i < 40; i++) await page.keyboard.press(i % 2 ? 'PageUp' : 'k');
  await page.fill('#query', 'stun or rtp or bad');
  await page.waitForFunction(() => /^[\d,]+ of [\d,]+$/.test(document.querySelector('#searched').textContent));
  assert.deepEqual(page.said, []);
  await page.drop(file, ends[1]);
  await page.locator('.compared').waitFor();
  assert.deepEqual(page.said, []);
});

test('queues and buffers are drawn as they were told', async (t) => {
  const event = (time, name, data) => `\x1e${JSON.stringify({ time, name, data })}\n`;
  const file = join(home, 'queue.sqlog');
  writeFileSync(file, `\x1e${JSON.stringify({ file_schema: 'urn:ietf:params:qlog:file:sequential', trace: { event_schemas: ['urn:rill:trace:1'] } })}\n` +
    event(0, 'peer:queue', { packets: 9, bytes: 9000, waited_us: 40_000 }) + event(0, 'media:jitter_target', { target_us: 60_000, delay_us: 0 }) +
    event(900, 'peer:queue', { packets: 1, bytes: 900, waited_us: 0 }) + event(1000, 'call:note', { what: 'x', text: 'y' }));
  const page = await opened(t, [file]);
  const shows = (plot, curve, text) => page.waitForFunction(([p, c, wanted]) =>
    document.querySelector(`#plot-${p} [data-curve="${c}"] output`)?.textContent === wanted, [plot, curve, text]);
  await page.keyboard.press('p');
  await page.locator('#plot-queue .plot canvas').waitFor();
  await page.locator('#plot-queue .u-over').click({ position: { x: 2, y: 20 } });
  await shows('queue', 0, '40.0');
  await shows('jitter', 2, '60.0');
  const box = await page.locator('#plot-queue .u-over').boundingBox();
  await page.locator('#plot-queue .u-over').click({ position: { x: box.width - 2, y: 20 } });
  await shows('queue', 0, '0.00');
  await shows('jitter', 2, '60.0');
});

test('a handshake message of two datagrams is shown whole at the second', async (t) => {
  const parts = readFileSync(join(root, 'tests/data/dtls/clienthello-chromium156.hex'), 'latin1').trim().split('\n');
  const event = (packet, bytes) => ({ time: packet, name: 'peer:datagram_received',
    data: { packet, proto: 'udp', local: '192.0.2.1:5000', remote: '192.0.2.2:6000', bytes } });
  const header = { file_schema: 'urn:ietf:params:qlog:file:sequential', trace: { event_schemas: ['urn:rill:trace:1'] } };
  const file = join(home, 'hello.sqlog');
  writeFileSync(file, [header, event(1, parts[0]), event(2, parts[1])].map((r) => `\x1e${JSON.stringify(r)}\n`).join(''));
  const page = await opened(t, [file]);
  await rows(page).nth(1).click();
  await page.locator('.node', { hasText: 'whole message' }).waitFor();
  assert.match(await rows(page).nth(1).textContent(), /ClientHello \(its last fragment\)/);
  await rows(page).nth(0).click();
  await page.locator('.node', { hasText: 'told whole where the last of them comes' }).waitFor();
  assert.equal(await page.locator('.node', { hasText: 'whole message' }).count(), 0);
});

test('records: in any cut the same, and what is broken is passed over', () => {
  const text = readFileSync(ends[0]).subarray(0, 60000);
  const read = (pieces) => {
    const out = [];
    const reader = new RecordReader((value, offset, length, size) => out.push([value.name, offset, length, size]));
    for (const p of pieces) reader.push(p);
    reader.end();
    return { out, skipped: reader.skipped };
  };
  const whole = read([text]);
  assert.equal(whole.skipped, 1, 'the last one is cut off');
  assert.ok(whole.out.length > 50);
  for (const step of [1000, 4097]) {
    const pieces = [];
    for (let at = 0; at < text.length; at += step) pieces.push(text.subarray(at, at + step));
    assert.deepEqual(read(pieces), whole);
  }
  const broken = Buffer.from('\x1e{"a":1}\n\x1e{"b":\n\x1e{"cut off\x1e{"c":1}\n\n\x1e[1\n\x1enull\n\x1e{"d":2}\n');
  const r = read([broken]);
  assert.equal(r.out.length, 3);
  assert.equal(r.skipped, 4);
});

// --- for everyone ----------------------------------------------------------------------------------

for (const scheme of ['light', 'dark'])
  test(`axe-core finds nothing in the page, ${scheme}`, async (t) => {
    const page = await open(t, { scheme });
    const check = async (what) => {
      const { violations } = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ['violations'] })`);
      assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.html.slice(0, 160)} ${n.failureSummary}`).join('\n')}`), [], what);
    };
    await check('before there is a trace');
    await page.drop(...ends);
    await page.loaded();
    await rows(page).first().waitFor();
    await filter(page, 'stun.username');
    await rows(page).first().click();
    await page.locator('.octets b').nth(5).click();
    await check('a packet');
    await page.keyboard.press('p');
    await page.locator('.plot canvas').first().waitFor();
    await check('plots');
    assert.deepEqual(page.said, []);
  });
