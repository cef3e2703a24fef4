/* protocols: which one some first bytes are of (RFC 7983), and a line about them for people, where
 * no field table is at hand. */

export const protocols = [
  { id: 'note', label: 'Call', what: 'steps, and what the call says of itself' },
  { id: 'decision', label: 'Decisions', what: 'states, decisions and drops, with their reasons' },
  { id: 'signaling', label: 'Signaling', what: 'HTTP and WebSocket' },
  { id: 'sdp', label: 'SDP', what: 'descriptions and candidates' },
  { id: 'mdns', label: 'mDNS', what: 'names of local addresses' },
  { id: 'stun', label: 'STUN', what: 'checks, and addresses asked for' },
  { id: 'turn', label: 'TURN', what: 'relayed through a server' },
  { id: 'dtls', label: 'DTLS', what: 'keys are agreed' },
  { id: 'rtp', label: 'RTP', what: 'sound and pictures' },
  { id: 'rtcp', label: 'RTCP', what: 'reports about them' },
  { id: 'other', label: 'Other', what: 'bytes of another kind' },
  { id: 'input', label: 'Inputs', what: 'the verbs that were called, for a replay' },
];
export const P = Object.fromEntries(protocols.map((p, i) => [p.id, i]));

/* The first n bytes of a text of hex. */
export function bytesOf(hex, n = Infinity) {
  const size = Math.min(n, hex.length >> 1);
  const out = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const v = digits[hex.charCodeAt(2 * i) & 127] << 4 | digits[hex.charCodeAt(2 * i + 1) & 127];
    if (v < 0)
      return out.subarray(0, i);
    out[i] = v;
  }
  return out;
}

const digits = new Int8Array(128).fill(-1);
[...'0123456789abcdef'].forEach((c, v) => { digits[c.charCodeAt(0)] = v; });

const u16 = (b, at) => (b[at] << 8 | b[at + 1]) >>> 0;
const u32 = (b, at) => (b[at] * 2 ** 24) + (b[at + 1] << 16 | b[at + 2] << 8 | b[at + 3]);

const stunMethods = {
  1: 'Binding', 3: 'Allocate', 4: 'Refresh', 6: 'Send', 7: 'Data', 8: 'CreatePermission', 9: 'ChannelBind',
  10: 'Connect', 11: 'ConnectionBind', 12: 'ConnectionAttempt',
};
const stunClasses = ['request', 'indication', 'success response', 'error response'];
const dtlsTypes = { 20: 'ChangeCipherSpec', 21: 'Alert', 22: 'Handshake', 23: 'ApplicationData', 25: 'tls12_cid' };
const handshakes = {
  0: 'HelloRequest', 1: 'ClientHello', 2: 'ServerHello', 3: 'HelloVerifyRequest', 4: 'NewSessionTicket', 11: 'Certificate',
  12: 'ServerKeyExchange', 13: 'CertificateRequest', 14: 'ServerHelloDone', 15: 'CertificateVerify', 16: 'ClientKeyExchange',
  20: 'Finished',
};
export const rtcpTypes = { 200: 'SR', 201: 'RR', 202: 'SDES', 203: 'BYE', 204: 'APP', 205: 'RTPFB', 206: 'PSFB', 207: 'XR' };

export const isRtcp = (b) => b[1] >= 192 && b[1] <= 223;
export const stunType = (b) => {
  const type = u16(b, 0);
  return { method: (type & 0xf) | (type >> 1 & 0x70) | (type >> 2 & 0xf80), class: (type >> 4 & 1) | (type >> 7 & 2) };
};

/* RFC 7983 §7; a datagram's protocol by its first byte. */
export function protocolOf(b) {
  if (b.length < 2)
    return P.other;
  if (b[0] < 4)
    return stunType(b).method === 1 ? P.stun : P.turn;
  if (b[0] >= 20 && b[0] < 64)
    return P.dtls;
  if (b[0] >= 64 && b[0] < 80)
    return P.turn;
  if (b[0] >= 128 && b[0] < 192)
    return isRtcp(b) ? P.rtcp : P.rtp;
  return P.other;
}

function stunLine(b) {
  const { method, class: c } = stunType(b);
  return `${stunMethods[method] ?? `method ${method}`} ${stunClasses[c]}`;
}

function dtlsLine(b) {
  const type = dtlsTypes[b[0]] ?? `type ${b[0]}`;
  const sealed = u16(b, 3) > 0;
  return b[0] === 22 && !sealed && b.length > 13 ? handshakes[b[13]] ?? type : sealed ? `${type}, encrypted` : type;
}

export const rtpHeader = (b) => (
  { marker: b[1] >> 7, pt: b[1] & 127, seq: u16(b, 2), timestamp: u32(b, 4), ssrc: u32(b, 8) });

/* What is inside a TURN message, when it carries somebody's datagram: [begin, end). */
export function relayed(b, size = b.length) {
  if (b[0] >= 64 && b[0] < 80)
    return [4, Math.min(size, 4 + u16(b, 2))];
  const { method } = stunType(b);
  for (let at = 20; b[0] < 4 && (method === 6 || method === 7) && at + 4 <= b.length; at += 4 + (u16(b, at + 2) + 3 & ~3))
    if (u16(b, at) === 0x13)
      return [at + 4, at + 4 + u16(b, at + 2)];
  return null;
}

export const hasStunAttribute = (b, wanted) => {
  for (let at = 20; at + 4 <= b.length; at += 4 + (u16(b, at + 2) + 3 & ~3))
    if (u16(b, at) === wanted)
      return true;
  return false;
};

const lines = {
  [P.stun]: stunLine,
  [P.turn]: (b) => (b[0] < 4 ? stunLine(b) : `ChannelData on 0x${u16(b, 0).toString(16)}`),
  [P.dtls]: dtlsLine,
  [P.rtcp]: (b) => rtcpTypes[b[1]] ?? `RTCP type ${b[1]}`,
};

/* "Binding request"; '': nothing to say. */
export function lineOf(protocol, b) {
  return b.length ? lines[protocol]?.(b) ?? '' : '';
}

/* The report blocks and the sender's clock of a compound RTCP packet in clear (RFC 3550 §6.4). */
export function reportsOf(b) {
  const out = { ntp: null, blocks: [], types: [] };
  for (let at = 0; at + 4 <= b.length;) {
    const type = b[at + 1];
    const end = at + 4 + 4 * u16(b, at + 2);
    if (end > b.length)
      break;
    out.types.push(type);
    if (type === 200 && end - at >= 28)
      out.ntp = u32(b, at + 10);
    let block = type === 200 ? at + 28 : type === 201 ? at + 8 : end;
    for (let n = b[at] & 31; n > 0 && block + 24 <= end; n--, block += 24)
      out.blocks.push({
        ssrc: u32(b, block), fraction: b[block + 4] / 256, lost: u32(b, block + 4) & 0xffffff, jitter: u32(b, block + 12),
        lsr: u32(b, block + 16), dlsr: u32(b, block + 20),
      });
    at = end;
  }
  return out;
}
