/* rail: the 23 steps of a call, lit up to the moment that is looked at. */

import { html } from 'lit';
import { steps, sentenceOf } from '../steps.js';
import { Part } from './element.js';
import { time } from './words.js';

const groups = [
  { title: 'CLIENT1 calls', from: 1, to: 9 },
  { title: 'CLIENT2 answers', from: 10, to: 20 },
  { title: 'They meet', from: 21, to: 23 },
];

class Rail extends Part {
  static properties = { line: {}, moment: { type: Number }, version: { type: Number }, shown: { state: true } };

  /* The first time of each step: { time, entry times } by number. */
  get #times() {
    const out = new Map();
    for (const [k, t] of (this.line?.traces ?? []).entries())
      for (const s of t.steps) {
        const at = s.time + this.line.offset(k);
        if (!(out.get(s.number) <= at))
          out.set(s.number, at);
      }
    return out;
  }

  render() {
    const times = this.#times;
    let latest = 0;
    for (const [n, at] of times)
      if (at <= this.moment && (!latest || at >= times.get(latest)))
        latest = n;
    const said = this.shown || latest;
    return html`
      <nav class="rail" aria-label="The 23 steps">
        ${groups.map((g) => html`
          <div class="group" data-n=${g.to - g.from + 1}>
            <span class="title" aria-hidden="true">${g.title}</span>
            <ol>${steps.slice(g.from - 1, g.to).map((s) => this.#pip(s, times.get(s.number), s.number === latest))}</ol>
          </div>`)}
      </nav>
      <p class="said" aria-live="off">${said ? html`<b>${said}</b> ${sentenceOf(steps[said - 1])}
        ${times.has(said) ? html`<span class="at">${time(times.get(said))} s</span>` : html`<span class="at">not in this trace</span>`}`
        : html`<span class="at">No step yet.</span>`}</p>`;
  }

  #pip(step, at, latest) {
    const lit = at !== undefined && at <= this.moment;
    const sentence = sentenceOf(step);
    return html`<li><button class="pip" type="button" ?data-lit=${lit} ?data-latest=${latest}
      ?disabled=${at === undefined} aria-label=${`Step ${step.number}: ${sentence}${at === undefined ? '; not in this trace' : ''}`}
      title=${sentence} @click=${() => this.tell('seek', at)} @pointerenter=${() => { this.shown = step.number; }}
      @pointerleave=${() => { this.shown = 0; }} @focus=${() => { this.shown = step.number; }}
      @blur=${() => { this.shown = 0; }}>${step.number}</button></li>`;
  }
}
customElements.define('rill-rail', Rail);
