#include "peer/datagram.h"

static const struct rill_trace_point received = {"peer",
                                                 "datagram_received",
                                                 "bytes came",
                                                 5,
                                                 {{"packet", RILL_TRACE_U64},
                                                  {"proto", RILL_TRACE_TEXT},
                                                  {"local", RILL_TRACE_ADDR},
                                                  {"remote", RILL_TRACE_ADDR},
                                                  {"bytes", RILL_TRACE_BYTES}}};
static const struct rill_trace_point sent = {"peer",
                                             "datagram_sent",
                                             "bytes left",
                                             5,
                                             {{"packet", RILL_TRACE_U64},
                                              {"proto", RILL_TRACE_TEXT},
                                              {"local", RILL_TRACE_ADDR},
                                              {"remote", RILL_TRACE_ADDR},
                                              {"bytes", RILL_TRACE_BYTES}}};
void rill_peer_datagram_tell(const struct rill_trace *trace, int64_t now, bool leaves,
                             uint64_t number, const struct rill_addr *local,
                             const struct rill_path *path, struct rill_view bytes)
{
    const char *proto = path->proto == RILL_PROTO_TLS   ? "tls"
                        : path->proto == RILL_PROTO_UDP ? "udp"
                                                        : "tcp";
    RILL_TRACE(trace, now, *(leaves ? &sent : &received), {.u = number},
               {.view = rill_view_of(proto)}, {.addr = local}, {.addr = &path->remote},
               {.view = bytes});
}
