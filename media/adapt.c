#include "media/adapt.h"

static const struct {
    double scale, rate;
} steps[RILL_ADAPT_STEPS] = {{1, 1}, {1, 2}, {1.5, 2}, {2, 2}, {3, 2}, {4, 2}};

/* Bits a pixel: of VP8 at 30 pictures a second 640x480 with less than 180 kbit/s, and 1280x720 with
 * less than 550, are better half as often. */
#define LEAST 0.02
/* What a step up takes more than its least. */
#define TO_SPARE 1.5
/* Never below these. */
#define FPS_LEAST 10.0
#define PIXELS_LEAST (160 * 120)

#define THIN_AFTER (RILL_SECOND / 2)
#define SHRINK_AFTER (2 * RILL_SECOND)
#define UP_AFTER (4 * RILL_SECOND)

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
    while (step > 0 && suffices(step - 1, p, bps / TO_SPARE))
        step--;
    return step;
}

static int64_t patience(const struct rill_adapt *a)
{
    if (a->next < a->step)
        return UP_AFTER;
    return steps[a->next].scale > steps[a->step].scale ? SHRINK_AFTER : THIN_AFTER;
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
    a->step = a->next;
    a->since = time;
    return true;
}

double rill_adapt_scale(const struct rill_adapt *a)
{
    return steps[a->step].scale;
}

double rill_adapt_fps(const struct rill_adapt *a, double fps)
{
    return fps_of(a->step, fps);
}
