/* capture/select: SelectSettings (W3C Media Capture and Streams §12.1): the candidate with the
 * smallest fitness distance.
 *
 * The idea: along a width, a height or a rate the distance is straight or concave between the
 * values that are named somewhere: the ends of a box, and what constraints ask for. So the
 * nearest point has named values, or lies where a named width or height meets a named ratio.
 * Only such points are walked over. */
#include "capture/constraints.h"

#include <math.h>
#include <string.h>

#define PREFERRED_WIDTH 640
#define PREFERRED_HEIGHT 480
#define PREFERRED_RATE 30
#define PREFERRED_HZ 48000
/* Named values of an axis, with the whole numbers on either side: those of the sets, the ends of
 * the box, what is preferred. */
#define VALUES_MAX (2 * 4 * (1 + RILL_ADVANCED_MAX) + 8)
/* Slower than any device, for what is thinned out. */
#define SLOWEST_FPS 0.001
#define EQUAL 1e-9

struct values {
    double v[VALUES_MAX];
    size_t n;
};

/* What decides among candidates, in this order. */
enum rank {
    DISTANCE,
    CROPPED,   /* how much the ratio of its sides differs from the device's */
    REDUCED,   /* how many pixels a second the device gives for one that is kept */
    RESIZED,   /* 0 or 1 */
    PREFERRED, /* distance from 640×480 at 30, or 48 kHz, one channel and all processing */
    RANKS,
};

struct search {
    const struct rill_constraints *constraints;
    bool keep[RILL_ADVANCED_MAX]; /* the advanced sets that a candidate must meet */
    const struct rill_capabilities *of;
    size_t device, mode;
    struct rill_settings native; /* of the box that is walked over */
    bool found;
    double rank[RANKS];
    struct rill_selection best;
    uint64_t candidates, refused[RILL_PROPERTIES];
};

static const struct rill_constraints none;
static const struct rill_constraint preferred[RILL_PROPERTIES] = {
    [RILL_WIDTH] = {.has = RILL_CONSTRAINT_IDEAL, .ideal = PREFERRED_WIDTH},
    [RILL_HEIGHT] = {.has = RILL_CONSTRAINT_IDEAL, .ideal = PREFERRED_HEIGHT},
    [RILL_FRAME_RATE] = {.has = RILL_CONSTRAINT_IDEAL, .ideal = PREFERRED_RATE},
    [RILL_SAMPLE_RATE] = {.has = RILL_CONSTRAINT_IDEAL, .ideal = PREFERRED_HZ},
    [RILL_CHANNEL_COUNT] = {.has = RILL_CONSTRAINT_IDEAL, .ideal = 1},
    [RILL_ECHO_CANCELLATION] = {.has = RILL_CONSTRAINT_IDEAL, .ideal = 1},
    [RILL_NOISE_SUPPRESSION] = {.has = RILL_CONSTRAINT_IDEAL, .ideal = 1},
    [RILL_AUTO_GAIN_CONTROL] = {.has = RILL_CONSTRAINT_IDEAL, .ideal = 1},
};

/* --- judging one candidate ------------------------------------------------------------- */

static double basic_distance(struct search *s, const struct rill_settings *c)
{
    double sum = 0;
    for (int p = 0; p < RILL_PROPERTIES; p++) {
        double d = rill_constraint_distance(&s->constraints->basic[p], (enum rill_property)p, c);
        s->refused[p] += isinf(d) != 0;
        sum += d;
    }
    return sum;
}

static double pixels(const struct rill_settings *c)
{
    return (double)c->width * c->height * c->rate_numerator / c->rate_denominator;
}

static void rank_of(const struct search *s, const struct rill_settings *c, double rank[RANKS])
{
    rank[PREFERRED] = rill_fitness_distance(preferred, c);
    rank[RESIZED] = c->resize_mode;
    rank[CROPPED] = rank[REDUCED] = 0;
    if (c->channel_count > 0)
        return;
    /* What one pixel more or less does to a ratio is no cropping. */
    double off = fabs((double)c->width - (double)c->height * s->native.width / s->native.height);
    rank[CROPPED] = off < 1 ? 0 : off / c->width;
    rank[REDUCED] = pixels(&s->native) / pixels(c);
}

static bool is_nearer(const double *a, const double *b)
{
    for (int i = 0; i < RANKS; i++)
        if (fabs(a[i] - b[i]) > EQUAL * (1 + fabs(b[i])))
            return a[i] < b[i];
    return false;
}

static void judge(struct search *s, const struct rill_settings *c)
{
    double rank[RANKS];
    s->candidates++;
    rank[DISTANCE] = basic_distance(s, c);
    if (isinf(rank[DISTANCE]))
        return;
    for (size_t i = 0; i < s->constraints->n_advanced; i++)
        if (s->keep[i] && isinf(rill_fitness_distance(s->constraints->advanced[i], c)))
            return;
    rank_of(s, c, rank);
    if (s->found && !is_nearer(rank, s->rank))
        return;
    s->found = true;
    for (int i = 0; i < RANKS; i++)
        s->rank[i] = rank[i];
    s->best = (struct rill_selection){.device = s->device,
                                      .mode = s->mode,
                                      .native = s->native,
                                      .settings = *c,
                                      .distance = rank[DISTANCE]};
}

/* --- the named values ------------------------------------------------------------------ */

static void add(struct values *to, double v)
{
    for (size_t i = 0; i < to->n; i++)
        if (to->v[i] == v)
            return;
    if (to->n < VALUES_MAX)
        to->v[to->n++] = v;
}

static void add_named(struct values *to, const struct rill_constraint *c)
{
    if (c->has & RILL_CONSTRAINT_IDEAL)
        add(to, c->ideal);
    if (c->has & RILL_CONSTRAINT_EXACT)
        add(to, c->exact);
    if (c->has & RILL_CONSTRAINT_MIN)
        add(to, c->min);
    if (c->has & RILL_CONSTRAINT_MAX)
        add(to, c->max);
}

static struct values named(const struct search *s, enum rill_property p)
{
    struct values v = {.n = 0};
    add_named(&v, &s->constraints->basic[p]);
    for (size_t i = 0; i < s->constraints->n_advanced; i++)
        add_named(&v, &s->constraints->advanced[i][p]);
    return v;
}

/* The whole numbers of the range next to x, on either side. */
static void add_near(struct values *to, struct rill_range r, double x)
{
    uint32_t step = r.step ? r.step : 1;
    if (x <= r.min)
        add(to, r.min);
    else if (x >= r.max)
        add(to, r.min + (r.max - r.min) / step * step);
    else {
        uint32_t below = r.min + (uint32_t)((x - r.min) / step) * step;
        add(to, below);
        if (below < x && r.max - below >= step)
            add(to, below + step);
    }
}

static struct values sides(const struct search *s, enum rill_property p, struct rill_range r,
                           double wish)
{
    struct values asked = named(s, p);
    struct values v = {.n = 0};
    add_near(&v, r, r.min);
    add_near(&v, r, r.max);
    add_near(&v, r, wish);
    for (size_t i = 0; i < asked.n; i++)
        add_near(&v, r, asked.v[i]);
    return v;
}

static double fps(struct rill_rate r)
{
    return (double)r.numerator / r.denominator;
}

static struct values rates(const struct search *s, double slowest, double fastest)
{
    struct values asked = named(s, RILL_FRAME_RATE);
    struct values v = {.n = 0};
    add(&v, slowest);
    add(&v, fastest);
    add(&v, fmin(fmax(PREFERRED_RATE, slowest), fastest));
    for (size_t i = 0; i < asked.n; i++)
        add(&v, fmin(fmax(asked.v[i], slowest), fastest));
    return v;
}

/* 29.97 as people mean it: 30000/1001; else in thousandths. */
static void set_rate(struct rill_settings *c, double rate, const struct rill_mode *m)
{
    struct rill_rate r = {(uint32_t)lround(rate * 1000), 1000};
    double whole = round(rate), ntsc = round(rate * 1.001);
    if (fabs(rate - fps(m->fastest)) < EQUAL)
        r = m->fastest;
    else if (fabs(rate - fps(m->slowest)) < EQUAL)
        r = m->slowest;
    else if (whole >= 1 && fabs(rate - whole) < EQUAL)
        r = (struct rill_rate){(uint32_t)whole, 1};
    else if (ntsc >= 1 && fabs(rate * 1.001 - ntsc) < 1e-4 * ntsc)
        r = (struct rill_rate){(uint32_t)ntsc * 1000, 1001};
    c->rate_numerator = r.numerator ? r.numerator : 1;
    c->rate_denominator = r.denominator;
}

/* --- walking over pictures ------------------------------------------------------------- */

struct box {
    const struct rill_mode *mode;
    struct rill_range width, height;
    double slowest, fastest;
    enum rill_resize_mode resize;
};

/* The least that the mode gives and that is no smaller than wanted. */
static uint32_t at_least(struct rill_range r, uint32_t wanted)
{
    uint32_t step = r.step ? r.step : 1;
    uint32_t top = r.min + (r.max - r.min) / step * step;
    if (wanted <= r.min)
        return r.min;
    uint32_t up = r.min + (wanted - r.min + step - 1) / step * step;
    return up < top ? up : top;
}

static void try_size(struct search *s, const struct box *b, const struct values *rate, double width,
                     double height)
{
    const struct rill_mode *m = b->mode;
    struct rill_settings c = {.width = (uint32_t)width,
                              .height = (uint32_t)height,
                              .facing_mode = s->of->facing_mode,
                              .resize_mode = b->resize};
    memcpy(c.device_id, s->of->device_id, sizeof c.device_id);
    memcpy(c.group_id, s->of->group_id, sizeof c.group_id);
    for (size_t i = 0; i < rate->n; i++) {
        set_rate(&c, rate->v[i], m);
        s->native = c;
        s->native.resize_mode = RILL_RESIZE_NONE;
        s->native.width = at_least(m->width, c.width);
        s->native.height = at_least(m->height, c.height);
        set_rate(&s->native, fmax(rate->v[i], fps(m->slowest)), m);
        judge(s, &c);
    }
}

/* Each named width with each named height, and on the line of each named ratio. */
static void walk_box(struct search *s, const struct box *b)
{
    bool fixed = b->mode->width.min == b->mode->width.max;
    struct values wide = sides(s, RILL_WIDTH, b->width, PREFERRED_WIDTH);
    struct values high = sides(s, RILL_HEIGHT, b->height, PREFERRED_HEIGHT);
    struct values rate = rates(s, b->slowest, b->fastest);
    struct values ratio = named(s, RILL_ASPECT_RATIO);
    add(&ratio, fixed ? (double)b->mode->width.max / b->mode->height.max
                      : (double)PREFERRED_WIDTH / PREFERRED_HEIGHT);
    for (size_t i = 0; i < wide.n; i++)
        for (size_t k = 0; k < high.n; k++)
            try_size(s, b, &rate, wide.v[i], high.v[k]);
    for (size_t r = 0; r < ratio.n; r++) {
        for (size_t i = 0; i < wide.n; i++) {
            struct values near = {.n = 0};
            add_near(&near, b->height, wide.v[i] / ratio.v[r]);
            for (size_t k = 0; k < near.n; k++)
                try_size(s, b, &rate, wide.v[i], near.v[k]);
        }
        for (size_t i = 0; i < high.n; i++) {
            struct values near = {.n = 0};
            add_near(&near, b->width, high.v[i] * ratio.v[r]);
            for (size_t k = 0; k < near.n; k++)
                try_size(s, b, &rate, near.v[k], high.v[i]);
        }
    }
}

static void walk_pictures(struct search *s)
{
    for (s->mode = 0; s->mode < s->of->n_modes; s->mode++) {
        const struct rill_mode *m = &s->of->modes[s->mode];
        struct box b = {.mode = m,
                        .width = m->width,
                        .height = m->height,
                        .slowest = fps(m->slowest),
                        .fastest = fps(m->fastest),
                        .resize = RILL_RESIZE_NONE};
        walk_box(s, &b);
        if (!s->of->resizes)
            continue;
        b.width = (struct rill_range){1, m->width.max, 1};
        b.height = (struct rill_range){1, m->height.max, 1};
        b.slowest = fmin(SLOWEST_FPS, b.slowest);
        b.resize = RILL_RESIZE_CROP_AND_SCALE;
        walk_box(s, &b);
    }
}

/* --- walking over sound ---------------------------------------------------------------- */

static void walk_sound(struct search *s)
{
    struct values hz = sides(s, RILL_SAMPLE_RATE, s->of->sample_rate_hz, PREFERRED_HZ);
    struct values channels = sides(s, RILL_CHANNEL_COUNT, s->of->channel_count, 1);
    s->mode = 0;
    for (size_t i = 0; i < hz.n; i++)
        for (size_t k = 0; k < channels.n; k++)
            for (unsigned flags = 0; flags < (s->of->processing ? 8 : 1); flags++) {
                struct rill_settings c = {.sample_rate_hz = (uint32_t)hz.v[i],
                                          .channel_count = (uint32_t)channels.v[k],
                                          .echo_cancellation = flags & 1,
                                          .noise_suppression = flags & 2,
                                          .auto_gain_control = flags & 4};
                memcpy(c.device_id, s->of->device_id, sizeof c.device_id);
                memcpy(c.group_id, s->of->group_id, sizeof c.group_id);
                s->native = c;
                judge(s, &c);
            }
}

/* --- the algorithm --------------------------------------------------------------------- */

static bool walk(struct search *s, const struct rill_capabilities *of, size_t n)
{
    s->found = false;
    s->candidates = 0;
    for (int p = 0; p < RILL_PROPERTIES; p++)
        s->refused[p] = 0;
    for (s->device = 0; s->device < n; s->device++) {
        s->of = &of[s->device];
        if (s->of->channel_count.max > 0)
            walk_sound(s);
        else
            walk_pictures(s);
    }
    return s->found;
}

/* The constraint that no candidate meets; when it is several together, the hardest. */
static int failed_constraint(const struct search *s)
{
    static const int rows[RILL_PROPERTIES] = {
        [RILL_WIDTH] = RILL_CAPTURE_OVERCONSTRAINED_WIDTH,
        [RILL_HEIGHT] = RILL_CAPTURE_OVERCONSTRAINED_HEIGHT,
        [RILL_FRAME_RATE] = RILL_CAPTURE_OVERCONSTRAINED_FRAME_RATE,
        [RILL_ASPECT_RATIO] = RILL_CAPTURE_OVERCONSTRAINED_ASPECT_RATIO,
        [RILL_FACING_MODE] = RILL_CAPTURE_OVERCONSTRAINED_FACING_MODE,
        [RILL_RESIZE_MODE] = RILL_CAPTURE_OVERCONSTRAINED_RESIZE_MODE,
        [RILL_DEVICE_ID] = RILL_CAPTURE_OVERCONSTRAINED_DEVICE_ID,
        [RILL_GROUP_ID] = RILL_CAPTURE_OVERCONSTRAINED_GROUP_ID,
        [RILL_SAMPLE_RATE] = RILL_CAPTURE_OVERCONSTRAINED_SAMPLE_RATE,
        [RILL_CHANNEL_COUNT] = RILL_CAPTURE_OVERCONSTRAINED_CHANNEL_COUNT,
        [RILL_ECHO_CANCELLATION] = RILL_CAPTURE_OVERCONSTRAINED_ECHO_CANCELLATION,
        [RILL_NOISE_SUPPRESSION] = RILL_CAPTURE_OVERCONSTRAINED_NOISE_SUPPRESSION,
        [RILL_AUTO_GAIN_CONTROL] = RILL_CAPTURE_OVERCONSTRAINED_AUTO_GAIN_CONTROL,
    };
    int worst = 0;
    for (int p = 1; p < RILL_PROPERTIES; p++)
        if (s->refused[p] > s->refused[worst])
            worst = p;
    return rows[worst];
}

int rill_select_settings(const struct rill_constraints *constraints,
                         const struct rill_capabilities *of, size_t n, struct rill_selection *out,
                         struct rill_err *why)
{
    struct search s = {.constraints = constraints ? constraints : &none};
    bool any = walk(&s, of, n);
    if (s.candidates == 0)
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_NOT_FOUND, 0, 0, why);
    if (!any)
        return rill_err_set(&rill_capture_errors, failed_constraint(&s), 0, 0, why);
    struct rill_selection best = s.best;
    /* "For each ConstraintSet in newConstraints.advanced: compute the fitness distance between
     * it and each settings dictionary of candidates; if finite for one or more, keep those." */
    for (size_t i = 0; i < s.constraints->n_advanced; i++) {
        s.keep[i] = true;
        if (walk(&s, of, n))
            best = s.best;
        else
            s.keep[i] = false;
    }
    *out = best;
    return 0;
}
