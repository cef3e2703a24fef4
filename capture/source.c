#include "capture/source_private.h"

#include <stdlib.h>

enum rill_kind rill_source_kind(const struct rill_source *s)
{
    return s->kind;
}

bool rill_source_is_encoded(const struct rill_source *s)
{
    return s->encoded;
}

enum rill_codec_id rill_source_codec(const struct rill_source *s)
{
    return s->codec;
}

bool rill_source_is_live(const struct rill_source *s)
{
    return s->live;
}

const struct rill_settings *rill_source_native(const struct rill_source *s)
{
    return &s->native;
}

const struct rill_settings *rill_source_settings(const struct rill_source *s)
{
    return &s->settings;
}

struct rill_capabilities rill_source_capabilities(const struct rill_source *s)
{
    return s->can;
}

void rill_source_apply(struct rill_source *s, const struct rill_settings *settings)
{
    if (s->ops->apply)
        s->ops->apply(s, settings);
}

const char *rill_source_label(const struct rill_source *s)
{
    return s->label;
}

uint64_t rill_source_dropped(const struct rill_source *s)
{
    return s->dropped;
}

int rill_source_select(struct rill_source *s, const struct rill_constraints *constraints,
                       struct rill_err *why)
{
    struct rill_selection chosen;
    s->can.modes = s->kind == RILL_VIDEO ? &s->mode : NULL;
    s->can.n_modes = s->kind == RILL_VIDEO;
    s->can.resizes = s->kind == RILL_VIDEO && !s->encoded;
    int rc = rill_select_settings(constraints, &s->can, 1, &chosen, why);
    if (rc < 0)
        return rc;
    s->native = chosen.native;
    s->settings = chosen.settings;
    if (s->kind == RILL_VIDEO) {
        struct rill_rate rate = {s->native.rate_numerator, s->native.rate_denominator};
        s->mode.width = (struct rill_range){s->native.width, s->native.width, 1};
        s->mode.height = (struct rill_range){s->native.height, s->native.height, 1};
        s->mode.slowest = s->mode.fastest = rate;
    }
    return 0;
}

void rill_source_end(struct rill_source *s, int code, uint64_t value)
{
    if (s->ended)
        return;
    s->ended = true;
    if (code < 0)
        rill_err_set(&rill_capture_errors, code, 0, value, &s->why);
}

bool rill_source_ended(const struct rill_source *s, struct rill_err *why)
{
    if (s->ended && why)
        *why = s->why;
    return s->ended;
}

void rill_source_start(struct rill_source *s, int64_t now)
{
    s->started = true;
    if (s->ops->start)
        s->ops->start(s, now);
}

int64_t rill_source_deadline(const struct rill_source *s)
{
    return s->started && !s->ended && s->ops->deadline ? s->ops->deadline(s) : RILL_NEVER;
}

size_t rill_source_descriptors(const struct rill_source *s,
                               struct rill_source_fd out[RILL_SOURCE_FDS_MAX])
{
    return s->started && !s->ended && s->ops->descriptors ? s->ops->descriptors(s, out) : 0;
}

void rill_source_polled(struct rill_source *s, const struct rill_source_fd *fds, size_t n)
{
    if (s->started && !s->ended && s->ops->polled)
        s->ops->polled(s, fds, n);
}

bool rill_source_image(struct rill_source *s, int64_t now, struct rill_image *out)
{
    return s->started && !s->ended && s->ops->image && s->ops->image(s, now, out);
}

bool rill_source_pcm(struct rill_source *s, int64_t now, struct rill_pcm *out)
{
    return s->started && !s->ended && s->ops->pcm && s->ops->pcm(s, now, out);
}

bool rill_source_frame(struct rill_source *s, int64_t now, struct rill_frame *out)
{
    return s->started && !s->ended && s->ops->frame && s->ops->frame(s, now, out);
}

void rill_source_free(struct rill_source *s)
{
    if (!s)
        return;
    if (s->own && s->ops && s->ops->close)
        s->ops->close(s);
    free(s);
}
