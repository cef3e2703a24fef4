#include "capture/source_private.h"

#include "base/vp8_tag.h"
#include "capture/testsrc.h"

#define BLOCK_US (20 * RILL_MS)
/* A caller this many pictures late skips; less is made up for. */
#define LATE_MAX 4

enum rill_kind rill_source_kind(const struct rill_source *s)
{
    return s->type == RILL_SOURCE_SINE || s->type == RILL_SOURCE_WAV ? RILL_AUDIO : RILL_VIDEO;
}

bool rill_source_is_encoded(const struct rill_source *s)
{
    return s->type == RILL_SOURCE_IVF;
}

void rill_source_format(const struct rill_source *s, uint32_t *width, uint32_t *height,
                        uint32_t *rate_numerator, uint32_t *rate_denominator)
{
    bool sound = rill_source_kind(s) == RILL_AUDIO;
    *width = sound ? RILL_SOURCE_RATE_HZ : s->width;
    *height = sound ? s->channels : s->height;
    *rate_numerator = sound ? RILL_SOURCE_RATE_HZ : s->rate_numerator;
    *rate_denominator = sound ? RILL_SOURCE_BLOCK_FRAMES : s->rate_denominator;
}

uint64_t rill_source_dropped(const struct rill_source *s)
{
    return s->dropped;
}

/* --- pacing ---------------------------------------------------------------------------- */

/* When item k is due after the start, computed from k alone so that nothing adds up. */
static int64_t due_after(const struct rill_source *s, uint64_t k)
{
    if (rill_source_kind(s) == RILL_AUDIO)
        return (int64_t)k * BLOCK_US;
    if (s->type == RILL_SOURCE_IVF) {
        uint64_t n = s->ivf.index.n;
        return (int64_t)(k / n) * s->ivf.duration + s->ivf.index.frames[k % n].elapsed;
    }
    uint64_t units = k * s->rate_denominator;
    uint64_t rest = units % s->rate_numerator;
    return (int64_t)(units / s->rate_numerator) * RILL_SECOND +
           (int64_t)(rest * RILL_SECOND / s->rate_numerator);
}

static int64_t due(const struct rill_source *s, uint64_t k)
{
    return s->start + due_after(s, k);
}

static bool is_due(const struct rill_source *s, int64_t now)
{
    return s->started && s->next < s->total && due(s, s->next) <= now;
}

/* The longest delay that is made up for picture by picture. */
static int64_t lateness_max(const struct rill_source *s)
{
    return due_after(s, LATE_MAX);
}

/* Strides that double while they lead to what is due, and halve again. */
static uint64_t newest_due(const struct rill_source *s, int64_t now)
{
    uint64_t k = s->next;
    uint64_t stride = 1;
    while (k + stride < s->total && due(s, k + stride) <= now)
        stride *= 2;
    for (; stride > 0; stride /= 2)
        if (k + stride < s->total && due(s, k + stride) <= now)
            k += stride;
    return k;
}

static void jump(struct rill_source *s, uint64_t to)
{
    s->dropped += to - s->next;
    s->next = to;
}

static void catch_up_pictures(struct rill_source *s, int64_t now)
{
    if (now - due(s, s->next) > lateness_max(s))
        jump(s, newest_due(s, now));
}

/* Encoded frames build on those before: go to the newest key frame that is due. What is then
 * still late moves the clock, so that the rest does not come in one burst. */
static void catch_up_frames(struct rill_source *s, int64_t now)
{
    if (now - due(s, s->next) <= lateness_max(s))
        return;
    uint64_t k = newest_due(s, now);
    while (k > s->next && !s->ivf.index.frames[k % s->ivf.index.n].keyframe)
        k--;
    jump(s, k);
    if (now - due(s, s->next) > lateness_max(s))
        s->start += now - due(s, s->next);
}

void rill_source_start(struct rill_source *s, int64_t now)
{
    s->started = true;
    s->start = now;
    s->next = 0;
}

int64_t rill_source_deadline(const struct rill_source *s)
{
    return s->started && s->next < s->total ? due(s, s->next) : RILL_NEVER;
}

/* --- giving ---------------------------------------------------------------------------- */

/* A file that can no longer be read has ended. */
static bool draw(struct rill_source *s, struct rill_image *image)
{
    if (s->type == RILL_SOURCE_TESTSRC) {
        rill_testsrc_draw(image, (uint32_t)(s->next % RILL_TESTSRC_NUMBERS));
        return true;
    }
    if (rill_y4m_read(&s->y4m, s->next % s->y4m.index.n, s->buffer))
        return true;
    s->total = s->next;
    return false;
}

bool rill_source_image(struct rill_source *s, int64_t now, struct rill_image *out)
{
    if ((s->type != RILL_SOURCE_TESTSRC && s->type != RILL_SOURCE_Y4M) || !is_due(s, now))
        return false;
    catch_up_pictures(s, now);
    struct rill_image image = rill_image_over(s->buffer, s->width, s->height);
    image.time = due(s, s->next);
    if (!draw(s, &image))
        return false;
    s->next++;
    *out = image;
    return true;
}

bool rill_source_pcm(struct rill_source *s, int64_t now, struct rill_pcm *out)
{
    if (rill_source_kind(s) != RILL_AUDIO || !is_due(s, now))
        return false;
    if (s->type == RILL_SOURCE_SINE)
        rill_sine_fill(&s->sine, s->samples, RILL_SOURCE_BLOCK_FRAMES, s->channels);
    else
        rill_resample_fill(&s->resample, s->samples, RILL_SOURCE_BLOCK_FRAMES);
    *out = (struct rill_pcm){
        .samples = s->samples,
        .frames = RILL_SOURCE_BLOCK_FRAMES,
        .rate_hz = RILL_SOURCE_RATE_HZ,
        .channels = s->channels,
        .time = due(s, s->next),
    };
    s->next++;
    return true;
}

bool rill_source_frame(struct rill_source *s, int64_t now, struct rill_frame *out)
{
    if (s->type != RILL_SOURCE_IVF || !is_due(s, now))
        return false;
    catch_up_frames(s, now);
    size_t k = s->next % s->ivf.index.n;
    const struct rill_file_frame *f = &s->ivf.index.frames[k];
    if (!rill_ivf_read(&s->ivf, k, s->buffer)) {
        s->total = s->next;
        return false;
    }
    *out = (struct rill_frame){
        .kind = RILL_VIDEO,
        .codec = RILL_CODEC_VP8,
        .bytes = rill_view_at(s->buffer, f->size),
        .time = due(s, s->next),
        .keyframe = f->keyframe,
    };
    rill_vp8_tag_size(out->bytes, &out->width, &out->height);
    s->next++;
    return true;
}
