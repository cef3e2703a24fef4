/* media/adapt: how large and how often pictures are that a bit rate suffices for.
 *
 * The idea: below so many bits a pixel an encoder shows blocks, and then a smaller picture is a
 * better one. A ladder leads down: first half as many pictures a second, which costs nothing, then
 * smaller ones, each of which begins with a key frame. Down after a moment, up only when the rate
 * has sufficed with something to spare for a while, so that a target that sways moves nothing. */
#ifndef RILL_MEDIA_ADAPT_H
#define RILL_MEDIA_ADAPT_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

#define RILL_ADAPT_STEPS 6

struct rill_adapt {
    size_t step; /* 0: as the picture is */
    bool started;
    int64_t began;
    size_t next;   /* the step that is due, when it is another one */
    int64_t since; /* it has been since then */
};

/* Of the whole picture; fps as the source has it. */
struct rill_adapt_picture {
    uint32_t width, height;
    double fps;
};

/* A picture is to be encoded at this time, with so many bits a second: true when the step changes.
 */
bool rill_adapt_picture(struct rill_adapt *a, int64_t time, const struct rill_adapt_picture *p,
                        uint32_t bitrate_bps);
/* What the step does: the size is divided by this, ≥ 1; and pictures a second at most. */
double rill_adapt_scale(const struct rill_adapt *a);
double rill_adapt_fps(const struct rill_adapt *a, double fps);

#endif
