/* capture/fitness: how far settings are from what was asked for (W3C Media Capture and Streams
 * §12.1, "fitness distance"). */
#include "capture/constraints.h"

#include <math.h>
#include <string.h>

/* Rates and ratios are equal when people write them the same: 29.97 is 30000/1001, and 1.778 is
 * 16/9, but 30 is neither. */
#define RATIO_EQUAL 5e-4

/* What settings say of a property; false when they do not have it. */
static bool value_of(const struct rill_settings *s, enum rill_property p, double *out)
{
    bool sound = s->channel_count > 0;
    if (sound != (p >= RILL_SAMPLE_RATE))
        return false;
    switch (p) {
    case RILL_WIDTH:
        *out = s->width;
        return true;
    case RILL_HEIGHT:
        *out = s->height;
        return true;
    case RILL_FRAME_RATE:
        *out = (double)s->rate_numerator / s->rate_denominator;
        return true;
    case RILL_ASPECT_RATIO:
        *out = (double)s->width / s->height;
        return true;
    case RILL_FACING_MODE:
        *out = s->facing_mode;
        return s->facing_mode != RILL_FACING_UNKNOWN;
    case RILL_RESIZE_MODE:
        *out = s->resize_mode;
        return true;
    case RILL_SAMPLE_RATE:
        *out = s->sample_rate_hz;
        return true;
    case RILL_CHANNEL_COUNT:
        *out = s->channel_count;
        return true;
    case RILL_ECHO_CANCELLATION:
        *out = s->echo_cancellation;
        return true;
    case RILL_NOISE_SUPPRESSION:
        *out = s->noise_suppression;
        return true;
    case RILL_AUTO_GAIN_CONTROL:
        *out = s->auto_gain_control;
        return true;
    default:
        return false;
    }
}

static const char *text_of(const struct rill_settings *s, enum rill_property p)
{
    return p == RILL_DEVICE_ID ? s->device_id : p == RILL_GROUP_ID ? s->group_id : NULL;
}

/* How much a value may lie beside a bound and still meet it. Sizes are whole numbers, so a
 * ratio is met by the nearest whole width. */
static double slack(const struct rill_settings *s, enum rill_property p, double bound)
{
    if (p == RILL_ASPECT_RATIO)
        return fmax(bound * RATIO_EQUAL, 0.5 / s->height);
    return p == RILL_FRAME_RATE ? bound * RATIO_EQUAL : 0;
}

static bool meets(const struct rill_constraint *c, const struct rill_settings *s,
                  enum rill_property p, double v)
{
    if (c->has & RILL_CONSTRAINT_EXACT && fabs(v - c->exact) > slack(s, p, c->exact))
        return false;
    if (c->has & RILL_CONSTRAINT_MIN && v < c->min - slack(s, p, c->min))
        return false;
    return !(c->has & RILL_CONSTRAINT_MAX) || v <= c->max + slack(s, p, c->max);
}

/* "(actual == ideal) ? 0 : |actual - ideal| / max(|actual|, |ideal|)", of numbers; of the
 * others "(actual == ideal) ? 0 : 1". */
static double from_ideal(enum rill_property p, double v, double ideal)
{
    bool number = p <= RILL_ASPECT_RATIO || p == RILL_SAMPLE_RATE || p == RILL_CHANNEL_COUNT;
    if (v == ideal)
        return 0;
    return number ? fabs(v - ideal) / fmax(v, ideal) : 1;
}

static double distance_of_text(const struct rill_constraint *c, const char *text)
{
    if (c->has & RILL_CONSTRAINT_EXACT && strcmp(text, c->exact_text) != 0)
        return INFINITY;
    return c->has & RILL_CONSTRAINT_IDEAL && strcmp(text, c->ideal_text) != 0 ? 1 : 0;
}

double rill_constraint_distance(const struct rill_constraint *c, enum rill_property p,
                                const struct rill_settings *s)
{
    double v = 0;
    const char *text = text_of(s, p);
    if (!c->has)
        return 0;
    if (text)
        return distance_of_text(c, text);
    bool exists = value_of(s, p, &v);
    /* "If the constraint is required …, and the settings dictionary's constraintName member's
     * value does not satisfy the constraint or doesn't exist, the fitness distance is positive
     * infinity." */
    if (c->has & ~(unsigned)RILL_CONSTRAINT_IDEAL && (!exists || !meets(c, s, p, v)))
        return INFINITY;
    if (!(c->has & RILL_CONSTRAINT_IDEAL))
        return 0;
    /* "If the constraint does not apply for this type of object, the fitness distance is 0";
     * "If the settings dictionary's constraintName member does not exist, …1." */
    if (!exists)
        return (s->channel_count > 0) == (p >= RILL_SAMPLE_RATE) ? 1 : 0;
    return from_ideal(p, v, c->ideal);
}

double rill_fitness_distance(const struct rill_constraint set[RILL_PROPERTIES],
                             const struct rill_settings *s)
{
    double sum = 0;
    for (int p = 0; p < RILL_PROPERTIES; p++)
        sum += rill_constraint_distance(&set[p], (enum rill_property)p, s);
    return sum;
}
