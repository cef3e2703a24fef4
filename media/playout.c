#include "media/playout.h"

#include "base/seq.h"
#include "media/playout_private.h"

#include <stdlib.h>
#include <string.h>

/* What a decoder makes up at once, at most. */
#define MADE_MAX 5760
/* The newest packet cannot be older than another: time has leapt. */
#define LEAP 4800
/* A longer gap in time is another beginning: only this much of it is concealed. */
#define CONCEAL_MAX 48000
/* Without anything for so long the stream has stopped. */
#define STOPPED 240000
/* Concealment is left as it is for 60 ms, and silent after 260. */
#define FADE_FROM 2880
#define FADE_UNTIL 12480
/* The way back, from silence. */
#define RISE 480
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

static int64_t scale(const struct rill_playout *p)
{
    return 48000 / p->config.clock_hz;
}

/* --- packets in --------------------------------------------------------------------------- */

static int64_t place_of(struct rill_playout *p, const struct rill_frame *f)
{
    if (!p->heard) {
        p->last_rtp = f->rtp_time;
        p->last_seq = f->seq;
    }
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
    p->ends |= p->playing;
    p->queue.n = 0;
    p->delay = nothing;
    p->playing = p->paused = p->has_seq = p->noise_told = false;
    p->owed = 0;
}

/* What it knows of the packet before it has come just now. */
static void note_redundancy(struct rill_playout *p, size_t place, const struct rill_frame *f)
{
    const struct rill_sound_packet *k = p->queue.order[place];
    if (f->comfort_noise || !p->config.decoder.has_redundancy(p->config.decoder.ctx, f->bytes))
        return;
    p->stats.fec_packets++;
    bool follows = place > 0 ? k->at - p->queue.order[place - 1]->at <= k->frames
                             : p->playing && k->at - p->next < k->frames;
    if (!follows && p->playing)
        rill_delay_recovered(&p->delay, f->time, rill_playout_us(k->at - k->frames));
}

/* Its times have nothing to do with those before. */
static bool has_leapt(struct rill_playout *p, const struct rill_frame *f, int64_t at)
{
    int64_t back = p->last_ticks * scale(p) - at;
    bool newest = !f->redundant && rill_seq16_diff(f->seq, p->last_seq) > 0;
    if (newest)
        p->last_seq = f->seq;
    return p->playing && (at - p->next > 10 * CONCEAL_MAX || p->next - at >= CONCEAL_MAX ||
                          (newest && back > LEAP));
}

static void leap(struct rill_playout *p, const struct rill_frame *f, int64_t at)
{
    begin_anew(p);
    p->last_ticks = at / scale(p);
    p->last_rtp = f->rtp_time;
    p->last_seq = f->seq;
}

/* Noise begins somewhere, and is as long as the pause is. */
static int frames_in(const struct rill_playout *p, const struct rill_frame *f)
{
    const struct rill_playout_decoder *d = &p->config.decoder;
    if (f->comfort_noise)
        return d->noise ? RILL_PLAYOUT_CHUNK : RILL_MEDIA_OTHER_CODEC;
    return d->frames(d->ctx, f->bytes);
}

int rill_playout_packet(struct rill_playout *p, const struct rill_frame *f)
{
    int frames = frames_in(p, f);
    if (f->bytes.n > RILL_SOUND_PACKET_MAX || frames <= 0 || frames > RILL_PLAYOUT_PACKET_MAX)
        return frames < 0 ? frames : RILL_MEDIA_OTHER_CODEC;
    int64_t at = place_of(p, f);
    if (has_leapt(p, f, at))
        leap(p, f, at);
    size_t place = rill_sound_queue_place(&p->queue, at);
    if (f->redundant)
        rill_delay_recovered(&p->delay, f->time, rill_playout_us(at));
    else
        rill_delay_packet(&p->delay, f->time, rill_playout_us(at));
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
    size_t n = pcm->frames < RILL_PLAYOUT_DECODED - p->n_decoded
                   ? pcm->frames
                   : RILL_PLAYOUT_DECODED - p->n_decoded;
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
        .plays_at = now + rill_playout_us((int64_t)p->n_decoded),
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
    frames = frames / RILL_PLAYOUT_STEP * RILL_PLAYOUT_STEP;
    return frames > 0 && p->config.decoder.conceal(p->config.decoder.ctx, next, frames, pcm) > 0;
}

/* 10 ms of what could have come, falling; what comes then rises from silence. */
static void fade_out(struct rill_playout *p)
{
    struct rill_pcm pcm;
    int16_t *to = p->decoded + 2 * p->n_decoded;
    if (p->ends && p->gain > 0 && p->n_decoded + RILL_PLAYOUT_CHUNK <= RILL_PLAYOUT_DECODED &&
        make_up(p, (struct rill_view){0}, RILL_PLAYOUT_CHUNK, &pcm)) {
        push(p, &pcm, false);
        for (long i = 0; i < 2 * RILL_PLAYOUT_CHUNK; i++)
            to[i] = (int16_t)(to[i] * (RILL_PLAYOUT_CHUNK - i / 2) / RILL_PLAYOUT_CHUNK);
    }
    p->gain = p->ends ? 0 : p->gain;
    p->ends = false;
}

static bool make_comfort(struct rill_playout *p, struct rill_pcm *pcm)
{
    const struct rill_playout_decoder *d = &p->config.decoder;
    return d->comfort ? d->comfort(d->ctx, RILL_PLAYOUT_CHUNK, pcm) > 0
                      : make_up(p, (struct rill_view){0}, RILL_PLAYOUT_CHUNK, pcm);
}

/* Noise that the sender told is sound that came. */
static void tell_comfort(struct rill_playout *p, int64_t now, struct rill_pcm *pcm)
{
    struct rill_playout_sound sound = {
        .rtp_time = p->noise_rtp + (uint32_t)(p->noise_made / scale(p)),
        .arrived = p->noise_arrived + rill_playout_us(p->noise_made),
        .plays_at = now + rill_playout_us((int64_t)p->n_decoded),
        .pcm = pcm,
        .comfort = true,
    };
    p->noise_made += (int64_t)pcm->frames;
    if (p->config.decoded)
        p->config.decoded(p->config.ctx, now, &sound);
}

/* 10 ms of what there is between sounds. */
static void comfort(struct rill_playout *p, int64_t now)
{
    static int16_t nothing[2 * RILL_PLAYOUT_CHUNK];
    struct rill_pcm pcm;
    if (!make_comfort(p, &pcm))
        pcm = (struct rill_pcm){.samples = nothing, .frames = RILL_PLAYOUT_CHUNK, .channels = 2};
    else if (p->noise_told)
        tell_comfort(p, now, &pcm);
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
    if (gap < RILL_PLAYOUT_STEP) {
        p->next = k->at;
        return true;
    }
    bool known = gap < last + RILL_PLAYOUT_STEP && gap < MADE_MAX + RILL_PLAYOUT_STEP;
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
int64_t rill_playout_target(const struct rill_playout *p, int64_t now)
{
    int64_t target = rill_delay_target(&p->delay, now);
    return target > p->least ? target : p->least;
}

/* RFC 3389 §4: the pause begins there, or has another noise from there on. */
static void begin_noise(struct rill_playout *p, int64_t now, struct rill_sound_packet *k)
{
    int rc = p->config.decoder.noise(p->config.decoder.ctx, k->frame.bytes, !p->paused);
    p->next = k->at;
    p->paused = p->noise_told = true;
    p->concealing = false;
    p->noise_rtp = k->frame.rtp_time;
    p->noise_arrived = k->frame.time;
    p->noise_made = 0;
    if (rc < 0)
        tell(p, now, k, k->at, NULL, false, rc);
}

void rill_playout_decode_first(struct rill_playout *p, int64_t now)
{
    struct rill_sound_packet *k = rill_sound_queue_first(&p->queue);
    struct rill_pcm pcm;
    p->seq = k->frame.seq;
    p->has_seq = true;
    p->owed = 0;
    if (k->frame.comfort_noise) {
        rill_sound_queue_drop(&p->queue);
        begin_noise(p, now, k);
        return;
    }
    int rc = p->config.decoder.decode(p->config.decoder.ctx, k->frame.bytes, &pcm);
    rill_sound_queue_drop(&p->queue); /* its bytes stay until another takes the place */
    p->next = k->at + k->frames;
    p->frames = k->frames;
    p->noise_told = false;
    p->paused = p->config.decoder.begins_pause(p->config.decoder.ctx, k->frame.bytes);
    tell(p, now, k, k->at, &pcm, false, rc);
    if (rc <= 0)
        return;
    double n = (double)pcm.frames;
    int64_t waited = now + rill_playout_us((int64_t)p->n_decoded) - k->frame.time;
    p->stats.emitted += pcm.frames;
    p->stats.delay_sum += n * seconds(waited);
    p->stats.target_sum += n * seconds(rill_playout_target(p, now));
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
    return now >= rill_delay_base(&p->delay) + rill_playout_us(k->at) +
                      rill_playout_target(p, now) - RILL_PLAYOUT_EVERY / 2;
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
    if (k && k->at - p->next < RILL_PLAYOUT_STEP)
        rill_playout_decode_first(p, now);
    else if (k && (p->paused || is_pause_before(p, k))) {
        p->paused = true;
        if (!is_due(p, now, k))
            comfort(p, now);
        else
            p->next = k->at;
        p->owed = 0;
    } else if (k) {
        return fill_gap(p, now, k);
    } else if (p->paused || p->pause_asked) {
        p->paused = true;
        comfort(p, now);
    } else {
        return run_dry(p);
    }
    return true;
}

/* --- sound out ------------------------------------------------------------------------------ */

static bool begin(struct rill_playout *p, int64_t now)
{
    const struct rill_sound_packet *k = rill_sound_queue_first(&p->queue);
    if (!p->playing && k && p->n_decoded == 0 && is_due(p, now, k)) {
        p->playing = true;
        p->next = k->at;
    }
    return p->playing;
}

bool rill_playout_take(struct rill_playout *p, int64_t now, int16_t out[2 * RILL_PLAYOUT_CHUNK])
{
    size_t n = RILL_PLAYOUT_CHUNK;
    fade_out(p);
    bool more = begin(p, now);
    while (more && p->n_decoded < n)
        more = decode_next(p, now);
    if (more)
        rill_playout_change_length(p, now);
    if (!more && p->playing)
        begin_anew(p);
    if (p->playing && !p->paused)
        p->stats.delay = rill_playout_delay(p, now);
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
        if (k->at - p->next >= RILL_PLAYOUT_STEP &&
            (p->paused || p->pause_asked || is_pause_before(p, k)))
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
    fade_out(p);
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
    out->target = rill_playout_target(p, now);
}
