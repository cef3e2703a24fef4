/* capture/constraint_read: constraints from text: "width=1280,frameRate.min=25;height=720". */
#include "capture/constraints.h"

#include <string.h>

enum value_type {
    NUMBER,
    FLAG,
    FACING,
    RESIZE,
    TEXT,
};

static const struct {
    const char *name;
    enum value_type type;
    double least;
} properties[RILL_PROPERTIES] = {
    [RILL_WIDTH] = {"width", NUMBER, 1},
    [RILL_HEIGHT] = {"height", NUMBER, 1},
    [RILL_FRAME_RATE] = {"frameRate", NUMBER, 0},
    [RILL_ASPECT_RATIO] = {"aspectRatio", NUMBER, 0},
    [RILL_FACING_MODE] = {"facingMode", FACING, 0},
    [RILL_RESIZE_MODE] = {"resizeMode", RESIZE, 0},
    [RILL_DEVICE_ID] = {"deviceId", TEXT, 0},
    [RILL_GROUP_ID] = {"groupId", TEXT, 0},
    [RILL_SAMPLE_RATE] = {"sampleRate", NUMBER, 1},
    [RILL_CHANNEL_COUNT] = {"channelCount", NUMBER, 1},
    [RILL_ECHO_CANCELLATION] = {"echoCancellation", FLAG, 0},
    [RILL_NOISE_SUPPRESSION] = {"noiseSuppression", FLAG, 0},
    [RILL_AUTO_GAIN_CONTROL] = {"autoGainControl", FLAG, 0},
};

static const char *const facing_modes[] = {NULL, "user", "environment", "left", "right", NULL};
static const char *const resize_modes[] = {"none", "crop-and-scale", NULL};

const char *rill_property_name(enum rill_property p)
{
    return properties[p].name;
}

const char *rill_facing_mode_name(enum rill_facing_mode mode)
{
    return facing_modes[mode];
}

const char *rill_resize_mode_name(enum rill_resize_mode mode)
{
    return resize_modes[mode];
}

static bool property_of(struct rill_view name, enum rill_property *out)
{
    for (int p = 0; p < RILL_PROPERTIES; p++) {
        if (!rill_view_is(name, properties[p].name))
            continue;
        *out = (enum rill_property)p;
        return true;
    }
    return false;
}

/* The part behind the dot; a bare name is ideal, or exact in an advanced set. */
static unsigned member_of(struct rill_view member, bool advanced)
{
    if (!member.p)
        return advanced ? RILL_CONSTRAINT_EXACT : RILL_CONSTRAINT_IDEAL;
    return rill_view_is(member, "ideal")   ? RILL_CONSTRAINT_IDEAL
           : rill_view_is(member, "exact") ? RILL_CONSTRAINT_EXACT
           : rill_view_is(member, "min")   ? RILL_CONSTRAINT_MIN
           : rill_view_is(member, "max")   ? RILL_CONSTRAINT_MAX
                                           : 0;
}

static bool split(struct rill_view key, bool advanced, enum rill_property *p, unsigned *member)
{
    struct rill_view rest;
    struct rill_view name = rill_view_cut(key, '.', &rest);
    if (!property_of(name, p))
        return false;
    *member = member_of(rest, advanced);
    bool range = *member == RILL_CONSTRAINT_MIN || *member == RILL_CONSTRAINT_MAX;
    return *member && (!range || properties[*p].type == NUMBER);
}

bool rill_constraint_is_name(struct rill_view key)
{
    enum rill_property p;
    unsigned member;
    return split(key, false, &p, &member);
}

/* "12", "29.97" */
static bool read_decimal(struct rill_view v, double *out)
{
    struct rill_view part;
    uint64_t whole, thousandth = 0;
    struct rill_view head = rill_view_cut(v, '.', &part);
    if (!rill_view_u64(head, 1000000000, &whole))
        return false;
    if (part.p && (part.n > 9 || !rill_view_u64(part, 999999999, &thousandth)))
        return false;
    double scale = 1;
    for (size_t i = 0; part.p && i < part.n; i++)
        scale *= 10;
    *out = (double)whole + (double)thousandth / scale;
    return true;
}

/* A decimal, or two as a fraction: "16/9". */
static bool read_number(struct rill_view v, double least, double *out)
{
    struct rill_view under;
    double number, divisor = 1;
    struct rill_view over = rill_view_cut(v, '/', &under);
    if (!read_decimal(over, &number) || (under.p && !read_decimal(under, &divisor)) || divisor <= 0)
        return false;
    number /= divisor;
    if (number <= 0 || number < least)
        return false;
    *out = number;
    return true;
}

static bool read_name(struct rill_view v, const char *const *names, int from, double *out)
{
    for (int i = from; names[i]; i++) {
        if (!rill_view_is(v, names[i]))
            continue;
        *out = i;
        return true;
    }
    return false;
}

static bool read_value(enum rill_property p, struct rill_view v, double *number)
{
    static const char *const flags[] = {"false", "true", NULL};
    switch (properties[p].type) {
    case NUMBER:
        return read_number(v, properties[p].least, number);
    case FLAG:
        return read_name(v, flags, 0, number);
    case FACING:
        return read_name(v, facing_modes, 1, number);
    case RESIZE:
        return read_name(v, resize_modes, 0, number);
    case TEXT:
        return v.n > 0 && v.n < RILL_DEVICE_ID_SIZE;
    }
    return false;
}

static void keep_text(struct rill_view v, char out[RILL_DEVICE_ID_SIZE])
{
    memcpy(out, v.p, v.n);
    out[v.n] = '\0';
}

int rill_constraint_read(struct rill_constraint *set, struct rill_view key, struct rill_view value,
                         bool advanced, struct rill_err *why)
{
    enum rill_property p;
    unsigned member;
    double number = 0;
    if (!split(key, advanced, &p, &member) || !read_value(p, value, &number))
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_CONSTRAINT, 0, 0, why);
    struct rill_constraint *c = &set[p];
    c->has |= member;
    if (member == RILL_CONSTRAINT_IDEAL)
        c->ideal = number;
    else if (member == RILL_CONSTRAINT_EXACT)
        c->exact = number;
    else if (member == RILL_CONSTRAINT_MIN)
        c->min = number;
    else
        c->max = number;
    if (properties[p].type == TEXT)
        keep_text(value, member == RILL_CONSTRAINT_IDEAL ? c->ideal_text : c->exact_text);
    return 0;
}

/* One set, to the ';' or the end. */
static int read_set(struct rill_view text, struct rill_view words, struct rill_constraint *set,
                    bool advanced, struct rill_err *why)
{
    while (words.n > 0) {
        struct rill_view value;
        struct rill_view word = rill_view_cut(words, ',', &words);
        struct rill_view key = rill_view_cut(word, '=', &value);
        int rc = rill_constraint_read(set, key, value, advanced, why);
        if (rc < 0)
            return rill_err_set(&rill_capture_errors, rc, (size_t)(word.p - text.p), 0, why);
    }
    return 0;
}

int rill_constraints_read(struct rill_view text, struct rill_constraints *out, struct rill_err *why)
{
    struct rill_constraints c = {.n_advanced = 0};
    struct rill_view rest;
    struct rill_view words = rill_view_cut(text, ';', &rest);
    int rc = read_set(text, words, c.basic, false, why);
    while (rc == 0 && rest.p) {
        words = rill_view_cut(rest, ';', &rest);
        if (c.n_advanced == RILL_ADVANCED_MAX)
            return rill_err_set(&rill_capture_errors, RILL_CAPTURE_CONSTRAINT,
                                (size_t)(words.p - text.p), 0, why);
        rc = read_set(text, words, c.advanced[c.n_advanced++], true, why);
    }
    if (rc == 0)
        *out = c;
    return rc;
}
