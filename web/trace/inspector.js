/* inspector: one event to the last bit: its fields as a tree, its bytes, and the sentence of the
 * RFC that says what a field is.
 *
 * The idea: bytes and fields are lit by hand, not drawn anew, for the hand moves quickly. Whichever
 * of both is pointed at, the other is lit with it. */

import { html, nothing } from 'lit';
import { Part } from './element.js';
import { carried, endByte, firstByte, nodesOfBytes } from './fields.js';
import { ARRIVED, LOST, UNSENT } from './line.js';
import { protocols } from './protocols.js';
import { count, labelOf, size, span, textOf, time } from './words.js';

const BYTES = 4096;  // so many are drawn
const NODES = 2000;

const hex2 = (v) => v.toString(16).padStart(2, '0');
const ascii = (v) => (v > 0x20 && v < 0x7f ? String.fromCharCode(v) : v === 0x20 ? ' ' : '·');

/* What can be looked at of an entry: { id, label, trace, event }. */
function layersOf(line, i) {
  const out = [];
  const push = ({ trace, row, index }, prefix) => {
    const wire = trace.row.wire.at(row), clear = trace.row.clear.at(row);
    if (clear >= 0)
      out.push({ id: `${prefix}clear`, label: `${prefix ? `${trace.label}: ` : ''}in clear`, trace, row, event: clear });
    if (wire >= 0)
      out.push({ id: `${prefix}wire`, label: `${prefix ? `${trace.label}: ` : ''}${clear >= 0 ? 'on the wire' : 'packet'}`, trace, row, event: wire });
    return index;
  };
  const here = line.at(i);
  const twin = line.twin(i);
  push(here, twin ? 'ab'[here.index] : '');
  if (twin)
    push(twin, 'ab'[twin.index]);
  return out;
}

class Inspector extends Part {
  static properties = {
    line: {}, entry: { type: Number }, fields: {}, layer: {}, version: { state: true }, wide: { state: true }, asText: { state: true },
  };

  constructor() {
    super();
    this.nodes = [];
    this.active = -1;
    this.pinned = -1;
    this.what = null;
    this.resized = new ResizeObserver(([e]) => { this.wide = e.contentRect.width >= 560; });
  }

  firstUpdated() {
    this.resized.observe(this);
  }

  willUpdate(changed) {
    if (['line', 'entry', 'fields', 'layer'].some((p) => changed.has(p)))
      this.#load();
  }

  /* Reads what is looked at, perhaps from the file again. */
  async #load() {
    this.layers = this.line && this.entry >= 0 && this.entry < this.line.n ? layersOf(this.line, this.entry) : [];
    const layer = this.layers.find((l) => l.id === this.layer) ?? this.layers[0];
    const key = layer ? `${layer.trace.label} ${layer.id} ${layer.event}` : '';
    if (this.key === key && this.from === layer?.trace && this.by === this.fields)
      return;
    [this.key, this.from, this.by] = [key, layer?.trace, this.fields];
    this.shown = layer;
    this.data = null;
    this.trouble = '';
    if (!layer)
      return;
    try {
      const data = await layer.trace.read(layer.event);
      if (this.key !== key)
        return;
      this.#take(layer, data);
    } catch (e) {
      this.trouble = e.message;
    }
    this.version = (this.version ?? 0) + 1;
  }

  #take(layer, data) {
    const what = carried(layer.trace.nameOf(layer.event), data);
    this.data = data;
    this.what = what;
    this.asText = Boolean(what?.text);
    this.nodes = this.fields.nodes(layer.trace, what).slice(0, NODES);
    this.of = nodesOfBytes(this.nodes, what?.bytes.length ?? 0);
    this.active = this.pinned = -1;
  }

  /* --- what it looks like --------------------------------------------------------------------- */

  render() {
    if (!this.shown)
      return html`<div class="empty"><p>Choose a packet, and here are its fields and its bytes.</p></div>`;
    return html`
      ${this.#head()}
      ${this.trouble ? html`<p class="trouble" role="alert">${this.trouble}</p>` : !this.data ? html`<p class="empty">…</p>` : html`
        ${this.nodes.length ? html`${this.#tree()}${this.#card()}` : this.#members()}
        ${this.what ? this.#bytes() : nothing}`}`;
  }

  #head() {
    const { trace, row, index } = this.line.at(this.entry);
    const protocol = trace.row.protocol.at(row);
    const fate = this.line.fate(this.entry);
    const way = trace.row.way.at(row);
    const data = this.data ?? {};
    const two = [data.local, data.remote].filter((a) => typeof a === 'string');
    const route = (way < 0 ? two.reverse() : two).join(' → ');
    return html`
      <header class="about" data-p=${protocols[protocol].id}>
        <h2><span class="chip">${labelOf(protocol)}</span> ${textOf(trace, row, this.fields)}</h2>
        <p>${time(this.line.time(this.entry))} s${route ? ` · ${route}` : ''}${way ? ` · ${size(trace.row.size.at(row))}` : ''}
          · <code>${trace.nameOf(this.shown.event)}</code></p>
        ${fate === ARRIVED ? html`<p class="fate">Arrived ${span(Math.max(0, this.line.delay(this.entry)))} later.</p>`
          : fate === LOST ? html`<p class="fate bad">Sent here, and never arrived at ${this.line.traces[1 - index].label}.</p>`
          : fate === UNSENT ? html`<p class="fate bad">Arrived here, and ${this.line.traces[1 - index].label} sent no such packet.</p>` : nothing}
        ${this.layers.length > 1 ? html`<div class="tabs small" role="group" aria-label="Which copy of it">
          ${this.layers.map((l) => html`<button type="button" aria-pressed=${l.id === this.shown.id ? 'true' : 'false'}
            @click=${() => this.tell('layer', l.id)}>${l.label}</button>`)}</div>` : nothing}
      </header>`;
  }

  #members() {
    const entries = Object.entries(this.data).filter(([k]) => k !== 'bytes' && !(k === 'text' && this.what));
    return html`<div class="members" tabindex="0" role="group" aria-label="What the event says"><dl>${entries.map(([k, v]) => html`
      <dt>${k}</dt><dd>${v === null ? html`<i>not told</i>` : typeof v === 'object' ? JSON.stringify(v) : String(v)}</dd>`)}</dl></div>`;
  }

  #tree() {
    return html`<div class="tree" role="tree" tabindex="0" aria-label="Fields" aria-activedescendant=${nothing}
        @pointerover=${(e) => this.#over(e)} @pointerleave=${() => this.#light(this.pinned)} @click=${(e) => this.#pin(e)}
        @keydown=${(e) => this.#treeKey(e)} @focus=${() => this.active < 0 && this.#light(0)}>
      ${this.nodes.map((n, k) => html`<div class="node" role="treeitem" id=${`node-${k}`} aria-level=${n.depth + 1} aria-selected="false"
          data-depth=${Math.min(n.depth, 7)} ?data-bad=${n.bad} ?data-head=${n.value === undefined && n.meaning === undefined}>
        <span class="name">${n.name}</span>${n.value !== undefined ? html`<span class="value">${shortened(n)}</span>` : nothing}${
          n.meaning ? html`<span class="meaning">${n.meaning}</span>` : nothing}</div>`)}
    </div>`;
  }

  #card() {
    return html`<div class="card" aria-live="polite" aria-atomic="true"></div>`;
  }

  #bytes() {
    const { bytes } = this.what;
    const n = Math.min(bytes.length, BYTES);
    return html`
      <div class="bytes-head"><h3>${count(bytes.length)} bytes</h3>${this.what.text ? html`<div class="tabs small" role="group" aria-label="Shown as">
        <button type="button" aria-pressed=${this.asText ? 'true' : 'false'} @click=${() => { this.asText = true; }}>Text</button>
        <button type="button" aria-pressed=${this.asText ? 'false' : 'true'} @click=${() => { this.asText = false; }}>Hex</button></div>` : nothing}</div>
      <div class=${this.asText ? 'bytes text' : 'bytes hex'} data-width=${this.wide ? 16 : 8} role="group" tabindex="0" aria-label="Bytes; arrow keys move through them"
        @pointerover=${(e) => this.#overByte(e)} @pointerleave=${() => this.#light(this.pinned)} @click=${(e) => this.#pinByte(e)}
        @keydown=${(e) => this.#byteKey(e)}>${this.asText ? this.#text(bytes, n) : this.#hex(bytes, n)}</div>
      ${n < bytes.length ? html`<p class="more">The first ${count(n)} are shown.</p>` : nothing}`;
  }

  #hex(bytes, n) {
    const width = this.wide ? 16 : 8;
    const lines = [];
    for (let at = 0; at < n; at += width) {
      const part = [...bytes.subarray(at, Math.min(at + width, n))];
      lines.push(html`<div class="line"><span class="offset">${at.toString(16).padStart(4, '0')}</span><span class="octets">${
        part.map((v, i) => html`<b data-from=${at + i} data-to=${at + i + 1}>${hex2(v)}</b>`)}</span><span class="ascii">${
        part.map((v, i) => html`<b data-from=${at + i} data-to=${at + i + 1}>${ascii(v)}</b>`)}</span></div>`);
    }
    return lines;
  }

  /* Neighbours that are of the same fields are one piece. */
  #text(bytes, n) {
    const pieces = [];
    const decoder = new TextDecoder();
    for (let at = 0; at < n;) {
      let to = at + 1;
      while (to < n && String(this.of[to]) === String(this.of[at]))
        to++;
      pieces.push(html`<b data-from=${at} data-to=${to}>${decoder.decode(bytes.subarray(at, to)).replaceAll('\r', '')}</b>`);
      at = to;
    }
    return pieces;
  }

  /* --- light ----------------------------------------------------------------------------------- */

  updated() {
    this.cells = [...this.querySelectorAll('.bytes b')].map((el) => ({ el, from: Number(el.dataset.from), to: Number(el.dataset.to) }));
    this.items = [...this.querySelectorAll('.node')];
    this.lit = [];
    this.#light(this.pinned >= 0 ? this.pinned : this.active, true);
  }

  #light(k, quietly = false) {
    for (const el of this.lit ?? [])
      delete el.dataset.on;
    this.items?.[this.active]?.setAttribute('aria-selected', 'false');
    this.lit = [];
    this.active = k;
    const node = this.nodes[k];
    this.#say(node);
    const tree = this.querySelector('.tree');
    tree?.setAttribute('aria-activedescendant', node ? `node-${k}` : '');
    if (!node || !this.items?.[k])
      return;
    this.#on(this.items[k]);
    this.items[k].setAttribute('aria-selected', 'true');
    if (!quietly)
      within(tree, this.items[k]);
    if (!node.bits)
      return;
    const from = firstByte(node), to = endByte(node);
    const cells = this.cells.filter((c) => c.from < to && c.to > from);
    cells.forEach((c) => this.#on(c.el));
    if (cells.length && !quietly)
      within(this.querySelector('.bytes'), cells[0].el);
  }

  #on(el) {
    el.dataset.on = '';
    this.lit.push(el);
  }

  /* The clause and its sentence; and the bits, where a field is not of whole bytes. */
  #say(node) {
    const card = this.querySelector('.card');
    if (!card)
      return;
    card.replaceChildren();
    const put = (tag, name, text) => {
      const el = document.createElement(tag);
      el.className = name;
      el.textContent = text;
      card.append(el);
      return el;
    };
    if (!node) {
      put('p', 'hint', 'Point at a field or a byte: here is what its RFC says.');
      return;
    }
    const line = put('p', 'what', node.name);
    if (node.bits && (node.bit % 8 || node.bits % 8))
      line.append(' ', this.#bits(node));
    if (node.clause)
      put('cite', 'clause', node.clause);
    if (node.sentence)
      put('p', 'sentence', node.sentence);
  }

  #bits(node) {
    const out = document.createElement('code');
    out.className = 'bits';
    const from = firstByte(node), to = Math.min(endByte(node), from + 4);
    for (let i = from; i < to; i++) {
      for (let bit = 0; bit < 8; bit++) {
        const el = document.createElement('span');
        const at = i * 8 + bit;
        el.textContent = this.what.bytes[i] >> (7 - bit) & 1;
        if (at >= node.bit && at < node.bit + node.bits)
          el.dataset.on = '';
        out.append(el);
      }
      out.append(' ');
    }
    return out;
  }

  /* --- the hand ---------------------------------------------------------------------------------- */

  #nodeAt(e) {
    const el = e.target.closest?.('.node');
    return el ? Number(el.id.slice(5)) : -1;
  }

  #over(e) {
    const k = this.#nodeAt(e);
    if (k >= 0)
      this.#light(k);
  }

  #pin(e) {
    const k = this.#nodeAt(e);
    this.pinned = k === this.pinned ? -1 : k;
    this.#light(k);
  }

  #byteAt(e) {
    const el = e.target.closest?.('.bytes b');
    return el ? Number(el.dataset.from) : -1;
  }

  /* Of several fields in one byte, the one after the one that is lit. */
  #ofByte(i, turn = false) {
    const list = this.of[i] ?? [];
    const at = list.indexOf(this.active);
    return list.length ? list[at < 0 ? 0 : turn ? (at + 1) % list.length : at] : -1;
  }

  #overByte(e) {
    const i = this.#byteAt(e);
    if (i < 0)
      return;
    this.at = i;
    this.#light(this.#ofByte(i));
    this.#mark(e.target.closest('b'));
  }

  #pinByte(e) {
    const i = this.#byteAt(e);
    if (i < 0)
      return;
    const turn = i === this.lastPinned;
    this.lastPinned = i;
    this.pinned = this.#ofByte(i, turn);
    this.#light(this.pinned);
  }

  #mark(el) {
    if (el && !this.lit.includes(el))
      this.#on(el);
  }

  #treeKey(e) {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -NODES, End: NODES }[e.key];
    if (!by)
      return;
    e.preventDefault();
    e.stopPropagation();
    this.pinned = Math.max(0, Math.min(this.nodes.length - 1, this.active + by));
    this.#light(this.pinned);
  }

  #byteKey(e) {
    const width = this.wide ? 16 : 8;
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: width, ArrowUp: -width, Home: -Infinity, End: Infinity }[e.key];
    if (!by)
      return;
    e.preventDefault();
    e.stopPropagation();
    const last = Math.min(this.what.bytes.length, BYTES) - 1;
    this.at = Math.max(0, Math.min(last, this.at === undefined ? 0 : this.at + by));
    this.pinned = this.#ofByte(this.at);
    this.#light(this.pinned);
    const cell = this.cells.find((c) => c.from <= this.at && c.to > this.at);
    this.#mark(cell?.el);
    if (cell)
      within(this.querySelector('.bytes'), cell.el);
  }
}
customElements.define('rill-inspector', Inspector);

function shortened(n) {
  const text = n.hex && String(n.value).length > 64 ? `${String(n.value).slice(0, 64)}…` : String(n.value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/* Scrolls the box, and nothing around it. */
function within(box, el) {
  if (!box)
    return;
  const b = box.getBoundingClientRect(), r = el.getBoundingClientRect();
  if (r.top < b.top)
    box.scrollTop -= b.top - r.top + 8;
  else if (r.bottom > b.bottom)
    box.scrollTop += r.bottom - b.bottom + 8;
}
