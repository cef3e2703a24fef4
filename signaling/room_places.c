/* room_places: who is away, who takes a place back, and how calls end.
 *
 * The idea: a member whose connection broke keeps its slot, and with it its offer and its part in
 * an answered one. Each offer counts what either side was told of the other, so that whoever comes
 * back is told the rest, in the order it would have had. */
#include "signaling/room_private.h"

#include <string.h>

/* --- places -------------------------------------------------------------------------- */

size_t rill_room_oldest_away(const struct rill_rooms *x)
{
    size_t oldest = NO_SLOT;
    for (size_t i = 0; i < x->config.members; i++) {
        const struct rill_room_member *m = &x->members[i];
        bool is_older = oldest == NO_SLOT || m->away_since < x->members[oldest].away_since;
        if (m->used && m->is_away && is_older)
            oldest = i;
    }
    return oldest;
}

void rill_room_come_back(struct rill_rooms *x, size_t member)
{
    struct rill_room_member *m = &x->members[member];
    x->n_away -= m->is_away;
    m->is_away = false;
}

static bool token_is_right(const struct rill_room_member *m, struct rill_view given)
{
    uint8_t padded[RILL_SIG_TOKEN_MAX] = {0}, own[RILL_SIG_TOKEN_MAX] = {0};
    if (given.n == 0 || given.n > sizeof padded)
        return false;
    memcpy(padded, given.p, given.n);
    memcpy(own, m->token, m->n_token);
    bool is_same = rill_equal_constant_time(padded, own, sizeof padded);
    rill_wipe(own, sizeof own);
    return is_same && given.n == m->n_token;
}

/* Names are seen by everybody in the room: for who has a token the name alone is not enough, and
 * for who has none it is enough only while nobody else is there under it. */
static bool may_take_over(const struct rill_room_member *m, struct rill_view token)
{
    return m->n_token ? token_is_right(m, token) : m->is_away;
}

size_t rill_room_take_over(struct rill_rooms *x, const struct rill_sig_message *auth, uint64_t id)
{
    size_t old = rill_room_find_named(x, auth->room, auth->user);
    if (old == NO_SLOT)
        return NO_SLOT;
    struct rill_room_member *m = &x->members[old];
    if (!m->is_away)
        rill_room_note(x, rill_room_about(x, RILL_SIG_ERROR, old, NO_SLOT));
    if (!may_take_over(m, auth->token)) {
        rill_room_leave(x, old, m->is_away);
        return NO_SLOT;
    }
    rill_room_come_back(x, old);
    rill_chain_remove(&x->by_id, m->id, (uint32_t)old);
    rill_chain_add(&x->by_id, id, (uint32_t)old);
    m->id = id;
    return old;
}

/* --- what was missed ----------------------------------------------------------------- */

static void tell_candidates(struct rill_rooms *x, size_t member, size_t offer, int to, bool is_all)
{
    struct rill_room_offer *o = &x->offers[offer];
    for (size_t i = is_all ? 0 : o->n_told[to]; i < o->n_candidates[!to]; i++) {
        struct rill_room_note n = rill_room_about(x, RILL_SIG_RECEIVED_CANDIDATE, member, offer);
        n.side = !to;
        n.first = i;
        rill_room_note(x, n);
    }
    o->n_told[to] = o->n_candidates[!to];
}

static void tell_answer(struct rill_rooms *x, size_t member, size_t offer, bool is_all)
{
    struct rill_room_offer *o = &x->offers[offer];
    if (is_all || !o->is_answer_told)
        rill_room_note(x, rill_room_about(x, RILL_SIG_ANSWER_RESPONSE, member, offer));
    o->is_answer_told = true;
    tell_candidates(x, member, offer, OFFERER, is_all);
}

static void tell_hung_up(struct rill_rooms *x, size_t member, const struct rill_room_name *by,
                         bool is_lost)
{
    struct rill_room_member *m = &x->members[member];
    if (m->is_away) {
        m->hung_up = (struct rill_room_hung_up){true, is_lost, *by};
        return;
    }
    struct rill_room_note n = rill_room_about(x, RILL_SIG_HUNG_UP, member, NO_SLOT);
    n.user = *by;
    n.is_lost = is_lost;
    rill_room_note(x, n);
}

void rill_room_catch_up(struct rill_rooms *x, size_t member, bool is_all)
{
    struct rill_room_member *m = &x->members[member];
    size_t own = rill_room_find_offer_of(x, member);
    if (own != NO_SLOT && x->offers[own].is_answered)
        tell_answer(x, member, own, is_all);
    if (m->answered != NO_SLOT)
        tell_candidates(x, member, m->answered, ANSWERER, is_all);
    if (m->hung_up.is_set)
        tell_hung_up(x, member, &m->hung_up.by, m->hung_up.is_lost);
    m->hung_up.is_set = false;
}

/* --- how calls end ------------------------------------------------------------------- */

void rill_room_end_offer(struct rill_rooms *x, size_t offer)
{
    struct rill_room_offer *o = &x->offers[offer];
    o->used = false;
    o->generation++;
    if (o->answerer != NO_SLOT && x->members[o->answerer].answered == offer)
        x->members[o->answerer].answered = NO_SLOT;
}

/* Each who is in a call with it: nobody else is told that it hung up. */
static void tell_partners(struct rill_rooms *x, size_t member, bool is_lost)
{
    for (size_t i = 0; i < x->config.members; i++) {
        if (!x->members[i].used || x->members[i].partner != member)
            continue;
        x->members[i].partner = NO_SLOT;
        tell_hung_up(x, i, &x->members[member].user, is_lost);
    }
    x->members[member].partner = NO_SLOT;
}

static void tell_withdrawn(struct rill_rooms *x, size_t member, size_t answerer)
{
    struct rill_room_member *m = &x->members[member];
    for (size_t i = 0; i < x->config.members; i++) {
        if (i == member || i == answerer || !rill_room_hears(x, i, m))
            continue;
        struct rill_room_note n = rill_room_about(x, RILL_SIG_OFFER_WITHDRAWN, i, NO_SLOT);
        n.user = m->user;
        rill_room_note(x, n);
    }
}

static void end_answered(struct rill_rooms *x, size_t member)
{
    for (size_t i = 0; i < x->config.offers; i++) {
        struct rill_room_offer *o = &x->offers[i];
        if (!o->used || o->answerer != member)
            continue;
        o->answerer = NO_SLOT;
        rill_room_changed(x, o->offerer);
    }
    x->members[member].answered = NO_SLOT;
}

void rill_room_hang_up(struct rill_rooms *x, size_t member, bool is_lost)
{
    size_t own = rill_room_find_offer_of(x, member);
    tell_partners(x, member, is_lost);
    end_answered(x, member);
    rill_room_forget_early(&x->members[member]);
    if (own == NO_SLOT)
        return;
    rill_room_end_offer(x, own);
    tell_withdrawn(x, member, x->offers[own].answerer);
}
