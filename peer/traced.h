/* peer/traced: what a peer tells about the bytes that come and go. */
#ifndef RILL_PEER_TRACED_H
#define RILL_PEER_TRACED_H

#include "base/frame.h"

struct rill_addr;
struct rill_path;
struct rill_peer;
struct rill_peer_component;
struct rill_peer_line;
struct rill_peer_receiver;

/* l NULL: of no m-line. */
void rill_peer_trace_received(struct rill_peer *x, int64_t now, const struct rill_peer_component *c,
                              const struct rill_path *path, struct rill_view bytes);
/* Once a datagram was built; bytes n 0: it does not leave. */
void rill_peer_trace_sent(struct rill_peer *x, int64_t now, const struct rill_peer_component *c,
                          const struct rill_path *path, struct rill_view bytes);
void rill_peer_trace_rtp_received(const struct rill_peer *x, int64_t now,
                                  const struct rill_peer_line *l, struct rill_view packet);
void rill_peer_trace_rtp_sent(const struct rill_peer *x, int64_t now,
                              const struct rill_peer_line *l, struct rill_view packet);
void rill_peer_trace_rtcp_received(const struct rill_peer *x, int64_t now, struct rill_view packet);
void rill_peer_trace_rtcp_sent(const struct rill_peer *x, int64_t now, struct rill_view packet);

void rill_peer_trace_interface(const struct rill_peer *x, int64_t now, const struct rill_addr *addr,
                               bool up);
void rill_peer_trace_candidate(const struct rill_peer *x, int64_t now, bool local,
                               struct rill_view mid, struct rill_view ufrag, struct rill_view text);
void rill_peer_trace_frame(const struct rill_peer *x, const struct rill_peer_line *l,
                           const struct rill_peer_receiver *in, const struct rill_frame *f);
/* What its jitter buffer gave up, and how long it waits. */
void rill_peer_trace_jitter(const struct rill_peer *x, const struct rill_peer_line *l,
                            struct rill_peer_receiver *in);
/* As a=rtpmap has it; empty for none. */
struct rill_view rill_peer_codec_name(enum rill_codec_id codec);

#endif
