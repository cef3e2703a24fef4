/* layout: the rows of the list, all of one height, for @lit-labs/virtualizer.
 *
 * The idea: its FlowLayout measures each row, for rows might differ. Ours do not, so nothing needs
 * to be measured, every place is known, and a few rows beyond the edges are enough. */

import { FlowLayout } from '@lit-labs/virtualizer/layouts/flow.js';

export const ROW = 28;    // px, as --row in style.css
const BEYOND = 8 * ROW;

/* The library lets no element be higher (its Virtualizer.js). */
export const ROWS_MAX = Math.floor(8200000 / ROW);

export class EvenLayout extends FlowLayout {
  constructor(...given) {
    super(...given);
    this._overhang = BEYOND;
    this._itemSize = { width: ROW, height: ROW };
  }

  get measureChildren() {
    return false;
  }

  _getSize() {
    return ROW;
  }

  _getAverageSize() {
    return ROW;
  }

  _getPosition(i) {
    return i * ROW;
  }

  /* The row from which the others are laid out. */
  _getAnchor(from) {
    return Math.max(0, Math.min(this.items.length - 1, Math.floor(from / ROW)));
  }

  /* FlowLayout holds on to its anchor until all around it are measured; here each look begins
   * anew. */
  _reflow() {
    this._resetReflowState();
    super._reflow();
  }
}
