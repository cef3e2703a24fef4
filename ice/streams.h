/* ice/streams: what the other files of the agent ask of its connections (RFC 6544); see streams.c.
 */
#ifndef RILL_ICE_STREAMS_H
#define RILL_ICE_STREAMS_H

#include "base/arena.h"
#include "ice/agent.h"
#include "ice/framing.h"

enum rill_ice_stream_state {
    RILL_ICE_STREAM_FREE,
    RILL_ICE_STREAM_ASKED,
    RILL_ICE_STREAM_ABANDONED,
    RILL_ICE_STREAM_OPEN,
    RILL_ICE_STREAM_CLOSING,
};

struct rill_ice_stream {
    enum rill_ice_stream_state state;
    bool tell; /* its OPEN event has not been told */
    bool accepted;
    bool proven; /* something that came over it was authentic */
    size_t base;
    uint32_t request, socket;
    struct rill_addr remote;
    int64_t heard; /* when it was asked for, stood, or gave something authentic */
    struct rill_ice_deframer in;
};

void rill_ice_streams_init(struct rill_ice *x, struct rill_arena *a,
                           const struct rill_ice_config *c);
bool rill_ice_is_framed(const struct rill_ice *x, size_t pair);
bool rill_ice_stream_is_open(const struct rill_ice *x, size_t pair);
/* 0: no connection joins them. */
uint32_t rill_ice_stream_socket(const struct rill_ice *x, size_t base,
                                const struct rill_addr *remote);
size_t rill_ice_stream_base(const struct rill_ice *x, uint32_t socket);
/* Asks for one unless there is one, or it is for the peer to open it. */
void rill_ice_stream_want(struct rill_ice *x, int64_t now, size_t pair);
/* False when the request, or the socket, is none of a connection's. */
bool rill_ice_stream_opened(struct rill_ice *x, int64_t now, uint32_t request, uint32_t socket);
bool rill_ice_stream_open_failed(struct rill_ice *x, int64_t now, uint32_t request);
bool rill_ice_stream_ended(struct rill_ice *x, int64_t now, uint32_t socket);
void rill_ice_streams_drop(struct rill_ice *x, int64_t now, size_t base);
bool rill_ice_stream_event(struct rill_ice *x, struct rill_ice_event *out);
/* What came by this path was authentic. */
void rill_ice_stream_proves(struct rill_ice *x, int64_t now, const struct rill_path *path);
/* The selected pair's connection is lost, and this pair's is the one that the peer opened instead.
 */
bool rill_ice_stream_replaces(const struct rill_ice *x, size_t pair);
size_t rill_ice_stream_wrap(const struct rill_ice *x, struct rill_path *path, struct rill_span out,
                            size_t n);
bool rill_ice_stream_is(const struct rill_ice *x, const struct rill_path *path);
size_t rill_ice_stream_unwrap(struct rill_ice *x, int64_t now, const struct rill_path *path,
                              struct rill_span bytes, struct rill_path *inner_path,
                              struct rill_span *inner);
void rill_ice_streams_tick(struct rill_ice *x, int64_t now);
int64_t rill_ice_streams_deadline(const struct rill_ice *x);

#endif
