/* line: what is shown on one axis of time: the rows of one trace, or of two that were taken at the
 * two ends of one call.
 *
 * The idea: a datagram has the same bytes at both ends, also behind a relay. So what one end sent
 * and the other received is one entry; what has no twin was lost, or nobody sent it. How far the two
 * clocks are apart follows from the fastest packet each way (as in NTP, RFC 5905 §8). */

import { OWN, PEER, SERVER, SIGNALING } from './trace.js';

export const PLAIN = 0, ARRIVED = 1, LOST = 2, UNSENT = 3;
export const lanes = ['CLIENT1', 'Signaling', 'STUN/TURN', 'CLIENT2'];

/* A lane's number, for a trace taken at CLIENT1 or at CLIENT2. */
function laneOf(whom, second) {
  if (whom === SIGNALING || whom === SERVER)
    return whom;
  return (whom === OWN) === second ? 3 : 0;
}

/* The rows of a trace by their times: not all events are told at the moment that they are of. */
function byTime(trace) {
  const order = new Int32Array(trace.n);
  const time = trace.row.time;
  let sorted = true;
  for (let row = 0; row < order.length; row++) {
    order[row] = row;
    sorted &&= row === 0 || time.at(row - 1) <= time.at(row);
  }
  return sorted ? order : order.sort((a, b) => time.at(a) - time.at(b) || a - b);
}

class Line {
  /* The lanes an entry goes from and to; the same twice: it goes nowhere. */
  lanes(i) {
    const { trace, row } = this.at(i);
    const second = this.isSecond(trace);
    const own = laneOf(OWN, second);
    const way = trace.row.way.at(row);
    const other = way ? laneOf(trace.row.whom.at(row), second) : own;
    return way < 0 ? [other, own] : [own, other];
  }

  /* The first entry at or after a time; n when there is none. */
  find(time) {
    let low = 0, high = this.n;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.time(mid) < time)
        low = mid + 1;
      else
        high = mid;
    }
    return low;
  }

  get length() {
    return Math.max(this.end, 1);
  }
}

export class SingleLine extends Line {
  constructor(trace) {
    super();
    this.traces = [trace];
    this.trace = trace;
    this.refresh();
  }

  /* There is more than there was. */
  refresh() {
    this.order = byTime(this.trace);
    this.n = this.order.length;
    this.end = this.n ? this.time(this.n - 1) : 0;
  }

  isSecond() {
    return this.trace.role === 2;
  }

  offset() {
    return 0;
  }

  time(i) {
    return this.trace.row.time.at(this.order[i]);
  }

  protocol(i) {
    return this.trace.row.protocol.at(this.order[i]);
  }

  at(i) {
    return { trace: this.trace, row: this.order[i], index: 0 };
  }

  twin() {
    return null;
  }

  fate() {
    return PLAIN;
  }

  name(i) {
    return String(this.trace.eventOf(this.order[i]));
  }

  named(text) {
    const event = Number(text);
    if (!/^\d+$/.test(text))
      return -1;
    return this.order.findIndex((row) => this.trace.row.wire.at(row) === event || this.trace.row.clear.at(row) === event);
  }
}

/* --- two ends ----------------------------------------------------------------------------- */

/* What can be looked for at the other end: it went to the peer itself, or through a relay. */
const isOfPeers = (trace, row) => trace.row.digest.at(row) !== 0 &&
  (trace.row.whom.at(row) === PEER || trace.row.whom.at(row) === SERVER);

/* twin[row]: the row at the other end, or -1, both ways. */
function match(from, to, fromTwin, toTwin, relays) {
  const waiting = new Map();
  for (let row = 0; row < to.n; row++)
    if (to.row.way.at(row) < 0 && isOfPeers(to, row)) {
      const key = to.row.digest.at(row);
      const rows = waiting.get(key);
      if (rows)
        rows.push(row);
      else
        waiting.set(key, [row]);
    }
  const heads = new Map();
  for (let row = 0; row < from.n; row++) {
    if (from.row.way.at(row) <= 0 || !isOfPeers(from, row))
      continue;
    const key = from.row.digest.at(row);
    const rows = waiting.get(key);
    const at = heads.get(key) ?? 0;
    if (!rows || at >= rows.length)
      continue;
    heads.set(key, at + 1);
    fromTwin[row] = rows[at];
    toTwin[rows[at]] = row;
    relays.add(from.row.whom.at(row) === SERVER);
  }
}

/* The least and the most of (arrival − departure) over all that arrived; Infinity, -Infinity: nothing
 * did. */
function delays(from, to, twin) {
  let least = Infinity, most = -Infinity;
  for (let row = 0; row < from.n; row++)
    if (from.row.way.at(row) > 0 && twin[row] >= 0) {
      const delay = to.row.time.at(twin[row]) - from.row.time.at(row);
      least = Math.min(least, delay);
      most = Math.max(most, delay);
    }
  return { least, most };
}

const median = (values) => (values.length ? values.sort((a, b) => a - b)[values.length >> 1] : 0);

export class PairLine extends Line {
  constructor(a, b) {
    super();
    if (a.role === 2 && b.role !== 2)
      [a, b] = [b, a];
    this.traces = [a, b];
    this.twins = [new Int32Array(a.n).fill(-1), new Int32Array(b.n).fill(-1)];
    const relays = new Set();
    match(a, b, this.twins[0], this.twins[1], relays);
    match(b, a, this.twins[1], this.twins[0], relays);
    this.#align();
    this.#merge();
    this.summary = [this.#sum(0), this.#sum(1)];
  }

  /* The end of b's clock that is to be taken off, so that both ways have the same least delay. */
  #align() {
    const [a, b] = this.traces;
    const ways = [delays(a, b, this.twins[0]), delays(b, a, this.twins[1])];
    const [there, back] = ways.map((w) => w.least);
    const wall = a.header?.wall && b.header?.wall ? b.header.wall - a.header.wall : 0;
    this.matched = there !== Infinity || back !== Infinity;
    const both = there !== Infinity && back !== Infinity;
    const shift = both ? (back - there) / 2 : wall; // what b's times are moved by
    this.clock = both ? shift - wall : 0;           // of that, what the wall clocks do not tell
    this.slowest = [Math.max(0, ways[0].most + shift), Math.max(0, ways[1].most - shift)];
    this.shift = [0, shift];
    const first = Math.min(0, shift);
    this.shift = this.shift.map((s) => s - first);
  }

  /* What was received and has its twin is in the entry of the sender. */
  #merge() {
    const shown = this.traces.map((t, k) => {
      const rows = [];
      for (const row of byTime(t))
        if (!(t.row.way.at(row) < 0 && this.twins[k][row] >= 0))
          rows.push(row);
      return rows;
    });
    this.n = shown[0].length + shown[1].length;
    this.rows = new Int32Array(this.n);
    this.whose = new Uint8Array(this.n);
    this.times = new Float64Array(this.n);
    const at = [0, 0];
    const time = (k) => (at[k] < shown[k].length ? this.traces[k].row.time.at(shown[k][at[k]]) + this.shift[k] : Infinity);
    for (let i = 0; i < this.n; i++) {
      const k = time(0) <= time(1) ? 0 : 1;
      this.times[i] = time(k);
      this.whose[i] = k;
      this.rows[i] = shown[k][at[k]++];
    }
    this.end = this.n ? this.times[this.n - 1] : 0;
  }

  /* { sent, arrived, lost, delay } of what k sent to the other. */
  #sum(k) {
    const delays = [];
    let lost = 0;
    for (let i = 0; i < this.n; i++)
      if (this.whose[i] === k) {
        const fate = this.fate(i);
        lost += fate === LOST;
        if (fate === ARRIVED)
          delays.push(this.delay(i));
      }
    return { sent: delays.length + lost, arrived: delays.length, lost, delay: median(delays) };
  }

  isSecond(trace) {
    return trace === this.traces[1];
  }

  offset(k) {
    return this.shift[k];
  }

  time(i) {
    return this.times[i];
  }

  protocol(i) {
    return this.traces[this.whose[i]].row.protocol.at(this.rows[i]);
  }

  at(i) {
    const k = this.whose[i];
    return { trace: this.traces[k], row: this.rows[i], index: k };
  }

  twin(i) {
    const k = this.whose[i];
    const row = this.twins[k][this.rows[i]];
    return row >= 0 ? { trace: this.traces[1 - k], row, index: 1 - k } : null;
  }

  /* How long it was on its way, ms. */
  delay(i) {
    const twin = this.twin(i);
    return twin.trace.row.time.at(twin.row) + this.shift[twin.index] - this.times[i];
  }

  /* Nobody can say of a packet that the other end was not there for, or not long enough for the slowest
   * that arrived. */
  fate(i) {
    const { trace, row, index } = this.at(i);
    const way = trace.row.way.at(row);
    if (!way || !this.matched || !isOfPeers(trace, row))
      return PLAIN;
    if (this.twins[index][row] >= 0)
      return ARRIVED;
    const other = this.traces[1 - index];
    const at = this.times[i] - this.shift[1 - index];
    const there = way > 0 ? at >= other.begin && at + this.slowest[index] <= other.end
      : at - this.slowest[1 - index] >= other.begin && at <= other.end;
    return !there ? PLAIN : way > 0 ? LOST : UNSENT;
  }

  name(i) {
    const { trace, row, index } = this.at(i);
    return `${'ab'[index]}${trace.eventOf(row)}`;
  }

  named(text) {
    const k = 'ab'.indexOf(text[0]);
    const event = Number(text.slice(1));
    if (k < 0 || text.length < 2)
      return -1;
    for (let i = 0; i < this.n; i++)
      if (this.whose[i] === k && this.traces[k].eventOf(this.rows[i]) === event)
        return i;
    return -1;
  }
}
