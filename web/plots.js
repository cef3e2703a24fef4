/* plots: the last minute of a call as four small drawings: bit rate, round trip, jitter, loss. They
 * are what the browser's getStats() says, once a second. */

import { selectedPair } from './stats.js';

const SECONDS = 60;
const WIDTH = 240;
const HEIGHT = 64;
const SVG = 'http://www.w3.org/2000/svg';

const sum = (list, member) => list.reduce((all, r) => all + (r[member] ?? 0), 0);
const most = (list, member) => list.reduce((all, r) => (r[member] === undefined ? all : Math.max(all ?? 0, r[member])), undefined);
const times = (value, by) => (value === undefined ? undefined : value * by);

/* What one report says; counters as they stand. */
export function readingOf(all) {
  const of = (type, kind) => all.filter((r) => r.type === type && (!kind || r.kind === kind));
  const came = of('inbound-rtp');
  return {
    at: Math.max(...all.map((r) => r.timestamp)),
    bytesReceived: sum(came, 'bytesReceived'),
    bytesSent: sum(of('outbound-rtp'), 'bytesSent'),
    packetsReceived: sum(came, 'packetsReceived'),
    packetsLost: sum(came, 'packetsLost'),
    roundTrip: selectedPair(all)?.currentRoundTripTime,
    videoJitter: most(of('inbound-rtp', 'video'), 'jitter'),
    audioJitter: most(of('inbound-rtp', 'audio'), 'jitter'),
    lossThere: most(of('remote-inbound-rtp'), 'fractionLost'),
  };
}

/* What happened between two readings, in the plots' units; undefined where nobody says. */
export function pointOf(now, before) {
  const seconds = (now.at - before.at) / 1000;
  const lost = Math.max(0, now.packetsLost - before.packetsLost);
  const due = now.packetsReceived - before.packetsReceived + lost;
  if (!(seconds > 0))
    return null;
  return {
    received: (now.bytesReceived - before.bytesReceived) * 8 / 1000 / seconds,
    sent: (now.bytesSent - before.bytesSent) * 8 / 1000 / seconds,
    roundTrip: times(now.roundTrip, 1000),
    video: times(now.videoJitter, 1000),
    audio: times(now.audioJitter, 1000),
    lossHere: due > 0 ? lost * 100 / due : undefined,
    lossThere: times(now.lossThere, 100),
  };
}

const kinds = [
  { title: 'Bit rate', unit: 'kbit/s', least: 100, lines: [['received', 'received'], ['sent', 'sent']] },
  { title: 'Round trip', unit: 'ms', least: 10, lines: [['roundTrip', 'of the path in use']] },
  { title: 'Jitter', unit: 'ms', least: 10, lines: [['video', 'pictures'], ['audio', 'sound']] },
  { title: 'Loss', unit: '%', least: 5, lines: [['lossHere', 'received'], ['lossThere', 'sent']] },
];

/* 1, 2 or 5 times a power of ten, and enough. */
export function ceilingOf(values, least) {
  const top = Math.max(least, ...values);
  const power = 10 ** Math.floor(Math.log10(top));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= top);
}

const shown = (value) => (value === undefined ? '–' : value < 10 ? value.toFixed(1) : String(Math.round(value)));

function svg(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes))
    made.setAttribute(key, value);
  return parent.appendChild(made);
}

/* "M0 1 L2 3", with a gap where nobody said anything. */
export function pathOf(values, ceiling) {
  let path = '';
  let pen = 'M';
  values.forEach((value, i) => {
    if (value === undefined) {
      pen = 'M';
      return;
    }
    const x = WIDTH - (values.length - 1 - i) * WIDTH / (SECONDS - 1);
    path += `${pen}${x.toFixed(1)} ${(HEIGHT - value / ceiling * HEIGHT).toFixed(1)}`;
    pen = 'L';
  });
  return path;
}

function plot(kind, parent) {
  const figure = parent.appendChild(document.createElement('figure'));
  const caption = figure.appendChild(document.createElement('figcaption'));
  const picture = svg('svg', { viewBox: `0 -2 ${WIDTH} ${HEIGHT + 4}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': kind.title }, figure);
  svg('path', { class: 'ground', d: `M0 ${HEIGHT}L${WIDTH} ${HEIGHT}M0 0L${WIDTH} 0` }, picture);
  const lines = kind.lines.map((_, i) => svg('path', { class: `line line-${i}` }, picture));
  return (points) => {
    const series = kind.lines.map(([member]) => points.map((p) => p[member]));
    const ceiling = ceilingOf(series.flat().filter((v) => v !== undefined), kind.least);
    const words = kind.lines.map(([, name], i) => `${name} ${shown(series[i].at(-1))}`);
    caption.textContent = `${kind.title}: ${words.join(', ')} ${kind.unit} (of ${ceiling})`;
    lines.forEach((line, i) => line.setAttribute('d', pathOf(series[i], ceiling)));
  };
}

/* Draws into the element; take() with each report, clear() when the call is over. */
export function plotsIn(element) {
  const draw = kinds.map((kind) => plot(kind, element));
  let points = [];
  let before = null;
  return {
    take(report) {
      const now = readingOf(report);
      const point = before && pointOf(now, before);
      before = now;
      if (!point)
        return;
      points = [...points, point].slice(-SECONDS);
      draw.forEach((one) => one(points));
    },
    clear() {
      points = [];
      before = null;
    },
  };
}
