/* peer/early: what a validated path sent before DTLS could start (RFC 8445 §12.2).
 *
 * The idea: browsers send their ClientHello right behind our first Binding success, often
 * before our own check is answered or the answer has arrived by signaling. A small store
 * keeps it, so that no retransmission is waited for. It fills once, is read once in order,
 * and is empty again when all in it is too old.
 */
#ifndef RILL_PEER_EARLY_H
#define RILL_PEER_EARLY_H

#include "base/bytes.h"
#include "base/clock.h"
#include "base/limits.h"

#define RILL_PEER_EARLY_DATAGRAMS 16
#define RILL_PEER_EARLY_TIME (3 * RILL_SECOND)

struct rill_peer_early {
    size_t n;
    size_t used;
    struct {
        size_t offset;
        size_t size;
        int64_t time;
    } entries[RILL_PEER_EARLY_DATAGRAMS];
    uint8_t bytes[RILL_DTLS_EARLY_MAX];
};

/* Keeps a copy; false when it does not fit. */
bool rill_peer_early_keep(struct rill_peer_early *e, int64_t now, struct rill_view datagram);
/* Walks what is not too old, oldest first; start with *at = 0. The view lives until the next
 * keep. */
bool rill_peer_early_next(const struct rill_peer_early *e, int64_t now, size_t *at,
                          struct rill_view *out);
void rill_peer_early_clear(struct rill_peer_early *e);

#endif
