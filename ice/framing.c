/* ice/framing: RFC 4571 §2. */
#include "ice/framing.h"

#include <string.h>

size_t rill_ice_frame(struct rill_span out, size_t n)
{
    if (n > UINT16_MAX || out.n < n + RILL_ICE_FRAME_HEAD)
        return 0;
    memmove(out.p + RILL_ICE_FRAME_HEAD, out.p, n);
    out.p[0] = (uint8_t)(n >> 8);
    out.p[1] = (uint8_t)n;
    return n + RILL_ICE_FRAME_HEAD;
}

size_t rill_ice_deframe(struct rill_ice_deframer *d, struct rill_view bytes,
                        struct rill_span *frame)
{
    *frame = (struct rill_span){0};
    if (bytes.n == 0)
        return 0;
    if (d->at < RILL_ICE_FRAME_HEAD) {
        d->head[d->at++] = bytes.p[0];
        if (d->at == RILL_ICE_FRAME_HEAD && d->head[0] == 0 && d->head[1] == 0)
            d->at = 0;
        return 1;
    }
    size_t length = (size_t)d->head[0] << 8 | d->head[1];
    size_t had = d->at - RILL_ICE_FRAME_HEAD;
    size_t n = length - had < bytes.n ? length - had : bytes.n;
    bool kept = length <= sizeof d->bytes;
    if (kept)
        memcpy(d->bytes + had, bytes.p, n);
    d->at += n;
    if (had + n == length) {
        d->at = 0;
        *frame = (struct rill_span){d->bytes, kept ? length : 0};
    }
    return n;
}
