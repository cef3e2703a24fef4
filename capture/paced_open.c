/* capture/paced_open: from a name to a test pattern, a tone or a file.
 *
 * The idea: the name says what the source is, each kind fills in the same few facts (format,
 * how many items, a buffer for one), and from then on pacing need not know the kind. */
#include "capture/paced.h"

#include "capture/frame_tag.h"
#include "capture/testsrc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the pattern is drawn in when nothing is said: any size up to this, any rate. */
#define TESTSRC_WIDTH_MAX 4096
#define TESTSRC_HEIGHT_MAX 2304
/* ffmpeg's rate of raw video of which none is said. */
#define RAW_RATE 25

static int refuse(int code, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_capture_errors, code, 0, value, why);
}

static bool ends_with(struct rill_view name, const char *ending)
{
    size_t n = strlen(ending);
    return name.n > n && rill_view_is_nocase(rill_view_sub(name, name.n - n, n), ending);
}

static enum rill_paced_type type_of(struct rill_view name)
{
    return rill_view_is(name, "testsrc") ? RILL_PACED_TESTSRC
           : rill_view_is(name, "sine")  ? RILL_PACED_SINE
           : ends_with(name, ".y4m")     ? RILL_PACED_Y4M
           : ends_with(name, ".ivf")     ? RILL_PACED_IVF
           : ends_with(name, ".h264")    ? RILL_PACED_H264
           : ends_with(name, ".264")     ? RILL_PACED_H264
           : ends_with(name, ".wav")     ? RILL_PACED_WAV
                                         : RILL_PACED_OPUS;
}

static int open_file(struct rill_paced *p, struct rill_view name, struct rill_err *why)
{
    char *path = calloc(1, name.n + 1);
    if (!path)
        return refuse(RILL_CAPTURE_OPEN, ENOMEM, why);
    memcpy(path, name.p, name.n);
    int rc = rill_file_open(path, &p->file, why);
    free(path);
    return rc;
}

static int make_buffer(struct rill_paced *p, size_t n, struct rill_err *why)
{
    p->buffer = malloc(n);
    return p->buffer ? 0 : refuse(RILL_CAPTURE_OPEN, ENOMEM, why);
}

static int open_sine(struct rill_paced *p, const struct rill_source_options *o)
{
    p->sine.frequency_hz = o->frequency_hz;
    p->sine.volume = o->volume;
    p->channels = (uint8_t)o->channels;
    p->total = RILL_PACED_ENDLESS;
    return 0;
}

static int open_y4m(struct rill_paced *p, struct rill_err *why)
{
    int rc = rill_y4m_open(&p->y4m, &p->file, why);
    if (rc < 0)
        return rc;
    p->width = p->y4m.width;
    p->height = p->y4m.height;
    p->rate_numerator = p->y4m.rate_numerator;
    p->rate_denominator = p->y4m.rate_denominator;
    p->total = p->y4m.index.n;
    return make_buffer(p, rill_image_size(p->width, p->height), why);
}

/* The header's size is only a hint; the first key frame says what will be decoded. The rate
 * is the average, in thousandths. */
static int open_ivf(struct rill_paced *p, struct rill_err *why)
{
    int rc = rill_ivf_open(&p->ivf, &p->file, why);
    if (rc < 0)
        return rc;
    p->total = p->ivf.index.n;
    p->rate_numerator = (uint32_t)(p->total * 1000 * RILL_SECOND / (uint64_t)p->ivf.duration);
    p->rate_denominator = 1000;
    p->width = p->ivf.width;
    p->height = p->ivf.height;
    rc = make_buffer(p, p->ivf.largest, why);
    if (rc == 0 && rill_ivf_read(&p->ivf, 0, p->buffer))
        rill_frame_tag_size(p->ivf.codec, rill_view_at(p->buffer, p->ivf.index.frames[0].size),
                            &p->width, &p->height);
    return rc;
}

/* The first key frame says its size, or nobody does. */
static int open_h264(struct rill_paced *p, const struct rill_source_options *o,
                     struct rill_err *why)
{
    int rc = rill_h264_file_open(&p->h264, &p->file, why);
    if (rc < 0)
        return rc;
    p->total = p->h264.index.n;
    p->rate_numerator = o->rate_numerator ? o->rate_numerator : RAW_RATE;
    p->rate_denominator = o->rate_numerator ? o->rate_denominator : 1;
    p->width = p->height = 1;
    rc = make_buffer(p, p->h264.largest, why);
    if (rc == 0 && rill_h264_file_read(&p->h264, 0, p->buffer))
        rill_frame_tag_size(RILL_CODEC_H264, rill_view_at(p->buffer, p->h264.index.frames[0].size),
                            &p->width, &p->height);
    return rc;
}

static int open_wav(struct rill_paced *p, const struct rill_source_options *o, struct rill_err *why)
{
    int rc = rill_wav_open(&p->wav, &p->file, why);
    if (rc < 0)
        return rc;
    p->channels = p->wav.channels;
    p->total =
        (rill_resample_length(&p->wav) + RILL_SOURCE_BLOCK_FRAMES - 1) / RILL_SOURCE_BLOCK_FRAMES;
    return rill_resample_init(&p->resample, &p->wav, o->loop)
               ? 0
               : refuse(RILL_CAPTURE_OPEN, ENOMEM, why);
}

static int open_opus(struct rill_paced *p, const struct rill_source_options *o,
                     struct rill_err *why)
{
    int rc = rill_opus_file_open(&p->file, &p->opus, why);
    if (rc < 0)
        return rc;
    p->loop = o->loop;
    p->channels = rill_opus_file_channels(p->opus);
    p->total =
        (rill_opus_file_frames(p->opus) + RILL_SOURCE_BLOCK_FRAMES - 1) / RILL_SOURCE_BLOCK_FRAMES;
    return 0;
}

static int open_type(struct rill_paced *p, const struct rill_source_options *o,
                     struct rill_err *why)
{
    if (p->type == RILL_PACED_SINE)
        return open_sine(p, o);
    if (p->type == RILL_PACED_TESTSRC) {
        p->total = RILL_PACED_ENDLESS;
        return 0;
    }
    int rc = open_file(p, o->name, why);
    if (rc == 0)
        rc = p->type == RILL_PACED_Y4M    ? open_y4m(p, why)
             : p->type == RILL_PACED_IVF  ? open_ivf(p, why)
             : p->type == RILL_PACED_H264 ? open_h264(p, o, why)
             : p->type == RILL_PACED_WAV  ? open_wav(p, o, why)
                                          : open_opus(p, o, why);
    if (o->loop)
        p->total = RILL_PACED_ENDLESS;
    return rc;
}

/* --- what can be had of it ------------------------------------------------------------- */

static struct rill_range one(uint32_t n)
{
    return (struct rill_range){n, n, 1};
}

static struct rill_mode testsrc_mode(const struct rill_source_options *o)
{
    struct rill_rate rate = {o->rate_numerator, o->rate_denominator};
    struct rill_mode m = {.width = {RILL_TESTSRC_WIDTH_MIN, TESTSRC_WIDTH_MAX, 1},
                          .height = {RILL_TESTSRC_HEIGHT_MIN, TESTSRC_HEIGHT_MAX, 1},
                          .slowest = {1, 1},
                          .fastest = {1000, 1}};
    if (o->width > 0) {
        m.width = one(o->width);
        m.height = one(o->height);
    }
    if (rate.numerator > 0)
        m.slowest = m.fastest = rate;
    return m;
}

static struct rill_mode file_mode(const struct rill_paced *p)
{
    struct rill_rate rate = {p->rate_numerator, p->rate_denominator};
    return (struct rill_mode){
        .width = one(p->width), .height = one(p->height), .slowest = rate, .fastest = rate};
}

static int choose(struct rill_source *s, struct rill_paced *p, const struct rill_source_options *o,
                  struct rill_err *why)
{
    s->kind = p->channels > 0 ? RILL_AUDIO : RILL_VIDEO;
    s->encoded = rill_paced_frames(p) != NULL;
    s->codec = p->type == RILL_PACED_IVF    ? p->ivf.codec
               : p->type == RILL_PACED_H264 ? RILL_CODEC_H264
                                            : RILL_CODEC_NONE;
    if (s->kind == RILL_AUDIO) {
        s->can.sample_rate_hz = one(RILL_SOURCE_RATE_HZ);
        s->can.channel_count = one(p->channels);
    } else {
        s->mode = p->type == RILL_PACED_TESTSRC ? testsrc_mode(o) : file_mode(p);
    }
    int rc = rill_source_select(s, &o->constraints, why);
    if (rc < 0 || p->type != RILL_PACED_TESTSRC)
        return rc;
    p->width = s->native.width;
    p->height = s->native.height;
    p->rate_numerator = s->native.rate_numerator;
    p->rate_denominator = s->native.rate_denominator;
    return make_buffer(p, rill_image_size(p->width, p->height), why);
}

int rill_paced_open(struct rill_source *s, const struct rill_source_config *config,
                    const struct rill_source_options *options, struct rill_err *why)
{
    (void)config;
    struct rill_paced *p = calloc(1, sizeof *p);
    if (!p)
        return refuse(RILL_CAPTURE_OPEN, ENOMEM, why);
    s->ops = &rill_paced_ops;
    s->own = p;
    p->type = type_of(options->name);
    int rc = open_type(p, options, why);
    return rc < 0 ? rc : choose(s, p, options, why);
}
