/* call_codecs: codecs by the names that people give them. */
#ifndef RILL_APPS_CALL_CODECS_H
#define RILL_APPS_CALL_CODECS_H

#include "base/frame.h"

#define CALL_CODECS 8

/* "vp9", "VP9", "libvpx-vp9". */
bool call_codec_read(struct rill_view name, enum rill_codec_id *out);
/* One that rill encodes itself; others come from files. */
const char *call_codec_name(enum rill_codec_id codec);
bool call_codec_is_encoded(enum rill_codec_id codec);
/* "vp9,vp8,opus": the best first; how many, 0 when one is unknown or there are too many. */
size_t call_codecs_read(const char *list, enum rill_codec_id out[CALL_CODECS]);

#endif
