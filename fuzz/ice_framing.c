/* fuzz ice_framing: frames in a stream, cut where the first bytes say. What the pieces are must
 * make no difference: the same frames come as from the whole. */
#include "ice/framing.h"

#include <stdlib.h>
#include <string.h>

struct found {
    uint64_t hash;
    size_t frames, bytes;
};

static struct found feed(struct rill_view v, size_t piece)
{
    static struct rill_ice_deframer d;
    struct found f = {0};
    struct rill_span frame;
    memset(&d, 0, sizeof d);
    for (size_t at = 0; at < v.n;) {
        size_t left = v.n - at < piece ? v.n - at : piece;
        size_t took = rill_ice_deframe(&d, rill_view_sub(v, at, left), &frame);
        if (took == 0 || took > left || frame.n > RILL_DATAGRAM_IN_MAX)
            abort();
        at += took;
        f.frames += frame.n > 0;
        f.bytes += frame.n;
        for (size_t i = 0; i < frame.n; i++)
            f.hash = (f.hash ^ frame.p[i]) * 0x100000001b3u;
    }
    return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_reader r = rill_reader_of(rill_view_at(data, n));
    size_t piece = 1u + rill_r_u8(&r);
    struct rill_view v = rill_r_bytes(&r, rill_r_left(&r));
    struct found whole = feed(v, v.n ? v.n : 1), cut = feed(v, piece);
    if (whole.hash != cut.hash || whole.frames != cut.frames || whole.bytes != cut.bytes ||
        whole.bytes > v.n)
        abort();
    return 0;
}
