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

// A description with nothing wrong, a line a place; what it becomes, and the finding that it gets then.
const good = [
  'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'c=IN IP4 0.0.0.0', 'a=mid:0', 'a=rtpmap:111 opus/48000/2',
  'a=ice-ufrag:abcd', 'a=ice-pwd:0123456789abcdefghijkl', `a=fingerprint:sha-256 ${Array(32).fill('0A').join(':')}`,
  'a=setup:actpass', 'a=rtcp-mux', 'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97', 'c=IN IP4 0.0.0.0', 'a=mid:1', 'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96',
];
const at = (start) => good.findIndex((l) => l.startsWith(start));
const without = (...starts) => good.filter((l) => !starts.some((s) => l.startsWith(s)));
const instead = (start, line) => good.with(at(start), line);
const also = (...more) => [...good, ...more]; // in the video's m-line

const departures = [
  ['SDP_NO_VERSION', 1, 'RFC 8866 §5.1', instead('v=', 'v=1')],
  ['SDP_TEXT_TOO_LONG', 0, 'RFC 8866 §7', also(...Array(3).fill(`a=x:${'y'.repeat(30000)}`))],
  ['SDP_LINE_TOO_LONG', 22, 'RFC 8866 §7', also(`a=x:${'y'.repeat(33000)}`)],
  ['SDP_BAD_BYTE', 22, 'RFC 8866 §9', also('a=x:\0')],
  ['SDP_LINE', 22, 'RFC 8866 §5', also('what')],
  ['SDP_ORDER', 3, 'RFC 8866 §5', ['v=0', 's=-', ...good.slice(1)]],
  ['SDP_NO_ORIGIN', null, 'RFC 8866 §5.2', without('o=')],
  ['SDP_NO_NAME', null, 'RFC 8866 §5.3', without('s=')],
  ['SDP_NO_NAME', 3, 'RFC 8866 §5.3', instead('s=', 's=')],
  ['SDP_NO_TIME', null, 'RFC 8866 §5.9', without('t=')],
  ['SDP_ORIGIN', 2, 'RFC 8866 §5.2', instead('o=', 'o=- 1 1 IN IP4')],
  ['SDP_ORIGIN', 2, 'RFC 8866 §5.2', instead('o=', 'o=-  1 1 IN IP4 127.0.0.1')],
  ['SDP_CONNECTION', 7, 'RFC 8866 §5.7', instead('c=', 'c=IN IP4')],
  ['SDP_BANDWIDTH', 4, 'RFC 8866 §5.8', [...good.slice(0, 3), 'b=AS', ...good.slice(3)]],
  ['SDP_TIME', 4, 'RFC 8866 §5.9', instead('t=', 't=now 0')],
  ['SDP_MEDIA_LINE', 16, 'RFC 8866 §5.14', instead('m=video', 'm=video 9')],
  ['SDP_PORT', 16, 'RFC 8866 §5.14', instead('m=video', 'm=video 70000 UDP/TLS/RTP/SAVPF 96')],
  ['SDP_PAYLOAD_TYPE', 16, 'RFC 8866 §6.6', instead('m=video', 'm=video 9 UDP/TLS/RTP/SAVPF 128')],
  ['SDP_TOO_MANY_MEDIA', 84, 'RFC 8866 §5.14', also(...Array(63).fill('m=audio 0 RTP/AVP 0'))],
  ['SDP_MID_TWICE', 16, 'RFC 5888 §4', instead('a=mid:1', 'a=mid:0')],
  ['SDP_MUX_ONLY', 16, 'RFC 9429 §5.8.3', also('a=rtcp-mux-only')],
  ['SDP_SIMULCAST_RID', 16, 'RFC 9429 §5.8.3', also('a=rid:h send', 'a=simulcast:send h;l')],
  ['SDP_RID_TWICE', 16, 'RFC 8851 §4', also('a=rid:h send', 'a=rid:h send')],
  ['SDP_EXT_TWICE', 16, 'RFC 8285 §5', also('a=extmap:3 urn:a', 'a=extmap:3 urn:b')],
  ['SDP_BUNDLE_PT', 16, 'RFC 9143 §9.1', also('a=rtpmap:111 VP8/90000')],
  ['SDP_BUNDLE_EXT', 16, 'RFC 9143 §9.1', also('a=extmap:4 urn:other')],
  ['SDP_NO_MID', 6, 'RFC 9429 §5.2.1', without('a=mid:0').with(4, 'a=group:BUNDLE 1')],
  ['SDP_NO_MUX', 6, 'RFC 8834 §4.5', without('a=rtcp-mux')],
  ['SDP_NO_RTPMAP', 16, 'RFC 8866 §6.6', without('a=rtpmap:96').with(19, 'a=fmtp:97 apt=97')],
  ['SDP_GROUP_MID', 6, 'RFC 5888 §9.2', instead('a=group', 'a=group:BUNDLE 0 1 2')],
  ['SDP_BUNDLE_ONLY_PORT', 16, 'RFC 9143 §6', also('a=bundle-only')],
  ['SDP_NO_FINGERPRINT', 6, 'RFC 9429 §5.8.3', without('a=fingerprint')],
  ['SDP_NO_ICE', 6, 'RFC 9429 §5.8.3', without('a=ice-pwd')],
  ['SDP_NO_SETUP', 6, 'RFC 8842 §5.2', without('a=setup')],
  ['SDP_RTX_APT', 16, 'RFC 4588 §8.6', instead('a=fmtp:97', 'a=fmtp:97 apt=98')],
  ['SDP_HOLDCONN', 6, 'RFC 8842 §5.1', instead('a=setup', 'a=setup:holdconn')],
  ['SDP_FORMAT_UNLISTED', 16, 'RFC 8866 §6.15', also('a=fmtp:50 x=1')],
  ['SDP_FEEDBACK_UNLISTED', 16, 'RFC 4585 §4.2', also('a=rtcp-fb:50 nack')],
  ['SDP_RTCP_FORMAT', 6, 'RFC 5761 §4', instead('m=audio', 'm=audio 9 UDP/TLS/RTP/SAVPF 111 72')],
  ['SDP_RID_FORMAT', 16, 'RFC 8851 §4', also('a=rid:h send pt=98')],
  ['SDP_MSID_LENGTH', 16, 'RFC 8830 §2', also(`a=msid:${'s'.repeat(65)} t`)],
  ['SDP_MSID_TRACKS', 16, 'RFC 8830 §2', also('a=msid:s t', 'a=msid:s u')],
  ['SDP_MSID_AGAIN', 17, 'RFC 8830 §2', [...good.slice(0, 9), 'a=msid:s t', ...good.slice(9), 'a=msid:s t']],
  ['SDP_SSRC_CNAME', 16, 'RFC 5576 §6.1', also('a=ssrc:5 msid:s t')],
  ['SDP_SSRC_GROUP', 16, 'RFC 5576 §4.2', also('a=ssrc-group:FID 1 2')],
  ['SDP_GROUP_TWICE', 16, 'RFC 9143 §5', instead('a=group', 'a=group:BUNDLE 0 1 1')],
  ['SDP_GROUP_IDLE', 16, 'RFC 9143 §7.3.3', instead('m=video', 'm=video 0 UDP/TLS/RTP/SAVPF 96 97')],
  ['SDP_TYPE', 22, 'RFC 8866 §5', also('x=1')],
  ['SDP_MEDIA_LEVEL', 22, 'RFC 8839 §5.3', also('a=ice-lite')],
  ['SDP_SECURITY_DESCRIPTIONS', 22, 'RFC 8827 §6.5', also('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x')],
  ['SDP_LOWER_CASE', 12, 'RFC 8122 §5', instead('a=fingerprint', `a=fingerprint:sha-256 ${Array(32).fill('0a').join(':')}`)],
];

test('lint names each departure by its line and clause', () => {
  const text = (list) => `${list.join('\r\n')}\r\n`;
  assert.equal(run(['sdp', 'lint', '-'], text(good)).out, '');
  for (const [error, line, clause, list] of departures) {
    const r = run(['sdp', 'lint', '--json', '-'], text(list));
    assert.equal(r.code, 1, error);
    const found = lines(r.out).find((f) => f.error === error);
    assert.ok(found, `${error}: ${r.out}`);
    assert.equal(found.clause, clause, error);
    if (line !== null) assert.equal(found.line, line, error);
  }
});

// One malformed line of each attribute that rill understands, and the clause that it breaks.
test('lint names a malformed attribute by the clause of its grammar', () => {
  const bad = {
    'RFC 5888 §5': 'group:', 'RFC 5888 §4': 'mid:a b', 'RFC 8830 §2': 'msid:', 'RFC 9143 §6': 'bundle-only:1',
    'RFC 8866 §6.7': 'sendrecv:1', 'RFC 8839 §5.4': 'ice-ufrag:a', 'RFC 8839 §5.6': 'ice-options:',
    'RFC 8840 §8.1': 'end-of-candidates:1', 'RFC 8122 §5': 'fingerprint:sha-256 0A', 'RFC 4145 §4': 'setup:both',
    'RFC 8842 §4': 'tls-id:x', 'RFC 8866 §6.6': 'rtpmap:98', 'RFC 8866 §6.15': 'fmtp:98', 'RFC 8866 §6.4': 'ptime:0',
    'RFC 8866 §6.5': 'maxptime:x', 'RFC 3605 §2.1': 'rtcp:x', 'RFC 5761 §5.1.1': 'rtcp-mux:1', 'RFC 8858 §3': 'rtcp-mux-only:1',
    'RFC 5506 §5': 'rtcp-rsize:1', 'RFC 4585 §4.2': 'rtcp-fb:x nack', 'RFC 8285 §8': 'extmap:0 urn:a',
    'RFC 8285 §6': 'extmap-allow-mixed:1', 'RFC 5576 §10': 'ssrc:x', 'RFC 8851 §10': 'rid:a both',
    'RFC 6236 §3.1.1': 'imageattr:96', 'RFC 8827 §5': 'identity:!', 'RFC 8839 §5.2': 'remote-candidates:1',
    'RFC 8853 §5.1': 'simulcast:h', 'RFC 8841 §5.2': 'sctp-port:x', 'RFC 8841 §6': 'max-message-size:x',
    'RFC 8866 §6.1': 'cat:a b', 'RFC 8866 §6.2': 'keywds:', 'RFC 8866 §6.3': 'tool:', 'RFC 8866 §6.8': 'orient:up',
    'RFC 8866 §6.9': 'type:party', 'RFC 8866 §6.10': 'charset:a b', 'RFC 8866 §6.11': 'sdplang:toolongalanguage',
    'RFC 8866 §6.12': 'lang:de--at', 'RFC 8866 §6.13': 'framerate:0', 'RFC 8866 §6.14': 'quality:11',
    'RFC 8866 §5.13': '(odd):1',
  };
  const text = `${[...without('a=mid:1'), ...Object.values(bad).map((b) => `a=${b}`)].join('\r\n')}\r\n`;
  const found = lines(run(['sdp', 'lint', '--json', '-'], text).out).filter((f) => f.error === 'SDP_ATTRIBUTE');
  assert.deepEqual(found.map((f) => [f.clause, f.text]), Object.entries(bad));
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

test('diff has nothing against the worked examples of RFC 9429', () => {
  const examples = join(root, 'tests/data/examples');
  for (const file of readdirSync(examples).filter((f) => /^rfc9429.*offer/.test(f))) {
    const pair = [file, file.replace('offer', 'answer')].map((f) => join(examples, f));
    const r = run(['sdp', 'diff', ...pair]);
    assert.equal(r.code, 0, `${file}: ${r.out}${r.err}`);
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
