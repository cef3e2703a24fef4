/* app: the page: what is open, what of it is shown, and which moment is looked at. */

import { html, nothing } from 'lit';
import { Part } from './element.js';
import { Fields } from './fields.js';
import { helpDialog } from './help.js';
import { onKey } from './keys.js';
import { ROWS_MAX } from './layout.js';
import { PairLine, SingleLine } from './line.js';
import { isOfServer, readLink, writeLink } from './link.js';
import { load, traceOf } from './load.js';
import { protocols } from './protocols.js';
import { entryOf, listRows, nextPlace, placeOf } from './rows.js';
import { Search } from './search.js';
import { BlobSource, embedded, listed, UrlSource } from './source.js';
import { nextTheme, onSystemTheme, setTheme, themeNow } from './theme.js';
import { count, span } from './words.js';
import './curves.js';
import './inspector.js';
import './ladder.js';
import './player.js';
import './rail.js';
import './start.js';

const EVERYTHING = protocols.map((_, i) => i);
const QUIET = new Set([protocols.findIndex((p) => p.id === 'input')]); // not shown until asked for
const REFRESH = 250; // ms between two looks at what is coming in

class App extends Part {
  static properties = {
    traces: { state: true }, line: { state: true }, list: { state: true }, selected: { state: true }, moment: { state: true },
    chips: { state: true }, query: { state: true }, onlyLost: { state: true }, folded: { state: true }, opened: { state: true },
    view: { state: true }, layer: { state: true }, playing: { state: true }, speed: { state: true }, follow: { state: true },
    theme: { state: true }, version: { state: true }, files: { state: true }, trouble: { state: true }, loading: { state: true },
    dragging: { state: true }, fields: { state: true }, inspected: { state: true },
  };

  constructor() {
    super();
    this.fields = new Fields();
    this.traces = [];
    this.files = [];
    this.#reset();
    this.view = 'packet';
    this.speed = 1;
    this.version = 0;
    this.theme = themeNow();
    setTheme(this.theme);
  }

  #reset() {
    this.line = null;
    this.list = { items: [], runs: new Map(), shown: 0 };
    this.selected = this.inspected = -1;
    this.moment = 0;
    this.chips = new Set(EVERYTHING.filter((p) => !QUIET.has(p)));
    this.query = '';
    this.onlyLost = false;
    this.folded = true;
    this.opened = new Set();
    this.layer = '';
    this.playing = this.follow = false;
    this.trouble = this.loading = '';
  }

  async firstUpdated() {
    const on = (type, f) => this.addEventListener(type, f);
    on('seek', (e) => this.#seek(e.detail));
    on('step', (e) => this.#step(e.detail));
    on('play', () => this.#play());
    on('speed', (e) => { this.speed = e.detail; });
    on('pick', (e) => this.#select(e.detail));
    on('fold', (e) => this.#fold(e.detail));
    on('layer', (e) => { this.layer = e.detail; this.#link(); });
    on('choose', () => this.#choose(false));
    onSystemTheme(() => { this.version++; });
    document.addEventListener('keydown', (e) => onKey(e, this.#verbs));
    this.#listenForDrops();
    window.addEventListener('hashchange', () => this.#applyLink());
    this.fields = await Fields.load();
    this.files = await listed();
    const inside = embedded();
    if (inside)
      this.#open([inside], readLink());
    else
      this.#applyLink();
  }

  /* What keys ask for. */
  #verbs = {
    play: () => this.#play(),
    step: (n) => this.#step(n),
    stepOfCall: (n) => this.#stepOfCall(n),
    search: () => this.querySelector('#query')?.focus(),
    fold: () => this.#toggleFolded(),
    plots: () => this.#show(this.view === 'plots' ? 'packet' : 'plots'),
    open: () => this.#choose(false),
    theme: () => this.#turnTheme(),
    help: () => this.querySelector('#help').showModal(),
    follow: () => { this.follow = !this.follow; },
    clear: () => this.#ask(''),
  };

  /* --- opening ----------------------------------------------------------------------------------- */

  #choose(second) {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = '.sqlog,.json';
    input.multiple = !second;
    input.onchange = () => this.#openFiles([...input.files], second);
    input.click();
  }

  #openFiles(files, second) {
    const sources = files.slice(0, 2).map((f) => new BlobSource(f, f.name));
    if (!sources.length)
      return;
    if (second && this.traces.length)
      this.#open([this.traces[0].source, sources[0]]);
    else // the first that is opened is what the address is about
      this.#open(sources, this.line ? {} : readLink());
  }

  #listenForDrops() {
    const stop = (e) => e.preventDefault();
    let depth = 0;
    document.addEventListener('dragenter', (e) => { stop(e); depth++; this.dragging = true; });
    document.addEventListener('dragover', stop);
    document.addEventListener('dragleave', () => { depth = Math.max(0, depth - 1); if (!depth) this.dragging = false; });
    document.addEventListener('drop', (e) => {
      stop(e);
      depth = 0;
      this.dragging = false;
      this.#openFiles([...e.dataTransfer.files], Boolean(e.target.closest?.('[data-second]')));
    });
  }

  /* Sources become what is shown; link: where to look then. */
  async #open(sources, link = {}) {
    const kept = sources.map((s) => this.traces.find((t) => t.source === s && !s.live));
    for (const t of this.traces)
      if (!kept.includes(t))
        t.source.stop?.();
    this.#reset();
    const opening = this.opening = {};
    const traces = this.traces = sources.map((s, i) => kept[i] ?? traceOf(s));
    this.loading = 'Reading…';
    this.follow = sources.some((s) => s.live) && !link.e;
    this.link = link;
    const parts = sources.map((_, i) => (kept[i] ? 1 : 0));
    const changed = (i, part) => {
      if (this.opening !== opening)
        return;
      parts[i] = part;
      this.#refreshSoon(parts);
    };
    try {
      await Promise.all(traces.map((t, i) => (kept[i] ? t : load(t, (part) => changed(i, part)))));
      if (this.opening === opening)
        this.#refresh(traces.map(() => 1));
    } catch (e) {
      if (this.opening !== opening)
        return;
      for (const s of sources)
        s.stop?.();
      const name = sources.length === 1 ? sources[0].name : '';
      this.#reset();
      this.traces = [];
      this.trouble = `${name ? `${name}: ` : ''}${e.message}`;
      console.info(e);
    }
  }

  #refreshSoon(parts) {
    if (this.timer)
      return;
    // A look at very many costs: it is then taken less often.
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.#refresh(parts);
    }, this.line ? Math.max(REFRESH, 10 * (this.cost ?? 0)) : 0);
  }

  #refresh(parts) {
    const { traces } = this;
    const began = performance.now();
    if (!traces.length || !traces.every((t) => t.header))
      return;
    const done = parts.every((p) => p >= 1);
    const first = !this.line;
    const name = this.selected >= 0 ? this.line.name(this.selected) : null;
    if (traces.length > 1 && (done || first))
      this.#pair();
    else if (first)
      this.line = new SingleLine(traces[0]);
    else
      this.line.refresh?.();
    if (name !== null) // its number may be another now
      this.selected = this.inspected = this.line.named(name);
    const atEnd = first || !(this.selected >= 0) && !this.playing;
    this.loading = done ? '' : `Reading… ${Math.floor(100 * Math.min(...parts))} %`;
    this.version++;
    this.counts = new Uint32Array(protocols.length);
    for (let i = 0; i < this.line.n; i++)
      this.counts[this.line.protocol(i)]++;
    this.#makeList();
    if (atEnd)
      this.moment = this.line.end;
    if (done && this.link)
      this.#applyView();
    if (this.follow)
      this.#toEnd();
    document.title = `${traces.map((t) => t.source.name ?? t.label).join(' and ')} – rill trace`;
    this.cost = performance.now() - began;
  }

  #pair() {
    this.line = new PairLine(...this.traces);
    this.traces = this.line.traces;
    this.opened = new Set();
  }

  /* --- links ------------------------------------------------------------------------------------- */

  #link() {
    const hidden = EVERYTHING.filter((p) => this.chips.has(p) === QUIET.has(p));
    const url = (t) => (t?.source instanceof UrlSource ? t.source.url : '');
    writeLink({
      file: url(this.traces[0]), with: url(this.traces[1]), e: this.selected >= 0 ? this.line.name(this.selected) : '', q: this.query,
      p: hidden.length ? [...this.chips].map((p) => protocols[p].id).join(',') : '', v: this.view === 'packet' ? '' : this.view,
      l: this.layer, open: this.folded ? '' : '1', lost: this.onlyLost ? '1' : '',
    });
  }

  /* A link may name traces of this server; else it is about what is open. */
  #applyLink() {
    const link = readLink();
    const urls = [link.file, link.with].filter(isOfServer);
    const open = this.traces.map((t) => t.source.url ?? '');
    if (urls.length && String(urls) !== String(open)) {
      this.#open(urls.map((u) => new UrlSource(u)), link);
    } else if (link.file && !urls.length) {
      this.trouble = 'The link names no trace of this server.';
    } else {
      this.link = link;
      if (this.line)
        this.#applyView();
    }
  }

  #applyView() {
    const { link } = this;
    this.link = null;
    if (link.p)
      this.chips = new Set(link.p.split(',').map((id) => protocols.findIndex((p) => p.id === id)).filter((p) => p >= 0));
    this.query = link.q ?? '';
    this.folded = link.open !== '1';
    this.onlyLost = link.lost === '1';
    this.view = link.v === 'plots' ? 'plots' : 'packet';
    this.layer = link.l ?? '';
    this.#makeList();
    const entry = link.e ? this.line.named(link.e) : -1;
    if (entry >= 0)
      this.#select(entry, 'center');
  }

  /* --- what is listed ----------------------------------------------------------------------------- */

  #makeList() {
    if (!this.line)
      return;
    if (this.searched?.text !== this.query.trim() || this.searched.line !== this.line || this.searched.fields !== this.fields) {
      this.searched?.stop();
      this.searched = new Search(this.query, this.line, this.fields, () => this.#foundSoon());
    }
    const { searched } = this;
    if (!searched.done)
      searched.run();
    this.list = listRows(this.line, {
      protocols: this.chips, text: searched.text ? (i) => searched.test(i) : null, lost: this.onlyLost,
    }, this.folded ? this.opened : null);
  }

  /* A look at what is found by now, not too often. */
  #foundSoon() {
    this.finding ??= setTimeout(() => {
      this.finding = undefined;
      this.#makeList();
      this.#scrollToSelected();
    }, this.searched.done ? 0 : REFRESH);
  }

  #chip(p) {
    const chips = new Set(this.chips);
    if (!chips.delete(p))
      chips.add(p);
    this.chips = chips;
    this.#relist();
  }

  #ask(text) {
    this.query = text;
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.#relist(), 120);
  }

  #relist() {
    this.#makeList();
    this.#link();
    this.#scrollToSelected();
  }

  #toggleFolded() {
    this.folded = !this.folded;
    this.#relist();
  }

  #fold(entry) {
    const opened = new Set(this.opened);
    if (!opened.delete(entry))
      opened.add(entry);
    this.opened = opened;
    this.#makeList();
  }

  async #scrollToSelected(block = 'nearest') {
    await this.updateComplete;
    this.querySelector('rill-ladder')?.show(placeOf(this.list, this.selected), block);
  }

  /* --- the moment ----------------------------------------------------------------------------------- */

  #select(entry, block = 'nearest') {
    this.follow = false;
    this.selected = entry;
    this.moment = this.line.time(entry);
    if (!this.playing)
      this.inspected = entry;
    this.#scrollToSelected(block);
    this.#link();
  }

  #step(by) {
    if (!this.line || !this.list.items.length)
      return;
    const { items } = this.list;
    let at = this.selected < 0 ? (by < 0 ? items.length : -1) : placeOf(this.list, this.selected);
    if (at < 0)
      at = nextPlace(this.list, this.selected) - (by > 0 ? 1 : 0);
    at = Math.max(0, Math.min(items.length - 1, at + by));
    this.#select(entryOf(items[at]));
  }

  /* To the next of the 23 steps, or the one before. */
  #stepOfCall(by) {
    const times = (this.line?.traces ?? []).flatMap((t, k) => t.steps.map((s) => s.time + this.line.offset(k))).sort((a, b) => a - b);
    const next = by > 0 ? times.find((t) => t > this.moment + 1e-6) : times.findLast((t) => t < this.moment - 1e-6);
    if (next !== undefined)
      this.#seek(next);
  }

  #seek(moment) {
    if (!this.line?.n)
      return;
    let entry = this.line.find(moment);
    if (entry >= this.line.n || this.line.time(entry) > moment + 1e-6)
      entry = Math.max(0, entry - 1);
    this.#select(entry, 'center');
    this.moment = moment;
  }

  #toEnd() {
    this.moment = this.line.end;
    this.updateComplete.then(() => this.querySelector('rill-ladder')?.show(this.list.items.length - 1, 'end'));
  }

  #play() {
    if (!this.line?.n)
      return;
    this.playing = !this.playing;
    this.follow = false;
    if (!this.playing) {
      this.inspected = this.selected;
      return;
    }
    if (this.moment >= this.line.end)
      this.moment = 0;
    let before = performance.now();
    let told = 0;
    const frame = (now) => {
      if (!this.playing || !this.line)
        return;
      this.moment = Math.min(this.line.end, this.moment + (now - before) * this.speed);
      before = now;
      const entry = this.line.find(this.moment + 1e-9) - 1;
      if (entry >= 0 && entry !== this.selected) {
        this.selected = entry;
        this.#scrollToSelected();
      }
      if (now - told > 250) {
        told = now;
        this.inspected = this.selected;
      }
      if (this.moment >= this.line.end) {
        this.playing = false;
        this.inspected = this.selected;
        this.#link();
        return;
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  /* --- the page --------------------------------------------------------------------------------------- */

  #show(view) {
    this.view = view;
    this.#link();
  }

  #turnTheme() {
    this.theme = nextTheme(this.theme);
    setTheme(this.theme);
    this.version++;
  }

  render() {
    return html`
      ${this.#bar()}
      ${this.line ? this.#work() : html`<main><rill-start .files=${this.files} .trouble=${this.trouble} .loading=${this.loading}></rill-start></main>`}
      ${this.dragging ? html`<div class="dropping"><p>Open</p>${this.traces.length === 1 ? html`<p data-second>Compare with what is open</p>` : nothing}</div>` : nothing}
      ${helpDialog()}`;
  }

  #bar() {
    const live = this.traces.some((t) => t.source.live);
    const icon = { system: '◐', light: '☀', dark: '☾' }[this.theme];
    return html`
      <header class="bar">
        <h1><span>rill</span> trace</h1>
        ${this.line ? html`<p class="open">${this.traces.map((t, i) => html`${i ? html`<span class="and"> and </span>` : nothing}<b>${t.label}</b>
          <span>${t.source.name}</span>`)}
          <span class="figures">${count(this.line.n)} ${this.line.n === 1 ? 'row' : 'rows'} · ${span(this.line.end)}</span></p>` : html`<p class="open"></p>`}
        ${this.loading && this.line ? html`<p class="wait" role="status">${this.loading}</p>` : nothing}
        ${live ? html`<button type="button" class="live" aria-pressed=${this.follow ? 'true' : 'false'} title="Follow what comes (f)"
          @click=${() => { this.follow = !this.follow; if (this.follow) this.#toEnd(); }}>Live</button>` : nothing}
        ${this.line ? html`<button type="button" @click=${() => this.#choose(false)}>Open…</button>
          <button type="button" @click=${() => this.#choose(true)}>Compare…</button>` : nothing}
        <button type="button" class="icon" aria-label=${`Theme: ${this.theme}`} title=${`Theme: ${this.theme} (t)`} @click=${() => this.#turnTheme()}>${icon}</button>
        <button type="button" class="icon" aria-label="Keys" title="Keys (?)" @click=${this.#verbs.help}>?</button>
      </header>`;
  }

  #work() {
    const theme = this.theme + this.version;
    return html`
      <main class="work">
        ${this.#failed()}
        <section class="top" aria-label="The call">
          <rill-rail .line=${this.line} .moment=${this.moment} .version=${this.version}></rill-rail>
          <rill-player .line=${this.line} .moment=${this.moment} .playing=${this.playing} .speed=${this.speed} .version=${this.version}
            .theme=${this.theme}></rill-player>
        </section>
        ${this.#compared()}
        ${this.#filters()}
        <div class="panes">
          <section class="left" aria-label="What happened">
            <rill-ladder .line=${this.line} .list=${this.list} .fields=${this.fields} .selected=${this.selected} .opened=${this.opened}
              .version=${this.version}></rill-ladder>
          </section>
          <section class="right" aria-label="In detail">
            <div class="tabs" role="tablist" aria-label="In detail">
              ${[['packet', 'Packet'], ['plots', 'Plots']].map(([id, label]) => html`<button type="button" role="tab" id=${`tab-${id}`}
                aria-selected=${this.view === id ? 'true' : 'false'} aria-controls="detail" @click=${() => this.#show(id)}>${label}</button>`)}
            </div>
            <div id="detail" role="tabpanel" aria-labelledby=${`tab-${this.view}`} tabindex=${this.view === 'plots' ? '0' : nothing}>
              ${this.view === 'plots' ? html`<rill-curves .line=${this.line} .moment=${this.moment} .version=${this.version} .theme=${theme}></rill-curves>`
                : html`<rill-inspector .line=${this.line} .entry=${this.inspected} .fields=${this.fields} .layer=${this.layer}></rill-inspector>`}
            </div>
          </section>
        </div>
      </main>`;
  }

  #failed() {
    const failed = this.traces.find((t) => t.failed)?.failed;
    if (!failed)
      return nothing;
    return html`<section class="failed" role="alert"><p><b>The call failed.</b> ${failed.text}${failed.clause ? html` <cite>${failed.clause}</cite>` : nothing}</p>
      ${failed.try ? html`<p class="try">Try: ${failed.try}</p>` : nothing}</section>`;
  }

  #compared() {
    if (!this.line.summary)
      return nothing;
    const [a, b] = this.line.traces.map((t) => t.label);
    const said = ([from, to], s) => html`<p><b>${from} → ${to}</b> ${count(s.sent)} sent, ${count(s.arrived)} arrived,
      <span class=${s.lost ? 'bad' : ''}>${count(s.lost)} lost</span>${s.arrived ? html`, median ${span(Math.max(0, s.delay))}` : nothing}</p>`;
    return html`<section class="compared" aria-label="Two ends compared">
      ${this.line.matched ? html`${said([a, b], this.line.summary[0])}${said([b, a], this.line.summary[1])}
        ${Math.abs(this.line.clock) > 1 ? html`<p class="quiet">clocks ${span(Math.abs(this.line.clock))} apart, set right</p>` : nothing}
        <label class="check"><input type="checkbox" .checked=${this.onlyLost} @change=${(e) => { this.onlyLost = e.target.checked; this.#relist(); }}>
          differences only</label>`
        : html`<p class="bad">No packet of one is in the other: these are not the two ends of one call.</p>`}
    </section>`;
  }

  #filters() {
    const { counts } = this;
    return html`
      <search class="filters" aria-label="Filters">
        <div class="chips" role="group" aria-label="Protocols">${protocols.map((p, i) => (counts[i] ? html`
          <button type="button" class="chip" data-p=${p.id} aria-pressed=${this.chips.has(i) ? 'true' : 'false'} title=${`${p.what}: ${count(counts[i])}`}
            @click=${() => this.#chip(i)} @dblclick=${() => { this.chips = new Set([i]); this.#relist(); }}>${p.label} <small>${count(counts[i])}</small></button>` : nothing))}
        </div>
        <input id="query" type="search" placeholder="Filter: words, or stun.method == &quot;Binding&quot; and sent" aria-label="Filter" spellcheck="false" autocomplete="off"
          .value=${this.query} aria-invalid=${this.searched?.why ? 'true' : 'false'} aria-describedby="searched" @input=${(e) => this.#ask(e.target.value)}>
        <label class="check"><input type="checkbox" .checked=${this.folded} @change=${() => this.#toggleFolded()}> fold runs</label>
        <output id="searched">${this.searched?.why ? html`<span class="bad">${this.searched.why}</span>` : html`${count(this.list.shown)} of ${count(this.line.n)}${this.searched?.done ? nothing : html`, ${Math.floor(100 * this.searched.part)} %`}${
          this.list.items.length > ROWS_MAX ? html`; the list ends after ${count(ROWS_MAX)}` : nothing}`}</output>
      </search>`;
  }
}
customElements.define('rill-trace', App);
