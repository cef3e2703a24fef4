/* sim/encoder: frames as long as a video encoder's would be, without pictures (RFC 8593 §4's idea,
 * with numbers of our own).
 *
 * The idea: an encoder follows a target late, never hits it, and pays for a key frame with the
 * frames behind it. Sizes come from a seed; the bytes are only bytes behind a VP8 frame's head. */
#ifndef RILL_SIM_ENCODER_H
#define RILL_SIM_ENCODER_H

#include "base/frame.h"
#include "base/rng.h"

#include <stdbool.h>

#define RILL_SIM_FPS 30
#define RILL_SIM_FRAME_BYTES 60000
#define RILL_SIM_ENCODER_LAG 3 /* frames from a target to its effect: 100 ms (RFC 8867 §4.3) */

struct rill_sim_encoder {
    struct rill_rng_seeded generator;
    struct rill_rng rng;
    uint64_t targets[RILL_SIM_ENCODER_LAG];
    uint64_t frames;
    double debt; /* bytes sent above the target so far */
    bool key_wanted;
};

void rill_sim_encoder_init(struct rill_sim_encoder *e, uint64_t seed);
/* Bytes of the next frame, and whether it is a key frame; they live until the next call of any. */
struct rill_view rill_sim_encoder_next(struct rill_sim_encoder *e, uint64_t target_bps, bool *key);

#endif
