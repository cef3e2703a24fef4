/* ladder: the list of all that happened: a row each, with its arrow between the lanes.
 *
 * The idea: only the rows in view are there (@lit-labs/virtualizer); the arrows are part of their
 * rows, so what scrolls is one thing. */

import { html, nothing } from 'lit';
import { virtualize, virtualizerRef } from '@lit-labs/virtualizer/virtualize.js';
import { Part } from './element.js';
import { EvenLayout, ROW } from './layout.js';
import { ARRIVED, LOST, lanes, UNSENT } from './line.js';
import { P, protocols } from './protocols.js';
import { entryOf, isRun, placeOf } from './rows.js';
import { count, labelOf, repeatedOf, size, span, textOf, time } from './words.js';

/* A row that leaves becomes another: there are a few more of them than can be in view. */
const keysOf = () => Math.ceil(window.innerHeight / ROW) + 24;

const fates = { [ARRIVED]: 'arrived', [LOST]: 'lost', [UNSENT]: 'unsent' };

class Ladder extends Part {
  static properties = {
    line: {}, list: {}, fields: {}, selected: { type: Number }, opened: {}, version: { type: Number },
  };

  render() {
    const { items } = this.list;
    const place = placeOf(this.list, this.selected);
    const keys = keysOf();
    return html`
      <div class="lanes-head" aria-hidden="true">
        <span class="time">time, s</span>
        <span class="lanes">${lanes.map((l, i) => html`<span data-lane=${i}>${l}</span>`)}</span>
        <span class="text">what</span>
        <span class="size">size</span>
      </div>
      <div class="rows" role="listbox" tabindex="0" aria-label="Packets and events" aria-activedescendant=${place >= 0 ? `row-${items[place]}` : nothing}
        @keydown=${(e) => this.#key(e)} @click=${(e) => this.#click(e)}>
        ${virtualize({
          items, scroller: true, keyFunction: (item, at) => at % keys, renderItem: (item, at) => this.#row(item, at),
          layout: { type: EvenLayout },
        })}
      </div>
      ${items.length ? nothing : html`<p class="none">Nothing here passes the filters.</p>`}`;
  }

  #row(item, at) {
    const i = entryOf(item);
    const run = isRun(item) ? this.list.runs.get(i) : null;
    return run ? this.#run(item, i, run, at) : this.#entry(item, i, at);
  }

  #entry(item, i, at) {
    const { trace, row, index } = this.line.at(i);
    const protocol = trace.row.protocol.at(row);
    const fate = this.line.fate(i);
    const [from, to] = this.line.lanes(i);
    const name = trace.nameOf(trace.eventOf(row));
    const state = name === 'call:failed' ? 'failed' : name === 'call:step' ? 'step' : fates[fate] ?? nothing;
    return html`
      <div class="row" role="option" id=${`row-${item}`} data-p=${protocols[protocol].id} data-fate=${state} data-of=${index}
        aria-selected=${i === this.selected ? 'true' : 'false'} aria-setsize=${this.list.items.length} aria-posinset=${at + 1}>
        <span class="time">${time(this.line.time(i))}</span>
        <span class="lanes">${from === to ? html`<i class="dot" data-at=${from}></i>`
          : html`<i class="arrow" data-span=${`${Math.min(from, to)}${Math.max(from, to)}`} data-way=${from < to ? 'right' : 'left'}></i>`}</span>
        <span class="chip">${name === 'call:step' ? `Step ${this.#step(trace, row)}` : labelOf(protocol)}</span>
        <span class="text">${fate === LOST ? html`<b class="mark">never arrived</b> ` : fate === UNSENT ? html`<b class="mark">sent by nobody</b> ` : nothing}${
          textOf(trace, row, this.fields)}</span>
        <span class="size">${fate === ARRIVED ? html`<span class="delay">+${span(Math.max(0, this.line.delay(i)))}</span>` : nothing}${
          trace.row.way.at(row) ? size(trace.row.size.at(row)) : nothing}</span>
      </div>`;
  }

  #step(trace, row) {
    return trace.data.get(trace.eventOf(row))?.number ?? '';
  }

  #run(item, i, { n, last }, at) {
    const open = this.opened.has(i);
    const { trace, row } = this.line.at(i);
    const protocol = trace.row.protocol.at(row);
    const media = protocol === P.rtp;
    const inside = !open && this.selected > i && this.selected <= last || this.selected === i && !open;
    return html`
      <div class="row run" role="option" id=${`row-${item}`} data-p=${protocols[protocol].id} aria-selected=${inside ? 'true' : 'false'}
        aria-expanded=${open ? 'true' : 'false'} aria-setsize=${this.list.items.length} aria-posinset=${at + 1}>
        <span class="time">${time(this.line.time(i))}</span>
        <span class="lanes">${media ? html`<i class="band" ?data-open=${open}></i>` : html`<i class="dot" data-at=${this.line.lanes(i)[0]}></i>`}</span>
        <span class="chip">${labelOf(protocol)}</span>
        <span class="text"><span class="fold" aria-hidden="true">${open ? '▾' : '▸'}</span> <b>${count(n)} ${media ? 'packets' : ''}</b> ${media ? `in ${span(this.line.time(last) - this.line.time(i))}` : `× ${repeatedOf(trace, row)}`}</span>
        <span class="size"></span>
      </div>`;
  }

  #click(e) {
    const row = e.target.closest('.row');
    if (!row)
      return;
    const item = Number(row.id.slice(4));
    this.tell(isRun(item) ? 'fold' : 'pick', entryOf(item));
  }

  #key(e) {
    const pages = Math.max(1, Math.floor(this.querySelector('.rows').clientHeight / ROW) - 1);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: pages, PageUp: -pages, Home: -Infinity, End: Infinity }[e.key];
    const place = placeOf(this.list, this.selected);
    if (by !== undefined) {
      e.preventDefault();
      e.stopPropagation();
      this.tell('step', by);
    } else if (e.key === 'Enter' && place >= 0 && isRun(this.list.items[place])) {
      e.preventDefault();
      this.tell('fold', entryOf(this.list.items[place]));
    }
  }

  /* A new list is laid out a moment later, and until then the virtualizer moves what is scrolled. */
  updated(changed) {
    const virtualizer = this.querySelector('.rows')[virtualizerRef];
    if (changed.has('list') && virtualizer)
      this.settled = Promise.race([virtualizer.layoutComplete.catch(() => {}), new Promise((ok) => { setTimeout(ok, 300); })]);
  }

  /* Brings a place of the list into view. */
  async show(place, block = 'nearest') {
    await this.updateComplete;
    await this.settled;
    const box = this.querySelector('.rows');
    if (!box || place < 0)
      return;
    const top = place * ROW - box.scrollTop, below = top + ROW - box.clientHeight;
    const near = block === 'nearest' && top > -box.clientHeight && below < box.clientHeight;
    if (block === 'nearest' && top >= 0 && below <= 0)
      return;
    if (block === 'end' || near && below > 0)
      box.scrollTop += below;
    else if (near)
      box.scrollTop += top;
    else // what is far away is put into the middle
      box.scrollTop += top - (box.clientHeight - ROW) / 2;
  }
}
customElements.define('rill-ladder', Ladder);
