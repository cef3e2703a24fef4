#include "media/track.h"

#include "capture/pixels.h"
#include "media/shared_source.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_US (20 * RILL_MS)
#define BLACK_EVERY RILL_SECOND
/* A source that gave nothing for so long is muted; slow ones have four of their intervals. */
#define MUTED_AFTER RILL_SECOND
#define MUTED_INTERVALS 4

struct rill_track {
    struct rill_shared_source *shared; /* NULL: stopped */
    enum rill_kind kind;
    enum rill_codec_id codec;
    bool encoded, live, started, enabled, muted, stopped;
    char label[128];
    struct rill_settings native, settings;
    uint64_t seen, missed;
    bool broken; /* of encoded frames one was missed: wait for a key frame */
    int64_t start, last, blank_due;
    uint64_t slot; /* of thinning out */
    bool has_slot;
    uint8_t *pixels; /* one picture of its own: scaled, or black */
    size_t cap;
    int16_t silence[RILL_SHARED_BLOCK_FRAMES * 2];
};

/* --- its life -------------------------------------------------------------------------- */

static struct rill_track *track_over(struct rill_shared_source *shared)
{
    struct rill_track *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->shared = shared;
    t->kind = rill_source_kind(shared->source);
    t->encoded = rill_source_is_encoded(shared->source);
    t->codec = rill_source_codec(shared->source);
    t->live = rill_source_is_live(shared->source);
    t->enabled = true;
    memcpy(t->label, rill_source_label(shared->source), sizeof t->label);
    t->native = *rill_source_native(shared->source);
    t->settings = *rill_source_settings(shared->source);
    t->seen = shared->taken;
    shared->users++;
    return t;
}

static void let_go(struct rill_track *t)
{
    if (t->shared && --t->shared->users == 0) {
        rill_source_free(t->shared->source);
        free(t->shared);
    }
    t->shared = NULL;
}

int rill_track_open(const struct rill_source_config *config, struct rill_track **out,
                    struct rill_err *why)
{
    struct rill_shared_source *shared = calloc(1, sizeof *shared);
    if (!shared || !config->name || !config->name[0]) {
        free(shared);
        return rill_err_set(&rill_media_errors, RILL_MEDIA_NO_SOURCE, 0, 0, why);
    }
    int rc = rill_source_open(config, &shared->source, why);
    if (rc < 0) {
        free(shared);
        return rc;
    }
    struct rill_track *t = track_over(shared);
    if (!t) {
        rill_source_free(shared->source);
        free(shared);
        return rill_err_set(&rill_media_errors, RILL_MEDIA_NO_SOURCE, 0, 0, why);
    }
    *out = t;
    return 0;
}

struct rill_track *rill_track_clone(struct rill_track *t)
{
    struct rill_track *c = t->shared ? track_over(t->shared) : NULL;
    if (!c)
        return NULL;
    c->enabled = t->enabled;
    c->settings = t->settings;
    return c;
}

void rill_track_free(struct rill_track *t)
{
    if (!t)
        return;
    let_go(t);
    free(t->pixels);
    free(t);
}

void rill_track_stop(struct rill_track *t)
{
    t->stopped = true;
    let_go(t);
}

/* --- what it is ------------------------------------------------------------------------ */

enum rill_kind rill_track_kind(const struct rill_track *t)
{
    return t->kind;
}

bool rill_track_is_encoded(const struct rill_track *t)
{
    return t->encoded;
}

enum rill_codec_id rill_track_codec(const struct rill_track *t)
{
    return t->codec;
}

const char *rill_track_label(const struct rill_track *t)
{
    return t->label;
}

const struct rill_settings *rill_track_settings(const struct rill_track *t)
{
    return &t->settings;
}

int rill_track_apply_constraints(struct rill_track *t, const struct rill_constraints *constraints,
                                 struct rill_err *why)
{
    struct rill_selection chosen;
    if (!t->shared)
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_NOT_FOUND, 0, 0, why);
    struct rill_capabilities can = rill_source_capabilities(t->shared->source);
    int rc = rill_select_settings(constraints, &can, 1, &chosen, why);
    if (rc < 0)
        return rc;
    t->settings = chosen.settings;
    rill_source_apply(t->shared->source, &t->settings);
    t->has_slot = false;
    return 0;
}

void rill_track_set_enabled(struct rill_track *t, bool enabled)
{
    t->enabled = enabled;
    t->broken = t->encoded; /* frames were passed over meanwhile */
    t->blank_due = 0;
}

struct rill_track_state rill_track_state(const struct rill_track *t)
{
    struct rill_track_state s = {.enabled = t->enabled, .muted = t->muted, .ended = t->stopped};
    if (t->shared)
        s.ended = rill_source_ended(t->shared->source, &s.why);
    return s;
}

/* A file that came to its end says nothing more; a device that is gone goes on in black. */
static bool is_over(const struct rill_track *t)
{
    struct rill_err why = {0};
    return t->shared && rill_source_ended(t->shared->source, &why) && !why.row;
}

static bool is_lost(const struct rill_track *t)
{
    return !t->shared || (rill_source_ended(t->shared->source, NULL) && !is_over(t));
}

bool rill_track_is_blank(const struct rill_track *t)
{
    return !is_over(t) && (!t->enabled || t->muted || is_lost(t));
}

uint64_t rill_track_dropped(const struct rill_track *t)
{
    return t->missed + (t->shared ? rill_source_dropped(t->shared->source) : 0);
}

/* --- waiting --------------------------------------------------------------------------- */

void rill_track_start(struct rill_track *t, int64_t now)
{
    t->started = true;
    t->start = t->last = now;
    if (!t->shared || t->shared->started)
        return;
    t->shared->started = true;
    rill_source_start(t->shared->source, now);
}

static int64_t mute_after(const struct rill_track *t)
{
    if (t->kind == RILL_AUDIO || t->native.rate_numerator == 0)
        return MUTED_AFTER;
    int64_t interval = RILL_SECOND * t->native.rate_denominator / t->native.rate_numerator;
    return interval * MUTED_INTERVALS > MUTED_AFTER ? interval * MUTED_INTERVALS : MUTED_AFTER;
}

int64_t rill_track_deadline(const struct rill_track *t)
{
    int64_t next = RILL_NEVER;
    if (!t->started || is_over(t))
        return next;
    if (t->shared && !is_lost(t)) {
        next = rill_source_deadline(t->shared->source);
        if (t->live && !t->muted)
            next = rill_earlier(next, t->last + mute_after(t));
    }
    return rill_track_is_blank(t) ? rill_earlier(next, t->blank_due) : next;
}

size_t rill_track_descriptors(const struct rill_track *t,
                              struct rill_source_fd out[RILL_SOURCE_FDS_MAX])
{
    return t->started && t->shared ? rill_source_descriptors(t->shared->source, out) : 0;
}

void rill_track_polled(struct rill_track *t, const struct rill_source_fd *fds, size_t n)
{
    if (t->shared)
        rill_source_polled(t->shared->source, fds, n);
}

/* Something came. */
static void hear(struct rill_track *t, int64_t now)
{
    t->last = now;
    if (t->muted)
        t->blank_due = 0;
    t->muted = false;
}

static void miss(struct rill_track *t, int64_t now)
{
    if (!t->live || t->muted || is_lost(t) || now < t->last + mute_after(t))
        return;
    t->muted = true;
    t->blank_due = now;
}

/* --- pictures -------------------------------------------------------------------------- */

static bool reserve(struct rill_track *t, uint32_t width, uint32_t height)
{
    size_t n = rill_image_size(width, height);
    if (n <= t->cap)
        return true;
    uint8_t *pixels = realloc(t->pixels, n);
    if (!pixels)
        return false;
    t->pixels = pixels;
    t->cap = n;
    return true;
}

/* Pictures fall into slots of the wanted interval; the first of each is kept. Half an interval
 * of the source is added, so that its jitter does not carry a picture over the edge. */
static bool is_kept(struct rill_track *t, int64_t time)
{
    const struct rill_settings *s = &t->settings, *n = &t->native;
    double source = (double)n->rate_numerator / n->rate_denominator;
    double wanted = (double)s->rate_numerator / s->rate_denominator;
    if (wanted >= source * 0.999)
        return true;
    double at = (double)(time - t->start) / (double)RILL_SECOND + 0.5 / source;
    uint64_t slot = at > 0 ? (uint64_t)(at * wanted) : 0;
    if (t->has_slot && slot <= t->slot)
        return false;
    t->has_slot = true;
    t->slot = slot;
    return true;
}

/* A source that changed its size by itself is followed, unless constraints say otherwise. */
static bool shape(struct rill_track *t, const struct rill_image *from, struct rill_image *out)
{
    const struct rill_settings *s = &t->settings;
    if (s->resize_mode == RILL_RESIZE_NONE ||
        (from->width == s->width && from->height == s->height)) {
        *out = *from;
        return true;
    }
    if (!reserve(t, s->width, s->height))
        return false;
    struct rill_image image = rill_image_over(t->pixels, s->width, s->height);
    if (!rill_pixels_fit(from, &image))
        return false;
    *out = image;
    return true;
}

static bool black(struct rill_track *t, int64_t now, struct rill_image *out)
{
    const struct rill_settings *s = &t->settings;
    if (!rill_track_is_blank(t) || now < t->blank_due || !reserve(t, s->width, s->height))
        return false;
    struct rill_image image = rill_image_over(t->pixels, s->width, s->height);
    rill_pixels_black(&image);
    image.time = now;
    t->blank_due = now + BLACK_EVERY;
    *out = image;
    return true;
}

/* What a disabled track passes over is taken all the same, so that nothing piles up. */
static bool next_image(struct rill_track *t, int64_t now, struct rill_image *image)
{
    struct rill_frame frame;
    if (!t->shared)
        return false;
    return t->encoded ? rill_shared_frame(t->shared, now, &t->seen, &t->missed, &frame)
                      : rill_shared_image(t->shared, now, &t->seen, &t->missed, image);
}

bool rill_track_image(struct rill_track *t, int64_t now, struct rill_image *out)
{
    struct rill_image image;
    while (t->started && t->kind == RILL_VIDEO && (!t->encoded || rill_track_is_blank(t)) &&
           next_image(t, now, &image)) {
        hear(t, now);
        if (t->enabled && !t->encoded && is_kept(t, image.time) && shape(t, &image, out))
            return true;
    }
    miss(t, now);
    return t->started && t->kind == RILL_VIDEO && black(t, now, out);
}

bool rill_track_frame(struct rill_track *t, int64_t now, struct rill_frame *out)
{
    uint64_t missed = t->missed;
    while (t->started && t->shared && t->encoded && !rill_track_is_blank(t) &&
           rill_shared_frame(t->shared, now, &t->seen, &t->missed, out)) {
        hear(t, now);
        t->broken = (t->broken || t->missed > missed) && t->kind == RILL_VIDEO && !out->keyframe;
        missed = t->missed;
        if (!t->broken)
            return true;
        t->missed = ++missed;
    }
    return false;
}

/* --- sound ----------------------------------------------------------------------------- */

static bool quiet(struct rill_track *t, int64_t now, struct rill_pcm *out)
{
    if (!t->muted && !is_lost(t) && !t->encoded)
        return false;
    if (t->blank_due < t->last)
        t->blank_due = now;
    if (now < t->blank_due)
        return false;
    *out = (struct rill_pcm){.samples = t->silence,
                             .frames = RILL_SHARED_BLOCK_FRAMES,
                             .rate_hz = 48000,
                             .channels = (uint8_t)(t->settings.channel_count > 1 ? 2 : 1),
                             .time = t->blank_due};
    t->blank_due += BLOCK_US;
    return true;
}

bool rill_track_pcm(struct rill_track *t, int64_t now, struct rill_pcm *out)
{
    struct rill_frame frame;
    if (!t->started || t->kind != RILL_AUDIO || is_over(t) ||
        (t->encoded && !rill_track_is_blank(t)))
        return false;
    while (t->encoded && t->shared &&
           rill_shared_frame(t->shared, now, &t->seen, &t->missed, &frame))
        hear(t, now);
    if (t->shared && !t->encoded && rill_shared_pcm(t->shared, now, &t->seen, &t->missed, out)) {
        hear(t, now);
        if (!t->enabled)
            out->samples = t->silence;
        return true;
    }
    miss(t, now);
    return quiet(t, now, out);
}
