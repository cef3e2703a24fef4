/* peer/collision: SSRCs of ours that the other side has, too. */
#ifndef RILL_PEER_COLLISION_H
#define RILL_PEER_COLLISION_H

#include <stdint.h>

struct rill_peer;
struct rill_peer_sender;
struct rill_view;

/* A packet of this SSRC has come. 0, also after one of ours has got another number;
 * RILL_PEER_LOOPED: it is to be dropped. cname: of SDES, NULL elsewhere. */
int rill_peer_collide(struct rill_peer *x, int64_t now, uint32_t ssrc,
                      const struct rill_view *cname);
void rill_peer_sender_renew(struct rill_peer *x, struct rill_peer_sender *s);
void rill_peer_sender_renew_rtx(struct rill_peer *x, struct rill_peer_sender *s);
uint32_t rill_peer_new_ssrc(struct rill_peer *x);

#endif
