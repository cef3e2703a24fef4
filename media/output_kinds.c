/* media/output_kinds: each kind of file in the words of its own writer. */
#include "media/output_private.h"

#include "capture/record.h"
#include "media/held.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add_first_video(struct rill_output *o, enum rill_kind kind)
{
    return kind == RILL_VIDEO && o->streams == 0 ? 0 : -1;
}

static int add_first_audio(struct rill_output *o, enum rill_kind kind)
{
    return kind == RILL_AUDIO && o->streams == 0 ? 0 : -1;
}

/* The frame with its place on the common clock for RTP's own: without its wrap and its leaps. */
static struct rill_frame placed(const struct rill_frame *f, int64_t time, uint32_t clock_khz)
{
    struct rill_frame out = *f;
    out.rtp_time = (uint32_t)((time * clock_khz + 500) / 1000);
    return out;
}

/* --- .ivf, .ogg -------------------------------------------------------------------------- */

static int open_ivf(struct rill_output *o, uint32_t serial, struct rill_err *why)
{
    struct rill_ivf_writer *w = NULL;
    (void)serial;
    int rc = rill_ivf_writer_open(o->path, &w, why);
    o->writer = w;
    return rc;
}

static int ivf_frame(struct rill_output *o, int stream, int64_t time, const struct rill_frame *f)
{
    struct rill_frame at = placed(f, time, 90);
    (void)stream;
    return rill_ivf_writer_frame(o->writer, &at);
}

static int close_ivf(struct rill_output *o)
{
    struct rill_ivf_writer *w = o->writer;
    o->writer = NULL;
    return rill_ivf_writer_close(w);
}

static int open_ogg(struct rill_output *o, uint32_t serial, struct rill_err *why)
{
    struct rill_ogg_writer *w = NULL;
    int rc = rill_ogg_writer_open(o->path, serial, &w, why);
    o->writer = w;
    return rc;
}

static int ogg_frame(struct rill_output *o, int stream, int64_t time, const struct rill_frame *f)
{
    struct rill_frame at = placed(f, time, 48);
    (void)stream;
    return rill_ogg_writer_frame(o->writer, &at);
}

static int close_ogg(struct rill_output *o)
{
    struct rill_ogg_writer *w = o->writer;
    o->writer = NULL;
    return rill_ogg_writer_close(w);
}

/* --- .webm, .mkv ------------------------------------------------------------------------- */

static int open_mux(struct rill_output *o, uint32_t serial, struct rill_err *why)
{
    struct rill_mux_writer *w = NULL;
    (void)serial;
    int rc = rill_mux_writer_open(o->path, &w, why);
    o->writer = w;
    return rc;
}

static int mux_add(struct rill_output *o, enum rill_kind kind)
{
    int stream = rill_mux_writer_add(o->writer, kind);
    return stream < 0 ? -1 : stream;
}

static int mux_frame(struct rill_output *o, int stream, int64_t time, const struct rill_frame *f)
{
    return rill_mux_writer_frame(o->writer, stream, time, f);
}

static int close_mux(struct rill_output *o)
{
    struct rill_mux_writer *w = o->writer;
    o->writer = NULL;
    return rill_mux_writer_close(w);
}

/* --- .h264 ------------------------------------------------------------------------------- */

static int open_h264(struct rill_output *o, uint32_t serial, struct rill_err *why)
{
    struct rill_h264_writer *w = NULL;
    (void)serial;
    int rc = rill_h264_writer_open(o->path, &w, why);
    o->writer = w;
    return rc;
}

static int h264_frame(struct rill_output *o, int stream, int64_t time, const struct rill_frame *f)
{
    (void)stream;
    (void)time;
    return rill_h264_writer_frame(o->writer, f);
}

static int close_h264(struct rill_output *o)
{
    struct rill_h264_writer *w = o->writer;
    o->writer = NULL;
    return rill_h264_writer_close(w);
}

/* --- .wav, .y4m -------------------------------------------------------------------------- */

static int open_wav(struct rill_output *o, uint32_t serial, struct rill_err *why)
{
    struct rill_wav_writer *w = NULL;
    (void)serial;
    int rc = rill_wav_writer_open(o->path, &w, why);
    o->writer = w;
    return rc;
}

static int wav_pcm(struct rill_output *o, int64_t time, const struct rill_pcm *pcm)
{
    return rill_wav_writer_pcm(o->writer, time, pcm);
}

static int close_wav(struct rill_output *o)
{
    struct rill_wav_writer *w = o->writer;
    o->writer = NULL;
    return rill_wav_writer_close(w);
}

static int open_y4m(struct rill_output *o, uint32_t serial, struct rill_err *why)
{
    struct rill_y4m_writer *w = NULL;
    (void)serial;
    int rc = rill_y4m_writer_open(o->path, &w, why);
    o->writer = w;
    return rc;
}

static int y4m_image(struct rill_output *o, int64_t time, const struct rill_image *image)
{
    return rill_y4m_writer_image(o->writer, time, image);
}

static int close_y4m(struct rill_output *o)
{
    struct rill_y4m_writer *w = o->writer;
    o->writer = NULL;
    return rill_y4m_writer_close(w);
}

/* --- .png -------------------------------------------------------------------------------- */

static int open_series(struct rill_output *o, uint32_t serial, struct rill_err *why)
{
    char path[1024];
    (void)serial;
    if (!rill_png_path(o->path, 1, path, sizeof path))
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_PNG_PATTERN, 0, 0, why);
    return 0;
}

static int series_image(struct rill_output *o, int64_t time, const struct rill_image *image)
{
    char path[1024];
    struct rill_err why = {0};
    (void)time;
    if (!rill_png_path(o->path, o->pictures + 1, path, sizeof path))
        return RILL_CAPTURE_PNG_PATTERN;
    int rc = rill_png_write(path, image, &why);
    errno = (int)why.value;
    o->pictures += rc == 0;
    return rc;
}

static int close_series(struct rill_output *o)
{
    (void)o;
    return 0;
}

static int open_snapshot(struct rill_output *o, uint32_t serial, struct rill_err *why)
{
    (void)o;
    (void)serial;
    (void)why;
    return 0;
}

/* The decoder's own pixels may be gone when the picture is drawn. */
static int snapshot_image(struct rill_output *o, int64_t time, const struct rill_image *image)
{
    (void)time;
    if (!o->pixels || o->last.width != image->width || o->last.height != image->height) {
        free(o->pixels);
        o->pixels = malloc(rill_image_size(image->width, image->height));
    }
    if (!o->pixels)
        return RILL_CAPTURE_WRITE;
    o->last = rill_image_over(o->pixels, image->width, image->height);
    rill_held_copy(&o->last, image);
    return 0;
}

static int close_snapshot(struct rill_output *o)
{
    struct rill_err why = {0};
    if (!o->pixels)
        return 0;
    int rc = rill_png_write(o->path, &o->last, &why);
    errno = (int)why.value;
    return rc;
}

/* What is kept as it came, and what is decoded first. */
#define BIT(codec) (1u << RILL_CODEC_##codec)
#define ANY_VIDEO (BIT(VP8) | BIT(VP9) | BIT(AV1) | BIT(H264))
#define ANY_AUDIO (BIT(OPUS) | BIT(PCMU) | BIT(PCMA))
#define DECODED (BIT(VP8) | BIT(VP9))

/* The longer ending first. */
const struct rill_output_kind rill_output_kinds[] = {
    {".webm", BIT(VP8) | BIT(VP9) | BIT(AV1) | BIT(OPUS), open_mux, mux_add, mux_frame, NULL, NULL,
     close_mux},
    {".mkv", ANY_VIDEO | ANY_AUDIO, open_mux, mux_add, mux_frame, NULL, NULL, close_mux},
    {".ivf", BIT(VP8) | BIT(VP9) | BIT(AV1), open_ivf, add_first_video, ivf_frame, NULL, NULL,
     close_ivf},
    {".h264", BIT(H264), open_h264, add_first_video, h264_frame, NULL, NULL, close_h264},
    {".ogg", BIT(OPUS), open_ogg, add_first_audio, ogg_frame, NULL, NULL, close_ogg},
    {".opus", BIT(OPUS), open_ogg, add_first_audio, ogg_frame, NULL, NULL, close_ogg},
    {".wav", ANY_AUDIO, open_wav, add_first_audio, NULL, NULL, wav_pcm, close_wav},
    {".y4m", DECODED, open_y4m, add_first_video, NULL, y4m_image, NULL, close_y4m},
    {"d.png", DECODED, open_series, add_first_video, NULL, series_image, NULL, close_series},
    {".png", DECODED, open_snapshot, add_first_video, NULL, snapshot_image, NULL, close_snapshot},
};
const size_t rill_output_n_kinds = sizeof rill_output_kinds / sizeof rill_output_kinds[0];
