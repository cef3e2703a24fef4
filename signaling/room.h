/* signaling/room: who offered what (DESIGN §5); pure logic, no bytes, no sockets.
 *
 * The idea: members come and go, say messages, and the room says which messages go to
 * whom. It holds offers and candidates for whoever comes, remembers whose they are,
 * passes later candidates straight through, and withdraws what its owner leaves behind.
 */
#ifndef RILL_SIGNALING_ROOM_H
#define RILL_SIGNALING_ROOM_H

#include "signaling/message.h"

struct rill_rooms;

/* Every member has one offer at most: a newer one takes the place of the older. */
struct rill_rooms_config {
    size_t members;            /* in all rooms together [64] */
    size_t offers;             /* held at once [32] */
    size_t candidates;         /* a side of an offer [64] */
    size_t offer_bytes;        /* descriptions and candidates of one offer, as JSON [64 KiB] */
    struct rill_view password; /* copied; empty: any password is right */
};

size_t rill_rooms_size(const struct rill_rooms_config *config);
struct rill_rooms *rill_rooms_init(void *block, const struct rill_rooms_config *config);

/* member is the caller's id of the connection. Names are unique in a room: the newest
 * connection with a name takes the place, and the older is told so by an ERROR that does not
 * stay. Errors: RILL_SIGNALING_PASSWORD, _NAME, _FULL (the connection is to be closed), and
 * _AUTH_TWICE. */
int rill_rooms_join(struct rill_rooms *x, uint32_t member, const struct rill_sig_message *auth,
                    struct rill_err *why);
void rill_rooms_leave(struct rill_rooms *x, uint32_t member);
/* What a member says. Errors are answered by the caller with ["error", …]; the connection
 * stays, except after _NO_AUTH. Errors: RILL_SIGNALING_NO_AUTH, _AUTH_TWICE, _UNKNOWN, _NAME,
 * _FULL, _NO_OFFER, _ANSWERED, _OWN_OFFER. */
int rill_rooms_say(struct rill_rooms *x, uint32_t member, const struct rill_sig_message *m,
                   struct rill_err *why);

/* What is to be sent next, and to whom; views live until the next non-const call. Pull until
 * false after each join or say: until then the next one is refused with _FULL. No message is
 * longer than offer_bytes and 1 KiB. */
bool rill_rooms_next(struct rill_rooms *x, uint32_t *member, struct rill_sig_message *out);

/* What is held now, answered offers included. */
struct rill_rooms_held {
    size_t offers, candidates;
};
struct rill_rooms_held rill_rooms_held(const struct rill_rooms *x);

#endif
