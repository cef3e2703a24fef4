/* capture/mux_codec: what Matroska and WebM must know of a codec: whether they take it, and what
 * stands before the first frame (the track's CodecPrivate). */
#ifndef RILL_CAPTURE_MUX_CODEC_H
#define RILL_CAPTURE_MUX_CODEC_H

#include "base/frame.h"
#include "capture/avformat.h"

#define RILL_MUX_PRIVATE_MAX 512

/* WebM has the open codecs alone. */
bool rill_mux_takes(enum rill_codec_id codec, bool webm);
enum AVCodecID rill_mux_codec_id(enum rill_codec_id codec);
/* Of H.264 the parameter sets, of AV1 the sequence header, as a key frame has them; its bytes.
 * False when the frame has none and needs them: no player could begin with it. */
bool rill_mux_private(enum rill_codec_id codec, struct rill_view frame, struct rill_writer *w);

#endif
