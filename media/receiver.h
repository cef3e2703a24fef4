/* media/receiver: one receiving pipeline: encoded frames → files, decoder → figures and sinks.
 *
 * The idea: what came is written as it came, then decoded; the decoded side proves that the
 * media is real: picture count and size, the burnt-in numbers, the tone's frequency.
 */
#ifndef RILL_MEDIA_RECEIVER_H
#define RILL_MEDIA_RECEIVER_H

#include "base/clock.h"
#include "codec/codec.h"
#include "media/errors.h"

struct rill_receiver;

struct rill_receiver_config {
    enum rill_codec_id codec;
    const char *record;   /* .ivf or .ogg path, NULL for none */
    const char *snapshot; /* .png of the last picture, written at close; NULL for none */
    uint32_t ogg_serial;
};

int rill_receiver_new(const struct rill_receiver_config *config, struct rill_receiver **out,
                      struct rill_err *why);
/* Errors: a row of codec (the frame could not be decoded: ask for a key frame) or capture. */
int rill_receiver_frame(struct rill_receiver *r, int64_t now, const struct rill_frame *f);
/* Closes the files; returns the first error of writing them. */
int rill_receiver_close(struct rill_receiver *r, struct rill_err *why);
void rill_receiver_free(struct rill_receiver *r);

struct rill_receiver_stats {
    uint64_t frames, bytes, decoded, errors;
    int64_t first, last; /* time of the first and last decoded one, 0 when none */
    uint32_t width, height;
    /* The test pattern's numbers: how many were read, the first, the last, and how many
     * did not follow the one before. */
    uint64_t numbers;
    int32_t number_first, number_last;
    uint64_t number_gaps;
    /* The tone: strongest frequency of the decoded sound, Hz; 0 in silence. */
    uint32_t tone_hz;
    uint64_t samples;
};
void rill_receiver_stats(const struct rill_receiver *r, struct rill_receiver_stats *out);

#endif
