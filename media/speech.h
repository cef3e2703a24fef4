/* media/speech: does anybody speak? (A voice activity detector, of energy alone.)
 *
 * The idea: the floor is the quietest that the last three seconds have been, and even who speaks
 * without a break leaves gaps as short as a frame; what stands out from the floor is speech, and so
 * is a while behind it, for words end softly. What is loud is never a pause, however steady: music,
 * or a tone. */
#ifndef RILL_MEDIA_SPEECH_H
#define RILL_MEDIA_SPEECH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RILL_SPEECH_SPANS 8

/* Zero it to begin. */
struct rill_speech {
    double quietest[RILL_SPEECH_SPANS]; /* dBov, of each span; the last one goes on */
    unsigned frames;                    /* in that one */
    unsigned spans;                     /* that there are */
    unsigned hangover;                  /* frames that count as speech yet */
    bool stands_out;                    /* the last frame, by itself */
};

/* 20 ms of 8 kHz. */
bool rill_speech_take(struct rill_speech *s, const int16_t *samples, size_t n);

#endif
