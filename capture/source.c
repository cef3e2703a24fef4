#include "capture/source.h"

#include "capture/ivf.h"
#include "capture/options.h"
#include "capture/resample.h"
#include "capture/sine.h"
#include "capture/testsrc.h"
#include "capture/vp8_tag.h"
#include "capture/y4m.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RATE_HZ 48000
#define BLOCK_FRAMES 960
#define BLOCK_US (20 * RILL_MS)
/* A caller this many pictures late skips; less is made up for. */
#define LATE_MAX 4
#define ENDLESS UINT64_MAX

enum type {
    TESTSRC,
    SINE,
    Y4M,
    IVF,
    WAV,
};

struct rill_source {
    enum type type;
    struct rill_source_options options;
    struct rill_file file;
    union {
        struct rill_y4m y4m;
        struct rill_ivf ivf;
        struct rill_wav wav;
        struct rill_sine sine;
    };
    struct rill_resample resample;
    uint32_t width, height; /* of video */
    uint32_t rate_numerator, rate_denominator;
    uint8_t channels; /* of sound */
    uint8_t *buffer;  /* one picture or encoded frame */
    int16_t samples[BLOCK_FRAMES * 2];
    bool started;
    int64_t start;
    uint64_t next;  /* number of the next item since the start */
    uint64_t total; /* how many there are */
    uint64_t dropped;
};

/* --- opening --------------------------------------------------------------------------- */

static int refuse(int code, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_capture_errors, code, 0, value, why);
}

static bool ends_with(struct rill_view name, const char *ending)
{
    size_t n = strlen(ending);
    return name.n > n && rill_view_is_nocase(rill_view_sub(name, name.n - n, n), ending);
}

static bool type_of(struct rill_view name, enum type *out)
{
    static const struct {
        const char *ending;
        enum type type;
    } files[] = {{".y4m", Y4M}, {".ivf", IVF}, {".wav", WAV}};
    if (rill_view_is(name, "testsrc") || rill_view_is(name, "sine")) {
        *out = rill_view_is(name, "sine") ? SINE : TESTSRC;
        return true;
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (!ends_with(name, files[i].ending))
            continue;
        *out = files[i].type;
        return true;
    }
    return false;
}

static enum rill_option_set option_set(enum type type)
{
    return type == TESTSRC ? RILL_OPTIONS_TESTSRC
           : type == SINE  ? RILL_OPTIONS_SINE
                           : RILL_OPTIONS_FILE;
}

static int open_file(struct rill_source *s, struct rill_err *why)
{
    struct rill_view name = s->options.name;
    char *path = calloc(1, name.n + 1);
    if (!path)
        return refuse(RILL_CAPTURE_OPEN, ENOMEM, why);
    memcpy(path, name.p, name.n);
    int rc = rill_file_open(path, &s->file, why);
    free(path);
    return rc;
}

static int make_buffer(struct rill_source *s, size_t n, struct rill_err *why)
{
    s->buffer = malloc(n);
    return s->buffer ? 0 : refuse(RILL_CAPTURE_OPEN, ENOMEM, why);
}

static int open_testsrc(struct rill_source *s, struct rill_err *why)
{
    s->width = s->options.width;
    s->height = s->options.height;
    s->rate_numerator = s->options.rate_numerator;
    s->rate_denominator = s->options.rate_denominator;
    s->total = ENDLESS;
    return make_buffer(s, rill_image_size(s->width, s->height), why);
}

static int open_sine(struct rill_source *s)
{
    s->sine.frequency_hz = s->options.frequency_hz;
    s->sine.volume = s->options.volume;
    s->channels = (uint8_t)s->options.channels;
    s->total = ENDLESS;
    return 0;
}

static int open_y4m(struct rill_source *s, struct rill_err *why)
{
    int rc = rill_y4m_open(&s->y4m, &s->file, why);
    if (rc < 0)
        return rc;
    s->width = s->y4m.width;
    s->height = s->y4m.height;
    s->rate_numerator = s->y4m.rate_numerator;
    s->rate_denominator = s->y4m.rate_denominator;
    s->total = s->y4m.index.n;
    return make_buffer(s, rill_image_size(s->width, s->height), why);
}

/* The header's size is only a hint; the first key frame says what will be decoded. The rate
 * is the average, in thousandths. */
static int open_ivf(struct rill_source *s, struct rill_err *why)
{
    int rc = rill_ivf_open(&s->ivf, &s->file, why);
    if (rc < 0)
        return rc;
    s->total = s->ivf.index.n;
    s->rate_numerator = (uint32_t)(s->total * 1000 * RILL_SECOND / (uint64_t)s->ivf.duration);
    s->rate_denominator = 1000;
    s->width = s->ivf.width;
    s->height = s->ivf.height;
    rc = make_buffer(s, s->ivf.largest, why);
    if (rc == 0 && rill_ivf_read(&s->ivf, 0, s->buffer))
        rill_vp8_tag_size(rill_view_at(s->buffer, s->ivf.index.frames[0].size), &s->width,
                          &s->height);
    return rc;
}

static int open_wav(struct rill_source *s, struct rill_err *why)
{
    int rc = rill_wav_open(&s->wav, &s->file, why);
    if (rc < 0)
        return rc;
    s->channels = s->wav.channels;
    s->total = (rill_resample_length(&s->wav) + BLOCK_FRAMES - 1) / BLOCK_FRAMES;
    s->resample = (struct rill_resample){.wav = &s->wav, .loop = s->options.loop};
    return 0;
}

static int open_type(struct rill_source *s, struct rill_err *why)
{
    if (s->type == SINE)
        return open_sine(s);
    if (s->type == TESTSRC)
        return open_testsrc(s, why);
    int rc = open_file(s, why);
    if (rc == 0)
        rc = s->type == Y4M   ? open_y4m(s, why)
             : s->type == IVF ? open_ivf(s, why)
                              : open_wav(s, why);
    if (s->options.loop)
        s->total = ENDLESS;
    return rc;
}

int rill_source_open(const char *name, struct rill_source **out, struct rill_err *why)
{
    enum type type;
    struct rill_view text = rill_view_of(name);
    struct rill_source_options options;
    if (!type_of(rill_options_name(text), &type))
        return refuse(RILL_CAPTURE_NAME, 0, why);
    int rc = rill_options_read(text, option_set(type), &options, why);
    if (rc < 0)
        return rc;
    struct rill_source *s = calloc(1, sizeof *s);
    if (!s)
        return refuse(RILL_CAPTURE_OPEN, ENOMEM, why);
    s->type = type;
    s->options = options;
    rc = open_type(s, why);
    s->options.name = (struct rill_view){0};
    if (rc < 0) {
        rill_source_free(s);
        return rc;
    }
    *out = s;
    return 0;
}

void rill_source_free(struct rill_source *s)
{
    if (!s)
        return;
    if (s->type == Y4M)
        rill_y4m_close(&s->y4m);
    if (s->type == IVF)
        rill_ivf_close(&s->ivf);
    rill_file_close(&s->file);
    free(s->buffer);
    free(s);
}

/* --- what it is ------------------------------------------------------------------------ */

enum rill_kind rill_source_kind(const struct rill_source *s)
{
    return s->type == SINE || s->type == WAV ? RILL_AUDIO : RILL_VIDEO;
}

bool rill_source_is_encoded(const struct rill_source *s)
{
    return s->type == IVF;
}

void rill_source_format(const struct rill_source *s, uint32_t *width, uint32_t *height,
                        uint32_t *rate_numerator, uint32_t *rate_denominator)
{
    bool sound = rill_source_kind(s) == RILL_AUDIO;
    *width = sound ? RATE_HZ : s->width;
    *height = sound ? s->channels : s->height;
    *rate_numerator = sound ? RATE_HZ : s->rate_numerator;
    *rate_denominator = sound ? BLOCK_FRAMES : s->rate_denominator;
}

uint64_t rill_source_dropped(const struct rill_source *s)
{
    return s->dropped;
}

/* --- pacing ---------------------------------------------------------------------------- */

/* When item k is due after the start, computed from k alone so that nothing adds up. */
static int64_t due_after(const struct rill_source *s, uint64_t k)
{
    if (rill_source_kind(s) == RILL_AUDIO)
        return (int64_t)k * BLOCK_US;
    if (s->type == IVF) {
        uint64_t n = s->ivf.index.n;
        return (int64_t)(k / n) * s->ivf.duration + s->ivf.index.frames[k % n].elapsed;
    }
    uint64_t units = k * s->rate_denominator;
    uint64_t rest = units % s->rate_numerator;
    return (int64_t)(units / s->rate_numerator) * RILL_SECOND +
           (int64_t)(rest * RILL_SECOND / s->rate_numerator);
}

static int64_t due(const struct rill_source *s, uint64_t k)
{
    return s->start + due_after(s, k);
}

static bool is_due(const struct rill_source *s, int64_t now)
{
    return s->started && s->next < s->total && due(s, s->next) <= now;
}

/* The longest delay that is made up for picture by picture. */
static int64_t lateness_max(const struct rill_source *s)
{
    return due_after(s, LATE_MAX);
}

/* Strides that double while they lead to what is due, and halve again. */
static uint64_t newest_due(const struct rill_source *s, int64_t now)
{
    uint64_t k = s->next;
    uint64_t stride = 1;
    while (k + stride < s->total && due(s, k + stride) <= now)
        stride *= 2;
    for (; stride > 0; stride /= 2)
        if (k + stride < s->total && due(s, k + stride) <= now)
            k += stride;
    return k;
}

static void jump(struct rill_source *s, uint64_t to)
{
    s->dropped += to - s->next;
    s->next = to;
}

static void catch_up_pictures(struct rill_source *s, int64_t now)
{
    if (now - due(s, s->next) > lateness_max(s))
        jump(s, newest_due(s, now));
}

/* Encoded frames build on those before: go to the newest key frame that is due. What is then
 * still late moves the clock, so that the rest does not come in one burst. */
static void catch_up_frames(struct rill_source *s, int64_t now)
{
    if (now - due(s, s->next) <= lateness_max(s))
        return;
    uint64_t k = newest_due(s, now);
    while (k > s->next && !s->ivf.index.frames[k % s->ivf.index.n].keyframe)
        k--;
    jump(s, k);
    if (now - due(s, s->next) > lateness_max(s))
        s->start += now - due(s, s->next);
}

void rill_source_start(struct rill_source *s, int64_t now)
{
    s->started = true;
    s->start = now;
    s->next = 0;
}

int64_t rill_source_deadline(const struct rill_source *s)
{
    return s->started && s->next < s->total ? due(s, s->next) : RILL_NEVER;
}

/* --- giving ---------------------------------------------------------------------------- */

/* A file that can no longer be read has ended. */
static bool draw(struct rill_source *s, struct rill_image *image)
{
    if (s->type == TESTSRC) {
        rill_testsrc_draw(image, (uint32_t)(s->next % RILL_TESTSRC_NUMBERS));
        return true;
    }
    if (rill_y4m_read(&s->y4m, s->next % s->y4m.index.n, s->buffer))
        return true;
    s->total = s->next;
    return false;
}

bool rill_source_image(struct rill_source *s, int64_t now, struct rill_image *out)
{
    if ((s->type != TESTSRC && s->type != Y4M) || !is_due(s, now))
        return false;
    catch_up_pictures(s, now);
    struct rill_image image = rill_image_over(s->buffer, s->width, s->height);
    image.time = due(s, s->next);
    if (!draw(s, &image))
        return false;
    s->next++;
    *out = image;
    return true;
}

bool rill_source_pcm(struct rill_source *s, int64_t now, struct rill_pcm *out)
{
    if (rill_source_kind(s) != RILL_AUDIO || !is_due(s, now))
        return false;
    if (s->type == SINE)
        rill_sine_fill(&s->sine, s->samples, BLOCK_FRAMES, s->channels);
    else
        rill_resample_fill(&s->resample, s->samples, BLOCK_FRAMES);
    *out = (struct rill_pcm){
        .samples = s->samples,
        .frames = BLOCK_FRAMES,
        .rate_hz = RATE_HZ,
        .channels = s->channels,
        .time = due(s, s->next),
    };
    s->next++;
    return true;
}

bool rill_source_frame(struct rill_source *s, int64_t now, struct rill_frame *out)
{
    if (s->type != IVF || !is_due(s, now))
        return false;
    catch_up_frames(s, now);
    size_t k = s->next % s->ivf.index.n;
    const struct rill_file_frame *f = &s->ivf.index.frames[k];
    if (!rill_ivf_read(&s->ivf, k, s->buffer)) {
        s->total = s->next;
        return false;
    }
    *out = (struct rill_frame){
        .kind = RILL_VIDEO,
        .codec = RILL_CODEC_VP8,
        .bytes = rill_view_at(s->buffer, f->size),
        .time = due(s, s->next),
        .keyframe = f->keyframe,
    };
    rill_vp8_tag_size(out->bytes, &out->width, &out->height);
    s->next++;
    return true;
}
