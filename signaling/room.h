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

struct rill_rooms_config {
    size_t members;            /* [64] */
    size_t offers;             /* held at once [32] */
    size_t candidates;         /* a side of an offer [64] */
    size_t offer_bytes;        /* description and candidates of one offer [64 KiB] */
    struct rill_view password; /* empty: any password is right */
};

size_t rill_rooms_size(const struct rill_rooms_config *config);
struct rill_rooms *rill_rooms_init(void *block, const struct rill_rooms_config *config);

/* member is the caller's id of the connection. Names are unique in a room: the newest
 * connection with a name takes the place. Errors: RILL_SIGNALING_PASSWORD (the connection is
 * to be closed), _NAME, _FULL. */
int rill_rooms_join(struct rill_rooms *x, uint32_t member, const struct rill_sig_message *auth,
                    struct rill_err *why);
void rill_rooms_leave(struct rill_rooms *x, uint32_t member);
/* What a member says. Errors are answered by the caller with ["error", …]; the connection
 * stays unless said otherwise. */
int rill_rooms_say(struct rill_rooms *x, uint32_t member, const struct rill_sig_message *m,
                   struct rill_err *why);

/* What is to be sent next, and to whom; views live until the next non-const call. */
bool rill_rooms_next(struct rill_rooms *x, uint32_t *member, struct rill_sig_message *out);

#endif
