/* media/pauses: what is sent of sound while nobody speaks (RFC 3389 §5).
 *
 * The idea: a frame is speech and is sent; or a pause begins, and instead of the frame what the
 * pause sounds like; then nothing, but that again soon, for it may have been lost, when it has
 * changed, and now and then. */
#ifndef RILL_MEDIA_PAUSES_H
#define RILL_MEDIA_PAUSES_H

#include "media/noise.h"
#include "media/speech.h"

enum rill_pauses_send {
    RILL_PAUSES_SOUND, /* the frame itself */
    RILL_PAUSES_NOISE, /* what the pause sounds like */
    RILL_PAUSES_NOTHING,
};

/* Zero it to begin. */
struct rill_pauses {
    struct rill_speech speech;
    struct rill_noise_heard heard;
    struct rill_comfort_noise told; /* last */
    bool pausing, twice;            /* it was told once, and once more */
    bool talkspurt;                 /* the frame is the first one behind a pause (RFC 3551 §4.1) */
    unsigned since;                 /* frames since it was told */
};

/* 20 ms of 8 kHz; p->told is what to send with NOISE. */
enum rill_pauses_send rill_pauses_take(struct rill_pauses *p, const int16_t *samples, size_t n);

#endif
