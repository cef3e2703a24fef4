/* fields: the trees of fields and the lines about packets, as the C field tables have them.
 *
 * The idea: rill's own dissector runs here too, compiled to WebAssembly; what an event's bytes are
 * follows from its name. */

import { bytesOf, Dissector, kindOf } from './dissect.js';
import wasm from './dissect.wasm';

const texts = new Set(['sdp', 'candidate', 'http']);

/* { kind, bytes, text } of an event's data; text: people read it as such. null: it carries none. */
export function carried(name, data) {
  const event = { name, data };
  const kind = kindOf(event);
  const has = typeof data.bytes === 'string' || kind !== null && typeof data.text === 'string';
  return has ? { data, kind, bytes: kind === null ? bytesOf({ data: { bytes: data.bytes } }) : bytesOf(event), text: texts.has(kind) } : null;
}

export class Fields {
  constructor(dissector = null) {
    this.dissector = dissector;
    this.lines = new WeakMap();
    this.known = { trace: null, n: 0 };
  }

  /* With the dissector, once it is ready. */
  static async load() {
    return new Fields(await Dissector.load(Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0))));
  }

  /* What payload types mean is said by the descriptions of the trace at hand. */
  #learn(trace) {
    const { descriptions } = trace;
    if (this.known.trace === trace && this.known.n === descriptions.length)
      return;
    this.known = { trace, n: descriptions.length };
    this.dissector.forgetHints();
    for (const text of descriptions)
      this.dissector.hintDescription(text);
    for (const [pt, codec] of trace.codecs)
      this.dissector.hintCodec(pt, codec);
  }

  /* Parts of handshake messages that came before. */
  #precede(trace, data) {
    const before = trace.before(data).map((d) => bytesOf({ data: { bytes: d.bytes } }));
    this.dissector.earlier(before.filter((bytes) => this.dissector.hasFragment(bytes)));
  }

  /* What is to be had of some bytes; otherwise: what is given when there is nothing. */
  #ask(trace, what, ask, otherwise) {
    if (!this.dissector || !what?.kind || !what.bytes.length)
      return otherwise;
    try {
      this.#learn(trace);
      this.#precede(trace, what.data);
      return ask(this.dissector, what) || otherwise;
    } catch (e) {
      console.error(e);
      return otherwise;
    }
  }

  /* The nodes of dissect.h; []: there is no table for it. */
  nodes(trace, what) {
    return this.#ask(trace, what, (d) => d.dissect(what.kind, what.bytes), []);
  }

  /* Takes an expression to match by; null, or { column, message } of what is wrong with it. */
  filter(text) {
    return this.dissector?.filter?.(text) ?? (this.dissector?.filter ? null : { column: 1, message: 'not now' });
  }

  /* Whether an event is one that the expression means; step: of the call, that it is in. */
  matches(trace, event, step) {
    try {
      this.#learn(trace);
      this.#precede(trace, event.data);
      return this.dissector.matches(event, step);
    } catch (e) {
      console.error(e);
      return false;
    }
  }

  /* A line for people; '': there is none. Kept by the event's data. */
  line(trace, name, data) {
    const kept = this.lines.get(data);
    if (kept !== undefined)
      return kept;
    const text = this.dissector ? this.#ask(trace, carried(name, data), (d, what) => d.summary(what.kind, what.bytes), '') : '';
    this.lines.set(data, text);
    return text;
  }
}

/* --- bytes and fields, both ways ------------------------------------------------------------ */

export const firstByte = (node) => node.bit >> 3;
export const endByte = (node) => (node.bit + node.bits + 7) >> 3;
const hasBytes = (node) => node.bits > 0 && node.bit !== undefined;

/* of[i]: the innermost nodes that touch byte i, by their numbers. */
export function nodesOfBytes(nodes, n) {
  const of = Array.from({ length: n }, () => []);
  nodes.forEach((node, k) => {
    if (!hasBytes(node))
      return;
    for (let i = firstByte(node); i < Math.min(endByte(node), n); i++) {
      // Who encloses this one was there before it, and is not the innermost.
      of[i] = of[i].filter((o) => !encloses(nodes[o], node));
      of[i].push(k);
    }
  });
  return of;
}

const encloses = (outer, inner) => outer.depth < inner.depth && outer.bit <= inner.bit &&
  outer.bit + outer.bits >= inner.bit + inner.bits;
