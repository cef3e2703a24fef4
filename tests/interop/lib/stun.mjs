// STUN messages, written and read from RFC 8489 alone, so that rill is not judged by itself.
import { createHmac, randomBytes } from 'node:crypto';

// RFC 8489 §14.7: the CRC-32 of ISO 3309.
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const b of bytes) {
    crc ^= b;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
