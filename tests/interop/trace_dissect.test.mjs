// The page's dissector (web/trace/dissect.wasm) says of a real call what `rill trace dump` says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesOf, Dissector, kindOf } from '../../web/trace/dissect.js';
import { root, run } from './lib/rill.mjs';

const trace = join(root, 'tests/data/trace/chromium-call.sqlog');
const events = readFileSync(trace, 'utf8').split('\x1e').slice(1).map((r) => JSON.parse(r)).filter((e) => e.name);
const load = () => Dissector.load(readFileSync(join(root, 'web/trace/dissect.wasm')));

test('each packet has the same tree and the same line', async () => {
  const dissector = await load();
  const { out } = run(['trace', 'dump', '--json', '--fields', trace]);
  const dumped = out.trim().split('\n').map((line) => JSON.parse(line));
  let packets = 0;
  events.forEach((event, i) => {
    const kind = kindOf(event);
    if (!kind) return;
    packets++;
    if (kind === 'sdp') dissector.hintDescription(event.data.text);
    assert.deepEqual(dissector.dissect(kind, bytesOf(event)), dumped[i].fields);
    assert.ok(dumped[i].summary.endsWith(dissector.summary(kind, bytesOf(event))));
  });
  assert.ok(packets > 50);
});

test('each filter wants the same events, and is refused at the same column', async () => {
  const dissector = await load();
  for (const filter of ['stun', 'sdp.rtcp-mux', 'name ~ "ice:" and not contains "relay"', 'ip == 127.0.0.1 or port == 38103',
    'dtls.cipher_suite == 49195', 'time >= 0.4 and step > 20', 'stun.cookie == 0x2112a442 and sent', 'data.state == connecting or mid == 0', 'contains "host"']) {
    assert.equal(dissector.filter(filter), null);
    let step = 0;
    dissector.forgetHints();
    const wanted = events.filter((event) => {
      if (event.name === 'call:step') step = event.data.number;
      if (event.name === 'peer:description') dissector.hintDescription(event.data.text);
      return dissector.matches(event, step);
    });
    const { out } = run(['trace', 'dump', '--json', '--filter', filter, trace]);
    assert.deepEqual(out.split('\n').filter(Boolean).map((line) => JSON.parse(line).name), wanted.map((e) => e.name), filter);
  }
  assert.deepEqual(dissector.filter('stun and'), { column: 9, message: 'a term is missing here' });
});

test('what is too large for it is cut, and no page of memory more is taken', async () => {
  const dissector = await load();
  const nodes = dissector.dissect('sdp', new TextEncoder().encode('a=b\r\n'.repeat(200000)));
  assert.ok(nodes.length > 1000);
  assert.equal(dissector.dissect('datagram', new Uint8Array(0))[0].name, 'empty');
});
