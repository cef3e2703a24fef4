/* apps/trace_wire: datagrams of a command that has no peer connection, told as a peer connection
 * tells its own (docs/trace.md): for `rill gather` and `rill stun`. */
#ifndef RILL_APPS_TRACE_WIRE_H
#define RILL_APPS_TRACE_WIRE_H

#include "base/addr.h"
#include "base/trace.h"

struct rill_trace_wire {
    const struct rill_trace *trace; /* NULL: nobody listens */
    uint64_t packets;
};

/* local may be NULL. */
void rill_trace_wire_tell(struct rill_trace_wire *w, int64_t now, bool sent,
                          const struct rill_addr *local, const struct rill_path *path,
                          struct rill_view bytes);

#endif
