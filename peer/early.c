/* early: whole datagrams one behind the other in one small buffer. */
#include "peer/early.h"

#include <string.h>

static bool is_old(const struct rill_peer_early *e, size_t i, int64_t now)
{
    return now - e->entries[i].time >= RILL_PEER_EARLY_TIME;
}

bool rill_peer_early_keep(struct rill_peer_early *e, int64_t now, struct rill_view datagram)
{
    if (e->n && is_old(e, e->n - 1, now))
        rill_peer_early_clear(e);
    if (e->n == RILL_PEER_EARLY_DATAGRAMS || datagram.n > sizeof e->bytes - e->used)
        return false;
    memcpy(e->bytes + e->used, datagram.p, datagram.n);
    e->entries[e->n].offset = e->used;
    e->entries[e->n].size = datagram.n;
    e->entries[e->n].time = now;
    e->used += datagram.n;
    e->n++;
    return true;
}

bool rill_peer_early_next(const struct rill_peer_early *e, int64_t now, size_t *at,
                          struct rill_view *out)
{
    while (*at < e->n) {
        size_t i = (*at)++;
        if (is_old(e, i, now))
            continue;
        *out = rill_view_at(e->bytes + e->entries[i].offset, e->entries[i].size);
        return true;
    }
    return false;
}

void rill_peer_early_clear(struct rill_peer_early *e)
{
    e->n = 0;
    e->used = 0;
}
