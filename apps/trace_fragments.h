/* apps/trace_fragments: the datagrams of a trace that have a part of a handshake message of DTLS,
 * by flow and direction, so that the message can be told whole at its last part.
 *
 * The idea: a handshake has a dozen of them, and the newest matter: a ring, whose oldest is
 * forgotten. */
#ifndef RILL_APPS_TRACE_FRAGMENTS_H
#define RILL_APPS_TRACE_FRAGMENTS_H

#include "base/addr.h"
#include "base/bytes.h"

#define RILL_TRACE_FRAGMENTS 64
#define RILL_TRACE_FRAGMENT_MAX 4096 /* a datagram of more is passed over */

struct rill_trace_flow {
    struct rill_addr local, remote;
    bool sent;
};

/* All zero to begin. */
struct rill_trace_fragments {
    uint64_t taken;
    struct rill_trace_fragment {
        uint64_t number; /* of its record */
        struct rill_trace_flow flow;
        size_t n;
        uint8_t bytes[RILL_TRACE_FRAGMENT_MAX];
    } ring[RILL_TRACE_FRAGMENTS];
};

/* Kept when it has a fragment; records come in their order. */
void rill_trace_fragments_take(struct rill_trace_fragments *x, uint64_t number,
                               const struct rill_trace_flow *flow, struct rill_view datagram);
/* Those of the flow before record `number`, the oldest first, until the next take(). */
size_t rill_trace_fragments_before(const struct rill_trace_fragments *x, uint64_t number,
                                   const struct rill_trace_flow *flow,
                                   struct rill_view out[RILL_TRACE_FRAGMENTS]);

#endif
