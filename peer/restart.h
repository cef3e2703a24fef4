/* peer/restart: ICE restarts, as far as descriptions tell of them. */
#ifndef RILL_PEER_RESTART_H
#define RILL_PEER_RESTART_H

#include "base/digest.h"

struct rill_peer;
struct rill_peer_transport;
struct rill_sdp;
struct rill_sdp_media;

/* The credentials that a restart brings, made when they are first asked for. */
void rill_peer_restart_words(struct rill_peer *x, struct rill_peer_transport *t,
                             struct rill_view *ufrag, struct rill_view *pwd);
/* RFC 8839 §4.4.1.1.1: a changed ufrag or pwd asks for it. */
bool rill_peer_restart_is_asked(const struct rill_peer *x, const struct rill_peer_transport *t,
                                const struct rill_sdp *offer);
/* The agents take them; or, where the other side alone has new ones, keep their own. */
int rill_peer_restart_agents(struct rill_peer *x, int64_t now, struct rill_peer_transport *t);
int rill_peer_restart_follow(struct rill_peer_transport *t, int64_t now);
/* The pending offer's restarts are taken back. */
void rill_peer_restarts_undo(struct rill_peer *x, int64_t now);
void rill_peer_restarts_end(struct rill_peer *x);
bool rill_peer_restart_is_pending(const struct rill_peer *x);
void rill_peer_remote_ice(const struct rill_sdp_media *m, uint8_t digest[RILL_SHA256_SIZE]);

#endif
