/* The buffer of sound, in virtual time: what each kind of network costs in delay and in made-up
 * sound, and that nothing clicks. */
#include "tests/rill_test.h"

#include "media/conceal.h"
#include "media/delay_told.h"
#include "media/playout.h"

#include <math.h>

#define TURN 6.283185307179586
#define HZ 440
#define PEAK 8000
#define PACKET 960
#define START (5 * RILL_SECOND)

/* --- a codec of one tone: a packet says which 20 ms of it it is --------------------------------
 */

struct tone {
    struct rill_conceal conceal;
    int16_t samples[2 * 5760];
    bool redundant; /* packets know of the one before */
};

static int tone_frames(void *ctx, struct rill_view packet)
{
    (void)ctx;
    return packet.n == 5 ? PACKET : packet.n == 1 ? PACKET : -1;
}

static uint32_t number_of(struct rill_view v)
{
    return (uint32_t)v.p[1] << 24 | (uint32_t)v.p[2] << 16 | (uint32_t)v.p[3] << 8 | v.p[4];
}

static void sing(struct tone *t, int64_t from, size_t frames, struct rill_pcm *out)
{
    for (size_t i = 0; i < frames; i++)
        t->samples[2 * i] = t->samples[2 * i + 1] =
            (int16_t)lrint(PEAK * sin(TURN * HZ * (double)(from + (int64_t)i) / 48000));
    *out =
        (struct rill_pcm){.samples = t->samples, .frames = frames, .rate_hz = 48000, .channels = 2};
}

static int tone_decode(void *ctx, struct rill_view packet, struct rill_pcm *out)
{
    struct tone *t = ctx;
    if (packet.n == 1) {
        memset(t->samples, 0, sizeof t->samples);
        *out = (struct rill_pcm){
            .samples = t->samples, .frames = PACKET, .rate_hz = 48000, .channels = 2};
        return PACKET;
    }
    sing(t, (int64_t)number_of(packet) * PACKET, PACKET, out);
    rill_conceal_heard(&t->conceal, 0, out);
    return PACKET;
}

static int tone_conceal(void *ctx, struct rill_view next, size_t frames, struct rill_pcm *out)
{
    struct tone *t = ctx;
    if (t->redundant && next.n == 5) {
        sing(t, (int64_t)number_of(next) * PACKET - (int64_t)frames, frames, out);
        rill_conceal_heard(&t->conceal, 0, out);
        return (int)frames;
    }
    rill_conceal_make(&t->conceal, t->samples, frames);
    *out =
        (struct rill_pcm){.samples = t->samples, .frames = frames, .rate_hz = 48000, .channels = 2};
    return (int)frames;
}

static bool tone_has_redundancy(void *ctx, struct rill_view packet)
{
    return ((struct tone *)ctx)->redundant && packet.n == 5;
}

static bool tone_begins_pause(void *ctx, struct rill_view packet)
{
    (void)ctx;
    return packet.n == 1;
}

/* --- a stream through a network ----------------------------------------------------------------
 */

/* Packet k is sent at k × 20 ms by the sender's clock, and comes `late` µs later; < 0: never. */
typedef int64_t network(uint32_t k, uint32_t *seed);

struct stream {
    struct tone tone;
    struct rill_playout *playout;
    struct rill_playout_stats stats;
    int drift_ppm;
    uint32_t leaps_at, leap; /* from that packet on times are so much further */
    double worst_step;       /* between two samples */
    int64_t most_delay;      /* µs, in the last third */
    int64_t delay_sum;
    int64_t played;
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void open_stream(struct stream *s)
{
    struct rill_playout_config config = {
        .clock_hz = 48000,
        .decoder = {.ctx = &s->tone,
                    .frames = tone_frames,
                    .decode = tone_decode,
                    .conceal = tone_conceal,
                    .has_redundancy = tone_has_redundancy,
                    .begins_pause = tone_begins_pause},
    };
    s->playout = rill_playout_new(&config);
    assert_non_null(s->playout);
}

#define IN_FLIGHT 64

struct flying {
    int64_t arrives;
    uint32_t k;
};

/* A packet of the tone; every pause_every seconds, pause_for packets are silence that is not sent.
 */
static void give(struct stream *s, uint32_t k, uint16_t seq, int64_t arrived, bool redundant)
{
    uint8_t bytes[5] = {0, (uint8_t)(k >> 24), (uint8_t)(k >> 16), (uint8_t)(k >> 8), (uint8_t)k};
    struct rill_frame f = {.kind = RILL_AUDIO,
                           .codec = RILL_CODEC_OPUS,
                           .bytes = rill_view_at(bytes, 5),
                           .rtp_time = 0xffff0000 + k * PACKET +
                                       (s->leap && k >= s->leaps_at ? s->leap : 0),
                           .time = arrived,
                           .seq = seq,
                           .redundant = redundant};
    (void)rill_playout_packet(s->playout, &f);
}

static void listen(struct stream *s, const int16_t *chunk, int16_t *before, int64_t now, bool last)
{
    struct rill_playout_stats stats;
    for (size_t i = 0; i < RILL_PLAYOUT_CHUNK; i++) {
        double step = fabs((double)chunk[2 * i] - *before);
        s->worst_step = step > s->worst_step ? step : s->worst_step;
        *before = chunk[2 * i];
    }
    rill_playout_stats(s->playout, now, &stats);
    if (!last)
        return;
    s->played++;
    s->delay_sum += stats.delay;
    s->most_delay = stats.delay > s->most_delay ? stats.delay : s->most_delay;
}

static void run(struct stream *s, network *net, uint32_t packets)
{
    struct flying flying[IN_FLIGHT];
    size_t n = 0;
    uint32_t k = 0, seed = 7;
    int16_t chunk[2 * RILL_PLAYOUT_CHUNK], before = 0;
    double ticks = 1 + s->drift_ppm / 1e6;
    int64_t end = START + (int64_t)(packets * 20.0 * RILL_MS * (ticks < 1 ? ticks : 1));
    for (int64_t now = START; now < end; now += RILL_MS) {
        while (k < packets && START + (int64_t)(k * 20.0 * RILL_MS * ticks) <= now &&
               n < IN_FLIGHT) {
            int64_t late = net(k, &seed);
            if (late >= 0)
                flying[n++] =
                    (struct flying){START + (int64_t)(k * 20.0 * RILL_MS * ticks) + late, k};
            k++;
        }
        /* In the order of arrival; of those that came together, of sending. */
        for (size_t i = 0; i < n;) {
            size_t first = i;
            for (size_t j = 0; j < n; j++)
                if (flying[j].arrives <= now &&
                    (flying[j].arrives < flying[first].arrives || flying[first].arrives > now))
                    first = j;
            if (flying[first].arrives > now)
                break;
            give(s, flying[first].k, (uint16_t)flying[first].k, flying[first].arrives, false);
            memmove(&flying[first], &flying[first + 1], (--n - first) * sizeof flying[0]);
            i = 0;
        }
        if ((now - START) % RILL_PLAYOUT_EVERY)
            continue;
        rill_playout_take(s->playout, now, chunk);
        listen(s, chunk, &before, now, now > START + (end - START) * 2 / 3);
    }
    rill_playout_stats(s->playout, end, &s->stats);
}

static double concealed_share(const struct stream *s)
{
    return (double)s->stats.concealed_samples / (double)s->stats.total_samples;
}

static void report(const char *what, const struct stream *s)
{
    print_message("%-34s delay %5.1f ms, at most %5.1f; target %5.1f; concealed %5.2f %%, %2llu "
                  "times; inserted %5.1f ms, removed %6.1f; worst step %.0f\n",
                  what, (double)s->delay_sum / (double)(s->played ? s->played : 1) / 1000,
                  (double)s->most_delay / 1000, (double)s->stats.target / 1000,
                  100 * concealed_share(s), (unsigned long long)s->stats.concealment_events,
                  (double)s->stats.inserted_samples / 48, (double)s->stats.removed_samples / 48,
                  s->worst_step);
}

static void through(struct stream *s, const char *what, network *net, uint32_t packets)
{
    open_stream(s);
    run(s, net, packets);
    report(what, s);
    rill_playout_free(s->playout);
}

static int64_t mean_delay(const struct stream *s)
{
    return s->delay_sum / s->played;
}

/* The tone's own largest step, and a fifth more. */
#define SMOOTH (1.2 * PEAK * TURN * HZ / 48000)

/* --- networks -----------------------------------------------------------------------------------
 */

static int64_t steady(uint32_t k, uint32_t *seed)
{
    (void)k;
    (void)seed;
    return 40 * RILL_MS;
}

static int64_t jitter_30(uint32_t k, uint32_t *seed)
{
    (void)k;
    return 40 * RILL_MS + next_random(seed) % (30 * RILL_MS);
}

static int64_t jitter_soon(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return 40 * RILL_MS + (k > 10 && k % 4 == 0 ? 25 * RILL_MS : 0);
}

static int64_t jitter_80(uint32_t k, uint32_t *seed)
{
    (void)k;
    return 40 * RILL_MS + next_random(seed) % (80 * RILL_MS);
}

/* Each 100 ms what has gathered comes at once. */
static int64_t bursts(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return 40 * RILL_MS + (4 - k % 5) * 20 * RILL_MS;
}

static int64_t outage(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return 40 * RILL_MS + (k >= 500 && k < 525 ? (525 - k) * 20 * RILL_MS : 0);
}

/* Each 2 s nothing comes for 200 ms, then all of it at once. */
static int64_t pauses(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return 40 * RILL_MS + (k % 100 >= 90 ? (100 - k % 100) * 20 * RILL_MS : 0);
}

static int64_t loses_one_in_twenty(uint32_t k, uint32_t *seed)
{
    (void)k;
    return next_random(seed) % 20 == 0 ? -1 : 40 * RILL_MS;
}

static int64_t reorders(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return 40 * RILL_MS + (k % 10 == 3 ? 45 * RILL_MS : 0);
}

static int64_t gets_slower(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return k < 500 ? 40 * RILL_MS : 120 * RILL_MS;
}

static int64_t gets_faster(uint32_t k, uint32_t *seed)
{
    (void)seed;
    return k < 500 ? 120 * RILL_MS : 40 * RILL_MS;
}

/* What sound waits at first, for what may come, is left out when it has not come: 20 ms. */
#define BEGINNING (20 * 48)

static void a_steady_network_costs_no_more_than_a_packet(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "steady", steady, 1500);
    assert_in_range(mean_delay(&s), 10 * RILL_MS, 30 * RILL_MS);
    assert_int_equal(s.stats.concealed_samples, 0);
    assert_int_equal(s.stats.inserted_samples, 0);
    assert_true(s.stats.removed_samples <= BEGINNING);
    assert_true(s.worst_step < SMOOTH);
}

static void the_delay_is_what_jitter_asks_for(void **state)
{
    (void)state;
    struct stream a = {0}, b = {0};
    through(&a, "jitter of 30 ms", jitter_30, 3000);
    through(&b, "jitter of 80 ms", jitter_80, 3000);
    assert_in_range(mean_delay(&a), 25 * RILL_MS, 55 * RILL_MS);
    assert_in_range(mean_delay(&b), 65 * RILL_MS, 115 * RILL_MS);
    assert_true(concealed_share(&a) < 0.01);
    assert_true(concealed_share(&b) < 0.015);
    assert_true(a.worst_step < SMOOTH && b.worst_step < SMOOTH);
}

/* Nobody knows yet how uneven it is. */
static void sound_begins_whole(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "jitter that begins after 200 ms", jitter_soon, 50);
    assert_int_equal(s.stats.concealed_samples, 0);
}

static void bursts_are_waited_for(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "bursts of 100 ms", bursts, 1500);
    assert_in_range(mean_delay(&s), 75 * RILL_MS, 125 * RILL_MS);
    assert_true(concealed_share(&s) < 0.005);
    assert_true(s.worst_step < SMOOTH);
}

/* Ten minutes at 200 ppm are 120 ms. */
static void a_clock_that_drifts_neither_lets_the_delay_grow_nor_run_dry(void **state)
{
    (void)state;
    for (int ppm = -200; ppm <= 200; ppm += 400) {
        struct stream s = {.drift_ppm = ppm};
        through(&s, ppm < 0 ? "a sender 200 ppm fast" : "a sender 200 ppm slow", steady, 30000);
        assert_in_range(mean_delay(&s), 5 * RILL_MS, 45 * RILL_MS);
        assert_true(s.most_delay < 60 * RILL_MS);
        assert_int_equal(s.stats.concealed_samples, 0);
        assert_true(s.worst_step < SMOOTH);
    }
}

/* What was held up is played, faster; and the next outage is not waited for. */
static void an_outage_is_concealed_caught_up_with_and_forgotten(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "an outage of 500 ms", outage, 1500);
    assert_in_range(s.stats.concealed_samples, 48 * 440, 48 * 520);
    assert_int_equal(s.stats.concealment_events, 1);
    assert_int_equal(s.stats.late, 0);
    assert_in_range(mean_delay(&s), 10 * RILL_MS, 40 * RILL_MS);
    assert_in_range(s.stats.removed_samples, 48 * 430, 48 * 520);
    assert_true(s.stats.silent_concealed_samples > 48 * 150);
    assert_true(s.worst_step < SMOOTH);
}

static void a_pause_of_the_network_that_returns_is_waited_for(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "each 2 s nothing for 200 ms", pauses, 3000);
    assert_true(concealed_share(&s) < 0.01);
    assert_in_range(mean_delay(&s), 190 * RILL_MS, 230 * RILL_MS);
    assert_true(s.worst_step < SMOOTH);
}

/* A sender that begins its times anew, somewhere else or half a second ago. */
static void time_that_leaps_costs_nothing_and_does_not_click(void **state)
{
    (void)state;
    static const uint32_t leaps[] = {70000000, 0u - 24000, 0u - 200000};
    for (size_t i = 0; i < sizeof leaps / sizeof leaps[0]; i++) {
        struct stream s = {.leaps_at = 501, .leap = leaps[i]};
        through(&s, "time leaps", steady, 1000);
        assert_int_equal(s.stats.concealed_samples, 0);
        assert_int_equal(s.stats.late, 0);
        assert_in_range(mean_delay(&s), 10 * RILL_MS, 30 * RILL_MS);
        assert_true(s.worst_step < SMOOTH);
    }
}

static void what_is_lost_is_concealed_and_no_more(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "5 % lost", loses_one_in_twenty, 1500);
    assert_in_range(1000 * concealed_share(&s), 30, 65);
    assert_in_range(mean_delay(&s), 10 * RILL_MS, 40 * RILL_MS);
    assert_true(s.worst_step < SMOOTH);
}

static void what_the_next_packet_knows_is_waited_for_and_not_made_up(void **state)
{
    (void)state;
    struct stream s = {.tone = {.redundant = true}};
    through(&s, "5 % lost, redundancy", loses_one_in_twenty, 1500);
    assert_true(concealed_share(&s) < 0.008);
    assert_in_range(s.stats.fec_used, 50, 90);
    assert_in_range(mean_delay(&s), 20 * RILL_MS, 60 * RILL_MS);
    assert_true(s.worst_step < SMOOTH);
}

static void packets_that_were_overtaken_are_waited_for_where_there_are_many(void **state)
{
    (void)state;
    struct stream s = {0};
    through(&s, "one in ten overtaken by two", reorders, 1500);
    assert_true(concealed_share(&s) < 0.02);
    assert_in_range(mean_delay(&s), 45 * RILL_MS, 80 * RILL_MS);
}

static void another_way_through_the_network_is_followed(void **state)
{
    (void)state;
    struct stream a = {0}, b = {0};
    through(&a, "a way that is 80 ms longer", gets_slower, 1500);
    through(&b, "a way that is 80 ms shorter", gets_faster, 1500);
    assert_in_range(mean_delay(&a), 10 * RILL_MS, 40 * RILL_MS);
    assert_in_range(mean_delay(&b), 10 * RILL_MS, 40 * RILL_MS);
    assert_true(a.stats.concealed_samples <= 48 * 100);
    assert_int_equal(b.stats.concealed_samples, 0);
    assert_true(a.worst_step < SMOOTH && b.worst_step < SMOOTH);
}

/* --- pauses -------------------------------------------------------------------------------------
 */

static void give_silence(struct stream *s, uint32_t k, uint16_t seq, int64_t arrived)
{
    uint8_t byte = 1;
    struct rill_frame f = {.kind = RILL_AUDIO,
                           .codec = RILL_CODEC_OPUS,
                           .bytes = rill_view_at(&byte, 1),
                           .rtp_time = 0xffff0000 + k * PACKET,
                           .time = arrived,
                           .seq = seq};
    assert_int_equal(rill_playout_packet(s->playout, &f), 0);
}

/* A second of sound, one of nothing at all, and so on: RFC 7587 §3.1.3. */
static void a_pause_is_no_loss(void **state)
{
    (void)state;
    struct stream s = {0};
    int16_t chunk[2 * RILL_PLAYOUT_CHUNK];
    uint16_t seq = 65500;
    open_stream(&s);
    for (uint32_t k = 0; k < 1000; k++) {
        int64_t now = START + k * 20 * RILL_MS;
        if (k % 100 == 50)
            give_silence(&s, k, seq++, now);
        else if (k % 100 < 50)
            give(&s, k, seq++, now, false);
        rill_playout_take(s.playout, now, chunk);
        rill_playout_take(s.playout, now + RILL_PLAYOUT_EVERY, chunk);
    }
    rill_playout_stats(s.playout, START + 20 * RILL_SECOND, &s.stats);
    assert_int_equal(s.stats.concealed_samples, 0);
    assert_int_equal(s.stats.concealment_events, 0);
    assert_int_equal(s.stats.late, 0);
    assert_int_equal(s.stats.inserted_samples, 0);
    assert_true(s.stats.removed_samples <= BEGINNING);
    assert_in_range(s.stats.comfort_samples, 48 * 9700, 48 * 9900);
    assert_in_range(s.stats.delay, 5 * RILL_MS, 30 * RILL_MS);
    rill_playout_free(s.playout);
}

static void a_stream_that_stops_is_silent_after_five_seconds_and_can_begin_again(void **state)
{
    (void)state;
    struct stream s = {0};
    int16_t chunk[2 * RILL_PLAYOUT_CHUNK];
    open_stream(&s);
    int64_t now = START;
    assert_false(rill_playout_take(s.playout, now, chunk));
    for (uint32_t k = 0; k < 50; k++, now += 20 * RILL_MS) {
        give(&s, k, (uint16_t)k, now, false);
        rill_playout_take(s.playout, now, chunk);
        rill_playout_take(s.playout, now + RILL_PLAYOUT_EVERY, chunk);
    }
    size_t chunks = 0;
    for (; rill_playout_take(s.playout, now, chunk); now += RILL_PLAYOUT_EVERY)
        chunks++;
    assert_in_range(chunks, 500, 510);
    /* From any other place. */
    for (uint32_t k = 0; k < 50; k++, now += 20 * RILL_MS) {
        give(&s, k + 70000000, (uint16_t)k, now, false);
        rill_playout_take(s.playout, now, chunk);
        rill_playout_take(s.playout, now + RILL_PLAYOUT_EVERY, chunk);
    }
    rill_playout_stats(s.playout, now, &s.stats);
    assert_in_range(s.stats.delay, 5 * RILL_MS, 45 * RILL_MS);
    assert_true(chunk[0] != 0 || chunk[20] != 0);
    rill_playout_free(s.playout);
}

/* A process that slept has hundreds of packets to read at once, and then a stream that began anew.
 */
static void a_full_buffer_can_begin_anew(void **state)
{
    (void)state;
    struct stream s = {0};
    int16_t chunk[2 * RILL_PLAYOUT_CHUNK];
    open_stream(&s);
    int64_t now = START;
    for (uint32_t k = 0; k < 50; k++, now += 20 * RILL_MS) {
        give(&s, k, (uint16_t)k, now, false);
        rill_playout_take(s.playout, now, chunk);
        rill_playout_take(s.playout, now + RILL_PLAYOUT_EVERY, chunk);
    }
    for (uint32_t k = 50; k < 1050; k++)
        give(&s, k, (uint16_t)k, now, false);
    for (uint32_t k = 0; k < 50; k++, now += 20 * RILL_MS) {
        give(&s, 70000000 + k, (uint16_t)k, now, false);
        rill_playout_take(s.playout, now, chunk);
        rill_playout_take(s.playout, now + RILL_PLAYOUT_EVERY, chunk);
    }
    rill_playout_stats(s.playout, now, &s.stats);
    assert_in_range(s.stats.delay, 5 * RILL_MS, 40 * RILL_MS);
    assert_true(chunk[0] != 0 || chunk[20] != 0);
    rill_playout_free(s.playout);
}

/* Pictures come 150 ms later: the sound waits for them, and no longer when they do not. */
static void sound_waits_for_what_it_belongs_to(void **state)
{
    (void)state;
    struct stream s = {0};
    open_stream(&s);
    rill_playout_set_least(s.playout, 150 * RILL_MS);
    run(&s, steady, 500);
    report("no less than 150 ms", &s);
    assert_in_range(mean_delay(&s), 130 * RILL_MS, 170 * RILL_MS);
    double emitted = (double)s.stats.emitted;
    assert_true(s.stats.target_sum / emitted > 0.149 && s.stats.minimum_sum / emitted < 0.031);
    assert_true(s.worst_step < SMOOTH);
    rill_playout_free(s.playout);
}

static void the_same_packets_give_the_same_sound(void **state)
{
    (void)state;
    struct stream a = {0}, b = {0};
    through(&a, "jitter of 80 ms", jitter_80, 1000);
    through(&b, "jitter of 80 ms", jitter_80, 1000);
    assert_memory_equal(&a.stats, &b.stats, sizeof a.stats);
}

static void keep_target(void *ctx, const struct rill_trace_point *point, int64_t now,
                        const union rill_trace_value *values)
{
    int64_t *told = ctx;
    assert_string_equal(point->name, "jitter_target");
    told[0]++;
    told[1] = values[0].i;
    told[2] = now;
}

static void the_target_is_told_when_it_changes_and_seldom(void **state)
{
    (void)state;
    int64_t told[3] = {0};
    const struct rill_trace trace = {told, keep_target};
    struct rill_delay_told t = {0};
    int64_t now = RILL_SECOND;
    rill_delay_tell(&t, &trace, now, 20 * RILL_MS, 0);
    assert_int_equal(told[1], 20 * RILL_MS);
    rill_delay_tell(&t, &trace, now + RILL_SECOND, 29 * RILL_MS, 0);
    assert_int_equal(told[0], 1);
    for (int i = 0; i < 100; i++) /* 20 ms a step: each is a change, but not so often */
        rill_delay_tell(&t, &trace, now += 10 * RILL_MS, (40 + i * 20) * RILL_MS, 0);
    assert_int_equal(told[0], 1 + 5);
    rill_delay_tell(&t, NULL, now + RILL_SECOND, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_target_is_told_when_it_changes_and_seldom),
        cmocka_unit_test(a_steady_network_costs_no_more_than_a_packet),
        cmocka_unit_test(the_delay_is_what_jitter_asks_for),
        cmocka_unit_test(sound_begins_whole),
        cmocka_unit_test(bursts_are_waited_for),
        cmocka_unit_test(a_clock_that_drifts_neither_lets_the_delay_grow_nor_run_dry),
        cmocka_unit_test(an_outage_is_concealed_caught_up_with_and_forgotten),
        cmocka_unit_test(a_pause_of_the_network_that_returns_is_waited_for),
        cmocka_unit_test(time_that_leaps_costs_nothing_and_does_not_click),
        cmocka_unit_test(what_is_lost_is_concealed_and_no_more),
        cmocka_unit_test(what_the_next_packet_knows_is_waited_for_and_not_made_up),
        cmocka_unit_test(packets_that_were_overtaken_are_waited_for_where_there_are_many),
        cmocka_unit_test(another_way_through_the_network_is_followed),
        cmocka_unit_test(a_pause_is_no_loss),
        cmocka_unit_test(a_stream_that_stops_is_silent_after_five_seconds_and_can_begin_again),
        cmocka_unit_test(a_full_buffer_can_begin_anew),
        cmocka_unit_test(sound_waits_for_what_it_belongs_to),
        cmocka_unit_test(the_same_packets_give_the_same_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
