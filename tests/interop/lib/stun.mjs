// STUN messages, written and read from RFC 8489 alone, so that rill is not judged by itself.
import { createHmac, randomBytes } from 'node:crypto';

export const COOKIE = 0x2112a442;
export const REQUEST = 0, INDICATION = 1, SUCCESS = 2, ERROR = 3;
export const USERNAME = 0x0006, INTEGRITY = 0x0008, ERROR_CODE = 0x0009, UNKNOWN_ATTRIBUTES = 0x000a,
  XOR_MAPPED_ADDRESS = 0x0020, PRIORITY = 0x0024, USE_CANDIDATE = 0x0025, FINGERPRINT = 0x8028,
  CONTROLLED = 0x8029, CONTROLLING = 0x802a;

// RFC 8489 §14.7: the CRC-32 of ISO 3309.
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const b of bytes) {
    crc ^= b;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

export function u32(n) {
  const b = Buffer.alloc(4);
  b.writeUInt32BE(n >>> 0);
  return b;
}

export function u64(n) {
  const b = Buffer.alloc(8);
  b.writeBigUInt64BE(BigInt(n));
  return b;
}

function attribute(type, value) {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

// The message as it is so far, with the length that it will have `more` bytes later.
function lengthened(message, more) {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(copy.length - 20 + more, 2);
  return copy;
}

const mac = (message, key) => createHmac('sha1', key).update(lengthened(message, 24)).digest();
const print = (message) => u32(crc32(lengthened(message, 8)) ^ 0x5354554e);

// attrs and after: [[type, value]], the second behind MESSAGE-INTEGRITY. Without a key no integrity.
export function encode({ cls = REQUEST, method = 1, txid = randomBytes(12), attrs = [], key, after = [], fingerprint = true }) {
  const head = Buffer.alloc(20);
  head.writeUInt16BE((method & 0xf) | ((method & 0x70) << 1) | ((method & 0xf80) << 2) | ((cls & 1) << 4) | ((cls & 2) << 7), 0);
  head.writeUInt32BE(COOKIE, 4);
  txid.copy(head, 8);
  let message = Buffer.concat([head, ...attrs.map(([t, v]) => attribute(t, Buffer.from(v)))]);
  if (key !== undefined) message = Buffer.concat([message, attribute(INTEGRITY, mac(message, key))]);
  message = Buffer.concat([message, ...after.map(([t, v]) => attribute(t, Buffer.from(v)))]);
  if (fingerprint) message = Buffer.concat([message, attribute(FINGERPRINT, print(message))]);
  return lengthened(message, 0);
}

// null for what is no STUN message; else all its parts.
export function parse(bytes) {
  if (bytes.length < 20 || bytes[0] > 3 || bytes.readUInt32BE(4) !== COOKIE || bytes.readUInt16BE(2) !== bytes.length - 20) return null;
  const type = bytes.readUInt16BE(0);
  const attrs = [];
  for (let at = 20; at < bytes.length; ) {
    const n = bytes.readUInt16BE(at + 2);
    attrs.push({ type: bytes.readUInt16BE(at), value: bytes.subarray(at + 4, at + 4 + n), at });
    at += 4 + n + ((4 - (n % 4)) % 4);
    if (at > bytes.length) return null;
  }
  return {
    cls: ((type >> 4) & 1) | ((type >> 7) & 2),
    method: (type & 0xf) | ((type >> 1) & 0x70) | ((type >> 2) & 0xf80),
    txid: bytes.toString('hex', 8, 20),
    attrs,
    types: attrs.map((a) => a.type),
    bytes,
    get: (t) => attrs.find((a) => a.type === t)?.value,
  };
}

export function integrityHolds(m, key) {
  const a = m.attrs.find((x) => x.type === INTEGRITY);
  return a !== undefined && mac(m.bytes.subarray(0, a.at), key).equals(a.value);
}

export function fingerprintHolds(m) {
  const a = m.attrs.at(-1);
  return a?.type === FINGERPRINT && print(m.bytes.subarray(0, a.at)).equals(a.value);
}

export function errorCode(m) {
  const v = m.get(ERROR_CODE);
  return v && (v[2] & 7) * 100 + v[3];
}

// "address port" of XOR-MAPPED-ADDRESS; the address of IPv6 as eight full groups.
export function mapped(m) {
  const v = Buffer.from(m.get(XOR_MAPPED_ADDRESS) ?? []);
  if (v.length !== 8 && v.length !== 20) return null;
  for (let i = 0; i < 2; i++) v[2 + i] ^= m.bytes[4 + i];
  for (let i = 4; i < v.length; i++) v[i] ^= m.bytes[i];
  const ip = v.length === 8 ? [...v.subarray(4)].join('.') : v.toString('hex', 4).match(/.{4}/g).join(':');
  return `${ip} ${v.readUInt16BE(2)}`;
}

export function xorMapped(address, port) {
  const v = Buffer.from([0, 1, 0, 0, ...address.split('.').map(Number)]);
  v.writeUInt16BE(port ^ (COOKIE >>> 16), 2);
  v.writeUInt32BE((v.readUInt32BE(4) ^ COOKIE) >>> 0, 4);
  return v;
}
