/* signaling/room: who offered what (docs/signaling.md); pure logic, no bytes, no sockets.
 *
 * The idea: members come and go, say messages, and the room says which messages go to
 * whom. It holds offers and candidates for whoever comes, remembers whose they are,
 * passes later candidates straight through, and withdraws what its owner leaves behind. A member
 * whose connection broke is away: its place is kept for a while, and what it misses with it.
 *
 *   joined → away → joined …   rill_rooms_away(), and a join that takes the place back
 *   joined | away → gone       rill_rooms_leave()
 *
 * The same calls in the same order give the same rooms, whoever makes them.
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

/* Whether auth is one to join with. Errors: RILL_SIGNALING_PASSWORD, _NAME. */
int rill_rooms_admit(const struct rill_rooms *x, const struct rill_sig_message *auth,
                     struct rill_err *why);
/* The same without the password. */
int rill_rooms_admit_name(const struct rill_sig_message *auth, struct rill_err *why);
/* Joins who was admitted. member is the caller's id of the connection, never used again. Names are
 * unique in a room: the newest connection with a name takes it, and the older is told so by an
 * ERROR that does not stay. What the older held the newer takes over when auth shows the older's
 * token, or when the older is away and never asked for one; else it is withdrawn. token: a fresh
 * secret, given to who asks for one. 1: the place was taken over. Errors: RILL_SIGNALING_FULL (the
 * connection is to be closed), _AUTH_TWICE. */
int rill_rooms_join(struct rill_rooms *x, uint64_t member, const struct rill_sig_message *auth,
                    struct rill_view token, struct rill_err *why);
/* Its connection broke: its place is kept until it comes back or leaves. */
void rill_rooms_away(struct rill_rooms *x, uint64_t member);
/* False: there is no such member. is_lost: it did not say so; the other side of its call is told
 * which it was. */
bool rill_rooms_leave(struct rill_rooms *x, uint64_t member, bool is_lost);
/* What a member says. Errors are answered by the caller with ["error", …]; the connection
 * stays, except after _NO_AUTH. Errors: RILL_SIGNALING_NO_AUTH, _AUTH_TWICE, _UNKNOWN, _NAME,
 * _FULL, _NO_OFFER, _ANSWERED, _OWN_OFFER. */
int rill_rooms_say(struct rill_rooms *x, uint64_t member, const struct rill_sig_message *m,
                   struct rill_err *why);

/* What is to be sent next, and to whom; views live until the next non-const call. Pull until
 * false after each join, say or leave: until then the next join or say is refused with _FULL, and
 * the next leave is put off. No message is longer than offer_bytes and 1 KiB. */
bool rill_rooms_next(struct rill_rooms *x, uint64_t *member, struct rill_sig_message *out);

/* --- for a store that several rooms share ------------------------------------------- */

/* The stamp of the calls that follow, greater than those before; a call that is no newer than the
 * place it would change does nothing. Never called: there is no store. */
void rill_rooms_stamp(struct rill_rooms *x, uint64_t stamp);

/* The stamps that follow may be less than those before: of a store that has forgotten all. */
void rill_rooms_forget_stamps(struct rill_rooms *x);

/* One member's place and all that it holds. Views live until the next non-const call. */
struct rill_rooms_hold {
    uint64_t key; /* the member; its upper half is its home */
    uint64_t stamp;
    struct rill_view user, room, token;
    bool is_away, has_offer, is_answered, has_answerer;
    struct rill_sig_offer offer; /* but its offerer, who is the user */
};
bool rill_rooms_has(const struct rill_rooms *x, struct rill_view room, struct rill_view user);
bool rill_rooms_find(const struct rill_rooms *x, uint64_t key, struct rill_rooms_hold *out);
/* Places of this home that have changed since they were last asked for, false when all have been
 * told and the next asking begins anew; all of them have changed. */
bool rill_rooms_next_changed(struct rill_rooms *x, uint32_t home, struct rill_rooms_hold *out);
void rill_rooms_change_all(struct rill_rooms *x, uint32_t home);
/* Everybody of this home is lost, as notes are pulled. */
void rill_rooms_lose_home(struct rill_rooms *x, uint32_t home);
/* A place as another put it down, passed over when there is one already; then all are there. */
void rill_rooms_restore(struct rill_rooms *x, const struct rill_rooms_hold *h);
void rill_rooms_restored(struct rill_rooms *x);

/* What is held now: answered offers included, and the places of who is away. */
struct rill_rooms_held {
    size_t offers, candidates, away;
};
struct rill_rooms_held rill_rooms_held(const struct rill_rooms *x);

#endif
