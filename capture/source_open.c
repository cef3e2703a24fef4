/* capture/source_open: from a name to a source that is ready to start.
 *
 * The idea: the name says what the source is, each kind fills in the same few facts (format,
 * how many items, a buffer for one), and from then on pacing need not know the kind. */
#include "capture/source_private.h"

#include "base/vp8_tag.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int refuse(int code, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_capture_errors, code, 0, value, why);
}

static bool ends_with(struct rill_view name, const char *ending)
{
    size_t n = strlen(ending);
    return name.n > n && rill_view_is_nocase(rill_view_sub(name, name.n - n, n), ending);
}

static bool type_of(struct rill_view name, enum rill_source_type *out)
{
    static const struct {
        const char *ending;
        enum rill_source_type type;
    } files[] = {{".y4m", RILL_SOURCE_Y4M}, {".ivf", RILL_SOURCE_IVF}, {".wav", RILL_SOURCE_WAV}};
    if (rill_view_is(name, "testsrc") || rill_view_is(name, "sine")) {
        *out = rill_view_is(name, "sine") ? RILL_SOURCE_SINE : RILL_SOURCE_TESTSRC;
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

static enum rill_option_set option_set(enum rill_source_type type)
{
    return type == RILL_SOURCE_TESTSRC ? RILL_OPTIONS_TESTSRC
           : type == RILL_SOURCE_SINE  ? RILL_OPTIONS_SINE
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
    s->total = RILL_SOURCE_ENDLESS;
    return make_buffer(s, rill_image_size(s->width, s->height), why);
}

static int open_sine(struct rill_source *s)
{
    s->sine.frequency_hz = s->options.frequency_hz;
    s->sine.volume = s->options.volume;
    s->channels = (uint8_t)s->options.channels;
    s->total = RILL_SOURCE_ENDLESS;
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
    s->total =
        (rill_resample_length(&s->wav) + RILL_SOURCE_BLOCK_FRAMES - 1) / RILL_SOURCE_BLOCK_FRAMES;
    s->resample = (struct rill_resample){.wav = &s->wav, .loop = s->options.loop};
    return 0;
}

static int open_type(struct rill_source *s, struct rill_err *why)
{
    if (s->type == RILL_SOURCE_SINE)
        return open_sine(s);
    if (s->type == RILL_SOURCE_TESTSRC)
        return open_testsrc(s, why);
    int rc = open_file(s, why);
    if (rc == 0)
        rc = s->type == RILL_SOURCE_Y4M   ? open_y4m(s, why)
             : s->type == RILL_SOURCE_IVF ? open_ivf(s, why)
                                          : open_wav(s, why);
    if (s->options.loop)
        s->total = RILL_SOURCE_ENDLESS;
    return rc;
}

int rill_source_open(const char *name, struct rill_source **out, struct rill_err *why)
{
    enum rill_source_type type;
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
    if (s->type == RILL_SOURCE_Y4M)
        rill_y4m_close(&s->y4m);
    if (s->type == RILL_SOURCE_IVF)
        rill_ivf_close(&s->ivf);
    rill_file_close(&s->file);
    free(s->buffer);
    free(s);
}
