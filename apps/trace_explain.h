/* apps/trace_explain: each event as a line for people: when, who speaks, what it means and of what.
 */
#ifndef RILL_APPS_TRACE_EXPLAIN_H
#define RILL_APPS_TRACE_EXPLAIN_H

#include "base/trace.h"

#include <stdio.h>

/* May lines on out be coloured? It is a terminal, and nobody minds (https://no-color.org). */
bool rill_trace_may_colour(FILE *out);

/* time: µs since the start. */
void rill_trace_explain(FILE *out, bool colour, const struct rill_trace_point *point, int64_t time,
                        const union rill_trace_value *values);

#endif
