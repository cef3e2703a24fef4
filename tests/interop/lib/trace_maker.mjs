// Traces of calls that never were, of any length, from a seed: both ends of one call, with what was lost between
// them, in the format of docs/trace.md. node trace_maker.mjs PACKETS FILE [FILE2] [SEED] writes one.
import { closeSync, openSync, writeSync } from 'node:fs';

const RS = '\x1e';
const names = [, 'CLIENT1', 'CLIENT2'];
const addresses = [, '192.0.2.1:5000', '198.51.100.2:6000'];
const server = '203.0.113.3:3478';

// xorshift32: the same numbers from the same seed.
function random(seed) {
  let x = seed >>> 0 || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}

const hex = (bytes) => Buffer.from(bytes).toString('hex');

function stun(type, id, ...attributes) {
  const body = Buffer.concat(attributes.map(([code, value]) => {
    const b = Buffer.alloc(4 + (value.length + 3 & ~3));
    b.writeUInt16BE(code, 0);
    b.writeUInt16BE(value.length, 2);
    value.copy(b, 4);
    return b;
  }));
  const head = Buffer.alloc(20);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length, 2);
  head.writeUInt32BE(0x2112a442, 4);
  id.copy(head, 8);
  return Buffer.concat([head, body]);
}

function rtp(marker, pt, seq, timestamp, ssrc, payload) {
  const b = Buffer.alloc(12 + payload.length);
  b[0] = 0x80;
  b[1] = marker << 7 | pt;
  b.writeUInt16BE(seq & 0xffff, 2);
  b.writeUInt32BE(timestamp >>> 0, 4);
  b.writeUInt32BE(ssrc >>> 0, 8);
  payload.copy(b, 12);
  return b;
}

function receiverReport(ssrc, about, lost, jitter) {
  const b = Buffer.alloc(32);
  b[0] = 0x81;
  b[1] = 201;
  b.writeUInt16BE(7, 2);
  b.writeUInt32BE(ssrc, 4);
  b.writeUInt32BE(about, 8);
  b[12] = lost;
  b.writeUInt32BE(jitter, 20);
  return b;
}

// RFC 8656 §12.4
function channelData(bytes) {
  const head = Buffer.from([0x40, 0, 0, 0]);
  head.writeUInt16BE(bytes.length, 2);
  return Buffer.concat([head, bytes]);
}

// One end: what is told goes to its file, in pieces.
class End {
  constructor(client, path, wall) {
    this.client = client;
    this.file = openSync(path, 'w', 0o600);
    this.said = [];
    this.packet = 0;
    this.write({
      file_schema: 'urn:ietf:params:qlog:file:sequential', serialization_format: 'application/qlog+json-seq', title: 'rill call',
      trace: {
        common_fields: { time_format: 'relative_to_epoch', reference_time: { clock_type: 'monotonic', epoch: 'unknown', wall_clock_time: wall } },
        vantage_point: { name: names[client], type: 'client' }, event_schemas: ['urn:rill:trace:1'],
      },
    });
  }

  write(value) {
    this.said.push(`${RS}${JSON.stringify(value)}\n`);
    if (this.said.length >= 2000) this.flush();
  }

  flush() {
    writeSync(this.file, this.said.join(''));
    this.said = [];
  }

  event(time, name, data) {
    this.write({ time: Math.round(time * 1000) / 1000, name, data });
  }

  // clear: { name, data } of the packet within, told too.
  datagram(time, way, remote, bytes, clear) {
    const packet = ++this.packet;
    this.event(time, `peer:datagram_${way}`, { packet, proto: 'udp', local: addresses[this.client], remote, bytes: hex(bytes) });
    if (clear) this.event(time, `peer:${clear.name}_${way}`, { packet, ...clear.data });
  }

  close() {
    this.flush();
    closeSync(this.file);
  }
}

// packets: how many of media go over the wire, both ways together; paths: one file, or two for both ends. loss: of
// 1000. skew: ms that the second end's clock is ahead, though it says that it is not. size: bytes of a picture's packet. relay: all that CLIENT1 sends and gets of
// CLIENT2 goes through a TURN server.
// Gives { lost }: how many, by the client that sent them.
export function makeTrace({ packets, paths, seed = 1, loss = 5, skew = 0, size = 1000, delay = 20, failed = null, relay = false }) {
  const dice = random(seed);
  const bytes = (n) => Buffer.from(Array.from({ length: n }, () => Math.floor(dice() * 256)));
  const noise = bytes(1 << 16);
  const some = (n) => noise.subarray(Math.floor(dice() * (noise.length - n)), noise.length).subarray(0, n);
  const wall = '2026-01-01T00:00:00.000000Z';
  const ends = [, ...paths.map((path, i) => new End(i + 1, path, wall))];
  const lost = [, 0, 0];
  const clock = (client, time) => time + (client === 2 ? skew : 0);
  const queue = []; // what is under way to an end that is traced
  const deliver = (until) => {
    queue.sort((a, b) => a.time - b.time);
    while (queue.length && queue[0].time <= until) queue.shift().arrive();
  };
  const send = (client, time, sealed, clear, sure = false) => {
    const other = 3 - client;
    const told = (who, at, way) => {
      const behind = relay && who === 1;
      ends[who]?.datagram(clock(who, at), way, behind ? server : addresses[3 - who], behind ? channelData(sealed) : sealed, clear);
    };
    told(client, time, 'sent');
    if (!sure && dice() * 1000 < loss) {
      lost[client]++;
      return;
    }
    const arrival = time + delay + dice() * 2;
    queue.push({ time: arrival, arrive: () => told(other, arrival, 'received') });
  };
  const step = (number, client, time) => {
    for (const who of client ? [client] : [1, 2])
      ends[who]?.event(clock(who, time), 'call:step', { number, client, sentence: `step ${number}` });
  };

  let time = 0;
  for (let n = 1; n <= 22; n++) step(n, n < 10 || n === 22 ? 1 : n < 21 ? 2 : 0, (time += 5));
  for (const client of [1, 2]) {
    const id = bytes(12);
    ends[client]?.datagram(clock(client, ++time), 'sent', server, stun(0x0001, id));
    ends[client]?.datagram(clock(client, time + 15), 'received', server, stun(0x0101, id, [0x0020, Buffer.from([0, 1, 0x32, 0x9a, 0xe1, 0x12, 0xa6, 0x43])]));
  }
  time += 20;
  for (let i = 0; i < 3; i++) {
    const id = bytes(12);
    send(1, (time += 2), stun(0x0001, id, [6, Buffer.from('bbbb:aaaa')], [0x24, Buffer.from([110, 0, 1, 255])]), null, true);
    send(2, (time += delay + 4), stun(0x0101, id, [0x0020, Buffer.from([0, 1, 0x32, 0x9a, 0xe1, 0x12, 0xa6, 0x43])]), null, true);
    deliver((time += delay + 4));
  }
  send(2, (time += 2), Buffer.concat([Buffer.from('16fefd00000000000000000020010000140000000000000014fefd', 'hex'), some(18)]), null, true);
  deliver((time += delay + 4));
  step(23, 0, time);
  if (failed) for (const end of ends.slice(1)) end.event(time, 'call:failed', failed);

  const media = [, { video: 0x11110000, audio: 0x22220000, seq: [100, 7000], stamp: [1, 1] }, { video: 0x33330000, audio: 0x44440000, seq: [65000, 1], stamp: [9, 9] }];
  for (let n = 0; n < packets; n++) {
    const client = 1 + (n & 1);
    const m = media[client];
    const sound = n % 10 < 2;
    const payload = some(sound ? 80 : size);
    const marker = sound ? 0 : n % 24 < 2 ? 1 : 0;
    const [pt, codec, mid, ssrc] = sound ? [111, 'opus', '1', m.audio] : [96, 'VP8', '0', m.video];
    const clear = rtp(marker, pt, m.seq[+sound]++, m.stamp[+sound], ssrc, payload);
    m.stamp[+sound] += sound ? 960 : marker ? 3000 : 0;
    const sealed = Buffer.concat([clear.subarray(0, 12), some(payload.length + 10)]);
    send(client, (time += 1 + dice()), sealed, { name: 'rtp', data: { mid, codec, bytes: hex(clear) } });
    if (n % 200 < 2) {
      const report = receiverReport(ssrc, media[3 - client].video, n & 3, 300 + n % 100);
      send(client, time, Buffer.concat([report.subarray(0, 8), some(38)]), { name: 'rtcp', data: { bytes: hex(report) } }, true);
      ends[client]?.event(clock(client, time), 'peer:target_changed', { bps: 600000 + Math.floor(dice() * 400000) });
    }
    deliver(time);
  }
  deliver(Infinity);
  for (const end of ends.slice(1)) end.close();
  return { lost };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [packets, ...rest] = process.argv.slice(2);
  const paths = rest.filter((word) => Number.isNaN(Number(word)));
  const seed = Number(rest.find((word) => !Number.isNaN(Number(word))) ?? 1);
  const { lost } = makeTrace({ packets: Number(packets), paths, seed, skew: paths.length > 1 ? 37 : 0 });
  console.log(`lost: ${lost[1]} of CLIENT1, ${lost[2]} of CLIENT2`);
}
