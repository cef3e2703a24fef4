/* peer/transports: the table of transports: a row for each BUNDLE group and each m-line that is in
 * none. */
#ifndef RILL_PEER_TRANSPORTS_H
#define RILL_PEER_TRANSPORTS_H

#include "peer/transport.h"

struct rill_peer;
struct rill_peer_wanted;
struct rill_sdp;
struct rill_sdp_local;

void rill_peer_transports_init(struct rill_peer *x, struct rill_arena *arena);
struct rill_ice_config rill_peer_ice_config(const struct rill_peer *x);
/* Component k of all transports, NULL behind the last: those that have an agent. */
struct rill_peer_component *rill_peer_component(const struct rill_peer *x, size_t k);
/* The one that has this socket; the first where none has. */
struct rill_peer_component *rill_peer_component_of_socket(const struct rill_peer *x,
                                                          uint32_t socket);
/* The one that asked for it, and the agent's own number of it; NULL when that agent is gone. */
struct rill_peer_component *rill_peer_component_of_request(const struct rill_peer *x,
                                                           uint32_t *request);
uint32_t rill_peer_request(const struct rill_peer *x, struct rill_peer_component *c,
                           uint32_t request);
/* The transport with these credentials of ours, those of a coming restart included; or NULL. */
struct rill_peer_transport *rill_peer_transport_of_ufrag(const struct rill_peer *x,
                                                         struct rill_view ufrag);
static inline bool rill_peer_transport_is_live(const struct rill_peer_transport *t)
{
    return t->use == RILL_PEER_TRANSPORT_OFFERED || t->use == RILL_PEER_TRANSPORT_AGREED;
}
/* It is of this m-line, and gathers; with component 2 when RTCP may need it. */
void rill_peer_transport_begin(struct rill_peer *x, int64_t now, struct rill_peer_transport *t,
                               size_t mline, bool rtcp);
void rill_peer_transport_close(struct rill_peer *x, int64_t now, struct rill_peer_transport *t);
/* RTCP is multiplexed after all. */
void rill_peer_component_close(struct rill_peer *x, int64_t now, struct rill_peer_component *c);
/* RFC 9429 §5.7: those that only the pending offer has go; before the first answer one is kept,
 * since the next description will need it. */
void rill_peer_transports_roll_back(struct rill_peer *x, int64_t now);
/* A set offer of ours: those it names begin, those that an earlier one alone had go. */
void rill_peer_transports_offered(struct rill_peer *x, int64_t now, const struct rill_sdp *offer);
/* All that descriptions may name, with the m-lines that have them. */
void rill_peer_transports_describe(struct rill_peer *x, struct rill_peer_wanted *wanted,
                                   bool restarts, struct rill_arena *arena,
                                   struct rill_sdp_local *out);
/* What has given everything back is free again. */
void rill_peer_transports_renew(struct rill_peer *x);

#endif
