/* curves: the plots (uPlot), one below the other on one axis of time, with the moment that is
 * looked at as a line through all of them. */

import { html, nothing } from 'lit';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colour, Part } from './element.js';
import { plots, seriesOf } from './series.js';

const HEIGHT = 108;
const strokes = ['--p-rtp', '--p-stun', '--p-dtls'];

class Curves extends Part {
  static properties = { line: {}, moment: { type: Number }, version: { type: Number }, theme: {}, of: { state: true } };

  constructor() {
    super();
    this.drawn = new Map();
    this.of = 0;
    this.resized = new ResizeObserver(() => this.#resize());
  }

  render() {
    const traces = this.line?.traces ?? [];
    return html`
      ${traces.length > 1 ? html`<div class="tabs small" role="group" aria-label="Whose curves">${traces.map((t, k) => html`
        <button type="button" aria-pressed=${k === this.of ? 'true' : 'false'} @click=${() => { this.of = k; }}>${t.label}</button>`)}</div>` : nothing}
      ${plots.map((p) => html`
        <figure id=${`plot-${p.id}`} data-plot=${p.id}>
          <figcaption><b>${p.title}</b> <small>${p.unit}</small><span class="keys">${p.curves.map((c, i) => html`
            <span data-curve=${i}>${c} <output></output></span>`)}</span></figcaption>
          <div class="plot" role="img" aria-label=${`${p.title} over time`}></div>
          <p class="none" hidden>not told in this trace</p>
        </figure>`)}`;
  }

  firstUpdated() {
    this.resized.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#forget();
  }

  #forget() {
    for (const u of this.drawn.values())
      u.destroy();
    this.drawn.clear();
  }

  updated(changed) {
    if (!this.line)
      return;
    if (changed.has('theme') || changed.has('line') || changed.has('of'))
      this.#forget();
    if (['line', 'version', 'theme', 'of'].some((p) => changed.has(p)))
      this.#draw();
    this.#place();
  }

  #draw() {
    const { x, curves } = seriesOf(this.line, Math.min(this.of, this.line.traces.length - 1));
    this.x = x;
    this.curves = curves;
    for (const p of plots) {
      const figure = this.querySelector(`#plot-${p.id}`);
      const told = curves[p.id].some((c) => c.some((v) => v !== null));
      figure.querySelector('.none').hidden = told;
      figure.querySelector('.plot').hidden = !told;
      const data = [x, ...curves[p.id]];
      const there = this.drawn.get(p.id);
      if (!told)
        continue;
      if (there)
        there.setData(data);
      else
        this.drawn.set(p.id, this.#make(p, data, figure.querySelector('.plot')));
    }
  }

  #make(p, data, box) {
    const quiet = colour('--quiet'), grid = colour('--line');
    const points = p.id === 'rtt' || p.id === 'loss';
    const axis = { stroke: quiet, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
    const u = new uPlot({
      width: Math.max(200, box.clientWidth), height: HEIGHT, padding: [6, 8, 0, 0],
      legend: { show: false }, cursor: { sync: { key: 'rill' }, y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(high * 1.1 || 1, 1e-3)] } },
      axes: [{ ...axis, size: 22, space: 60 }, { ...axis, size: 46, space: 28 }],
      series: [{}, ...p.curves.map((label, i) => {
        const stroke = colour(strokes[i]);
        return { label, stroke, width: 1.5, spanGaps: true, points: { show: points, size: 4, fill: stroke, stroke } };
      })],
      hooks: { ready: [(u2) => this.#listen(u2)] },
    }, data, box);
    const line = document.createElement('span');
    line.className = 'moment';
    u.over.append(line);
    return u;
  }

  #listen(u) {
    u.over.addEventListener('click', (e) => {
      const { left } = u.over.getBoundingClientRect();
      this.tell('seek', u.posToVal(e.clientX - left, 'x') * 1000);
    });
  }

  /* The line, and what each curve is there. */
  #place() {
    if (!this.x)
      return;
    const at = Math.min(this.x.length - 1, Math.max(0, Math.round(this.moment / 1000 / (this.x[1] - this.x[0] || 1))));
    for (const p of plots) {
      const u = this.drawn.get(p.id);
      if (u)
        u.over.querySelector('.moment').style.left = `${u.valToPos(this.moment / 1000, 'x')}px`;
      this.querySelectorAll(`#plot-${p.id} output`).forEach((o, i) => {
        const v = this.curves[p.id][i].slice(0, at + 1).findLast((w) => w !== null) ?? null;
        o.textContent = v === null ? '–' : v >= 100 ? Math.round(v) : v.toFixed(v >= 10 ? 1 : 2);
      });
    }
  }

  #resize() {
    for (const u of this.drawn.values())
      u.setSize({ width: Math.max(200, u.root.parentElement.clientWidth), height: HEIGHT });
    this.#place();
  }
}
customElements.define('rill-curves', Curves);
