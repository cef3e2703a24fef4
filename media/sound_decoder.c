#include "media/sound_decoder.h"

#include "codec/codec.h"
#include "media/conceal.h"
#include "media/errors.h"
#include "media/g711.h"
#include "media/noise.h"
#include "rtp/opus.h"

#include <stdlib.h>

#define CHANNELS 2
/* RFC 3551 §4.5.14: 8 kHz. */
#define G711_RATIO 6
#define MADE_MAX 5760
/* RFC 7587 §3.1.3: a DTX frame is the table of contents and at most one byte more. */
#define DTX_BYTES 2

struct rill_sound_decoder {
    struct rill_opus_decoder *opus;
    struct rill_g711 *g711;
    struct rill_conceal conceal;
    struct rill_noise_made noise; /* of pauses */
    int16_t made[2 * MADE_MAX];
};

/* --- Opus ----------------------------------------------------------------------------------- */

static int opus_frames(void *ctx, struct rill_view packet)
{
    (void)ctx;
    struct rill_opus_packet p;
    return rill_opus_parse(packet, &p, NULL) < 0 ? RILL_CODEC_OPUS_CORRUPT : p.samples;
}

static int opus_decode(void *ctx, struct rill_view packet, struct rill_pcm *out)
{
    struct rill_sound_decoder *d = ctx;
    return rill_opus_decode(d->opus, packet, 0, out);
}

static int opus_conceal(void *ctx, struct rill_view next, size_t frames, struct rill_pcm *out)
{
    struct rill_sound_decoder *d = ctx;
    return next.n ? rill_opus_decode_lost(d->opus, next, frames, out)
                  : rill_opus_decode(d->opus, next, frames, out);
}

static bool opus_has_redundancy(void *ctx, struct rill_view packet)
{
    (void)ctx;
    return rill_opus_has_redundancy(packet);
}

static bool opus_begins_pause(void *ctx, struct rill_view packet)
{
    (void)ctx;
    return packet.n <= DTX_BYTES;
}

/* --- G.711 ---------------------------------------------------------------------------------- */

static int g711_frames(void *ctx, struct rill_view packet)
{
    (void)ctx;
    return packet.n > 0 && packet.n <= RILL_G711_PACKET_MAX ? (int)packet.n * G711_RATIO
                                                            : RILL_MEDIA_OTHER_CODEC;
}

static int g711_decode(void *ctx, struct rill_view packet, struct rill_pcm *out)
{
    struct rill_sound_decoder *d = ctx;
    if (!rill_g711_decode(d->g711, packet, out))
        return RILL_MEDIA_OTHER_CODEC;
    rill_conceal_heard(&d->conceal, rill_g711_lag(d->g711), out);
    return (int)out->frames;
}

static int g711_conceal(void *ctx, struct rill_view next, size_t frames, struct rill_pcm *out)
{
    struct rill_sound_decoder *d = ctx;
    (void)next;
    rill_conceal_make(&d->conceal, d->made, frames);
    *out = (struct rill_pcm){
        .samples = d->made, .frames = frames, .rate_hz = 48000, .channels = CHANNELS};
    return (int)frames;
}

static int g711_noise(void *ctx, struct rill_view payload, bool begins)
{
    struct rill_sound_decoder *d = ctx;
    struct rill_comfort_noise n;
    int rc = rill_comfort_noise_parse(payload, &n, NULL);
    if (rc == 0)
        rill_noise_set(&d->noise, &n, begins);
    return rc;
}

static int g711_comfort(void *ctx, size_t frames, struct rill_pcm *out)
{
    struct rill_sound_decoder *d = ctx;
    int16_t narrow[RILL_PLAYOUT_CHUNK];
    size_t most = sizeof narrow / sizeof narrow[0], n = frames / G711_RATIO;
    n = n < most ? n : most;
    rill_noise_make(&d->noise, narrow, n);
    rill_g711_widen(d->g711, narrow, n, out);
    rill_conceal_heard(&d->conceal, rill_g711_lag(d->g711), out);
    return (int)out->frames;
}

static bool never(void *ctx, struct rill_view packet)
{
    (void)ctx;
    (void)packet;
    return false;
}

/* --- both ----------------------------------------------------------------------------------- */

int rill_sound_decoder_new(enum rill_codec_id codec, struct rill_sound_decoder **out)
{
    bool g711 = codec == RILL_CODEC_PCMU || codec == RILL_CODEC_PCMA;
    if (!g711 && codec != RILL_CODEC_OPUS)
        return RILL_MEDIA_OTHER_CODEC;
    struct rill_sound_decoder *d = calloc(1, sizeof *d);
    int rc = d ? 0 : RILL_CODEC_OPUS_REFUSED;
    if (d && g711)
        rc = (d->g711 = rill_g711_new(codec)) ? 0 : RILL_CODEC_OPUS_REFUSED;
    else if (d)
        rc = rill_opus_decoder_new(CHANNELS, &d->opus);
    if (rc < 0) {
        free(d);
        return rc;
    }
    *out = d;
    return 0;
}

void rill_sound_decoder_free(struct rill_sound_decoder *d)
{
    if (!d)
        return;
    rill_opus_decoder_free(d->opus);
    rill_g711_free(d->g711);
    free(d);
}

struct rill_playout_decoder rill_sound_decoder_verbs(struct rill_sound_decoder *d)
{
    if (d->g711)
        return (struct rill_playout_decoder){.ctx = d,
                                             .frames = g711_frames,
                                             .decode = g711_decode,
                                             .conceal = g711_conceal,
                                             .has_redundancy = never,
                                             .begins_pause = never,
                                             .noise = g711_noise,
                                             .comfort = g711_comfort};
    return (struct rill_playout_decoder){.ctx = d,
                                         .frames = opus_frames,
                                         .decode = opus_decode,
                                         .conceal = opus_conceal,
                                         .has_redundancy = opus_has_redundancy,
                                         .begins_pause = opus_begins_pause};
}
