/* series: the curves of a call, from what is in its trace: nothing is told twice, so nothing can
 * disagree. */

import { P } from './protocols.js';
import { clockOf } from './words.js';

const BINS = 400;
const LEAST = 100; // ms

/* One curve: x is the time that all curves of a line share. */
export const plots = [
  { id: 'bitrate', title: 'Bitrate', unit: 'kbit/s', curves: ['sent', 'received'] },
  { id: 'rtt', title: 'Round trip', unit: 'ms', curves: ['STUN', 'RTCP'] },
  { id: 'jitter', title: 'Jitter', unit: 'ms', curves: ['here', 'there', 'buffer'] },
  { id: 'loss', title: 'Loss', unit: '%', curves: ['here', 'there'] },
  { id: 'estimate', title: 'Estimate', unit: 'kbit/s', curves: ['target'] },
  { id: 'queue', title: 'Queue', unit: 'ms', curves: ['pacer', 'late'] },
];

const empty = (n) => new Array(n).fill(null);

class Bins {
  constructor(end) {
    this.width = Math.max(LEAST, end / BINS);
    this.n = Math.max(2, Math.ceil(end / this.width) + 1);
    this.x = Array.from({ length: this.n }, (_, i) => i * this.width / 1000);
  }

  of(time) {
    return Math.min(this.n - 1, Math.max(0, Math.round(time / this.width)));
  }
}

function put(curve, at, value) {
  curve[at] = curve[at] === null ? value : Math.max(curve[at], value);
}

/* RFC 3550 §6.4.1 and A.3: jitter, and what the sequence numbers say is missing. */
class Stream {
  constructor() {
    this.jitter = 0;
    this.transit = null;
    this.top = null;
    this.expected = 0;
    this.got = 0;
  }

  take(time, seq, timestamp, hz) {
    const transit = time * hz / 1000 - timestamp;
    const goesOn = this.transit !== null && Math.abs(transit - this.transit) < hz * 10;
    if (goesOn)
      this.jitter += (Math.abs(transit - this.transit) - this.jitter) / 16;
    this.transit = transit;
    this.least = goesOn ? Math.min(this.least, transit) : transit;
    this.late = (transit - this.least) / hz * 1000;
    this.got++;
    const ahead = this.top === null ? 1 : (seq - this.top) << 16 >> 16;
    if (ahead > 0) {
      this.expected += Math.min(ahead, 3000);
      this.top = seq;
    }
    return this.jitter / hz * 1000;
  }
}

function media(t, shift, bins, out) {
  const streams = new Map();
  const seconds = bins.width / 1000;
  const missing = new Float64Array(bins.n), due = new Float64Array(bins.n);
  for (let row = 0; row < t.n; row++) {
    const way = t.row.way.at(row);
    const whom = t.row.whom.at(row);
    const protocol = t.row.protocol.at(row);
    if (!way || protocol === P.signaling || protocol === P.mdns || !whom)
      continue;
    const time = t.row.time.at(row);
    const at = bins.of(time + shift);
    const rate = way > 0 ? out.bitrate[0] : out.bitrate[1];
    rate[at] = (rate[at] ?? 0) + t.row.size.at(row) * 8 / 1000 / seconds;
    if (protocol !== P.rtp || way > 0)
      continue;
    const ssrc = t.row.ssrc.at(row);
    let s = streams.get(ssrc);
    if (!s) {
      s = new Stream();
      streams.set(ssrc, s);
    }
    const before = { expected: s.expected, got: s.got };
    const codec = t.texts.list[t.row.codec.at(row)] || t.codecs.get(t.row.pt.at(row) & 127) || '';
    put(out.jitter[0], at, s.take(time, t.row.seq.at(row), t.row.timestamp.at(row), clockOf(codec)));
    put(out.queue[1], at, s.late); // behind the fastest packet of its stream: what waited on the way
    due[at] += s.expected - before.expected;
    missing[at] += s.expected - before.expected - (s.got - before.got);
  }
  for (let i = 0; i < bins.n; i++)
    if (due[i] > 0)
      out.loss[0][i] = Math.max(0, Math.min(100, missing[i] / due[i] * 100));
}

/* RFC 3550 §6.4.1: round trip = now − LSR − DLSR; now is known from when that report was sent. */
function reports(t, shift, bins, out) {
  const sent = new Map();
  for (const r of t.reports) {
    if (r.way > 0 && r.ntp !== null)
      sent.set(r.ntp, r.time);
    if (r.way > 0)
      continue;
    const at = bins.of(r.time + shift);
    for (const b of r.blocks) {
      put(out.loss[1], at, b.fraction * 100);
      put(out.jitter[1], at, b.jitter / clockOf(t.streams.get(b.ssrc)) * 1000);
      if (b.lsr && sent.has(b.lsr))
        put(out.rtt[1], at, Math.max(0, r.time - sent.get(b.lsr) - b.dlsr / 65.536));
    }
  }
  for (const c of t.checks)
    put(out.rtt[0], bins.of(c.time + shift), c.rtt);
}

/* Decisions that have figures: "…target…" and "…estimate…" in bit/s, "…queue…" in µs or ms, and what
 * the buffer of sound aims at. */
function decisions(t, shift, bins, out) {
  for (const [event, data] of t.data) {
    const kind = t.kinds[t.event.name.at(event)];
    if (kind.way || kind.room === 'input')
      continue;
    const at = () => bins.of(t.event.time.at(event) + shift);
    for (const [name, value] of Object.entries(data)) {
      if (typeof value !== 'number')
        continue;
      if (/(^|_)bps$/.test(name) && /target|estimate/.test(`${kind.what} ${name}`))
        put(out.estimate[0], at(), value / 1000);
      else if (/queue/.test(`${kind.what} ${name}`) && /(_ms|_us|^us|^ms|delay|age)$/.test(name))
        put(out.queue[0], at(), /ms$/.test(name) ? value : value / 1000);
      else if (kind.what === 'jitter_target' && name === 'target_us')
        put(out.jitter[2], at(), value / 1000);
    }
  }
}

/* A decision holds until the next. */
function hold(curve) {
  let last = null;
  for (let i = 0; i < curve.length; i++)
    last = curve[i] = curve[i] ?? last;
}

/* { x, curves: id → [values…] } of the trace at one end; the first is shown. */
export function seriesOf(line, index = 0) {
  const bins = new Bins(line.length);
  const out = Object.fromEntries(plots.map((p) => [p.id, p.curves.map(() => empty(bins.n))]));
  const t = line.traces[index];
  const shift = line.offset(index);
  media(t, shift, bins, out);
  reports(t, shift, bins, out);
  decisions(t, shift, bins, out);
  for (const curve of [out.estimate[0], out.queue[0], out.jitter[2]])
    hold(curve);
  const last = bins.of(t.end + shift);
  for (const curve of out.bitrate)
    for (let i = bins.of(shift); i <= last; i++)
      curve[i] ??= 0;
  return { x: bins.x, curves: out };
}
