/* codec/vpx_decode: VP8 and VP9 back to pictures, by libvpx, behind a gate.
 *
 * The idea: 64 bytes can claim 16383 × 16383 pixels and make a decoder allocate hundreds of
 * MiB. The header is read here first, and only what fits the caller's limit goes on. After
 * damage nothing is decoded until a key frame, so that what comes out is right. */
#include "base/vp9_tag.h"
#include "codec/codec.h"
#include "codec/vp8_header.h"

#include <stdlib.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

struct rill_vpx_decoder {
    vpx_codec_ctx_t vpx;
    enum rill_codec_id codec;
    uint32_t max_pixels;
    bool whole; /* a key frame came and nothing was lost since */
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
    free(d);
}

static int read_header(const struct rill_vpx_decoder *d, struct rill_view frame,
                       struct rill_vp8_header *out)
{
    struct rill_vp9_tag t;
    if (d->codec == RILL_CODEC_VP8)
        return rill_vp8_header_read(frame, out, NULL);
    if (!rill_vp9_tag_read(frame, &t))
        return RILL_CODEC_VP9_HEADER;
    *out = (struct rill_vp8_header){.keyframe = t.keyframe, .width = t.width, .height = t.height};
    return 0;
}

/* What libvpx may be shown. An interframe of VP9 may have a size of its own, which libvpx takes
 * from a frame that it refers to, or reads there: it is held to the limit it was given. */
static int judge(const struct rill_vpx_decoder *d, struct rill_view frame, bool *keyframe)
{
    struct rill_vp8_header h = {0};
    int rc = read_header(d, frame, &h);
    if (rc < 0)
        return rc;
    /* RFC 6386 §9.1: "allocation (or re-allocation) of data structures … whose size depends
     * on dimension will be triggered here", so the limit is kept before it. */
    if (h.keyframe && (uint64_t)h.width * h.height > d->max_pixels)
        return RILL_CODEC_VPX_TOO_LARGE;
    if (!h.keyframe && !d->whole)
        return RILL_CODEC_VPX_NO_KEYFRAME;
    *keyframe = h.keyframe;
    return 0;
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
    bool keyframe = false;
    int rc = judge(d, frame, &keyframe);
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
