/* media/playout_private: a playout, as what is played (playout.c) and how long it waits
 * (playout_length.c) share it. */
#ifndef RILL_MEDIA_PLAYOUT_PRIVATE_H
#define RILL_MEDIA_PLAYOUT_PRIVATE_H

#include "media/playout.h"
#include "media/sound_queue.h"
#include "media/stretch.h"

/* What is decoded and not yet played. */
#define RILL_PLAYOUT_DECODED (4 * RILL_STRETCH_FRAMES_MAX + RILL_PLAYOUT_PACKET_MAX)
/* What is made up comes in steps of so many samples. */
#define RILL_PLAYOUT_STEP 120

struct rill_playout {
    struct rill_playout_config config;
    struct rill_sound_queue queue;
    struct rill_delay delay;
    int64_t least;
    bool heard; /* a packet has come: */
    uint32_t last_rtp;
    int64_t last_ticks;
    uint16_t last_seq; /* of the newest by its number */
    bool playing, paused;
    bool ends;        /* what was said, softly */
    bool pause_asked; /* once what waits is played */
    /* Of a pause whose noise the sender told: where it is, and when that came. */
    bool noise_told;
    uint32_t noise_rtp;
    int64_t noise_arrived, noise_made; /* samples, since */
    int64_t next;                      /* where what is decoded ends */
    bool has_seq;
    uint16_t seq;    /* of the packet decoded last */
    int frames;      /* in it */
    int64_t owed;    /* made up while nothing was there; whether it was lost is not known yet */
    int64_t made_up; /* without a break */
    bool concealing;
    double gain;
    int16_t decoded[2 * RILL_PLAYOUT_DECODED];
    size_t n_decoded;
    unsigned since_change; /* chunks since the length was changed */
    struct rill_playout_stats stats;
};

static inline int64_t rill_playout_us(int64_t samples)
{
    return samples * 1000 / 48;
}

/* playout.c: the packet that waits first; and the least delay that the network asks for, with what
 * is asked from outside. */
void rill_playout_decode_first(struct rill_playout *p, int64_t now);
int64_t rill_playout_target(const struct rill_playout *p, int64_t now);

/* playout_length.c. Of what is played next: the time since it could have come at the earliest. */
int64_t rill_playout_delay(const struct rill_playout *p, int64_t now);
/* A period of what is decoded is left out or said again where the delay is off the target. */
void rill_playout_change_length(struct rill_playout *p, int64_t now);

#endif
