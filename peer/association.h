/* peer/association: DTLS associations, kept or made anew (RFC 8842 §5, RFC 9429 §5.3.2). */
#ifndef RILL_PEER_ASSOCIATION_H
#define RILL_PEER_ASSOCIATION_H

#include "sdp/sdp.h"

struct rill_peer;
struct rill_peer_component;
struct rill_peer_transport;

/* The m-line of an offer that speaks for a transport, NULL for none. */
const struct rill_sdp_media *rill_peer_speaker(const struct rill_peer *x,
                                               const struct rill_peer_transport *t,
                                               const struct rill_sdp *offer);
/* Our role in the association that an answer to this offer continues; none for a new one. */
enum rill_sdp_setup rill_peer_association_role(const struct rill_peer *x,
                                               const struct rill_peer_transport *t,
                                               const struct rill_sdp *offer);
void rill_peer_association_agreed(struct rill_peer *x, struct rill_peer_transport *t,
                                  const struct rill_sdp_media *remote, bool is_client);
/* Ends an association that awaits a ClientHello when this is one: true. */
bool rill_peer_association_hello(struct rill_peer *x, struct rill_peer_component *c,
                                 struct rill_view datagram);
/* Its keys are gone. */
void rill_peer_association_free(struct rill_peer_component *c);
/* And the streams. */
void rill_peer_association_forget(struct rill_peer *x, struct rill_peer_component *c);

#endif
