/* fuzz vp9: any bytes as the payload of VP9; and as a frame to be cut in pieces. */
#include "rtp/vp9.h"

#include <stdlib.h>
#include <string.h>

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void walk_group(const struct rill_vp9_structure *ss)
{
    struct rill_vp9_picture p;
    size_t at = 0, n = 0;
    while (rill_vp9_group_next(ss, &at, &p))
        n++;
    require(n == ss->n_g);
}

static void cut_and_join(struct rill_view frame, size_t room, uint8_t bits)
{
    static uint8_t piece[300], joined[1 << 16];
    struct rill_vp9_out f = {.frame = frame, .keyframe = bits & 1, .flexible = bits & 2};
    size_t pieces = rill_vp9_pieces(frame.n, room, f.keyframe), at = 0;
    if (frame.n > sizeof joined)
        return;
    for (size_t i = 0; i < pieces; i++) {
        struct rill_writer w = rill_writer_of((struct rill_span){piece, room});
        struct rill_vp9_descriptor d;
        rill_vp9_write_piece(&w, &f, i, pieces);
        require(!w.bad && rill_vp9_parse(rill_w_view(&w), &d, NULL) == 0);
        require(d.B == (i == 0) && at + w.at - d.size <= frame.n);
        memcpy(joined + at, piece + d.size, w.at - d.size);
        at += w.at - d.size;
    }
    require(pieces == 0 || (at == frame.n && memcmp(joined, frame.p, at) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_vp9_descriptor d;
    if (rill_vp9_parse(rill_view_at(data, n), &d, NULL) == 0) {
        require(d.size < n && d.n_p_diff <= RILL_VP9_REFERENCES);
        walk_group(&d.ss);
    }
    cut_and_join(rill_view_at(data, n), n ? data[0] : 0, n > 1 ? data[1] : 0);
    return 0;
}
