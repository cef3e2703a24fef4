/* search: the text of the filter as a test of entries.
 *
 * The idea: it is an expression, as of `rill trace dump --filter`, matched by the same code; and as
 * long as it is plain words, rows that say all of them are meant too. Words are looked for as
 * the list is made. An expression asks for whole packets, which are read from the file again: so it
 * goes through the events a slice at a time, and what it found by then is shown. */

import { labelOf, textOf } from './words.js';

const SLICE = 12;         // ms
const WINDOW = 4 << 20;   // bytes of the file at a time
const operator = /[()=<>!~&|]|\b(and|or|not|contains)\b/i;

export class Search {
  /* changed(): there is more to see. */
  constructor(text, line, fields, changed) {
    this.text = text.trim();
    this.line = line;
    this.fields = fields;
    this.changed = changed;
    this.why = '';
    this.words = null;
    this.passes = [];
    if (!this.text)
      return;
    const refusal = fields.filter(this.text);
    const plain = !operator.test(this.text);
    if (refusal && !plain)
      this.why = `Column ${refusal.column}: ${refusal.message}`;
    if (plain || refusal)
      this.words = wordsOf(this.text.toLowerCase());
    if (!refusal)
      this.passes = line.traces.map((trace) => new Pass(trace, fields, this.text));
  }

  get done() {
    return this.passes.every((p) => p.done);
  }

  /* How far it has come, 0 to 1. */
  get part() {
    return Math.min(1, ...this.passes.map((p) => (p.trace.event.time.n ? p.at / p.trace.event.time.n : 1)));
  }

  stop() {
    this.stopped = true;
  }

  /* On, until all events have been asked; told again when there are more. */
  async run() {
    if (this.running)
      return;
    this.running = true;
    for (const pass of this.passes)
      while (!pass.done && !this.stopped) {
        await pass.slice();
        if (!this.stopped)
          this.changed();
      }
    this.running = false;
  }

  test(i) {
    if (!this.text)
      return true;
    const { trace, row, index } = this.line.at(i);
    return Boolean(this.passes[index]?.found(row)) || this.words !== null && says(this.words, trace, row, this.fields);
  }
}

/* One trace, event after event. */
class Pass {
  constructor(trace, fields, text) {
    this.trace = trace;
    this.fields = fields;
    this.text = text;
    this.at = 0;
    this.step = 0;
    this.matched = new Uint8Array(1024);
    this.window = { from: 0, to: 0, bytes: null };
    this.decoder = new TextDecoder();
  }

  get done() {
    return this.at >= this.trace.event.time.n;
  }

  found(row) {
    const { wire, clear } = this.trace.row;
    return this.matched[wire.at(row)] === 1 || this.matched[clear.at(row)] === 1;
  }

  async slice() {
    const until = performance.now() + SLICE;
    const { event } = this.trace;
    this.fields.filter(this.text); // another search may have been asked since
    while (!this.done && performance.now() < until) {
      if (this.at >= this.matched.length) {
        const more = new Uint8Array(2 * this.matched.length);
        more.set(this.matched);
        this.matched = more;
      }
      const kept = this.trace.data.get(this.at);
      if (!kept && !this.#holds(this.at)) {
        await this.#read(event.offset.at(this.at));
        this.fields.filter(this.text);
      }
      this.#ask(kept ?? this.#parse(this.at));
      this.at++;
    }
    await new Promise((ok) => { setTimeout(ok); });
  }

  #ask(data) {
    const name = this.trace.nameOf(this.at);
    if (name === 'call:step' && data.number >= 1)
      this.step = data.number;
    const asked = { name, time: this.trace.event.time.at(this.at), data };
    this.matched[this.at] = Number(this.fields.matches(this.trace, asked, this.step));
  }

  #holds(e) {
    const from = this.trace.event.offset.at(e);
    return from >= this.window.from && from + this.trace.event.length.at(e) <= this.window.to;
  }

  async #read(from) {
    const bytes = await this.trace.source.bytes(from, from + WINDOW);
    this.window = { from, to: from + bytes.length, bytes };
  }

  #parse(e) {
    if (!this.#holds(e))
      return {};
    const from = this.trace.event.offset.at(e) - this.window.from;
    const text = this.decoder.decode(this.window.bytes.subarray(from + 1, from + this.trace.event.length.at(e)));
    return JSON.parse(text).data ?? {};
  }
}

/* "several words" are one. */
function wordsOf(text) {
  return [...text.matchAll(/"([^"]+)"?|([^\s"]+)/g)].map(([, quoted, word]) => quoted ?? word);
}

function says(words, trace, row, fields) {
  const said = `${labelOf(trace.row.protocol.at(row))} ${trace.nameOf(trace.eventOf(row))} ${textOf(trace, row, fields)} ${trace.remoteOf(row)}`.toLowerCase();
  return words.every((word) => said.includes(word));
}

