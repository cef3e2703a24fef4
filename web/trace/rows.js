/* rows: which entries of a line are listed: those that the filters let through, with runs of media
 * and of what is told again and again as one row each.
 *
 * The idea: an item of the list is a number: an entry, or for a run -1 less its first entry. So
 * the list can be long, and be made anew at each letter of the filter's text. */

import { P } from './protocols.js';
import { LOST, UNSENT } from './line.js';

const RUN = 4; // fewer are shown one by one
const MEDIA = -1; // what other runs are of is the number of a name

export const isRun = (item) => item < 0;
export const entryOf = (item) => (item < 0 ? -1 - item : item);

/* filter: { protocols: Set, text: entry → bool or null, lost: bool }; opened: first entries of the
 * runs that are shown open, or null: every run is open and none is listed.
 * Gives { items, runs: first entry → { n packets or whatever it is of, last }, shown: entries let
 * through }. */
export function listRows(line, filter, opened) {
  const items = [];
  const runs = new Map();
  let shown = 0;
  let run = [];
  let asides = 0; // of its entries
  let of = null; // what the run is of
  const flush = () => {
    const n = run.length - asides;
    if (n < RUN) {
      for (const i of run)
        items.push(i);
    } else {
      items.push(-1 - run[0]);
      runs.set(run[0], { n, last: run[run.length - 1] });
      if (opened.has(run[0]))
        for (const i of run)
          items.push(i);
    }
    run = [];
    asides = 0;
  };
  for (let i = 0; i < line.n; i++) {
    if (!passes(line, i, filter))
      continue;
    shown++;
    const kind = opened ? runOf(line, i) : null;
    if (of === MEDIA && run.length && isAside(line, i)) {
      run.push(i);
      asides++;
      continue;
    }
    if (run.length && kind !== of)
      flush();
    of = kind;
    if (kind === null)
      items.push(i);
    else
      run.push(i);
  }
  flush();
  return { items, runs, shown };
}

function passes(line, i, { protocols, text, lost }) {
  if (!protocols.has(line.protocol(i)))
    return false;
  if (lost && line.fate(i) !== LOST && line.fate(i) !== UNSENT)
    return false;
  return !text || text(i);
}

/* What media in its course brings with it; it does not end a run, and counts for none of its packets. */
const aside = new Set(['peer:frame_received', 'peer:queue', 'peer:jitter_target', 'media:jitter_target']);

function isAside(line, i) {
  const { trace, row } = line.at(i);
  return !trace.row.way.at(row) && aside.has(trace.nameOf(trace.eventOf(row)));
}

const alone = new Set(['call:step', 'call:failed', 'peer:description']);

/* What may be a run: media, but for packets that did not arrive, and what is told again and again;
 * null: it stands alone. */
function runOf(line, i) {
  const protocol = line.protocol(i);
  if (protocol === P.rtp)
    return line.fate(i) < LOST ? MEDIA : null;
  const { trace, row } = line.at(i);
  if (trace.row.way.at(row))
    return null;
  const event = trace.eventOf(row);
  const number = trace.event.name.at(event);
  if (alone.has(trace.names.list[number]))
    return null;
  const { what } = trace.names.list[number] === 'call:note' ? trace.data.get(event) : {};
  return what === undefined ? number : `${number} ${what}`;
}

/* The place in items of an entry; of its run when that is closed; -1: it is filtered out. */
export function placeOf({ items, runs }, entry) {
  let low = 0, high = items.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (entryOf(items[mid]) < entry)
      low = mid + 1;
    else
      high = mid;
  }
  const here = low < items.length && entryOf(items[low]) === entry;
  if (here) // behind the head of its run, when that is open
    return isRun(items[low]) && items[low + 1] === entry ? low + 1 : low;
  const before = low - 1;
  return before >= 0 && isRun(items[before]) && runs.get(entryOf(items[before])).last >= entry ? before : -1;
}

/* The place of the first listed entry at or behind one; items.length: none. */
export function nextPlace({ items }, entry) {
  let low = 0, high = items.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (entryOf(items[mid]) < entry)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}
