/* capture/h264_write: received H.264 kept as .h264: access units in Annex B, one after the other.
 */
#include "capture/record.h"

#include "capture/record_file.h"

#include <stdio.h>

struct rill_h264_writer {
    FILE *stream;
    bool begun;
};

int rill_h264_writer_open(const char *path, struct rill_h264_writer **out, struct rill_err *why)
{
    FILE *stream;
    struct rill_h264_writer *w = rill_record_open(path, sizeof *w, &stream, why);
    if (!w)
        return RILL_CAPTURE_OPEN;
    w->stream = stream;
    *out = w;
    return 0;
}

int rill_h264_writer_frame(struct rill_h264_writer *w, const struct rill_frame *f)
{
    if (f->codec != RILL_CODEC_H264)
        return RILL_CAPTURE_RECORD_CODEC;
    w->begun = w->begun || f->keyframe;
    if (!w->begun || f->bytes.n == 0)
        return 0;
    return fwrite(f->bytes.p, f->bytes.n, 1, w->stream) == 1 && fflush(w->stream) == 0
               ? 0
               : RILL_CAPTURE_WRITE;
}

int rill_h264_writer_close(struct rill_h264_writer *w)
{
    if (!w)
        return 0;
    return rill_record_close(w, w->stream, true);
}
