#include "media/encodings.h"

#include "base/clock.h"
#include "capture/pixels.h"
#include "media/adapt.h"
#include "media/per_second.h"

#include <stdlib.h>

#define BITRATE_BPS 800000
#define BITRATE_LEAST_BPS 60000

struct one {
    struct rill_encoding settings;
    struct rill_vpx_encoder *vpx;
    bool want_keyframe;
    uint8_t *pixels; /* of the scaled picture */
    size_t pixels_size;
    struct rill_image scaled;
    bool has_last;
    int64_t last; /* time of the last picture that was encoded */
    struct rill_encoding_stats stats;
    struct rill_per_second per_second;
    struct rill_quality quality;
    struct rill_adapt adapt;
};

struct rill_encodings {
    uint32_t rate_numerator, rate_denominator;
    int64_t (*clock)(void);
    enum rill_codec_id codec;
    struct one list[RILL_MEDIA_ENCODINGS_MAX];
    size_t n;
};

struct rill_encodings *rill_encodings_new(uint32_t rate_numerator, uint32_t rate_denominator,
                                          int64_t (*clock)(void))
{
    struct rill_encodings *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->rate_numerator = rate_numerator ? rate_numerator : 30;
    e->rate_denominator = rate_denominator ? rate_denominator : 1;
    e->clock = clock;
    e->codec = RILL_CODEC_VP8;
    e->n = 1;
    e->list[0].settings = (struct rill_encoding){.active = true, .scale_resolution_down_by = 1};
    return e;
}

void rill_encodings_free(struct rill_encodings *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < e->n; i++) {
        rill_vpx_encoder_free(e->list[i].vpx);
        free(e->list[i].pixels);
    }
    free(e);
}

size_t rill_encodings_count(const struct rill_encodings *e)
{
    return e->n;
}

/* --- settings -------------------------------------------------------------------------- */

static uint32_t bitrate(const struct rill_encoding *s)
{
    double share = s->scale_resolution_down_by * s->scale_resolution_down_by;
    uint32_t bps = (uint32_t)(BITRATE_BPS / share);
    if (s->bitrate_bps)
        return s->bitrate_bps;
    return bps > BITRATE_LEAST_BPS ? bps : BITRATE_LEAST_BPS;
}

bool rill_encodings_set(struct rill_encodings *e, size_t i, const struct rill_encoding *to)
{
    if (i > e->n || i >= RILL_MEDIA_ENCODINGS_MAX || !(to->scale_resolution_down_by >= 1))
        return false;
    struct one *o = &e->list[i];
    o->want_keyframe |= to->active && !o->settings.active;
    o->settings = *to;
    e->n += i == e->n;
    if (o->vpx)
        rill_vpx_encoder_set_bitrate(o->vpx, bitrate(to));
    return true;
}

void rill_encodings_set_codec(struct rill_encodings *e, enum rill_codec_id codec)
{
    for (size_t i = 0; i < e->n && codec != e->codec; i++) {
        rill_vpx_encoder_free(e->list[i].vpx);
        e->list[i].vpx = NULL;
    }
    e->codec = codec;
}

void rill_encodings_set_bitrate(struct rill_encodings *e, size_t i, uint32_t bitrate_bps)
{
    if (i >= e->n)
        return;
    e->list[i].settings.bitrate_bps = bitrate_bps;
    if (e->list[i].vpx)
        rill_vpx_encoder_set_bitrate(e->list[i].vpx, bitrate(&e->list[i].settings));
}

void rill_encodings_want_keyframe(struct rill_encodings *e, size_t i)
{
    if (i < e->n)
        e->list[i].want_keyframe = true;
}

/* --- pictures -------------------------------------------------------------------------- */

static double at_least(double a, double b)
{
    return a > b ? a : b;
}

/* Even, as 4:2:0 has it; never larger than the picture. */
static uint32_t divided(uint32_t length, double by)
{
    uint32_t n = (uint32_t)(length / by) & ~1u;
    return by > 1 && n >= 2 ? n : by > 1 && length > 2 ? 2 : length;
}

static double divisor(const struct rill_encoding *s, const struct rill_image *image)
{
    double by = s->scale_resolution_down_by;
    if (s->max_width)
        by = at_least(by, (double)image->width / s->max_width);
    if (s->max_height)
        by = at_least(by, (double)image->height / s->max_height);
    return by;
}

static double fps_of(const struct rill_encodings *e, const struct one *o)
{
    double fps = (double)e->rate_numerator / e->rate_denominator;
    return o->settings.max_fps && o->settings.max_fps < fps ? o->settings.max_fps : fps;
}

/* One that is alone follows its bit rate; of several each keeps the size it is known by. */
static void follow_bitrate(const struct rill_encodings *e, struct one *o,
                           const struct rill_image *image)
{
    double by = divisor(&o->settings, image);
    struct rill_adapt_picture p = {divided(image->width, by), divided(image->height, by),
                                   fps_of(e, o)};
    if (e->n > 1 || !o->settings.bitrate_bps)
        o->adapt = (struct rill_adapt){0};
    else
        rill_adapt_picture(&o->adapt, image->time, &p, o->settings.bitrate_bps);
    if (o->adapt.step)
        rill_quality_dropped(&o->quality, image->time, RILL_QUALITY_BANDWIDTH);
}

/* The picture itself, or it in the encoding's own pixels; NULL when there is no memory. */
static const struct rill_image *scale(struct one *o, const struct rill_image *image)
{
    const struct rill_encoding *s = &o->settings;
    double by = divisor(s, image) * rill_adapt_scale(&o->adapt);
    uint32_t width = divided(image->width, by), height = divided(image->height, by);
    if (width == image->width && height == image->height)
        return image;
    size_t size = rill_image_size(width, height);
    if (size > o->pixels_size) {
        uint8_t *pixels = realloc(o->pixels, size);
        if (!pixels)
            return NULL;
        o->pixels = pixels;
        o->pixels_size = size;
    }
    o->scaled = rill_image_over(o->pixels, width, height);
    return rill_pixels_fit(image, &o->scaled) ? &o->scaled : NULL;
}

/* An eighth of the time is forgiven, so that a rate of nearly the limit is not halved. */
static bool is_too_soon(const struct rill_encodings *e, const struct one *o, int64_t time)
{
    bool limited = o->settings.max_fps || o->adapt.step;
    int64_t apart = limited ? (int64_t)(1e6 / rill_adapt_fps(&o->adapt, fps_of(e, o))) : 0;
    return o->has_last && apart && time - o->last < apart - apart / 8;
}

static bool open_encoder(const struct rill_encodings *e, struct one *o,
                         const struct rill_image *image)
{
    struct rill_vpx_encoder_config config = {
        .width = image->width,
        .height = image->height,
        .bitrate_bps = bitrate(&o->settings),
        .rate_numerator = e->rate_numerator,
        .rate_denominator = e->rate_denominator,
        .codec = e->codec,
    };
    return o->vpx || rill_vpx_encoder_new(&config, &o->vpx) == 0;
}

/* Bytes of a frame that the bit rate has room for. */
static uint64_t share_of_frame(const struct rill_encodings *e, const struct one *o)
{
    return (uint64_t)bitrate(&o->settings) / 8 * e->rate_denominator / e->rate_numerator;
}

static void count(const struct rill_encodings *e, struct one *o, const struct rill_image *image,
                  const struct rill_frame *f)
{
    uint64_t share = share_of_frame(e, o);
    int qp = rill_vpx_encoder_qp(o->vpx), qp_most = e->codec == RILL_CODEC_VP9 ? 255 : 127;
    rill_adapt_encoded(&o->adapt, qp > 0 ? (double)qp / qp_most : 0);
    o->stats.frames++;
    o->stats.keyframes += f->keyframe;
    o->stats.huge += f->bytes.n * 2 >= share * 5;
    o->stats.target_bytes += share;
    o->stats.qp_sum += qp > 0 ? (uint64_t)qp : 0;
    o->stats.width = image->width;
    o->stats.height = image->height;
    rill_per_second_add(&o->per_second, f->time);
}

static int encode(struct rill_encodings *e, struct one *o, const struct rill_image *image,
                  struct rill_frame *out)
{
    int64_t began = e->clock ? e->clock() : 0;
    int rc = rill_vpx_encode(o->vpx, image, o->want_keyframe, out);
    if (rc == 1) {
        o->stats.encode_us += e->clock ? e->clock() - began : 0;
        count(e, o, image, out);
    }
    if (rc == 0) {
        rill_adapt_dropped(&o->adapt);
        rill_quality_dropped(&o->quality, image->time, RILL_QUALITY_BANDWIDTH);
    }
    return rc;
}

int rill_encodings_encode(struct rill_encodings *e, size_t i, const struct rill_image *image,
                          struct rill_frame *out)
{
    struct one *o = &e->list[i];
    if (i >= e->n || !o->settings.active)
        return -1;
    follow_bitrate(e, o, image);
    if (is_too_soon(e, o, image->time))
        return -1;
    const struct rill_image *scaled = scale(o, image);
    if (!scaled || !open_encoder(e, o, scaled))
        return -1;
    if (encode(e, o, scaled, out) != 1)
        return 0;
    o->has_last = true;
    o->last = image->time;
    o->want_keyframe &= !out->keyframe;
    out->encoding = i;
    return 1;
}

void rill_encodings_stats(struct rill_encodings *e, size_t i, int64_t now,
                          struct rill_encoding_stats *out)
{
    struct one *o = &e->list[i < e->n ? i : 0];
    rill_quality_step(&o->quality, now);
    *out = o->stats;
    out->target_bps = o->settings.active ? bitrate(&o->settings) : 0;
    out->per_second = rill_per_second_count(&o->per_second, now);
    out->limitation = o->quality.reason;
    for (size_t k = 0; k < RILL_QUALITY_REASONS; k++)
        out->limited_us[k] = o->quality.durations[k];
}

void rill_encodings_late(struct rill_encodings *e, int64_t now)
{
    for (size_t i = 0; i < e->n; i++)
        rill_quality_dropped(&e->list[i].quality, now, RILL_QUALITY_CPU);
}
