/* room_hold: places as a store keeps them: one member and all that it holds, out and in again.
 *
 * The idea: rooms that apply the same calls in the same order are the same; whoever comes late
 * begins with what others have put down and applies what came after it. So each place has the stamp
 * of the last call that changed it, and a call that is no newer than the place is passed over. */
#include "signaling/room_private.h"

#include <string.h>

void rill_rooms_stamp(struct rill_rooms *x, uint64_t stamp)
{
    x->stamp = stamp;
}

void rill_rooms_forget_stamps(struct rill_rooms *x)
{
    for (size_t i = 0; i < x->config.members; i++)
        x->members[i].stamp = 0;
}

bool rill_room_is_stale(const struct rill_rooms *x, size_t member)
{
    return x->stamp && x->members[member].stamp >= x->stamp;
}

void rill_room_changed(struct rill_rooms *x, size_t member)
{
    x->members[member].stamp = x->stamp;
    x->members[member].is_changed = true;
}

/* --- out ----------------------------------------------------------------------------- */

static void hold_of(const struct rill_rooms *x, size_t member, struct rill_rooms_hold *out)
{
    const struct rill_room_member *m = &x->members[member];
    size_t offer = rill_room_find_offer_of(x, member);
    *out = (struct rill_rooms_hold){
        .key = m->id,
        .stamp = m->stamp,
        .user = rill_room_name_view(&m->user),
        .room = rill_room_name_view(&m->room),
        .token = rill_view_at(m->token, m->n_token),
        .is_away = m->is_away,
    };
    if (offer == NO_SLOT)
        return;
    const struct rill_room_offer *o = &x->offers[offer];
    out->has_offer = true;
    out->is_answered = o->is_answered;
    out->has_answerer = o->answerer != NO_SLOT;
    out->offer = (struct rill_sig_offer){
        .offer = o->offer,
        .offer_candidates = o->candidates[OFFERER],
        .n_offer_candidates = o->n_candidates[OFFERER],
        .answerer = o->is_answered ? rill_room_name_view(&o->answerer_name) : (struct rill_view){0},
        .answer = o->answer,
        .answer_candidates = o->candidates[ANSWERER],
        .n_answer_candidates = o->n_candidates[ANSWERER],
    };
}

bool rill_rooms_has(const struct rill_rooms *x, struct rill_view room, struct rill_view user)
{
    return rill_room_find_named(x, room, user) != NO_SLOT;
}

bool rill_rooms_find(const struct rill_rooms *x, uint64_t key, struct rill_rooms_hold *out)
{
    size_t member = rill_room_find_member(x, key);
    if (member != NO_SLOT)
        hold_of(x, member, out);
    return member != NO_SLOT;
}

static bool is_at_home(const struct rill_room_member *m, uint32_t home)
{
    return m->used && m->id >> 32 == home;
}

bool rill_rooms_next_changed(struct rill_rooms *x, uint32_t home, struct rill_rooms_hold *out)
{
    while (x->next_changed < x->config.members) {
        size_t i = x->next_changed++;
        if (!is_at_home(&x->members[i], home) || !x->members[i].is_changed)
            continue;
        x->members[i].is_changed = false;
        hold_of(x, i, out);
        return true;
    }
    x->next_changed = 0;
    return false;
}

void rill_rooms_change_all(struct rill_rooms *x, uint32_t home)
{
    for (size_t i = 0; i < x->config.members; i++)
        x->members[i].is_changed |= is_at_home(&x->members[i], home);
}

void rill_rooms_lose_home(struct rill_rooms *x, uint32_t home)
{
    for (size_t i = 0; i < x->config.members; i++)
        if (is_at_home(&x->members[i], home) && !x->members[i].leaving) {
            x->members[i].leaving = LEAVES_LOST;
            x->n_leaving++;
        }
}

/* --- in ------------------------------------------------------------------------------ */

static void restore_offer(struct rill_rooms *x, size_t member, const struct rill_rooms_hold *h)
{
    size_t slot = rill_room_take_offer(x, member, &h->offer.offer);
    struct rill_room_offer *o = slot == NO_SLOT ? NULL : &x->offers[slot];
    if (!o)
        return;
    for (size_t i = 0; i < h->offer.n_offer_candidates; i++)
        rill_room_add_candidate(x, slot, OFFERER, &h->offer.offer_candidates[i], NULL);
    if (!h->is_answered || rill_room_add_answer(x, slot, &h->offer.answer, NULL) < 0)
        return;
    o->is_answered = true;
    o->answerer_name = rill_room_name_of(h->offer.answerer);
    o->wants_answerer = h->has_answerer;
    for (size_t i = 0; i < h->offer.n_answer_candidates; i++)
        rill_room_add_candidate(x, slot, ANSWERER, &h->offer.answer_candidates[i], NULL);
}

void rill_rooms_restore(struct rill_rooms *x, const struct rill_rooms_hold *h)
{
    const struct rill_sig_message auth = {.type = RILL_SIG_AUTH, .user = h->user, .room = h->room};
    bool is_named = rill_rooms_admit_name(&auth, NULL) == 0;
    bool is_new = is_named && !rill_rooms_has(x, h->room, h->user) &&
                  rill_room_find_member(x, h->key) == NO_SLOT && h->token.n <= RILL_SIG_TOKEN_MAX;
    size_t slot = is_new && x->n_free ? rill_room_sit_down(x, &auth, h->key) : NO_SLOT;
    if (slot == NO_SLOT)
        return;
    struct rill_room_member *m = &x->members[slot];
    if (h->token.n)
        memcpy(m->token, h->token.p, h->token.n);
    m->n_token = h->token.n;
    m->stamp = h->stamp;
    m->is_changed = false;
    if (h->is_away)
        rill_rooms_away(x, h->key);
    if (h->has_offer)
        restore_offer(x, slot, h);
    m->stamp = h->stamp;
}

/* Who answered may have been put down behind whom it answered. */
void rill_rooms_restored(struct rill_rooms *x)
{
    for (size_t i = 0; i < x->config.offers; i++) {
        struct rill_room_offer *o = &x->offers[i];
        if (!o->used || !o->wants_answerer)
            continue;
        o->wants_answerer = false;
        o->answerer = rill_room_find_named(x, rill_room_name_view(&x->members[o->offerer].room),
                                           rill_room_name_view(&o->answerer_name));
        if (o->answerer == NO_SLOT)
            continue;
        x->members[o->answerer].answered = i;
        x->members[o->answerer].partner = o->offerer;
        x->members[o->offerer].partner = o->answerer;
        /* Where they are, they were told. */
        o->is_answer_told = true;
        o->n_told[OFFERER] = o->n_candidates[ANSWERER];
        o->n_told[ANSWERER] = o->n_candidates[OFFERER];
    }
}
