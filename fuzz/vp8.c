/* fuzz vp8: any bytes as the payload of VP8, and of Opus; and as a frame to be cut in pieces. */
#include "rtp/vp8.h"
#include "rtp/opus.h"

#include <stdlib.h>
#include <string.h>

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void cut_and_join(struct rill_view frame, size_t room)
{
    static uint8_t piece[300], joined[1 << 16];
    size_t pieces = rill_vp8_pieces(frame.n, room), at = 0;
    if (frame.n > sizeof joined)
        return;
    for (size_t i = 0; i < pieces; i++) {
        struct rill_writer w = rill_writer_of((struct rill_span){piece, room});
        struct rill_vp8_descriptor d;
        rill_vp8_write_piece(&w, frame, (uint16_t)frame.n, i, pieces);
        require(!w.bad && rill_vp8_parse(rill_w_view(&w), &d, NULL) == 0);
        require(d.S == (i == 0) && at + w.at - d.size <= frame.n);
        memcpy(joined + at, piece + d.size, w.at - d.size);
        at += w.at - d.size;
    }
    require(pieces == 0 || (at == frame.n && memcmp(joined, frame.p, at) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_view payload = rill_view_at(data, n);
    struct rill_vp8_descriptor d;
    struct rill_opus_packet opus;
    if (rill_vp8_parse(payload, &d, NULL) == 0)
        require(d.size < n && d.size <= 6);
    if (rill_opus_parse(payload, &opus, NULL) == 0)
        require(opus.samples >= 120 && opus.samples <= RILL_OPUS_SAMPLES_MAX);
    cut_and_join(payload, n ? data[0] : 0);
    return 0;
}
