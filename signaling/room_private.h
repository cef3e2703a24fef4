/* signaling/room_private: the slots of the rooms and what their files share.
 *
 *   room.c         members: memory, names, coming and going
 *   room_offers.c  what members say: offers, answers, candidates
 *   room_notes.c   what is to be sent, and to whom
 *   room_held.c    how much is held now
 */
#ifndef RILL_SIGNALING_ROOM_PRIVATE_H
#define RILL_SIGNALING_ROOM_PRIVATE_H

#include "base/chain.h"
#include "base/ring.h"
#include "signaling/room.h"

#define NO_SLOT SIZE_MAX
/* What a candidate's JSON takes besides its three texts. */
#define CANDIDATE_FRAME 96
/* What an offerObj's JSON takes besides descriptions and candidates: its members' names and
 * two escaped user names. */
#define OFFER_FRAME (4 * RILL_SIGNALING_NAME_MAX + 192)
/* Text of candidates that wait for their description, a member. */
#define EARLY_BYTES RILL_LIMIT_EARLY_BYTES
#define PASSWORD_MAX RILL_SIG_PASSWORD_MAX

struct rill_room_name {
    uint8_t n;
    uint8_t text[RILL_SIGNALING_NAME_MAX];
};

struct rill_room_early {
    struct rill_sig_candidate candidate;
    bool did_i_offer;
};

struct rill_room_member {
    bool used;
    uint32_t id;
    struct rill_room_name user, room;
    size_t answered; /* the offer this member answered last, or NO_SLOT */
    struct rill_room_early *early;
    size_t n_early;
    struct rill_arena early_text;
};

struct rill_room_offer {
    bool used;
    uint32_t generation;
    size_t offerer, answerer; /* member slots; answerer NO_SLOT: open, or it left */
    bool is_answered;
    struct rill_room_name offerer_name, answerer_name;
    struct rill_sig_description offer, answer;
    struct rill_sig_candidate *candidates[2]; /* of the offerer, of the answerer */
    size_t n_candidates[2];
    size_t bytes; /* of JSON text so far */
    struct rill_arena text;
};

/* The sides of an offer. */
enum { OFFERER, ANSWERER };

/* A message to be made when it is pulled. */
struct rill_room_note {
    enum rill_sig_type type;
    uint32_t to;
    size_t offer;        /* its slot, or NO_SLOT */
    uint32_t generation; /* of the offer */
    int side;            /* RECEIVED_CANDIDATE: whose */
    size_t first, n;     /* candidates, or slots of the offer list */
    uint64_t ack;
};

struct rill_rooms {
    struct rill_rooms_config config;
    uint8_t password[PASSWORD_MAX];
    struct rill_room_member *members;
    struct rill_chain by_id, by_name; /* members */
    uint32_t *free;                   /* slots of members, the next one last */
    size_t n_free;
    struct rill_room_offer *offers;
    struct rill_room_note *notes;
    struct rill_ring ring;
    size_t *list;                /* offer slots that AVAILABLE_OFFERS notes name */
    struct rill_sig_offer *view; /* what an outgoing message points at */
};

int rill_room_refuse(int row, uint64_t value, struct rill_err *why);

struct rill_view rill_room_name_view(const struct rill_room_name *n);
bool rill_room_same(const struct rill_room_member *a, const struct rill_room_member *b);
/* Each gives a slot, or NO_SLOT. */
size_t rill_room_find_named(const struct rill_rooms *x, struct rill_view room,
                            struct rill_view user);
size_t rill_room_find_offer_of(const struct rill_rooms *x, size_t member);

/* room_offers.c */
void rill_room_withdraw(struct rill_rooms *x, size_t offer);
void rill_room_forget_early(struct rill_room_member *m);
int rill_room_say_offer(struct rill_rooms *x, size_t member, const struct rill_sig_message *say,
                        struct rill_err *why);
int rill_room_say_answer(struct rill_rooms *x, size_t member, const struct rill_sig_message *say,
                         struct rill_err *why);
int rill_room_say_candidate(struct rill_rooms *x, size_t member, const struct rill_sig_message *say,
                            struct rill_err *why);

/* room_notes.c: offer may be NO_SLOT. */
struct rill_room_note rill_room_about(const struct rill_rooms *x, enum rill_sig_type type,
                                      size_t member, size_t offer);
void rill_room_note(struct rill_rooms *x, struct rill_room_note n);

#endif
