// `rill decode media`: recordings of every form are read to their pictures, and hostile ones end in time.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { has, ok, refused } from './lib/decode.mjs';
import { frames, ipv4, ipv6, links, pcap, pcapng, rtp, rtpdump, u16, u32, udp, vp8Packets } from './lib/recording.mjs';
import { root } from './lib/rill.mjs';

const clip = frames(join(root, 'tests/data/media/clip.ivf'));
const packets = vp8Packets(clip);
const report = Buffer.concat([Buffer.from([0x80, 201]), u16(1), u32(7)]);
const stun = Buffer.concat([u16(1, 0), u32(0x2112a442, 1, 2, 3)]);
const all = { rtp_ok: packets.length, frames: clip.length, decoded: clip.length, keyframes: 2, width: 64, height: 48, cut: false, complete: true };

test('media: rtpdump, with reports between the packets', () => {
  const r = ok('media', rtpdump([report, ...packets, report]));
  has(r, { ...all, packets: packets.length + 2, rtcp: 2, other: 0 });
  has(r.streams[0], { ssrc: 0x1234, pt: 96, codec: 'VP8', packets: packets.length, decoder: true });
});

test('media: pcap and pcapng of each link, IPv4 and IPv6', () => {
  for (const link of [1, 101, 113, 276])
    for (const ip of [ipv4, ipv6]) {
      const made = packets.map((p) => links[link](ip(udp(p))));
      for (const file of [pcap(made, { link }), pcap(made, { link, little: false }), pcapng(made, { link })])
        has(ok('media', file), { ...all, packets: packets.length, records_passed: 0 });
    }
});

test('media: what is no RTP is counted, what is no UDP is passed over', () => {
  const made = [ipv4(udp(stun)), ipv4(udp(report)), ipv4(udp(packets[0]), { protocol: 6 }), ipv4(udp(packets[0]), { fragment: 0x2000 }),
    ipv6(udp(packets[0]), { next: 44, extension: Buffer.alloc(8) }), ...packets.map((p) => ipv4(udp(p)))];
  has(ok('media', pcap(made, { link: 101 })), { ...all, packets: packets.length + 2, rtcp: 1, other: 1, records_passed: 3 });
});

test('media: what was lost is not decoded, and later frames wait for a key frame', () => {
  const lost = [...packets.slice(0, 9), ...packets.slice(10)];
  const r = ok('media', rtpdump(lost));
  assert.ok(r.decoded > 0 && r.decoded < clip.length);
  assert.equal(r.decoded, r.frames);
});

test('media: a recording that ends in the middle is read to there', () => {
  const whole = rtpdump(packets);
  has(ok('media', whole.subarray(0, whole.length - 3)), { cut: true, packets: packets.length - 1 });
});

test('media: refusals', () => {
  for (const [bytes, error] of [['', 'PACKET_FILE_KIND'], ['RTP', 'PACKET_FILE_KIND'], ['#!rtpplay1.0 1/2', 'PACKET_FILE_HEADER'],
    [pcap([]).subarray(0, 20), 'PACKET_FILE_HEADER'], [pcap([], { link: 127 }), 'PACKET_FILE_LINK']])
    assert.equal(refused('media', bytes).error, error);
});

// The key frame's first bytes, with a size of their own (RFC 6386 §9.1).
function sized(width, height) {
  const f = Buffer.from(clip[0]);
  f.writeUInt16LE(width, 6);
  f.writeUInt16LE(height, 8);
  return f;
}

test('media: hostile recordings end within their two seconds', () => {
  const huge = vp8Packets([sized(16383, 16383), ...clip]);
  const large = [];
  for (let k = 0; large.length < 8000; k++) large.push(...vp8Packets([sized(4096 - k % 2 * 16, 2304)], { room: 1400 }).map((p) => (p.writeUInt16BE(large.length & 0xffff, 2), p.writeUInt32BE(k * 3000, 4), p)));
  const crowd = Array.from({ length: 60000 }, (_, k) => rtp({ ssrc: k, seq: k & 0xffff, payload: packets[0].subarray(12) }));
  const empty = Buffer.concat([rtpdump([]), Buffer.alloc(15 << 20, Buffer.concat([u16(8, 0), u32(0)]))]);
  for (const file of [rtpdump(huge), rtpdump(large), rtpdump(crowd), empty]) {
    const began = performance.now();
    ok('media', file);
    assert.ok(performance.now() - began < 2000);
  }
});
