/* room: members, their names, and how they come and go.
 *
 * The idea: everything lives in fixed slots. An offer's slot holds its text and every
 * candidate of both sides, so that a note of what is to be sent need only name the slot; a
 * slot's generation tells a note whose offer has gone meanwhile.
 *
 *   offer   held → answered (the first answer wins) → gone (its maker left or offers anew)
 */
#include "signaling/reserve.h"
#include "signaling/room_private.h"

#include <string.h>

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
    struct rill_room_member *m = rill_arena_take(a, c->members, sizeof *m);
    for (size_t i = 0; i < c->members; i++) {
        struct rill_room_early *early = rill_reserve(a, c->candidates * sizeof *early);
        void *text = rill_reserve(a, EARLY_BYTES);
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
    struct rill_room_offer *o = rill_arena_take(a, c->offers, sizeof *o);
    for (size_t i = 0; i < c->offers; i++) {
        struct rill_sig_candidate *sides[2];
        for (int s = 0; s < 2; s++)
            sides[s] = rill_reserve(a, c->candidates * sizeof *sides[s]);
        void *text = rill_reserve(a, text_size(c));
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
    struct rill_chain by_id = rill_chain_take(a, c->members);
    struct rill_chain by_name = rill_chain_take(a, c->members);
    uint32_t *free = rill_arena_take(a, c->members, sizeof *free);
    struct rill_room_note *ring = rill_arena_take(a, notes, sizeof *ring);
    size_t *list = rill_arena_take(a, c->offers, sizeof *list);
    struct rill_sig_offer *view = rill_arena_take(a, c->offers, sizeof *view);
    if (!x)
        return NULL;
    x->by_id = by_id;
    x->by_name = by_name;
    x->free = free;
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
    for (x->n_free = 0; x->n_free < c.members; x->n_free++)
        x->free[x->n_free] = (uint32_t)(c.members - 1 - x->n_free);
    return x;
}

int rill_room_refuse(int row, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_signaling_errors, row, 0, value, why);
}

/* --- names and slots ----------------------------------------------------------------- */

struct rill_view rill_room_name_view(const struct rill_room_name *n)
{
    return rill_view_at(n->text, n->n);
}

static struct rill_room_name name_of(struct rill_view v)
{
    struct rill_room_name n = {.n = (uint8_t)v.n};
    if (v.n)
        memcpy(n.text, v.p, v.n);
    return n;
}

/* No control characters, those of U+0080 to U+009F included: a name may be printed. */
static bool name_is_good(struct rill_view v, size_t least)
{
    for (size_t i = 0; i < v.n; i++) {
        bool c1 = v.p[i] == 0xc2 && i + 1 < v.n && v.p[i + 1] < 0xa0;
        if (v.p[i] < 0x20 || v.p[i] == 0x7f || c1)
            return false;
    }
    return v.n >= least && v.n <= RILL_SIGNALING_NAME_MAX;
}

static size_t rill_room_find_member(const struct rill_rooms *x, uint32_t id)
{
    uint32_t i = rill_chain_first(&x->by_id, id);
    while (i != RILL_CHAIN_END && x->members[i].id != id)
        i = rill_chain_next(&x->by_id, i);
    return i == RILL_CHAIN_END ? NO_SLOT : i;
}

bool rill_room_same(const struct rill_room_member *a, const struct rill_room_member *b)
{
    return rill_view_equal(rill_room_name_view(&a->room), rill_room_name_view(&b->room));
}

static uint64_t name_key(struct rill_view room, struct rill_view user)
{
    return rill_chain_key(rill_chain_key(0, room), user);
}

size_t rill_room_find_named(const struct rill_rooms *x, struct rill_view room,
                            struct rill_view user)
{
    uint32_t i = rill_chain_first(&x->by_name, name_key(room, user));
    for (; i != RILL_CHAIN_END; i = rill_chain_next(&x->by_name, i)) {
        const struct rill_room_member *m = &x->members[i];
        if (rill_view_equal(rill_room_name_view(&m->room), room) &&
            rill_view_equal(rill_room_name_view(&m->user), user))
            return i;
    }
    return NO_SLOT;
}

size_t rill_room_find_offer_of(const struct rill_rooms *x, size_t member)
{
    for (size_t i = 0; i < x->config.offers; i++)
        if (x->offers[i].used && x->offers[i].offerer == member)
            return i;
    return NO_SLOT;
}

static size_t free_member(const struct rill_rooms *x)
{
    return x->n_free ? x->free[x->n_free - 1] : NO_SLOT;
}

/* --- coming and going ---------------------------------------------------------------- */

static uint64_t key_of(const struct rill_room_member *m)
{
    return name_key(rill_room_name_view(&m->room), rill_room_name_view(&m->user));
}

static void leave(struct rill_rooms *x, size_t member)
{
    for (size_t i = 0; i < x->config.offers; i++) {
        struct rill_room_offer *o = &x->offers[i];
        if (!o->used)
            continue;
        if (o->offerer == member)
            rill_room_withdraw(x, i);
        else if (o->answerer == member)
            o->answerer = NO_SLOT;
    }
    struct rill_room_member *m = &x->members[member];
    rill_room_forget_early(m);
    m->used = false;
    rill_chain_remove(&x->by_id, m->id, (uint32_t)member);
    rill_chain_remove(&x->by_name, key_of(m), (uint32_t)member);
    x->free[x->n_free++] = (uint32_t)member;
}

void rill_rooms_leave(struct rill_rooms *x, uint32_t id)
{
    size_t member = rill_room_find_member(x, id);
    if (member != NO_SLOT)
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
    struct rill_room_note list = rill_room_about(x, RILL_SIG_AVAILABLE_OFFERS, member, NO_SLOT);
    for (size_t i = 0; i < x->config.offers && lists < 4; i++) {
        const struct rill_room_offer *o = &x->offers[i];
        if (!o->used || o->is_answered ||
            !rill_room_same(&x->members[o->offerer], &x->members[member]))
            continue;
        size_t more = o->bytes + OFFER_FRAME;
        if (list.n && bytes + more > x->config.offer_bytes) {
            rill_room_note(x, list);
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
        rill_room_note(x, list);
}

int rill_rooms_join(struct rill_rooms *x, uint32_t id, const struct rill_sig_message *auth,
                    struct rill_err *why)
{
    if (x->ring.n)
        return rill_room_refuse(RILL_SIGNALING_FULL, x->ring.cap, why);
    if (rill_room_find_member(x, id) != NO_SLOT)
        return rill_room_refuse(RILL_SIGNALING_AUTH_TWICE, 0, why);
    if (!password_is_right(x, auth->password))
        return rill_room_refuse(RILL_SIGNALING_PASSWORD, 0, why);
    if (!name_is_good(auth->user, 1) || !name_is_good(auth->room, 0))
        return rill_room_refuse(RILL_SIGNALING_NAME, auth->user.n, why);
    size_t old = rill_room_find_named(x, auth->room, auth->user);
    if (old != NO_SLOT) {
        rill_room_note(x, rill_room_about(x, RILL_SIG_ERROR, old, NO_SLOT));
        leave(x, old);
    }
    size_t slot = free_member(x);
    if (slot == NO_SLOT)
        return rill_room_refuse(RILL_SIGNALING_FULL, x->config.members, why);
    struct rill_room_member *m = &x->members[slot];
    m->used = true;
    m->id = id;
    m->user = name_of(auth->user);
    m->room = name_of(auth->room);
    m->answered = NO_SLOT;
    x->n_free--;
    rill_chain_add(&x->by_id, id, (uint32_t)slot);
    rill_chain_add(&x->by_name, key_of(m), (uint32_t)slot);
    list_offers(x, slot);
    return 0;
}

/* --- what members say ---------------------------------------------------------------- */

static int say(struct rill_rooms *x, size_t member, const struct rill_sig_message *m,
               struct rill_err *why)
{
    switch (m->type) {
    case RILL_SIG_AUTH:
        return rill_room_refuse(RILL_SIGNALING_AUTH_TWICE, 0, why);
    case RILL_SIG_NEW_OFFER:
        return rill_room_say_offer(x, member, m, why);
    case RILL_SIG_NEW_ANSWER:
        return rill_room_say_answer(x, member, m, why);
    case RILL_SIG_SEND_CANDIDATE:
        return rill_room_say_candidate(x, member, m, why);
    default:
        return rill_room_refuse(RILL_SIGNALING_UNKNOWN, 0, why);
    }
}

int rill_rooms_say(struct rill_rooms *x, uint32_t id, const struct rill_sig_message *m,
                   struct rill_err *why)
{
    size_t member = rill_room_find_member(x, id);
    if (member == NO_SLOT)
        return rill_room_refuse(RILL_SIGNALING_NO_AUTH, 0, why);
    if (x->ring.n)
        return rill_room_refuse(RILL_SIGNALING_FULL, x->ring.cap, why);
    int rc = say(x, member, m, why);
    if (rc == 0 && m->has_ack && m->type != RILL_SIG_NEW_ANSWER) {
        struct rill_room_note ack = rill_room_about(x, RILL_SIG_ACK, member, NO_SLOT);
        ack.ack = m->ack;
        rill_room_note(x, ack);
    }
    return rc;
}
