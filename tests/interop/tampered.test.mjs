// Descriptions and candidates that were changed on their way: what must not connect does not, and
// says why; what may be missing, strange or written otherwise may be so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bridge } from './lib/bridge.mjs';
import { serve } from './lib/rill.mjs';

const PRINT = /^(a=fingerprint:sha-256 )(\S+)/gm;
const without = (...names) => (sdp) => sdp.replace(new RegExp(`^a=(${names.join('|')})(:.*)?\r\n`, 'gm'), '');
const setup = (role) => (sdp) => sdp.replace(/^a=setup:.*$/gm, `a=setup:${role}`);
const print = (hash, n) => (sdp) => sdp.replace(PRINT, `a=fingerprint:${hash} ${Array(n).fill('00').join(':')}`);
const flipped = (sdp) => sdp.replace(PRINT, (_, head, hex) => head + hex.slice(0, -1) + (parseInt(hex.at(-1), 16) ^ 1).toString(16).toUpperCase());
const both = (change) => ({ changeOffer: change, changeAnswer: change });

for (const [what, change] of [
  ['nothing was changed', {}],
  ['fingerprints in lower case', both((s) => s.replace(PRINT, (_, head, hex) => head + hex.toLowerCase()))],
  ['hash names in upper case', both((s) => s.replaceAll('fingerprint:sha-256', 'fingerprint:SHA-256'))],
  ['a second fingerprint, of another certificate', both((s) => s.replace(PRINT, (line) => `a=fingerprint:sha-384 ${Array(48).fill('00').join(':')}\r\n${line}\r\n${line.slice(0, -2)}00`))],
  ['bare line feeds', both((s) => s.replaceAll('\r\n', '\n'))],
  ['neither ssrc nor msid', both(without('ssrc', 'msid'))],
  ['no header extensions', both(without('extmap'))],
  ['an offerer that wants to be the DTLS client', { changeOffer: setup('active') }],
  ['unknown attributes and lines', both((s) => s.replace(/^a=mid/gm, 'a=x-future:1 2 3\r\na=y\r\na=mid').replace('t=0 0\r\n', 't=0 0\r\nx=?\r\n'))],
  ['candidates in other words', { changeCandidate: (c) => c.replace(/^candidate:(\S+) 1 udp/, 'candidate:$1 1 UDP').replace(/$/, c && ' x-future 1') }],
  ['candidates of the one side alone', { changeCandidate: (c) => (c.includes('typ host') && c.length % 2 ? null : c) }],
])
  test(`connects: ${what}`, async (t) => {
    const { a, b } = await bridge(t, await serve(t), change);
    const [x, y] = await Promise.all([a.summary(), b.summary()]);
    assert.deepEqual([x.failure, y.failure, x.ok, y.ok, a.code, b.code], [null, null, true, true, 0, 0]);
  });

for (const [what, change, side, sentence] of [
  ['one bit of the answerer\'s fingerprint', { changeAnswer: flipped }, 'a', /certificate.*fingerprint/],
  ['one bit of the offerer\'s fingerprint', { changeOffer: flipped }, 'b', /certificate.*fingerprint/],
  ['no fingerprint in the answer', { changeAnswer: without('fingerprint') }, 'a', /fingerprint/],
  ['no fingerprint in the offer', { changeOffer: without('fingerprint') }, 'b', /fingerprint/],
  ['sha-1 alone', { changeAnswer: print('sha-1', 20) }, 'a', /fingerprint/],
  ['md5 alone', { changeOffer: print('md5', 16) }, 'b', /fingerprint/],
  ['actpass in an answer', { changeAnswer: setup('actpass') }, 'a', /DTLS client/],
  ['holdconn in an answer', { changeAnswer: setup('holdconn') }, 'a', /DTLS client/],
  ['holdconn in an offer', { changeOffer: setup('holdconn') }, 'b', /DTLS client/],
  ['no username fragment', { changeAnswer: without('ice-ufrag') }, 'a', /ice-ufrag/],
  ['no password', { changeOffer: without('ice-pwd') }, 'b', /ice-pwd/],
  ['no rtcp-mux', { changeAnswer: without('rtcp-mux') }, 'a', /rtcp-mux/],
  ['an answer that is no description', { changeAnswer: () => 'hello' }, 'a', /line/],
  ['an empty answer', { changeAnswer: () => '' }, 'a', /v=0/],
  ['an offer that is no description', { changeOffer: () => 'hello' }, 'b', /line/],
  ['an m-line less', { changeAnswer: (s) => s.slice(0, s.lastIndexOf('m=')) }, 'a', /m= lines/],
  ['an m-line more', { changeAnswer: (s) => s + s.slice(s.lastIndexOf('m=')).replace(/^a=mid:.*$/m, 'a=mid:9') }, 'a', /m= lines/],
  ['an m-line twice', { changeOffer: (s) => s + s.slice(s.lastIndexOf('m=')) }, 'b', /a=mid/],
  ['an m-line of another kind', { changeAnswer: (s) => s.replace('m=audio', 'm=video') }, 'a', /media type/],
  ['a codec that was not offered', { changeAnswer: (s) => s.replace('VP8/90000', 'H264/90000') }, 'a', /codec/],
])
  test(`does not connect: ${what}`, async (t) => {
    const { a, b } = await bridge(t, await serve(t), change);
    const [one, other] = side === 'a' ? [a, b] : [b, a];
    const s = await one.summary(8000);
    assert.match(s.failure, sentence);
    assert.deepEqual([s.ok, one.code], [false, 1]);
    await other.stop();
    for (const p of [one, other]) {
      const { sent, received, ok } = p.events.find((e) => e.event === 'summary');
      assert.equal(ok, false);
      assert.deepEqual((p === one ? sent : []).concat(received).filter((m) => m.packets || m.packets_sent || m.packets_received), [], 'no media went or came');
      assert.ok(!p.steps().includes(23));
    }
  });

test('does not connect: another password; and it is said in time', async (t) => {
  const { a, b } = await bridge(t, await serve(t), { changeAnswer: (s) => s.replace(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${'x'.repeat(22)}`), options: ['--timeout', '2'] });
  const [x, y] = await Promise.all([a.summary(9000), b.summary(9000)]);
  assert.match(x.failure, /not made in time/);
  assert.match(y.failure, /not made in time/);
});
