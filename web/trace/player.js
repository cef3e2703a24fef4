/* player: the whole call at a glance, and the hand that moves through it: play, pause, step. */

import { html } from 'lit';
import { colour, Part } from './element.js';
import { P, protocols } from './protocols.js';
import { span, time } from './words.js';

export const speeds = [0.1, 0.5, 1, 4, 16];
const icons = {
  play: 'M6 4l13 8-13 8z', pause: 'M6 4h4v16H6zM14 4h4v16h-4z', back: 'M18 4v16L7 12zM4 4h2.5v16H4z', step: 'M6 4v16l11-8zM17.5 4H20v16h-2.5z',
};
const icon = (name) => html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d=${icons[name]} /></svg>`;

/* From below to above in the picture: what is on the wire. */
const layers = [P.signaling, P.mdns, P.stun, P.turn, P.dtls, P.rtcp, P.rtp];

class Player extends Part {
  static properties = {
    line: {}, moment: { type: Number }, playing: { type: Boolean }, speed: { type: Number }, version: { type: Number }, theme: {},
  };

  constructor() {
    super();
    this.moment = 0;
    this.resized = new ResizeObserver(() => this.#draw());
  }

  render() {
    const end = this.line?.end ?? 0;
    return html`
      <div class="player" role="group" aria-label="Playback">
        <button type="button" class="icon" aria-label="Step back" title="Step back (k or ↑)" @click=${() => this.tell('step', -1)}>${icon('back')}</button>
        <button type="button" class="icon primary" aria-label=${this.playing ? 'Pause' : 'Play'} title="Play or pause (space)"
          @click=${() => this.tell('play')}>${icon(this.playing ? 'pause' : 'play')}</button>
        <button type="button" class="icon" aria-label="Step on" title="Step on (j or ↓)" @click=${() => this.tell('step', 1)}>${icon('step')}</button>
        <select aria-label="Speed" @change=${(e) => this.tell('speed', Number(e.target.value))}>
          ${speeds.map((s) => html`<option value=${s} ?selected=${s === this.speed}>×${s}</option>`)}
        </select>
        <div class="overview" role="slider" tabindex="0" aria-label="Time" aria-valuemin="0" aria-valuemax=${Math.round(end)}
          aria-valuenow=${Math.round(this.moment)} aria-valuetext=${`${time(this.moment)} seconds of ${time(end)}`}
          @pointerdown=${this.#grab} @keydown=${this.#key}>
          <canvas></canvas><span class="head"></span>
        </div>
        <output class="clock">${time(this.moment)}<small> / ${span(end)}</small></output>
      </div>`;
  }

  firstUpdated() {
    this.resized.observe(this.querySelector('.overview'));
  }

  updated(changed) {
    if (changed.has('line') || changed.has('version') || changed.has('theme'))
      this.#draw();
    this.querySelector('.head').style.left = `${100 * Math.min(1, this.moment / (this.line?.length ?? 1))}%`;
  }

  #grab(e) {
    const box = e.currentTarget;
    const seek = (ev) => {
      const { left, width } = box.getBoundingClientRect();
      this.tell('seek', Math.max(0, Math.min(1, (ev.clientX - left) / width)) * this.line.length);
    };
    box.setPointerCapture(e.pointerId);
    box.onpointermove = seek;
    box.onpointerup = box.onpointercancel = () => { box.onpointermove = null; };
    seek(e);
  }

  #key(e) {
    const by = { ArrowLeft: -0.01, ArrowRight: 0.01, PageUp: -0.1, PageDown: 0.1, Home: -1, End: 1 }[e.key];
    if (!by)
      return;
    e.preventDefault();
    e.stopPropagation();
    this.tell('seek', Math.max(0, Math.min(1, this.moment / this.line.length + by)) * this.line.length);
  }

  /* Heights are of the square root of how much there was, so that few are seen beside many. */
  #draw() {
    const box = this.querySelector('.overview');
    const canvas = this.querySelector('canvas');
    const width = Math.round(box.clientWidth), height = box.clientHeight;
    if (!width || !this.line)
      return;
    const scale = devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const g = canvas.getContext('2d');
    g.scale(scale, scale);
    const bars = Math.max(1, Math.floor(width / 3));
    const counts = protocols.map(() => new Uint32Array(bars));
    for (let i = 0; i < this.line.n; i++)
      counts[this.line.protocol(i)][Math.min(bars - 1, Math.floor(this.line.time(i) / this.line.length * bars))]++;
    const sums = Array.from({ length: bars }, (_, i) => layers.reduce((n, p) => n + counts[p][i], 0));
    const top = Math.sqrt(Math.max(1, ...sums));
    const colours = protocols.map((p) => colour(`--p-${p.id}`));
    g.fillStyle = colour('--edge');
    for (const [k, t] of this.line.traces.entries())
      for (const s of t.steps)
        g.fillRect((s.time + this.line.offset(k)) / this.line.length * width - 0.5, 0, 1, 5);
    for (let i = 0; i < bars; i++) {
      let y = height;
      const tall = sums[i] ? Math.max(3, Math.sqrt(sums[i]) / top * (height - 8)) : 0;
      for (const p of layers) {
        if (!counts[p][i])
          continue;
        const h = tall * counts[p][i] / sums[i];
        g.fillStyle = colours[p];
        g.fillRect(i * 3, y - h, 2, h);
        y -= h;
      }
    }
  }
}
customElements.define('rill-player', Player);
