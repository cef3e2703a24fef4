/* association: what a second offer does to DTLS in a call that runs (RFC 8842 §5, RFC 9429 §5.3.2):
 * kept as long as both sides are who they were in the roles they had, made anew otherwise. */
#include "tests/rill_test.h"
#include "tests/sim/call.h"

#define AGAIN (2 * RILL_SECOND)
#define END (6 * RILL_SECOND)

struct watched {
    const char *piece, *by; /* replaced in every offer after the first */
    /* The first offer asks to be the client; the second answer says it will be. */
    bool answerer_takes_the_role;
    size_t offers, answers;
    size_t keyed[RILL_SIM_SIDES];
};

/* The message has 256 bytes to spare. */
static void replace(struct rill_sim_message *m, const char *piece, const char *with)
{
    size_t n = strlen(piece), by = strlen(with);
    for (size_t i = 0; i + n <= m->n; i++) {
        if (memcmp(m->text + i, piece, n))
            continue;
        memmove(m->text + i + by, m->text + i + n, m->n - i - n);
        memcpy(m->text + i, with, by);
        m->n += by - n;
        i += by;
    }
}

static bool tamper(void *ctx, struct rill_sim_message *m)
{
    struct watched *w = ctx;
    size_t before = m->type == RILL_SIM_OFFER    ? w->offers++
                    : m->type == RILL_SIM_ANSWER ? w->answers++
                                                 : 0;
    if (m->type == RILL_SIM_OFFER && before > 0 && w->piece)
        replace(m, w->piece, w->by);
    if (m->type == RILL_SIM_OFFER && before == 0 && w->answerer_takes_the_role)
        replace(m, "a=setup:actpass", "a=setup:active");
    if (m->type == RILL_SIM_ANSWER && before > 0 && w->answerer_takes_the_role)
        replace(m, "a=setup:passive", "a=setup:active");
    return true;
}

struct side_ctx {
    size_t *keyed;
};

static void count_keys(void *ctx, const struct rill_trace_point *point, int64_t now,
                       const union rill_trace_value *values)
{
    (void)now;
    (void)values;
    struct side_ctx *s = ctx;
    *s->keyed += !strcmp(point->room, "peer") && !strcmp(point->name, "srtp_keyed");
}

/* A call with a second offer in its middle; its sides are looked at by `look`. */
static void run(struct watched *w, void (*look)(const struct rill_sim_call *c))
{
    struct side_ctx ctx[RILL_SIM_SIDES] = {{&w->keyed[0]}, {&w->keyed[1]}};
    struct rill_trace trace[RILL_SIM_SIDES] = {{&ctx[0], count_keys}, {&ctx[1], count_keys}};
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.media_time = END - RILL_SECOND;
    o.tamper = tamper;
    o.ctx = w;
    o.trace[0] = &trace[0];
    o.trace[1] = &trace[1];
    struct rill_sim_call *c = rill_sim_call_new(&o);
    rill_sim_call_start(c);
    assert_true(rill_sim_call_run(c, AGAIN));
    rill_sim_call_start(c);
    if (!rill_sim_call_run(c, END))
        fail_msg("%s", c->failure);
    look(c);
    rill_sim_call_free(c);
}

static void nothing_was_lost(const struct rill_sim_call *c)
{
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        const struct rill_sim_side *s = &c->sides[i], *other = &c->sides[1 - i];
        assert_int_equal(s->states_seen, 2); /* connecting, connected */
        assert_int_equal(s->video.skipped, 0);
        assert_int_equal(s->audio.skipped, 0);
        assert_int_equal(s->video.refused, 0);
        assert_int_equal(s->video.last_index + 1, (int64_t)other->video.n_sent);
        assert_int_equal(s->keyframes_wanted, 0);
    }
}

static void media_came_back(const struct rill_sim_call *c)
{
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        const struct rill_sim_side *s = &c->sides[i], *other = &c->sides[1 - i];
        assert_int_equal(s->state, RILL_PEER_CONNECTED);
        assert_int_equal(s->video.last_index + 1, (int64_t)other->video.n_sent);
        assert_int_equal(s->audio.last_index + 1, (int64_t)other->audio.n_sent);
        assert_int_equal(s->video.wrong_bytes + s->audio.wrong_bytes, 0);
        assert_int_equal(s->video.not_decodable, 0);
    }
}

static void an_offer_that_changes_nothing_interrupts_nothing(void **state)
{
    struct watched w = {0};
    (void)state;
    run(&w, nothing_was_lost);
    assert_int_equal(w.keyed[0], 1);
    assert_int_equal(w.keyed[1], 1);
}

static void another_tls_id_makes_a_new_association_on_both_sides(void **state)
{
    struct watched w = {.piece = "a=tls-id:", .by = "a=tls-id:another-"};
    (void)state;
    run(&w, media_came_back);
    assert_int_equal(w.keyed[0], 2);
    assert_int_equal(w.keyed[1], 2);
}

static void the_other_role_makes_a_new_association_on_both_sides(void **state)
{
    struct watched w = {.piece = "a=setup:actpass", .by = "a=setup:active"};
    (void)state;
    run(&w, media_came_back);
    assert_int_equal(w.keyed[0], 2);
    assert_int_equal(w.keyed[1], 2);
}

/* As Firefox answers a restart of ICE. */
static void the_other_role_alone_interrupts_nothing(void **state)
{
    struct watched w = {.answerer_takes_the_role = true};
    (void)state;
    run(&w, nothing_was_lost);
    assert_int_equal(w.answers, 2);
    assert_int_equal(w.keyed[0], 1);
    assert_int_equal(w.keyed[1], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_that_changes_nothing_interrupts_nothing),
        cmocka_unit_test(another_tls_id_makes_a_new_association_on_both_sides),
        cmocka_unit_test(the_other_role_makes_a_new_association_on_both_sides),
        cmocka_unit_test(the_other_role_alone_interrupts_nothing),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
