/* capture/preview_private: what a kind of preview does, for preview.c. */
#ifndef RILL_CAPTURE_PREVIEW_PRIVATE_H
#define RILL_CAPTURE_PREVIEW_PRIVATE_H

#include "capture/preview.h"

struct rill_preview_ops {
    int64_t interval; /* between pictures, at least */
    bool (*open)(struct rill_preview *p, const char *title);
    void (*show)(struct rill_preview *p, const struct rill_image *image);
    bool (*tick)(struct rill_preview *p); /* false once it was closed; NULL: never is */
    void (*close)(struct rill_preview *p);
};

struct rill_preview {
    const struct rill_preview_ops *ops;
    void *own;
    bool closed;
    int64_t next; /* no picture is shown before */
};

extern const struct rill_preview_ops rill_preview_sdl, rill_preview_terminal;

#endif
