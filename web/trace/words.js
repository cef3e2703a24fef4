/* words: what a row says. */

import { steps, sentenceOf } from '../steps.js';
import points from './points.json';
import { lineOf, bytesOf, P, protocols } from './protocols.js';

const number = new Intl.NumberFormat('en');
export const count = (n) => number.format(n);

/* "1.234 s", "12.345 ms". */
export const time = (ms) => `${(ms / 1000).toFixed(4)}`;
export const span = (ms) => (ms < 1 ? `${Math.round(ms * 1000)} µs` : ms < 1000 ? `${ms.toFixed(ms < 10 ? 2 : 1)} ms` : `${(ms / 1000).toFixed(2)} s`);
export const size = (bytes) => (bytes < 10000 ? `${count(bytes)} B` : bytes < 1e7 ? `${count(Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

const quoted = (v) => (typeof v === 'string' && v.length > 60 ? `${v.slice(0, 57)}…` : String(v));

function members(data) {
  return Object.entries(data)
    .filter(([, v]) => v !== null && typeof v !== 'object')
    .map(([k, v]) => `${k} ${quoted(v)}`).join(' · ');
}

/* The sentence of an event's trace point; '': there is none. */
const meaningOf = (name) => (Object.hasOwn(points, name) ? points[name] : '');

const spaced = (what) => what.replaceAll('_', ' ');

function noteText(name, kind, data) {
  if (name === 'call:step')
    return sentenceOf(steps[data.number - 1] ?? { client: 0, sentence: String(data.sentence) });
  if (name === 'call:failed')
    return `The call failed: ${data.text ?? ''}`;
  if (name === 'call:note')
    return [data.what, data.text].filter((t) => t).join(': ');
  if (name === 'peer:description')
    return `${data.side} ${data.type ?? 'description'} is set`;
  if (name.startsWith('peer:candidate_'))
    return `candidate ${kind.what.slice(10)}: ${String(data.text || 'no more will come').replace(/^(a=)?candidate:/, '')}`;
  const more = members(data);
  const meaning = meaningOf(name) || `${kind.room} ${spaced(kind.what)}`;
  return more ? `${meaning} · ${more}` : meaning;
}

/* What all of a run are. */
export function repeatedOf(t, row) {
  const event = t.eventOf(row);
  const name = t.nameOf(event);
  if (name === 'call:note')
    return t.data.get(event).what ?? 'note';
  return spaced(name.replace(/^peer:candidate_/, 'candidate ').replace(':', ' '));
}

const clock = { opus: 48000 };
const mediaText = (t, row) => {
  const r = t.row;
  const pt = r.pt.at(row);
  const codec = t.texts.list[r.codec.at(row)] || t.codecs.get(pt & 127) || `payload type ${pt & 127}`;
  return `${codec} · seq ${r.seq.at(row)} · timestamp ${r.timestamp.at(row)} · SSRC ${r.ssrc.at(row).toString(16).padStart(8, '0')}${pt & 128 ? ' · marker' : ''}`;
};
export const clockOf = (codec) => clock[String(codec).toLowerCase()] ?? (/^pcm[au]$|^g722$/i.test(codec) ? 8000 : 90000);

/* The line of a row; fields: see fields.js. */
export function textOf(t, row, fields) {
  const protocol = t.row.protocol.at(row);
  if (protocol === P.rtp)
    return mediaText(t, row);
  const clear = t.row.clear.at(row);
  const event = clear >= 0 ? clear : t.row.wire.at(row);
  const data = t.data.get(event);
  const name = t.nameOf(event);
  if (!data)
    return spaced(name);
  if (t.row.way.at(row) === 0)
    return noteText(name, t.kinds[t.event.name.at(event)], data);
  const told = fields.line(t, name, data);
  if (told) // the label beside it says the protocol already
    return told.startsWith(`${labelOf(protocol)} `) ? told.slice(labelOf(protocol).length + 1) : told;
  if (protocol === P.signaling)
    return data.proto === 'ws' ? 'WebSocket frame' : firstLine(data.bytes);
  return lineOf(protocol, bytesOf(String(data.bytes ?? ''), 64)) || spaced(name);
}

function firstLine(hex) {
  const text = new TextDecoder().decode(bytesOf(String(hex), 120));
  return text.split('\r\n')[0];
}

export const labelOf = (protocol) => protocols[protocol].label;
