/* capture/alsa_private: what microphones and speakers have in common: opening a PCM, agreeing on
 * a format, recovering, and waiting.
 *
 * The idea: sound goes to and fro as the card wants it (16 or 32 bits or float, its own rate,
 * its own number of channels) and is made 48 kHz on our side. A PCM that is suspended or ran
 * over is prepared again and counted; one that is gone is gone.
 *
 * Some PCMs (null, file) are ready at all times, and would take or give an hour in a second. So
 * time itself bounds what passes: no more than the clock says, and a fifth of a percent. */
#ifndef RILL_CAPTURE_ALSA_PRIVATE_H
#define RILL_CAPTURE_ALSA_PRIVATE_H

#include "capture/rate.h"
#include "capture/source.h"

#include <alsa/asoundlib.h>

#define RILL_ALSA_CHANNELS_MAX 8
#define RILL_ALSA_CHUNK 2048 /* frames at once */

struct rill_alsa {
    snd_pcm_t *pcm; /* NULL: gone */
    snd_pcm_format_t format;
    unsigned channels, rate_hz;
    snd_pcm_uframes_t buffer, period;
    int64_t since;    /* the clock that bounds it runs from here */
    uint64_t passed;  /* frames since then */
    bool ahead;       /* of that clock */
    int64_t again_at; /* 0, or when to try again */
    unsigned failures;
    uint64_t xruns;
    struct rill_err why; /* it is gone */
    uint8_t raw[RILL_ALSA_CHUNK * RILL_ALSA_CHANNELS_MAX * 4];
};

/* name: as snd_pcm_open() takes it. Errors: NOT_FOUND, NOT_ALLOWED, NOT_READABLE, ALSA_FORMAT. */
int rill_alsa_open(struct rill_alsa *a, const char *name, snd_pcm_stream_t stream,
                   unsigned channels, struct rill_err *why);
void rill_alsa_close(struct rill_alsa *a);

/* After an error of a PCM call: 0 when it may be used again now, else it waits or is gone. */
int rill_alsa_recover(struct rill_alsa *a, int64_t now, int error);
/* Of the frames that are wanted those that time allows by now. Fewer than a period: nothing is
 * to be had, and the clock will say when, not a descriptor. */
size_t rill_alsa_may(struct rill_alsa *a, int64_t now, size_t want);
void rill_alsa_passed(struct rill_alsa *a, int64_t now, size_t frames);
/* When to come back although no descriptor says so; RILL_NEVER. */
int64_t rill_alsa_deadline(const struct rill_alsa *a);
size_t rill_alsa_descriptors(const struct rill_alsa *a, struct rill_source_fd *out);
void rill_alsa_polled(struct rill_alsa *a, const struct rill_source_fd *fds, size_t n);

/* One or two channels of 16 bits from and to what is in raw. */
void rill_alsa_from_raw(const struct rill_alsa *a, int16_t *out, unsigned channels, size_t frames);
void rill_alsa_to_raw(struct rill_alsa *a, const int16_t *stereo, size_t frames);

/* ALSA's complaints on standard error are not for whoever uses rill: errors come as values. */
void rill_alsa_quiet(void);

#endif
