/* capture/record: received media kept as files any player opens, without re-encoding: VP8 in
 * .ivf, Opus in .ogg (RFC 7845), and pictures as .png. A crash leaves a file that plays up to
 * there. */
#ifndef RILL_CAPTURE_RECORD_H
#define RILL_CAPTURE_RECORD_H

#include "base/frame.h"
#include "capture/errors.h"

struct rill_ivf_writer;
int rill_ivf_writer_open(const char *path, struct rill_ivf_writer **out, struct rill_err *why);
int rill_ivf_writer_frame(struct rill_ivf_writer *w, const struct rill_frame *f);
/* Writes the frame count into the header. */
int rill_ivf_writer_close(struct rill_ivf_writer *w);

struct rill_ogg_writer;
/* serial: of the Ogg stream. */
int rill_ogg_writer_open(const char *path, uint32_t serial, struct rill_ogg_writer **out,
                         struct rill_err *why);
int rill_ogg_writer_frame(struct rill_ogg_writer *w, const struct rill_frame *f);
int rill_ogg_writer_close(struct rill_ogg_writer *w);

int rill_png_write(const char *path, const struct rill_image *image, struct rill_err *why);

#endif
