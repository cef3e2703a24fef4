/* media/conceal: sound that never came, for codecs that have no concealment of their own.
 *
 * The idea: the last period of what was heard goes on, as in a voice that holds its vowel; what
 * comes again fades in over it. (Opus knows better: codec/.) */
#ifndef RILL_MEDIA_CONCEAL_H
#define RILL_MEDIA_CONCEAL_H

#include "base/frame.h"
#include "media/stretch.h"

#define RILL_CONCEAL_PAST (2 * RILL_STRETCH_MOST)

/* Zero it to begin. */
struct rill_conceal {
    int16_t past[2 * RILL_CONCEAL_PAST], period[2 * RILL_STRETCH_MOST];
    size_t frames, at; /* of the period, and of what is made; 0: nothing is */
    size_t back;       /* of what came again, so much is faded in */
    double offset[2];  /* from the last sample to the period, to be bridged */
};

/* Sound at 48 kHz, one or two channels, was decoded: its beginning fades in where it has to, behind
 * the first `lag` frames, which are of the packet before it. */
void rill_conceal_heard(struct rill_conceal *c, size_t lag, struct rill_pcm *pcm);
/* The next so many frames, two channels. */
void rill_conceal_make(struct rill_conceal *c, int16_t *out, size_t frames);

#endif
