/* codec/opus: Opus (RFC 6716) by libopus, always at 48 kHz in packets of 20 ms.
 *
 * The idea: encoder and decoder are each one library object and one buffer. A lost packet is
 * either rebuilt from what the next one says of it (RFC 6716 §2.1.7) or concealed. */
#include "codec/codec.h"

#include <opus/opus.h>
#include <stdlib.h>

#define RATE_HZ 48000
#define PACKET_FRAMES 960
/* RFC 6716 §2.1.4: 120 ms is the longest packet. */
#define DECODED_FRAMES_MAX 5760
/* 2.5 ms, the step in which libopus conceals. */
#define LOSS_STEP 120
/* RFC 6716 §3.4 [R2]: one frame has at most 1275 bytes, and 20 ms are one frame. */
#define PACKET_MAX 1275
/* What loss to prepare for: with 0 the encoder would write no redundancy. */
#define EXPECTED_LOSS_PERCENT 10

struct rill_opus_encoder {
    OpusEncoder *opus;
    uint8_t channels;
    uint32_t bitrate_bps, max_bps;
};

struct rill_opus_decoder {
    OpusDecoder *opus;
    uint8_t channels;
    int16_t samples[DECODED_FRAMES_MAX * 2];
};

int rill_opus_encoder_new(uint8_t channels, uint32_t bitrate_bps, struct rill_opus_encoder **out)
{
    int rc = OPUS_OK;
    struct rill_opus_encoder *e = calloc(1, sizeof *e);
    if (!e)
        return RILL_CODEC_OPUS_REFUSED;
    /* One voice is taken for speech, two channels for music. */
    int application = channels == 1 ? OPUS_APPLICATION_VOIP : OPUS_APPLICATION_AUDIO;
    e->opus = opus_encoder_create(RATE_HZ, channels, application, &rc);
    if (!e->opus) {
        free(e);
        return RILL_CODEC_OPUS_REFUSED;
    }
    e->channels = channels;
    opus_encoder_ctl(e->opus, OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(e->opus, OPUS_SET_PACKET_LOSS_PERC(EXPECTED_LOSS_PERCENT));
    rill_opus_encoder_set_bitrate(e, bitrate_bps);
    *out = e;
    return 0;
}

void rill_opus_encoder_free(struct rill_opus_encoder *e)
{
    if (!e)
        return;
    opus_encoder_destroy(e->opus);
    free(e);
}

void rill_opus_encoder_wish(struct rill_opus_encoder *e, const struct rill_opus_wishes *w)
{
    opus_encoder_ctl(e->opus, OPUS_SET_INBAND_FEC(w->fec));
    opus_encoder_ctl(e->opus,
                     OPUS_SET_PACKET_LOSS_PERC(w->loss_percent < 100 ? w->loss_percent : 100));
    opus_encoder_ctl(e->opus, OPUS_SET_DTX(w->dtx));
    e->max_bps = w->max_bps;
    rill_opus_encoder_set_bitrate(e, e->bitrate_bps);
}

void rill_opus_encoder_set_bitrate(struct rill_opus_encoder *e, uint32_t bitrate_bps)
{
    e->bitrate_bps = bitrate_bps;
    if (e->max_bps && e->max_bps < bitrate_bps)
        bitrate_bps = e->max_bps;
    /* libopus clamps to what it can do; a number beyond int32 would turn negative. */
    opus_int32 rate = bitrate_bps > 512000 ? 512000 : (opus_int32)bitrate_bps;
    opus_encoder_ctl(e->opus, OPUS_SET_BITRATE(rate));
}

int rill_opus_encode(struct rill_opus_encoder *e, const struct rill_pcm *pcm, struct rill_span out)
{
    if (pcm->frames != PACKET_FRAMES || pcm->rate_hz != RATE_HZ || pcm->channels != e->channels)
        return RILL_CODEC_OPUS_PCM;
    opus_int32 room = out.n > PACKET_MAX ? PACKET_MAX : (opus_int32)out.n;
    int n = room > 0 ? opus_encode(e->opus, pcm->samples, PACKET_FRAMES, out.p, room) : 0;
    return n > 0 ? n : RILL_CODEC_OPUS_ROOM;
}

int rill_opus_decoder_new(uint8_t channels, struct rill_opus_decoder **out)
{
    int rc = OPUS_OK;
    struct rill_opus_decoder *d = calloc(1, sizeof *d);
    if (!d)
        return RILL_CODEC_OPUS_REFUSED;
    d->opus = opus_decoder_create(RATE_HZ, channels, &rc);
    if (!d->opus) {
        free(d);
        return RILL_CODEC_OPUS_REFUSED;
    }
    d->channels = channels;
    *out = d;
    return 0;
}

void rill_opus_decoder_free(struct rill_opus_decoder *d)
{
    if (!d)
        return;
    opus_decoder_destroy(d->opus);
    free(d);
}

/* One call of libopus: a packet, its redundancy, or (packet empty) concealment. */
static int run(struct rill_opus_decoder *d, struct rill_view packet, size_t frames, int redundancy,
               struct rill_pcm *out)
{
    const uint8_t *bytes = packet.n ? packet.p : NULL;
    if (packet.n > INT32_MAX)
        return RILL_CODEC_OPUS_CORRUPT;
    int n = opus_decode(d->opus, bytes, (opus_int32)packet.n, d->samples, (int)frames, redundancy);
    if (n < 0)
        return RILL_CODEC_OPUS_CORRUPT;
    *out = (struct rill_pcm){
        .samples = d->samples,
        .frames = (size_t)n,
        .rate_hz = RATE_HZ,
        .channels = d->channels,
    };
    return n;
}

static bool is_concealable(size_t frames)
{
    return frames > 0 && frames <= DECODED_FRAMES_MAX && frames % LOSS_STEP == 0;
}

int rill_opus_decode(struct rill_opus_decoder *d, struct rill_view packet, size_t frames,
                     struct rill_pcm *out)
{
    if (packet.n > 0)
        return run(d, packet, DECODED_FRAMES_MAX, 0, out);
    if (!is_concealable(frames))
        return RILL_CODEC_OPUS_LOSS;
    return run(d, packet, frames, 0, out);
}

int rill_opus_decode_lost(struct rill_opus_decoder *d, struct rill_view next, size_t frames,
                          struct rill_pcm *out)
{
    if (!is_concealable(frames))
        return RILL_CODEC_OPUS_LOSS;
    return run(d, next, frames, 1, out);
}

int rill_opus_packet_frames(struct rill_view packet)
{
    if (packet.n == 0 || packet.n > INT32_MAX)
        return -1;
    int n = opus_packet_get_nb_samples(packet.p, (opus_int32)packet.n, RATE_HZ);
    return n > 0 ? n : -1;
}
