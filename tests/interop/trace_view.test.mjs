// `rill trace view` in a terminal of tmux's: keys go in, the screen is read.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { rill, root, run, tempDir } from './lib/rill.mjs';

const trace = join(root, 'tests/data/trace/chromium-call.sqlog');
const records = readFileSync(trace, 'latin1').split('\x1e').slice(1).map((r) => `\x1e${r}`);

class Screen {
  constructor(t, ...args) {
    t.after(() => this.tmux('kill-server')); // before its directory goes
    this.socket = join(tempDir(t), 'tmux');
    const command = [rill, 'trace', 'view', ...args].map((a) => `'${a}'`).join(' ');
    this.tmux('-f', '/dev/null', 'new-session', '-d', '-x', '160', '-y', '40', `LANG=C.UTF-8 ${command}; echo "ended $?"; sleep 60`);
  }

  tmux(...args) {
    return execFileSync('tmux', ['-S', this.socket, ...args], { encoding: 'utf8' });
  }

  keys(...keys) {
    for (const key of keys) this.tmux('send-keys', key);
  }

  type(text) {
    this.tmux('send-keys', '-l', text);
  }

  async shows(what) {
    let text;
    for (let i = 0; i < 100; i++) {
      text = this.tmux('capture-pane', '-p');
      if (what.test(text)) return text;
      await sleep(100);
    }
    assert.fail(`never ${what}:\n${text}`);
  }
}

test('a list with arrows, a filter, fields, and the bytes of the selected one', async (t) => {
  const s = new Screen(t, trace);
  await s.shows(/104 of 104 events/);
  s.keys('/');
  s.type('stun and');
  await s.shows(/filter: stun and +column 9: a term is missing here/);
  s.type(' class = request');
  s.keys('Enter');
  const list = await s.shows(/2 of 104 events {2}filter: stun and class = request[^]*00000 00 01 00/);
  assert.match(list, /257\.748 {2}│─+▶│ peer:datagram_sent .*STUN Binding request, USERNAME zWhM:sUEg9cGB/);
  assert.match(list, /00000 00 01 00 \w\w 21 12 a4 42/);
  s.keys('Tab', 'Down', 'Down', 'Down', 'Down');
  await s.shows(/^RFC 8489 §5: bytes of all attributes, a multiple of 4$/m);
  const coloured = s.tmux('capture-pane', '-p', '-e');
  assert.match(coloured, /\x1b\[7m\w\w\x1b\[0?m? ?\x1b?\[?7?m?/);
  s.keys('Escape', '/', 'C-u', 'Enter');
  await s.shows(/104 of 104 events(?!.*filter)/);
  s.keys('s');
  s.type('serverhellodone');
  s.keys('Enter');
  await s.shows(/^ +ServerHello/m);
  s.keys('q');
  await s.shows(/ended 0/);
});

test('a file that grows is followed', async (t) => {
  const file = join(tempDir(t), 'grows.sqlog');
  writeFileSync(file, records.slice(0, 3).join('') + records[3].slice(0, 20), 'latin1');
  const s = new Screen(t, '--follow', file);
  await s.shows(/2 of 2 events {2}follow/);
  appendFileSync(file, records[3].slice(20) + records.slice(4, 40).join(''), 'latin1');
  await s.shows(/39 of 39 events {2}follow/);
});

// The first `given.n` records, by range.
function answer(given, ranges) {
  return (request, response) => {
    const body = Buffer.from(records.slice(0, given.n).join(''), 'latin1');
    const from = Number(request.headers.range?.match(/^bytes=(\d+)-$/)[1] ?? 0);
    ranges.push(from);
    if (from >= body.length) return response.writeHead(416, { 'Content-Length': 0 }).end();
    return response.writeHead(206, { 'Content-Length': body.length - from }).end(body.subarray(from));
  };
}

async function listening(t, server) {
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return server.address().port;
}

test('a URL is asked for what is new', async (t) => {
  const given = { n: 10 };
  const ranges = [];
  const port = await listening(t, createServer(answer(given, ranges)));
  const s = new Screen(t, `http://127.0.0.1:${port}/trace.sqlog`);
  await s.shows(/9 of 9 events/);
  given.n = 50;
  await s.shows(/49 of 49 events/);
  assert.ok(ranges.some((from) => from > 0));
});

test('an https: URL is believed by whom --ca names alone', async (t) => {
  const data = join(root, 'tests/data/dtls');
  const tls = { key: readFileSync(join(data, 'rsa-server-key.pem')), cert: readFileSync(join(data, 'rsa-server.pem')) };
  const port = await listening(t, createSecureServer(tls, answer({ n: records.length }, [])));
  const url = `https://localhost:${port}/trace.sqlog`;
  await new Screen(t, '--ca', join(data, 'rsa-server.pem'), url).shows(/104 of 104 events/);
  await new Screen(t, url).shows(/0 of 0 events.*certificate/);
});

test('without a terminal, and of what is not there, it says so', () => {
  assert.match(run(['trace', 'view', trace]).err, /this is no terminal/);
  assert.equal(run(['trace', 'view']).code, 2);
  assert.match(run(['trace', 'view', '-F', 'a and', trace]).err, /--filter: column 6/);
});
