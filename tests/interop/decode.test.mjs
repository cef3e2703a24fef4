// `rill decode`: the JSON other tools read stays as it is documented, and every refusal is clear.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { has, ok, refused } from './lib/decode.mjs';
import { root, run } from './lib/rill.mjs';

// RFC 5769 §2.1.
const sampleRequest =
  '000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff' +
  '80290008932ff9b151263b36000600096576746a3a6836765920202000080014' + '9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf';
const samplePassword = 'VOkJxbRl1RmTxUk/WvJxBt';

test('stun: the sample request of RFC 5769 with its password', () => {
  const r = ok('stun', sampleRequest, '--hex', '--password', samplePassword);
  has(r, { class: 'request', method: 1, method_name: 'Binding', txid: 'b7e7a701bc34d686fa87dfae', integrity: 'ok', fingerprint: 'ok' });
  assert.deepEqual(r.attrs.map((a) => a.name),
    ['SOFTWARE', 'PRIORITY', 'ICE-CONTROLLED', 'USERNAME', 'MESSAGE-INTEGRITY', 'FINGERPRINT']);
  has(r.attrs[0], { type: 0x8022, len: 16, text: 'STUN test client' });
  assert.equal(r.attrs[3].text, 'evtj:h6vY');
  assert.equal(ok('stun', sampleRequest, '--hex').integrity, 'present');
  assert.equal(ok('stun', sampleRequest, '--hex', '--password', 'wrong').integrity, 'bad');
  assert.equal(ok('stun', sampleRequest, '--hex', '--key', Buffer.from(samplePassword).toString('hex')).integrity, 'ok');
});

test('stun: an address attribute is given with the XOR undone', () => {
  const r = ok('stun', '0101000c2112a442b7e7a701bc34d686fa87dfae002000080001a147e112a643', '--hex');
  has(r, { class: 'success', integrity: 'absent', fingerprint: 'absent' });
  has(r.attrs[0], { name: 'XOR-MAPPED-ADDRESS', address: '192.0.2.1', port: 32853 });
});

test('stun: a long-term request holds under user, realm and password', () => {
  // RFC 8489 appendix B.1 with its true length (see tests/stun/vectors.h)
  const hex = '000100882112a44278ad3433c6ad72c029da412e001e00204a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704'
    + '001500296f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c39465354767936347341000000'
    + '0014000b6578616d706c652e6f726700001c0020234112fbd4e27f983eb4032836f998216f5b23f8d927753fbc4f882bfbdf0dec';
  const r = ok('stun', hex, '--hex', '--username', 'マトリックス', '--password', 'TheMatrIX');
  has(r, { integrity: 'ok', integrity_sha256: 'ok' });
  assert.deepEqual(r.attrs[1].features, { bits: 2, password_algorithms: false, username_anonymity: true });
  assert.equal(ok('stun', hex, '--hex', '--username', 'マトリックス', '--password', 'TheMatrix').integrity, 'bad');
});

test('stun: the algorithms of a challenge', () => {
  const r = ok('stun', '011300102112a442b7e7a701bc34d686fa87dfae8002000c000200007000000101000000', '--hex');
  assert.deepEqual(r.attrs[0].algorithms,
    [{ number: 2, name: 'SHA-256', parameters: '' }, { number: 0x7000, name: null, parameters: '01' }]);
});

test('turn: ChannelData, with padding and without', () => {
  for (const hex of ['40000003616263', '4000000361626300'])
    has(ok('turn', hex, '--hex'), { channel: 0x4000, length: 3, data: '616263' });
  for (const hex of ['400000', '3fff0000', '50000000', '4000000261'])
    refused('turn', hex, '--hex');
});

test('stun: refusals', () => {
  for (const hex of ['', '0001', '000100002112a443b7e7a701bc34d686fa87dfae', '000100042112a442b7e7a701bc34d686fa87dfae',
    'c00100002112a442b7e7a701bc34d686fa87dfae', '000100012112a442b7e7a701bc34d686fa87dfae00',
    '000100042112a442b7e7a701bc34d686fa87dfae00060005'])
    refused('stun', hex, '--hex');
});

test('dns: a question, and an answer that points back at it', () => {
  const r = ok('dns', '0007840000010001000000000161056c6f63616c0000018001c00c00018001000000780004c0000201', '--hex');
  has(r.header, { id: 7, qr: 1, aa: 1, questions: 1, answers: 1 });
  assert.deepEqual(r.questions, [{ name: 'a.local', type: 1, class: 1, unicast_response: true }]);
  has(r.records[0], { name: 'a.local', cache_flush: true, ttl: 120, address: '192.0.2.1' });
  assert.equal(refused('dns', '000784000001000000000000c00c00010001', '--hex').error, 'MDNS_POINTER');
  assert.equal(refused('dns', '0007', '--hex').error, 'MDNS_SHORT');
});

test('ice: a line, with and without its prefix', () => {
  const want = {
    foundation: '1', component: 1, transport: 'udp', priority: 2130706431, address: '192.0.2.7', port: 9,
    type: 'host', raddr: null, rport: null, tcptype: null,
  };
  for (const line of ['candidate:1 1 udp 2130706431 192.0.2.7 9 typ host', '1 1 UDP 2130706431 192.0.2.7 9 typ host',
    'a=candidate:1 1 udp 2130706431 192.0.2.7 9 typ host\r\n', 'candidate:1 1 udp 2130706431 192.0.2.7 9 typ host generation 0 ufrag abcd\n'])
    has(ok('ice', line), want);
  has(ok('ice', 'candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.2 rport 46155'),
    { type: 'srflx', raddr: '10.0.0.2', rport: 46155 });
  has(ok('ice', 'candidate:4 1 tcp 1518280447 127.0.0.1 9 typ host tcptype active'), { transport: 'tcp', tcptype: 'active' });
  has(ok('ice', 'candidate:4 1 udp 1 x-y.local 9 typ host'), { address: 'x-y.local' });
});

test('ice: refusals', () => {
  for (const line of ['', 'candidate:', 'candidate:1 1 udp', 'candidate:1 0 udp 1 192.0.2.7 9 typ host',
    'candidate:1 257 udp 1 192.0.2.7 9 typ host', 'candidate:1 1 udp 0 192.0.2.7 65536 typ host',
    'candidate:1 1 udp 4294967296 192.0.2.7 9 typ host', 'candidate:1 1 udp 1 192.0.2.7 9 host',
    'candidate:1 1 udp 1 192.0.2.7 9 typ', 'candidate:1 x udp 1 192.0.2.7 9 typ host',
    'candidate:1 1 udp 1 192.0.2.7 9 typ host raddr', `candidate:${'1'.repeat(33)} 1 udp 1 192.0.2.7 9 typ host`])
    refused('ice', line);
});

test('rtp: the header, one-byte extensions, padding', () => {
  const r = ok('rtp', 'b0ef000100000002000000 03bede0001 403000 00 aabbcc 000003'.replace(/ /g, ''), '--hex');
  has(r, {
    version: 2, padding: true, extension: true, marker: true, pt: 111, seq: 1, timestamp: 2, ssrc: 3, csrc: [],
    ext_profile: 0xbede, extensions: [[4, '30']], padding_size: 3, payload_offset: 20, payload_size: 3,
  });
});

test('rtp: six bytes are refused as documented', () => {
  const r = refused('rtp', '80600001aabb', '--hex', '--json');
  delete r.code;
  assert.deepEqual(r, {
    ok: false, error: 'RTP_TOO_SHORT', clause: 'RFC 3550 §5.1', offset: 6,
    message: 'an RTP packet has at least 12 bytes, this one 6',
  });
});

test('rtp: refusals', () => {
  for (const hex of ['', '40600001000000020000000 3'.replace(' ', ''), '8f6000010000000200000003', '906000010000000200000003bede0002aabbccdd',
    'a0600001000000020000000300', 'a060000100000002000000030005'])
    refused('rtp', hex, '--hex');
});

test('rtcp: a compound, packet by packet', () => {
  const rr = '81c90007' + '00000001' + '00000002' + '40fffffe' + '00010005' + '0000000a' + '0000000b' + '0000000c';
  const sdes = '81ca0003' + '00000001' + '0103616263' + '000000';
  const nack = '81cd0003' + '00000001' + '00000002' + '00050005';
  const r = ok('rtcp', rr + sdes + nack, '--hex');
  assert.deepEqual(r.packets.map((p) => [p.pt, p.type]), [[201, 'RR'], [202, 'SDES'], [205, 'NACK']]);
  has(r.packets[0], { count: 1, bytes: 32, ssrc: 1 });
  has(r.packets[0].reports[0], { ssrc: 2, fraction_lost: 64, cumulative_lost: -2, highest_seq: 65541, jitter: 10, lsr: 11, dlsr: 12 });
  has(r.packets[2], { sender: 1, media: 2, lost: [5, 6, 8] });
});

test('rtcp: feedback that browsers send', () => {
  has(ok('rtcp', '81ce000200000001' + '00000002', '--hex').packets[0], { type: 'PLI', sender: 1, media: 2 });
  has(ok('rtcp', '84ce000400000001000000000000000709000000', '--hex').packets[0], { type: 'FIR', entries: [{ ssrc: 7, seq: 9 }] });
  has(ok('rtcp', '8fce000500000001000000005245 4d4201 0bb800 00000007'.replace(/ /g, ''), '--hex').packets[0], { type: 'REMB', ssrcs: [7] });
  has(ok('rtcp', '81cb0001000000ff', '--hex').packets[0], { type: 'BYE', sources: [255] });
});

test('rtcp: refusals', () => {
  for (const hex of ['', '80', '40c90001000000 01'.replace(' ', ''), '80c90005000000 01'.replace(' ', ''), '82c9000100000001',
    '81ca000200000001010561', '81cd000200000001000000020001', 'a0c9000100000009'])
    refused('rtcp', hex, '--hex');
});

test('vp8: descriptor and key frame as Chromium sends it', () => {
  const r = ok('vp8', '9080fb26907000 9d012a8002e001aabb'.replace(' ', ''), '--hex');
  assert.equal(Boolean(r.X), true);
  assert.equal(Boolean(r.S), true);
  has(r, { PID: 0, picture_id: 0x7b26, tl0picidx: null, tid: null, keyidx: null, descriptor_size: 4, keyframe: true, width: 640, height: 480 });
});

test('vp9: both modes, layers and the structure of a group', () => {
  const key = ok('vp9', 'aa8123000718028001e00104018249', '--hex');
  has(key, { I: 1, P: 0, L: 1, F: 0, B: 1, E: 0, V: 1, Z: 0, picture_id: 0x123, tid: 0, sid: 0, tl0picidx: 7, p_diff: [], descriptor_size: 13, payload_size: 2 });
  has(key.ss, { n_s: 0, y: 1, g: 1, sizes: [[640, 480]], pg: [{ tid: 0, u: 0, p_diff: [1] }] });
  has(ok('vp9', 'f47f3503050e00', '--hex'), { F: 1, picture_id: 127, tid: 1, u: 1, sid: 2, d: 1, tl0picidx: null, p_diff: [1, 2, 7], ss: null });
  for (const hex of ['', '80', 'd00100', 'd0010000', '8c01', '02f8']) refused('vp9', hex, '--hex');
});

test('h264: a NAL unit, several, a piece of one', () => {
  has(ok('h264', '6742c01f8c', '--hex'), { NRI: 3, type: 7, nal_type: 7, S: null, keyframe: false, units: [{ type: 7, size: 5, profile_level_id: '42c01f' }] });
  has(ok('h264', '658884', '--hex'), { type: 5, keyframe: true });
  const several = ok('h264', '7800046742c01f000268ce', '--hex');
  assert.equal(several.type, 24);
  assert.deepEqual(several.units.map((u) => [u.type, u.size]), [[7, 4], [8, 2]]);
  has(ok('h264', '7c058801', '--hex'), { type: 28, S: 0, E: 0, nal_type: 5, units: [], keyframe: false });
  for (const hex of ['', '00', '7900', '780003aa', '7c', '7cc500']) refused('h264', hex, '--hex');
});

test('av1: elements with their sizes, the last without, continued ones', () => {
  has(ok('av1', '0803080102840030aabbcc', '--hex'), { Z: 0, Y: 0, W: 0, N: 1, elements: [{ size: 3, obu_type: 1 }, { size: 4, obu_type: 6 }] });
  has(ok('av1', 'd0bb', '--hex'), { Z: 1, Y: 1, W: 1, N: 0, elements: [{ size: 1, obu_type: null }] });
  for (const hex of ['', '10', '9830', '000230', '0000']) refused('av1', hex, '--hex');
});

test('vp8: refusals', () => {
  for (const hex of ['', '80', '9080', '908080', '90f0', '9080fb26']) refused('vp8', hex, '--hex');
});

test('demux: RFC 7983 §7 and RFC 5761 §4', () => {
  const r = ok('demux', JSON.stringify(['0001', '16fe', '4000', '8060', '80c8', '80', '1000', 'ff', '', '0480', 'bf6f', '80df', '80e0', '80bf', '3f', '4f', '50', '7f', '13', '14', 'c0']));
  assert.deepEqual(r.classes, ['stun', 'dtls', 'turn-channel', 'rtp', 'rtcp', 'rtp-rtcp', 'zrtp-drop', 'drop', 'drop', 'drop', 'rtp', 'rtcp', 'rtp', 'rtp', 'dtls', 'turn-channel', 'drop', 'drop', 'zrtp-drop', 'dtls', 'drop']);
  for (const bad of ['', '{}', '[1]', '["0"]', '["zz"]', '["00"']) refused('demux', bad);
});

test('dtls: the ClientHellos of today\'s browsers are answered', () => {
  const dir = join(root, 'tests/data/dtls');
  const files = readdirSync(dir).filter((f) => f.endsWith('.hex'));
  assert.ok(files.length >= 2);
  for (const f of files) {
    const datagrams = readFileSync(join(dir, f), 'utf8').split('\n').map((l) => l.trim()).filter(Boolean);
    assert.ok(datagrams.length > 1, 'the ClientHello is fragmented');
    has(ok('dtls', JSON.stringify(datagrams)), { answered: true, alive: true });
    has(ok('dtls', JSON.stringify([...datagrams].reverse())), { answered: true, alive: true });
    has(ok('dtls', JSON.stringify(datagrams.slice(0, 1))), { answered: false, alive: true });
    has(ok('dtls', JSON.stringify(['00', '16feff', 'ff'.repeat(200), datagrams[0], datagrams[0], ...datagrams])), { answered: true, alive: true });
  }
  const hello = readFileSync(join(dir, 'clienthello-chromium156.hex'), 'latin1').trim().split('\n');
  const trees = ok('dtls', JSON.stringify(hello), '--fields').fields;
  const of = (tree, name) => tree.filter((node) => node.name === name);
  assert.deepEqual(trees.map((tree) => of(tree, 'whole message').length), [0, 1], 'told whole with its last part');
  assert.equal(of(trees[0], 'fragments joined')[0].meaning, 'the message is told whole where the last of them comes');
  assert.ok(of(trees[1], 'use_srtp').length && of(trees[1], 'named_group').some((node) => node.meaning === 'X25519MLKEM768'));
  has(ok('dtls', '[]'), { answered: false, alive: true });
  for (const bad of ['', '{}', '["zz"]']) refused('dtls', bad);
});

test('sdp: every browser description is read, none of its attributes is refused', () => {
  const dir = join(root, 'tests/data/sdp');
  const files = readdirSync(dir).filter((f) => f.endsWith('.sdp'));
  assert.ok(files.length > 50);
  for (const f of files) {
    const text = readFileSync(join(dir, f));
    if (!text.toString().startsWith('v=0')) {
      refused('sdp', text);
      continue;
    }
    const r = ok('sdp', text);
    assert.equal(r.media.length, r.media_count);
    assert.equal(ok('sdp-attr', text).attributes_rejected, 0, f);
  }
});

test('sdp: Firefox says its fingerprint once for all m-lines', () => {
  const r = ok('sdp', readFileSync(join(root, 'tests/data/sdp/firefox153_offer_av_sendrecv.sdp')));
  has(r, { media_count: 2, bundle: [['0', '1']], ice_lite: false });
  has(r.media[0], { kind: 'audio', port: 9, proto: 'UDP/TLS/RTP/SAVPF', mid: '0', direction: 'sendrecv', ice_ufrag: 'b2184e94', setup: 'actpass', rtcp_mux: true });
  assert.equal(r.media[0].fingerprint.hash, 'sha-256');
  assert.equal(r.media[1].fingerprint.value, r.media[0].fingerprint.value);
  assert.deepEqual(r.media[0].codecs[0], { pt: 109, name: 'opus', clock: 48000, channels: 2 });
  assert.equal(r.media[1].fmts[0], '120');
});

test('sdp: Chromium\'s lists are kept in order', () => {
  const r = ok('sdp', readFileSync(join(root, 'tests/data/sdp/chromium156_offer_av_sendrecv.sdp')));
  const video = r.media[1];
  assert.deepEqual(video.ssrc_groups, [{ semantics: 'FID', ssrcs: [714243137, 3652565629] }]);
  assert.deepEqual(video.ssrcs, [714243137, 3652565629]);
  assert.deepEqual(video.rtcp_fb[0], [96, 'goog-remb']);
  has(video.extmaps[0], { id: 14, uri: 'urn:ietf:params:rtp-hdrext:toffset' });
  assert.deepEqual(video.fmtp[0], { pt: 97, params: 'apt=96' });
  const data = ok('sdp', readFileSync(join(root, 'tests/data/sdp/chromium156_offer_data_only_gathered.sdp'))).media[0];
  has(data, { kind: 'application', sctp_port: 5000, max_message_size: 262144, fmts: ['webrtc-datachannel'] });
  assert.ok(data.candidates[0].startsWith('candidate:'));
});

test('sdp: refusals name the line', () => {
  const head = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';
  ok('sdp', head);
  for (const bad of ['', 'v=1\r\n', 'o=- 1 1 IN IP4 0.0.0.0\r\n', 'v=0\r\ns=-\r\nt=0 0\r\n', head + 'nonsense\r\n',
    head + 'm=audio 65536 RTP/AVP 0\r\n', head + 'm=audio 4294967296 RTP/AVP 0\r\n', head + 'm=audio\r\n', 'v=0\r\n\0'])
    refused('sdp', bad);
  assert.equal(refused('sdp', head + 'm=audio 65536 RTP/AVP 0\r\n').offset, 5);
});

test('sdp-attr: malformed attribute lines are counted, one each', () => {
  const head = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n';
  const bad = ['rtpmap:abc opus/48000', 'rtpmap:111 opus', 'extmap:x uri', 'ssrc:nobody cname:x', 'setup:maybe', 'fingerprint:sha-256'];
  assert.equal(ok('sdp-attr', head + bad.map((a) => `a=${a}\r\n`).join('')).attributes_rejected, bad.length);
  assert.equal(ok('sdp-attr', head + 'a=x-unknown:1\r\na=rtpmap:111 opus/48000/2\r\n').attributes_rejected, 0);
});

test('any bytes: no module crashes, hangs or answers with anything but JSON', () => {
  const bytes = Buffer.alloc(2000);
  let x = 1;
  for (let i = 0; i < bytes.length; i++) bytes[i] = (x = (x * 1103515245 + 12345) & 0x7fffffff) >> 16;
  for (const module of ['stun', 'turn', 'dns', 'ice', 'sdp', 'sdp-attr', 'rtp', 'rtcp', 'vp8', 'vp9', 'h264', 'av1', 'opus', 'srtp', 'dtls', 'demux'])
    for (const n of [0, 1, 2, 3, 11, 12, 20, 40, 100, 1500, 2000]) {
      const r = run(['decode', module, '-'], bytes.subarray(0, n));
      assert.ok(r.code === 0 || r.code === 1, `${module} ${n}: ${r.code} ${r.signal} ${r.err}`);
      JSON.parse(r.out);
    }
});

test('--fields adds the tree of fields, also of what is refused', () => {
  const r = ok('stun', sampleRequest, '--hex', '--fields');
  const user = r.fields.find((f) => f.name === 'USERNAME');
  has(user, { depth: 1, value: 'evtj:h6vY', clause: 'RFC 8489 §14.3' });
  assert.equal(ok('stun', sampleRequest, '--hex').fields, undefined);
  const cut = refused('stun', sampleRequest.slice(0, 100), '--hex', '--tree');
  assert.ok(cut.fields.some((f) => f.bad && /the bytes end here/.test(f.meaning)));
  assert.equal(ok('ice', 'candidate:1 1 udp 2130706431 192.0.2.7 9 typ host', '--fields').fields[0].name, 'candidate');
  assert.equal(ok('vp8', '9080800110020011', '--hex', '--fields').fields[0].name, 'VP8');
});
