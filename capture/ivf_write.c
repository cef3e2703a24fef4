/* capture/ivf_write: received VP8, VP9 and AV1 kept as .ivf.
 *
 * The idea: each frame is handed to the system as soon as it is written, and the header is
 * brought up to date every second or so, so that a crash costs at most a count that players
 * do not need. Times are RTP's 90 kHz, counted from the first frame. */
#include "capture/record.h"

#include "base/seq.h"
#include "capture/ivf.h"
#include "capture/little.h"
#include "capture/record_file.h"

#define CLOCK_HZ 90000
#define HEADER_EVERY 30

struct rill_ivf_writer {
    FILE *stream;
    enum rill_codec_id codec;
    uint32_t width, height;
    uint32_t count;
    uint32_t last_rtp_time;
    int64_t time; /* of the last frame, from the first */
};

static void put(struct rill_span header, enum rill_ivf_field which, uint64_t value)
{
    rill_little_put(&rill_ivf_header_field[which], header, value);
}

static bool write_header(struct rill_ivf_writer *w)
{
    uint8_t bytes[RILL_IVF_HEADER_SIZE] = {0};
    struct rill_span h = {bytes, sizeof bytes};
    rill_field_put(&rill_ivf_header_field[RILL_IVF_MAGIC], h, RILL_IVF_MAGIC_DKIF);
    rill_field_put(&rill_ivf_header_field[RILL_IVF_FOURCC], h, rill_ivf_fourcc(w->codec));
    put(h, RILL_IVF_SIZE, sizeof bytes);
    put(h, RILL_IVF_WIDTH, w->width);
    put(h, RILL_IVF_HEIGHT, w->height);
    put(h, RILL_IVF_DENOMINATOR, CLOCK_HZ);
    put(h, RILL_IVF_NUMERATOR, 1);
    put(h, RILL_IVF_COUNT, w->count);
    return fwrite(bytes, sizeof bytes, 1, w->stream) == 1 && fflush(w->stream) == 0;
}

static bool rewrite_header(struct rill_ivf_writer *w)
{
    return fseeko(w->stream, 0, SEEK_SET) == 0 && write_header(w) &&
           fseeko(w->stream, 0, SEEK_END) == 0;
}

int rill_ivf_writer_open(const char *path, struct rill_ivf_writer **out, struct rill_err *why)
{
    FILE *stream;
    struct rill_ivf_writer *w = rill_record_open(path, sizeof *w, &stream, why);
    if (!w)
        return RILL_CAPTURE_OPEN;
    w->stream = stream;
    w->codec = RILL_CODEC_VP8;
    if (!write_header(w))
        return rill_record_give_up(w, stream, why);
    *out = w;
    return 0;
}

/* Times in the file rise, whatever the sender's did. */
static void advance(struct rill_ivf_writer *w, uint32_t rtp_time)
{
    int32_t step = w->count ? rill_seq32_diff(rtp_time, w->last_rtp_time) : 0;
    if (w->count)
        w->time += step > 0 ? step : 1;
    w->last_rtp_time = rtp_time;
}

static bool write_frame(struct rill_ivf_writer *w, struct rill_view frame)
{
    uint8_t bytes[RILL_IVF_FRAME_HEADER_SIZE];
    struct rill_span h = {bytes, sizeof bytes};
    rill_little_put(&rill_ivf_frame_field[RILL_IVF_FRAME_BYTES], h, frame.n);
    rill_little_put(&rill_ivf_frame_field[RILL_IVF_FRAME_TIME], h, (uint64_t)w->time);
    return fwrite(bytes, sizeof bytes, 1, w->stream) == 1 &&
           fwrite(frame.p, frame.n, 1, w->stream) == 1 && fflush(w->stream) == 0;
}

int rill_ivf_writer_frame(struct rill_ivf_writer *w, const struct rill_frame *f)
{
    bool known = w->count ? f->codec == w->codec : rill_ivf_fourcc(f->codec) != 0;
    if (!known || f->bytes.n == 0 || f->bytes.n > UINT32_MAX)
        return RILL_CAPTURE_RECORD_CODEC;
    /* No player could show what comes before the first key frame. */
    if (w->count == 0 && !f->keyframe)
        return 0;
    if (w->count == 0) {
        w->codec = f->codec;
        w->width = f->width;
        w->height = f->height;
    }
    advance(w, f->rtp_time);
    if (!write_frame(w, f->bytes))
        return RILL_CAPTURE_WRITE;
    w->count++;
    if (w->count % HEADER_EVERY == 1 && !rewrite_header(w))
        return RILL_CAPTURE_WRITE;
    return 0;
}

int rill_ivf_writer_close(struct rill_ivf_writer *w)
{
    if (!w)
        return 0;
    return rill_record_close(w, w->stream, rewrite_header(w));
}
