/* encoder: see encoder.h. */
#include "tests/sim/encoder.h"

#include <string.h>

#define KEY_FACTOR 5.0  /* a key frame is so many frames long */
#define REPAID_IN 15.0  /* frames in which a debt would be paid */
#define LEAST_SHARE 0.4 /* of a frame, however great the debt */
#define DEVIATION 0.15  /* of a frame's size; the debt brings the mean of a second within 5 % */
#define LEAST_BYTES 60

void rill_sim_encoder_init(struct rill_sim_encoder *e, uint64_t seed)
{
    *e = (struct rill_sim_encoder){.key_wanted = true};
    rill_rng_seeded_init(&e->generator, seed);
    e->rng = rill_rng_seeded(&e->generator);
}

/* Near enough to Gauss: the sum of twelve. */
static double noise(struct rill_sim_encoder *e)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += rill_rng_below(&e->rng, 1000000) / 1e6;
    return sum;
}

static double length_of(struct rill_sim_encoder *e, double even, bool key)
{
    double n = key ? KEY_FACTOR * even : even - e->debt / REPAID_IN;
    if (n < LEAST_SHARE * even)
        n = LEAST_SHARE * even;
    n *= 1 + DEVIATION * noise(e);
    return n < LEAST_BYTES ? LEAST_BYTES : n > RILL_SIM_FRAME_BYTES ? RILL_SIM_FRAME_BYTES : n;
}

struct rill_view rill_sim_encoder_next(struct rill_sim_encoder *e, uint64_t target_bps, bool *key)
{
    static uint8_t bytes[RILL_SIM_FRAME_BYTES];
    static const uint8_t head[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 176, 0, 144, 0};
    uint64_t *target = &e->targets[e->frames % RILL_SIM_ENCODER_LAG];
    double even = (double)(*target ? *target : target_bps) / 8 / RILL_SIM_FPS;
    *target = target_bps;
    *key = e->key_wanted;
    double n = length_of(e, even, *key);
    e->debt += n - even;
    e->frames++;
    e->key_wanted = false;
    memcpy(bytes, head, sizeof head);
    bytes[0] = *key ? 0x10 : 0x11;
    memcpy(bytes + sizeof head, &e->frames, sizeof e->frames);
    return rill_view_at(bytes, (size_t)n);
}
