#include "apps/trace_fragments.h"

#include "dissect/dissect.h"

#include <string.h>

void rill_trace_fragments_take(struct rill_trace_fragments *x, uint64_t number,
                               const struct rill_trace_flow *flow, struct rill_view datagram)
{
    if (datagram.n == 0 || datagram.n > RILL_TRACE_FRAGMENT_MAX ||
        !rill_dissect_has_fragment(datagram))
        return;
    struct rill_trace_fragment *f = &x->ring[x->taken++ % RILL_TRACE_FRAGMENTS];
    f->number = number;
    f->flow = *flow;
    f->n = datagram.n;
    memcpy(f->bytes, datagram.p, datagram.n);
}

static bool is_same(const struct rill_trace_flow *a, const struct rill_trace_flow *b)
{
    return a->sent == b->sent && rill_addr_equal(&a->local, &b->local) &&
           rill_addr_equal(&a->remote, &b->remote);
}

size_t rill_trace_fragments_before(const struct rill_trace_fragments *x, uint64_t number,
                                   const struct rill_trace_flow *flow,
                                   struct rill_view out[RILL_TRACE_FRAGMENTS])
{
    uint64_t i = x->taken > RILL_TRACE_FRAGMENTS ? x->taken - RILL_TRACE_FRAGMENTS : 0;
    size_t n = 0;
    for (; i < x->taken; i++) {
        const struct rill_trace_fragment *f = &x->ring[i % RILL_TRACE_FRAGMENTS];
        if (f->number < number && is_same(&f->flow, flow))
            out[n++] = rill_view_at(f->bytes, f->n);
    }
    return n;
}
