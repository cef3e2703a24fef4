/* receiver_sound: the half of a receiver that hears: packets into the playout, 10 ms at a time out
 * of it, and what is counted of both. */
#include "media/receiver_private.h"

#include <math.h>

/* A frame's own time is not believed beyond this. */
#define STALE (10 * RILL_SECOND)
/* Sound that nobody has taken for so long is given up: the process stood still. */
#define STOOD_STILL (2 * RILL_SECOND)

static const struct rill_trace_point gap_concealed = {"media",
                                                      "gap_concealed",
                                                      "sound that never came was made up",
                                                      1,
                                                      {{"samples", RILL_TRACE_U64}}};

/* --- decoded -------------------------------------------------------------------------- */

/* Of the playout: in order, and before its length is changed. What is made up belongs where it
 * would have been. */
static void on_decoded(void *ctx, int64_t now, const struct rill_playout_sound *sound)
{
    struct rill_receiver *r = ctx;
    int64_t time = rill_sync_time(r->sync, r->sync_stream, sound->arrived, sound->rtp_time);
    if (sound->frame && !sound->frame->comfort_noise)
        rill_receiver_keep_frame(r, now, time, sound->frame);
    if (sound->error < 0) {
        rill_receiver_note_error(r, now, sound->error);
        return;
    }
    if (sound->comfort) {
        rill_receiver_keep_pcm(r, now, time, sound->pcm);
        return;
    }
    if (sound->frame)
        rill_receiver_count_decoded(r, now);
    if (r->lips && r->player)
        rill_lipsync_heard(r->lips, now,
                           sound->plays_at + rill_player_delay(r->player, r->player_stream),
                           rill_receiver_clock_of(r, time));
    if (sound->made_up)
        RILL_TRACE(r->trace, now, gap_concealed, {.u = sound->pcm->frames});
    r->stats.samples += sound->pcm->frames;
    r->stats.concealed += sound->made_up ? sound->pcm->frames : 0;
    sound->pcm->time = time;
    rill_tone_take(&r->tone, sound->pcm);
    rill_receiver_keep_pcm(r, now, time, sound->pcm);
}

static struct rill_playout_config playout_of(struct rill_receiver *r)
{
    return (struct rill_playout_config){
        .clock_hz = rill_codec_clock_hz(r->codec),
        .decoder = rill_sound_decoder_verbs(r->sound),
        .decoded = on_decoded,
        .ctx = r,
    };
}

int rill_receiver_open_sound(struct rill_receiver *r)
{
    int rc = rill_sound_decoder_new(r->codec, &r->sound);
    if (rc < 0)
        return rc;
    struct rill_playout_config config = playout_of(r);
    if (r->playout)
        rill_playout_change(r->playout, &config);
    else
        r->playout = rill_playout_new(&config);
    return r->playout ? 0 : RILL_CODEC_OPUS_REFUSED;
}

/* --- played --------------------------------------------------------------------------- */

/* W3C webrtc-stats §8.4: "the energy … is the square of the ratio of the level to the highest". */
static void measure(struct rill_receiver *r, const int16_t chunk[2 * RILL_PLAYOUT_CHUNK])
{
    double sum = 0;
    for (size_t i = 0; i < (size_t)2 * RILL_PLAYOUT_CHUNK; i++)
        sum += (double)chunk[i] * chunk[i];
    sum /= 2.0 * RILL_PLAYOUT_CHUNK * INT16_MAX * INT16_MAX;
    r->stats.total_audio_energy += sum * RILL_PLAYOUT_CHUNK / 48000;
    r->stats.audio_level = sqrt(sum);
}

static void play(struct rill_receiver *r, int64_t now)
{
    int16_t chunk[2 * RILL_PLAYOUT_CHUNK];
    if (!rill_playout_take(r->playout, now, chunk))
        return;
    measure(r, chunk);
    struct rill_playout_stats stats;
    rill_playout_stats(r->playout, now, &stats);
    rill_delay_tell(&r->delay_told, r->trace, now, stats.target, stats.delay);
    struct rill_pcm pcm = {.samples = chunk,
                           .frames = RILL_PLAYOUT_CHUNK,
                           .rate_hz = 48000,
                           .channels = 2,
                           .time = now};
    if (!r->player)
        return;
    rill_player_pcm(r->player, r->player_stream, &pcm);
    if (!r->lips)
        return;
    rill_playout_set_least(r->playout, stats.delay + rill_lipsync_wait(r->lips, now));
}

void rill_receiver_play(struct rill_receiver *r, int64_t now)
{
    if (r->due == 0)
        return;
    if (now - r->due > STOOD_STILL)
        r->due = now;
    for (; r->due <= now; r->due += RILL_PLAYOUT_EVERY)
        play(r, r->due);
}

/* --- in ------------------------------------------------------------------------------- */

int rill_receiver_take_sound(struct rill_receiver *r, int64_t now, const struct rill_frame *f)
{
    struct rill_frame arrived = *f;
    if (f->time <= 0 || f->time > now || now - f->time > STALE)
        arrived.time = now;
    if (r->due == 0)
        r->due = now;
    r->written = 0;
    rill_sync_came(r->sync, arrived.time);
    int rc = rill_playout_packet(r->playout, &arrived);
    if (rc < 0 && rc != RILL_MEDIA_LATE)
        rill_receiver_note_error(r, now, rc);
    return rc;
}

void rill_receiver_sound_stats(const struct rill_receiver *r, struct rill_receiver_stats *out)
{
    struct rill_playout_stats s;
    rill_playout_stats(r->playout, r->due, &s);
    out->total_samples_received = s.total_samples;
    out->concealed_samples = s.concealed_samples;
    out->silent_concealed_samples = s.silent_concealed_samples;
    out->concealment_events = s.concealment_events;
    out->inserted_samples_for_deceleration = s.inserted_samples;
    out->removed_samples_for_acceleration = s.removed_samples;
    out->jitter_buffer_emitted_count = s.emitted;
    out->jitter_buffer_delay = s.delay_sum;
    out->jitter_buffer_target_delay = s.target_sum;
    out->jitter_buffer_minimum_delay = s.minimum_sum;
    out->total_samples_duration = (double)s.total_samples / 48000;
    out->fec_packets_received = s.fec_packets;
    out->fec_packets_discarded = s.fec_packets - s.fec_used;
    out->packets_discarded = s.late;
    out->comfort_samples = s.comfort_samples;
    out->delay_us = s.delay;
    out->target_us = s.target;
}
