/* trace: one stream of events, the same for logs, files, pages and tests.
 *
 * The idea: the code names a point and its values; what becomes of them is the sink's
 * business. A point is a static row beside the code that emits it. With no sink an
 * event costs one branch. Secrets are typed as secrets, so that a sink leaves them out
 * unless it was told otherwise.
 *
 *   static const struct rill_trace_point nominated = {
 *       "ice", "nominated", "the controlling agent chose this pair",
 *       2, {{"local", RILL_TRACE_ADDR}, {"remote", RILL_TRACE_ADDR}}};
 *   RILL_TRACE(x->trace, now, nominated, {.addr = &local}, {.addr = &remote});
 */
#ifndef RILL_BASE_TRACE_H
#define RILL_BASE_TRACE_H

#include "base/addr.h"

enum rill_trace_type {
    RILL_TRACE_U64,
    RILL_TRACE_I64,
    RILL_TRACE_TEXT,   /* view of UTF-8 */
    RILL_TRACE_BYTES,  /* view, shown as hex */
    RILL_TRACE_SECRET, /* view, withheld by default */
    RILL_TRACE_ADDR,
};

#define RILL_TRACE_FIELDS_MAX 16

struct rill_trace_field {
    const char *name;
    enum rill_trace_type type;
};

struct rill_trace_point {
    const char *room;
    const char *name;
    const char *sentence;
    size_t n;
    struct rill_trace_field fields[RILL_TRACE_FIELDS_MAX];
};

union rill_trace_value {
    uint64_t u;
    int64_t i;
    struct rill_view view;
    const struct rill_addr *addr;
};

/* emit reads the values during the call and keeps nothing of them. It must not call
 * back into the machine that emits. now is 0 where the machine knows of no instant. */
struct rill_trace {
    void *ctx;
    void (*emit)(void *ctx, const struct rill_trace_point *point, int64_t now,
                 const union rill_trace_value *values);
};

#define RILL_TRACE(trace, now, point, ...)                                                         \
    do {                                                                                           \
        const struct rill_trace *trace_ = (trace);                                                 \
        if (trace_ && trace_->emit)                                                                \
            trace_->emit(trace_->ctx, &(point), (now),                                             \
                         (const union rill_trace_value[]){__VA_ARGS__});                           \
    } while (0)

#endif
