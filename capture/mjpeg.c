/* capture/mjpeg: JPEG pictures of cameras, by libjpeg-turbo.
 *
 * The idea: what the encoder wants are the very planes that are in a JPEG, so there is no way
 * over RGB: the planes come out as they are, chroma is brought to half the height and width,
 * and the full range of JPEG (0 … 255) to that of video (16 … 235). */
#include "capture/pixels.h"

#include <libyuv.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

struct rill_mjpeg {
    tjhandle decoder;
    uint8_t *room; /* the planes of one picture */
    size_t cap;
    uint8_t luma[256], chroma[256]; /* full range to limited */
};

struct rill_mjpeg *rill_mjpeg_new(void)
{
    struct rill_mjpeg *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->decoder = tjInitDecompress();
    if (!m->decoder) {
        free(m);
        return NULL;
    }
    for (int i = 0; i < 256; i++) {
        m->luma[i] = (uint8_t)(16 + (i * 219 + 127) / 255);
        m->chroma[i] = (uint8_t)(128 + ((i - 128) * 224 + (i < 128 ? -127 : 127)) / 255);
    }
    return m;
}

void rill_mjpeg_free(struct rill_mjpeg *m)
{
    if (!m)
        return;
    tjDestroy(m->decoder);
    free(m->room);
    free(m);
}

static bool make_room(struct rill_mjpeg *m, size_t n)
{
    if (n <= m->cap)
        return true;
    uint8_t *room = realloc(m->room, n);
    if (!room)
        return false;
    m->room = room;
    m->cap = n;
    return true;
}

/* Cameras pad between markers; anything else that libjpeg warns of has damaged the picture. */
static bool went_well(struct rill_mjpeg *m, int rc)
{
    return rc == 0 || (tjGetErrorCode(m->decoder) == TJERR_WARNING &&
                       strstr(tjGetErrorStr2(m->decoder), "extraneous bytes"));
}

struct planes {
    uint8_t *p[3];
    int stride[3];
};

static bool lay_out(struct rill_mjpeg *m, int width, int height, int subsampling,
                    struct planes *out)
{
    size_t n = 0, at[3] = {0};
    int parts = subsampling == TJSAMP_GRAY ? 1 : 3;
    for (int i = 0; i < parts; i++) {
        at[i] = n;
        out->stride[i] = tjPlaneWidth(i, width, subsampling);
        n += tjPlaneSizeYUV(i, width, 0, height, subsampling);
    }
    if (!make_room(m, n))
        return false;
    for (int i = 0; i < 3; i++)
        out->p[i] = i < parts ? m->room + at[i] : NULL;
    return true;
}

static bool to_i420(const struct planes *f, int subsampling, struct rill_image *to)
{
    uint8_t *const *d = to->plane;
    int s[3] = {(int)to->stride[0], (int)to->stride[1], (int)to->stride[2]};
    int width = (int)to->width, height = (int)to->height;
    switch (subsampling) {
    case TJSAMP_420:
        return I420Copy(f->p[0], f->stride[0], f->p[1], f->stride[1], f->p[2], f->stride[2], d[0],
                        s[0], d[1], s[1], d[2], s[2], width, height) == 0;
    case TJSAMP_422:
        return I422ToI420(f->p[0], f->stride[0], f->p[1], f->stride[1], f->p[2], f->stride[2], d[0],
                          s[0], d[1], s[1], d[2], s[2], width, height) == 0;
    case TJSAMP_444:
        return I444ToI420(f->p[0], f->stride[0], f->p[1], f->stride[1], f->p[2], f->stride[2], d[0],
                          s[0], d[1], s[1], d[2], s[2], width, height) == 0;
    default:
        return I400ToI420(f->p[0], f->stride[0], d[0], s[0], d[1], s[1], d[2], s[2], width,
                          height) == 0;
    }
}

static void limit(uint8_t *p, size_t stride, size_t width, size_t height, const uint8_t *table)
{
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            p[y * stride + x] = table[p[y * stride + x]];
}

static void limit_range(const struct rill_mjpeg *m, struct rill_image *to)
{
    size_t width = ((size_t)to->width + 1) / 2, height = ((size_t)to->height + 1) / 2;
    limit(to->plane[0], to->stride[0], to->width, to->height, m->luma);
    limit(to->plane[1], to->stride[1], width, height, m->chroma);
    limit(to->plane[2], to->stride[2], width, height, m->chroma);
}

/* Rare ways to part the chroma go over RGB. */
static bool over_bgrx(struct rill_mjpeg *m, struct rill_view bytes, struct rill_image *to)
{
    size_t stride = (size_t)to->width * 4;
    if (!make_room(m, stride * to->height))
        return false;
    int rc = tjDecompress2(m->decoder, bytes.p, bytes.n, m->room, (int)to->width, (int)stride,
                           (int)to->height, TJPF_BGRX, TJFLAG_LIMITSCANS);
    return went_well(m, rc) &&
           rill_pixels_from_bgrx(rill_view_at(m->room, stride * to->height), stride, to);
}

static bool decode(struct rill_mjpeg *m, struct rill_view bytes, struct rill_image *to)
{
    int width = 0, height = 0, subsampling = -1, colours = -1; /* tables alone set none of them */
    struct planes planes;
    if (tjDecompressHeader3(m->decoder, bytes.p, bytes.n, &width, &height, &subsampling,
                            &colours) != 0 ||
        (uint32_t)width != to->width || (uint32_t)height != to->height)
        return false;
    bool plain = subsampling == TJSAMP_420 || subsampling == TJSAMP_422 ||
                 subsampling == TJSAMP_444 || subsampling == TJSAMP_GRAY;
    if (!plain || (colours != TJCS_YCbCr && colours != TJCS_GRAY))
        return over_bgrx(m, bytes, to);
    if (!lay_out(m, width, height, subsampling, &planes))
        return false;
    int rc = tjDecompressToYUVPlanes(m->decoder, bytes.p, bytes.n, planes.p, width, planes.stride,
                                     height, TJFLAG_LIMITSCANS);
    if (!went_well(m, rc) || !to_i420(&planes, subsampling, to))
        return false;
    limit_range(m, to);
    return true;
}

/* A picture that was refused leaves the decoder in a state that refuses good ones as well. */
bool rill_mjpeg_decode(struct rill_mjpeg *m, struct rill_view bytes, struct rill_image *to)
{
    if (m->decoder && decode(m, bytes, to))
        return true;
    tjDestroy(m->decoder);
    m->decoder = tjInitDecompress();
    return false;
}
