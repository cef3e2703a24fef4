/* Sound and pictures of one sender over two unlike ways, in virtual time: when what was captured
 * together is heard and seen. */
#include "tests/rill_test.h"

#include "media/lipsync.h"
#include "media/playout.h"
#include "media/sync.h"

#define START (100 * RILL_SECOND)
#define WALL ((int64_t)3900000000 * RILL_SECOND)

/* --- sound that says nothing --------------------------------------------------------------------
 */

static int16_t nothing[2 * 5760];

static int frames_of(void *ctx, struct rill_view packet)
{
    (void)ctx;
    (void)packet;
    return 960;
}

static int decode(void *ctx, struct rill_view packet, struct rill_pcm *out)
{
    (void)ctx;
    (void)packet;
    *out = (struct rill_pcm){.samples = nothing, .frames = 960, .rate_hz = 48000, .channels = 2};
    return 960;
}

static int conceal(void *ctx, struct rill_view next, size_t frames, struct rill_pcm *out)
{
    (void)ctx;
    (void)next;
    *out = (struct rill_pcm){.samples = nothing, .frames = frames, .rate_hz = 48000, .channels = 2};
    return (int)frames;
}

static bool no(void *ctx, struct rill_view packet)
{
    (void)ctx;
    (void)packet;
    return false;
}

/* --- a call -------------------------------------------------------------------------------------
 */

static struct scene {
    struct rill_sync sync;
    struct rill_lipsync lips;
    struct rill_playout *playout;
    int64_t now;
    int64_t sound_late, sound_jitter, picture_late, picture_jitter;
    uint32_t sound_sent, pictures_sent, seed;
    int64_t sound_due[64], picture_due[64]; /* arrivals, by number; 0: none */
    int64_t heard;                          /* capture time of what is played now */
    int64_t worst;                          /* apart, since it was last set to 0 */
    struct {
        int64_t time, captured;
    } held[64];
    size_t n_held;
} scene;

static void on_decoded(void *ctx, int64_t now, const struct rill_playout_sound *s)
{
    (void)ctx;
    int64_t time = rill_sync_time(&scene.sync, 0, s->arrived, s->rtp_time) + scene.sync.zero;
    rill_lipsync_heard(&scene.lips, now, s->plays_at, time);
}

static uint64_t ntp(int64_t us)
{
    return (uint64_t)((WALL + us) / 1000000) << 32 |
           ((uint64_t)((WALL + us) % 1000000) << 32) / 1000000;
}

static int64_t unevenly(int64_t most)
{
    scene.seed = scene.seed * 1664525u + 1013904223u;
    return most ? (scene.seed >> 8) % most : 0;
}

static void begin(int64_t sound_late, int64_t picture_late)
{
    struct rill_playout_config config = {
        .clock_hz = 48000,
        .decoder = {.frames = frames_of,
                    .decode = decode,
                    .conceal = conceal,
                    .has_redundancy = no,
                    .begins_pause = no},
        .decoded = on_decoded,
    };
    memset(&scene, 0, sizeof scene);
    scene.now = START;
    scene.sound_late = sound_late;
    scene.picture_late = picture_late;
    scene.playout = rill_playout_new(&config);
    assert_int_equal(rill_sync_add(&scene.sync, RILL_AUDIO, 48000), 0);
    assert_int_equal(rill_sync_add(&scene.sync, RILL_VIDEO, 90000), 1);
}

/* Both clocks begin anywhere. */
static uint32_t sound_rtp(int64_t captured)
{
    return 0xfff00000 + (uint32_t)((captured - START) * 48 / 1000);
}

static uint32_t picture_rtp(int64_t captured)
{
    return 0x80000000 + (uint32_t)((captured - START) * 90 / 1000);
}

static void send(void)
{
    while (START + scene.sound_sent * 20 * RILL_MS <= scene.now)
        scene.sound_due[scene.sound_sent++ % 64] =
            scene.now + scene.sound_late + unevenly(scene.sound_jitter);
    while (START + scene.pictures_sent * 33333 <= scene.now)
        scene.picture_due[scene.pictures_sent++ % 64] =
            scene.now + scene.picture_late + unevenly(scene.picture_jitter);
    if ((scene.now - START) % RILL_SECOND == 500 * RILL_MS) {
        rill_sync_report(&scene.sync, 0, ntp(scene.now), sound_rtp(scene.now));
        rill_sync_report(&scene.sync, 1, ntp(scene.now), picture_rtp(scene.now));
    }
}

static void see(int64_t captured)
{
    int64_t apart = scene.heard ? captured - scene.heard : 0;
    apart = apart < 0 ? -apart : apart;
    scene.worst = apart > scene.worst ? apart : scene.worst;
}

static void receive(void)
{
    uint8_t byte = 0;
    for (uint32_t k = scene.sound_sent > 64 ? scene.sound_sent - 64 : 0; k < scene.sound_sent;
         k++) {
        int64_t at = scene.sound_due[k % 64];
        if (at == 0 || at > scene.now)
            continue;
        scene.sound_due[k % 64] = 0;
        struct rill_frame f = {.bytes = rill_view_at(&byte, 1),
                               .rtp_time = sound_rtp(START + k * 20 * RILL_MS),
                               .time = at,
                               .seq = (uint16_t)k};
        (void)rill_playout_packet(scene.playout, &f);
    }
    for (uint32_t k = scene.pictures_sent > 64 ? scene.pictures_sent - 64 : 0;
         k < scene.pictures_sent; k++) {
        int64_t at = scene.picture_due[k % 64], captured = START + k * 33333;
        if (at == 0 || at > scene.now || scene.n_held == 64)
            continue;
        scene.picture_due[k % 64] = 0;
        int64_t time =
            rill_sync_time(&scene.sync, 1, scene.now, picture_rtp(captured)) + scene.sync.zero;
        rill_lipsync_seen(&scene.lips, scene.now, time);
        scene.held[scene.n_held].time = time;
        scene.held[scene.n_held++].captured = captured;
    }
}

static void present(void)
{
    int16_t chunk[2 * RILL_PLAYOUT_CHUNK];
    struct rill_playout_stats stats;
    uint32_t rtp_time;
    if ((scene.now - START) % RILL_PLAYOUT_EVERY == 0) {
        bool playing = rill_playout_at(scene.playout, &rtp_time);
        (void)rill_playout_take(scene.playout, scene.now, chunk);
        rill_playout_stats(scene.playout, scene.now, &stats);
        rill_playout_set_least(scene.playout,
                               stats.delay + rill_lipsync_wait(&scene.lips, scene.now));
        if (playing)
            scene.heard = START + (int64_t)(uint32_t)(rtp_time - sound_rtp(START)) * 1000 / 48;
    } else if (scene.heard) {
        scene.heard += RILL_MS;
    }
    for (size_t i = 0; i < scene.n_held;) {
        if (rill_lipsync_due(&scene.lips, scene.now, scene.held[i].time) > scene.now) {
            i++;
            continue;
        }
        see(scene.held[i].captured);
        scene.held[i] = scene.held[--scene.n_held];
    }
}

static void run(int64_t us)
{
    for (int64_t end = scene.now + us; scene.now < end; scene.now += RILL_MS) {
        send();
        receive();
        present();
    }
}

/* After it has settled. */
static void assert_together(const char *what)
{
    struct rill_playout_stats stats;
    run(8 * RILL_SECOND);
    scene.worst = 0;
    run(10 * RILL_SECOND);
    rill_playout_stats(scene.playout, scene.now, &stats);
    print_message("%-44s sound and pictures apart by at most %4.1f ms; sound waits %.0f ms\n", what,
                  (double)scene.worst / 1000, (double)stats.delay / 1000);
    assert_true(scene.worst <= 20 * RILL_MS);
}

static void pictures_and_sound_go_together_whoever_is_late(void **state)
{
    (void)state;
    begin(40 * RILL_MS, 60 * RILL_MS);
    assert_together("pictures 20 ms later");
    scene.picture_late = 220 * RILL_MS;
    assert_together("… then 180 ms later");
    scene.picture_late = 40 * RILL_MS;
    assert_together("… then as fast as sound");
    scene.sound_jitter = 100 * RILL_MS;
    assert_together("… then sound comes unevenly, by 100 ms");
    scene.sound_late = 200 * RILL_MS;
    scene.sound_jitter = 0;
    assert_together("… then sound is 160 ms later");
    rill_playout_free(scene.playout);
}

static void what_is_alone_waits_for_nobody(void **state)
{
    (void)state;
    struct rill_lipsync y = {0};
    rill_lipsync_seen(&y, START, START - 300 * RILL_MS);
    assert_int_equal(rill_lipsync_due(&y, START, START - 300 * RILL_MS), START);
    assert_int_equal(rill_lipsync_wait(&y, START), 0);
    rill_lipsync_heard(&y, START, START, START - 100 * RILL_MS);
    assert_in_range(rill_lipsync_wait(&y, START), 190 * RILL_MS, 200 * RILL_MS);
    /* A second later nobody is there any more. */
    assert_int_equal(rill_lipsync_wait(&y, START + RILL_SECOND), 0);
    assert_int_equal(rill_lipsync_due(&y, START + 2 * RILL_SECOND, START + 2 * RILL_SECOND),
                     START + 2 * RILL_SECOND);
}

/* A report that is off by an hour. */
static void what_cannot_be_is_passed_over(void **state)
{
    (void)state;
    struct rill_lipsync y = {0};
    rill_lipsync_heard(&y, START, START, START - 50 * RILL_MS);
    rill_lipsync_heard(&y, START, START, START - 3600 * RILL_SECOND);
    rill_lipsync_seen(&y, START, START + 3600 * RILL_SECOND);
    assert_int_equal(rill_lipsync_due(&y, START, START + 3600 * RILL_SECOND), START);
    assert_int_equal(rill_lipsync_due(&y, START, START), START + 50 * RILL_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_and_sound_go_together_whoever_is_late),
        cmocka_unit_test(what_is_alone_waits_for_nobody),
        cmocka_unit_test(what_cannot_be_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
