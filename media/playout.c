#include "media/playout.h"

#include "base/seq.h"
#include "media/sound_queue.h"
#include "media/stretch.h"

#include <stdlib.h>
#include <string.h>

/* What is decoded and not yet played. */
#define DECODED (4 * RILL_STRETCH_FRAMES_MAX + 5760)
#define LOSS_STEP 120
/* A longer gap in time is another beginning: only this much of it is concealed. */
#define CONCEAL_MAX 48000
/* Without anything for so long the stream has stopped. */
#define STOPPED 240000
/* Concealment is left as it is for 60 ms, and silent after 260. */
#define FADE_FROM 2880
#define FADE_UNTIL 12480
/* The way back, from silence. */
#define RISE 480
/* Off the target by more than this, a period is left out or said again; one in 50 ms, unless much
 * is to be caught up with. */
#define TOO_LONG (8 * RILL_MS)
#define TOO_SHORT (4 * RILL_MS)
#define FAR_TOO_LONG (120 * RILL_MS)
#define CHUNKS_BETWEEN 5
#define CHUNKS_BETWEEN_FAR 2
/* How alike a period and the next have to be; far off the target less so, and then not at all. */
#define ALIKE 0.85
#define ALIKE_ENOUGH 0.4
#define VERY_FAR (250 * RILL_MS)

struct rill_playout {
    struct rill_playout_config config;
    struct rill_sound_queue queue;
    struct rill_delay delay;
    int64_t least;
    bool heard; /* a packet has come: */
    uint32_t last_rtp;
    int64_t last_ticks;
    bool playing, paused;
    bool pause_asked; /* once what waits is played */
    int64_t next;     /* where what is decoded ends */
    bool has_seq;
    uint16_t seq;    /* of the packet decoded last */
    int frames;      /* in it */
    int64_t owed;    /* made up while nothing was there; whether it was lost is not known yet */
    int64_t made_up; /* without a break */
    bool concealing;
    double gain;
    int16_t decoded[2 * DECODED];
    size_t n_decoded;
    unsigned since_change; /* chunks since the length was changed */
    struct rill_playout_stats stats;
};

struct rill_playout *rill_playout_new(const struct rill_playout_config *config)
{
    struct rill_playout *p = calloc(1, sizeof *p);
    if (!p || !rill_sound_queue_init(&p->queue)) {
        free(p);
        return NULL;
    }
    p->config = *config;
    p->gain = 1;
    return p;
}

void rill_playout_free(struct rill_playout *p)
{
    if (!p)
        return;
    rill_sound_queue_free(&p->queue);
    free(p);
}

static int64_t us_of(int64_t samples)
{
    return samples * 1000 / 48;
}

static int64_t scale(const struct rill_playout *p)
{
    return 48000 / p->config.clock_hz;
}

/* --- packets in --------------------------------------------------------------------------- */

static int64_t place_of(struct rill_playout *p, const struct rill_frame *f)
{
    if (!p->heard)
        p->last_rtp = f->rtp_time;
    p->heard = true;
    int64_t ticks = p->last_ticks + rill_seq32_diff(f->rtp_time, p->last_rtp);
    if (ticks > p->last_ticks) {
        p->last_ticks = ticks;
        p->last_rtp = f->rtp_time;
    }
    return ticks * scale(p);
}

/* Timestamps of some senders follow an uneven clock: less than half a packet is nothing. */
static bool is_behind(const struct rill_playout *p, int64_t at, int frames)
{
    return p->playing && at - p->next <= -(int64_t)frames / 2;
}

/* The stream began anew, and nothing that was known of it holds. */
static void begin_anew(struct rill_playout *p)
{
    static const struct rill_delay nothing;
    p->queue.n = 0;
    p->delay = nothing;
    p->playing = p->paused = p->has_seq = false;
    p->owed = 0;
}

/* What it knows of the packet before it has come just now. */
static void note_redundancy(struct rill_playout *p, size_t place, const struct rill_frame *f)
{
    const struct rill_sound_packet *k = p->queue.order[place];
    if (!p->config.decoder.has_redundancy(p->config.decoder.ctx, f->bytes))
        return;
    p->stats.fec_packets++;
    bool follows = place > 0 ? k->at - p->queue.order[place - 1]->at <= k->frames
                             : p->playing && k->at - p->next < k->frames;
    if (!follows && p->playing)
        rill_delay_recovered(&p->delay, f->time, us_of(k->at - k->frames));
}

int rill_playout_packet(struct rill_playout *p, const struct rill_frame *f)
{
    int frames = p->config.decoder.frames(p->config.decoder.ctx, f->bytes);
    if (f->bytes.n > RILL_SOUND_PACKET_MAX || frames <= 0)
        return frames < 0 ? frames : RILL_MEDIA_OTHER_CODEC;
    int64_t at = place_of(p, f);
    if (p->playing && (at - p->next > 10 * CONCEAL_MAX || p->next - at >= CONCEAL_MAX))
        begin_anew(p);
    size_t place = rill_sound_queue_place(&p->queue, at);
    if (f->redundant)
        rill_delay_recovered(&p->delay, f->time, us_of(at));
    else
        rill_delay_packet(&p->delay, f->time, us_of(at));
    bool twice = place > 0 && p->queue.order[place - 1]->at == at;
    bool late = is_behind(p, at, frames);
    p->stats.late += late;
    if (late || twice)
        return RILL_MEDIA_LATE;
    if (p->queue.n == RILL_SOUND_QUEUE) {
        rill_sound_queue_drop(&p->queue);
        place -= place > 0;
    }
    rill_sound_queue_insert(&p->queue, place, at, frames, f);
    note_redundancy(p, place, f);
    p->pause_asked = false;
    return 0;
}

/* --- decoding ------------------------------------------------------------------------------- */

/* The gain of concealment fades, and rises again within 10 ms of real sound. */
static void push(struct rill_playout *p, const struct rill_pcm *pcm, bool made_up)
{
    size_t n = pcm->frames < DECODED - p->n_decoded ? pcm->frames : DECODED - p->n_decoded;
    int16_t *to = p->decoded + 2 * p->n_decoded;
    for (size_t i = 0; i < n; i++) {
        const int16_t *s = pcm->samples + i * pcm->channels;
        if (!made_up && p->gain < 1)
            p->gain = p->gain + 1.0 / RISE < 1 ? p->gain + 1.0 / RISE : 1;
        else if (made_up && p->made_up++ > FADE_FROM && p->gain > 0)
            p->gain = p->gain - 1.0 / (FADE_UNTIL - FADE_FROM) > 0
                          ? p->gain - 1.0 / (FADE_UNTIL - FADE_FROM)
                          : 0;
        to[2 * i] = (int16_t)(s[0] * p->gain);
        to[2 * i + 1] = (int16_t)(s[pcm->channels - 1] * p->gain);
    }
    p->n_decoded += n;
    if (!made_up)
        p->made_up = 0;
}

static void tell(struct rill_playout *p, int64_t now, const struct rill_sound_packet *k, int64_t at,
                 struct rill_pcm *pcm, bool made_up, int rc)
{
    struct rill_playout_sound sound = {
        .frame = k->at != at ? NULL : &k->frame,
        .rtp_time = k->frame.rtp_time - (uint32_t)((k->at - at) / scale(p)),
        .arrived = k->frame.time,
        .plays_at = now + us_of((int64_t)p->n_decoded),
        .pcm = rc < 0 ? NULL : pcm,
        .made_up = made_up,
        .error = rc < 0 ? rc : 0,
    };
    if (p->config.decoded)
        p->config.decoded(p->config.ctx, now, &sound);
}

static void count_concealed(struct rill_playout *p, size_t n)
{
    p->stats.concealment_events += !p->concealing;
    p->concealing = true;
    p->stats.concealed_samples += n;
    if (p->gain <= 0)
        p->stats.silent_concealed_samples += n;
}

static bool make_up(struct rill_playout *p, struct rill_view next, size_t frames,
                    struct rill_pcm *pcm)
{
    frames = frames / LOSS_STEP * LOSS_STEP;
    return frames > 0 && p->config.decoder.conceal(p->config.decoder.ctx, next, frames, pcm) > 0;
}

/* 10 ms of what there is between sounds. */
static void comfort(struct rill_playout *p)
{
    static int16_t nothing[2 * RILL_PLAYOUT_CHUNK];
    struct rill_pcm pcm;
    if (!make_up(p, (struct rill_view){0}, RILL_PLAYOUT_CHUNK, &pcm))
        pcm = (struct rill_pcm){.samples = nothing, .frames = RILL_PLAYOUT_CHUNK, .channels = 2};
    p->stats.comfort_samples += pcm.frames;
    push(p, &pcm, false);
}

/* Nothing is there: it may be late, or lost. */
static bool run_dry(struct rill_playout *p)
{
    struct rill_pcm pcm;
    if (p->owed >= STOPPED || !make_up(p, (struct rill_view){0}, RILL_PLAYOUT_CHUNK, &pcm))
        return false;
    p->owed += (int64_t)pcm.frames;
    push(p, &pcm, true);
    count_concealed(p, pcm.frames);
    return true;
}

/* What misses before the packet k: the part right before it from what k knows, the rest as it
 * comes.
 */
static bool fill_gap(struct rill_playout *p, int64_t now, const struct rill_sound_packet *k)
{
    struct rill_pcm pcm;
    int64_t gap = k->at - p->next, last = p->frames ? p->frames : k->frames;
    int64_t stands_in = p->owed < gap ? p->owed : gap;
    p->owed = 0;
    p->next += stands_in;
    gap -= stands_in;
    if (gap > CONCEAL_MAX) {
        p->next += gap - CONCEAL_MAX;
        gap = CONCEAL_MAX;
    }
    if (gap < LOSS_STEP) {
        p->next = k->at;
        return true;
    }
    bool known = gap < last + LOSS_STEP;
    size_t frames = known                             ? (size_t)gap
                    : gap - last < RILL_PLAYOUT_CHUNK ? (size_t)(gap - last)
                                                      : RILL_PLAYOUT_CHUNK;
    if (!make_up(p, known ? k->frame.bytes : (struct rill_view){0}, frames, &pcm)) {
        p->next = k->at;
        return true;
    }
    bool real = known && p->config.decoder.has_redundancy(p->config.decoder.ctx, k->frame.bytes);
    p->stats.fec_used += real;
    tell(p, now, k, p->next, &pcm, !real, 0);
    p->next += (int64_t)pcm.frames;
    push(p, &pcm, !real);
    if (!real)
        count_concealed(p, pcm.frames);
    return true;
}

static double seconds(int64_t us)
{
    return (double)us / RILL_SECOND;
}

/* The least that the network asks for; and with what is asked from outside. */
static int64_t target_of(const struct rill_playout *p, int64_t now)
{
    int64_t target = rill_delay_target(&p->delay, now);
    return target > p->least ? target : p->least;
}

static void decode_first(struct rill_playout *p, int64_t now)
{
    struct rill_sound_packet *k = rill_sound_queue_first(&p->queue);
    struct rill_pcm pcm;
    int rc = p->config.decoder.decode(p->config.decoder.ctx, k->frame.bytes, &pcm);
    rill_sound_queue_drop(&p->queue); /* its bytes stay until another takes the place */
    p->next = k->at + k->frames;
    p->seq = k->frame.seq;
    p->has_seq = true;
    p->frames = k->frames;
    p->owed = 0;
    p->paused = p->config.decoder.begins_pause(p->config.decoder.ctx, k->frame.bytes);
    tell(p, now, k, k->at, &pcm, false, rc);
    if (rc <= 0)
        return;
    double n = (double)pcm.frames;
    int64_t waited = now + us_of((int64_t)p->n_decoded) - k->frame.time;
    p->stats.emitted += pcm.frames;
    p->stats.delay_sum += n * seconds(waited);
    p->stats.target_sum += n * seconds(target_of(p, now));
    p->stats.minimum_sum += n * seconds(rill_delay_target(&p->delay, now));
    p->concealing = false;
    push(p, &pcm, false);
}

/* RFC 7587 §4.2 and RFC 3551 §4.1: a gap in time without one in the numbers is a pause. */
static bool is_pause_before(const struct rill_playout *p, const struct rill_sound_packet *k)
{
    return p->has_seq && (uint16_t)(p->seq + 1) == k->frame.seq && !k->frame.redundant;
}

static bool is_due(const struct rill_playout *p, int64_t now, const struct rill_sound_packet *k)
{
    return now >=
           rill_delay_base(&p->delay) + us_of(k->at) + target_of(p, now) - RILL_PLAYOUT_EVERY / 2;
}

/* More of what comes next; false when there is nothing to be had. */
static bool decode_next(struct rill_playout *p, int64_t now)
{
    const struct rill_sound_packet *k = rill_sound_queue_first(&p->queue);
    while (k && is_behind(p, k->at, k->frames)) {
        p->stats.late++;
        rill_sound_queue_drop(&p->queue);
        k = rill_sound_queue_first(&p->queue);
    }
    if (k && k->at - p->next < LOSS_STEP)
        decode_first(p, now);
    else if (k && (p->paused || is_pause_before(p, k))) {
        p->paused = true;
        if (!is_due(p, now, k))
            comfort(p);
        else
            p->next = k->at;
        p->owed = 0;
    } else if (k) {
        return fill_gap(p, now, k);
    } else if (p->paused || p->pause_asked) {
        p->paused = true;
        comfort(p);
    } else {
        return run_dry(p);
    }
    return true;
}

/* --- how long ------------------------------------------------------------------------------- */

/* Of what is played next: the time since it could have come at the earliest. */
static int64_t delay_of(const struct rill_playout *p, int64_t now)
{
    return now - rill_delay_base(&p->delay) - us_of(p->next - (int64_t)p->n_decoded);
}

static bool can_decode(const struct rill_playout *p)
{
    const struct rill_sound_packet *k = rill_sound_queue_first(&p->queue);
    return k && k->at - p->next < LOSS_STEP && p->owed == 0;
}

/* No more is left out than what is too long; what is said again may be 10 ms in any case. */
static size_t most_of(int64_t off)
{
    int64_t frames = off * 48 / 1000;
    if (off < 0)
        frames = -frames > RILL_PLAYOUT_CHUNK ? -frames : RILL_PLAYOUT_CHUNK;
    return frames < RILL_STRETCH_MOST ? (size_t)frames : RILL_STRETCH_MOST;
}

static void change_length(struct rill_playout *p, int64_t now)
{
    int64_t off = delay_of(p, now) - target_of(p, now);
    bool far = off > FAR_TOO_LONG;
    if (p->since_change++ < (far ? CHUNKS_BETWEEN_FAR : CHUNKS_BETWEEN))
        return;
    if ((off <= TOO_LONG && off >= -TOO_SHORT) || p->paused || p->made_up > 0)
        return;
    size_t wants = off > 0 ? 2 * RILL_STRETCH_MOST : RILL_PLAYOUT_CHUNK + LOSS_STEP;
    while (p->n_decoded < wants && can_decode(p))
        decode_first(p, now);
    double alike = off > VERY_FAR ? -1 : far || off < -4 * TOO_SHORT ? ALIKE_ENOUGH : ALIKE;
    size_t most = most_of(off), left = p->n_decoded - RILL_PLAYOUT_CHUNK;
    size_t n =
        off > 0 ? rill_stretch_shorten(p->decoded, p->n_decoded, most < left ? most : left, alike)
                : rill_stretch_lengthen(p->decoded, p->n_decoded, most, alike);
    if (n == 0)
        return;
    p->since_change = 0;
    if (off > 0) {
        p->n_decoded -= n;
        p->stats.removed_samples += n;
    } else {
        p->n_decoded += n;
        p->stats.inserted_samples += n;
    }
}

/* --- sound out ------------------------------------------------------------------------------ */

static bool begin(struct rill_playout *p, int64_t now)
{
    const struct rill_sound_packet *k = rill_sound_queue_first(&p->queue);
    if (!p->playing && k && is_due(p, now, k)) {
        p->playing = true;
        p->next = k->at;
        p->n_decoded = 0;
    }
    return p->playing;
}

bool rill_playout_take(struct rill_playout *p, int64_t now, int16_t out[2 * RILL_PLAYOUT_CHUNK])
{
    size_t n = RILL_PLAYOUT_CHUNK;
    bool more = begin(p, now);
    while (more && p->n_decoded < n)
        more = decode_next(p, now);
    if (more)
        change_length(p, now);
    if (!more && p->playing)
        begin_anew(p);
    if (p->playing && !p->paused)
        p->stats.delay = delay_of(p, now);
    n = p->n_decoded < n ? p->n_decoded : n;
    memset(out, 0, 2 * RILL_PLAYOUT_CHUNK * sizeof *out);
    memcpy(out, p->decoded, 2 * n * sizeof *out);
    p->n_decoded -= n;
    memmove(p->decoded, p->decoded + 2 * n, 2 * p->n_decoded * sizeof *out);
    if (!p->playing && n == 0)
        return false;
    p->stats.total_samples += RILL_PLAYOUT_CHUNK;
    return true;
}

void rill_playout_flush(struct rill_playout *p, int64_t now)
{
    const struct rill_sound_packet *k = rill_sound_queue_first(&p->queue);
    if (k && !p->playing) {
        p->playing = true;
        p->next = k->at;
    }
    for (; k; k = rill_sound_queue_first(&p->queue)) {
        p->n_decoded = 0;
        /* Nobody waits for the end of a pause here. */
        if (k->at - p->next >= LOSS_STEP && (p->paused || p->pause_asked || is_pause_before(p, k)))
            p->next = k->at;
        if (!decode_next(p, now))
            return;
    }
}

void rill_playout_pause(struct rill_playout *p)
{
    p->pause_asked = p->playing;
}

void rill_playout_change(struct rill_playout *p, const struct rill_playout_config *config)
{
    begin_anew(p);
    p->config = *config;
    p->heard = false;
    p->last_ticks = 0;
    p->frames = 0;
}

void rill_playout_set_least(struct rill_playout *p, int64_t delay)
{
    p->least = delay < RILL_DELAY_MOST ? delay : RILL_DELAY_MOST;
}

bool rill_playout_at(const struct rill_playout *p, uint32_t *rtp_time)
{
    int64_t at = p->next - (int64_t)p->n_decoded;
    *rtp_time = p->last_rtp + (uint32_t)(at / scale(p) - p->last_ticks);
    return p->playing;
}

void rill_playout_stats(const struct rill_playout *p, int64_t now, struct rill_playout_stats *out)
{
    *out = p->stats;
    out->target = target_of(p, now);
}
