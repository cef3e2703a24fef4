/* signaling/room_private: the slots of the rooms and what their files share.
 *
 *   room.c         members: memory, names, coming and going
 *   room_places.c  who is away, who takes a place back, and how calls end
 *   room_offers.c  what members say: offers, answers, candidates
 *   room_hold.c    places as a store keeps them
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

/* A call of this member that ended while it was away. */
struct rill_room_hung_up {
    bool is_set, is_lost;
    struct rill_room_name by;
};

struct rill_room_member {
    bool used, is_away;
    enum { STAYS, LEAVES, LEAVES_LOST } leaving; /* once what is to be sent has been pulled */
    uint64_t id;
    uint64_t stamp;      /* of the last call that changed this place */
    bool is_changed;     /* since it was last put down */
    uint64_t away_since; /* in the order of going */
    struct rill_room_name user, room;
    uint8_t token[RILL_SIG_TOKEN_MAX];
    size_t n_token;
    struct rill_room_hung_up hung_up;
    size_t answered; /* the offer this member answered last, or NO_SLOT */
    size_t
        partner; /* the member it is in a call with, or NO_SLOT; new offers change nothing of it */
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
    bool wants_answerer; /* put down, but not linked yet */
    bool is_answer_told;
    size_t n_told[2]; /* candidates of the other side that this one was told */
    size_t bytes;     /* of JSON text so far */
    struct rill_arena text;
};

/* The sides of an offer. */
enum { OFFERER, ANSWERER };

/* A message to be made when it is pulled. */
struct rill_room_note {
    enum rill_sig_type type;
    uint64_t to;
    size_t offer;        /* its slot, or NO_SLOT */
    uint32_t generation; /* of the offer */
    int side;            /* RECEIVED_CANDIDATE: whose */
    size_t first, n;     /* candidates, or slots of the offer list */
    uint64_t ack;
    bool is_lost, is_resumed;   /* HUNG_UP; PLACE */
    size_t member;              /* PLACE: whose token */
    struct rill_room_name user; /* HUNG_UP, OFFER_WITHDRAWN */
};

struct rill_rooms {
    struct rill_rooms_config config;
    uint8_t password[PASSWORD_MAX];
    struct rill_room_member *members;
    struct rill_chain by_id, by_name; /* members */
    uint32_t *free;                   /* slots of members, the next one last */
    size_t n_free, n_leaving, n_away;
    size_t next_changed; /* where rill_rooms_next_changed() goes on */
    uint64_t stamp;      /* of the call that is made; 0: there is no store */
    uint64_t went;       /* how many went away so far */
    struct rill_room_offer *offers;
    struct rill_room_note *notes;
    struct rill_ring ring;
    size_t *list;                /* offer slots that AVAILABLE_OFFERS notes name */
    struct rill_sig_offer *view; /* what an outgoing message points at */
};

int rill_room_refuse(int row, uint64_t value, struct rill_err *why);

struct rill_view rill_room_name_view(const struct rill_room_name *n);
bool rill_room_same(const struct rill_room_member *a, const struct rill_room_member *b);
/* member is in m's room and not away. */
bool rill_room_hears(const struct rill_rooms *x, size_t member, const struct rill_room_member *m);
/* Each gives a slot, or NO_SLOT. */
size_t rill_room_find_named(const struct rill_rooms *x, struct rill_view room,
                            struct rill_view user);
size_t rill_room_find_offer_of(const struct rill_rooms *x, size_t member);

/* room.c: each gives a slot, or NO_SLOT. */
size_t rill_room_find_member(const struct rill_rooms *x, uint64_t id);
size_t rill_room_sit_down(struct rill_rooms *x, const struct rill_sig_message *auth, uint64_t id);
struct rill_room_name rill_room_name_of(struct rill_view v);
/* room_hold.c: the call that is made is no newer than this place; it changes it. */
bool rill_room_is_stale(const struct rill_rooms *x, size_t member);
void rill_room_changed(struct rill_rooms *x, size_t member);

/* room.c: one that was put off. */
void rill_room_leave_next(struct rill_rooms *x);

/* room_places.c */
/* The slot that auth takes over, told so; or NO_SLOT, and nobody has the name any more. */
size_t rill_room_take_over(struct rill_rooms *x, const struct rill_sig_message *auth, uint64_t id);
/* Who has been away for longest, or NO_SLOT. */
size_t rill_room_oldest_away(const struct rill_rooms *x);
void rill_room_come_back(struct rill_rooms *x, size_t member);
/* All that it missed; when is_all, also what it may have heard already. */
void rill_room_catch_up(struct rill_rooms *x, size_t member, bool is_all);
/* Its offer goes, and its part in answered ones. */
void rill_room_hang_up(struct rill_rooms *x, size_t member, bool is_lost);
/* The slot is free. */
void rill_room_end_offer(struct rill_rooms *x, size_t offer);

/* room_offers.c: a slot with this offer alone, or NO_SLOT; what is added to it. */
size_t rill_room_take_offer(struct rill_rooms *x, size_t member,
                            const struct rill_sig_description *offer);
int rill_room_add_answer(struct rill_rooms *x, size_t offer,
                         const struct rill_sig_description *answer, struct rill_err *why);
int rill_room_add_candidate(struct rill_rooms *x, size_t offer, int side,
                            const struct rill_sig_candidate *c, struct rill_err *why);
void rill_room_forget_early(struct rill_room_member *m);
int rill_room_say_offer(struct rill_rooms *x, size_t member, const struct rill_sig_message *say,
                        struct rill_err *why);
int rill_room_say_answer(struct rill_rooms *x, size_t member, const struct rill_sig_message *say,
                         struct rill_err *why);
int rill_room_say_candidate(struct rill_rooms *x, size_t member, const struct rill_sig_message *say,
                            struct rill_err *why);

/* room.c: the member itself goes. */
void rill_room_leave(struct rill_rooms *x, size_t member, bool is_lost);

/* room_notes.c: offer may be NO_SLOT. */
struct rill_room_note rill_room_about(const struct rill_rooms *x, enum rill_sig_type type,
                                      size_t member, size_t offer);
void rill_room_note(struct rill_rooms *x, struct rill_room_note n);

#endif
