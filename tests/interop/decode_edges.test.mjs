// `rill decode` at the edges of each format: what an outsider would try, as tables. Rows were
// compared with parsers written from the RFCs alone, with tshark and with aiortc.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from './lib/stun.mjs';
import { has, ok, refused } from './lib/decode.mjs';
import { run, tempDir } from './lib/rill.mjs';

const hex = (s) => s.replace(/\s/g, '');
const u16 = (n) => (n & 0xffff).toString(16).padStart(4, '0');

// --- stun -------------------------------------------------------------------------------------

const TXID = '0102030405060708090a0b0c';
const attr = (type, value) => u16(type) + u16(value.length / 2) + value + '00'.repeat((8 - ((value.length / 2) % 4)) % 4);
const stun = (type, ...attrs) => {
  const body = attrs.join('');
  return u16(type) + u16(body.length / 2) + '2112a442' + TXID + body;
};
const lengthened = (message, more) => Buffer.from(message.slice(0, 4) + u16(message.length / 2 - 20 + more) + message.slice(8), 'hex');
const append = (message, more) => lengthened(message, more.length / 2).toString('hex') + more;
const sealed = (message, key) =>
  append(message, attr(8, createHmac('sha1', key).update(lengthened(message, 24)).digest('hex')));
const sealed256 = (message, key) =>
  append(message, attr(0x1c, createHmac('sha256', key).update(lengthened(message, 36)).digest('hex')));
const printed = (message) =>
  append(message, attr(0x8028, ((crc32(lengthened(message, 8)) ^ 0x5354554e) >>> 0).toString(16).padStart(8, '0')));

test('stun: class and method are mixed, and come apart', () => {
  for (const [type, cls, method, name] of [
    [0x0001, 'request', 1, 'Binding'], [0x0011, 'indication', 1, 'Binding'], [0x0101, 'success', 1, 'Binding'],
    [0x0111, 'error', 1, 'Binding'], [0x0003, 'request', 3, 'Allocate'], [0x0113, 'error', 3, 'Allocate'],
    [0x0009, 'request', 9, 'ChannelBind'], [0x0016, 'indication', 6, 'Send'], [0x0017, 'indication', 7, 'Data'],
    [0x0200, 'request', 0x80, 'GOOG-PING'], [0x3eef, 'request', 0xfff, null], [0x3fff, 'error', 0xfff, null],
    [0x0000, 'request', 0, null],
  ])
    has(ok('stun', stun(type), '--hex'), { class: cls, method, method_name: name, txid: TXID, attrs: [] });
});

test('stun: each kind of value, in wire order, those that come twice included', () => {
  const rows = [
    [0x0001, '0001ea60c0000201', { name: 'MAPPED-ADDRESS', address: '192.0.2.1', port: 60000 }],
    [0x0001, '0002000920010db8000000000000000000000001', { address: '2001:db8::1', port: 9 }],
    [0x0001, '00020009' + '00'.repeat(10) + 'ffffc0000201', { address: '::ffff:192.0.2.1' }],
    [0x0001, 'ff01ea60c0000201', { address: '192.0.2.1' }], // RFC 8489 §14.1: the first byte is ignored
    [0x0020, '0001a147e112a643', { name: 'XOR-MAPPED-ADDRESS', address: '192.0.2.1', port: 32853 }],
    [0x0020, '00022112' + '2112a442' + TXID, { address: '::', port: 0 }],
    [0x0012, '00012112' + '2112a442', { name: 'XOR-PEER-ADDRESS', address: '0.0.0.0', port: 0 }],
    [0x0020, '0001a147e112a6', { address: undefined, value: '0001a147e112a6', len: 7 }],
    [0x0020, '0003a147e112a643', { address: undefined, value: '0003a147e112a643' }],
    [0x0020, '0002a147e112a643', { address: undefined, len: 8 }],
    [0x0020, '0001a147e112a64300', { address: undefined, len: 9 }],
    [0x0009, '00000401556e617574686f72697a6564', { name: 'ERROR-CODE', code: 401, reason: 'Unauthorized' }],
    [0x0009, 'fffffc63', { code: 499, reason: '' }], // the 21 reserved bits are ignored
    [0x0009, '00000357c3bc', { code: 387, reason: 'ü' }],
    [0x0009, '00000200', { code: undefined, value: '00000200' }],
    [0x0009, '00000700', { code: undefined, value: '00000700' }],
    [0x0009, '00000464', { code: undefined, value: '00000464' }],
    [0x0009, '000004', { code: undefined, value: '000004', len: 3 }],
    [0x000a, '002600097fff', { name: 'UNKNOWN-ATTRIBUTES', types: [0x26, 9, 0x7fff], len: 6 }],
    [0x000a, '', { types: [], len: 0 }],
    [0x0006, 'c3a93a66', { name: 'USERNAME', text: 'é:f' }],
    [0x0006, 'ff3a66', { text: undefined, value: 'ff3a66' }],
    [0x8022, '', { name: 'SOFTWARE', text: '', len: 0 }],
    [0x0024, '6e0001ff', { name: 'PRIORITY', value: '6e0001ff', number: 0x6e0001ff }],
    [0x0025, '', { name: 'USE-CANDIDATE', value: '', len: 0 }],
    [0x802a, 'ffffffffffffffff', { name: 'ICE-CONTROLLING', value: 'ffffffffffffffff' }],
    [0x8029, '0000000000000001', { name: 'ICE-CONTROLLED', value: '0000000000000001' }],
    [0x7ffe, 'aabbcc', { name: null, value: 'aabbcc', len: 3 }],
    [0xfffe, '', { name: null, value: '', len: 0 }],
    [0x0006, '61', { text: 'a', len: 1 }],
  ];
  const r = ok('stun', stun(0x0101, ...rows.map(([type, value]) => attr(type, value))), '--hex');
  assert.equal(r.attrs.length, rows.length);
  rows.forEach(([type, value, want], i) => has(r.attrs[i], { type, len: value.length / 2, ...want }));
});

test('stun: the bytes of padding may be anything', () => {
  const r = ok('stun', stun(1, '80220001' + '61' + 'ffffff', '0006000362626200'), '--hex');
  assert.deepEqual(r.attrs.map((a) => a.text), ['a', 'bbb']);
});

test('stun: seals are told apart: absent, ok, bad, present', () => {
  const key = 'VOkJxbRl1RmTxUk/WvJxBt';
  const bare = stun(1, attr(6, '613a62'));
  const whole = printed(sealed(bare, key));
  const late = printed(append(sealed(bare, key), attr(0x25, '')));
  const broken = whole.replace('613a62', '613a63');
  for (const [message, password, integrity, fingerprint] of [
    [bare, key, 'absent', 'absent'], [printed(bare), key, 'absent', 'ok'], [sealed(bare, key), key, 'ok', 'absent'],
    [whole, key, 'ok', 'ok'], [whole, 'other', 'bad', 'ok'], [whole, null, 'present', 'ok'], [late, key, 'ok', 'ok'],
    [broken, key, 'bad', 'bad'], [whole.slice(0, -2) + (whole.endsWith('00') ? '01' : '00'), key, 'ok', 'bad'],
    [append(bare, attr(8, '00'.repeat(19))), key, 'bad', 'absent'], [append(bare, attr(8, '')), key, 'bad', 'absent'],
    [append(bare, attr(0x8028, '')), key, 'absent', 'bad'],
  ])
    has(ok('stun', message, '--hex', ...(password === null ? [] : ['--password', password])), { integrity, fingerprint });
  assert.equal(ok('stun', late, '--hex').attrs.at(-2).name, 'USE-CANDIDATE');
});

test('stun: MESSAGE-INTEGRITY-SHA256 alone seals a message too', () => {
  const key = createHash('sha256').update('user:realm:pass').digest();
  const message = sealed256(stun(1, attr(6, '613a62')), key);
  has(ok('stun', message, '--hex', '--key', key.toString('hex')), { integrity: 'ok', integrity_sha256: 'ok' });
  has(ok('stun', message, '--hex', '--password', 'x'), { integrity: 'bad', integrity_sha256: 'bad' });
  has(ok('stun', message, '--hex'), { integrity: 'present' });
});

test('stun: refusals', () => {
  const print = attr(0x8028, '00000000');
  for (const [bytes, error] of [
    [stun(1).slice(0, 38), 'STUN_TOO_SHORT'], ['4' + stun(1).slice(1), 'STUN_FIRST_BITS'], ['c' + stun(1).slice(1), 'STUN_FIRST_BITS'],
    [stun(1) + '00', 'STUN_LENGTH_MISMATCH'], [stun(1) + '00000000', 'STUN_LENGTH_MISMATCH'],
    [stun(1, '000600'), 'STUN_LENGTH_UNALIGNED'], [stun(1, '00060001'), 'STUN_ATTR_TOO_LONG'],
    [stun(1, '0006ffff61626364'), 'STUN_ATTR_TOO_LONG'], [stun(1, '0006000561626364'), 'STUN_ATTR_TOO_LONG'],
    [stun(1, print, attr(6, '61')), 'STUN_FINGERPRINT_NOT_LAST'], [stun(1, print, print), 'STUN_FINGERPRINT_NOT_LAST'],
  ])
    assert.equal(refused('stun', bytes, '--hex').error, error, bytes);
});

// --- ice --------------------------------------------------------------------------------------

test('ice: lines of RFC 8839 §5.1 that are good', () => {
  const start = 'candidate:1 1 udp 2130706431 ';
  for (const [line, want] of [
    ['candidate:1 1 UDP 2130706431 192.0.2.7 9 typ HOST', { transport: 'udp', type: 'host' }],
    ['candidate:+/aZ9 256 udp 2147483647 192.0.2.7 65535 typ host', { foundation: '+/aZ9', component: 256, priority: 2147483647, port: 65535 }],
    [`candidate:${'f'.repeat(32)} 1 udp 1 192.0.2.7 0 typ host`, { foundation: 'f'.repeat(32), priority: 1, port: 0 }],
    [start + '2001:db8::1 9 typ host', { address: '2001:db8::1' }],
    [start + '::ffff:192.0.2.1 9 typ host', { address: '::ffff:192.0.2.1' }],
    [start + 'example.com 9 typ host', { address: 'example.com' }],
    [start + '192.0.2.7 9 typ srflx raddr 0.0.0.0 rport 0', { type: 'srflx', raddr: '0.0.0.0', rport: 0 }],
    [start + '192.0.2.7 9 typ srflx raddr 0.0.0.0 rport 9', { raddr: '0.0.0.0', rport: 9 }],
    [start + '192.0.2.7 9 typ relay raddr :: rport 9', { type: 'relay', raddr: '::', rport: 9 }],
    [start + '192.0.2.7 9 typ prflx raddr 10.0.0.1 rport 1', { type: 'prflx', rport: 1 }],
    [start + '192.0.2.7 9 typ srflx rport 9', { raddr: null, rport: 9 }],
    [start + '192.0.2.7 9 typ srflx raddr 10.0.0.1', { raddr: '10.0.0.1', rport: null }],
    [start + '192.0.2.7 9 typ srflx', { raddr: null, rport: null }],
    [start + '192.0.2.7 9 typ future', { type: 'future' }],
    [start + '192.0.2.7 9 typ host generation 0 ufrag EsAw network-id 1 network-cost 10', { type: 'host', tcptype: null }],
    [start + '192.0.2.7 9 typ host x-empty ', { type: 'host' }],
    ['candidate:1 1 tcp 1 192.0.2.7 9 typ host tcptype active', { transport: 'tcp', tcptype: 'active' }],
    ['candidate:1 1 TCP 1 192.0.2.7 4711 typ host tcptype passive', { transport: 'tcp', tcptype: 'passive', port: 4711 }],
    ['candidate:1 1 tcp 1 192.0.2.7 9 typ srflx raddr 10.0.0.1 rport 9 tcptype so', { tcptype: 'so', raddr: '10.0.0.1' }],
    ['candidate:1 1 sctp 1 192.0.2.7 9 typ host', { transport: 'sctp' }],
  ])
    has(ok('ice', line), want);
});

test('ice: lines of RFC 8839 §5.1 that are bad', () => {
  const start = 'candidate:1 1 udp 1 ';
  for (const line of [
    'candidate: 1 udp 1 192.0.2.7 9 typ host', 'candidate:a-b 1 udp 1 192.0.2.7 9 typ host', 'candidate:1  1 udp 1 192.0.2.7 9 typ host',
    'candidate:1\t1 udp 1 192.0.2.7 9 typ host', 'candidate:1 -1 udp 1 192.0.2.7 9 typ host', 'candidate:1 1x udp 1 192.0.2.7 9 typ host',
    'candidate:1 1 udp 0 192.0.2.7 9 typ host', 'candidate:1 1 udp -1 192.0.2.7 9 typ host', 'candidate:1 1 udp 2147483648 192.0.2.7 9 typ host',
    'candidate:1 1 udp 99999999999999999999 192.0.2.7 9 typ host', 'candidate:1 1 u(p 1 192.0.2.7 9 typ host',
    start + '192.0.2.7 -1 typ host', start + '192.0.2.7 99999999999999999999 typ host', start + '192.0.2.256 9 typ host', start + '192.0.2 9 typ host',
    start + '192.0.02.7 9 typ host', start + '2001:db8:::1 9 typ host', start + 'fe80::1%eth0 9 typ host', start + '[::1] 9 typ host',
    start + '192.0.2.7 9 typ ', start + '192.0.2.7 9 type host', start + '192.0.2.7 9 typ srflx raddr 10.0.0.300 rport 1',
    start + '192.0.2.7 9 typ srflx raddr 10.0.0.1 rport', start + '192.0.2.7 9 typ srflx raddr 10.0.0.1 rport 65536',
    start + '192.0.2.7 9 typ srflx raddr 10.0.0.1 rport x', start + '192.0.2.7 9 typ host lone', start + '192.0.2.7 9 typ host  a b',
    start + '192.0.2.7 9 typ host\0', start + '192.0.2.7 9 typ host\nmore', ' ' + start + '192.0.2.7 9 typ host', 'CANDIDATE:1 1 udp 1 192.0.2.7 9 typ host',
  ])
    refused('ice', line);
});

// --- rtp --------------------------------------------------------------------------------------

const fixed = (first, second = '60') => first + second + '0001' + '00000002' + '00000003';

test('rtp: header extensions of RFC 8285, walked as its §4.2 and §4.3 say', () => {
  for (const [profile, body, extensions] of [
    ['bede', '10aa 00 00 21bbcc 00', [[1, 'aa'], [2, 'bbcc']]], // padding between
    ['bede', '10aa f0 20bb 000000', [[1, 'aa']]], // id 15 ends it
    ['bede', '10aa 0f 20bb 000000', [[1, 'aa']]], // id 0 with a length ends it
    ['bede', '10aa 25bb', [[1, 'aa']]], // an element past the end ends it
    ['bede', 'ef 00112233445566778899aabbccddeeff 000000', [[14, '00112233445566778899aabbccddeeff']]],
    ['1000', '0100 0201aa 00 0f00 ff00 0000', [[1, ''], [2, 'aa'], [15, ''], [255, '']]],
    ['100f', '0101aa 00', [[1, 'aa']]], // the appbits are ignored
    ['1000', '0101aa 02', [[1, 'aa']]], // half an element header
    ['1000', '0103aa00', []],
    ['1010', '0101aa 00', []],
    ['abcd', '0101aa 00', []],
    ['bede', '', []],
    ['1000', '', []],
  ]) {
    const bytes = hex(body);
    const r = ok('rtp', fixed('90') + profile + u16(bytes.length / 8) + bytes + 'ee', '--hex');
    has(r, { ext_profile: parseInt(profile, 16), extensions, payload_offset: 16 + bytes.length / 2, payload_size: 1 });
  }
  has(ok('rtp', fixed('80'), '--hex'), { ext_profile: null, extensions: [], payload_offset: 12, payload_size: 0, padding_size: 0 });
});

test('rtp: CSRCs, and padding that is all there is', () => {
  has(ok('rtp', fixed('82', 'ff') + '0000000affffffff' + 'ee', '--hex'), { marker: true, pt: 127, csrc: [10, 4294967295], payload_offset: 20 });
  has(ok('rtp', fixed('a0') + '00000004', '--hex'), { padding: true, padding_size: 4, payload_size: 0 });
  has(ok('rtp', fixed('a0') + '01', '--hex'), { padding_size: 1, payload_size: 0 });
  has(ok('rtp', fixed('b1') + '0000000a' + 'bede0000' + 'ee02', '--hex'), { csrc: [10], padding_size: 2, payload_offset: 20, payload_size: 0 });
});

test('rtp: refusals', () => {
  for (const [bytes, error] of [
    [fixed('80').slice(0, 22), 'RTP_TOO_SHORT'], [fixed('00'), 'RTP_VERSION'], [fixed('c0'), 'RTP_VERSION'], [fixed('81') + '000000', 'RTP_CSRC'],
    [fixed('90'), 'RTP_EXTENSION'], [fixed('90') + 'bede', 'RTP_EXTENSION'], [fixed('90') + 'bedeffff00000000', 'RTP_EXTENSION'],
    [fixed('a0'), 'RTP_PADDING'], [fixed('a0') + 'ee00', 'RTP_PADDING'], [fixed('a0') + 'ee03', 'RTP_PADDING'],
    [fixed('b0') + 'bede000110aa0005', 'RTP_PADDING'],
  ])
    assert.equal(refused('rtp', bytes, '--hex').error, error, bytes);
});

// --- rtcp -------------------------------------------------------------------------------------

const packet = (first, pt, body) => first + pt.toString(16) + u16(hex(body).length / 8) + hex(body);

test('rtcp: sender report, every field at its end of the range', () => {
  const block = '00000009 ff 800000 ffffffff ffffffff ffffffff ffffffff';
  const r = ok('rtcp', packet('81', 200, `00000001 e8000000 80000000 ffffffff 00000005 ffffffff ${block} deadbeef`), '--hex').packets[0];
  has(r, { type: 'SR', ssrc: 1, ntp_sec: 0xe8000000, ntp_frac: 0x80000000, rtp_time: 4294967295, packet_count: 5, octet_count: 4294967295 });
  assert.deepEqual(r.reports, [{ ssrc: 9, fraction_lost: 255, cumulative_lost: -8388608, highest_seq: 4294967295, jitter: 4294967295, lsr: 4294967295, dlsr: 4294967295 }]);
  const losses = ['7fffff', '000000', 'ffffff', '000001'].map((l) => `00000009 00 ${l} ${'00000000'.repeat(4)}`);
  const rr = ok('rtcp', packet('84', 201, `00000001 ${losses.join('')}`), '--hex').packets[0];
  assert.deepEqual(rr.reports.map((b) => b.cumulative_lost), [8388607, 0, -1, 1]);
  has(ok('rtcp', packet('80', 201, '00000001'), '--hex').packets[0], { type: 'RR', ssrc: 1, reports: [] });
});

test('rtcp: descriptions and goodbyes', () => {
  const sdes = packet('83', 202, '0000000a 0103616263 0201c3 00000000  0000000b 00000000  0000000c 08ff' + '78'.repeat(255) + '0000 00');
  const chunks = ok('rtcp', sdes, '--hex').packets[0].chunks;
  assert.deepEqual(chunks, [
    { ssrc: 10, items: [{ type: 1, text: 'abc' }, { type: 2, text: '\ufffd' }] }, { ssrc: 11, items: [] },
    { ssrc: 12, items: [{ type: 8, text: 'x'.repeat(255) }] }]);
  has(ok('rtcp', packet('80', 202, ''), '--hex').packets[0], { chunks: [] });
  has(ok('rtcp', packet('82', 203, '0000000a 0000000b 06636c6f736564 00'), '--hex').packets[0], { sources: [10, 11], reason: 'closed' });
  has(ok('rtcp', packet('80', 203, ''), '--hex').packets[0], { sources: [], reason: null });
});

test('rtcp: feedback', () => {
  const lost = (fci) => ok('rtcp', packet('81', 205, `00000001 00000002 ${fci}`), '--hex').packets[0].lost;
  assert.deepEqual(lost('ffff8001'), [65535, 0, 15]);
  assert.deepEqual(lost('00000000 ffff0000'), [0, 65535]);
  assert.equal(lost('0001ffff').length, 17);
  const fir = ok('rtcp', packet('84', 206, '00000001 00000000 00000007 ff000000 00000008 00ffffff'), '--hex').packets[0];
  assert.deepEqual(fir.entries, [{ ssrc: 7, seq: 255 }, { ssrc: 8, seq: 0 }]);
  const remb = (b) => packet('8f', 206, `00000001 00000000 52454d42 ${b}`);
  has(ok('rtcp', remb('00 000000'), '--hex').packets[0], { bitrate: 0, ssrcs: [] });
  has(ok('rtcp', remb('01 03ffff 00000007'), '--hex').packets[0], { bitrate: 262143, ssrcs: [7] });
  has(ok('rtcp', remb('02 8fffff 00000007 ffffffff'), '--hex').packets[0], { bitrate: 262143 * 2 ** 35, ssrcs: [7, 4294967295] });
  assert.equal(refused('rtcp', remb('00 ffffff'), '--hex').error, 'RTCP_REMB_BITRATE');
  assert.equal(refused('rtcp', remb('02 03ffff 00000007'), '--hex').error, 'RTCP_REMB');
  // Unknown formats are listed, not refused.
  has(ok('rtcp', packet('8f', 206, '00000001 00000002 41424344'), '--hex').packets[0], { type: 'PSFB', sender: 1, media: 2 });
  has(ok('rtcp', packet('83', 205, '00000001 00000002 41424344'), '--hex').packets[0], { type: 'RTPFB' });
  assert.deepEqual(ok('rtcp', packet('80', 204, '00000001 41424344') + packet('80', 207, '00000001') + packet('80', 192, ''), '--hex').packets.map((p) => p.type), ['APP', 'XR', 'unknown']);
});

test('rtcp: transport-wide feedback', () => {
  // Padded with zeros to the word, as the draft's §3.1 shows.
  const padded = (bytes) => bytes + '0'.repeat((8 - (bytes.length % 8)) % 8);
  const twcc = (body) => packet('8f', 205, `00000001 00000002 ${padded(hex(body))}`);
  for (const [what, body, want] of [
    ['a run of small deltas', '0005 0003 000001 07  2003 04 00 ff', { base_seq: 5, status_count: 3, reference_time: 1, fb_count: 7, symbols: [1, 1, 1], deltas_us: [1000, 0, 63750] }],
    ['a negative reference time', 'ffff 0001 ffffff 00  2001 00', { base_seq: 65535, reference_time: -1, deltas_us: [0] }],
    ['large deltas of both signs', '0000 0002 800000 00  4002 8000 7fff', { reference_time: -8388608, symbols: [2, 2], deltas_us: [-8192000, 8191750] }],
    ['one bit a symbol', '0000 000e 000000 00  a001 01 02', { symbols: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], deltas_us: [250, 500] }],
    ['two bits a symbol, the reserved one without delta', '0000 0007 000000 00  e41b 0001 02 03 0004', { symbols: [2, 1, 0, 0, 1, 2, 3], deltas_us: [250, 500, 750, 1000] }],
    ['a vector with symbols to spare', '0000 0002 000000 00  bfff 01 02', { symbols: [1, 1], deltas_us: [250, 500] }],
    ['a run and a vector', '0000 0009 000000 00  0002 d000 01', { symbols: [0, 0, 1, 0, 0, 0, 0, 0, 0], deltas_us: [250] }],
    ['nothing', '0000 0000 000000 00', { symbols: [], deltas_us: [] }],
  ])
    assert.doesNotThrow(() => has(ok('rtcp', twcc(body), '--hex').packets[0], { type: 'TWCC', sender: 1, media: 2, ...want }), what);
  for (const [body, error] of [
    ['0000 0002', 'RTCP_TWCC_SHORT'], ['0000 0001 000000 00', 'RTCP_TWCC_CHUNKS'], ['0000 0020 000000 00 8000 8000', 'RTCP_TWCC_CHUNKS'],
    ['0000 0001 000000 00 2002 0000', 'RTCP_TWCC_RUN'], ['0000 ffff 000000 00 1fff 1fff', 'RTCP_TWCC_CHUNKS'],
    ['0000 0003 000000 00 2003 0000', 'RTCP_TWCC_DELTAS'], ['0000 0002 000000 00 4002 8000', 'RTCP_TWCC_DELTAS'],
  ])
    assert.equal(refused('rtcp', twcc(body), '--hex').error, error, body);
});

test('rtcp: padding belongs to the last packet, and counts whole words', () => {
  const rr = packet('80', 201, '00000001');
  has(ok('rtcp', rr + packet('a0', 201, '00000002 00000004'), '--hex').packets[1], { padding: true, bytes: 12, ssrc: 2, reports: [] });
  for (const [bytes, error] of [
    [packet('a0', 201, '00000002 00000004') + rr, 'RTCP_PADDING_PLACE'], [packet('a0', 201, '00000002 00000000'), 'RTCP_PADDING'],
    [packet('a0', 201, '00000002 00000003'), 'RTCP_PADDING'], [packet('a0', 201, '00000002 0000000c'), 'RTCP_PADDING'], [packet('a0', 201, ''), 'RTCP_PADDING'],
    [packet('a0', 201, '00000008 00000008'), 'RTCP_REPORT'],
  ])
    assert.equal(refused('rtcp', bytes, '--hex').error, error, bytes);
});

test('rtcp: refusals', () => {
  const rr = packet('80', 201, '00000001');
  for (const [bytes, error] of [
    ['80c900', 'RTCP_TOO_SHORT'], [rr + '80c9', 'RTCP_TOO_SHORT'], ['00c9000000000001', 'RTCP_VERSION'], [rr + 'c0c9000000000001', 'RTCP_VERSION'],
    ['80c90002' + '00000001', 'RTCP_LENGTH'], ['80c9ffff', 'RTCP_LENGTH'], [packet('80', 200, '00000001'), 'RTCP_REPORT'], [packet('9f', 201, '00000001'), 'RTCP_REPORT'],
    [packet('82', 202, '00000001 00000000'), 'RTCP_SDES_SHORT'], [packet('81', 202, '00000001 01ff6161'), 'RTCP_SDES_SHORT'], [packet('81', 202, '00000001 01026161'), 'RTCP_SDES_SHORT'],
    [packet('80', 202, '00000001'), 'RTCP_SDES_COUNT'], [packet('82', 203, '00000001'), 'RTCP_BYE_SHORT'], [packet('81', 203, '00000001 04616263'), 'RTCP_BYE_REASON'],
    [packet('81', 206, '00000001'), 'RTCP_FEEDBACK'], [packet('81', 205, '00000001 00000002'), 'RTCP_NACK_FCI'], [packet('81', 206, '00000001 00000002 00000003'), 'RTCP_PLI_FCI'],
    [packet('84', 206, '00000001 00000002'), 'RTCP_FIR_FCI'], [packet('84', 206, '00000001 00000002 00000003'), 'RTCP_FIR_FCI'],
  ])
    assert.equal(refused('rtcp', bytes, '--hex').error, error, bytes);
});

// --- vp8 --------------------------------------------------------------------------------------

test('vp8: descriptors of RFC 7741 §4.2, each combination of its optional parts', () => {
  const none = { picture_id: null, tl0picidx: null, tid: null, y: null, keyidx: null };
  for (const [descriptor, want] of [
    ['10', { X: 0, N: 0, S: 1, PID: 0, I: 0, L: 0, T: 0, K: 0, ...none }],
    ['37', { X: 0, N: 1, S: 1, PID: 7, ...none }],
    ['48', { X: 0, N: 0, S: 0, PID: 0, ...none }], // reserved bits
    ['900f', { X: 1, I: 0, L: 0, T: 0, K: 0, ...none }],
    ['90807f', { I: 1, ...none, picture_id: 127 }],
    ['90808000', { I: 1, ...none, picture_id: 0 }],
    ['9080ffff', { I: 1, ...none, picture_id: 32767 }],
    ['9040ff', { L: 1, ...none, tl0picidx: 255 }],
    ['9020ff', { T: 1, K: 0, ...none, tid: 3, y: 1 }],
    ['9010df', { T: 0, K: 1, ...none, y: 0, keyidx: 31 }],
    ['903081', { T: 1, K: 1, ...none, tid: 2, y: 0, keyidx: 1 }],
    ['90c00102', { picture_id: 1, tl0picidx: 2, tid: null, y: null, keyidx: null }],
    ['90f0812302e4', { picture_id: 0x123, tl0picidx: 2, tid: 3, y: 1, keyidx: 4 }],
  ])
    has(ok('vp8', descriptor + '01', '--hex'), { ...want, descriptor_size: descriptor.length / 2, payload_size: 1, keyframe: false });
  for (const descriptor of ['', '10', '90', '9080', '908080', '9040', '9020', '90c001', '90f0812302'])
    refused('vp8', descriptor, '--hex');
});

test('vp8: the picture\'s size is in the first packet of a key frame alone', () => {
  const frame = '000000 9d012a 8042 e081'; // scale bits set: RFC 6386 §9.1
  has(ok('vp8', '10' + frame, '--hex'), { keyframe: true, width: 640, height: 480 });
  has(ok('vp8', '00' + frame, '--hex'), { keyframe: false, width: null, height: null }); // S 0: not the first
  has(ok('vp8', '11' + frame, '--hex'), { keyframe: false, width: null }); // another partition
  has(ok('vp8', '10' + '01' + frame.slice(2), '--hex'), { keyframe: false, width: null }); // an inter frame
  has(ok('vp8', '10' + frame.slice(0, -2), '--hex'), { keyframe: true, width: null, height: null }); // cut short
});

// --- demux ------------------------------------------------------------------------------------

test('demux: all first bytes, and all second bytes of RTP and RTCP', () => {
  const first = (b) => (b < 4 ? 'stun' : b < 16 ? 'drop' : b < 20 ? 'zrtp-drop' : b < 64 ? 'dtls' : b < 80 ? 'turn-channel' : b < 128 ? 'drop' : b < 192 ? 'rtp' : 'drop');
  const bytes = [...Array(256).keys()];
  const byte = (b) => b.toString(16).padStart(2, '0');
  const classes = (list) => ok('demux', JSON.stringify(list)).classes;
  assert.deepEqual(classes(bytes.map((b) => byte(b) + '000000')), bytes.map(first));
  assert.deepEqual(classes(bytes.map((b) => 'bf' + byte(b))), bytes.map((b) => (b >= 192 && b <= 223 ? 'rtcp' : 'rtp')));
  assert.deepEqual(classes(bytes.map(byte)), bytes.map((b) => (first(b) === 'rtp' ? 'rtp-rtcp' : first(b))));
});

// --- sdp --------------------------------------------------------------------------------------

const head = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';
const audio = 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n';

test('sdp: odd but legal lines', () => {
  const from = (o, rest) => `v=0\r\no=${o}\r\ns=-\r\n${rest}`;
  for (const text of [
    head.replaceAll('\r\n', '\n'), head.trimEnd(), head + 'x=unknown type\r\n' + audio,
    from('alice 2890844526 2890842807 IN IP6 2001:db8::1', 't=0 0\r\n'), from('- 18446744073709551615 18446744073709551615 IN IP4 h.example', 't=0 0\r\n'),
    head.replace('s=-', 's= '), head.replace('s=-', 's=gr\u00fc\u00dfe'),
    head.replace('t=0 0', 'i=A seminar\r\nu=http://x.example/?a=b\r\ne=j@x.example (Jane)\r\ne=Jane <j@x.example>\r\np=+1 617 555-6011\r\np=+44 (Bob)\r\nc=IN IP4 224.2.17.12/127\r\nb=X-YZ:128\r\nb=AS:0\r\nt=0 0'),
    head.replace('t=0 0', 't=3034423619 3042462419\r\nr=604800 3600 0 90000\r\nr=7d 1h 0 25h\r\nz=2882844526 -1h 2898848070 0\r\nt=0 0\r\nk=prompt'),
    head + 'm=video 49170/2 RTP/AVP 31\r\ni=title\r\nc=IN IP4 224.2.1.1/127\r\nc=IN IP4 224.2.1.2/127\r\nb=AS:64\r\nb=X-A:1\r\nk=clear:abc\r\na=rtpmap:31 H261/90000\r\n',
    head + 'm=image 54111 TCP t38\r\nm=message 7394 TCP/TLS/MSRP *\r\nm=application 9 DTLS/SCTP 5000\r\na=sctpmap:5000 webrtc-datachannel 1024\r\n',
  ])
    assert.equal(ok('sdp', text).attributes_rejected, 0);
  has(ok('sdp', head + 'm=video 49170/2 RTP/AVP 31\r\n').media[0], { port: 49170, fmts: ['31'] });
});

test('sdp: lines out of place or out of grammar', () => {
  const at = (old, now) => head.replace(old, now);
  for (const [text, line] of [
    ['\ufeff' + head, 1], [at('v=0', 'v=1'), 1], [at('v=0', 'v= 0'), 1], ['v=0\r\n' + head, 2], [at('o=', 's=x\r\no='), 3], [at('s=-', 's=-\r\ns=-'), 4],
    [at('- 1 1 IN IP4 127.0.0.1', ''), 2], [at('- 1 1', '- x 1'), 2], [at('- 1 1', '- 1 -1'), 2], [at('127.0.0.1', ''), 2], [at('127.0.0.1', '1.1.1.1 x'), 2],
    [at('t=0 0', 't=0'), 4], [at('t=0 0', 't=0 0 0'), 4], [at('t=0 0', 't=a b'), 4], [at('t=0 0', 'r=7d 1h 0\r\nt=0 0'), 4], [at('t=0 0', 't=0 0\r\nz=1 -1h'), 5],
    [at('t=0 0', 'c=IN IP4\r\nt=0 0'), 4], [at('t=0 0', 'b=AS\r\nt=0 0'), 4], [at('t=0 0', 'b=AS:x\r\nt=0 0'), 4],
    [head + audio + 'a=x\r\ni=y\r\n', 7], [head + audio + 'b=AS:1\r\nc=IN IP4 1.1.1.1\r\n', 7], [head + audio + 't=0 0\r\n', 6], [head + audio + 'o=- 1 1 IN IP4 1.1.1.1\r\n', 6],
    [head + 'm=audio -1 RTP/AVP 0\r\n', 5], [head + 'm=audio 9/0 RTP/AVP 0\r\n', 5], [head + 'm=audio 9/ RTP/AVP 0\r\n', 5], [head + 'm=audio 9 RTP/AVP 128\r\n', 5],
    [head + 'm=audio 17000 RTP/AVP 4294967296\r\n', 5], [head + 'm=audio 9 RTP/AVP x\r\n', 5], [head + 'm=audio 9 RTP/AVP\r\n', 5], [head + 'm=audio 9 RTP/AVP \r\n', 5],
    [head + 'm=audio  9 RTP/AVP 0\r\n', 5], [head + 'm= 9 RTP/AVP 0\r\n', 5], [head + ' ' + audio, 5], [head + 'a=x\0y\r\n', 5], [head + 'a=x\ry\r\n', 5], [head + '\r\n' + audio, 5],
    [head + audio + 'a=mid:0\r\n' + audio + 'a=mid:0\r\n', 7], [head + audio.repeat(65), 69], [head + 'a=' + 'x'.repeat(32767) + '\r\n', 5],
  ])
    assert.equal(refused('sdp', text).offset, line, JSON.stringify(text.slice(0, 120)));
});

test('sdp: what the session says holds for each media that does not say it', () => {
  const print = (hash, n) => `a=fingerprint:${hash} ${Array(n).fill('AB').join(':')}\r\n`;
  const session = `a=group:BUNDLE 0 1\r\na=group:LS 0 1\r\na=ice-lite\r\na=ice-ufrag:sess\r\na=ice-pwd:${'s'.repeat(22)}\r\n${print('sha-256', 32)}a=setup:actpass\r\na=recvonly\r\na=extmap:1 urn:x\r\n`;
  const own = `a=mid:1\r\na=sendonly\r\na=ice-ufrag:medi\r\na=ice-pwd:${'m'.repeat(22)}\r\n${print('sha-1', 20)}a=setup:passive\r\na=extmap:3/sendonly urn:y attribute\r\n`;
  const r = ok('sdp', head + session + audio + 'a=mid:0\r\n' + audio + own);
  has(r, { bundle: [['0', '1']], ice_lite: true, media_count: 2, attributes_rejected: 0 });
  has(r.media[0], { mid: '0', ice_ufrag: 'sess', ice_pwd: 's'.repeat(22), setup: 'actpass', direction: 'recvonly', fingerprint: { hash: 'sha-256', value: Array(32).fill('AB').join(':') } });
  assert.deepEqual(r.media[0].extmaps.map((x) => [x.id, x.uri]), [[1, 'urn:x']]);
  has(r.media[1], { mid: '1', ice_ufrag: 'medi', ice_pwd: 'm'.repeat(22), setup: 'passive', direction: 'sendonly' });
  assert.equal(r.media[1].fingerprint.hash, 'sha-1');
  assert.deepEqual(r.media[1].extmaps.map((x) => [x.id, x.uri]), [[3, 'urn:y']]);
  has(ok('sdp', head + audio).media[0], { mid: null, ice_ufrag: null, ice_pwd: null, fingerprint: null, setup: null, direction: 'sendrecv', rtcp_mux: false, rtcp_rsize: false, sctp_port: null, max_message_size: null });
});

test('sdp: lists keep their order and values their spaces', () => {
  const m = ok('sdp', head + 'm=video 9 UDP/TLS/RTP/SAVPF 96 97 0\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96; x = y ; z\r\n' +
    'a=rtcp-fb:* nack\r\na=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 ccm fir\r\na=ssrc:1 cname:a b c\r\na=ssrc:1 msid:s t\r\na=ssrc:4294967295 cname:d\r\na=ssrc-group:FID 1 4294967295\r\n' +
    'a=ssrc-group:SIM 3 4 5\r\na=rid:h send pt=96;max-width=100\r\na=rid:l recv\r\na=simulcast:send h;~l recv l\r\na=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\na=end-of-candidates\r\n').media[0];
  has(m, {
    codecs: [{ pt: 96, name: 'VP8', clock: 90000, channels: null }, { pt: 97, name: 'rtx', clock: 90000, channels: null }, { pt: 0, name: 'PCMU', clock: 8000, channels: null }],
    fmtp: [{ pt: 97, params: 'apt=96; x = y ; z' }], rtcp_fb: [['*', 'nack'], [96, 'nack pli'], [96, 'ccm fir']],
    ssrcs: [1, 4294967295], ssrc_groups: [{ semantics: 'FID', ssrcs: [1, 4294967295] }, { semantics: 'SIM', ssrcs: [3, 4, 5] }],
    candidates: ['candidate:1 1 udp 1 192.0.2.1 5 typ host'],
  });
  assert.deepEqual(m.rids.map((r) => [r.id, r.dir]), [['h', 'send'], ['l', 'recv']]);
  has(ok('sdp', head + 'm=audio 9 RTP/AVP 0 8 9 13\r\n').media[0].codecs.at(-1), { pt: 13, name: 'CN', clock: 8000, channels: 1 });
});

test('sdp-attr: one malformed line more is counted as one more', () => {
  for (const line of [
    'rtpmap:128 x/1', 'rtpmap:111 opus/0', 'rtpmap:111 opus/48000/0', 'rtpmap:111 opus/4294967296', 'fmtp:111', 'fmtp:111 ', 'rtcp-fb:111', 'rtcp-fb:200 nack', 'extmap:0 urn:x', 'extmap:256 urn:x', 'extmap:1',
    'extmap:1/both urn:x', 'ssrc:4294967296 cname:x', 'ssrc:1', 'ssrc-group:FID x', 'ice-ufrag:abc', 'ice-pwd:short', 'ice-ufrag:a b c d', 'fingerprint:sha-256 AB', 'fingerprint:sha-256 AB:CD:',
    'setup:ACTIVE', 'mid:', 'mid:a b', 'rid:1', 'rid:1 both', 'simulcast:both 1', 'sctp-port:65536', 'sctp-port:x', 'max-message-size:-1', 'candidate:1 1 udp', 'rtcp:x', 'rtcp-mux:x', 'sendrecv:1', 'ptime:x', 'maxptime:0', '',
  ])
    assert.equal(ok('sdp-attr', head + audio + `a=${line}\r\n`).attributes_rejected, 1, line);
});

test('sdp: large descriptions are read at once', () => {
  const many = (n, line) => [...Array(n).keys()].map(line).join('');
  for (const [what, text] of [
    ['64 m-lines', head + `a=group:BUNDLE ${[...Array(64).keys()].join(' ')}\r\n` + many(64, (i) => audio + `a=mid:${i}\r\n`)],
    ['1000 candidates', head + audio + many(1000, (i) => `a=candidate:${i} 1 udp ${i + 1} 192.0.2.7 ${i} typ host\r\n`)],
    ['64 KiB', (head + audio + 'a=x\r\n'.repeat(13200)).slice(0, 65536)],
    ['a line of 32 KiB', head + 'a=' + 'x'.repeat(32766) + '\r\n'],
    ['16000 mids', head + 'a=group:BUNDLE' + ' 1'.repeat(16000) + '\r\n' + audio],
    ['3200 ssrcs', head + audio + many(3200, (i) => `a=ssrc:${i * 65536} a\r\n`)],
  ]) {
    const before = performance.now();
    ok('sdp', text);
    const took = performance.now() - before;
    assert.ok(took < 500, `${what}: ${took} ms, the start of the process included`);
  }
  assert.equal(ok('sdp', head + audio + many(1000, (i) => `a=candidate:${i} 1 udp ${i + 1} 192.0.2.7 ${i} typ host\r\n`)).media[0].candidates.length, 1000);
  refused('sdp', head + 'a=x\r\n'.repeat(13200));
});

// --- dtls -------------------------------------------------------------------------------------

const record = (body, { type = '16', version = 'feff', epoch = 0, number = 0 } = {}) =>
  type + version + u16(epoch) + number.toString(16).padStart(12, '0') + u16(body.length / 2) + body;
const u24 = (n) => n.toString(16).padStart(6, '0');
const fragment = (body, at = 0, n = body.length / 2 - at, type = '01') =>
  type + u24(body.length / 2) + '0000' + u24(at) + u24(n) + body.slice(2 * at, 2 * (at + n));
const ext = (type, value) => u16(type) + u16(value.length / 2) + value;
function hello({ suites = 'c02bc02f', pad = 0, random = 'aa' } = {}) {
  const exts = ext(10, '0004001d0017') + ext(11, '0100') + ext(13, '00060403' + '04010503') + ext(14, '0002000100') + ext(23, '') + ext(21, '00'.repeat(pad));
  return 'fefd' + random.repeat(32) + '00' + '00' + u16(suites.length / 2) + suites + '0100' + u16(exts.length / 2) + exts;
}
const whole = (h, options) => record(fragment(h), options);
function pieces(h, n, overlap = 0) {
  const size = Math.ceil(h.length / 2 / n);
  return [...Array(n).keys()].map((i) => record(fragment(h, i * size, Math.min(size + overlap, h.length / 2 - i * size)), { number: i }));
}

test('dtls: a ClientHello whole, in pieces, in any order, twice, overlapping, amid garbage', () => {
  const h = hello({ pad: 600 });
  const other = h.slice(0, 60) + 'bb' + h.slice(62);
  const noise = ['', '16', 'ff'.repeat(40), record(''), record('00'.repeat(12)), '17fefd' + 'ab'.repeat(30)];
  for (const [what, datagrams] of [
    ['whole', [whole(h)]],
    ['in two', pieces(h, 2)],
    ['in eight', pieces(h, 8)],
    ['backwards', pieces(h, 8).reverse()],
    ['each piece twice', pieces(h, 8).flatMap((p) => [p, p])],
    ['overlapping', pieces(h, 8, 20)],
    ['overlapping backwards', pieces(h, 8, 20).reverse()],
    ['amid garbage', pieces(h, 8).flatMap((p) => [p, ...noise])],
    ['in one datagram', [pieces(h, 2).join('')]],
    ['behind a piece of another', [pieces(other, 2)[0], ...pieces(h, 2)]],
    ['again, after another came between', [pieces(h, 2)[0], pieces(other, 2)[0], pieces(h, 2)[1], ...pieces(h, 2)]],
    ['of exactly 4096 bytes', pieces(hello({ pad: 4096 - hello().length / 2 }), 8)],
    ['behind NULL ciphers', [whole(hello({ suites: '000000010002' })), whole(h)]],
    ['in pieces behind NULL ciphers in pieces', [...pieces(hello({ suites: '0000' }), 2), ...pieces(h, 2)]],
    ['behind twenty with CBC alone', [...Array(20).fill(whole(hello({ suites: 'c013002f' }))), whole(h)]],
    ['and then another', [whole(h), whole(hello({ random: 'cc' }))]],
    ['behind a HelloRequest, alerts, data and ChangeCipherSpec', [record(fragment('', 0, 0, '00')), record('0228', { type: '15' }), record('0100', { type: '15' }), record('aabb', { type: '17' }), record('01', { type: '14' }), whole(h)]],
    ['behind a hundred empty fragments', [...Array(100).fill(record(fragment(h, 0, 0))), whole(h)]],
    ['behind one that claims 16 MiB', [record('01ffffff' + '0000' + '000000' + '000004' + 'aabbccdd'), whole(h)]],
    ['behind one of a later epoch', [whole(h, { epoch: 1 }), whole(h, { epoch: 65535 }), whole(h)]],
    ['behind one that is cut', [record(fragment(h.slice(0, 100))), whole(h)]],
  ])
    assert.doesNotThrow(() => has(ok('dtls', JSON.stringify(datagrams)), { answered: true, alive: true }), what);
});

test('dtls: what is not answered leaves the server alive', () => {
  for (const [what, datagrams] of [
    ['NULL ciphers', [whole(hello({ suites: '000000010002' }))]],
    ['RC4 and CBC', [whole(hello({ suites: '00050004c007c013' }))]],
    ['no suite at all', [whole(hello({ suites: '' }))]],
    ['a hello of 4097 bytes', pieces(hello({ pad: 4097 - hello().length / 2 }), 8)],
    ['half a hello', pieces(hello(), 2).slice(0, 1)],
    ['every handshake type but ClientHello', [...Array(26).keys()].filter((t) => t !== 1).map((t) => record(fragment('aabbccdd', 0, 4, t.toString(16).padStart(2, '0'))))],
    ['every record type but handshake', [0, 19, 20, 21, 23, 24, 26, 63, 255].map((t) => record('0228', { type: t.toString(16).padStart(2, '0') }))],
    ['2000 refused hellos', Array(2000).fill(whole(hello({ suites: '0000' })))],
    ['4096 datagrams', Array(4096).fill('16feff')],
  ])
    assert.doesNotThrow(() => has(ok('dtls', JSON.stringify(datagrams)), { answered: false, alive: true }), what);
});

// --- limits and exit codes --------------------------------------------------------------------

test('lists are bounded before they are built', () => {
  has(ok('demux', JSON.stringify(Array(65536).fill('00'))), { classes: Array(65536).fill('stun') });
  assert.equal(refused('demux', JSON.stringify(Array(65537).fill('00'))).error, 'DECODE_TOO_MANY');
  assert.equal(refused('dtls', JSON.stringify(Array(4097).fill(''))).error, 'DECODE_TOO_MANY');
  assert.equal(refused('demux', '['.repeat(1 << 20)).error, 'DECODE_LIST');
  assert.equal(refused('demux', '["00",').error, 'DECODE_LIST');
  const before = performance.now();
  refused('demux', '[' + '"",'.repeat(5 << 20) + '""]');
  assert.ok(performance.now() - before < 2000);
});

test('what cannot be read is refused in JSON too', (t) => {
  assert.equal(refused('rtp', 'xyz', '--hex').error, 'DECODE_HEX');
  assert.equal(refused('rtp', '806', '--hex').error, 'DECODE_HEX');
  for (const path of ['/nonexistent', tempDir(t)]) {
    const r = run(['decode', 'rtp', path]);
    assert.equal(r.code, 1);
    has(JSON.parse(r.out), { ok: false, error: 'DECODE_FILE' });
  }
  assert.equal(refused('vp8', Buffer.alloc((16 << 20) + 1)).error, 'DECODE_TOO_LARGE');
});

test('wrong usage is exit 2, with nothing on standard output', () => {
  for (const args of [['decode'], ['decode', 'nothing'], ['decode', 'rtp', 'a', 'b'], ['decode', '--what'], ['decode', 'stun', '--key', 'xyz', '-'], ['decode', 'stun', '--key']])
    has(run(args), { code: 2, out: '' });
});
