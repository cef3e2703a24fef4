/* codec/vpx_decode: VP8 back to pictures, by libvpx, behind a gate.
 *
 * The idea: 64 bytes can claim 16383 × 16383 pixels and make a decoder allocate hundreds of
 * MiB. The header is read here first, and only what fits the caller's limit goes on. After
 * damage nothing is decoded until a key frame, so that what comes out is right. */
#include "codec/codec.h"
#include "codec/vp8_header.h"

#include <stdlib.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

struct rill_vpx_decoder {
    vpx_codec_ctx_t vpx;
    uint32_t max_pixels;
    bool whole; /* a key frame came and nothing was lost since */
};

int rill_vpx_decoder_new(uint32_t max_pixels, struct rill_vpx_decoder **out)
{
    if (max_pixels == 0)
        return RILL_CODEC_VP8_DECODER;
    struct rill_vpx_decoder *d = calloc(1, sizeof *d);
    if (!d)
        return RILL_CODEC_VP8_DECODER;
    vpx_codec_dec_cfg_t settings = {.threads = 1};
    if (vpx_codec_dec_init(&d->vpx, vpx_codec_vp8_dx(), &settings, 0) != VPX_CODEC_OK) {
        free(d);
        return RILL_CODEC_VP8_DECODER;
    }
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

/* What libvpx may be shown. */
static int judge(const struct rill_vpx_decoder *d, struct rill_view frame, bool *keyframe)
{
    struct rill_vp8_header h;
    int rc = rill_vp8_header_read(frame, &h, NULL);
    if (rc < 0)
        return rc;
    /* RFC 6386 §9.1: "allocation (or re-allocation) of data structures … whose size depends
     * on dimension will be triggered here", so the limit is kept before it. */
    if (h.keyframe && (uint64_t)h.width * h.height > d->max_pixels)
        return RILL_CODEC_VP8_TOO_LARGE;
    if (!h.keyframe && !d->whole)
        return RILL_CODEC_VP8_NO_KEYFRAME;
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
        return RILL_CODEC_VP8_CORRUPT;
    }
    d->whole = true;
    vpx_codec_iter_t at = NULL;
    const vpx_image_t *v = vpx_codec_get_frame(&d->vpx, &at);
    if (!v)
        return 0;
    *out = image_of(v);
    return 1;
}
