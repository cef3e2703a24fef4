/* records: the bytes of a trace as its records (RFC 7464, docs/trace.md), however they come in.
 *
 * The idea: a trace is mostly the hex of packets, and of these a list needs but the beginning. So
 * a record of media is read only around its `bytes`; where it lies in the file is kept, and the
 * whole of it is read again when somebody looks. */

const RS = 0x1e;
const QUOTE = 0x22;
const HEAD = 640;         // `bytes` begins within so many bytes of its record, or it is read whole
const KEEP = 160;         // hex digits that are kept of media
const RECORD_MAX = 64 << 20;
const key = [...'"bytes":"'].map((c) => c.charCodeAt(0));

export class TraceError extends Error {}

function findKey(bytes, from, to) {
  for (let at = bytes.indexOf(QUOTE, from); at >= 0 && at + key.length < to; at = bytes.indexOf(QUOTE, at + 1))
    if (key.every((c, i) => bytes[at + i] === c))
      return at + key.length;
  return -1;
}

const nibble = (c) => (c <= 0x39 ? c - 0x30 : (c | 0x20) - 0x57);

/* Where the hex of media begins and ends; null: nothing is to be left out. */
function mediaIn(bytes, from, to) {
  if (to - from <= HEAD)
    return null;
  const begin = findKey(bytes, from, Math.min(to, from + HEAD));
  if (begin < 0 || (nibble(bytes[begin]) & 12) !== 8) // RFC 7983: 128 to 191 is RTP or RTCP
    return null;
  const end = bytes.indexOf(QUOTE, begin);
  return end < 0 || end > to || end - begin <= KEEP ? null : { begin, end };
}

/* [from, to): one JSON text. Gives { value, size, cut }; size: bytes of the packet, -1: none. */
export function parseRecord(bytes, from, to, decoder) {
  const media = mediaIn(bytes, from, to);
  const text = (a, b) => decoder.decode(bytes.subarray(a, b));
  const value = JSON.parse(media ? text(from, media.begin + KEEP) + text(media.end, to) : text(from, to));
  const hex = value?.data?.bytes;
  const size = media ? (media.end - media.begin) >> 1 : typeof hex === 'string' ? hex.length >> 1 : -1;
  return { value, size, cut: media !== null };
}

/* Takes pieces of the file in their order; tells each record: record(value, offset, length, size,
 * cut). What cannot be read is counted in `skipped`, and is passed over. */
export class RecordReader {
  constructor(record) {
    this.record = record;
    this.rest = new Uint8Array(0);
    this.at = 0;          // the place in the file of rest[0]
    this.records = 0;
    this.skipped = 0;
    this.decoder = new TextDecoder();
  }

  /* Until `until()` says that it is time for others: then it gives false, and goes on with
   * another push(). */
  push(piece, until = () => false) {
    if (piece?.length) {
      const joined = this.rest.length ? new Uint8Array(this.rest.length + piece.length) : piece;
      if (this.rest.length) {
        joined.set(this.rest);
        joined.set(piece, this.rest.length);
      }
      this.rest = joined;
    }
    return this.#take(until, false);
  }

  /* Nothing more will come: a last record without an end is one that was cut off. */
  end() {
    this.#take(() => false, true);
  }

  #take(until, last) {
    const bytes = this.rest;
    let at = 0;
    let done = true;
    for (let n = 0; ; n++) {
      if ((n & 127) === 127 && until()) {
        done = false;
        break;
      }
      const next = this.#one(bytes, at, last);
      if (next < 0)
        break;
      at = next;
    }
    this.rest = at ? bytes.subarray(at) : bytes;
    this.at += at;
    if (this.rest.length > RECORD_MAX)
      throw new TraceError('A record has no end: this is no trace, or a broken one.');
    return done;
  }

  /* The place behind the record at `at`; -1: there is no whole one. */
  #one(bytes, at, last) {
    const begin = bytes.indexOf(RS, at);
    if (begin < 0) {
      if (!this.records && bytes.length > at + 64)
        throw new TraceError('This is no trace: a trace is a JSON text sequence (RFC 7464), whose records begin with 0x1e.');
      return -1;
    }
    let end = bytes.indexOf(0x0a, begin);
    const another = bytes.indexOf(RS, begin + 1);
    if (another >= 0 && (end < 0 || another < end)) {
      this.skipped++;  // RFC 7464 §2.3: cut off, and writing went on behind it
      return another;
    }
    if (end < 0) {
      if (last && begin + 1 < bytes.length)
        this.skipped++;
      return last ? bytes.length || -1 : -1;
    }
    this.#tell(bytes, begin, ++end);
    return end;
  }

  #tell(bytes, begin, end) {
    let parsed;
    try {
      parsed = parseRecord(bytes, begin + 1, end - 1, this.decoder);
    } catch {
      this.skipped++;
      return;
    }
    const { value, size, cut } = parsed;
    if (value === null || typeof value !== 'object') {
      this.skipped++;
      return;
    }
    this.records++;
    this.record(value, this.at + begin, end - begin, size, cut);
  }
}

/* What the first record has to say; throws when it is none. */
export function readHeader(value) {
  if (value.file_schema === undefined && value.trace === undefined)
    throw new TraceError('This is no trace: its first record is no qlog header.');
  const schemas = value.trace?.event_schemas;
  if (Array.isArray(schemas) && !schemas.some((s) => String(s).startsWith('urn:rill:trace:')))
    throw new TraceError(`This trace is of another program: its events are ${schemas.join(', ')}.`);
  const wall = Date.parse(value.trace?.common_fields?.reference_time?.wall_clock_time);
  const micros = /\.\d{3}(\d{3})Z$/.exec(value.trace?.common_fields?.reference_time?.wall_clock_time ?? '');
  return {
    title: String(value.title ?? 'trace'),
    name: String(value.trace?.vantage_point?.name ?? ''),
    wall: Number.isFinite(wall) ? wall + (micros ? Number(micros[1]) / 1000 : 0) : 0,
  };
}
