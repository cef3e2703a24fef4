/* room: members, the offers they have made, and notes of what is to be sent.
 *
 * The idea: everything lives in fixed slots. An offer's slot holds its text and every
 * candidate of both sides, so that a note need only name the slot; a slot's generation tells
 * a note whose offer has gone meanwhile.
 *
 *   offer   held → answered (the first answer wins) → gone (its maker left or offers anew)
 *
 * Candidates that come before the description they belong to wait in the member's slot. */
#include "signaling/room.h"

#include "base/ring.h"

#include <string.h>

#define NONE SIZE_MAX
/* What a candidate's JSON takes besides its three texts. */
#define CANDIDATE_FRAME 96
/* Text of candidates that wait for their description, a member. */
#define EARLY_BYTES 8192
#define PASSWORD_MAX RILL_SIG_PASSWORD_MAX

struct name {
    uint8_t n;
    uint8_t text[RILL_SIGNALING_NAME_MAX];
};

struct early {
    struct rill_sig_candidate candidate;
    bool did_i_offer;
};

struct member {
    bool used;
    uint32_t id;
    struct name user, room;
    size_t answered; /* the offer this member answered last, or NONE */
    struct early *early;
    size_t n_early;
    struct rill_arena early_text;
};

struct offer {
    bool used;
    uint32_t generation;
    size_t offerer, answerer; /* member slots; answerer NONE: open, or it left */
    bool is_answered;
    struct name offerer_name, answerer_name;
    struct rill_sig_description offer, answer;
    struct rill_sig_candidate *candidates[2]; /* of the offerer, of the answerer */
    size_t n_candidates[2];
    size_t bytes; /* of JSON text so far */
    struct rill_arena text;
};

enum { OFFERER, ANSWERER };

/* A message to be made when it is pulled. */
struct note {
    enum rill_sig_type type;
    uint32_t to;
    size_t offer;        /* or the first of a list's offers, for AVAILABLE_OFFERS */
    uint32_t generation; /* of the offer */
    int side;            /* RECEIVED_CANDIDATE: whose */
    size_t first, n;     /* candidates, or slots of the offer list */
    uint64_t ack;
};

struct rill_rooms {
    struct rill_rooms_config config;
    uint8_t password[PASSWORD_MAX];
    struct member *members;
    struct offer *offers;
    struct note *notes;
    struct rill_ring ring;
    size_t *list;                /* offer slots that AVAILABLE_OFFERS notes name */
    struct rill_sig_offer *view; /* what an outgoing message points at */
};

static struct rill_rooms_config with_defaults(const struct rill_rooms_config *given)
{
    struct rill_rooms_config c = *given;
    c.members = c.members ? c.members : 64;
    c.offers = c.offers ? c.offers : 32;
    c.candidates = c.candidates ? c.candidates : 64;
    c.offer_bytes = c.offer_bytes ? c.offer_bytes : 64 * 1024;
    if (c.candidates > RILL_SIGNALING_CANDIDATES_MAX)
        c.candidates = RILL_SIGNALING_CANDIDATES_MAX;
    return c;
}

/* An offer's text: its bytes as JSON are at least as many as they are here, and each of the
 * few pieces may be padded. */
static size_t text_size(const struct rill_rooms_config *c)
{
    return c->offer_bytes + 16 * (8 + 6 * c->candidates);
}

static void carve_members(struct rill_arena *a, struct rill_rooms *x,
                          const struct rill_rooms_config *c)
{
    struct member *m = rill_arena_take(a, c->members, sizeof *m);
    for (size_t i = 0; i < c->members; i++) {
        struct early *early = rill_arena_take(a, c->candidates, sizeof *early);
        void *text = rill_arena_take(a, EARLY_BYTES, 1);
        if (!m)
            continue;
        m[i].early = early;
        m[i].early_text = rill_arena_over(text, EARLY_BYTES);
    }
    if (x)
        x->members = m;
}

static void carve_offers(struct rill_arena *a, struct rill_rooms *x,
                         const struct rill_rooms_config *c)
{
    struct offer *o = rill_arena_take(a, c->offers, sizeof *o);
    for (size_t i = 0; i < c->offers; i++) {
        struct rill_sig_candidate *sides[2];
        for (int s = 0; s < 2; s++)
            sides[s] = rill_arena_take(a, c->candidates, sizeof *sides[s]);
        void *text = rill_arena_take(a, text_size(c), 1);
        if (!o)
            continue;
        memcpy(o[i].candidates, sides, sizeof sides);
        o[i].text = rill_arena_over(text, text_size(c));
    }
    if (x)
        x->offers = o;
}

static struct rill_rooms *carve(struct rill_arena *a, const struct rill_rooms_config *c)
{
    struct rill_rooms *x = rill_arena_take(a, 1, sizeof *x);
    size_t notes = c->members + c->candidates + c->offers + 4;
    carve_members(a, x, c);
    carve_offers(a, x, c);
    struct note *ring = rill_arena_take(a, notes, sizeof *ring);
    size_t *list = rill_arena_take(a, c->offers, sizeof *list);
    struct rill_sig_offer *view = rill_arena_take(a, c->offers, sizeof *view);
    if (!x)
        return NULL;
    x->notes = ring;
    x->ring.cap = notes;
    x->list = list;
    x->view = view;
    return x;
}

size_t rill_rooms_size(const struct rill_rooms_config *config)
{
    struct rill_rooms_config c = with_defaults(config);
    struct rill_arena a = rill_arena_counting();
    carve(&a, &c);
    return rill_arena_size(&a);
}

struct rill_rooms *rill_rooms_init(void *block, const struct rill_rooms_config *config)
{
    struct rill_rooms_config c = with_defaults(config);
    struct rill_arena a = rill_arena_over(block, rill_rooms_size(config));
    struct rill_rooms *x = carve(&a, &c);
    size_t n = c.password.n < PASSWORD_MAX ? c.password.n : PASSWORD_MAX;
    if (n)
        memcpy(x->password, c.password.p, n);
    c.password = rill_view_at(x->password, n);
    x->config = c;
    return x;
}

static int refuse(int row, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_signaling_errors, row, 0, value, why);
}

/* --- names and slots ----------------------------------------------------------------- */

static struct rill_view name_view(const struct name *n)
{
    return rill_view_at(n->text, n->n);
}

static struct name name_of(struct rill_view v)
{
    struct name n = {.n = (uint8_t)v.n};
    if (v.n)
        memcpy(n.text, v.p, v.n);
    return n;
}

static bool name_is_good(struct rill_view v, size_t least)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] < 0x20 || v.p[i] == 0x7f)
            return false;
    return v.n >= least && v.n <= RILL_SIGNALING_NAME_MAX;
}

static size_t find_member(const struct rill_rooms *x, uint32_t id)
{
    for (size_t i = 0; i < x->config.members; i++)
        if (x->members[i].used && x->members[i].id == id)
            return i;
    return NONE;
}

static bool same_room(const struct member *a, const struct member *b)
{
    return rill_view_equal(name_view(&a->room), name_view(&b->room));
}

static size_t find_named(const struct rill_rooms *x, struct rill_view room, struct rill_view user)
{
    for (size_t i = 0; i < x->config.members; i++) {
        const struct member *m = &x->members[i];
        if (m->used && rill_view_equal(name_view(&m->room), room) &&
            rill_view_equal(name_view(&m->user), user))
            return i;
    }
    return NONE;
}

static size_t find_offer_of(const struct rill_rooms *x, size_t member)
{
    for (size_t i = 0; i < x->config.offers; i++)
        if (x->offers[i].used && x->offers[i].offerer == member)
            return i;
    return NONE;
}

static size_t free_member(const struct rill_rooms *x)
{
    for (size_t i = 0; i < x->config.members; i++)
        if (!x->members[i].used)
            return i;
    return NONE;
}

static size_t free_offer(const struct rill_rooms *x)
{
    for (size_t i = 0; i < x->config.offers; i++)
        if (!x->offers[i].used)
            return i;
    return NONE;
}

/* The ring holds what one call can note at most, and each call begins with it empty. */
static void note(struct rill_rooms *x, struct note n)
{
    size_t slot = rill_ring_push(&x->ring);
    if (slot != RILL_RING_NONE)
        x->notes[slot] = n;
}

static struct note about(const struct rill_rooms *x, enum rill_sig_type type, size_t member,
                         size_t offer)
{
    return (struct note){.type = type,
                         .to = x->members[member].id,
                         .offer = offer,
                         .generation = offer == NONE ? 0 : x->offers[offer].generation};
}

/* --- offers -------------------------------------------------------------------------- */

static void withdraw(struct rill_rooms *x, size_t offer)
{
    struct offer *o = &x->offers[offer];
    o->used = false;
    o->generation++;
    if (o->answerer != NONE && x->members[o->answerer].answered == offer)
        x->members[o->answerer].answered = NONE;
}

static size_t candidate_bytes(const struct rill_sig_candidate *c)
{
    return CANDIDATE_FRAME + rill_sig_json_size(c->candidate) + rill_sig_json_size(c->mid) +
           rill_sig_json_size(c->ufrag);
}

/* A copy that keeps the difference between absent (p NULL) and empty. */
static struct rill_view keep(struct rill_arena *a, struct rill_view v)
{
    static const uint8_t nothing[1];
    if (v.n == 0)
        return v.p ? rill_view_at(nothing, 0) : v;
    return rill_arena_copy(a, v);
}

static struct rill_sig_candidate keep_candidate(struct rill_arena *a,
                                                const struct rill_sig_candidate *c)
{
    return (struct rill_sig_candidate){.candidate = keep(a, c->candidate),
                                       .mid = keep(a, c->mid),
                                       .mline = c->mline,
                                       .ufrag = keep(a, c->ufrag)};
}

static int add_candidate(struct rill_rooms *x, size_t offer, int side,
                         const struct rill_sig_candidate *c, struct rill_err *why)
{
    struct offer *o = &x->offers[offer];
    size_t bytes = candidate_bytes(c);
    if (o->n_candidates[side] == x->config.candidates)
        return refuse(RILL_SIGNALING_FULL, x->config.candidates, why);
    if (bytes > x->config.offer_bytes - o->bytes)
        return refuse(RILL_SIGNALING_FULL, x->config.offer_bytes, why);
    o->candidates[side][o->n_candidates[side]++] = keep_candidate(&o->text, c);
    o->bytes += bytes;
    return 0;
}

/* A description that fits into what is left of the offer's bytes. */
static int add_description(struct rill_rooms *x, struct offer *o,
                           const struct rill_sig_description *d, struct rill_sig_description *out,
                           struct rill_err *why)
{
    size_t bytes = rill_sig_json_size(d->sdp);
    if (bytes > x->config.offer_bytes - o->bytes)
        return refuse(RILL_SIGNALING_FULL, x->config.offer_bytes, why);
    o->bytes += bytes;
    out->type = keep(&o->text, d->type);
    out->sdp = keep(&o->text, d->sdp);
    return 0;
}

/* The candidate on its way to the other side, when there is one. */
static void pass_on(struct rill_rooms *x, size_t offer, int side, size_t index)
{
    const struct offer *o = &x->offers[offer];
    size_t to = side == OFFERER ? o->answerer : o->offerer;
    if (!o->is_answered || to == NONE)
        return;
    struct note n = about(x, RILL_SIG_RECEIVED_CANDIDATE, to, offer);
    n.side = side;
    n.first = index;
    note(x, n);
}

/* --- candidates before their description ----------------------------------------------- */

static void forget_early(struct member *m)
{
    m->n_early = 0;
    rill_arena_reset(&m->early_text);
}

static int hold_early(struct rill_rooms *x, struct member *m, const struct rill_sig_message *say,
                      struct rill_err *why)
{
    if (m->n_early == x->config.candidates)
        return refuse(RILL_SIGNALING_FULL, x->config.candidates, why);
    struct rill_arena before = m->early_text;
    struct rill_sig_candidate c = keep_candidate(&m->early_text, &say->candidate);
    if (m->early_text.bad) {
        m->early_text = before;
        return refuse(RILL_SIGNALING_FULL, EARLY_BYTES, why);
    }
    m->early[m->n_early++] = (struct early){c, say->did_i_offer};
    return 0;
}

/* RFC 8838 §9.1, §10: a candidate belongs to the description with its ufrag; one that was left
 * from an earlier call does not. */
static bool belongs(const struct rill_sig_candidate *c, struct rill_view sdp)
{
    struct rill_view rest = sdp;
    if (c->ufrag.n == 0)
        return true;
    while (rest.p) {
        struct rill_view line = rill_view_cut(rest, '\n', &rest);
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        if (rill_view_starts(line, "a=ice-ufrag:") &&
            rill_view_equal(rill_view_sub(line, 12, line.n - 12), c->ufrag))
            return true;
    }
    return false;
}

/* Moves what waited for this description to its offer; what does not fit any more is lost as
 * if it had come later. */
static void adopt_early(struct rill_rooms *x, size_t member, size_t offer, int side)
{
    struct member *m = &x->members[member];
    struct offer *o = &x->offers[offer];
    struct rill_view sdp = side == OFFERER ? o->offer.sdp : o->answer.sdp;
    for (size_t i = 0; i < m->n_early; i++) {
        const struct early *e = &m->early[i];
        if (e->did_i_offer != (side == OFFERER) || !belongs(&e->candidate, sdp))
            continue;
        if (add_candidate(x, offer, side, &e->candidate, NULL) == 0)
            pass_on(x, offer, side, o->n_candidates[side] - 1);
    }
    forget_early(m);
}

/* --- coming and going ---------------------------------------------------------------- */

static void leave(struct rill_rooms *x, size_t member)
{
    for (size_t i = 0; i < x->config.offers; i++) {
        struct offer *o = &x->offers[i];
        if (!o->used)
            continue;
        if (o->offerer == member)
            withdraw(x, i);
        else if (o->answerer == member)
            o->answerer = NONE;
    }
    forget_early(&x->members[member]);
    x->members[member].used = false;
}

void rill_rooms_leave(struct rill_rooms *x, uint32_t id)
{
    size_t member = find_member(x, id);
    if (member != NONE)
        leave(x, member);
}

static bool password_is_right(const struct rill_rooms *x, struct rill_view given)
{
    uint8_t padded[PASSWORD_MAX] = {0};
    if (x->config.password.n == 0)
        return true;
    if (given.n && given.n <= sizeof padded)
        memcpy(padded, given.p, given.n);
    bool same = rill_equal_constant_time(padded, x->password, sizeof padded);
    rill_wipe(padded, sizeof padded);
    return same && given.n == x->config.password.n;
}

/* One note a list: as many offers as fit into one message, and four such lists at most, so that
 * whoever comes is not drowned. */
static void list_offers(struct rill_rooms *x, size_t member)
{
    size_t n = 0, lists = 0, bytes = 0;
    struct note list = about(x, RILL_SIG_AVAILABLE_OFFERS, member, NONE);
    for (size_t i = 0; i < x->config.offers && lists < 4; i++) {
        const struct offer *o = &x->offers[i];
        if (!o->used || o->is_answered || !same_room(&x->members[o->offerer], &x->members[member]))
            continue;
        size_t more = o->bytes + 2 * RILL_SIGNALING_NAME_MAX + 128;
        if (list.n && bytes + more > x->config.offer_bytes) {
            note(x, list);
            lists++;
            list.first = n;
            list.n = 0;
            bytes = 0;
        }
        x->list[n++] = i;
        list.n++;
        bytes += more;
    }
    if (list.n && lists < 4)
        note(x, list);
}

int rill_rooms_join(struct rill_rooms *x, uint32_t id, const struct rill_sig_message *auth,
                    struct rill_err *why)
{
    if (x->ring.n)
        return refuse(RILL_SIGNALING_FULL, x->ring.cap, why);
    if (find_member(x, id) != NONE)
        return refuse(RILL_SIGNALING_AUTH_TWICE, 0, why);
    if (!password_is_right(x, auth->password))
        return refuse(RILL_SIGNALING_PASSWORD, 0, why);
    if (!name_is_good(auth->user, 1) || !name_is_good(auth->room, 0))
        return refuse(RILL_SIGNALING_NAME, auth->user.n, why);
    size_t old = find_named(x, auth->room, auth->user);
    if (old != NONE) {
        note(x, about(x, RILL_SIG_ERROR, old, NONE));
        leave(x, old);
    }
    size_t slot = free_member(x);
    if (slot == NONE)
        return refuse(RILL_SIGNALING_FULL, x->config.members, why);
    struct member *m = &x->members[slot];
    m->used = true;
    m->id = id;
    m->user = name_of(auth->user);
    m->room = name_of(auth->room);
    m->answered = NONE;
    list_offers(x, slot);
    return 0;
}

/* --- what members say ---------------------------------------------------------------- */

static int say_offer(struct rill_rooms *x, size_t member, const struct rill_sig_message *say,
                     struct rill_err *why)
{
    struct member *m = &x->members[member];
    size_t slot = find_offer_of(x, member);
    if (rill_sig_json_size(say->offer.sdp) > x->config.offer_bytes)
        return refuse(RILL_SIGNALING_FULL, x->config.offer_bytes, why);
    if (slot != NONE)
        withdraw(x, slot);
    else
        slot = free_offer(x);
    if (slot == NONE)
        return refuse(RILL_SIGNALING_FULL, x->config.offers, why);
    struct offer *o = &x->offers[slot];
    o->used = true;
    o->offerer = member;
    o->answerer = NONE;
    o->is_answered = false;
    o->offerer_name = m->user;
    o->answer = (struct rill_sig_description){0};
    o->n_candidates[OFFERER] = o->n_candidates[ANSWERER] = 0;
    o->bytes = 0;
    rill_arena_reset(&o->text);
    int rc = add_description(x, o, &say->offer, &o->offer, why);
    if (rc < 0)
        return rc;
    adopt_early(x, member, slot, OFFERER);
    for (size_t i = 0; i < x->config.members; i++)
        if (i != member && x->members[i].used && same_room(&x->members[i], m))
            note(x, about(x, RILL_SIG_NEW_OFFER_AWAITING, i, slot));
    return 0;
}

/* The open offer that an answer names, or the row that tells why there is none. */
static int find_answerable(const struct rill_rooms *x, size_t member, struct rill_view offerer,
                           size_t *out)
{
    size_t of = find_named(x, name_view(&x->members[member].room), offerer);
    size_t offer = of == NONE ? NONE : find_offer_of(x, of);
    if (of == member)
        return RILL_SIGNALING_OWN_OFFER;
    if (offer == NONE)
        return RILL_SIGNALING_NO_OFFER;
    if (x->offers[offer].is_answered)
        return RILL_SIGNALING_ANSWERED;
    *out = offer;
    return 0;
}

/* The acknowledgement first, then the answer to the offerer, then what the answerer's
 * candidates have waited for: none may overtake the answer. */
static int say_answer(struct rill_rooms *x, size_t member, const struct rill_sig_message *say,
                      struct rill_err *why)
{
    size_t slot;
    int rc = find_answerable(x, member, say->offers[0].offerer, &slot);
    if (rc < 0)
        return refuse(rc, 0, why);
    struct offer *o = &x->offers[slot];
    rc = add_description(x, o, &say->offers[0].answer, &o->answer, why);
    if (rc < 0)
        return rc;
    o->is_answered = true;
    o->answerer = member;
    o->answerer_name = x->members[member].user;
    x->members[member].answered = slot;
    if (say->has_ack) {
        struct note ack = about(x, RILL_SIG_ACK, member, slot);
        ack.ack = say->ack;
        ack.n = o->n_candidates[OFFERER];
        note(x, ack);
    }
    note(x, about(x, RILL_SIG_ANSWER_RESPONSE, o->offerer, slot));
    adopt_early(x, member, slot, ANSWERER);
    return 0;
}

static int say_candidate(struct rill_rooms *x, size_t member, const struct rill_sig_message *say,
                         struct rill_err *why)
{
    struct member *m = &x->members[member];
    if (!rill_view_equal(say->ice_user, name_view(&m->user)))
        return refuse(RILL_SIGNALING_NAME, say->ice_user.n, why);
    size_t offer = say->did_i_offer ? find_offer_of(x, member) : m->answered;
    if (offer == NONE)
        return hold_early(x, m, say, why);
    int side = say->did_i_offer ? OFFERER : ANSWERER;
    int rc = add_candidate(x, offer, side, &say->candidate, why);
    if (rc == 0)
        pass_on(x, offer, side, x->offers[offer].n_candidates[side] - 1);
    return rc;
}

static int say(struct rill_rooms *x, size_t member, const struct rill_sig_message *m,
               struct rill_err *why)
{
    switch (m->type) {
    case RILL_SIG_AUTH:
        return refuse(RILL_SIGNALING_AUTH_TWICE, 0, why);
    case RILL_SIG_NEW_OFFER:
        return say_offer(x, member, m, why);
    case RILL_SIG_NEW_ANSWER:
        return say_answer(x, member, m, why);
    case RILL_SIG_SEND_CANDIDATE:
        return say_candidate(x, member, m, why);
    default:
        return refuse(RILL_SIGNALING_UNKNOWN, 0, why);
    }
}

int rill_rooms_say(struct rill_rooms *x, uint32_t id, const struct rill_sig_message *m,
                   struct rill_err *why)
{
    size_t member = find_member(x, id);
    if (member == NONE)
        return refuse(RILL_SIGNALING_NO_AUTH, 0, why);
    if (x->ring.n)
        return refuse(RILL_SIGNALING_FULL, x->ring.cap, why);
    int rc = say(x, member, m, why);
    if (rc == 0 && m->has_ack && m->type != RILL_SIG_NEW_ANSWER) {
        struct note ack = about(x, RILL_SIG_ACK, member, NONE);
        ack.ack = m->ack;
        note(x, ack);
    }
    return rc;
}

/* --- what is to be sent -------------------------------------------------------------- */

static struct rill_sig_offer view_of(const struct offer *o)
{
    return (struct rill_sig_offer){
        .offerer = name_view(&o->offerer_name),
        .offer = o->offer,
        .offer_candidates = o->candidates[OFFERER],
        .n_offer_candidates = o->n_candidates[OFFERER],
        .answerer = o->is_answered ? name_view(&o->answerer_name) : (struct rill_view){0},
        .answer = o->answer,
        /* The answerer's travel one by one behind the answer. */
        .answer_candidates = NULL,
        .n_answer_candidates = 0,
    };
}

/* The offers of a list that are still there and still open. */
static void fill_list(struct rill_rooms *x, const struct note *n, struct rill_sig_message *out)
{
    for (size_t i = 0; i < n->n; i++) {
        const struct offer *o = &x->offers[x->list[n->first + i]];
        if (o->used && !o->is_answered)
            x->view[out->n_offers++] = view_of(o);
    }
    out->offers = x->view;
}

static void fill_replaced(struct rill_sig_message *out)
{
    const struct rill_err_row *row = rill_err_find(&rill_signaling_errors, RILL_SIGNALING_REPLACED);
    out->error_name = rill_view_of(row->name);
    out->error_sentence = rill_view_of(row->sentence);
    out->stays = false;
}

/* False when there is nothing left to say. */
static bool fill(struct rill_rooms *x, const struct note *n, struct rill_sig_message *out)
{
    *out = (struct rill_sig_message){.type = n->type, .candidate.mline = -1};
    const struct offer *o = n->offer == NONE ? NULL : &x->offers[n->offer];
    if (o && (!o->used || o->generation != n->generation))
        return false;
    switch (n->type) {
    case RILL_SIG_ERROR:
        fill_replaced(out);
        return true;
    case RILL_SIG_AVAILABLE_OFFERS:
        fill_list(x, n, out);
        return out->n_offers > 0;
    case RILL_SIG_ACK:
        out->ack = n->ack;
        out->ack_candidates = o ? o->candidates[OFFERER] : NULL;
        out->n_ack_candidates = n->n;
        return true;
    case RILL_SIG_RECEIVED_CANDIDATE:
        out->candidate = o->candidates[n->side][n->first];
        return true;
    default:
        x->view[0] = view_of(o);
        out->offers = x->view;
        out->n_offers = 1;
        return true;
    }
}

bool rill_rooms_next(struct rill_rooms *x, uint32_t *member, struct rill_sig_message *out)
{
    for (;;) {
        size_t slot = rill_ring_pop(&x->ring);
        if (slot == RILL_RING_NONE)
            return false;
        *member = x->notes[slot].to;
        if (fill(x, &x->notes[slot], out))
            return true;
    }
}
