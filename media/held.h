/* media/held: pictures that are to be shown a little later.
 *
 * The idea: the decoder's pixels are gone with its next picture, so what waits is a copy. There are
 * few, and when there is no room the oldest is shown before its time. */
#ifndef RILL_MEDIA_HELD_H
#define RILL_MEDIA_HELD_H

#include "base/clock.h"
#include "base/frame.h"

#define RILL_HELD_MAX 24

/* Zero it to begin. */
struct rill_held {
    struct rill_held_picture {
        struct rill_image image; /* over bytes; its time is the one it was put with */
        uint8_t *bytes;
    } pictures[RILL_HELD_MAX];
    size_t first, n;
};

/* The pixels of a picture of the same size. */
void rill_held_copy(struct rill_image *to, const struct rill_image *from);
/* A copy of the picture waits; false when there is no memory for it. There is room: n <
 * RILL_HELD_MAX. */
bool rill_held_put(struct rill_held *h, const struct rill_image *image);
/* The oldest, or NULL; and it goes. Its pixels live until so many more were put. */
const struct rill_image *rill_held_first(const struct rill_held *h);
void rill_held_pass(struct rill_held *h);
void rill_held_free(struct rill_held *h);

#endif
