/* capture/speakers: an ALSA PCM that plays: 48 kHz, two channels in, whatever the card wants out.
 *
 * The idea: it asks for sound (room) and never waits. One that ran dry goes on with the next
 * sound; one that is gone ends itself and nothing else. */
#ifndef RILL_CAPTURE_SPEAKERS_H
#define RILL_CAPTURE_SPEAKERS_H

#include "capture/source.h"

struct rill_speakers;

/* device: as snd_pcm_open() takes it, "default". Errors: RILL_CAPTURE_NOT_FOUND, _NOT_ALLOWED,
 * _NOT_READABLE, _ALSA_FORMAT. */
int rill_speakers_open(const char *device, int64_t now, struct rill_speakers **out,
                       struct rill_err *why);
void rill_speakers_free(struct rill_speakers *s);

/* What to wait for. */
size_t rill_speakers_descriptors(const struct rill_speakers *s,
                                 struct rill_source_fd out[RILL_SOURCE_FDS_MAX]);
int64_t rill_speakers_deadline(const struct rill_speakers *s);

/* Frames at 48 kHz that can be written now. */
size_t rill_speakers_room(struct rill_speakers *s, int64_t now);
/* Up to so many, interleaved. */
void rill_speakers_write(struct rill_speakers *s, int64_t now, const int16_t *stereo,
                         size_t frames);
/* How long until what is written next is heard, µs. */
int64_t rill_speakers_delay(const struct rill_speakers *s);

/* *why (may be NULL): RILL_CAPTURE_DEVICE_LOST. */
bool rill_speakers_ended(const struct rill_speakers *s, struct rill_err *why);
/* The card ran dry so often, and took so many frames at its own rate. */
uint64_t rill_speakers_xruns(const struct rill_speakers *s);
uint64_t rill_speakers_frames(const struct rill_speakers *s);

#endif
