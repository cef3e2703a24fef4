/* start: the page before there is a trace: where one can come from. */

import { html, nothing } from 'lit';
import { Part } from './element.js';
import { size } from './words.js';

class Start extends Part {
  static properties = { files: {}, trouble: {}, loading: {} };

  render() {
    return html`
      <section class="start" aria-labelledby="start-title">
        <h2 id="start-title">Every packet of a call, field by field</h2>
        <p class="lead">Each byte beside its field, and each field beside the sentence of the RFC that says what it is.</p>
        ${this.trouble ? html`<p class="trouble" role="alert">${this.trouble}</p>` : nothing}
        ${this.loading ? html`<p class="wait" role="status">${this.loading}</p>` : html`
        <div class="drop">
          <p><b>Drop a trace here</b>, or two of both ends of one call.</p>
          <p><button type="button" class="primary" @click=${() => this.tell('choose')}>Open a file…</button></p>
          <p class="how">A call writes one with <code>rill call … --trace call.sqlog</code>. It stays on this machine.</p>
        </div>`}
        ${this.files?.length ? html`
          <h3>On this server</h3>
          <ul class="files">${this.files.map((f) => html`<li>
            <a href=${`#file=/trace/files/${encodeURIComponent(f.name)}`}>${f.name}</a><span>${size(f.size)}</span></li>`)}</ul>` : nothing}
      </section>`;
  }
}
customElements.define('rill-start', Start);
