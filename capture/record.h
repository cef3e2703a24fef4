/* capture/record: received media kept as files any player opens, without re-encoding: VP8 in
 * .ivf, Opus in .ogg (RFC 7845), and pictures as .png. A crash leaves a file that plays up to
 * there. */
#ifndef RILL_CAPTURE_RECORD_H
#define RILL_CAPTURE_RECORD_H

#include "base/frame.h"
#include "capture/errors.h"

/* Errors of all: RILL_CAPTURE_OPEN, _WRITE; of frames also _RECORD_CODEC (not for this file). */

struct rill_ivf_writer;
int rill_ivf_writer_open(const char *path, struct rill_ivf_writer **out, struct rill_err *why);
/* What comes before the first key frame is left out. */
int rill_ivf_writer_frame(struct rill_ivf_writer *w, const struct rill_frame *f);
/* Writes the frame count into the header. Frees w, also when it fails. */
int rill_ivf_writer_close(struct rill_ivf_writer *w);

struct rill_ogg_writer;
/* serial: of the Ogg stream. */
int rill_ogg_writer_open(const char *path, uint32_t serial, struct rill_ogg_writer **out,
                         struct rill_err *why);
/* A gap in rtp_time up to a minute is filled with packets that a player conceals. */
int rill_ogg_writer_frame(struct rill_ogg_writer *w, const struct rill_frame *f);
int rill_ogg_writer_close(struct rill_ogg_writer *w);

/* I420 in BT.601, limited range, to RGB. */
int rill_png_write(const char *path, const struct rill_image *image, struct rill_err *why);

#endif
