/* capture/opus_file: Ogg Opus (RFC 7845) read and decoded, by libopusfile.
 *
 * A file that was cut short is as long as its last whole page says: a recording whose program
 * died plays up to there. */
#ifndef RILL_CAPTURE_OPUS_FILE_H
#define RILL_CAPTURE_OPUS_FILE_H

#include "capture/file.h"

struct rill_opus_file;

/* file outlives it. Errors: RILL_CAPTURE_OGG_HEADER, _OGG_FEATURE, _OGG_EMPTY, _OPEN (memory). */
int rill_opus_file_open(struct rill_file *file, struct rill_opus_file **out, struct rill_err *why);
void rill_opus_file_close(struct rill_opus_file *o);

uint8_t rill_opus_file_channels(const struct rill_opus_file *o); /* 1 or 2 */
uint64_t rill_opus_file_frames(const struct rill_opus_file *o);  /* at 48 kHz */
/* n samples, interleaved; at the end it begins again, without a gap, or gives silence. False
 * when the file can no longer be read. */
bool rill_opus_file_fill(struct rill_opus_file *o, bool loop, int16_t *samples, size_t n);

#endif
