// dissect.js: packets and texts taken apart in the page, by the very code that `rill trace` has:
// dissect.wasm is made of it (`make dissect-wasm`). docs/trace.md tells what a trace is.
//
//   const dissector = await Dissector.load();             // or load(bytes of dissect.wasm)
//   dissector.hintDescription(sdp);                       // payload types and extensions
//   dissector.dissect("datagram", bytes) → [{depth, name, bit, bits, value, hex, cut, meaning,
//                                            clause, sentence, bad}, …]
//   dissector.summary("datagram", bytes) → "STUN Binding request, USERNAME a:b"
//   dissector.earlier([bytes, …])                         // fragments of DTLS before it
//   dissector.filter("stun and port == 3478") → null, or {column, message}
//   dissector.matches(event, step) → true, of a record of a trace and the step of the call it is in
//
// kind is a word of KINDS, or kindOf(event) of a record of a trace. Nodes come in their order: the
// children of one follow it, one deeper. bit and bits say where it lies, counted from the first
// bit; 0 bits: nowhere. value is a number, or text; of hex it is the first 64 bytes, with cut when
// there are more; a number beyond 2^53 is a text of digits. bad: meaning says what is wrong.

export const KINDS = ["datagram", "rtp", "rtcp", "sdp", "candidate", "http", "websocket", "dns",
  "stream", "framed", "payload"];
export const CODECS = ["none", "opus", "VP8", "VP9", "H264", "AV1", "PCMU", "PCMA"];

// What a record's bytes, or its text, are; null when it has none.
export function kindOf(event) {
  const [, name] = event.name.split(":");
  switch (name) {
    case "datagram_received":
    case "datagram_sent":
      if (event.name.startsWith("mdns:")) return "dns";
      return /^t(cp|ls)/.test(event.data.proto ?? "") ? "stream" : "datagram";
    case "rtp_received":
    case "rtp_sent":
      return "rtp";
    case "rtcp_received":
    case "rtcp_sent":
      return "rtcp";
    case "received":
    case "sent":
      return event.data.proto === "http" ? "http" : event.data.proto === "ws" ? "websocket" : null;
    case "description":
      return "sdp";
    case "candidate_gathered":
    case "candidate_added":
      return "candidate";
    default:
      return null;
  }
}

const DIGITS = new Uint8Array(128);
[..."0123456789abcdef"].forEach((c, value) => (DIGITS[c.charCodeAt(0)] = value));

// The bytes of a record: those it carries, or its text's.
export function bytesOf(event) {
  const { bytes, text } = event.data;
  if (typeof text === "string") return new TextEncoder().encode(text);
  if (typeof bytes !== "string") return new Uint8Array(0);
  const out = new Uint8Array(bytes.length >> 1);
  for (let i = 0; i < out.length; i++)
    out[i] = (DIGITS[bytes.charCodeAt(2 * i) & 127] << 4) | DIGITS[bytes.charCodeAt(2 * i + 1) & 127];
  return out;
}

export class Dissector {
  #exports;
  #decoder = new TextDecoder();

  constructor(instance) {
    this.#exports = instance.exports;
  }

  // source: bytes of dissect.wasm, or nothing: then it is fetched from beside this file.
  static async load(source) {
    const bytes = source ?? (await (await fetch(new URL("dissect.wasm", import.meta.url))).arrayBuffer());
    const { instance } = await WebAssembly.instantiate(bytes, {});
    return new Dissector(instance);
  }

  dissect(kind, bytes) {
    const n = this.#put(bytes);
    return JSON.parse(this.#text(this.#exports.dissect(KINDS.indexOf(kind), n)) || "[]");
  }

  // A datagram with a part of a handshake message of DTLS.
  hasFragment(bytes) {
    return this.#exports.has_fragment(this.#put(bytes)) !== 0;
  }

  // What came before in the same flow and direction, the oldest first, for what is asked next: a
  // message whose last part is there is told whole.
  earlier(datagrams = []) {
    this.#exports.earlier_clear();
    for (const bytes of datagrams)
      this.#exports.earlier_add(this.#put(bytes));
  }

  summary(kind, bytes) {
    const n = this.#put(bytes);
    return this.#text(this.#exports.summary(KINDS.indexOf(kind), n));
  }

  // codec: a word of CODECS, without case.
  hintCodec(pt, codec) {
    const id = CODECS.findIndex((name) => name.toLowerCase() === String(codec).toLowerCase());
    this.#exports.hint_codec(pt, Math.max(id, 0));
  }

  // What a session description says of payload types and header extensions.
  hintDescription(text) {
    this.#exports.hint_description(this.#put(new TextEncoder().encode(text)));
  }

  forgetHints() {
    this.#exports.hint_clear();
  }

  // Filters: docs/trace.md has the language. An empty one matches all.
  filter(text) {
    const at = this.#exports.filter_compile(this.#put(new TextEncoder().encode(text)));
    if (!at) return null;
    const [, column, message] = this.#text(at).match(/^(\d+) (.*)$/s);
    return { column: Number(column), message };
  }

  matches(event, step = 0) {
    const encoder = new TextEncoder();
    const kind = this.#exports.filter_needs_packet() ? kindOf(event) : null;
    const text = (value) => encoder.encode(typeof value === "string" ? value : "");
    const parts = [kind ? bytesOf(event) : new Uint8Array(0), text(event.name),
      text(event.data.local), text(event.data.remote), encoder.encode(JSON.stringify(event.data))];
    const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
    parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
    this.#put(all);
    return this.#exports.filter_match(kind ? KINDS.indexOf(kind) : -1, ...parts.map((p) => p.length),
      event.time, step) !== 0;
  }

  // As many of the bytes as there is room for; how many.
  #put(bytes) {
    const n = Math.min(bytes.length, this.#exports.in_size());
    new Uint8Array(this.#exports.memory.buffer, this.#exports.alloc_in(), n).set(bytes.subarray(0, n));
    return n;
  }

  // The text that begins at an address and ends with a NUL.
  #text(at) {
    const all = new Uint8Array(this.#exports.memory.buffer);
    return this.#decoder.decode(all.subarray(at, all.indexOf(0, at)));
  }
}
