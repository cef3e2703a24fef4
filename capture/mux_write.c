/* capture/mux_write: received frames kept as .webm or .mkv, by libavformat.
 *
 * The idea: packets pass unchanged. The file's beginning names every stream, so it waits until
 * each has come, but not for long. A cluster ends every half second and goes to the system,
 * which is all that a crash can cost. The bytes go through our own FILE: libavformat sees no
 * path, so that no name is ever a protocol to it.
 *
 * Packets go in as they come. Matroska's times are relative to their cluster and signed, so two
 * streams need no sorting. */
#include "capture/record.h"

#include "base/clock.h"
#include "capture/mux_codec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER 32768
#define CLUSTER_MS 500
#define HOLD_MAX (3 * RILL_SECOND)
#define HELD_MAX 512
#define HELD_BYTES_MAX (8 << 20)
/* RFC 7845 §5.1: libopus's own delay of 6.5 ms. */
#define PRE_SKIP 312
#define RATE_HZ 48000
/* Of a camera that has not come when the beginning must be written: the codec tells the true
 * size in each key frame (RFC 6386 §9.1), and players go by that. */
#define WIDTH_UNKNOWN 640
#define HEIGHT_UNKNOWN 480

struct stream {
    enum rill_kind kind;
    enum rill_codec_id codec; /* once it has come, or the file has begun */
    bool come;                /* sound, or a key frame */
    uint32_t width, height;
    uint8_t private[RILL_MUX_PRIVATE_MAX]; /* Matroska's CodecPrivate, of pictures */
    size_t private_n;
    int64_t last; /* ms, -1 before the first */
};

struct rill_mux_writer {
    struct rill_avformat av;
    FILE *file;
    AVFormatContext *format;
    struct stream streams[RILL_MUX_STREAMS_MAX];
    int n_streams;
    bool webm, begun;
    struct held {
        int stream;
        int64_t time;
        bool keyframe;
        size_t n;
        uint8_t *bytes;
    } held[HELD_MAX];
    size_t n_held, held_bytes;
    int64_t held_since;
    int error; /* errno of the file, kept over what the library makes of it */
};

/* --- the file under it ------------------------------------------------------------------- */

static int write_bytes(void *ctx, uint8_t *bytes, int n)
{
    struct rill_mux_writer *w = ctx;
    if (n <= 0 || (fwrite(bytes, (size_t)n, 1, w->file) == 1 && fflush(w->file) == 0))
        return n;
    w->error = errno;
    return AVERROR(errno);
}

static int64_t seek(void *ctx, int64_t at, int whence)
{
    struct rill_mux_writer *w = ctx;
    if (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END)
        return AVERROR(EINVAL);
    return fseeko(w->file, (off_t)at, whence) == 0 ? (int64_t)ftello(w->file) : AVERROR(errno);
}

static int failed(struct rill_mux_writer *w)
{
    errno = w->error ? w->error : EIO;
    return RILL_CAPTURE_WRITE;
}

/* --- opening ----------------------------------------------------------------------------- */

static void release(struct rill_mux_writer *w)
{
    for (size_t i = 0; i < w->n_held; i++)
        free(w->held[i].bytes);
    if (w->format && w->format->pb) {
        w->av.av_freep(&w->format->pb->buffer);
        w->av.avio_context_free(&w->format->pb);
    }
    if (w->format)
        w->av.avformat_free_context(w->format);
    if (w->file)
        fclose(w->file);
    free(w);
}

static bool make_format(struct rill_mux_writer *w, const char *path)
{
    size_t n = strlen(path);
    w->webm = n > 5 && strcmp(path + n - 5, ".webm") == 0;
    uint8_t *buffer = w->av.av_malloc(BUFFER);
    /* Errors come as values; its remarks are not for whoever uses rill. */
    w->av.av_log_set_level(AV_LOG_QUIET);
    if (!buffer || w->av.avformat_alloc_output_context2(&w->format, NULL,
                                                        w->webm ? "webm" : "matroska", NULL) < 0) {
        w->av.av_free(buffer);
        return false;
    }
    w->format->pb = w->av.avio_alloc_context(buffer, BUFFER, 1, w, NULL, write_bytes, seek);
    if (!w->format->pb)
        w->av.av_free(buffer);
    w->format->flags |= AVFMT_FLAG_CUSTOM_IO;
    return w->format->pb != NULL;
}

int rill_mux_writer_open(const char *path, struct rill_mux_writer **out, struct rill_err *why)
{
    struct rill_mux_writer *w = calloc(1, sizeof *w);
    int error = ENOMEM;
    if (w) {
        errno = ELIBACC;
        w->file = rill_avformat_load(&w->av) ? fopen(path, "wb") : NULL;
        error = w->file ? ENOMEM : errno;
    }
    if (!w || !w->file || !make_format(w, path)) {
        if (w)
            release(w);
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_OPEN, 0, (uint64_t)error, why);
    }
    *out = w;
    return 0;
}

int rill_mux_writer_add(struct rill_mux_writer *w, enum rill_kind kind)
{
    if (w->begun || w->n_streams == RILL_MUX_STREAMS_MAX)
        return RILL_CAPTURE_MUX_STREAM;
    w->streams[w->n_streams] = (struct stream){.kind = kind, .last = -1};
    return w->n_streams++;
}

/* --- the beginning ----------------------------------------------------------------------- */

/* RFC 7845 §5.1: of Opus it is the identification header. */
static void write_opus_head(struct rill_writer *to)
{
    rill_w_str(to, "OpusHead");
    rill_w_u8(to, 1);
    rill_w_u8(to, 2);
    rill_w_u8(to, PRE_SKIP & 0xff);
    rill_w_u8(to, PRE_SKIP >> 8);
    rill_w_u8(to, RATE_HZ & 0xff);
    rill_w_u8(to, RATE_HZ >> 8);
    rill_w_zeros(to, 5);
}

static bool set_private(const struct rill_mux_writer *w, AVCodecParameters *p,
                        struct rill_view bytes)
{
    if (bytes.n == 0)
        return true;
    p->extradata = w->av.av_mallocz(bytes.n + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!p->extradata)
        return false;
    memcpy(p->extradata, bytes.p, bytes.n);
    p->extradata_size = (int)bytes.n;
    return true;
}

static bool describe_sound(const struct rill_mux_writer *w, AVCodecParameters *p,
                           const struct stream *from)
{
    uint8_t head[32];
    struct rill_writer to = rill_writer_of((struct rill_span){head, sizeof head});
    bool opus = from->codec == RILL_CODEC_OPUS;
    p->codec_type = AVMEDIA_TYPE_AUDIO;
    p->sample_rate = (int)rill_codec_clock_hz(from->codec);
    p->bits_per_coded_sample = opus ? 0 : 8;
    p->block_align = opus ? 0 : 1;
    p->initial_padding = opus ? PRE_SKIP : 0;
    w->av.av_channel_layout_default(&p->ch_layout, opus ? 2 : 1);
    if (opus)
        write_opus_head(&to);
    return set_private(w, p, rill_w_view(&to));
}

static bool describe_pictures(const struct rill_mux_writer *w, AVCodecParameters *p,
                              const struct stream *from)
{
    p->codec_type = AVMEDIA_TYPE_VIDEO;
    p->width = from->width ? (int)from->width : WIDTH_UNKNOWN;
    p->height = from->height ? (int)from->height : HEIGHT_UNKNOWN;
    return set_private(w, p, rill_view_at(from->private, from->private_n));
}

/* One that has not come in time is taken for what rill itself would send. */
static bool describe(struct rill_mux_writer *w, AVStream *s, struct stream *from)
{
    bool video = from->kind == RILL_VIDEO;
    if (!from->come)
        from->codec = video ? RILL_CODEC_VP8 : RILL_CODEC_OPUS;
    s->codecpar->codec_id = rill_mux_codec_id(from->codec);
    return video ? describe_pictures(w, s->codecpar, from) : describe_sound(w, s->codecpar, from);
}

static bool begin(struct rill_mux_writer *w)
{
    AVDictionary *options = NULL;
    w->begun = true;
    for (int i = 0; i < w->n_streams; i++) {
        AVStream *s = w->av.avformat_new_stream(w->format, NULL);
        if (!s)
            return false;
        s->time_base = (AVRational){1, 1000};
        if (!describe(w, s, &w->streams[i]))
            return false;
    }
    w->av.av_dict_set_int(&options, "cluster_time_limit", CLUSTER_MS, 0);
    /* Seeks in a file that has no end yet would be for nothing. */
    w->format->flags |= AVFMT_FLAG_FLUSH_PACKETS;
    int rc = w->av.avformat_write_header(w->format, &options);
    w->av.av_dict_free(&options);
    return rc >= 0 && w->error == 0;
}

/* --- packets ----------------------------------------------------------------------------- */

static bool write_packet(struct rill_mux_writer *w, int stream, int64_t time, bool keyframe,
                         struct rill_view bytes)
{
    struct stream *s = &w->streams[stream];
    AVPacket *packet = w->av.av_packet_alloc();
    int64_t ms = (time + 500) / 1000;
    if (!packet)
        return false;
    if (ms <= s->last)
        ms = s->last + 1;
    s->last = ms;
    packet->data = (uint8_t *)(uintptr_t)bytes.p;
    packet->size = (int)bytes.n;
    packet->stream_index = stream;
    packet->pts = packet->dts =
        w->av.av_rescale_q(ms, (AVRational){1, 1000}, w->format->streams[stream]->time_base);
    packet->flags = keyframe ? AV_PKT_FLAG_KEY : 0;
    int rc = w->av.av_write_frame(w->format, packet);
    w->av.av_packet_free(&packet);
    return rc >= 0 && w->error == 0;
}

static bool write_held(struct rill_mux_writer *w)
{
    bool whole = begin(w);
    for (size_t i = 0; i < w->n_held; i++) {
        struct held *h = &w->held[i];
        whole =
            whole && write_packet(w, h->stream, h->time, h->keyframe, rill_view_at(h->bytes, h->n));
        free(h->bytes);
    }
    w->n_held = 0;
    return whole;
}

static bool hold(struct rill_mux_writer *w, int stream, int64_t time, const struct rill_frame *f)
{
    uint8_t *bytes = malloc(f->bytes.n);
    if (!bytes)
        return false;
    memcpy(bytes, f->bytes.p, f->bytes.n);
    if (w->n_held == 0)
        w->held_since = time;
    w->held[w->n_held++] = (struct held){stream, time, f->keyframe, f->bytes.n, bytes};
    w->held_bytes += f->bytes.n;
    return true;
}

static bool may_begin(const struct rill_mux_writer *w, int64_t time)
{
    bool all = true;
    for (int i = 0; i < w->n_streams; i++)
        all = all && w->streams[i].come;
    return all || time - w->held_since > HOLD_MAX || w->n_held == HELD_MAX ||
           w->held_bytes > HELD_BYTES_MAX;
}

/* Its first frame: false when nothing can begin with it. */
static bool arrive(struct stream *s, const struct rill_frame *f)
{
    struct rill_writer w = rill_writer_of((struct rill_span){s->private, sizeof s->private});
    if (s->kind == RILL_VIDEO && (!f->keyframe || !rill_mux_private(f->codec, f->bytes, &w)))
        return false;
    s->codec = f->codec;
    s->width = f->width;
    s->height = f->height;
    s->private_n = w.at;
    s->come = true;
    return true;
}

int rill_mux_writer_frame(struct rill_mux_writer *w, int stream, int64_t time,
                          const struct rill_frame *f)
{
    struct stream *s = &w->streams[stream];
    bool video = s->kind == RILL_VIDEO;
    bool other = (s->come || w->begun) && f->codec != s->codec;
    if (other || !rill_mux_takes(f->codec, w->webm) || rill_codec_kind(f->codec) != s->kind ||
        f->bytes.n == 0)
        return RILL_CAPTURE_RECORD_CODEC;
    /* No player could show what comes before the first key frame. */
    if (!s->come && !arrive(s, f))
        return 0;
    if (w->begun)
        return write_packet(w, stream, time, f->keyframe || !video, f->bytes) ? 0 : failed(w);
    if (!hold(w, stream, time, f))
        return failed(w);
    w->held[w->n_held - 1].keyframe |= !video;
    return !may_begin(w, time) || write_held(w) ? 0 : failed(w);
}

int rill_mux_writer_close(struct rill_mux_writer *w)
{
    int rc = 0;
    if (!w)
        return 0;
    if (!w->begun && w->n_held > 0 && !write_held(w))
        rc = failed(w);
    if (rc == 0 && w->begun && w->error == 0 && (w->av.av_write_trailer(w->format) < 0 || w->error))
        rc = failed(w);
    if (fclose(w->file) != 0 && rc == 0)
        rc = RILL_CAPTURE_WRITE;
    w->file = NULL;
    int error = errno;
    release(w);
    errno = error;
    return rc;
}
