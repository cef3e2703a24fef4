/* Simulated calls, recorded at one side and run again: they are the same, or the first place that
 * is not is found. */
#include "tests/rill_test.h"

#include "apps/replay.h"
#include "apps/time.h"
#include "apps/trace_out.h"
#include "tests/sim/call.h"
#include "tests/sim/time.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* What the simulation's time() says. */
#define UNIX_S 1704067200

void rill_app_virtual_time(int64_t unix_s)
{
    rill_sim_set_time(unix_s);
}

/* --- recording ---------------------------------------------------------------------------- */

static char path[] = "/tmp/rill-replay-XXXXXX";

struct recording {
    struct rill_trace_options options;
    struct rill_trace_out out;
    int side;
    struct rill_trace trace; /* what the peer tells; goes on to out */
    int inputs;
};

static const struct rill_trace_point note_point = {"call", "note", "", 1, {{"n", RILL_TRACE_U64}}};

/* As rill call: between the verbs of a turn of its loop it tells what it does, at a time of the
 * clock that the turn does not have. */
static void tell_between(void *ctx, const struct rill_trace_point *point, int64_t now,
                         const union rill_trace_value *values)
{
    struct recording *r = ctx;
    const struct rill_trace *out = &r->out.trace;
    if (!strcmp(point->name, "output") && r->inputs++ % 20 == 19)
        RILL_TRACE(out, now + 3 * RILL_MS, note_point, {.u = (uint64_t)r->inputs});
    out->emit(out->ctx, point, now, values);
}

static struct rill_rng draw_recorded(void *ctx, int side, struct rill_rng of)
{
    struct recording *r = ctx;
    return side == r->side ? rill_trace_out_rng(&r->out, of) : of;
}

/* The simulation has its own from the same seed. */
static void record_certificate(struct recording *r)
{
    struct rill_rng_seeded generator;
    struct rill_dtls_cert *cert;
    void *block = malloc(rill_dtls_cert_size());
    rill_rng_seeded_init(&generator, 1000 + (uint64_t)r->side);
    struct rill_rng rng = rill_trace_out_rng(&r->out, rill_rng_seeded(&generator));
    rill_trace_out_certificate(&r->out, 0);
    assert_true(rill_dtls_cert_init(block, &rng, &cert) >= 0);
    rill_dtls_cert_free(cert);
    free(block);
}

/* A call that is recorded at one side, from its first verb to its last. */
static void record(int side, bool secrets, struct rill_sim_call_options o)
{
    static struct recording r;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    r.options = (struct rill_trace_options){.trace = path, .secrets = secrets};
    r.side = side;
    assert_true(rill_trace_out_open(&r.out, &r.options, "a test", "side", 0,
                                    (int64_t)UNIX_S * RILL_SECOND));
    rill_trace_out_begin_inputs(&r.out, UNIX_S);
    record_certificate(&r);
    o.entropy = draw_recorded;
    o.ctx = &r;
    r.trace = (struct rill_trace){&r, tell_between};
    o.trace[side] = &r.trace;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    rill_sim_call_start(c);
    assert_true(rill_sim_call_run(c, 4 * RILL_SECOND));
    assert_true(c->both_connected_at != RILL_NEVER);
    rill_sim_call_close(c, side);
    assert_true(rill_sim_call_run(c, 5 * RILL_SECOND));
    rill_trace_out_close(&r.out);
    rill_sim_call_free(c);
}

/* --- running again ------------------------------------------------------------------------- */

struct bytes {
    uint8_t *p;
    size_t n;
};

static struct bytes recorded(void)
{
    FILE *f = fopen(path, "rb");
    struct bytes b = {malloc(64 << 20), 0};
    assert_non_null(f);
    b.n = fread(b.p, 1, 64 << 20, f);
    fclose(f);
    unlink(path);
    memcpy(path + strlen(path) - 6, "XXXXXX", 6);
    assert_true(b.n > 0);
    return b;
}

static struct replay again(struct bytes b)
{
    static struct replay r;
    struct rill_trace_record record;
    struct rill_trace_reader *reader = rill_trace_reader_new();
    assert_true(replay_begin(&r));
    for (size_t at = 0; at < b.n;) {
        struct rill_span room = rill_trace_reader_room(reader);
        size_t n = b.n - at < room.n ? b.n - at : room.n;
        memcpy(room.p, b.p + at, n);
        rill_trace_reader_put(reader, n);
        at += n;
        int rc;
        while ((rc = rill_trace_reader_next(reader, &record, NULL)) > 0)
            replay_take(&r, &record);
        assert_int_equal(rc, 0);
    }
    replay_end(&r);
    struct replay result = r;
    result.recorded = result.replayed = NULL;
    if (r.state == REPLAY_REFUSED)
        print_message("refused at record %d: %s\n", (int)r.number, r.sentence);
    replay_free(&r);
    rill_trace_reader_free(reader);
    return result;
}

/* The nth (from 0) occurrence. */
static uint8_t *find(struct bytes b, const char *text, int nth)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= b.n; i++)
        if (memcmp(b.p + i, text, n) == 0 && nth-- == 0)
            return b.p + i;
    fail_msg("the trace has no %s", text);
    return NULL;
}

static struct rill_sim_call_options lossy(uint64_t seed)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.seed = seed;
    o.link =
        (struct rill_sim_link){.delay = 30 * RILL_MS, .jitter = 20 * RILL_MS, .loss_good = 500};
    o.media_time = 2 * RILL_SECOND;
    o.config.tracks = 4;
    return o;
}

static void both_sides_of_a_lossy_call_are_the_same_again(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        for (int side = 0; side < RILL_SIM_SIDES; side++) {
            record(side, true, lossy(seed));
            struct bytes b = recorded();
            struct replay r = again(b);
            assert_int_equal(r.state, REPLAY_GOES_ON);
            assert_true(r.is_whole && r.has_inputs);
            assert_true(r.inputs > 1000 && r.outputs > 100);
            free(b.p);
        }
}

static size_t count(struct bytes b, const char *text)
{
    size_t n = strlen(text), found = 0;
    for (size_t i = 0; i + n <= b.n; i++)
        found += memcmp(b.p + i, text, n) == 0;
    return found;
}

/* Each record of the trace; the header is passed over. */
static void each(struct bytes b, void (*take)(void *ctx, const struct rill_trace_record *r),
                 void *ctx)
{
    struct rill_trace_reader *reader = rill_trace_reader_new();
    struct rill_trace_record record;
    for (size_t at = 0; at < b.n;) {
        struct rill_span room = rill_trace_reader_room(reader);
        size_t n = b.n - at < room.n ? b.n - at : room.n;
        memcpy(room.p, b.p + at, n);
        rill_trace_reader_put(reader, n);
        at += n;
        while (rill_trace_reader_next(reader, &record, NULL) > 0)
            if (!record.is_header)
                take(ctx, &record);
    }
    rill_trace_reader_free(reader);
}

static void in_order(void *ctx, const struct rill_trace_record *r)
{
    int64_t *last = ctx;
    assert_true(r->time >= *last);
    *last = r->time;
}

static void no_record_is_before_the_one_above_it(void **state)
{
    (void)state;
    for (int secrets = 0; secrets < 2; secrets++) {
        record(0, secrets, lossy(1));
        struct bytes b = recorded();
        int64_t last = 0;
        each(b, in_order, &last);
        assert_true(last > RILL_SECOND);
        /* Some verbs were given an earlier time; that is kept where it is needed. */
        assert_true(secrets ? count(b, "input:behind") > 10 : count(b, "input:") == 0);
        free(b.p);
    }
}

static void not_twice(void *ctx, const struct rill_trace_record *r)
{
    bool *before = ctx, is = !strcmp(r->name, "input:entropy");
    assert_false(is && *before);
    *before = is;
}

static void what_a_verb_draws_is_one_record(void **state)
{
    (void)state;
    record(0, true, lossy(1));
    struct bytes b = recorded();
    bool before = false;
    each(b, not_twice, &before);
    assert_true(count(b, "input:entropy") > 10);
    free(b.p);
}

struct queue {
    size_t n, empty;
    int64_t at, last, longest;
};

static void look_at_queue(void *ctx, const struct rill_trace_record *r)
{
    struct queue *q = ctx;
    int64_t waited = -1;
    uint64_t packets = 0, bytes = 0;
    if (strcmp(r->name, "peer:queue") != 0)
        return;
    assert_true(q->n == 0 || r->time >= q->at + 50 * RILL_MS);
    assert_true(rill_trace_get_i64(r->data, "waited_us", &waited) && waited >= 0);
    assert_true(rill_trace_get_u64(r->data, "packets", &packets));
    assert_true(rill_trace_get_u64(r->data, "bytes", &bytes));
    assert_true(waited == 0 || (packets > 0 && bytes >= packets));
    assert_true(waited >= q->last + 4 * RILL_MS || waited <= q->last - 4 * RILL_MS);
    q->last = waited;
    q->longest = waited > q->longest ? waited : q->longest;
    q->empty += waited < RILL_MS;
    q->at = r->time;
    q->n++;
}

/* Key frames come in bursts, and wait for the pacer. */
static void what_waits_for_the_pacer_is_told_at_a_bounded_rate(void **state)
{
    (void)state;
    record(0, false, lossy(1));
    struct bytes b = recorded();
    struct queue q = {0};
    each(b, look_at_queue, &q);
    assert_true(q.n > 1 && q.empty > 0 && q.longest >= 5 * RILL_MS);
    free(b.p);
}

static void what_the_jitter_buffer_gives_up_is_told_with_its_reason(void **state)
{
    (void)state;
    struct rill_sim_call_options o = lossy(3);
    o.link.loss_good = 3000;
    o.no_repair = true;
    record(1, false, o);
    struct bytes b = recorded();
    assert_true(count(b, "peer:jitter_target") >= 1);
    assert_true(count(b, "peer:frame_dropped") >= 1);
    assert_true(count(b, "\"why\":\"it builds on a frame that is not there\"") +
                    count(b, "\"why\":\"a packet of it did not come in time\"") >=
                count(b, "peer:frame_dropped"));
    free(b.p);
}

static void a_changed_byte_of_what_left_is_found(void **state)
{
    (void)state;
    record(0, true, lossy(1));
    struct bytes b = recorded();
    uint8_t *at = find(b, "peer:datagram_sent", 40);
    while (memcmp(at, "\"bytes\":\"", 9) != 0)
        at++;
    at[29] = at[29] == 'a' ? 'b' : 'a';
    struct replay r = again(b);
    assert_int_equal(r.state, REPLAY_DIFFERS);
    assert_int_equal(r.outputs, 40);
    free(b.p);
}

static void a_changed_byte_of_what_came_makes_a_difference_behind_it(void **state)
{
    (void)state;
    record(1, true, lossy(2));
    struct bytes b = recorded();
    uint8_t *at = find(b, "peer:datagram_received", 20);
    while (memcmp(at, "\"bytes\":\"", 9) != 0)
        at++;
    at[29] = at[29] == 'a' ? 'b' : 'a';
    assert_int_equal(again(b).state, REPLAY_DIFFERS);
    free(b.p);
}

static void entropy_that_is_missing_is_missed(void **state)
{
    (void)state;
    record(0, true, lossy(1));
    struct bytes b = recorded();
    memcpy(find(b, "input:entropy", 8), "other:entropy", 13);
    assert_int_equal(again(b).state, REPLAY_DIFFERS);
    free(b.p);
}

static void a_trace_that_ends_early_is_run_as_far_as_it_goes(void **state)
{
    (void)state;
    record(0, true, lossy(1));
    struct bytes b = recorded();
    b.n = b.n * 2 / 3;
    struct replay r = again(b);
    assert_int_equal(r.state, REPLAY_GOES_ON);
    assert_false(r.is_whole);
    assert_true(r.inputs > 100);
    free(b.p);
}

static void without_secrets_nothing_can_be_run(void **state)
{
    (void)state;
    record(0, false, lossy(1));
    struct bytes b = recorded();
    struct replay r = again(b);
    assert_false(r.has_inputs);
    assert_int_equal(r.inputs, 0);
    for (size_t i = 0; i + 6 < b.n; i++)
        assert_true(memcmp(b.p + i, "input:", 6) != 0);
    free(b.p);
}

static void verbs_that_were_never_called_are_refused(void **state)
{
#define HEADER "\x1e{\"file_schema\":\"x\",\"trace\":{\"event_schemas\":[\"urn:rill:trace:1\"]}}\n"
#define END "\x1e{\"time\":9,\"name\":\"input:end\"}\n"
    static const char *const traces[] = {
        HEADER "\x1e{\"time\":1,\"name\":\"input:tick\",\"data\":{}}\n" END,
        HEADER "\x1e{\"time\":1,\"name\":\"input:conjure\",\"data\":{}}\n" END,
        HEADER "\x1e{\"time\":1,\"name\":\"input:certificate\",\"data\":{}}\n" END,
        HEADER "\x1e{\"time\":1,\"name\":\"input:caps\",\"data\":{\"tracks\":-1}}\n" END,
        HEADER "\x1e{\"time\":1,\"name\":\"input:behind\",\"data\":{\"us\":-1}}\n" END,
        HEADER "\x1e{\"time\":1,\"name\":\"input:clock\",\"data\":{}}\n" END,
        HEADER "\x1e{\"time\":1,\"name\":\"input:entropy\",\"data\":{\"bytes\":null}}\n" END,
    };
    (void)state;
    for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
        struct bytes b = {(uint8_t *)(uintptr_t)traces[i], strlen(traces[i])};
        assert_int_equal(again(b).state, REPLAY_REFUSED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_of_a_lossy_call_are_the_same_again),
        cmocka_unit_test(no_record_is_before_the_one_above_it),
        cmocka_unit_test(what_a_verb_draws_is_one_record),
        cmocka_unit_test(what_waits_for_the_pacer_is_told_at_a_bounded_rate),
        cmocka_unit_test(what_the_jitter_buffer_gives_up_is_told_with_its_reason),
        cmocka_unit_test(a_changed_byte_of_what_left_is_found),
        cmocka_unit_test(a_changed_byte_of_what_came_makes_a_difference_behind_it),
        cmocka_unit_test(entropy_that_is_missing_is_missed),
        cmocka_unit_test(a_trace_that_ends_early_is_run_as_far_as_it_goes),
        cmocka_unit_test(without_secrets_nothing_can_be_run),
        cmocka_unit_test(verbs_that_were_never_called_are_refused),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
