// The page's dissector (web/trace/dissect.wasm) says of a real call what `rill trace dump` says.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesOf, Dissector, kindOf } from '../../web/trace/dissect.js';
import { root, run, tempDir } from './lib/rill.mjs';

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

// Two flows whose hellos lie between each other; one has its second part first.
test('a handshake message of several datagrams is told whole with its last, each flow alone', async (t) => {
  const hello = (name) => readFileSync(join(root, `tests/data/dtls/clienthello-${name}.hex`), 'latin1').trim().split('\n');
  const [a, b] = [hello('chromium156'), hello('firefox153')];
  const event = (k, name, port, bytes) => ({ time: k, name: `peer:datagram_${name}`,
    data: { packet: k, proto: 'udp', local: '192.0.2.1:5000', remote: `192.0.2.2:${port}`, bytes } });
  const sent = [event(1, 'received', 1, a[0]), event(2, 'received', 2, b[1]), event(3, 'sent', 1, a[1]), event(4, 'received', 1, a[1]),
    event(5, 'received', 2, b[0])];
  const file = join(tempDir(t), 'hello.sqlog');
  const header = { file_schema: 'urn:ietf:params:qlog:file:sequential', trace: { event_schemas: ['urn:rill:trace:1'] } };
  writeFileSync(file, [header, ...sent].map((r) => `\x1e${JSON.stringify(r)}\n`).join(''));
  const dumped = run(['trace', 'dump', '--json', '--fields', file]).out.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(dumped.map((e) => e.fields.some((n) => n.name === 'whole message')), [false, false, false, true, true]);
  assert.deepEqual(dumped.map((e) => /ClientHello \((.*)\)/.exec(e.summary)[1]), ['fragment', 'fragment', 'fragment', 'its last fragment', 'its last fragment']);
  const earlier = [[], [], [], [a[0]], [b[1]]];
  const dissector = await load();
  for (const [i, e] of sent.entries()) {
    dissector.earlier(earlier[i].map((bytes) => bytesOf({ data: { bytes } })));
    assert.ok(dissector.hasFragment(bytesOf(e)));
    assert.deepEqual(dissector.dissect('datagram', bytesOf(e)), dumped[i].fields, `event ${i}`);
  }
  // A filter sees what is in the whole message.
  const wanted = run(['trace', 'dump', '--json', '--filter', 'dtls.use_srtp', file]).out.trim().split('\n').map((line) => JSON.parse(line).time);
  assert.deepEqual(wanted.filter((time) => time === 4 || time === 5).length, 2);
});

test('what is too large for it is cut, and no page of memory more is taken', async () => {
  const dissector = await load();
  const nodes = dissector.dissect('sdp', new TextEncoder().encode('a=b\r\n'.repeat(200000)));
  assert.ok(nodes.length > 1000);
  assert.equal(dissector.dissect('datagram', new Uint8Array(0))[0].name, 'empty');
});
