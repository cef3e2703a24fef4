/* room_hold: rooms that begin with what others put down, at whatever time, and then are told all
 * that was said, are the same as theirs. */
#include "tests/rill_test.h"

#include "base/rng.h"
#include "signaling/room.h"

#include <stdio.h>
#include <stdlib.h>

#define NAMES 4
#define CALLS 60
#define HOME 7u

enum kind { JOIN, OFFER, ANSWER, OFFERERS, ANSWERERS, HANG_UP, AWAY, LEAVE, KINDS };

/* One call, so that it can be made again. */
struct call {
    enum kind kind;
    uint64_t key;
    uint32_t name, other, number;
};

/* A place as it was put down: all its bytes. */
struct put {
    bool is_there;
    struct rill_rooms_hold hold;
    uint8_t text[8192];
};

static const char *const names[NAMES] = {"ann", "bob", "cid", "dan"};

static void *block_of(struct rill_rooms **rooms)
{
    const struct rill_rooms_config c = {.members = 8, .offers = 8};
    void *block = malloc(rill_rooms_size(&c));
    *rooms = rill_rooms_init(block, &c);
    return block;
}

static void drain(struct rill_rooms *rooms)
{
    uint64_t to;
    struct rill_sig_message m;
    while (rill_rooms_next(rooms, &to, &m))
        continue;
}

static void make(struct rill_rooms *rooms, const struct call *c, uint64_t stamp)
{
    char text[32];
    snprintf(text, sizeof text, "%u", c->number);
    struct rill_sig_message m = {.type = RILL_SIG_HANG_UP,
                                 .user = rill_view_of(names[c->name]),
                                 .candidate = {.candidate = rill_view_of(text), .mline = -1},
                                 .ice_user = rill_view_of(names[c->name]),
                                 .did_i_offer = c->kind == OFFERERS,
                                 .offer = {rill_view_of("offer"), rill_view_of(text)}};
    struct rill_sig_offer answer = {.offerer = rill_view_of(names[c->other]),
                                    .answer = {rill_view_of("answer"), rill_view_of(text)}};
    m.offers = &answer;
    m.n_offers = 1;
    rill_rooms_stamp(rooms, stamp);
    switch (c->kind) {
    case JOIN:
        rill_rooms_join(rooms, c->key, &m, rill_view_of(""), NULL);
        break;
    case AWAY:
        rill_rooms_away(rooms, c->key);
        break;
    case LEAVE:
        rill_rooms_leave(rooms, c->key, false);
        break;
    default:
        m.type = c->kind == OFFER     ? RILL_SIG_NEW_OFFER
                 : c->kind == ANSWER  ? RILL_SIG_NEW_ANSWER
                 : c->kind == HANG_UP ? RILL_SIG_HANG_UP
                                      : RILL_SIG_SEND_CANDIDATE;
        rill_rooms_say(rooms, c->key, &m, NULL);
    }
    drain(rooms);
}

/* --- putting down ------------------------------------------------------------------------ */

static struct rill_view copy(struct rill_arena *a, struct rill_view v)
{
    return v.n ? rill_arena_copy(a, v) : v.p ? rill_view_of("") : v;
}

static const struct rill_sig_candidate *copy_list(struct rill_arena *a,
                                                  const struct rill_sig_candidate *list, size_t n)
{
    struct rill_sig_candidate *out = rill_arena_take(a, n ? n : 1, sizeof *out);
    for (size_t i = 0; i < n; i++) {
        out[i] = list[i];
        out[i].candidate = copy(a, list[i].candidate);
    }
    return out;
}

static void put_down(struct put *p, const struct rill_rooms_hold *h)
{
    struct rill_arena a = rill_arena_over(p->text, sizeof p->text);
    p->is_there = true;
    p->hold = *h;
    p->hold.user = copy(&a, h->user);
    p->hold.room = copy(&a, h->room);
    p->hold.token = copy(&a, h->token);
    p->hold.offer.offer.sdp = copy(&a, h->offer.offer.sdp);
    p->hold.offer.answer.sdp = copy(&a, h->offer.answer.sdp);
    p->hold.offer.answerer = copy(&a, h->offer.answerer);
    p->hold.offer.offer_candidates =
        copy_list(&a, h->offer.offer_candidates, h->offer.n_offer_candidates);
    p->hold.offer.answer_candidates =
        copy_list(&a, h->offer.answer_candidates, h->offer.n_answer_candidates);
    assert_false(a.bad);
}

static size_t name_of(struct rill_view user)
{
    size_t i = 0;
    while (!rill_view_is(user, names[i]))
        i++;
    return i;
}

static void put_changed(struct rill_rooms *rooms, struct put *puts)
{
    struct rill_rooms_hold h;
    for (size_t i = 0; i < NAMES; i++)
        if (!rill_rooms_has(rooms, rill_view_of(""), rill_view_of(names[i])))
            puts[i].is_there = false;
    while (rill_rooms_next_changed(rooms, HOME, &h))
        put_down(&puts[name_of(h.user)], &h);
}

/* --- comparing --------------------------------------------------------------------------- */

static size_t write_list(char *out, size_t cap, const struct rill_sig_candidate *c, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(out + at, cap - at, "%.*s,", (int)c[i].candidate.n,
                               (const char *)c[i].candidate.p);
    at += (size_t)snprintf(out + at, cap - at, ";");
    return at;
}

/* All that is held, in the order of names. */
static void write_rooms(struct rill_rooms *rooms, char *out, size_t cap)
{
    static struct put puts[NAMES];
    size_t at = 0;
    memset(puts, 0, sizeof puts);
    rill_rooms_change_all(rooms, HOME);
    put_changed(rooms, puts);
    for (size_t i = 0; i < NAMES; i++) {
        const struct rill_rooms_hold *h = &puts[i].hold;
        if (!puts[i].is_there)
            continue;
        at += (size_t)snprintf(out + at, cap - at, "%s %llx%s o%.*s a%.*s by %.*s%d ", names[i],
                               (unsigned long long)h->key, h->is_away ? " away" : "",
                               (int)h->offer.offer.sdp.n, (const char *)h->offer.offer.sdp.p,
                               (int)h->offer.answer.sdp.n, (const char *)h->offer.answer.sdp.p,
                               (int)h->offer.answerer.n, (const char *)h->offer.answerer.p,
                               h->has_answerer);
        at +=
            write_list(out + at, cap - at, h->offer.offer_candidates, h->offer.n_offer_candidates);
        at += write_list(out + at, cap - at, h->offer.answer_candidates,
                         h->offer.n_answer_candidates);
        at += (size_t)snprintf(out + at, cap - at, "\n");
    }
    out[at] = 0;
}

/* A candidate without its description waits for it, and what waits is not put down. */
static bool would_wait(struct rill_rooms *rooms, const struct call *c, const uint64_t *keys)
{
    struct rill_rooms_hold h;
    if (c->kind == OFFERERS)
        return !rill_rooms_find(rooms, c->key, &h) || !h.has_offer;
    if (c->kind != ANSWERERS)
        return false;
    for (size_t i = 0; i < NAMES; i++)
        if (rill_rooms_find(rooms, keys[i], &h) && h.has_answerer &&
            rill_view_is(h.offer.answerer, names[c->name]))
            return false;
    return true;
}

static void rooms_that_begin_late_are_the_same(void **state)
{
    (void)state;
    static struct put puts[NAMES];
    static char first[8192], second[8192];
    struct rill_rng_seeded seeded;
    struct call calls[CALLS];
    rill_rng_seeded_init(&seeded, rill_test_seed());
    struct rill_rng rng = rill_rng_seeded(&seeded);
    for (int run = 0; run < 2000; run++) {
        struct rill_rooms *a, *b;
        void *blocks[] = {block_of(&a), block_of(&b)};
        uint64_t keys[NAMES] = {0}, given = 0;
        size_t put_at = 0;
        memset(puts, 0, sizeof puts);
        for (size_t i = 0; i < CALLS; i++) {
            struct call *c = &calls[i];
            c->name = rill_rng_below(&rng, NAMES);
            c->other = rill_rng_below(&rng, NAMES);
            c->number = (uint32_t)i;
            c->kind = (enum kind)rill_rng_below(&rng, KINDS);
            if (c->kind == JOIN || keys[c->name] == 0) {
                c->kind = JOIN;
                keys[c->name] = (uint64_t)HOME << 32 | ++given;
            }
            c->key = keys[c->name];
            if (would_wait(a, c, keys))
                c->kind = HANG_UP;
            make(a, c, i + 1);
            /* Now and then what has changed is put down. */
            if (rill_rng_below(&rng, 4) == 0) {
                put_changed(a, puts);
                put_at = i;
            }
        }
        /* The stream may have lost what all had put down by then. */
        size_t from = rill_rng_below(&rng, (uint32_t)put_at + 1);
        for (size_t i = 0; i < NAMES; i++)
            if (puts[i].is_there)
                rill_rooms_restore(b, &puts[i].hold);
        rill_rooms_restored(b);
        drain(b);
        for (size_t i = from; i < CALLS; i++)
            make(b, &calls[i], i + 1);
        write_rooms(a, first, sizeof first);
        write_rooms(b, second, sizeof second);
        if (strcmp(first, second))
            fail_msg("run %d from %zu put %zu\n%s--\n%s", run, from, put_at, first, second);
        free(blocks[0]);
        free(blocks[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rooms_that_begin_late_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
