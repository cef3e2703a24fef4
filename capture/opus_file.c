#include "capture/opus_file.h"

#include <errno.h>
#include <opus/opusfile.h>
#include <stdlib.h>
#include <string.h>

/* RFC 6716 §2.1.4: a packet lasts 120 ms at most. */
#define PACKET_MAX 5760

struct rill_opus_file {
    OggOpusFile *ogg;
    uint8_t channels;
    uint64_t frames;
    int16_t read[PACKET_MAX * 2]; /* always two channels */
    size_t at, n;
};

static int read_bytes(void *ctx, unsigned char *out, int n)
{
    struct rill_file *f = ctx;
    size_t left = (size_t)rill_file_left(f), want = n > 0 ? (size_t)n : 0;
    if (want > left)
        want = left;
    return rill_file_read(f, (struct rill_span){out, want}) ? (int)want : OP_EREAD;
}

static int seek(void *ctx, opus_int64 offset, int whence)
{
    struct rill_file *f = ctx;
    opus_int64 from = whence == SEEK_CUR   ? (opus_int64)f->at
                      : whence == SEEK_END ? (opus_int64)f->size
                                           : 0;
    if (offset < -from)
        return -1;
    return rill_file_seek(f, (uint64_t)(from + offset)) ? 0 : -1;
}

static opus_int64 tell(void *ctx)
{
    return (opus_int64)((struct rill_file *)ctx)->at;
}

static int row_of(int error)
{
    switch (error) {
    case OP_EFAULT:
        return RILL_CAPTURE_OPEN;
    case OP_EIMPL:
    case OP_EVERSION:
        return RILL_CAPTURE_OGG_FEATURE;
    case OP_EBADTIMESTAMP:
        return RILL_CAPTURE_OGG_EMPTY;
    default:
        return RILL_CAPTURE_OGG_HEADER;
    }
}

static int refuse(int error, struct rill_err *why)
{
    return rill_err_set(&rill_capture_errors, row_of(error), 0, error == OP_EFAULT ? ENOMEM : 0,
                        why);
}

/* Links of a chained file may differ; two channels hold whatever one has. */
static int measure(struct rill_opus_file *o, struct rill_err *why)
{
    ogg_int64_t total = op_pcm_total(o->ogg, -1);
    o->channels = 1;
    for (int i = 0; i < op_link_count(o->ogg); i++) {
        if (op_channel_count(o->ogg, i) > 2)
            return refuse(OP_EIMPL, why);
        if (op_channel_count(o->ogg, i) == 2)
            o->channels = 2;
    }
    if (total <= 0)
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_OGG_EMPTY, 0, 0, why);
    o->frames = (uint64_t)total;
    return 0;
}

int rill_opus_file_open(struct rill_file *file, struct rill_opus_file **out, struct rill_err *why)
{
    static const OpusFileCallbacks callbacks = {read_bytes, seek, tell, NULL};
    int error = OP_EFAULT;
    struct rill_opus_file *o = calloc(1, sizeof *o);
    if (o)
        o->ogg = op_open_callbacks(file, &callbacks, NULL, 0, &error);
    if (!o || !o->ogg) {
        free(o);
        return refuse(error, why);
    }
    int rc = measure(o, why);
    if (rc < 0) {
        rill_opus_file_close(o);
        return rc;
    }
    *out = o;
    return 0;
}

void rill_opus_file_close(struct rill_opus_file *o)
{
    if (!o)
        return;
    op_free(o->ogg);
    free(o);
}

uint8_t rill_opus_file_channels(const struct rill_opus_file *o)
{
    return o->channels;
}

uint64_t rill_opus_file_frames(const struct rill_opus_file *o)
{
    return o->frames;
}

/* Some samples more; 0 at the end, < 0 when reading failed. A hole was lost before us, and its
 * time with it. */
static int refill(struct rill_opus_file *o)
{
    int n;
    do
        n = op_read_stereo(o->ogg, o->read, PACKET_MAX * 2);
    while (n == OP_HOLE);
    o->at = 0;
    o->n = n > 0 ? (size_t)n : 0;
    return n;
}

static void take(struct rill_opus_file *o, int16_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++, o->at++) {
        *out++ = o->read[2 * o->at];
        if (o->channels == 2)
            *out++ = o->read[2 * o->at + 1];
    }
}

bool rill_opus_file_fill(struct rill_opus_file *o, bool loop, int16_t *samples, size_t n)
{
    bool again = false;
    while (n > 0) {
        int got = o->at < o->n ? 1 : refill(o);
        if (got > 0) {
            size_t part = o->n - o->at < n ? o->n - o->at : n;
            take(o, samples, part);
            samples += part * o->channels;
            n -= part;
            again = false;
            continue;
        }
        /* A file that gives nothing twice in a row will never give anything. */
        if (got < 0 || again || (loop && op_pcm_seek(o->ogg, 0) < 0))
            return false;
        if (!loop) {
            memset(samples, 0, n * o->channels * sizeof *samples);
            return true;
        }
        again = true;
    }
    return true;
}
