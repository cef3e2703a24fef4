/* fields: the trees of fields and the lines about packets, as the C field tables have them.
 *
 * The idea: rill's own dissector runs here too, compiled to WebAssembly; what an event's bytes are
 * follows from its name. */

import { bytesOf } from './protocols.js';

const encoder = new TextEncoder();

/* { kind, bytes, text } of an event's data; null: it carries none. */
export function carried(name, data) {
  const hex = typeof data.bytes === 'string' ? data.bytes : null;
  const text = typeof data.text === 'string' ? data.text : null;
  if (name === 'peer:description' && text !== null)
    return { kind: 'sdp', bytes: encoder.encode(text), text: true };
  if (name.startsWith('peer:candidate_') && text !== null)
    return { kind: 'candidate', bytes: encoder.encode(text), text: true };
  if (hex === null)
    return null;
  const bytes = bytesOf(hex);
  if (name.startsWith('peer:datagram_'))
    return { kind: 'datagram', bytes };
  if (name.startsWith('peer:rtp_'))
    return { kind: 'rtp', bytes };
  if (name.startsWith('peer:rtcp_'))
    return { kind: 'rtcp', bytes };
  if (name.startsWith('signaling:'))
    return { kind: data.proto === 'ws' ? 'websocket' : 'http', bytes, text: data.proto !== 'ws' };
  if (name.startsWith('mdns:'))
    return { kind: 'dns', bytes };
  return { kind: null, bytes };
}

export class Fields {
  constructor(dissector = null) {
    this.dissector = dissector;
    this.lines = new WeakMap();
  }

  /* With the dissector, once it is ready. */
  static async load() {
    return new Fields();
  }

  /* { test, why } of an expression. */
  filter() {
    return { test: null, why: '' };
  }

  get there() {
    return this.dissector !== null;
  }

  /* The nodes of dissect.h; []: there is no table for it. */
  nodes(what, hints) {
    if (!what?.kind || !this.dissector || !what.bytes.length)
      return [];
    try {
      return this.dissector.dissect(what.kind, what.bytes, hints) ?? [];
    } catch (e) {
      console.error(e);
      return [];
    }
  }

  /* A line for people; '': there is none. Kept by the event's data. */
  line(name, data, hints) {
    const kept = this.lines.get(data);
    if (kept !== undefined)
      return kept;
    const what = this.dissector ? carried(name, data) : null;
    let text = '';
    try {
      text = what?.kind && what.bytes.length ? this.dissector.summary(what.kind, what.bytes, hints) ?? '' : '';
    } catch (e) {
      console.error(e);
    }
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
