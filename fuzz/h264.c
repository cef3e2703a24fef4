/* fuzz h264: any bytes as a payload of H.264; and as an access unit to be cut and joined. */
#include "rtp/h264.h"
#include "base/annexb.h"
#include "base/h264_sets.h"
#include "base/picture_size.h"

#include <stdlib.h>
#include <string.h>

static uint8_t joined[1 << 17], again[1 << 17];

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* All its NAL units, each behind the long start code. */
static struct rill_view normal(struct rill_view frame)
{
    struct rill_writer w = rill_writer_of((struct rill_span){again, sizeof again});
    struct rill_view nal;
    for (size_t at = 0; rill_annexb_next(frame, &at, &nal);) {
        rill_w_u32(&w, 1);
        rill_w_bytes(&w, nal);
    }
    return w.bad ? (struct rill_view){0} : rill_w_view(&w);
}

/* Types that a payload of their own cannot have would be read as something else. */
static bool is_sendable(struct rill_view frame)
{
    struct rill_view nal;
    for (size_t at = 0; rill_annexb_next(frame, &at, &nal);)
        if ((nal.p[0] & 0x1f) == 0 || (nal.p[0] & 0x1f) >= RILL_H264_STAP_A)
            return false;
    return true;
}

static void cut_and_join(struct rill_view frame, size_t room, uint8_t mode)
{
    static uint8_t payload[300];
    struct rill_h264_cutter c = {.frame = frame, .room = room, .packetization_mode = mode};
    struct rill_writer w = rill_writer_of((struct rill_span){joined, sizeof joined});
    size_t n = rill_h264_pieces(frame, room, mode);
    if (n == 0 || frame.n > 4096 || !is_sendable(frame))
        return;
    for (size_t i = 0; i < n; i++) {
        struct rill_writer p = rill_writer_of((struct rill_span){payload, room});
        struct rill_h264_payload read;
        require(rill_h264_cut(&c, &p) && !p.bad);
        require(rill_h264_parse(rill_w_view(&p), &read, NULL) == 0);
        rill_h264_append(rill_w_view(&p), &w);
    }
    require(!rill_h264_cut(&c, NULL));
    struct rill_view want = normal(frame);
    require(w.at == want.n && memcmp(joined, want.p, want.n) == 0);
}

/* The sets and slices of an access unit. */
static void read_structure(struct rill_view frame)
{
    static struct rill_h264_sets sets;
    struct rill_view nal;
    memset(&sets, 0, sizeof sets);
    for (size_t at = 0; rill_annexb_next(frame, &at, &nal);) {
        rill_h264_sets_learn(&sets, nal);
        struct rill_h264_structure s = rill_h264_slice_structure(&sets, nal);
        require(s.field || !s.bottom);
        require(s.frame_num < 1u << RILL_H264_FRAME_NUM_BITS_MAX);
        require(!rill_annexb_are_key(rill_annexb_parts(nal)) || rill_annexb_is_slice(nal));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint32_t width = 0, height = 0;
    (void)rill_h264_sps_size(rill_view_at(data, n), &width, &height);
    (void)rill_h264_unit_size(rill_view_at(data, n), &width, &height);
    read_structure(rill_view_at(data, n));
    struct rill_h264_payload p;
    struct rill_writer w = rill_writer_of((struct rill_span){joined, sizeof joined});
    bool good = rill_h264_parse(rill_view_at(data, n), &p, NULL) == 0;
    rill_h264_append(rill_view_at(data, n), &w);
    require(good || w.at == 0);
    if (n > 2)
        cut_and_join(rill_view_at(data + 2, n - 2), data[0], data[1] & 1);
    return 0;
}
