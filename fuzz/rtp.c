/* fuzz rtp: any bytes as an RTP packet; its elements are walked, and what they say is written
 * again and must read the same. */
#include "rtp/marks.h"
#include "rtp/packet.h"

#include <stdlib.h>

#define ELEMENTS_MAX 64

static void require(bool truth)
{
    if (!truth)
        abort();
}

static bool inside(struct rill_view part, const uint8_t *data, size_t n)
{
    return part.n == 0 || (part.p >= data && part.n <= n && part.p + part.n <= data + n);
}

static void write_and_read(const struct rill_rtp_packet *p, const struct rill_rtp_ext *exts,
                           size_t n)
{
    static uint8_t out[1 << 16];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    struct rill_rtp_packet again;
    struct rill_rtp_ext ext;
    rill_rtp_write(&w, p->marker, p->pt, p->seq, p->timestamp, p->ssrc, exts, n);
    require(!w.bad);
    require(rill_rtp_parse(rill_w_view(&w), &again, NULL) == 0);
    require(again.seq == p->seq && again.pt == p->pt && again.ssrc == p->ssrc);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        require(rill_rtp_ext_next(&again, &at, &ext));
        require(ext.id == exts[i].id && rill_view_equal(ext.value, exts[i].value));
    }
    require(!rill_rtp_ext_next(&again, &at, &ext));
}

static void read_marks(struct rill_view v)
{
    struct rill_rtp_level level;
    struct rill_rtp_capture capture;
    struct rill_rtp_orientation turn;
    struct rill_rtp_playout_delay delay;
    require(!rill_rtp_level_read(v, &level) || level.dbov < 128);
    require(!rill_rtp_capture_read(v, &capture) || v.n >= 8);
    require(!rill_rtp_orientation_read(v, &turn) || turn.rotation <= 270);
    require(!rill_rtp_playout_delay_read(v, &delay) || delay.min <= delay.max);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_rtp_packet p;
    struct rill_rtp_ext exts[ELEMENTS_MAX];
    struct rill_err why = {0};
    size_t n_exts = 0;

    (void)rill_rtp_is_rtcp(rill_view_at(data, n));
    if (rill_rtp_parse(rill_view_at(data, n), &p, &why) < 0) {
        require(why.row && why.offset <= n);
        return 0;
    }
    require(inside(p.csrc, data, n) && inside(p.ext, data, n) && inside(p.payload, data, n));
    require(p.payload_offset + p.payload.n + p.padding_size == n);
    for (size_t at = 0; n_exts < ELEMENTS_MAX && rill_rtp_ext_next(&p, &at, &exts[n_exts]);) {
        require(inside(exts[n_exts].value, p.ext.p, p.ext.n) && exts[n_exts].id != 0);
        read_marks(exts[n_exts].value);
        n_exts++;
    }
    write_and_read(&p, exts, n_exts);
    return 0;
}
