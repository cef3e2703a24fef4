/* capture/wav: the WAVE reader: PCM, float and G.711 samples in RIFF chunks.
 *
 *     "RIFF" | size 32 | "WAVE"
 *     "fmt " | size 32 | encoding 16 | channels 16 | rate 32 | bytes a second 32
 *                      | block 16 | bits 16 [| extension]
 *     "data" | size 32 | samples
 *
 * Numbers are little-endian, chunks begin at even offsets, others are passed over. Sound that was
 * written to a pipe, or broken off, goes to the end of the file, whatever its size says. */
#ifndef RILL_CAPTURE_WAV_H
#define RILL_CAPTURE_WAV_H

#include "base/field.h"
#include "base/frame.h"
#include "capture/file.h"

struct rill_wav {
    struct rill_file *file;
    uint32_t rate_hz;
    uint8_t channels;
    uint8_t sample_bytes;
    bool is_float;
    enum rill_codec_id law; /* of G.711; RILL_CODEC_NONE: neither */
    uint64_t data_at;
    uint64_t frames; /* samples a channel */
    uint64_t next;
};

extern const struct rill_field_table rill_wav_format_fields;

/* file outlives it. Errors: RILL_CAPTURE_WAV_*. */
int rill_wav_open(struct rill_wav *w, struct rill_file *file, struct rill_err *why);

/* One sample a channel (the second is 0 of a mono file); false at the end. */
bool rill_wav_read(struct rill_wav *w, int16_t out[2]);
bool rill_wav_rewind(struct rill_wav *w);

#endif
