// `rill trace dump`: a trace in lines, with fields, as JSON; and what it says of traces that are none.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, run } from './lib/rill.mjs';

const trace = join(root, 'tests/data/trace/chromium-call.sqlog');
const bytes = readFileSync(trace, 'latin1');
const records = bytes.split('\x1e').length - 2; // all but the header

test('a line an event, and those a filter wants alone', () => {
  const all = run(['trace', 'dump', trace]);
  assert.equal(all.code, 0);
  assert.equal(all.out.trim().split('\n').length, records);
  assert.match(all.out, /^ +257\.748 peer:datagram_sent +\[fd00::2\]:57262 > \[::1\]:38103 STUN Binding request, USERNAME zWhM:sUEg9cGB$/m);
  assert.match(all.out, /DTLS ServerHello, Certificate, ServerKeyExchange, CertificateRequest, ServerHelloDone$/m);
  const hello = run(['trace', 'dump', '--filter', 'dtls.ClientHello', trace]);
  assert.equal(hello.out.trim().split('\n').length, 1);
  const piped = run(['trace', 'dump', '-F', 'step >= 20 and rtcp.sr', '-'], bytes);
  assert.equal(piped.out.trim().split('\n').length, all.out.match(/RTCP SR/g).length);
});

test('every field below its event, with its clause', () => {
  const r = run(['trace', 'dump', '--fields', '-F', 'dtls.serverhello', trace]);
  assert.match(r.out, /^ +cipher_suite: 49195 \(TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\) {2}RFC 5246 §7\.4\.1\.2: /m);
  assert.match(r.out, /^ +SRTPProtectionProfile: 1 \(SRTP_AES128_CM_HMAC_SHA1_80\)/m);
});

test('as JSON, an object a line', () => {
  const r = run(['trace', 'dump', '--json', '--fields', trace]);
  const lines = r.out.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(lines.length, records);
  const check = lines.find((l) => l.summary.includes('USERNAME'));
  assert.equal(check.fields.find((f) => f.name === 'USERNAME').value, 'zWhM:sUEg9cGB');
  assert.equal(lines.at(-1).step, 23);
  assert.ok(lines.every((l) => l.fields.every((f) => !f.bad)));
});

test('what is no trace, or half of one, is said with its place', () => {
  const cut = run(['trace', 'dump', '-'], bytes.slice(0, 5000));
  assert.equal(cut.code, 0);
  assert.match(cut.err, /byte \d+: the last record is cut off/);
  const wrong = run(['trace', 'dump', '-'], `${bytes.slice(0, bytes.indexOf('\x1e', 1))}\x1e{"time":1}\n\x1e{"time":2,"name":"a:b","data":{}}\n`);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /record 2, byte \d+: an event has a time, a name and data/);
  assert.match(wrong.out, /2\.000 a:b/);
  assert.equal(run(['trace', 'dump', '-'], 'nothing').code, 1);
  assert.match(run(['trace', 'dump', '-'], '').err, /it is empty/);
  assert.match(run(['trace', 'dump', '/nowhere']).err, /\/nowhere: No such file/);
  const filter = run(['trace', 'dump', '-F', 'stun and', trace]);
  assert.equal(filter.code, 2);
  assert.match(filter.err, /column 9: a term is missing here/);
});
