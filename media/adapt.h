/* media/adapt: how large and how often pictures are that a bit rate suffices for.
 *
 * The idea: below so many bits a pixel an encoder shows blocks, and then a smaller picture is a
 * better one; how many those are, depends on what is to be seen, and the encoder tells: it cannot
 * keep to its rate, and drops pictures, or quantizes as coarsely as it may. A ladder leads down by
 * size, since movement is missed sooner than detail; each step begins with a key frame. Down after
 * a moment, up only when the rate has sufficed with something to spare for a while, and the encoder
 * has had it easy, so that a target that sways moves nothing. */
#ifndef RILL_MEDIA_ADAPT_H
#define RILL_MEDIA_ADAPT_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

#define RILL_ADAPT_STEPS 6

struct rill_adapt {
    size_t step; /* 0: as the picture is */
    bool started;
    size_t next;   /* the step that is due, when it is another one */
    int64_t since; /* it has been since then */
    double dropped,
        coarse; /* of the last half second or so: shares, of pictures and of the scale */
    bool rose;  /* at rose_at */
    int64_t rose_at;
    int64_t patience; /* before it rises; 0: none of it was in vain yet */
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
/* What became of it: dropped by the encoder's rate control, or quantized so coarsely, 0 to 1. */
void rill_adapt_dropped(struct rill_adapt *a);
void rill_adapt_encoded(struct rill_adapt *a, double coarse);
/* What the step does: the size is divided by this, ≥ 1; and pictures a second at most. */
double rill_adapt_scale(const struct rill_adapt *a);
double rill_adapt_fps(const struct rill_adapt *a, double fps);

#endif
