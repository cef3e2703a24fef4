/* keys: the keyboard, wherever the focus is; lists, trees and texts have their own keys first. */

const table = {
  j: (v) => v.step(1), k: (v) => v.step(-1), ArrowDown: (v) => v.step(1), ArrowUp: (v) => v.step(-1), ' ': (v) => v.play(),
  ']': (v) => v.stepOfCall(1), '[': (v) => v.stepOfCall(-1), '/': (v) => v.search(), c: (v) => v.fold(), p: (v) => v.plots(),
  o: (v) => v.open(), t: (v) => v.theme(), '?': (v) => v.help(), f: (v) => v.follow(),
};

export function onKey(e, verbs) {
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || document.querySelector('dialog[open]'))
    return;
  const inText = e.target.matches?.('input[type="search"], select, textarea');
  if (inText) {
    if (e.key === 'Escape') {
      verbs.clear();
      e.target.blur();
    }
    return;
  }
  if (e.key === ' ' && e.target.closest?.('button, input, a')) // these have it themselves
    return;
  const verb = table[e.key];
  if (!verb)
    return;
  e.preventDefault();
  verb(verbs);
}
