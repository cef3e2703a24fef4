// A path with a bottleneck each way, a process of its own: what comes in waits for its turn at the link's rate, is
// dropped when the queue is full, lost by chance, and late by the delay. Its parent tells it the rates, and asks what
// it saw.
//
// in:  {to: [port, port]}   the ends' ports (null: who sends first tells it); {rate, loss}, of both directions; {mark}: counting begins anew
//      {tell: ms}                so often it says what it has carried meanwhile
// out: {fronts: [port, port]}, and for each mark what was counted: {mark, ways: [{...}, {...}]};
//      and where it was told to: {tenth, ways: [{bytes, full, wait}, {...}]}: since the one before, and the longest wait
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const delay = Number(process.argv[2]), queue = Number(process.argv[3]); // ms, ms of the link's time
const seed = Number(process.argv[4] ?? 7) >>> 0;
let tenths = 0;
let rate = Infinity, loss = 0; // kbit/s, share

class Way {
  constructor(out) {
    this.out = out;
    this.free = 0; // when the link has sent what waits
    this.late = [];
    this.chances = new Map();
    this.count();
    this.begin();
  }

  begin() {
    this.short = { bytes: 0, full: 0, wait: 0 };
  }

  // Each payload type has chances of its own, which begin anew with each rate: so of the sound of one sender the same
  // packets are lost as of another's, however many pictures go beside it.
  chance(type) {
    const before = this.chances.get(type) ?? Math.imul(seed + type, 2654435761);
    const state = (Math.imul(before, 1664525) + 1013904223) >>> 0;
    this.chances.set(type, state);
    return state / 2 ** 32;
  }

  count() {
    this.seen = { bytes: 0, packets: 0, full: 0, lost: 0, waits: [] };
  }

  take(bytes, port) {
    const now = performance.now();
    const wait = Math.max(0, this.free - now);
    this.short.wait = Math.max(this.short.wait, Math.round(wait));
    if (wait > queue) {
      this.short.full++;
      return this.seen.full++;
    }
    this.free = now + wait + (bytes.length + 28) * 8 / rate;
    if (this.chance(bytes[1] & 127) < loss) return this.seen.lost++;
    this.seen.bytes += bytes.length + 28;
    this.short.bytes += bytes.length + 28;
    this.seen.packets++;
    if (bytes[0] >= 128) this.seen.waits.push(wait);
    this.late.push({ at: this.free + delay, bytes, port });
    if (this.late.length === 1) this.arm();
  }

  arm() {
    setTimeout(() => {
      while (this.late.length && this.late[0].at <= performance.now()) {
        const { bytes, port } = this.late.shift();
        this.out.send(bytes, port, '127.0.0.1');
      }
      if (this.late.length) this.arm();
    }, Math.max(0, this.late[0].at - performance.now()));
  }

  counted() {
    const waits = this.seen.waits.sort((a, b) => a - b);
    const at = (share) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0;
    const mean = waits.reduce((sum, w) => sum + w, 0) / Math.max(1, waits.length);
    return { ...this.seen, waits: waits.length, mean, p50: at(0.5), p95: at(0.95) };
  }
}

const fronts = [createSocket('udp4'), createSocket('udp4')];
for (const f of fronts) {
  f.bind(0, '127.0.0.1');
  await once(f, 'listening');
}
// Front 0 is what end 0 sends to: it stands for end 1.
const ways = [new Way(fronts[1]), new Way(fronts[0])];
let to = [null, null];
fronts.forEach((f, i) => f.on('message', (bytes, from) => {
  if (from.address !== '127.0.0.1') return; // it has sockets on other addresses too
  to[i] ??= from.port;
  if (to[1 - i]) ways[i].take(bytes, to[1 - i]);
}));

process.on('message', (m) => {
  if (m.to) to = m.to;
  if (m.rate !== undefined) {
    ({ rate, loss } = m);
    ways.forEach((w) => w.chances.clear());
  }
  if (m.tell)
    setInterval(() => {
      process.send({ tenth: ++tenths, ways: ways.map((w) => w.short) });
      ways.forEach((w) => w.begin());
    }, m.tell);
  if (m.mark) {
    process.send({ mark: m.mark, ways: ways.map((w) => w.counted()) });
    ways.forEach((w) => w.count());
  }
});
process.on('disconnect', () => process.exit());
process.send({ fronts: fronts.map((f) => f.address().port) });
