/* peer/datagram: bytes that come and go are told in one way, by peer connections and by commands
 * that have none (docs/trace.md). */
#ifndef RILL_PEER_DATAGRAM_H
#define RILL_PEER_DATAGRAM_H

#include "base/addr.h"
#include "base/trace.h"

/* trace and local may be NULL. number: datagrams are counted from 1, in both directions together.
 */
void rill_peer_datagram_tell(const struct rill_trace *trace, int64_t now, bool leaves,
                             uint64_t number, const struct rill_addr *local,
                             const struct rill_path *path, struct rill_view bytes);

#endif
