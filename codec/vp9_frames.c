#include "codec/vp9_frames.h"

#define MARKER 0xc0u
#define MARKER_MASK 0xe0u

static size_t low_first(const uint8_t *p, size_t n)
{
    size_t v = 0;
    for (size_t i = n; i > 0; i--)
        v = v << 8 | p[i - 1];
    return v;
}

bool rill_vp9_frames_split(struct rill_view packet, struct rill_vp9_frames *out)
{
    uint8_t marker = packet.n ? packet.p[packet.n - 1] : 0;
    *out = (struct rill_vp9_frames){.frames = {packet}, .n = 1};
    if ((marker & MARKER_MASK) != MARKER)
        return packet.n > 0;
    size_t each = (marker >> 3 & 3u) + 1, n = (marker & 7u) + 1, index = 2 + each * n;
    if (packet.n < index || packet.p[packet.n - index] != marker)
        return false;
    const uint8_t *sizes = packet.p + packet.n - index + 1;
    size_t at = 0, end = packet.n - index;
    for (size_t i = 0; i < n; i++) {
        size_t size = low_first(sizes + i * each, each);
        if (size == 0 || size > end - at)
            return false;
        out->frames[i] = rill_view_sub(packet, at, size);
        at += size;
    }
    out->n = n;
    out->has_index = true;
    return true;
}

void rill_vp9_index_write(uint32_t n, uint8_t out[RILL_VP9_INDEX])
{
    out[0] = out[5] = MARKER | 3 << 3;
    for (unsigned i = 0; i < 4; i++)
        out[1 + i] = (uint8_t)(n >> 8 * i);
}
