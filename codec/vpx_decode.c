/* codec/vpx_decode: VP8 and VP9 back to pictures, by libvpx, behind a gate.
 *
 * The idea: 64 bytes can claim 16383 × 16383 pixels and make a decoder allocate hundreds of
 * MiB. The header is read here first, and only what fits the caller's limit goes on. After
 * damage nothing is decoded until a key frame, so that what comes out is right. */
#include "codec/codec.h"
#include "codec/vp8_header.h"
#include "codec/vp9_frames.h"

#include <stdlib.h>
#include <string.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

struct rill_vpx_decoder {
    vpx_codec_ctx_t vpx;
    enum rill_codec_id codec;
    uint32_t max_pixels;
    bool whole;       /* a key frame came and nothing was lost since */
    uint8_t *indexed; /* a frame of VP9 with an index */
    size_t indexed_cap;
};

int rill_vpx_decoder_new(enum rill_codec_id codec, uint32_t max_pixels,
                         struct rill_vpx_decoder **out)
{
    vpx_codec_iface_t *iface = codec == RILL_CODEC_VP9 ? vpx_codec_vp9_dx() : vpx_codec_vp8_dx();
    if (max_pixels == 0 || (codec != RILL_CODEC_VP8 && codec != RILL_CODEC_VP9))
        return RILL_CODEC_VPX_DECODER;
    struct rill_vpx_decoder *d = calloc(1, sizeof *d);
    if (!d)
        return RILL_CODEC_VPX_DECODER;
    vpx_codec_dec_cfg_t settings = {.threads = 1};
    if (vpx_codec_dec_init(&d->vpx, iface, &settings, 0) != VPX_CODEC_OK) {
        free(d);
        return RILL_CODEC_VPX_DECODER;
    }
    d->codec = codec;
    d->max_pixels = max_pixels;
    *out = d;
    return 0;
}

void rill_vpx_decoder_free(struct rill_vpx_decoder *d)
{
    if (!d)
        return;
    vpx_codec_destroy(&d->vpx);
    free(d->indexed);
    free(d);
}

/* What libvpx may be shown of VP8. */
static int judge_vp8(const struct rill_vpx_decoder *d, struct rill_view frame, bool *keyframe)
{
    struct rill_vp8_header h;
    int rc = rill_vp8_header_read(frame, &h, NULL);
    if (rc < 0)
        return rc;
    *keyframe = h.keyframe;
    /* RFC 6386 §9.1: "allocation (or re-allocation) of data structures … whose size depends
     * on dimension will be triggered here", so the limit is kept before it. */
    return h.keyframe && (uint64_t)h.width * h.height > d->max_pixels ? RILL_CODEC_VPX_TOO_LARGE
                                                                      : 0;
}

/* Of VP9 any frame may have a size of its own, and be one of several that come at once. */
static int judge_vp9(const struct rill_vpx_decoder *d, const struct rill_vp9_frames *frames,
                     bool *keyframe)
{
    struct rill_vp9_tag t;
    for (size_t i = 0; i < frames->n; i++) {
        if (!rill_vp9_tag_read(frames->frames[i], &t))
            return RILL_CODEC_VP9_HEADER;
        if ((uint64_t)t.own_width * t.own_height > d->max_pixels)
            return RILL_CODEC_VPX_TOO_LARGE;
        *keyframe |= i == 0 && t.keyframe;
    }
    return 0;
}

/* Without an index libvpx takes what lies behind a frame for another one, where nothing but it
 * knows: so each has one. */
static int put_index(struct rill_vpx_decoder *d, struct rill_view *frame)
{
    size_t size = frame->n + RILL_VP9_INDEX;
    if (frame->n > UINT32_MAX - RILL_VP9_INDEX)
        return RILL_CODEC_VPX_TOO_LARGE;
    if (size > d->indexed_cap) {
        uint8_t *more = realloc(d->indexed, 2 * size);
        if (!more)
            return RILL_CODEC_VPX_DECODER;
        d->indexed = more;
        d->indexed_cap = 2 * size;
    }
    memcpy(d->indexed, frame->p, frame->n);
    rill_vp9_index_write((uint32_t)frame->n, d->indexed + frame->n);
    *frame = rill_view_at(d->indexed, size);
    return 0;
}

static int judge(struct rill_vpx_decoder *d, struct rill_view *frame)
{
    struct rill_vp9_frames frames;
    bool keyframe = false;
    int rc;
    if (d->codec == RILL_CODEC_VP8)
        rc = judge_vp8(d, *frame, &keyframe);
    else if (!rill_vp9_frames_split(*frame, &frames))
        rc = RILL_CODEC_VP9_HEADER;
    else
        rc = judge_vp9(d, &frames, &keyframe);
    if (rc < 0)
        return rc;
    if (!keyframe && !d->whole)
        return RILL_CODEC_VPX_NO_KEYFRAME;
    return d->codec == RILL_CODEC_VP9 && !frames.has_index ? put_index(d, frame) : 0;
}

static struct rill_image image_of(const vpx_image_t *v)
{
    struct rill_image image = {.width = v->d_w, .height = v->d_h};
    for (int i = 0; i < 3; i++) {
        image.plane[i] = v->planes[i];
        image.stride[i] = (size_t)v->stride[i];
    }
    return image;
}

int rill_vpx_decode(struct rill_vpx_decoder *d, struct rill_view frame, struct rill_image *out)
{
    int rc = judge(d, &frame);
    if (rc < 0) {
        d->whole = false;
        return rc;
    }
    if (frame.n > UINT32_MAX ||
        vpx_codec_decode(&d->vpx, frame.p, (unsigned)frame.n, NULL, 0) != VPX_CODEC_OK) {
        d->whole = false;
        return RILL_CODEC_VPX_CORRUPT;
    }
    d->whole = true;
    vpx_codec_iter_t at = NULL;
    const vpx_image_t *v = vpx_codec_get_frame(&d->vpx, &at);
    if (!v)
        return 0;
    *out = image_of(v);
    return 1;
}

int rill_vpx_decoder_qp(struct rill_vpx_decoder *d)
{
    int qp = -1;
    if (d->whole && vpx_codec_control(&d->vpx, VPXD_GET_LAST_QUANTIZER, &qp))
        qp = -1;
    return qp;
}
