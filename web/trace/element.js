/* element: what the parts of the page share: they live in the page itself, so that one style sheet
 * and one set of ids hold for all. */

import { LitElement } from 'lit';

export class Part extends LitElement {
  createRenderRoot() {
    return this;
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
  }
}

/* The value that a colour of the style sheet has now, for canvases. */
export function colour(name) {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
