/* apps/trace_lens: events of a trace with what they mean: their packet taken apart, a line for
 * people, whether a filter wants them.
 *
 * The idea: events are shown to the lens in their order, and it remembers what later ones need: the
 * payload types and extensions of descriptions, fragments of handshake messages, and the step that
 * the call is in. */
#ifndef RILL_APPS_TRACE_LENS_H
#define RILL_APPS_TRACE_LENS_H

#include "apps/trace_read.h"
#include "dissect/filter.h"

struct rill_trace_lens;

struct rill_trace_event {
    uint64_t number; /* of its record */
    int64_t time;    /* µs */
    const char *name;
    const json_t *data;
    unsigned step;
    bool has_packet;
    enum rill_dissect_kind kind;
    struct rill_view bytes; /* in the lens, until its next event */
    struct rill_addr local, remote;
};

/* trace_points.c: what an event of this name ("room:event") tells; NULL for one that is not known.
 */
const char *rill_trace_sentence(const char *name);

/* NULL when there is no memory. */
struct rill_trace_lens *rill_trace_lens_new(void);
void rill_trace_lens_free(struct rill_trace_lens *x);

/* An event that was not seen before teaches; `again` shows one once more: then step is its own. */
void rill_trace_lens_event(struct rill_trace_lens *x, const struct rill_trace_record *r,
                           struct rill_trace_event *out);
void rill_trace_lens_again(struct rill_trace_lens *x, const struct rill_trace_record *r,
                           unsigned step, struct rill_trace_event *out);
/* The event's tree, in the lens until the next call; no nodes when it has no packet. */
const struct rill_dissection *rill_trace_lens_tree(struct rill_trace_lens *x,
                                                   const struct rill_trace_event *e);
/* Without a newline: of a packet its summary, of a step its sentence, of others what they mean and
 * their data. */
void rill_trace_lens_write(struct rill_trace_lens *x, const struct rill_trace_event *e,
                           struct rill_writer *w);
/* text: the record as it stands in the file. */
bool rill_trace_lens_match(struct rill_trace_lens *x, const struct rill_trace_event *e,
                           struct rill_view text, const struct rill_filter *f);

#endif
