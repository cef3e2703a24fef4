/* capture/h264: the reader of .h264: access units in Annex B, which have no times of their own: as
 * many a second as the caller says.
 *
 * The idea: the file is walked once in pieces, and where each access unit begins is kept. */
#ifndef RILL_CAPTURE_H264_H
#define RILL_CAPTURE_H264_H

#include "capture/file.h"

struct rill_h264_file {
    struct rill_file *file;
    struct rill_file_index index;
    uint32_t largest; /* bytes */
};

/* file outlives it; close it on success only. Errors: RILL_CAPTURE_H264, _H264_FRAME_SIZE,
 * _NO_FRAMES, _OPEN (memory). */
int rill_h264_file_open(struct rill_h264_file *h, struct rill_file *file, struct rill_err *why);
void rill_h264_file_close(struct rill_h264_file *h);
/* Access unit k into bytes, which has room for `largest`. */
bool rill_h264_file_read(struct rill_h264_file *h, size_t k, uint8_t *bytes);

#endif
