/* capture/voice: what a microphone's sound goes through, by libspeexdsp: echo cancellation,
 * noise suppression and automatic gain, each on or off as the W3C's constraint of that name
 * says (Media Capture and Streams §4.3.8). */
#ifndef RILL_CAPTURE_VOICE_H
#define RILL_CAPTURE_VOICE_H

#include "base/frame.h"
#include "capture/constraints.h"
#include "capture/echo.h"

struct rill_voice;

/* Blocks of 960 frames at 48 kHz, 1 or 2 channels. echo: NULL when nothing is played. NULL when
 * memory is out. */
struct rill_voice *rill_voice_new(uint8_t channels, struct rill_echo *echo);
void rill_voice_free(struct rill_voice *v);
/* What the three flags of the settings say, from the next block on. */
void rill_voice_apply(struct rill_voice *v, const struct rill_settings *settings);
/* One block, in place; pcm->time: when its first sample was heard. */
void rill_voice_run(struct rill_voice *v, struct rill_pcm *pcm);

#endif
