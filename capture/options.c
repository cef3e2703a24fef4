#include "capture/options.h"

#include "capture/bounds.h"
#include "capture/testsrc.h"

#define TONE_MAX 23999

/* "key=value", the key in small letters. */
static bool is_option(struct rill_view word)
{
    size_t n = 0;
    while (n < word.n && word.p[n] >= 'a' && word.p[n] <= 'z')
        n++;
    return n > 0 && n < word.n && word.p[n] == '=';
}

struct rill_view rill_options_name(struct rill_view text)
{
    for (size_t at = text.n; at-- > 0;) {
        if (text.p[at] != ':')
            continue;
        if (!is_option(rill_view_sub(text, at + 1, text.n - at - 1)))
            break;
        text.n = at;
    }
    return text;
}

static bool read_number(struct rill_view value, uint64_t min, uint64_t max, uint32_t *out)
{
    uint64_t v = 0;
    if (!rill_view_u64(value, max, &v) || v < min)
        return false;
    *out = (uint32_t)v;
    return true;
}

static bool read_size(struct rill_view value, struct rill_source_options *o)
{
    struct rill_view height;
    struct rill_view width = rill_view_cut(value, 'x', &height);
    return read_number(width, RILL_TESTSRC_WIDTH_MIN, RILL_PICTURE_SIDE_MAX, &o->width) &&
           read_number(height, RILL_TESTSRC_HEIGHT_MIN, RILL_PICTURE_SIDE_MAX, &o->height) &&
           rill_bounds_picture(o->width, o->height);
}

static bool read_rate(struct rill_view value, struct rill_source_options *o)
{
    struct rill_view denominator;
    struct rill_view numerator = rill_view_cut(value, '/', &denominator);
    o->rate_denominator = 1;
    return read_number(numerator, 1, RILL_RATE_TERM_MAX, &o->rate_numerator) &&
           (!denominator.p ||
            read_number(denominator, 1, RILL_RATE_TERM_MAX, &o->rate_denominator)) &&
           rill_bounds_rate(o->rate_numerator, o->rate_denominator);
}

static bool read_flag(struct rill_view value, bool *out)
{
    uint32_t v = 0;
    if (!read_number(value, 0, 1, &v))
        return false;
    *out = v == 1;
    return true;
}

static bool apply(struct rill_view key, struct rill_view value, enum rill_option_set set,
                  struct rill_source_options *o)
{
    switch (set) {
    case RILL_OPTIONS_TESTSRC:
        return rill_view_is(key, "size")   ? read_size(value, o)
               : rill_view_is(key, "rate") ? read_rate(value, o)
                                           : false;
    case RILL_OPTIONS_SINE:
        return rill_view_is(key, "frequency")  ? read_number(value, 1, TONE_MAX, &o->frequency_hz)
               : rill_view_is(key, "channels") ? read_number(value, 1, 2, &o->channels)
               : rill_view_is(key, "volume")   ? read_number(value, 0, 100, &o->volume)
                                               : false;
    case RILL_OPTIONS_FILE:
        return rill_view_is(key, "loop") && read_flag(value, &o->loop);
    }
    return false;
}

int rill_options_read(struct rill_view text, enum rill_option_set set,
                      struct rill_source_options *out, struct rill_err *why)
{
    struct rill_source_options o = {
        .name = rill_options_name(text),
        .width = 640,
        .height = 480,
        .rate_numerator = 30,
        .rate_denominator = 1,
        .frequency_hz = 440,
        .channels = 1,
        .volume = 25,
        .loop = true,
    };
    struct rill_view rest = rill_view_sub(text, o.name.n, text.n - o.name.n);
    if (rest.n > 0)
        rest = rill_view_sub(rest, 1, rest.n - 1);
    while (rest.n > 0) {
        struct rill_view value;
        struct rill_view word = rill_view_cut(rest, ':', &rest);
        struct rill_view key = rill_view_cut(word, '=', &value);
        if (!apply(key, value, set, &o))
            return rill_err_set(&rill_capture_errors, RILL_CAPTURE_OPTION,
                                (size_t)(word.p - text.p), 0, why);
    }
    *out = o;
    return 0;
}
