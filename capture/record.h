/* capture/record: received media kept as files any player opens.
 *
 * The idea: what came is kept as it came, without re-encoding: any codec in .mkv, the open ones in
 * .webm, VP8, VP9 and AV1 in .ivf, H.264 in .h264, Opus in .ogg (RFC 7845); what was decoded in
 * .wav, .y4m and .png. A crash leaves a file that plays up to there.
 *
 * Times are µs since the recording began and never fall within a stream. After a failure errno
 * tells more; the writer only wants to be closed. Close frees, also when it fails, and takes
 * NULL. */
#ifndef RILL_CAPTURE_RECORD_H
#define RILL_CAPTURE_RECORD_H

#include "base/frame.h"
#include "capture/errors.h"

/* Errors of all: RILL_CAPTURE_OPEN, _WRITE; of frames also _RECORD_CODEC (not for this file). */

struct rill_ivf_writer;
int rill_ivf_writer_open(const char *path, struct rill_ivf_writer **out, struct rill_err *why);
/* What comes before the first key frame is left out. Times are those of rtp_time. */
int rill_ivf_writer_frame(struct rill_ivf_writer *w, const struct rill_frame *f);
/* Writes the frame count into the header. */
int rill_ivf_writer_close(struct rill_ivf_writer *w);

/* Annex B; what comes before the first key frame is left out. Times are not kept. */
struct rill_h264_writer;
int rill_h264_writer_open(const char *path, struct rill_h264_writer **out, struct rill_err *why);
int rill_h264_writer_frame(struct rill_h264_writer *w, const struct rill_frame *f);
int rill_h264_writer_close(struct rill_h264_writer *w);

struct rill_ogg_writer;
/* serial: of the Ogg stream. */
int rill_ogg_writer_open(const char *path, uint32_t serial, struct rill_ogg_writer **out,
                         struct rill_err *why);
/* A gap in rtp_time up to an hour is filled with packets that a player conceals. */
int rill_ogg_writer_frame(struct rill_ogg_writer *w, const struct rill_frame *f);
int rill_ogg_writer_close(struct rill_ogg_writer *w);

/* .webm or .mkv by the path's ending: any streams; .webm of VP8, VP9, AV1 and Opus alone. */
struct rill_mux_writer;
#define RILL_MUX_STREAMS_MAX 16
int rill_mux_writer_open(const char *path, struct rill_mux_writer **out, struct rill_err *why);
/* The number of the new stream. Errors: RILL_CAPTURE_MUX_STREAM when it comes after the
 * beginning was written, or when there are too many. */
int rill_mux_writer_add(struct rill_mux_writer *w, enum rill_kind kind);
/* The beginning is held back until each stream has come, or for a few seconds. */
int rill_mux_writer_frame(struct rill_mux_writer *w, int stream, int64_t time,
                          const struct rill_frame *f);
int rill_mux_writer_close(struct rill_mux_writer *w);

/* 48 kHz, two channels, 16 bits. Errors also: RILL_CAPTURE_WAV_FULL after 4 GiB. */
struct rill_wav_writer;
int rill_wav_writer_open(const char *path, struct rill_wav_writer **out, struct rill_err *why);
/* Gaps become silence; what would lie before the end of what is there is left out. */
int rill_wav_writer_pcm(struct rill_wav_writer *w, int64_t time, const struct rill_pcm *pcm);
int rill_wav_writer_close(struct rill_wav_writer *w);

/* 30 pictures a second of the first one's size: others are repeated (for 10 s at most), left
 * out and scaled. */
struct rill_y4m_writer;
int rill_y4m_writer_open(const char *path, struct rill_y4m_writer **out, struct rill_err *why);
int rill_y4m_writer_image(struct rill_y4m_writer *w, int64_t time, const struct rill_image *image);
int rill_y4m_writer_close(struct rill_y4m_writer *w);

/* I420 in BT.601, limited range, to RGB. */
int rill_png_write(const char *path, const struct rill_image *image, struct rill_err *why);
/* The path of picture n of "frame-%03d.png"; false when the pattern is not of that form, or
 * does not fit. */
bool rill_png_path(const char *pattern, uint64_t n, char *out, size_t cap);

#endif
