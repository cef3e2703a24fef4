/* media/output_private: what the kinds of files have in common, for output.c, which keeps them,
 * and output_kinds.c, which knows them. */
#ifndef RILL_MEDIA_OUTPUT_PRIVATE_H
#define RILL_MEDIA_OUTPUT_PRIVATE_H

#include "media/output.h"

/* NULL where a kind takes no such thing. Each returns 0 or a row of capture with errno. */
struct rill_output_kind {
    const char *ending;
    uint32_t codecs; /* bit n: enum rill_codec_id n */
    int (*open)(struct rill_output *o, uint32_t ogg_serial, struct rill_err *why);
    int (*add)(struct rill_output *o, enum rill_kind kind);
    int (*frame)(struct rill_output *o, int stream, int64_t time, const struct rill_frame *f);
    int (*image)(struct rill_output *o, int64_t time, const struct rill_image *image);
    int (*pcm)(struct rill_output *o, int64_t time, const struct rill_pcm *pcm);
    int (*close)(struct rill_output *o);
};

struct rill_output {
    const struct rill_output_kind *kind;
    char *path;
    void *writer; /* the kind's; NULL once it is closed */
    int streams;  /* taken so far */
    struct rill_err error;
    struct rill_image last; /* .png: over pixels */
    uint8_t *pixels;
    uint64_t pictures; /* %d.png: written */
};

extern const struct rill_output_kind rill_output_kinds[];
extern const size_t rill_output_n_kinds;

#endif
