/* search: the text of the filter as a test of entries.
 *
 * The idea: whoever knows the expressions of `rill trace dump --filter` writes one here too; any
 * other text is words, all of which a row has to say, or with - before it must not say. */

import { labelOf, textOf } from './words.js';
import { carried } from './fields.js';

/* { test: entry → bool or null for no text, why: what is wrong with it, kind }. */
export function searchOf(text, line, fields) {
  const words = text.trim().toLowerCase();
  if (!words)
    return { test: null, why: '', kind: '' };
  return { test: byWords(words, line, fields), why: '', kind: 'words' };
}

function byExpression(line, i, test) {
  const { trace, row } = line.at(i);
  return [trace.row.clear.at(row), trace.row.wire.at(row)].some((event) => {
    const data = event >= 0 ? trace.data.get(event) : null;
    const name = event >= 0 ? trace.nameOf(event) : '';
    return event >= 0 && test({ name, data: data ?? {}, carried: data ? carried(name, data) : null, trace, row });
  });
}

function byWords(words, line, fields) {
  const wanted = [...words.matchAll(/(-?)(?:"([^"]+)"?|(\S+))/g)].map(([, not, quoted, word]) => ({ not: not === '-', word: quoted ?? word }));
  return (i) => {
    const { trace, row } = line.at(i);
    const said = `${labelOf(trace.row.protocol.at(row))} ${trace.nameOf(trace.eventOf(row))} ${textOf(trace, row, fields)} ${trace.remoteOf(row)}`.toLowerCase();
    return wanted.every(({ not, word }) => said.includes(word) !== not);
  };
}
