/* The worker: the same with a thread and without, bounded, never waited for. Run it under
 * ThreadSanitizer too: `make tsan`. */
#include "tests/rill_test.h"

#include "media/worker.h"
#include "tests/capture/fake_camera.h"

#include <stdatomic.h>
#include <stdio.h>

#define START 4000000
/* Patience of a test on a slow machine. */
#define PATIENCE (20 * RILL_SECOND)

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * RILL_SECOND + t.tv_nsec / 1000;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static atomic_uint wakes;

static void count_wake(void *ctx)
{
    (void)ctx;
    atomic_fetch_add(&wakes, 1);
}

static struct rill_worker *worker(bool threaded, const char *source,
                                  const struct rill_v4l2_port *port)
{
    struct rill_worker *w = rill_worker_new(
        &(struct rill_worker_config){.threaded = threaded, .now = now_us, .wake = count_wake});
    struct rill_sender *s = NULL;
    struct rill_sender_config config = {.source = source, .v4l2 = port};
    assert_non_null(w);
    assert_int_equal(rill_sender_new(&config, &s, NULL), 0);
    assert_int_equal(rill_worker_add(w, s), 0);
    return w;
}

static struct rill_frame wait_for_frame(struct rill_worker *w)
{
    struct rill_frame f;
    int sender;
    int64_t end = now_us() + PATIENCE;
    while (!rill_worker_frame(w, &sender, &f)) {
        assert_true(now_us() < end);
        nap();
    }
    assert_int_equal(sender, 0);
    return f;
}

static struct rill_worker_event wait_for_event(struct rill_worker *w)
{
    struct rill_worker_event e;
    int64_t end = now_us() + PATIENCE;
    while (!rill_worker_event(w, &e)) {
        assert_true(now_us() < end);
        nap();
    }
    return e;
}

static void tell(struct rill_worker *w, enum rill_worker_command_type type, uint32_t value,
                 const char *text)
{
    struct rill_worker_command c = {.type = type, .value = value};
    snprintf(c.text, sizeof c.text, "%s", text);
    assert_true(rill_worker_command(w, &c));
}

static void without_a_thread_the_caller_steps_and_all_is_determined(void **state)
{
    (void)state;
    struct rill_frame f;
    int sender;
    size_t sizes[2][30];
    for (int turn = 0; turn < 2; turn++) {
        struct rill_worker *w = worker(false, "testsrc:size=64x48", NULL);
        assert_true(rill_worker_start(w, START));
        for (int64_t k = 0; k < 30; k++) {
            int64_t due = START + k * RILL_SECOND / 30;
            assert_int_equal(rill_worker_deadline(w, due - 1), due);
            rill_worker_step(w, due - 1);
            assert_false(rill_worker_frame(w, &sender, &f));
            rill_worker_step(w, due);
            assert_true(rill_worker_frame(w, &sender, &f));
            assert_int_equal(f.time, due);
            sizes[turn][k] = f.bytes.n;
        }
        rill_worker_free(w);
    }
    assert_memory_equal(sizes[0], sizes[1], sizeof sizes[0]);
}

static void with_a_thread_frames_come_by_themselves(void **state)
{
    (void)state;
    struct rill_sender_stats stats;
    struct rill_worker *w = worker(true, "testsrc:size=64x48:rate=100", NULL);
    unsigned before = atomic_load(&wakes);
    assert_true(rill_worker_start(w, now_us()));
    assert_int_equal(rill_worker_deadline(w, now_us()), RILL_NEVER);
    int64_t last = 0;
    for (int k = 0; k < 50; k++) {
        struct rill_frame f = wait_for_frame(w);
        assert_true(f.time > last);
        assert_true(k > 0 || f.keyframe);
        last = f.time;
    }
    assert_true(atomic_load(&wakes) > before);
    /* The figures follow when the step is over. */
    int64_t end = now_us() + PATIENCE;
    do {
        assert_true(now_us() < end);
        nap();
        rill_worker_stats(w, 0, &stats);
    } while (stats.frames < 50);
    rill_worker_free(w);
}

/* Nobody fetches: the queue fills, then what is captured is counted, not kept. */
static void frames_that_nobody_fetches_are_dropped_before_they_are_encoded(void **state)
{
    (void)state;
    struct rill_sender_stats stats;
    struct rill_frame f;
    int sender, kept = 0;
    struct rill_worker *w = worker(false, "testsrc:size=64x48", NULL);
    assert_true(rill_worker_start(w, START));
    for (int64_t k = 0; k < 100; k++)
        rill_worker_step(w, START + k * RILL_SECOND / 30);
    rill_worker_stats(w, 0, &stats);
    assert_int_equal(stats.frames, RILL_WORKER_FRAMES_MAX);
    assert_int_equal(stats.dropped, 100 - RILL_WORKER_FRAMES_MAX);
    while (rill_worker_frame(w, &sender, &f))
        kept++;
    assert_int_equal(kept, RILL_WORKER_FRAMES_MAX);
    /* What comes after builds on what was kept. */
    rill_worker_step(w, START + 100 * RILL_SECOND / 30 + 1);
    assert_true(rill_worker_frame(w, &sender, &f));
    assert_false(f.keyframe);
    rill_worker_free(w);
}

static void a_frame_lives_until_the_next_is_fetched(void **state)
{
    (void)state;
    struct rill_frame f;
    int sender;
    static uint8_t copy[65536];
    struct rill_worker *w = worker(false, "testsrc:size=64x48", NULL);
    assert_true(rill_worker_start(w, START));
    rill_worker_step(w, START);
    assert_true(rill_worker_frame(w, &sender, &f));
    memcpy(copy, f.bytes.p, f.bytes.n);
    for (int64_t k = 1; k < 100; k++)
        rill_worker_step(w, START + k * RILL_SECOND / 30);
    assert_memory_equal(copy, f.bytes.p, f.bytes.n);
    rill_worker_free(w);
}

static void commands_are_obeyed_and_answered(void **state)
{
    (void)state;
    struct rill_worker *w = worker(true, "testsrc:size=64x48:rate=60", NULL);
    assert_true(rill_worker_start(w, now_us()));
    (void)wait_for_frame(w);
    tell(w, RILL_WORKER_REPLACE, 0, "testsrc:size=128x96:rate=60");
    struct rill_worker_event e = wait_for_event(w);
    assert_int_equal(e.type, RILL_WORKER_REPLACED);
    assert_int_equal(e.settings.width, 128);
    tell(w, RILL_WORKER_CONSTRAIN, 0, "width=64,height=48");
    e = wait_for_event(w);
    assert_int_equal(e.type, RILL_WORKER_CONSTRAINED);
    assert_int_equal(e.settings.width, 64);
    tell(w, RILL_WORKER_CONSTRAIN, 0, "width.min=9999");
    e = wait_for_event(w);
    assert_int_equal(e.type, RILL_WORKER_REFUSED);
    assert_row(e.why.row->code, CAPTURE_OVERCONSTRAINED_WIDTH);
    tell(w, RILL_WORKER_REPLACE, 0, "/nonexistent.y4m");
    e = wait_for_event(w);
    assert_int_equal(e.type, RILL_WORKER_REFUSED);
    assert_row(e.why.row->code, CAPTURE_OPEN);
    tell(w, RILL_WORKER_BITRATE, 100000, "");
    tell(w, RILL_WORKER_KEYFRAME, 0, "");
    while (!wait_for_frame(w).keyframe)
        ;
    tell(w, RILL_WORKER_STOP, 0, "");
    e = wait_for_event(w);
    assert_int_equal(e.type, RILL_WORKER_ENDED);
    assert_null(e.why.row);
    rill_worker_free(w);
}

static void commands_beyond_the_queue_are_refused(void **state)
{
    (void)state;
    struct rill_worker *w = worker(false, "testsrc:size=64x48", NULL);
    struct rill_worker_command c = {.type = RILL_WORKER_KEYFRAME};
    for (int i = 0; i < RILL_WORKER_QUEUE_MAX; i++)
        assert_true(rill_worker_command(w, &c));
    assert_false(rill_worker_command(w, &c));
    rill_worker_free(w);
}

static void a_camera_wakes_the_thread_and_its_loss_is_told(void **state)
{
    (void)state;
    struct fake_camera c = fake_camera();
    struct rill_v4l2_port port = fake_port(&c);
    struct rill_worker *w = worker(true, "/dev/video0", &port);
    assert_true(rill_worker_start(w, now_us()));
    for (uint32_t k = 0; k < 10; k++) {
        assert_true(fake_shoot(&c, k, FAKE_WHOLE));
        struct rill_frame f = wait_for_frame(w);
        assert_true(k > 0 || f.keyframe);
    }
    fake_unplug(&c);
    struct rill_worker_event e = wait_for_event(w);
    while (e.type != RILL_WORKER_ENDED) /* on a slow machine it was muted meanwhile */
        e = wait_for_event(w);
    assert_row(e.why.row->code, CAPTURE_DEVICE_LOST);
    /* The track goes on in black. */
    (void)wait_for_frame(w);
    rill_worker_free(w);
}

static void clones_share_a_worker(void **state)
{
    (void)state;
    struct rill_frame f;
    int sender;
    size_t n[2] = {0};
    struct rill_sender *a = NULL, *b = NULL;
    struct rill_worker *w = rill_worker_new(&(struct rill_worker_config){.now = now_us});
    assert_int_equal(
        rill_sender_new(&(struct rill_sender_config){.source = "testsrc:size=64x48"}, &a, NULL), 0);
    assert_int_equal(rill_sender_new(&(struct rill_sender_config){.clone = a}, &b, NULL), 0);
    assert_int_equal(rill_worker_add(w, a), 0);
    assert_int_equal(rill_worker_add(w, b), 1);
    assert_true(rill_worker_start(w, START));
    for (int64_t k = 0; k < 10; k++) {
        rill_worker_step(w, START + k * RILL_SECOND / 30);
        while (rill_worker_frame(w, &sender, &f))
            n[sender]++;
    }
    assert_int_equal(n[0], 10);
    assert_int_equal(n[1], 10);
    rill_worker_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_thread_the_caller_steps_and_all_is_determined),
        cmocka_unit_test(with_a_thread_frames_come_by_themselves),
        cmocka_unit_test(frames_that_nobody_fetches_are_dropped_before_they_are_encoded),
        cmocka_unit_test(a_frame_lives_until_the_next_is_fetched),
        cmocka_unit_test(commands_are_obeyed_and_answered),
        cmocka_unit_test(commands_beyond_the_queue_are_refused),
        cmocka_unit_test(a_camera_wakes_the_thread_and_its_loss_is_told),
        cmocka_unit_test(clones_share_a_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
