#include "media/player.h"

#include "capture/echo.h"
#include "capture/rate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Frames at 48 kHz. */
#define CHUNK 480
#define CUSHION (60 * RILL_MS)
#define QUEUE 24000
/* The level is smoothed over some 2 s. Each millisecond off the target bends the rate by so many
 * millionths at once, and by so many more with each chunk that it lasts: so the queue comes back
 * to its target whatever the drift, within half a minute, and nobody hears it. */
#define SMOOTH 200.0
#define BEND_PER_MS 150.0
#define BEND_MORE_PER_MS 0.05
#define BEND_MAX 5000
#define BEND_STEP 10

struct queue {
    struct rill_rate *rate;
    int16_t samples[QUEUE * 2];
    size_t n; /* frames */
    bool playing, ran_dry;
    double level; /* smoothed */
    double drift; /* ppm, as learned so far */
    int32_t ppm;
};

struct rill_player {
    struct rill_speakers *speakers;
    struct rill_echo *echo;
    const struct rill_trace *trace;
    struct queue *queues[RILL_PLAYER_STREAMS_MAX];
    size_t n_queues;
    uint64_t underruns, overruns;
    uint64_t samples, synthesized, synthesized_events; /* see struct rill_player_stats */
    double delay;
    bool synthesizes;
    size_t target; /* of a queue, frames */
};

static const struct rill_trace_point underrun = {
    "media", "player_underrun", "a stream's sound ran out", 1, {{"stream", RILL_TRACE_U64}}};

int rill_player_new(const struct rill_player_config *config, int64_t now, struct rill_player **out,
                    struct rill_err *why)
{
    struct rill_player *p = calloc(1, sizeof *p);
    if (!p)
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_NOT_READABLE, 0, ENOMEM, why);
    p->echo = config->echo;
    p->trace = config->trace;
    p->target = (size_t)(config->cushion ? config->cushion : CUSHION) * 48 / 1000;
    int rc = rill_speakers_open(config->device, now, &p->speakers, why);
    if (rc < 0) {
        free(p);
        return rc;
    }
    *out = p;
    return 0;
}

void rill_player_free(struct rill_player *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n_queues; i++) {
        rill_rate_free(p->queues[i]->rate);
        free(p->queues[i]);
    }
    rill_speakers_free(p->speakers);
    free(p);
}

int rill_player_add(struct rill_player *p)
{
    if (p->n_queues == RILL_PLAYER_STREAMS_MAX)
        return -1;
    struct queue *q = calloc(1, sizeof *q);
    if (q)
        q->rate = rill_rate_new(2, 48000, 48000);
    if (!q || !q->rate) {
        free(q);
        return -1;
    }
    p->queues[p->n_queues] = q;
    return (int)p->n_queues++;
}

int64_t rill_player_delay(const struct rill_player *p, int stream)
{
    const struct queue *q = p->queues[stream];
    size_t n = q->playing ? q->n : p->target;
    return (int64_t)n * 1000 / 48 + rill_speakers_delay(p->speakers);
}

/* --- in ------------------------------------------------------------------------------------ */

static void drop(struct queue *q, size_t frames)
{
    q->n -= frames;
    memmove(q->samples, q->samples + 2 * frames, q->n * 2 * sizeof *q->samples);
}

void rill_player_pcm(struct rill_player *p, int stream, const struct rill_pcm *pcm)
{
    struct queue *q = p->queues[stream];
    if (pcm->frames > QUEUE - p->target)
        return;
    if (q->n + pcm->frames > QUEUE) {
        drop(q, q->n - p->target);
        q->level = (double)p->target;
        p->overruns++;
    }
    for (size_t i = 0; i < pcm->frames; i++) {
        const int16_t *s = pcm->samples + i * pcm->channels;
        q->samples[2 * (q->n + i)] = s[0];
        q->samples[2 * (q->n + i) + 1] = s[pcm->channels - 1];
    }
    q->n += pcm->frames;
}

/* --- out ----------------------------------------------------------------------------------- */

static void bend(const struct rill_player *p, struct queue *q)
{
    q->level += ((double)q->n - q->level) / SMOOTH;
    double off = (q->level - (double)p->target) / 48.0;
    q->drift += off * BEND_MORE_PER_MS;
    if (q->drift > BEND_MAX || q->drift < -BEND_MAX)
        q->drift = q->drift > 0 ? BEND_MAX : -BEND_MAX;
    double ppm = q->drift + off * BEND_PER_MS;
    int32_t want = ppm > BEND_MAX ? BEND_MAX : ppm < -BEND_MAX ? -BEND_MAX : (int32_t)ppm;
    if (want - q->ppm < BEND_STEP && q->ppm - want < BEND_STEP)
        return;
    q->ppm = want;
    rill_rate_bend(q->rate, want);
}

/* A queue plays once it is full enough, until it is dry. How many frames of it there were: none
 * while it fills again, and all where there is nothing to be had. */
static size_t add_queue(struct rill_player *p, size_t number, int32_t mix[CHUNK * 2])
{
    struct queue *q = p->queues[number];
    int16_t out[CHUNK * 2];
    size_t given = 0;
    if (!q->playing && q->n < p->target)
        return q->ran_dry && q->n > 0 ? 0 : CHUNK;
    if (!q->playing)
        q->level = (double)q->n;
    q->playing = true;
    bend(p, q);
    while (given < CHUNK && q->n > 0) {
        size_t in = q->n, room = CHUNK - given;
        rill_rate_run(q->rate, q->samples, &in, out + 2 * given, &room);
        drop(q, in);
        given += room;
        if (in == 0 && room == 0)
            break;
    }
    for (size_t i = 0; i < 2 * given; i++)
        mix[i] += out[i];
    if (given < CHUNK) {
        q->playing = false;
        q->ran_dry = true;
        p->underruns++;
    }
    return given;
}

/* What of a chunk nobody had: of several streams, the one that had least. */
static void count(struct rill_player *p, size_t missing)
{
    p->samples += CHUNK;
    p->delay += (double)CHUNK * (double)rill_speakers_delay(p->speakers) / RILL_SECOND;
    p->synthesized += missing;
    p->synthesized_events += missing > 0 && !p->synthesizes;
    p->synthesizes = missing > 0;
}

static int16_t clip(int32_t v)
{
    return v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : (int16_t)v;
}

static void play_chunk(struct rill_player *p, int64_t now)
{
    int32_t mix[CHUNK * 2] = {0};
    int16_t samples[CHUNK * 2];
    uint64_t before = p->underruns;
    size_t least = CHUNK;
    for (size_t i = 0; i < p->n_queues; i++) {
        size_t given = add_queue(p, i, mix);
        if (p->underruns != before)
            RILL_TRACE(p->trace, now, underrun, {.u = i});
        before = p->underruns;
        least = given < least ? given : least;
    }
    count(p, CHUNK - least);
    for (size_t i = 0; i < (size_t)CHUNK * 2; i++)
        samples[i] = clip(mix[i]);
    struct rill_pcm pcm = {.samples = samples, .frames = CHUNK, .rate_hz = 48000, .channels = 2};
    if (p->echo)
        rill_echo_played(p->echo, now + rill_speakers_delay(p->speakers), &pcm);
    rill_speakers_write(p->speakers, now, samples, CHUNK);
}

size_t rill_player_descriptors(const struct rill_player *p,
                               struct rill_source_fd out[RILL_SOURCE_FDS_MAX])
{
    return rill_speakers_descriptors(p->speakers, out);
}

int64_t rill_player_deadline(const struct rill_player *p)
{
    return rill_speakers_deadline(p->speakers);
}

void rill_player_run(struct rill_player *p, int64_t now)
{
    size_t room = rill_speakers_room(p->speakers, now);
    for (; room >= CHUNK; room -= CHUNK)
        play_chunk(p, now);
}

bool rill_player_ended(const struct rill_player *p, struct rill_err *why)
{
    return rill_speakers_ended(p->speakers, why);
}

void rill_player_stats(const struct rill_player *p, struct rill_player_stats *out)
{
    *out = (struct rill_player_stats){
        .frames = rill_speakers_frames(p->speakers),
        .xruns = rill_speakers_xruns(p->speakers),
        .underruns = p->underruns,
        .overruns = p->overruns,
        .samples = p->samples,
        .synthesized = p->synthesized,
        .synthesized_events = p->synthesized_events,
        .delay = p->delay,
        .drift_ppm = p->n_queues ? (int32_t)p->queues[0]->drift : 0,
    };
}
