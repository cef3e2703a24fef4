// rill sdp: lint, answer and diff, from the command line.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, run, tempDir } from './lib/rill.mjs';

const samples = join(root, 'tests/data/sdp');
const sample = (name) => readFileSync(join(samples, name), 'utf8');
const lines = (text) => text.split('\n').filter(Boolean).map((l) => JSON.parse(l));

test('lint has nothing against what browsers say', () => {
  for (const file of readdirSync(samples).filter((f) => /^(chromium|firefox)\d+_offer/.test(f))) {
    const r = run(['sdp', 'lint', join(samples, file)]);
    assert.equal(r.code, 0, `${file}: ${r.out}${r.err}`);
    assert.equal(r.out, '');
  }
});

test('lint names line, clause and text of what is wrong, and reads standard input', () => {
  const text = sample('minimal_offer_av.sdp').replace('a=setup:actpass', 'a=setup:perhaps')
    .replace('a=rtcp-mux\r\n', 'a=candidate:1 1 udp x 192.0.2.1 9 typ host\r\n');
  const r = run(['sdp', 'lint', '--json', '-'], text);
  assert.equal(r.code, 1);
  const found = lines(r.out);
  const at = (piece) => text.split('\r\n').findIndex((l) => l.includes(piece)) + 1;
  const setup = found.find((f) => f.text === 'setup:perhaps');
  assert.deepEqual([setup.line, setup.clause, setup.error], [at('setup:perhaps'), 'RFC 4145 §4', 'SDP_ATTRIBUTE']);
  const candidate = found.find((f) => f.text?.startsWith('a=candidate'));
  assert.equal(candidate.line, at('a=candidate'));
  assert.match(candidate.clause, /^RFC 8839/);
  assert.ok(found.some((f) => f.error === 'SDP_NO_MUX'));
  const plain = run(['sdp', 'lint', '-'], text);
  assert.match(plain.out, new RegExp(`^-:${setup.line}: .*\\(SDP_ATTRIBUTE, RFC 4145 §4\\)$`, 'm'));
});

test('answer prints what rill would answer, says why, and diff has nothing against it', (t) => {
  const dir = tempDir(t);
  for (const file of readdirSync(samples).filter((f) => /offer_av.*\.sdp$/.test(f))) {
    const offer = join(samples, file);
    const r = run(['sdp', 'answer', '--json', offer]);
    assert.equal(r.code, 0, `${file}: ${r.err}`);
    const mlines = (s) => s.split('\n').filter((l) => l.startsWith('m=')).length;
    assert.equal(mlines(r.out), mlines(sample(file)));
    const decisions = lines(r.err);
    for (let i = 0; i < mlines(r.out); i++) assert.ok(decisions.some((d) => d.mline === i && d.clause.startsWith('RFC')), file);
    const answer = join(dir, file);
    writeFileSync(answer, r.out);
    const d = run(['sdp', 'diff', offer, answer]);
    assert.equal(d.code, 0, `${file}: ${d.out}`);
  }
});

test('diff names what of an answer does not fit', () => {
  const offer = join(samples, 'minimal_offer_av.sdp');
  const r = run(['sdp', 'diff', '--json', offer, join(samples, 'firefox153_offer_av_plus_data.sdp')]);
  assert.equal(r.code, 1);
  const names = lines(r.out).map((f) => f.error);
  assert.ok(names.includes('SDP_AGREE_COUNT') && names.includes('SDP_AGREE_CODEC') && names.includes('SDP_SETUP'), names.join());
});

test('what cannot be read, and wrong usage', () => {
  assert.equal(run(['sdp', 'lint', 'no-such-file']).code, 1);
  assert.equal(run(['sdp', 'answer', '-'], 'v=1\n').code, 1);
  for (const args of [[], ['lint'], ['mend', '-'], ['diff', '-'], ['--no-such']]) {
    const r = run(['sdp', ...args]);
    assert.equal(r.code, 2);
    assert.match(r.err, /usage: rill sdp/);
  }
  const help = run(['sdp', '--help']);
  assert.equal(help.code, 0);
  assert.match(help.out, /example:/);
});
