/* fake_card: a sound card of the test's own, as a plug-in of ALSA's userland (ioplug), in the
 * test's own time: it gives and takes what its clock says and no more, and has what goes wrong
 * with cards when the test wants it to.
 *
 * The plug-in runs in the test's process; its configuration carries the address of this. */
#ifndef RILL_TESTS_FAKE_CARD_H
#define RILL_TESTS_FAKE_CARD_H

#include <stddef.h>
#include <stdint.h>

enum fake_format {
    FAKE_S16,
    FAKE_S32,
    FAKE_FLOAT,
};

struct fake_card {
    int64_t now; /* µs, the test's */
    enum fake_format format;
    unsigned rate_hz, channels;
    int32_t ppm;          /* its clock is so much faster */
    int64_t lag;          /* µs that it tells of its sound too late */
    int lost;             /* it was pulled out */
    int suspended;        /* once: the machine slept */
    double tone_hz;       /* what its microphone hears, at half of full scale */
    const int16_t *hears; /* or this, one channel, hears_n samples, then silence */
    size_t hears_n;
    unsigned xruns, resumes;
    /* what its speakers played, the first channel */
    int16_t played[48000 * 70];
    size_t n_played;
};

#endif
