/* capture/paced: sources that run by the clock alone: item k is due at the start + k × its
 * interval. */
#include "capture/paced.h"

#include "capture/frame_tag.h"
#include "capture/testsrc.h"

#include <stdlib.h>

/* A caller this many pictures late skips; less is made up for. */
#define LATE_MAX 4

static struct rill_paced *own(const struct rill_source *s)
{
    return s->own;
}

/* --- pacing ---------------------------------------------------------------------------- */

const struct rill_file_index *rill_paced_frames(const struct rill_paced *p)
{
    return p->type == RILL_PACED_IVF    ? &p->ivf.index
           : p->type == RILL_PACED_H264 ? &p->h264.index
                                        : NULL;
}

/* Access units come as frames and as fields. */
static int64_t h264_after(const struct rill_paced *p, uint64_t k)
{
    uint64_t n = p->h264.index.n, per_second = 2ull * p->rate_numerator;
    uint64_t halves =
        k / n * (uint64_t)p->h264.halves + (uint64_t)p->h264.index.frames[k % n].elapsed;
    uint64_t units = halves * p->rate_denominator, rest = units % per_second;
    return (int64_t)(units / per_second) * RILL_SECOND + (int64_t)(rest * RILL_SECOND / per_second);
}

/* When item k is due after the start, computed from k alone so that nothing adds up. */
static int64_t due_after(const struct rill_paced *p, uint64_t k)
{
    if (p->type == RILL_PACED_SINE || p->type == RILL_PACED_WAV || p->type == RILL_PACED_OPUS)
        return (int64_t)k * RILL_SOURCE_BLOCK_US;
    if (p->type == RILL_PACED_IVF) {
        uint64_t n = p->ivf.index.n;
        return (int64_t)(k / n) * p->ivf.duration + p->ivf.index.frames[k % n].elapsed;
    }
    if (p->type == RILL_PACED_H264)
        return h264_after(p, k);
    uint64_t units = k * p->rate_denominator;
    uint64_t rest = units % p->rate_numerator;
    return (int64_t)(units / p->rate_numerator) * RILL_SECOND +
           (int64_t)(rest * RILL_SECOND / p->rate_numerator);
}

static int64_t due(const struct rill_paced *p, uint64_t k)
{
    return p->start + due_after(p, k);
}

static bool is_due(const struct rill_paced *p, int64_t now)
{
    return p->next < p->total && due(p, p->next) <= now;
}

/* The longest delay that is made up for picture by picture. */
static int64_t lateness_max(const struct rill_paced *p)
{
    return due_after(p, LATE_MAX);
}

/* Strides that double while they lead to what is due, and halve again. */
static uint64_t newest_due(const struct rill_paced *p, int64_t now)
{
    uint64_t k = p->next;
    uint64_t stride = 1;
    while (k + stride < p->total && due(p, k + stride) <= now)
        stride *= 2;
    for (; stride > 0; stride /= 2)
        if (k + stride < p->total && due(p, k + stride) <= now)
            k += stride;
    return k;
}

static void jump(struct rill_source *s, uint64_t to)
{
    s->dropped += to - own(s)->next;
    own(s)->next = to;
}

static void catch_up_pictures(struct rill_source *s, int64_t now)
{
    struct rill_paced *p = own(s);
    if (now - due(p, p->next) > lateness_max(p))
        jump(s, newest_due(p, now));
}

/* Encoded frames build on those before: go to the newest key frame that is due. What is then
 * still late moves the clock, so that the rest does not come in one burst. */
static void catch_up_frames(struct rill_source *s, int64_t now)
{
    struct rill_paced *p = own(s);
    if (now - due(p, p->next) <= lateness_max(p))
        return;
    const struct rill_file_index *index = rill_paced_frames(p);
    uint64_t k = newest_due(p, now);
    while (k > p->next && !index->frames[k % index->n].keyframe)
        k--;
    jump(s, k);
    if (now - due(p, p->next) > lateness_max(p))
        p->start += now - due(p, p->next);
}

static void start(struct rill_source *s, int64_t now)
{
    own(s)->start = now;
    own(s)->next = 0;
}

static int64_t deadline(const struct rill_source *s)
{
    const struct rill_paced *p = own(s);
    return p->next < p->total ? due(p, p->next) : RILL_NEVER;
}

/* One item was given. */
static void advance(struct rill_source *s)
{
    struct rill_paced *p = own(s);
    if (++p->next == p->total)
        rill_source_end(s, 0, 0);
}

/* --- giving ---------------------------------------------------------------------------- */

static bool draw(struct rill_paced *p, struct rill_image *image)
{
    if (p->type == RILL_PACED_Y4M)
        return rill_y4m_read(&p->y4m, p->next % p->y4m.index.n, p->buffer);
    rill_testsrc_draw(image, (uint32_t)(p->next % RILL_TESTSRC_NUMBERS));
    return true;
}

static bool give_image(struct rill_source *s, int64_t now, struct rill_image *out)
{
    struct rill_paced *p = own(s);
    if ((p->type != RILL_PACED_TESTSRC && p->type != RILL_PACED_Y4M) || !is_due(p, now))
        return false;
    catch_up_pictures(s, now);
    struct rill_image image = rill_image_over(p->buffer, p->width, p->height);
    image.time = due(p, p->next);
    if (!draw(p, &image)) {
        rill_source_end(s, RILL_CAPTURE_READ, 0);
        return false;
    }
    advance(s);
    *out = image;
    return true;
}

static bool fill(struct rill_paced *p)
{
    if (p->type == RILL_PACED_OPUS)
        return rill_opus_file_fill(p->opus, p->loop, p->samples, RILL_SOURCE_BLOCK_FRAMES);
    if (p->type == RILL_PACED_SINE)
        rill_sine_fill(&p->sine, p->samples, RILL_SOURCE_BLOCK_FRAMES, p->channels);
    else
        rill_resample_fill(&p->resample, p->samples, RILL_SOURCE_BLOCK_FRAMES);
    return true;
}

static bool give_pcm(struct rill_source *s, int64_t now, struct rill_pcm *out)
{
    struct rill_paced *p = own(s);
    if (s->kind != RILL_AUDIO || !is_due(p, now))
        return false;
    if (!fill(p)) {
        rill_source_end(s, RILL_CAPTURE_READ, 0);
        return false;
    }
    *out = (struct rill_pcm){
        .samples = p->samples,
        .frames = RILL_SOURCE_BLOCK_FRAMES,
        .rate_hz = RILL_SOURCE_RATE_HZ,
        .channels = p->channels,
        .time = due(p, p->next),
    };
    advance(s);
    return true;
}

static bool give_frame(struct rill_source *s, int64_t now, struct rill_frame *out)
{
    struct rill_paced *p = own(s);
    const struct rill_file_index *index = rill_paced_frames(p);
    if (!index || !is_due(p, now))
        return false;
    catch_up_frames(s, now);
    size_t k = p->next % index->n;
    const struct rill_file_frame *f = &index->frames[k];
    if (p->type == RILL_PACED_H264 ? !rill_h264_file_read(&p->h264, k, p->buffer)
                                   : !rill_ivf_read(&p->ivf, k, p->buffer)) {
        rill_source_end(s, RILL_CAPTURE_READ, 0);
        return false;
    }
    *out = (struct rill_frame){
        .kind = RILL_VIDEO,
        .codec = s->codec,
        .bytes = rill_view_at(p->buffer, f->size),
        .time = due(p, p->next),
        .keyframe = f->keyframe,
    };
    if (out->keyframe)
        rill_frame_tag_size(out->codec, out->bytes, &out->width, &out->height);
    advance(s);
    return true;
}

static void close_paced(struct rill_source *s)
{
    struct rill_paced *p = own(s);
    if (p->type == RILL_PACED_Y4M)
        rill_y4m_close(&p->y4m);
    if (p->type == RILL_PACED_IVF)
        rill_ivf_close(&p->ivf);
    if (p->type == RILL_PACED_H264)
        rill_h264_file_close(&p->h264);
    rill_resample_free(&p->resample);
    rill_opus_file_close(p->opus);
    rill_file_close(&p->file);
    free(p->buffer);
    free(p);
}

const struct rill_source_ops rill_paced_ops = {
    .close = close_paced,
    .start = start,
    .deadline = deadline,
    .image = give_image,
    .pcm = give_pcm,
    .frame = give_frame,
};
