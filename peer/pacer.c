/* pacer: a number of packets a tick. */
#include "peer/pacer.h"

bool rill_peer_pacer_may_send(struct rill_peer_pacer *p, int64_t now, size_t queued)
{
    if (!p->started || now - p->tick >= RILL_PEER_PACER_TICK) {
        size_t even = (queued + RILL_PEER_PACER_TICKS - 1) / RILL_PEER_PACER_TICKS;
        p->started = true;
        p->tick = now;
        p->left = even > RILL_PEER_PACER_BURST ? even : RILL_PEER_PACER_BURST;
    }
    return p->left > 0;
}

void rill_peer_pacer_sent(struct rill_peer_pacer *p)
{
    if (p->left)
        p->left--;
}

int64_t rill_peer_pacer_deadline(const struct rill_peer_pacer *p)
{
    return p->started && p->left == 0 ? p->tick + RILL_PEER_PACER_TICK : p->tick;
}
