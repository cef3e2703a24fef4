/* sender_sound: the half of a sender that speaks: sound becomes packets of Opus or G.711, and what
 * is said of a pause. */
#include "media/sender_private.h"

/* RFC 7587 §3.1.3: what Opus makes of a pause; the first one tells the decoder of it. */
#define DTX_BYTES 2
/* Less than this is how unevenly a clock is looked at. */
#define GAP (10 * RILL_MS)

/* --- its encoders ---------------------------------------------------------------------- */

static int open_opus(struct rill_sender *s, uint8_t channels)
{
    rill_opus_encoder_free(s->opus);
    s->opus = NULL;
    s->opus_channels = channels;
    int rc = rill_opus_encoder_new(
        channels, s->bitrate_bps ? s->bitrate_bps : RILL_SENDER_AUDIO_BPS, &s->opus);
    if (rc == 0 && s->wished)
        rill_opus_encoder_wish(s->opus, &s->wishes);
    return rc;
}

void rill_sender_set_sound(struct rill_sender *s, const struct rill_opus_wishes *wishes)
{
    s->wished = true;
    s->wishes = *wishes;
    if (s->opus)
        rill_opus_encoder_wish(s->opus, wishes);
}

int rill_sender_open_sound(struct rill_sender *s)
{
    if (s->codec == RILL_CODEC_PCMU || s->codec == RILL_CODEC_PCMA) {
        s->g711 = s->g711 ? s->g711 : rill_g711_new(s->codec);
        return s->g711 ? 0 : RILL_CODEC_OPUS_REFUSED;
    }
    return s->opus ? 0 : open_opus(s, (uint8_t)rill_track_settings(s->track)->channel_count);
}

void rill_sender_forget_sound(struct rill_sender *s)
{
    s->sounded = false;
    s->pausing = false;
    s->pauses = (struct rill_pauses){0};
    rill_g711_free(s->g711);
    s->g711 = NULL;
}

/* --- frames ---------------------------------------------------------------------------- */

/* RFC 7587 §4.1: 48 kHz. Samples are counted, whatever the clock says of each packet, so that no
 * two overlap; only a gap in time is one in RTP time. */
static uint32_t audio_time(struct rill_sender *s, int64_t time, uint32_t samples)
{
    int64_t gap = s->sounded ? time - s->sound_end : time - s->start;
    uint32_t at = s->sounded ? s->sound_rtp : s->rtp_time_start;
    int64_t clock_khz = rill_codec_clock_hz(s->codec) / 1000;
    if (!s->sounded || gap >= GAP)
        at += (uint32_t)(gap * clock_khz / 1000);
    s->sounded = true;
    s->sound_rtp = at + samples;
    s->sound_end = time + (int64_t)samples * 1000 / clock_khz;
    return at;
}

/* Into s->packet; its bytes, or < 0. */
static int encode_sound(struct rill_sender *s, const struct rill_pcm *pcm)
{
    struct rill_span out = {s->packet, sizeof s->packet};
    if (s->g711)
        return (int)rill_g711_encode(s->g711, pcm, out);
    if ((!s->opus || pcm->channels != s->opus_channels) && open_opus(s, pcm->channels) < 0)
        return -1;
    return rill_opus_encode(s->opus, pcm, out);
}

/* --- pauses ---------------------------------------------------------------------------- */

/* Opus finds them itself. False: nothing is sent. */
static bool opus_goes(struct rill_sender *s, struct rill_frame *out)
{
    out->talkspurt = s->pausing;
    s->pausing = s->wished && s->wishes.dtx && out->bytes.n <= DTX_BYTES;
    return !(out->talkspurt && s->pausing);
}

/* RFC 3389 §4: "The RTP timestamp designates the beginning of the comfort noise period", and runs
 * on through it. */
static bool g711_goes(struct rill_sender *s, struct rill_frame *out)
{
    struct rill_writer w = rill_writer_of((struct rill_span){s->packet, sizeof s->packet});
    s->narrow = (uint32_t)out->bytes.n;
    out->talkspurt = s->pauses.pausing;
    if (!s->wished || !s->wishes.dtx) {
        s->pauses.pausing = false;
        return true;
    }
    switch (rill_pauses_take(&s->pauses, rill_g711_narrow(s->g711), s->narrow)) {
    case RILL_PAUSES_SOUND:
        out->talkspurt = s->pauses.talkspurt;
        return true;
    case RILL_PAUSES_NOTHING:
        (void)audio_time(s, out->time, s->narrow);
        return false;
    case RILL_PAUSES_NOISE:
        break;
    }
    rill_comfort_noise_write(&w, &s->pauses.told);
    out->bytes = rill_w_view(&w);
    out->talkspurt = out->voice = false;
    out->comfort_noise = true;
    return true;
}

static bool encoded_sound(struct rill_sender *s, int64_t now, struct rill_frame *out)
{
    struct rill_pcm pcm;
    if (!rill_track_pcm(s->track, now, &pcm) || !rill_sender_is_later(s, pcm.time))
        return false;
    rill_level_take(&s->level, &pcm);
    int n = encode_sound(s, &pcm);
    if (n <= 0)
        return false;
    *out = (struct rill_frame){
        .kind = RILL_AUDIO,
        .codec = s->codec,
        .bytes = rill_view_at(s->packet, (size_t)n),
        .time = pcm.time,
        .has_level = true,
        .voice = rill_level_is_voice(&s->level),
        .level = rill_level_dbov(&s->level),
    };
    return s->g711 ? g711_goes(s, out) : opus_goes(s, out);
}

bool rill_sender_sound_frame(struct rill_sender *s, int64_t now, struct rill_frame *out)
{
    bool whole = rill_track_frame(s->track, now, out) && rill_sender_is_later(s, out->time);
    if (!whole && !encoded_sound(s, now, out))
        return false;
    /* RFC 3551 §4.5.14: a byte is a sample. */
    int samples = out->comfort_noise ? (int)s->narrow
                  : s->g711          ? (int)out->bytes.n
                                     : rill_opus_packet_frames(out->bytes);
    out->rtp_time = audio_time(s, out->time, samples > 0 ? (uint32_t)samples : 0);
    return true;
}
