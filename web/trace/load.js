/* load: a source becomes a trace, a slice at a time, so that the page answers meanwhile. */

import { RecordReader, TraceError } from './records.js';
import { Trace } from './trace.js';

const SLICE = 10; // ms

/* A turn of the loop of events, without the delay that timers have. */
function turn() {
  return new Promise((ok) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      ok();
    };
    port2.postMessage(0);
  });
}

/* changed(part): something has come; part: of what is there, 0 to 1. Gives the trace when all has
 * come; of a file that grows, when the source is stopped. */
export async function load(trace, changed) {
  const { source } = trace;
  const reader = new RecordReader((...record) => trace.add(...record));
  let until = performance.now() + SLICE;
  const late = () => performance.now() > until;
  for await (const { bytes, size } of source.pieces()) {
    for (let piece = bytes; !reader.push(piece, late); piece = null) {
      await turn();
      until = performance.now() + SLICE;
    }
    trace.skipped = reader.skipped;
    const read = reader.at + reader.rest.length;
    if (bytes.length)
      changed(size ? Math.min(1, read / size) : 1);
    if (late()) {
      await turn();
      until = performance.now() + SLICE;
    }
  }
  reader.end();
  trace.skipped = reader.skipped;
  if (!trace.header)
    throw new TraceError('There is nothing in this file that a trace would begin with.');
  return trace;
}

export function traceOf(source) {
  return new Trace(source);
}
