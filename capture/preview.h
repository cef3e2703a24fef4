/* capture/preview: received pictures on the screen or in the terminal.
 *
 * The idea: whoever closes a window wants to see no more of it, and nothing else: the call and
 * the other windows go on. */
#ifndef RILL_CAPTURE_PREVIEW_H
#define RILL_CAPTURE_PREVIEW_H

#include "base/clock.h"
#include "base/frame.h"
#include "capture/errors.h"

struct rill_preview;

enum rill_preview_type {
    RILL_PREVIEW_NONE,
    RILL_PREVIEW_SDL,      /* a window */
    RILL_PREVIEW_TERMINAL, /* letters and colours on standard output */
};
/* "none", "sdl", "terminal". */
bool rill_preview_type_read(const char *text, enum rill_preview_type *out);

/* Errors: RILL_CAPTURE_PREVIEW (no display, or the output is no terminal). */
int rill_preview_open(enum rill_preview_type type, const char *title, struct rill_preview **out,
                      struct rill_err *why);
void rill_preview_free(struct rill_preview *p);
/* A terminal shows at most 10 pictures a second. */
void rill_preview_show(struct rill_preview *p, int64_t now, const struct rill_image *image);
/* Sees to the window's events; false once it was closed. Call it some 20 times a second. */
bool rill_preview_tick(struct rill_preview *p);

#endif
