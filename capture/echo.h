/* capture/echo: what the speakers play, for the microphone to leave out.
 *
 * The idea: the player writes what will sound and when; the microphone asks for what sounded at
 * a time. The two may be in different threads: a lock is held for a copy, no longer. */
#ifndef RILL_CAPTURE_ECHO_H
#define RILL_CAPTURE_ECHO_H

#include "base/frame.h"

struct rill_echo;

struct rill_echo *rill_echo_new(void); /* NULL when memory is out */
void rill_echo_free(struct rill_echo *e);
/* Sound at 48 kHz whose first sample is heard at time, monotonic µs. */
void rill_echo_played(struct rill_echo *e, int64_t time, const struct rill_pcm *pcm);
/* What was heard from time on, one channel; what was not played is silence. */
void rill_echo_heard(struct rill_echo *e, int64_t time, int16_t *out, size_t frames);

#endif
