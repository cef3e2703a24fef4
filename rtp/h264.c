#include "rtp/h264.h"

#include "base/annexb.h"
#include "rtp/pieces.h"

#define TYPE_MASK 0x1f
#define FU_HEAD 2
#define STAP_UNIT_MAX 0xffff

static const struct rill_field payload_fields[] = {
    {"F", 0, 1, "RFC 6184 §5.3", "the payload may have bit errors"},
    {"NRI", 1, 2, "RFC 6184 §5.3", "0: nothing is predicted from it"},
    {"type", 3, 5, "RFC 6184 §5.2", "a NAL unit's, 24 STAP-A, 28 FU-A"},
    {"S", 8, 1, "RFC 6184 §5.8", "FU-A: the NAL unit starts here"},
    {"E", 9, 1, "RFC 6184 §5.8", "FU-A: it ends here"},
    {"R", 10, 1, "RFC 6184 §5.8", "FU-A: 0"},
    {"fu_type", 11, 5, "RFC 6184 §5.8", "FU-A: the NAL unit's type"},
    {"size", 8, 16, "RFC 6184 §5.7.1", "STAP-A: of the NAL unit behind it; then the next"},
    {"NAL unit", 0, 0, "ITU-T H.264 §7.3.1", "its octet, and what belongs to its type"},
    {"profile_idc", 8, 8, "ITU-T H.264 §7.3.2.1.1", "SPS: 66 is Baseline, 77 Main, 100 High"},
    {"profile-iop", 16, 8, "RFC 6184 §8.1", "SPS: constraint flags"},
    {"level_idc", 24, 8, "ITU-T H.264 §7.3.2.1.1", "SPS: ten times the level"},
};

const struct rill_field_table rill_h264_fields = {"H.264 payload", payload_fields,
                                                  sizeof payload_fields / sizeof payload_fields[0]};

const char *rill_h264_nal_name(uint64_t type)
{
    static const char *const names[] = {
        [RILL_H264_SLICE] = "slice",
        [2] = "data partition A",
        [3] = "data partition B",
        [4] = "data partition C",
        [RILL_H264_IDR] = "IDR slice",
        [RILL_H264_SEI] = "SEI",
        [RILL_H264_SPS] = "SPS",
        [RILL_H264_PPS] = "PPS",
        [RILL_H264_AUD] = "access unit delimiter",
        [10] = "end of sequence",
        [11] = "end of stream",
        [12] = "filler data",
        [RILL_H264_STAP_A] = "STAP-A",
        [25] = "STAP-B",
        [26] = "MTAP16",
        [27] = "MTAP24",
        [RILL_H264_FU_A] = "FU-A",
        [29] = "FU-B",
    };
    return type < sizeof names / sizeof names[0] ? names[type] : NULL;
}

/* --- reading --------------------------------------------------------------------------- */

/* nal: with its octet. */
static void judge(struct rill_h264_payload *p, struct rill_view nal)
{
    p->start = p->start || rill_annexb_may_begin(nal);
    p->parts |= rill_annexb_parts(nal);
    p->keyframe = rill_annexb_are_key(p->parts);
}

static int refuse(int code, struct rill_view payload, struct rill_err *why)
{
    return rill_err_set(&rill_rtp_errors, code, payload.n, payload.n, why);
}

static int read_aggregate(struct rill_h264_payload *p, struct rill_view payload,
                          struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(payload);
    rill_r_skip(&r, 1);
    do {
        struct rill_view unit = rill_r_bytes(&r, rill_r_u16(&r));
        if (r.bad || unit.n == 0)
            return refuse(RILL_H264_STAP, payload, why);
        p->nal_type = p->nal_type ? p->nal_type : unit.p[0] & TYPE_MASK;
        judge(p, unit);
    } while (rill_r_left(&r) > 0);
    p->units = rill_view_sub(payload, 1, payload.n - 1);
    return 0;
}

static int read_fragment(struct rill_h264_payload *p, struct rill_view payload,
                         struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(payload);
    rill_r_skip(&r, 1);
    uint8_t head = rill_r_u8(&r);
    p->S = head & 0x80;
    p->E = head & 0x40;
    p->nal_type = head & TYPE_MASK;
    /* §5.8: "A fragmented NAL unit MUST NOT be transmitted in one FU; that is, the Start bit and
     * End bit MUST NOT both be set to one in the same FU header." */
    if (r.bad || rill_r_left(&r) == 0 || (p->S && p->E) || p->nal_type == 0 ||
        p->nal_type >= RILL_H264_STAP_A)
        return refuse(RILL_H264_FU, payload, why);
    /* What follows the header is what follows the NAL unit's octet, which its type alone tells. */
    if (p->S)
        judge(p, rill_view_sub(payload, 1, payload.n - 1));
    return 0;
}

int rill_h264_parse(struct rill_view payload, struct rill_h264_payload *out, struct rill_err *why)
{
    int rc = 0;
    if (payload.n == 0)
        return refuse(RILL_H264_EMPTY, payload, why);
    struct rill_h264_payload p = {
        .F = payload.p[0] & 0x80, .NRI = payload.p[0] >> 5 & 3, .type = payload.p[0] & TYPE_MASK};
    if (p.type == RILL_H264_STAP_A) {
        rc = read_aggregate(&p, payload, why);
    } else if (p.type == RILL_H264_FU_A) {
        rc = read_fragment(&p, payload, why);
    } else if (p.type == 0 || p.type > RILL_H264_STAP_A) {
        return rill_err_set(&rill_rtp_errors, RILL_H264_TYPE, 0, p.type, why);
    } else {
        p.nal_type = p.type;
        judge(&p, payload);
    }
    if (rc == 0)
        *out = p;
    return rc;
}

bool rill_h264_unit_next(const struct rill_h264_payload *p, size_t *at, struct rill_view *out)
{
    struct rill_reader r = rill_reader_of(p->units);
    rill_r_skip(&r, *at);
    if (rill_r_left(&r) == 0)
        return false;
    *out = rill_r_bytes(&r, rill_r_u16(&r));
    *at = r.at;
    return !r.bad;
}

static void add_unit(struct rill_writer *w, struct rill_view nal)
{
    rill_w_u32(w, 1);
    rill_w_bytes(w, nal);
}

void rill_h264_append(struct rill_view payload, struct rill_writer *w)
{
    struct rill_h264_payload p;
    struct rill_view unit;
    size_t at = 0;
    if (rill_h264_parse(payload, &p, NULL) < 0)
        return;
    if (p.type == RILL_H264_STAP_A) {
        while (rill_h264_unit_next(&p, &at, &unit))
            add_unit(w, unit);
    } else if (p.type == RILL_H264_FU_A) {
        /* §5.8: the NAL unit's octet is F and NRI of the indicator and the type of the header. */
        if (p.S) {
            rill_w_u32(w, 1);
            rill_w_u8(w, (uint8_t)((payload.p[0] & ~TYPE_MASK) | p.nal_type));
        }
        rill_w_bytes(w, rill_view_sub(payload, FU_HEAD, payload.n - FU_HEAD));
    } else {
        add_unit(w, payload);
    }
}

bool rill_h264_profile_level_id(struct rill_view sps, uint32_t *out)
{
    struct rill_reader r = rill_reader_of(sps);
    bool is_sps = (rill_r_u8(&r) & TYPE_MASK) == RILL_H264_SPS;
    uint32_t id = rill_r_u24(&r);
    if (r.bad || !is_sps)
        return false;
    *out = id;
    return true;
}

uint32_t rill_h264_frame_id(struct rill_view frame)
{
    struct rill_view nal;
    uint32_t id = 0;
    for (size_t at = 0; id == 0 && rill_annexb_next(frame, &at, &nal);)
        (void)rill_h264_profile_level_id(nal, &id);
    return id;
}

/* --- writing --------------------------------------------------------------------------- */

static void write_fragment(const struct rill_h264_cutter *c, struct rill_writer *w)
{
    uint8_t octet = c->nal.p[0];
    struct rill_view data = rill_view_sub(c->nal, 1, c->nal.n - 1);
    rill_w_u8(w, (uint8_t)((octet & ~TYPE_MASK) | RILL_H264_FU_A));
    rill_w_u8(w, (uint8_t)((c->index == 0 ? 0x80 : 0) | (c->index + 1 == c->pieces ? 0x40 : 0) |
                           (octet & TYPE_MASK)));
    rill_w_bytes(w, rill_rtp_piece(data, c->index, c->pieces));
}

/* How many NAL units from `at` on go together, and the largest NRI: §5.7: "The value of NRI MUST
 * be the maximum of all the NAL units carried in the aggregation packet." */
static size_t count_together(const struct rill_h264_cutter *c, size_t at, uint8_t *octet)
{
    size_t n = 0, size = 1;
    struct rill_view nal;
    *octet = 0;
    while (rill_annexb_next(c->frame, &at, &nal) && nal.n <= STAP_UNIT_MAX &&
           size + 2 + nal.n <= c->room) {
        uint8_t nri = nal.p[0] & 0x60;
        *octet = (uint8_t)(nri > (*octet & 0x60) ? (*octet & 0x80) | nri : *octet);
        *octet |= nal.p[0] & 0x80;
        size += 2 + nal.n;
        n++;
    }
    return n;
}

static void write_aggregate(struct rill_h264_cutter *c, struct rill_writer *w, size_t n,
                            uint8_t octet)
{
    struct rill_view nal;
    if (w)
        rill_w_u8(w, octet | RILL_H264_STAP_A);
    while (n-- > 0 && rill_annexb_next(c->frame, &c->at, &nal)) {
        if (!w)
            continue;
        rill_w_u16(w, (uint16_t)nal.n);
        rill_w_bytes(w, nal);
    }
}

static bool cut_on(struct rill_h264_cutter *c, struct rill_writer *w)
{
    if (w)
        write_fragment(c, w);
    c->index++;
    return true;
}

bool rill_h264_cut(struct rill_h264_cutter *c, struct rill_writer *w)
{
    uint8_t octet;
    if (c->index < c->pieces)
        return cut_on(c, w);
    size_t together = c->packetization_mode ? count_together(c, c->at, &octet) : 0;
    if (together > 1) {
        write_aggregate(c, w, together, octet);
        return true;
    }
    if (!rill_annexb_next(c->frame, &c->at, &c->nal))
        return false;
    if (c->nal.n <= c->room) {
        if (w)
            rill_w_bytes(w, c->nal);
        return true;
    }
    c->index = 0;
    c->pieces = c->packetization_mode ? rill_rtp_pieces(c->nal.n - 1, c->room, FU_HEAD) : 0;
    return c->pieces > 0 && cut_on(c, w);
}

size_t rill_h264_pieces(struct rill_view frame, size_t room, uint8_t packetization_mode)
{
    struct rill_h264_cutter c = {
        .frame = frame, .room = room, .packetization_mode = packetization_mode};
    size_t n = 0;
    while (rill_h264_cut(&c, NULL))
        n++;
    /* Not all of it was cut. */
    if (c.at < frame.n || (c.nal.n > room && c.pieces == 0))
        return 0;
    return n;
}
