// `rill decode srtp` against packets protected here, by Node's own crypto (RFC 3711 §4, RFC 7714 §8).
import assert from 'node:assert';
import { createCipheriv, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { has, ok, refused } from './lib/decode.mjs';
import { decode } from './lib/rill.mjs';

const SHA1_80 = 'SRTP_AES128_CM_HMAC_SHA1_80';
const key = Buffer.from('e1f97a0d3e018be0d64fa32c06de4139', 'hex');
const salt = Buffer.from('0ec675ad498afeebb6960b3aabe6', 'hex');

const keystream = (k, iv, n) => createCipheriv('aes-128-ctr', k, iv).update(Buffer.alloc(n));
const xor = (a, b) => Buffer.from(a.map((v, i) => v ^ b[i]));

// RFC 3711 §4.3.1: the session key for a label.
function derive(label, n, masterSalt = salt) {
  const iv = Buffer.alloc(16);
  masterSalt.copy(iv);
  iv[7] ^= label;
  return keystream(key, iv, n);
}

function rtp(seq, payload = 'the payload') {
  const header = Buffer.from('806f0000000000010a0b0c0d', 'hex');
  header.writeUInt16BE(seq, 2);
  return Buffer.concat([header, Buffer.from(payload)]);
}

function protect(packet, roc = 0, tag = 10) {
  const body = packet.subarray(12);
  const iv = Buffer.alloc(16);
  derive(2, 14).copy(iv);
  const index = Buffer.alloc(16);
  packet.copy(index, 4, 8, 12);
  index.writeUInt32BE(roc, 8);
  packet.copy(index, 12, 2, 4);
  const head = Buffer.concat([packet.subarray(0, 12), xor(body, keystream(derive(0, 16), xor(iv, index), body.length))]);
  const rocBytes = Buffer.alloc(4);
  rocBytes.writeUInt32BE(roc);
  const mac = createHmac('sha1', derive(1, 20)).update(head).update(rocBytes).digest();
  return Buffer.concat([head, mac.subarray(0, tag)]);
}

function protectGcm(packet, gcmSalt) {
  const iv = Buffer.alloc(12);
  packet.copy(iv, 2, 8, 12);
  packet.copy(iv, 10, 2, 4);
  const cipher = createCipheriv('aes-128-gcm', derive(0, 16, gcmSalt), xor(iv, derive(2, 12, gcmSalt)));
  cipher.setAAD(packet.subarray(0, 12));
  const body = cipher.update(packet.subarray(12));
  cipher.final();
  return Buffer.concat([packet.subarray(0, 12), body, cipher.getAuthTag()]);
}

const args = (profile = SHA1_80, s = salt) => ['--profile', profile, '--master-key', key.toString('hex'), '--master-salt', s.toString('hex')];
const hex = (list) => JSON.stringify(list.map((b) => b.toString('hex')));

test('srtp: one packet, raw and as hex', () => {
  const packet = protect(rtp(7));
  assert.deepEqual(ok('srtp', packet, ...args()).results, [{ ok: true, plain_hex: rtp(7).toString('hex') }]);
  assert.equal(ok('srtp', packet.toString('hex'), '--hex', ...args()).results[0].plain_hex, rtp(7).toString('hex'));
});

test('srtp: a list in order, with rollover, a replay and a changed byte', () => {
  const changed = protect(rtp(1), 1);
  changed[14] ^= 1;
  const list = [protect(rtp(65535)), protect(rtp(0), 1), protect(rtp(65535)), changed, protect(rtp(1), 1)];
  const { results } = ok('srtp', hex(list), ...args());
  assert.deepEqual(results.map((r) => r.ok), [true, true, false, false, true]);
  assert.equal(results[2].error, 'SRTP_REPLAYED');
  assert.equal(results[3].error, 'SRTP_AUTH_FAILED');
  assert.equal(results[4].plain_hex, rtp(1).toString('hex'));
});

test('srtp: the profiles of RFC 5764 and RFC 7714', () => {
  assert.ok(ok('srtp', protect(rtp(7), 0, 4), ...args('SRTP_AES128_CM_HMAC_SHA1_32')).results[0].ok);
  const gcmSalt = salt.subarray(0, 12);
  const { results } = ok('srtp', protectGcm(rtp(7), gcmSalt), ...args('SRTP_AEAD_AES_128_GCM', gcmSalt));
  assert.deepEqual(results, [{ ok: true, plain_hex: rtp(7).toString('hex') }]);
});

test('srtp: keys that do not fit and lists that are none are refused', () => {
  assert.equal(refused('srtp', protect(rtp(7)), ...args('SRTP_NULL')).error, 'SRTP_PROFILE');
  assert.equal(refused('srtp', protect(rtp(7)), ...args(SHA1_80, salt.subarray(1))).error, 'SRTP_SETUP');
  assert.equal(refused('srtp', protect(rtp(7))).error, 'SRTP_SETUP');
  assert.equal(refused('srtp', '["zz"]', ...args()).error, 'DECODE_LIST');
  assert.equal(ok('srtp', '80', '--hex', ...args()).results[0].error, 'SRTP_MALFORMED');
  assert.equal(ok('srtp', '80c80006000000010a0b0c0d', '--hex', '--rtcp', ...args()).results[0].ok, false);
  assert.throws(() => decode('srtp', '', '--master-key', 'xx'), /exit 2/);
});

test('opus: the frames of a packet', () => {
  has(ok('opus', '78fffe', '--hex'), {
    ok: true, config: 15, mode: 'hybrid', bandwidth: 'fullband', stereo: false, code: 0, frames: 1, frame_samples: 960, samples: 960, payload_size: 3,
  });
  assert.equal(refused('opus', '', '--hex').error, 'OPUS_EMPTY');
});
