#include "capture/options.h"

#include "capture/bounds.h"
#include "capture/testsrc.h"

#define TONE_MAX 23999

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_';
}

/* "key=value"; keys begin with a small letter, other than in "alsa:hw:CARD=PCH". */
static bool is_option(struct rill_view word)
{
    size_t n = 0;
    if (word.n == 0 || word.p[0] < 'a' || word.p[0] > 'z')
        return false;
    while (n < word.n && is_letter(word.p[n]))
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

bool rill_options_number(struct rill_view value, uint64_t min, uint64_t max, uint32_t *out)
{
    uint64_t v = 0;
    if (!rill_view_u64(value, max, &v) || v < min)
        return false;
    *out = (uint32_t)v;
    return true;
}

/* "WxH" within the bounds of a picture. */
static bool parse_size(struct rill_view value, uint32_t *width, uint32_t *height)
{
    struct rill_view high;
    struct rill_view wide = rill_view_cut(value, 'x', &high);
    uint32_t w, h;
    if (!rill_options_number(wide, 1, RILL_PICTURE_SIDE_MAX, &w) ||
        !rill_options_number(high, 1, RILL_PICTURE_SIDE_MAX, &h) || !rill_bounds_picture(w, h))
        return false;
    *width = w;
    *height = h;
    return true;
}

/* "N" or "N/D" within the bounds of a rate. */
static bool parse_rate(struct rill_view value, uint32_t *numerator, uint32_t *denominator)
{
    struct rill_view under;
    struct rill_view over = rill_view_cut(value, '/', &under);
    uint32_t n, d = 1;
    if (!rill_options_number(over, 1, RILL_RATE_TERM_MAX, &n) ||
        (under.p && !rill_options_number(under, 1, RILL_RATE_TERM_MAX, &d)) ||
        !rill_bounds_rate(n, d))
        return false;
    *numerator = n;
    *denominator = d;
    return true;
}

static bool read_flag(struct rill_view value, bool *out)
{
    uint32_t v = 0;
    if (!rill_options_number(value, 0, 1, &v))
        return false;
    *out = v == 1;
    return true;
}

/* "0x1a00003" as xwininfo writes it, or decimal. */
static bool read_window(struct rill_view value, uint32_t *out)
{
    uint64_t id = 0;
    if (!rill_view_starts(value, "0x"))
        return rill_options_number(value, 1, UINT32_MAX, out);
    if (value.n < 3 || value.n > 10)
        return false;
    for (size_t i = 2; i < value.n; i++) {
        uint8_t c = value.p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return false;
        id = id << 4 | (uint64_t)digit;
    }
    *out = (uint32_t)id;
    return id > 0;
}

/* "WxH+X+Y" */
static bool read_crop(struct rill_view value, struct rill_crop *out)
{
    struct rill_view rest, y;
    struct rill_view size = rill_view_cut(value, '+', &rest);
    struct rill_view x = rill_view_cut(rest, '+', &y);
    return parse_size(size, &out->width, &out->height) &&
           rill_options_number(x, 0, RILL_PICTURE_SIDE_MAX, &out->x) &&
           rill_options_number(y, 0, RILL_PICTURE_SIDE_MAX, &out->y);
}

static bool read_control(struct rill_view name, struct rill_view value,
                         struct rill_source_options *o)
{
    uint64_t v = 0;
    bool minus = value.n > 1 && value.p[0] == '-';
    if (minus)
        value = rill_view_sub(value, 1, value.n - 1);
    if (o->n_controls == RILL_SOURCE_CONTROLS_MAX || name.n == 0 ||
        !rill_view_u64(value, INT32_MAX, &v))
        return false;
    o->controls[o->n_controls++] =
        (struct rill_source_control){name, minus ? -(int64_t)v : (int64_t)v};
    return true;
}

static void require(struct rill_constraint *c, double value)
{
    c->has |= RILL_CONSTRAINT_EXACT;
    c->exact = value;
}

/* A test pattern and a screen are made in any size; of all else it is a constraint. */
static bool sizes_itself(enum rill_option_set set)
{
    return set == RILL_OPTIONS_TESTSRC || set == RILL_OPTIONS_SCREEN;
}

static bool read_size(struct rill_view value, enum rill_option_set set,
                      struct rill_source_options *o)
{
    if (!parse_size(value, &o->width, &o->height))
        return false;
    if (set == RILL_OPTIONS_TESTSRC)
        return o->width >= RILL_TESTSRC_WIDTH_MIN && o->height >= RILL_TESTSRC_HEIGHT_MIN;
    if (!sizes_itself(set)) {
        require(&o->constraints.basic[RILL_WIDTH], o->width);
        require(&o->constraints.basic[RILL_HEIGHT], o->height);
    }
    return true;
}

static bool read_rate(struct rill_view value, enum rill_option_set set,
                      struct rill_source_options *o)
{
    if (!parse_rate(value, &o->rate_numerator, &o->rate_denominator))
        return false;
    if (!sizes_itself(set) && set != RILL_OPTIONS_RAW_VIDEO)
        require(&o->constraints.basic[RILL_FRAME_RATE],
                (double)o->rate_numerator / o->rate_denominator);
    return true;
}

static bool apply(struct rill_view key, struct rill_view value, enum rill_option_set set,
                  struct rill_source_options *o)
{
    bool sound = set == RILL_OPTIONS_SINE || set == RILL_OPTIONS_SOUND_FILE ||
                 set == RILL_OPTIONS_MICROPHONE;
    if (!sound && rill_view_is(key, "size"))
        return read_size(value, set, o);
    if (!sound && rill_view_is(key, "rate"))
        return read_rate(value, set, o);
    switch (set) {
    case RILL_OPTIONS_SINE:
        return rill_view_is(key, "frequency")
                   ? rill_options_number(value, 1, TONE_MAX, &o->frequency_hz)
               : rill_view_is(key, "channels") ? rill_options_number(value, 1, 2, &o->channels)
               : rill_view_is(key, "volume")   ? rill_options_number(value, 0, 100, &o->volume)
                                               : false;
    case RILL_OPTIONS_FILE:
    case RILL_OPTIONS_RAW_VIDEO:
    case RILL_OPTIONS_SOUND_FILE:
        return rill_view_is(key, "loop") && read_flag(value, &o->loop);
    case RILL_OPTIONS_CAMERA:
        if (rill_view_starts(key, "control."))
            return read_control(rill_view_sub(key, 8, key.n - 8), value, o);
        return rill_view_is(key, "crop") && read_crop(value, &o->crop);
    case RILL_OPTIONS_SCREEN:
        return rill_view_is(key, "window")   ? read_window(value, &o->window)
               : rill_view_is(key, "cursor") ? read_flag(value, &o->cursor)
                                             : false;
    default:
        return false;
    }
}

/* One option; *advanced counts the ';' before it. */
static int take(struct rill_view word, enum rill_option_set set, struct rill_source_options *o)
{
    struct rill_view value;
    struct rill_view key = rill_view_cut(word, '=', &value);
    struct rill_constraints *c = &o->constraints;
    bool advanced = c->n_advanced > 0;
    if (rill_constraint_is_name(key))
        return rill_constraint_read(advanced ? c->advanced[c->n_advanced - 1] : c->basic, key,
                                    value, advanced, NULL);
    return !advanced && apply(key, value, set, o) ? 0 : RILL_CAPTURE_OPTION;
}

static size_t word_end(struct rill_view rest)
{
    size_t n = 0;
    while (n < rest.n && rest.p[n] != ':' && rest.p[n] != ',' && rest.p[n] != ';')
        n++;
    return n;
}

int rill_options_read(struct rill_view text, enum rill_option_set set,
                      struct rill_source_options *out, struct rill_err *why)
{
    struct rill_source_options o = {
        .name = rill_options_name(text),
        .frequency_hz = 440,
        .channels = 1,
        .volume = 25,
        .loop = true,
        .cursor = true,
    };
    for (size_t at = o.name.n; at < text.n;) {
        /* Behind each ';' an advanced set begins. */
        int rc = 0;
        if (text.p[at] == ';' && o.constraints.n_advanced++ == RILL_ADVANCED_MAX)
            return rill_err_set(&rill_capture_errors, RILL_CAPTURE_CONSTRAINT, at, 0, why);
        at++;
        size_t n = word_end(rill_view_sub(text, at, text.n - at));
        rc = take(rill_view_sub(text, at, n), set, &o);
        if (rc < 0)
            return rill_err_set(&rill_capture_errors, rc, at, 0, why);
        at += n;
    }
    *out = o;
    return 0;
}
