#include "capture/preview.h"

#include "capture/preview_private.h"

#include <stdlib.h>
#include <string.h>

bool rill_preview_type_read(const char *text, enum rill_preview_type *out)
{
    static const char *const names[] = {"none", "sdl", "terminal"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (enum rill_preview_type)i;
            return true;
        }
    }
    return false;
}

int rill_preview_open(enum rill_preview_type type, const char *title, struct rill_preview **out,
                      struct rill_err *why)
{
    struct rill_preview *p = calloc(1, sizeof *p);
    if (p)
        p->ops = type == RILL_PREVIEW_SDL ? &rill_preview_sdl : &rill_preview_terminal;
    if (!p || type == RILL_PREVIEW_NONE || !p->ops->open(p, title)) {
        free(p);
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_PREVIEW, 0, 0, why);
    }
    *out = p;
    return 0;
}

void rill_preview_free(struct rill_preview *p)
{
    if (!p)
        return;
    p->ops->close(p);
    free(p);
}

void rill_preview_show(struct rill_preview *p, int64_t now, const struct rill_image *image)
{
    if (p->closed || now < p->next)
        return;
    p->next = now + p->ops->interval;
    p->ops->show(p, image);
}

bool rill_preview_tick(struct rill_preview *p)
{
    if (!p->closed && p->ops->tick)
        p->closed = !p->ops->tick(p);
    return !p->closed;
}
