#include "media/adapt.h"

static const struct {
    double scale, rate;
} steps[RILL_ADAPT_STEPS] = {{1, 1}, {4.0 / 3, 1}, {2, 1}, {8.0 / 3, 1}, {4, 1}, {4, 2}};

/* Bits a pixel: of VP8 at 30 pictures a second 640x480 with less than 180 kbit/s, and 1280x720 with
 * less than 550, are better smaller, whatever they show. */
#define LEAST 0.02
/* What a step up takes more than its least. */
#define TO_SPARE 1.5
/* Never below these. */
#define FPS_LEAST 10.0
#define PIXELS_LEAST (160 * 120)

/* Each picture counts for so much. */
#define WEIGHT (1.0 / 16)
/* So many dropped are too many; so coarse is as coarse as may be, or fine enough to be larger. */
#define MANY_DROPPED 0.3
#define TOO_COARSE 0.8
#define FINE 0.5

#define DROPPED_AFTER (RILL_SECOND / 2)
#define DOWN_AFTER RILL_SECOND
#define COARSE_AFTER (2 * RILL_SECOND)
#define UP_AFTER (4 * RILL_SECOND)
/* A step up that did not last so long was in vain: the next one waits twice as long. */
#define IN_VAIN (10 * RILL_SECOND)
#define UP_AFTER_MOST (32 * RILL_SECOND)

static double fps_of(size_t step, double fps)
{
    double least = fps < FPS_LEAST ? fps : FPS_LEAST, slower = fps / steps[step].rate;
    return slower > least ? slower : least;
}

static double pixels_of(size_t step, const struct rill_adapt_picture *p)
{
    return (double)p->width * p->height / (steps[step].scale * steps[step].scale);
}

static bool suffices(size_t step, const struct rill_adapt_picture *p, double bps)
{
    return bps >= LEAST * pixels_of(step, p) * fps_of(step, p->fps);
}

/* The last step whose picture is not too small. */
static size_t last_of(const struct rill_adapt_picture *p)
{
    size_t last = RILL_ADAPT_STEPS - 1;
    while (steps[last].scale > 1 && pixels_of(last, p) < PIXELS_LEAST)
        last--;
    return last;
}

static size_t due(const struct rill_adapt *a, const struct rill_adapt_picture *p, double bps)
{
    size_t step = a->step, last = last_of(p);
    if (step > last)
        return last;
    while (step < last && !suffices(step, p, bps))
        step++;
    if (step > a->step)
        return step;
    if (step < last && (a->dropped > MANY_DROPPED || a->coarse > TOO_COARSE))
        return step + 1;
    if (a->coarse > FINE)
        return step;
    while (step > 0 && suffices(step - 1, p, bps / TO_SPARE))
        step--;
    return step;
}

static int64_t patience(const struct rill_adapt *a)
{
    if (a->next < a->step)
        return a->patience ? a->patience : UP_AFTER;
    return a->dropped > MANY_DROPPED ? DROPPED_AFTER
           : a->coarse > TOO_COARSE  ? COARSE_AFTER
                                     : DOWN_AFTER;
}

static void remember(struct rill_adapt *a, int64_t time)
{
    int64_t waited = a->patience ? a->patience : UP_AFTER;
    if (a->next < a->step) {
        a->rose = true;
        a->rose_at = time;
    } else if (a->rose) {
        bool in_vain = time - a->rose_at < IN_VAIN;
        a->patience = in_vain ? rill_earlier(2 * waited, UP_AFTER_MOST) : 0;
        a->rose = false;
    }
}

static void change(struct rill_adapt *a, int64_t time)
{
    remember(a, time);
    a->step = a->next;
    a->since = time;
    /* What another size gives is not known yet. */
    a->dropped = 0;
    a->coarse = (FINE + TOO_COARSE) / 2;
}

bool rill_adapt_picture(struct rill_adapt *a, int64_t time, const struct rill_adapt_picture *p,
                        uint32_t bitrate_bps)
{
    size_t step = due(a, p, bitrate_bps);
    if (!a->started || step != a->next) {
        a->started = true;
        a->next = step;
        a->since = time;
    }
    if (a->next == a->step || time - a->since < patience(a))
        return false;
    change(a, time);
    return true;
}

void rill_adapt_dropped(struct rill_adapt *a)
{
    a->dropped += (1 - a->dropped) * WEIGHT;
}

void rill_adapt_encoded(struct rill_adapt *a, double coarse)
{
    a->dropped -= a->dropped * WEIGHT;
    a->coarse += (coarse - a->coarse) * WEIGHT;
}

double rill_adapt_scale(const struct rill_adapt *a)
{
    return steps[a->step].scale;
}

double rill_adapt_fps(const struct rill_adapt *a, double fps)
{
    return fps_of(a->step, fps);
}
