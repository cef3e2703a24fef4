/* apps/trace_store: the events of a trace, kept, so that they can be shown in any order.
 *
 * The idea: a record stays the text that it was; of each there is a row with what a list needs, and
 * the rest is read again when it is looked at. A hundred thousand of them are a hundred megabytes.
 */
#ifndef RILL_APPS_TRACE_STORE_H
#define RILL_APPS_TRACE_STORE_H

#include "apps/trace_lens.h"

/* Whom an event is between: this side, and … */
enum rill_trace_lane {
    RILL_TRACE_ALONE,
    RILL_TRACE_SIGNALING,
    RILL_TRACE_SERVER, /* STUN or TURN */
    RILL_TRACE_OTHER,  /* the other side */
};

struct rill_trace_row {
    int64_t time;
    size_t at, n; /* of its text */
    uint16_t step;
    uint8_t lane; /* enum rill_trace_lane */
    bool sent, has_packet;
};

struct rill_trace_store;

struct rill_trace_store *rill_trace_store_new(void);
void rill_trace_store_free(struct rill_trace_store *x);
/* False when memory is out. */
bool rill_trace_store_add(struct rill_trace_store *x, const struct rill_trace_record *r,
                          const struct rill_trace_event *e);
size_t rill_trace_store_count(const struct rill_trace_store *x);
const struct rill_trace_row *rill_trace_store_row(const struct rill_trace_store *x, size_t i);
struct rill_view rill_trace_store_text(const struct rill_trace_store *x, size_t i);
/* Reads row i again; *out lives until the next call. */
bool rill_trace_store_read(struct rill_trace_store *x, size_t i, struct rill_trace_record *out);

#endif
