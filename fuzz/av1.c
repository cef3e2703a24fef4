/* fuzz av1: any bytes as a payload of AV1; and as a temporal unit to be cut and joined. */
#include "rtp/av1.h"
#include "base/picture_size.h"

#include <stdlib.h>
#include <string.h>

static uint8_t joined[1 << 17], again[1 << 17];

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* The same OBUs in both, but for those that are not sent. */
static void require_same(struct rill_view unit, struct rill_view got)
{
    struct rill_av1_obu a, b;
    size_t at = 0, there = 0;
    while (rill_av1_obu_next(unit, &at, &a)) {
        uint8_t type = rill_av1_obu_type(&a);
        if (type == RILL_AV1_TEMPORAL_DELIMITER || type == RILL_AV1_TILE_LIST)
            continue;
        do
            require(rill_av1_obu_next(got, &there, &b));
        while (rill_av1_obu_type(&b) == RILL_AV1_TEMPORAL_DELIMITER);
        require(a.head_n == b.head_n && !memcmp(a.head, b.head, a.head_n));
        require(rill_view_equal(a.data, b.data));
    }
    require(there == got.n);
}

static void cut_and_join(struct rill_view unit, size_t room)
{
    static uint8_t payload[300];
    struct rill_av1_cutter c = {.unit = unit, .room = room};
    struct rill_av1_joiner j = {0};
    struct rill_writer w = rill_writer_of((struct rill_span){joined, sizeof joined});
    size_t n = rill_av1_pieces(unit, room);
    if (n == 0 || unit.n > 4096)
        return;
    for (size_t i = 0; i < n; i++) {
        struct rill_writer p = rill_writer_of((struct rill_span){payload, room});
        struct rill_av1_payload read;
        require(rill_av1_cut(&c, &p) && !p.bad);
        require(rill_av1_parse(rill_w_view(&p), &read, NULL) == 0);
        require(read.Z == (i > 0 && j.open));
        rill_av1_append(&j, rill_w_view(&p), &w);
    }
    rill_av1_end(&j, &w);
    require(!w.bad);
    require_same(unit, rill_w_view(&w));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint32_t width = 0, height = 0;
    (void)rill_av1_sequence_size(rill_view_at(data, n), &width, &height);
    (void)rill_av1_unit_size(rill_view_at(data, n), &width, &height);
    struct rill_av1_payload p;
    struct rill_av1_joiner j = {0};
    struct rill_writer w = rill_writer_of((struct rill_span){again, sizeof again});
    bool good = rill_av1_parse(rill_view_at(data, n), &p, NULL) == 0;
    for (int i = 0; i < 2; i++)
        rill_av1_append(&j, rill_view_at(data, n), &w);
    rill_av1_end(&j, &w);
    require(good || w.at == 0);
    if (n > 1)
        cut_and_join(rill_view_at(data + 1, n - 1), data[0]);
    return 0;
}
