/* media/shared_source: one source and the tracks that take from it.
 *
 * The idea: items are numbered. Whoever has seen all that were taken takes the next; whoever
 * has not gets what the others saw. Of pictures and frames the last is kept, of sound the last
 * few blocks. */
#ifndef RILL_MEDIA_SHARED_SOURCE_H
#define RILL_MEDIA_SHARED_SOURCE_H

#include "capture/source.h"

#define RILL_SHARED_BLOCKS 8
#define RILL_SHARED_BLOCK_FRAMES 960

struct rill_shared_source {
    struct rill_source *source;
    unsigned users;
    bool started;
    uint64_t taken;
    struct rill_image image;
    struct rill_frame frame;
    struct rill_pcm pcm[RILL_SHARED_BLOCKS];
    int16_t samples[RILL_SHARED_BLOCKS][RILL_SHARED_BLOCK_FRAMES * 2];
};

/* The next item for one that has seen *seen; *missed grows by those it came too late for. */
bool rill_shared_image(struct rill_shared_source *s, int64_t now, uint64_t *seen, uint64_t *missed,
                       struct rill_image *out);
bool rill_shared_pcm(struct rill_shared_source *s, int64_t now, uint64_t *seen, uint64_t *missed,
                     struct rill_pcm *out);
bool rill_shared_frame(struct rill_shared_source *s, int64_t now, uint64_t *seen, uint64_t *missed,
                       struct rill_frame *out);

#endif
