/* room_offers: what members say: offers, answers and candidates.
 *
 * The idea: a candidate goes to its offer's slot, and from there straight through to the other
 * side once the offer is answered; before its description is there it waits in its member's
 * slot, for a description and its candidates are sent at once and may cross. */
#include "signaling/room_private.h"

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

int rill_room_add_candidate(struct rill_rooms *x, size_t offer, int side,
                            const struct rill_sig_candidate *c, struct rill_err *why)
{
    struct rill_room_offer *o = &x->offers[offer];
    size_t bytes = candidate_bytes(c);
    if (o->n_candidates[side] == x->config.candidates)
        return rill_room_refuse(RILL_SIGNALING_FULL, x->config.candidates, why);
    if (bytes > x->config.offer_bytes - o->bytes)
        return rill_room_refuse(RILL_SIGNALING_FULL, x->config.offer_bytes, why);
    o->candidates[side][o->n_candidates[side]++] = keep_candidate(&o->text, c);
    o->bytes += bytes;
    rill_room_changed(x, o->offerer);
    return 0;
}

/* A description that fits into what is left of the offer's bytes. */
static int add_description(struct rill_rooms *x, struct rill_room_offer *o,
                           const struct rill_sig_description *d, struct rill_sig_description *out,
                           struct rill_err *why)
{
    size_t bytes = rill_sig_json_size(d->sdp);
    if (bytes > x->config.offer_bytes - o->bytes)
        return rill_room_refuse(RILL_SIGNALING_FULL, x->config.offer_bytes, why);
    o->bytes += bytes;
    out->type = keep(&o->text, d->type);
    out->sdp = keep(&o->text, d->sdp);
    return 0;
}

/* The candidate on its way to the other side, when there is one. */
static void pass_on(struct rill_rooms *x, size_t offer, int side, size_t index)
{
    const struct rill_room_offer *o = &x->offers[offer];
    size_t to = side == OFFERER ? o->answerer : o->offerer;
    if (!o->is_answered || to == NO_SLOT)
        return;
    if (x->members[to].is_away)
        return;
    x->offers[offer].n_told[!side] = index + 1;
    struct rill_room_note n = rill_room_about(x, RILL_SIG_RECEIVED_CANDIDATE, to, offer);
    n.side = side;
    n.first = index;
    rill_room_note(x, n);
}

/* --- candidates before their description ----------------------------------------------- */

void rill_room_forget_early(struct rill_room_member *m)
{
    m->n_early = 0;
    rill_arena_reset(&m->early_text);
}

static int hold_early(struct rill_rooms *x, struct rill_room_member *m,
                      const struct rill_sig_message *say, struct rill_err *why)
{
    /* What waited when this place was put down is not known any more. */
    if (rill_room_is_stale(x, (size_t)(m - x->members)))
        return 0;
    if (m->n_early == x->config.candidates)
        return rill_room_refuse(RILL_SIGNALING_FULL, x->config.candidates, why);
    struct rill_arena before = m->early_text;
    struct rill_sig_candidate c = keep_candidate(&m->early_text, &say->candidate);
    if (m->early_text.bad) {
        m->early_text = before;
        return rill_room_refuse(RILL_SIGNALING_FULL, EARLY_BYTES, why);
    }
    m->early[m->n_early++] = (struct rill_room_early){c, say->did_i_offer};
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
    struct rill_room_member *m = &x->members[member];
    struct rill_room_offer *o = &x->offers[offer];
    struct rill_view sdp = side == OFFERER ? o->offer.sdp : o->answer.sdp;
    for (size_t i = 0; i < m->n_early; i++) {
        const struct rill_room_early *e = &m->early[i];
        if (e->did_i_offer != (side == OFFERER) || !belongs(&e->candidate, sdp))
            continue;
        if (rill_room_add_candidate(x, offer, side, &e->candidate, NULL) == 0)
            pass_on(x, offer, side, o->n_candidates[side] - 1);
    }
    rill_room_forget_early(m);
}

/* --- offers and answers --------------------------------------------------------------- */

static size_t free_offer(const struct rill_rooms *x)
{
    for (size_t i = 0; i < x->config.offers; i++)
        if (!x->offers[i].used)
            return i;
    return NO_SLOT;
}

size_t rill_room_take_offer(struct rill_rooms *x, size_t member,
                            const struct rill_sig_description *offer)
{
    size_t slot = free_offer(x);
    if (slot == NO_SLOT)
        return NO_SLOT;
    struct rill_room_offer *o = &x->offers[slot];
    o->used = true;
    o->offerer = member;
    o->answerer = NO_SLOT;
    o->is_answered = o->is_answer_told = o->wants_answerer = false;
    o->offerer_name = x->members[member].user;
    o->answer = (struct rill_sig_description){0};
    o->n_candidates[OFFERER] = o->n_candidates[ANSWERER] = 0;
    o->n_told[OFFERER] = o->n_told[ANSWERER] = 0;
    o->bytes = 0;
    rill_arena_reset(&o->text);
    o->used = add_description(x, o, offer, &o->offer, NULL) == 0;
    return o->used ? slot : NO_SLOT;
}

int rill_room_say_offer(struct rill_rooms *x, size_t member, const struct rill_sig_message *say,
                        struct rill_err *why)
{
    struct rill_room_member *m = &x->members[member];
    size_t slot = rill_room_find_offer_of(x, member);
    if (rill_room_is_stale(x, member))
        return 0;
    if (rill_sig_json_size(say->offer.sdp) > x->config.offer_bytes)
        return rill_room_refuse(RILL_SIGNALING_FULL, x->config.offer_bytes, why);
    if (slot != NO_SLOT)
        rill_room_end_offer(x, slot);
    slot = rill_room_take_offer(x, member, &say->offer);
    if (slot == NO_SLOT)
        return rill_room_refuse(RILL_SIGNALING_FULL, x->config.offers, why);
    rill_room_changed(x, member);
    adopt_early(x, member, slot, OFFERER);
    for (size_t i = 0; i < x->config.members; i++)
        if (i != member && rill_room_hears(x, i, m))
            rill_room_note(x, rill_room_about(x, RILL_SIG_NEW_OFFER_AWAITING, i, slot));
    return 0;
}

int rill_room_add_answer(struct rill_rooms *x, size_t offer,
                         const struct rill_sig_description *answer, struct rill_err *why)
{
    struct rill_room_offer *o = &x->offers[offer];
    return add_description(x, o, answer, &o->answer, why);
}

/* The open offer that an answer names, or the row that tells why there is none. */
static int find_answerable(const struct rill_rooms *x, size_t member, struct rill_view offerer,
                           size_t *out)
{
    size_t of = rill_room_find_named(x, rill_room_name_view(&x->members[member].room), offerer);
    size_t offer = of == NO_SLOT ? NO_SLOT : rill_room_find_offer_of(x, of);
    if (of == member)
        return RILL_SIGNALING_OWN_OFFER;
    if (offer == NO_SLOT)
        return RILL_SIGNALING_NO_OFFER;
    if (x->offers[offer].is_answered)
        return RILL_SIGNALING_ANSWERED;
    *out = offer;
    return 0;
}

static void acknowledge(struct rill_rooms *x, size_t member, size_t offer, uint64_t number)
{
    struct rill_room_note ack = rill_room_about(x, RILL_SIG_ACK, member, offer);
    ack.ack = number;
    ack.n = x->offers[offer].n_candidates[OFFERER];
    rill_room_note(x, ack);
}

/* An answer said again, by who has come back and never heard that it was taken. */
static bool is_repeated(const struct rill_rooms *x, size_t member,
                        const struct rill_sig_offer *said)
{
    size_t offer = x->members[member].answered;
    return offer != NO_SLOT &&
           rill_view_equal(rill_room_name_view(&x->offers[offer].offerer_name), said->offerer) &&
           rill_view_equal(x->offers[offer].answer.sdp, said->answer.sdp);
}

/* The acknowledgement first, then the answer to the offerer, then what the answerer's
 * candidates have waited for: none may overtake the answer. */
int rill_room_say_answer(struct rill_rooms *x, size_t member, const struct rill_sig_message *say,
                         struct rill_err *why)
{
    size_t slot;
    if (is_repeated(x, member, &say->offers[0])) {
        if (say->has_ack)
            acknowledge(x, member, x->members[member].answered, say->ack);
        return 0;
    }
    int rc = find_answerable(x, member, say->offers[0].offerer, &slot);
    if (rc < 0)
        return rill_room_refuse(rc, 0, why);
    struct rill_room_offer *o = &x->offers[slot];
    if (rill_room_is_stale(x, o->offerer))
        return 0;
    rc = rill_room_add_answer(x, slot, &say->offers[0].answer, why);
    if (rc < 0)
        return rc;
    rill_room_changed(x, o->offerer);
    o->is_answered = true;
    o->answerer = member;
    o->answerer_name = x->members[member].user;
    o->n_told[ANSWERER] = o->n_candidates[OFFERER];
    o->is_answer_told = !x->members[o->offerer].is_away;
    x->members[member].answered = slot;
    x->members[member].partner = o->offerer;
    x->members[o->offerer].partner = member;
    if (say->has_ack)
        acknowledge(x, member, slot, say->ack);
    if (o->is_answer_told)
        rill_room_note(x, rill_room_about(x, RILL_SIG_ANSWER_RESPONSE, o->offerer, slot));
    adopt_early(x, member, slot, ANSWERER);
    return 0;
}

int rill_room_say_candidate(struct rill_rooms *x, size_t member, const struct rill_sig_message *say,
                            struct rill_err *why)
{
    struct rill_room_member *m = &x->members[member];
    if (!rill_view_equal(say->ice_user, rill_room_name_view(&m->user)))
        return rill_room_refuse(RILL_SIGNALING_NAME, say->ice_user.n, why);
    size_t offer = say->did_i_offer ? rill_room_find_offer_of(x, member) : m->answered;
    if (offer == NO_SLOT)
        return hold_early(x, m, say, why);
    if (rill_room_is_stale(x, x->offers[offer].offerer))
        return 0;
    int side = say->did_i_offer ? OFFERER : ANSWERER;
    int rc = rill_room_add_candidate(x, offer, side, &say->candidate, why);
    if (rc == 0)
        pass_on(x, offer, side, x->offers[offer].n_candidates[side] - 1);
    return rc;
}
