/* media/player: received sound to the speakers: a queue a stream, mixed as the card asks.
 *
 * The idea: the sender's clock fills a queue and the card's empties it, and the two are never
 * quite equal. So each queue is read a little faster or slower (resampled, by at most half a
 * percent), as its level says, and neither runs over nor dry. */
#ifndef RILL_MEDIA_PLAYER_H
#define RILL_MEDIA_PLAYER_H

#include "base/clock.h"
#include "base/frame.h"
#include "base/trace.h"
#include "capture/source.h"
#include "capture/speakers.h"
#include "media/errors.h"

struct rill_player;
#define RILL_PLAYER_STREAMS_MAX 16

struct rill_player_config {
    const char *device;     /* as of rill_speakers_open() */
    int64_t cushion;        /* of sound in a queue, for how unevenly it comes, µs [60 ms] */
    struct rill_echo *echo; /* hears what is played; NULL for none. Outlives the player. */
    const struct rill_trace *trace; /* NULL for none; outlives the player */
};

/* Errors: as of rill_speakers_open(). */
int rill_player_new(const struct rill_player_config *config, int64_t now, struct rill_player **out,
                    struct rill_err *why);
void rill_player_free(struct rill_player *p);
/* A stream's number, or -1: there are too many. */
int rill_player_add(struct rill_player *p);
/* How long what comes now waits until it is heard, µs. */
int64_t rill_player_delay(const struct rill_player *p, int stream);
/* Decoded sound at 48 kHz, whose turn it is. Too much of it is left out, oldest first. */
void rill_player_pcm(struct rill_player *p, int stream, const struct rill_pcm *pcm);

/* What to wait for; then run. */
size_t rill_player_descriptors(const struct rill_player *p,
                               struct rill_source_fd out[RILL_SOURCE_FDS_MAX]);
int64_t rill_player_deadline(const struct rill_player *p);
void rill_player_run(struct rill_player *p, int64_t now);
/* The card is gone, and only the call goes on. *why: as of rill_speakers_ended(). */
bool rill_player_ended(const struct rill_player *p, struct rill_err *why);

struct rill_player_stats {
    uint64_t frames;    /* the card took, at its own rate */
    uint64_t xruns;     /* of the card */
    uint64_t underruns; /* a queue ran dry while its stream was playing */
    uint64_t overruns;  /* sound was left out because a queue was full */
    /* RTCAudioPlayoutStats, of samples at 48 kHz: what the card was given, how much of that was
     * silence for want of sound whose turn it was and how often that began, and the sum over all of
     * how long until each is heard, s. */
    uint64_t samples, synthesized, synthesized_events;
    double delay;
    int32_t drift_ppm; /* the first stream is read so much faster, in the long run */
};
void rill_player_stats(const struct rill_player *p, struct rill_player_stats *out);

#endif
