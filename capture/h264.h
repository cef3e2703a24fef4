/* capture/h264: the reader of .h264: access units in Annex B, which have no times of their own: as
 * many frames a second as the caller says. They stand in decoding order, and so they are due; of
 * pictures that are coded as two fields each is an access unit (H.264 §7.4.1.2), and the second is
 * due half a frame's time behind the first.
 *
 * The idea: the file is walked once in pieces, and where each access unit begins is kept. */
#ifndef RILL_CAPTURE_H264_H
#define RILL_CAPTURE_H264_H

#include "capture/file.h"

struct rill_h264_file {
    struct rill_file *file;
    struct rill_file_index index;
    int64_t halves;   /* of a frame's time, that all take; elapsed of the index counts them, too */
    uint32_t largest; /* bytes */
};

/* file outlives it; close it on success only. Errors: RILL_CAPTURE_H264, _H264_FRAME_SIZE,
 * _NO_FRAMES, _OPEN (memory). */
int rill_h264_file_open(struct rill_h264_file *h, struct rill_file *file, struct rill_err *why);
void rill_h264_file_close(struct rill_h264_file *h);
/* Access unit k into bytes, which has room for `largest`. */
bool rill_h264_file_read(struct rill_h264_file *h, size_t k, uint8_t *bytes);

#endif
