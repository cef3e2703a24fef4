/* trace: one trace in memory: its events as they lie in the file, and its rows as a list shows
 * them.
 *
 * The idea: a packet is one row, though the stream tells it twice: as the datagram on the wire, and
 * in clear. Both have the same number. What a list needs of media is kept in columns; of all else
 * there is little, so its `data` is kept as it came. */

import { Column, Names } from './columns.js';
import { readHeader, TraceError } from './records.js';
import { bytesOf, hasStunAttribute, P, protocolOf, relayed, reportsOf, rtpHeader, stunType } from './protocols.js';

/* Whom a row is about, seen from where the trace was taken. */
export const OWN = 0, SIGNALING = 1, SERVER = 2, PEER = 3;

const USERNAME = 6;
const FRAGMENTS = 64;
const split = /^(.*):(.*?)(?:_?(sent|received))?$/;

/* The verb in an event's name: { room, what, way: 1 sent, -1 received, 0 neither }. */
function partsOf(name) {
  const [, room = '', what = name, way] = split.exec(name) ?? [];
  return { room, what, way: way === 'sent' ? 1 : way === 'received' ? -1 : 0 };
}

/* A record of handshake messages of DTLS in clear (RFC 6347 §4.1). */
const hasHandshake = (b) => b[0] === 22 && b[3] === 0 && b[4] === 0;

/* A number that two ends of a way get from the same datagram, and hardly from two. */
function digest(b, from, to) {
  let h = 0x811c9dc5, g = 0x1b873593;
  for (let i = from; i < Math.min(to, from + 72); i++) {
    h = Math.imul(h ^ b[i], 0x01000193);
    g = Math.imul(g + b[i], 0x85ebca6b) ^ g >>> 13;
  }
  return (h >>> 0) * 2 ** 20 + (g >>> 12);
}

export class Trace {
  constructor(source) {
    this.source = source;  // reads bytes again: source.bytes(from, to)
    this.header = null;
    this.role = 0;         // 1, 2; 0: not known
    this.begin = Infinity; // the times of its first and of its last event
    this.end = 0;
    this.steps = [];       // { number, client, time, row }, in their order
    this.descriptions = []; // the texts of session descriptions
    this.failed = null;    // the data of call:failed, and its row
    this.codecs = new Map(); // payload type → name
    this.streams = new Map(); // SSRC → codec
    this.names = new Names();
    this.kinds = [];       // partsOf() of names
    this.texts = new Names();
    this.servers = new Set();
    this.packets = new Map(); // number → row
    this.reports = [];     // { row, time, way, ntp, blocks, types } of RTCP in clear
    this.checks = [];      // { time, rtt } of STUN
    this.asked = new Map();
    this.data = new Map(); // event → data, where it is kept
    this.handshakes = new Map(); // flow and direction → data of its datagrams of DTLS in clear
    this.earlier = new WeakMap(); // such data → how many of those came before it
    this.event = {
      offset: new Column(Float64Array), length: new Column(Uint32Array), name: new Column(Uint16Array),
      time: new Column(Float64Array),
    };
    this.row = {
      time: new Column(Float64Array), protocol: new Column(Uint8Array), way: new Column(Int8Array), whom: new Column(Uint8Array),
      size: new Column(Uint32Array), wire: new Column(Int32Array), clear: new Column(Int32Array), remote: new Column(Uint32Array),
      codec: new Column(Uint32Array), pt: new Column(Uint8Array), seq: new Column(Uint16Array),
      timestamp: new Column(Uint32Array), ssrc: new Column(Uint32Array), digest: new Column(Float64Array),
    };
    this.texts.number('');
  }

  get n() {
    return this.row.time.n;
  }


  get label() {
    return this.header?.name || (this.role ? `CLIENT${this.role}` : 'trace');
  }

  /* One record, as RecordReader tells it. */
  add(value, offset, length, size) {
    if (!this.header) {
      this.header = readHeader(value);
      const role = /^CLIENT([12])$/.exec(this.header.name);
      this.role = role ? Number(role[1]) : 0;
      return;
    }
    if (typeof value.name !== 'string' || !Number.isFinite(value.time) || this.names.list.length > 60000)
      return;
    const data = value.data !== null && typeof value.data === 'object' ? value.data : {};
    const number = this.names.number(value.name);
    this.kinds[number] ??= partsOf(value.name);
    const event = this.event.time.n;
    this.event.offset.push(offset);
    this.event.length.push(length);
    this.event.name.push(number);
    this.event.time.push(value.time);
    this.begin = Math.min(this.begin, value.time);
    this.end = Math.max(this.end, value.time);
    this.#file(event, value.time, value.name, this.kinds[number], data, size);
  }

  #file(event, time, name, kind, data, size) {
    const what = `${kind.room}:${kind.what}`;
    if (what === 'peer:datagram')
      this.#datagram(event, time, kind.way, data, size);
    else if (what === 'peer:rtp' || what === 'peer:rtcp')
      this.#clear(event, time, kind, data, size);
    else if (kind.room === 'signaling' && kind.way && data.bytes !== undefined)
      this.#keep(event, data, this.#push(time, P.signaling, kind.way, SIGNALING, size, event, -1, data.remote));
    else if (what === 'mdns:datagram')
      this.#keep(event, data, this.#push(time, P.mdns, kind.way, PEER, size, event, -1, data.remote));
    else
      this.#note(event, time, name, kind, data);
  }

  #push(time, protocol, way, whom, size, wire, clear, remote) {
    const r = this.row;
    const row = r.time.n;
    r.time.push(time);
    r.protocol.push(protocol);
    r.way.push(way);
    r.whom.push(whom);
    r.size.push(Math.max(size, 0));
    r.wire.push(wire);
    r.clear.push(clear);
    r.remote.push(typeof remote === 'string' ? this.texts.number(remote) : 0);
    for (const c of [r.codec, r.pt, r.seq, r.timestamp, r.ssrc, r.digest])
      c.push(0);
    return row;
  }

  #keep(event, data, row) {
    this.data.set(event, data);
    return row;
  }

  #datagram(event, time, way, data, size) {
    const b = bytesOf(String(data.bytes ?? ''), 2048);
    const protocol = protocolOf(b);
    const stream = typeof data.proto === 'string' && data.proto !== 'udp';
    if (way > 0 && protocol <= P.turn)
      this.#server(b, data.remote);
    const whom = protocol === P.turn || this.servers.has(data.remote) ? SERVER : PEER;
    const known = this.packets.get(data.packet);
    let row = known;
    if (known !== undefined && this.row.wire.at(known) < 0 && this.row.way.at(known) === way) {
      this.row.wire.set(known, event);
      this.row.whom.set(known, whom);
      this.row.size.set(known, Math.max(size, 0));
      this.row.remote.set(known, this.texts.number(String(data.remote ?? '')));
    } else {
      row = this.#push(time, protocol, way, whom, size, event, -1, data.remote);
      if (Number.isFinite(data.packet) && !stream)
        this.packets.set(data.packet, row);
      if (protocol === P.rtp)
        this.#media(row, b, null);
    }
    const inner = protocol === P.turn ? relayed(b, size) : null;
    // What ends at a server has no twin at the other end.
    if (inner)
      this.row.digest.set(row, digest(b, inner[0], inner[1]) + inner[1] - inner[0]);
    else if (whom === PEER)
      this.row.digest.set(row, digest(b, 0, b.length) + size);
    if (protocol !== P.rtp && protocol !== P.rtcp)
      this.data.set(event, data);
    if (!stream && hasHandshake(inner ? b.subarray(inner[0]) : b))
      this.#handshake(data, way);
    if (protocol === P.stun)
      this.#roundTrip(b, time, way);
  }

  /* It knows of those before it, of the same flow and direction: messages may have begun there. */
  #handshake(data, way) {
    const flow = `${way} ${data.local} ${data.remote}`;
    const list = this.handshakes.get(flow) ?? [];
    this.handshakes.set(flow, list);
    this.earlier.set(data, { list, n: list.length });
    list.push(data);
  }

  /* The datagrams of its flow and direction that may have parts of the handshake messages in this
   * one's, the oldest first. */
  before(data) {
    const { list, n } = this.earlier.get(data) ?? { list: [], n: 0 };
    return list.slice(Math.max(0, n - FRAGMENTS), n);
  }

  /* Whoever is asked for an address, and not with a user name of ICE (RFC 8445 §5.1.1.2), is a
   * server. */
  #server(b, remote) {
    const { method, class: c } = stunType(b);
    if (b.length >= 20 && b[0] < 4 && c === 0 && (method === 3 || method === 1 && !hasStunAttribute(b, USERNAME)))
      this.servers.add(remote);
  }

  #roundTrip(b, time, way) {
    if (b.length < 20)
      return;
    const { class: c } = stunType(b);
    const id = String.fromCharCode(...b.subarray(8, 20));
    if (c === 0 && way > 0 && !this.asked.has(id))
      this.asked.set(id, time);
    else if (c === 2 && way < 0 && this.asked.has(id)) {
      this.checks.push({ time, rtt: time - this.asked.get(id) });
      this.asked.delete(id);
    }
  }

  #media(row, b, codec) {
    if (b.length < 12)
      return;
    const h = rtpHeader(b);
    this.row.pt.set(row, h.pt | h.marker << 7);
    this.row.seq.set(row, h.seq);
    this.row.timestamp.set(row, h.timestamp);
    this.row.ssrc.set(row, h.ssrc);
    if (codec) {
      this.row.codec.set(row, this.texts.number(codec));
      this.codecs.set(h.pt, codec);
      this.streams.set(h.ssrc, codec);
    }
  }

  #clear(event, time, kind, data, size) {
    const protocol = P[kind.what];
    const known = this.packets.get(data.packet);
    let row = known;
    if (known !== undefined && this.row.clear.at(known) < 0 && this.row.way.at(known) === kind.way) {
      this.row.clear.set(known, event);
      this.row.protocol.set(known, protocol);
    } else {
      row = this.#push(time, protocol, kind.way, PEER, size, -1, event, null);
      if (known === undefined && Number.isFinite(data.packet))
        this.packets.set(data.packet, row);
    }
    const b = bytesOf(String(data.bytes ?? ''), 2048);
    if (protocol === P.rtp)
      this.#media(row, b, typeof data.codec === 'string' ? data.codec : null);
    else {
      this.reports.push({ row, time, way: kind.way, ...reportsOf(b) });
      this.data.set(event, data);
    }
  }

  #note(event, time, name, kind, data) {
    const text = kind.what === 'description' || kind.what.startsWith('candidate_');
    const protocol = kind.room === 'input' ? P.input : kind.room === 'peer' && text ? P.sdp : kind.room === 'call' ? P.note : P.decision;
    const row = this.#keep(event, data, this.#push(time, protocol, 0, OWN, -1, event, -1, null));
    if (name === 'peer:description' && typeof data.text === 'string')
      this.descriptions.push(data.text);
    if (name === 'peer:description' && data.side === 'local' && !this.role)
      this.role = data.type === 'offer' ? 1 : data.type === 'answer' ? 2 : 0;
    if (name === 'ice:server_asked' && typeof data.server === 'string')
      this.servers.add(data.server);
    if (name === 'call:step' && Number.isInteger(data.number) && data.number >= 1 && data.number <= 23)
      this.steps.push({ number: data.number, client: data.client, time, row });
    if (name === 'call:failed')
      this.failed = { ...data, row };
  }

  /* --- what lists ask ------------------------------------------------------------------------ */

  /* The event that a row is named by, in links. */
  eventOf(row) {
    const wire = this.row.wire.at(row);
    return wire >= 0 ? wire : this.row.clear.at(row);
  }

  nameOf(event) {
    return this.names.list[this.event.name.at(event)];
  }

  remoteOf(row) {
    return this.texts.list[this.row.remote.at(row)];
  }

  /* The whole data of an event, read from the file again when it was not kept. */
  async read(event) {
    const kept = this.data.get(event);
    if (kept)
      return kept;
    const at = this.event.offset.at(event);
    const bytes = await this.source.bytes(at, at + this.event.length.at(event));
    const text = new TextDecoder().decode(bytes).replace(/^\x1e/, '');
    try {
      return JSON.parse(text).data ?? {};
    } catch {
      throw new TraceError('The file is not any more what it was when it was opened.');
    }
  }
}
