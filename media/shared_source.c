#include "media/shared_source.h"

#include <string.h>

/* Moves *seen on to one of the last `kept` items. */
static void move_on(const struct rill_shared_source *s, uint64_t kept, uint64_t *seen,
                    uint64_t *missed)
{
    uint64_t oldest = s->taken > kept ? s->taken - kept : 0;
    if (*seen < oldest) {
        *missed += oldest - *seen;
        *seen = oldest;
    }
    ++*seen;
}

bool rill_shared_image(struct rill_shared_source *s, int64_t now, uint64_t *seen, uint64_t *missed,
                       struct rill_image *out)
{
    if (*seen == s->taken) {
        if (!rill_source_image(s->source, now, &s->image))
            return false;
        s->taken++;
    }
    move_on(s, 1, seen, missed);
    *out = s->image;
    return true;
}

bool rill_shared_frame(struct rill_shared_source *s, int64_t now, uint64_t *seen, uint64_t *missed,
                       struct rill_frame *out)
{
    if (*seen == s->taken) {
        if (!rill_source_frame(s->source, now, &s->frame))
            return false;
        s->taken++;
    }
    move_on(s, 1, seen, missed);
    *out = s->frame;
    return true;
}

bool rill_shared_pcm(struct rill_shared_source *s, int64_t now, uint64_t *seen, uint64_t *missed,
                     struct rill_pcm *out)
{
    if (*seen == s->taken) {
        struct rill_pcm taken;
        size_t slot = s->taken % RILL_SHARED_BLOCKS;
        if (!rill_source_pcm(s->source, now, &taken))
            return false;
        memcpy(s->samples[slot], taken.samples,
               taken.frames * taken.channels * sizeof *taken.samples);
        taken.samples = s->samples[slot];
        s->pcm[slot] = taken;
        s->taken++;
    }
    move_on(s, RILL_SHARED_BLOCKS, seen, missed);
    *out = s->pcm[(*seen - 1) % RILL_SHARED_BLOCKS];
    return true;
}
