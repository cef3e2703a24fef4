/* media/output: one file that keeps what is received: a name's ending says what is in it.
 *
 *   .webm .mkv       all streams, as they came
 *   .ivf             the first picture stream, as it came
 *   .ogg .opus       the first sound, as it came
 *   .wav             the first sound, decoded
 *   .y4m             the first picture stream, decoded
 *   frame-%03d.png   its every picture
 *   .png             its last picture, drawn at the end
 *
 * The idea: a file that cannot be written ends, and nothing else does: the first error is told
 * once, and later calls do nothing. */
#ifndef RILL_MEDIA_OUTPUT_H
#define RILL_MEDIA_OUTPUT_H

#include "base/clock.h"
#include "base/frame.h"
#include "media/errors.h"

struct rill_output;

/* Is the name that of a file? Else it is a directory's or a device's. */
bool rill_output_is_file(const char *name);
/* Has it an ending, but none of these? Then a file was meant, or NAME/ was. */
bool rill_output_is_misnamed(const char *name);
/* Opens the file. Errors: RILL_CAPTURE_OPEN, _WRITE, _PNG_PATTERN; RILL_MEDIA_OUTPUT_NAME. */
int rill_output_new(const char *path, uint32_t ogg_serial, struct rill_output **out,
                    struct rill_err *why);
const char *rill_output_path(const struct rill_output *o);
/* Can it keep what comes in this codec? */
bool rill_output_takes(const struct rill_output *o, enum rill_codec_id codec);
/* A stream begins: its number in this file, or -1 when the file does not take it. */
int rill_output_add(struct rill_output *o, enum rill_kind kind);

/* Each comes as a frame and then decoded, and the file takes what it keeps. time: µs on the
 * clock of media/sync. Returns 0, or a row of capture, once: then the recording has ended. */
int rill_output_frame(struct rill_output *o, int stream, int64_t time, const struct rill_frame *f);
int rill_output_image(struct rill_output *o, int stream, int64_t time,
                      const struct rill_image *image);
int rill_output_pcm(struct rill_output *o, int stream, int64_t time, const struct rill_pcm *pcm);
/* What ended it; false when nothing did. */
bool rill_output_failed(const struct rill_output *o, struct rill_err *why);

/* Completes the file. The first error of all. */
int rill_output_close(struct rill_output *o, struct rill_err *why);
void rill_output_free(struct rill_output *o);

#endif
