/* help: what the keys do. */

import { html } from 'lit';

const keys = [
  ['j or ↓, k or ↑', 'one row on, one back'],
  ['space', 'play, pause'],
  ['] and [', 'to the next of the 23 steps, to the one before'],
  ['/', 'filter'],
  ['c', 'fold runs of RTP and the like, or show each row'],
  ['Enter', 'open or close the run that is selected'],
  ['p', 'packet or plots'],
  ['f', 'follow what comes in'],
  ['Tab, then arrows', 'through fields and bytes'],
  ['o', 'open a file'],
  ['t', 'light, dark, or as the system has it'],
  ['Esc', 'forget the filter'],
];

export const helpDialog = () => html`
  <dialog id="help" aria-labelledby="help-title" @click=${(e) => e.target === e.currentTarget && e.currentTarget.close()}>
    <h2 id="help-title">Keys</h2>
    <dl>${keys.map(([key, what]) => html`<dt>${key}</dt><dd>${what}</dd>`)}</dl>
    <p>A filter is words that a row has to say, or an expression as of <code>rill trace dump --filter</code>.
      A double click on a protocol shows it alone.</p>
    <form method="dialog"><button class="primary">Close</button></form>
  </dialog>`;
