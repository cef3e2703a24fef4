/* media/receiver: one receiving pipeline: encoded frames → files, decoder → figures and sinks.
 *
 * The idea: what came is written as it came, then decoded; the decoded side proves that the
 * media is real: picture count and size, the burnt-in numbers, the tone's frequency.
 */
#ifndef RILL_MEDIA_RECEIVER_H
#define RILL_MEDIA_RECEIVER_H

#include "base/clock.h"
#include "base/trace.h"
#include "codec/codec.h"
#include "media/errors.h"

struct rill_receiver;

struct rill_receiver_config {
    enum rill_codec_id codec;
    const char *record;   /* .ivf or .ogg path, NULL for none */
    const char *snapshot; /* .png of the last picture, written at close; NULL for none */
    uint32_t ogg_serial;
    uint32_t max_pixels;            /* of a picture; 0: 4096 × 2304 */
    const struct rill_trace *trace; /* NULL for none; outlives the receiver */
};

int rill_receiver_new(const struct rill_receiver_config *config, struct rill_receiver **out,
                      struct rill_err *why);
/* Errors: a row of codec (the frame could not be decoded: ask for a key frame), of media (the
 * frame is not of this stream, or late), or of capture (the file could not be written: told
 * once, then recording stops and decoding goes on). */
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
    uint64_t samples;   /* decoded, a channel */
    uint64_t concealed; /* of these, made up for what never came */
};
/* The tone costs a Fourier transform, some 3 ms: ask once a second, not for each frame. */
void rill_receiver_stats(const struct rill_receiver *r, struct rill_receiver_stats *out);

#endif
