/* apps/trace_explain: each event as a line for people: when, who speaks, what it means and of what;
 * a packet in the words of its protocol. */
#ifndef RILL_APPS_TRACE_EXPLAIN_H
#define RILL_APPS_TRACE_EXPLAIN_H

#include "base/trace.h"
#include "dissect/dissect.h"

#include <stdio.h>

/* May lines on out be coloured? It is a terminal, and nobody minds (https://no-color.org). */
bool rill_trace_may_colour(FILE *out);

struct rill_trace_explainer {
    FILE *out;
    bool colour;                     /* out is a terminal, and nobody minds */
    struct rill_dissect_hints hints; /* of the descriptions so far */
};

void rill_trace_explain_to(struct rill_trace_explainer *x, FILE *out);
/* time: µs since the start. */
void rill_trace_explain(struct rill_trace_explainer *x, const struct rill_trace_point *point,
                        int64_t time, const union rill_trace_value *values);

#endif
