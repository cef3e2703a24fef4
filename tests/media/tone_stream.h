/* A stream of sound through a network, in virtual time: a codec of one tone, whose packets come as
 * late as the network says, and what is heard of them. */
#ifndef RILL_TESTS_MEDIA_TONE_STREAM_H
#define RILL_TESTS_MEDIA_TONE_STREAM_H

#include "tests/rill_test.h"

#include "media/conceal.h"
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

static inline int tone_frames(void *ctx, struct rill_view packet)
{
    (void)ctx;
    return packet.n == 5 ? PACKET : packet.n == 1 ? PACKET : -1;
}

static inline uint32_t number_of(struct rill_view v)
{
    return (uint32_t)v.p[1] << 24 | (uint32_t)v.p[2] << 16 | (uint32_t)v.p[3] << 8 | v.p[4];
}

static inline void sing(struct tone *t, int64_t from, size_t frames, struct rill_pcm *out)
{
    for (size_t i = 0; i < frames; i++)
        t->samples[2 * i] = t->samples[2 * i + 1] =
            (int16_t)lrint(PEAK * sin(TURN * HZ * (double)(from + (int64_t)i) / 48000));
    *out =
        (struct rill_pcm){.samples = t->samples, .frames = frames, .rate_hz = 48000, .channels = 2};
}

static inline int tone_decode(void *ctx, struct rill_view packet, struct rill_pcm *out)
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

static inline int tone_conceal(void *ctx, struct rill_view next, size_t frames,
                               struct rill_pcm *out)
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

static inline bool tone_has_redundancy(void *ctx, struct rill_view packet)
{
    return ((struct tone *)ctx)->redundant && packet.n == 5;
}

static inline bool tone_begins_pause(void *ctx, struct rill_view packet)
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

static inline uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static inline void open_stream(struct stream *s)
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
static inline void give(struct stream *s, uint32_t k, uint16_t seq, int64_t arrived, bool redundant)
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

static inline void listen(struct stream *s, const int16_t *chunk, int16_t *before, int64_t now,
                          bool last)
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

static inline void run(struct stream *s, network *net, uint32_t packets)
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

static inline double concealed_share(const struct stream *s)
{
    return (double)s->stats.concealed_samples / (double)s->stats.total_samples;
}

static inline void report(const char *what, const struct stream *s)
{
    print_message("%-34s delay %5.1f ms, at most %5.1f; target %5.1f; concealed %5.2f %%, %2llu "
                  "times; inserted %5.1f ms, removed %6.1f; worst step %.0f\n",
                  what, (double)s->delay_sum / (double)(s->played ? s->played : 1) / 1000,
                  (double)s->most_delay / 1000, (double)s->stats.target / 1000,
                  100 * concealed_share(s), (unsigned long long)s->stats.concealment_events,
                  (double)s->stats.inserted_samples / 48, (double)s->stats.removed_samples / 48,
                  s->worst_step);
}

static inline void through(struct stream *s, const char *what, network *net, uint32_t packets)
{
    open_stream(s);
    run(s, net, packets);
    report(what, s);
    rill_playout_free(s->playout);
}

static inline int64_t mean_delay(const struct stream *s)
{
    return s->delay_sum / s->played;
}

/* The tone's own largest step, and a fifth more. */
#define SMOOTH (1.2 * PEAK * TURN * HZ / 48000)

static inline int64_t steady(uint32_t k, uint32_t *seed)
{
    (void)k;
    (void)seed;
    return 40 * RILL_MS;
}

/* What sound waits at first, for what may come, is left out when it has not come: 20 ms. */
#define BEGINNING (20 * 48)

#endif
