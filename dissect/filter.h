/* dissect/filter: which events of a trace are meant (docs/trace.md, "Filters").
 *
 *   stun · rtp and rtp.seq > 100 · stun.method == "Binding" · name ~ "peer:" · time >= 2.5 ·
 *   ip == 192.0.2.1 · port == 5000 · step == 7 · data.state == "failed" · not … · … and … · … or …
 * · ( … ) · contains "…"
 *
 * The idea: the text is compiled once into a few terms and the order to combine them in; to match
 * is to ask each term of an event and of its packet's tree. Names are those of the tree's nodes, so
 * whatever can be seen can be filtered by.
 */
#ifndef RILL_DISSECT_FILTER_H
#define RILL_DISSECT_FILTER_H

#include "base/err.h"
#include "dissect/dissect.h"
#include "dissect/errors.h"

#define RILL_FILTER_TEXT_MAX 1024
#define RILL_FILTER_STEPS_MAX 64
#define RILL_FILTER_PATH_MAX 6

enum rill_filter_compare {
    RILL_FILTER_THERE, /* nothing is compared */
    RILL_FILTER_EQUAL,
    RILL_FILTER_UNEQUAL,
    RILL_FILTER_LESS,
    RILL_FILTER_LESS_EQUAL,
    RILL_FILTER_GREATER,
    RILL_FILTER_GREATER_EQUAL,
    RILL_FILTER_CONTAINS,
};

/* A value as it was written, in all the forms that it has. */
struct rill_filter_value {
    struct rill_view text; /* without quotes; into the filter's own text */
    bool is_number, is_addr;
    uint64_t whole;
    uint32_t millionths;
    struct rill_addr addr; /* port 0: any */
};

/* One step of a postfix program. */
struct rill_filter_step {
    enum { RILL_FILTER_TERM, RILL_FILTER_AND, RILL_FILTER_OR, RILL_FILTER_NOT } kind;
    struct rill_view path[RILL_FILTER_PATH_MAX]; /* into the filter's own text */
    size_t n_path;
    enum rill_filter_compare compare;
    struct rill_filter_value value;
};

/* Not to be copied: its views point into itself. */
struct rill_filter {
    uint8_t text[RILL_FILTER_TEXT_MAX];
    size_t n_text;
    struct rill_filter_step steps[RILL_FILTER_STEPS_MAX];
    size_t n_steps;
};

/* What is asked of an event; all views may be empty. */
struct rill_filter_event {
    struct rill_view name;          /* "peer:datagram_sent" */
    int64_t time;                   /* µs since the trace began */
    unsigned step;                  /* the step of the call that it is in; 0: before the first */
    struct rill_addr local, remote; /* family NONE: it has none */
    struct rill_view text;          /* all that can be read of it, for `contains` */
    const struct rill_dissection *packet; /* NULL: it has none */
};

/* An empty text matches all. Errors: RILL_FILTER_*; the offset is a column, from 1. */
int rill_filter_compile(struct rill_filter *f, struct rill_view text, struct rill_err *why);
bool rill_filter_match(const struct rill_filter *f, const struct rill_filter_event *e);
/* Whether any term asks for the packet's tree: without one it need not be made. */
bool rill_filter_needs_packet(const struct rill_filter *f);

#endif
