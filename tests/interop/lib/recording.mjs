// Recordings made by hand: RTP packets of a clip's frames, as rtpdump, pcap and pcapng hold them.
import { readFileSync } from 'node:fs';

export function u16(...v) {
  return Buffer.from(v.flatMap((x) => [x >> 8 & 255, x & 255]));
}

export function u32(...v) {
  return Buffer.from(v.flatMap((x) => [x >>> 24, x >>> 16 & 255, x >>> 8 & 255, x & 255]));
}

export function rtp({ pt = 96, seq = 0, time = 0, ssrc = 1, marker = false, payload }) {
  return Buffer.concat([Buffer.from([0x80, pt | (marker ? 128 : 0)]), u16(seq), u32(time, ssrc), payload]);
}

// The frames of an IVF file.
export function frames(path) {
  const file = readFileSync(path);
  const all = [];
  for (let at = 32; at < file.length; at += 12 + file.readUInt32LE(at)) all.push(file.subarray(at + 12, at + 12 + file.readUInt32LE(at)));
  return all;
}

// Each frame of VP8 in pieces of at most `room` bytes (RFC 7741 §4.2), one picture each 33 ms.
export function vp8Packets(pictures, { room = 200, ssrc = 0x1234, pt = 96 } = {}) {
  const packets = [];
  pictures.forEach((f, k) => {
    for (let at = 0; at < f.length; at += room)
      packets.push(rtp({ pt, ssrc, seq: packets.length + 65530 & 0xffff, time: k * 2970, marker: at + room >= f.length,
        payload: Buffer.concat([Buffer.from([0x80 | (at ? 0 : 16), 0x80, 0x80 | k >> 8, k & 255]), f.subarray(at, at + room)]) }));
  });
  return packets;
}

export function rtpdump(packets) {
  const records = packets.map((p, k) => Buffer.concat([u16(p.length + 8, p[1] >= 192 && p[1] < 224 ? 0 : p.length), u32(k * 5), p]));
  return Buffer.concat([Buffer.from('#!rtpplay1.0 127.0.0.1/5004\n'), u32(1000, 0, 0x7f000001), u16(5004, 0), ...records]);
}

export function udp(payload) {
  return Buffer.concat([u16(4000, 5004, payload.length + 8, 0), payload]);
}

export function ipv4(datagram, { protocol = 17, fragment = 0 } = {}) {
  return Buffer.concat([Buffer.from([0x45, 0]), u16(20 + datagram.length, 0, fragment), Buffer.from([64, protocol]), u16(0),
    u32(0x7f000001, 0x7f000001), datagram]);
}

export function ipv6(datagram, { next = 17, extension = Buffer.alloc(0) } = {}) {
  return Buffer.concat([u32(0x60000000), u16(extension.length + datagram.length), Buffer.from([next, 64]), Buffer.alloc(32, 1), extension, datagram]);
}

const le32 = (...v) => Buffer.concat(v.map((x) => u32(x).reverse()));

export const links = {
  1: (ip) => Buffer.concat([Buffer.alloc(12, 2), u16(ip[0] >> 4 === 4 ? 0x0800 : 0x86dd), ip]),
  101: (ip) => ip,
  113: (ip) => Buffer.concat([Buffer.alloc(14), u16(ip[0] >> 4 === 4 ? 0x0800 : 0x86dd), ip]),
  276: (ip) => Buffer.concat([u16(ip[0] >> 4 === 4 ? 0x0800 : 0x86dd), Buffer.alloc(18), ip]),
};

export function pcap(frames, { link = 1, little = true } = {}) {
  const n = little ? le32 : u32;
  const wrapped = frames.map((f, k) => Buffer.concat([n(1000 + Math.floor(k / 200), k % 200 * 5000, f.length, f.length), f]));
  return Buffer.concat([n(0xa1b2c3d4), little ? Buffer.from([2, 0, 4, 0]) : u16(2, 4), n(0, 0, 65535, link), ...wrapped]);
}

export function pcapng(frames, { link = 1 } = {}) {
  const block = (type, body) => Buffer.concat([le32(type, body.length + 12), body, le32(body.length + 12)]);
  const pad = (b) => Buffer.concat([b, Buffer.alloc((4 - b.length % 4) % 4)]);
  return Buffer.concat([block(0x0a0d0d0a, Buffer.concat([le32(0x1a2b3c4d), Buffer.from([1, 0, 0, 0]), le32(0xffffffff, 0xffffffff)])),
    block(1, le32(link, 65535)),
    ...frames.map((f, k) => block(6, Buffer.concat([le32(0, 0, k * 5000, f.length, f.length), pad(f)])))]);
}
