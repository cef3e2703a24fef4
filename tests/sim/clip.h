/* sim/clip: canned encoded media: a VP8 clip (IVF) and an Opus one (Ogg), read from
 * tests/data/call. Only what these two files need of their formats. */
#ifndef RILL_SIM_CLIP_H
#define RILL_SIM_CLIP_H

#include "base/bytes.h"

#define RILL_SIM_CLIP_FRAMES 64

struct rill_sim_clip {
    uint8_t *file;
    size_t n;
    struct rill_view frames[RILL_SIM_CLIP_FRAMES];
};

/* Stops the program when the file is not there. */
void rill_sim_clip_read_ivf(struct rill_sim_clip *c, const char *path);
void rill_sim_clip_read_ogg(struct rill_sim_clip *c, const char *path);
void rill_sim_clip_free(struct rill_sim_clip *c);

#endif
