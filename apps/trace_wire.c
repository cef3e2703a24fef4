#include "apps/trace_wire.h"

#include "peer/datagram.h"

void rill_trace_wire_tell(struct rill_trace_wire *w, int64_t now, bool sent,
                          const struct rill_addr *local, const struct rill_path *path,
                          struct rill_view bytes)
{
    rill_peer_datagram_tell(w->trace, now, sent, ++w->packets, local, path, bytes);
}
