/* source: where the bytes of a trace come from: a file that was dropped, one that a server gives
 * and that may be growing, or the page itself. */

import { TraceError } from './records.js';

const PIECE = 1 << 22;
const AGAIN = 500;        // ms between two looks at a file that grows

/* A Blob or File. bytes(from, to): once more; pieces(): all, in their order. */
export class BlobSource {
  constructor(blob, name) {
    this.blob = blob;
    this.name = name;
    this.live = false;
  }

  async bytes(from, to) {
    return new Uint8Array(await this.blob.slice(from, to).arrayBuffer());
  }

  async *pieces() {
    let next = this.bytes(0, PIECE); // the next is on its way while one is read
    for (let at = PIECE; at < this.blob.size + PIECE; at += PIECE) {
      const bytes = await next;
      next = at < this.blob.size ? this.bytes(at, at + PIECE) : null;
      yield { bytes, size: this.blob.size };
    }
  }
}

/* A file of a server, by ranges (RFC 9110 §14): what is there, and from then on what is added,
 * until stop(). */
export class UrlSource {
  constructor(url, name = decodeURIComponent(url.split('/').pop())) {
    this.url = url;
    this.name = name;
    this.live = true;
    this.stopped = false;
  }

  stop() {
    this.stopped = true;
    this.wake?.();
  }

  async bytes(from, to) {
    const parts = [];
    for (let at = from; at < to;) {
      const { bytes } = await this.#range(at, to - 1);
      if (!bytes.length)
        break;
      parts.push(bytes);
      at += bytes.length;
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  }

  /* A server may give less than it was asked for (RFC 9110 §15.3.7). */
  async #range(from, to) {
    const r = await fetch(this.url, { headers: { Range: `bytes=${from}-${to ?? ''}` }, cache: 'no-store' });
    if (r.status === 416)
      return { bytes: new Uint8Array(0), size: Number(/\*\/(\d+)/.exec(r.headers.get('Content-Range'))?.[1] ?? from) };
    if (!r.ok)
      throw new TraceError(r.status === 404 ? `The server has no ${this.name}.` : `The server answered ${r.status}.`);
    const bytes = new Uint8Array(await r.arrayBuffer());
    const whole = r.status === 200;
    return {
      bytes: whole ? bytes.subarray(from) : bytes,
      size: whole ? bytes.length : Number(/\/(\d+)/.exec(r.headers.get('Content-Range'))?.[1] ?? from + bytes.length),
    };
  }

  /* What there is from here on. With the byte before, so that there is always something, and nothing
   * for the browser to complain about. */
  async #from(at) {
    const got = await this.#range(Math.max(0, at - 1));
    return at ? { ...got, bytes: got.bytes.subarray(1) } : got;
  }

  async *pieces() {
    for (let at = 0; !this.stopped;) {
      let got;
      try {
        got = await this.#from(at);
      } catch (e) {
        if (at === 0 || e instanceof TraceError)
          throw e;
        got = null; // the server is away for a moment
      }
      if (got && got.size < at)
        throw new TraceError('The file has been written anew: open it again.');
      if (got) {
        at += got.bytes.length;
        yield { bytes: got.bytes, size: got.size };
      }
      if (!got?.bytes.length)
        await new Promise((ok) => { this.wake = ok; setTimeout(ok, AGAIN); });
    }
  }
}

/* What `rill trace html` put into the page; null: nothing. */
export function embedded(doc = document) {
  const text = doc.getElementById('embedded')?.textContent.trim();
  if (!text)
    return null;
  const parts = [];
  for (let at = 0; at < text.length; at += PIECE) { // a multiple of four
    const piece = atob(text.slice(at, at + PIECE));
    parts.push(Uint8Array.from(piece, (c) => c.charCodeAt(0)));
  }
  return new BlobSource(new Blob(parts), doc.title);
}

/* The traces that the server of this page gives; []: none, or there is no server. */
export async function listed() {
  if (!location.protocol.startsWith('http'))
    return [];
  try {
    const r = await fetch(new URL('/trace/files', location.href), { cache: 'no-store' });
    const files = r.ok ? await r.json() : [];
    return Array.isArray(files) ? files : [];
  } catch {
    return [];
  }
}
