/* rtcp: a compound of control packets, each kind with its fields. */
#include "dissect/tree.h"

#include "rtp/rtcp.h"
#include "rtp/rtcp_fields.h"

static const struct rill_field rtcp = {"RTCP", 0, 0, "RFC 3550 §6.1",
                                       "what streams tell of themselves and ask of each other"};
static const struct rill_field srtcp = {"SRTCP", 0, 0, "RFC 3711 §3.4",
                                        "control packets; the first eight bytes can be read"};
static const struct rill_field block = {"report block", 0, 0, "RFC 3550 §6.4.1",
                                        "what arrived of one stream"};
static const struct rill_field bye_ssrc = {"SSRC", 0, 32, "RFC 3550 §6.6", "the stream that ends"};
static const struct rill_field cut = {"packet", 0, 0, "RFC 3550 §A.2",
                                      "its length runs past the end of the compound"};

#define REPORT_BLOCK 24
#define HEADER 4
/* FMTs that are read here alone. */
#define TMMBR 3
#define TMMBN 4
#define CCFB 11
#define XR_RECEIVER_TIME 4
#define XR_DLRR 5

static const struct rill_field *of(enum rill_rtcp_field f)
{
    return rill_rtcp_field(f);
}

/* Fixed rows, one behind the other in the table, over n bytes. */
static struct rill_part rows(struct rill_scan *s, enum rill_rtcp_field from,
                             enum rill_rtcp_field to, size_t n)
{
    struct rill_part part = rill_scan_take(s, of(from), n);
    for (int f = (int)from; !s->bad && f <= (int)to; f++)
        rill_tree_field(s->t, of((enum rill_rtcp_field)f), part);
    return part;
}

static void report(struct rill_scan *s, const struct rill_rtcp_packet *p)
{
    rill_scan_int(s, of(RILL_RTCP_FIELD_SENDER), 4);
    if (p->pt == RILL_RTCP_SR)
        rows(s, RILL_RTCP_FIELD_NTP_SECONDS, RILL_RTCP_FIELD_OCTETS, 20);
    for (unsigned i = 0; i < p->count && !s->bad; i++) {
        struct rill_part part = rill_scan_take(s, &block, REPORT_BLOCK);
        if (s->bad)
            return;
        struct rill_scan in = rill_scan_of(s->t, part);
        rill_tree_open(s->t, &block, part);
        rill_scan_table(&in, &rill_rtcp_report_fields, REPORT_BLOCK);
        rill_tree_close(s->t);
    }
    rill_scan_end(s, of(RILL_RTCP_FIELD_PROFILE));
}

static void sdes_items(struct rill_scan *s)
{
    while (rill_scan_left(s) && !s->bad) {
        if (s->p.v.p[s->at] == 0) {
            rill_scan_bytes(s, of(RILL_RTCP_FIELD_ITEM_END), 4 - s->at % 4);
            return;
        }
        struct rill_view head = rill_part_sub(s->p, s->at, 2).v;
        size_t n = head.n > 1 ? head.p[1] : 0;
        struct rill_part item = rill_scan_take(s, of(RILL_RTCP_FIELD_ITEM), 2 + n);
        if (s->bad)
            return;
        struct rill_dissect_node *node = rill_tree_open(s->t, of(RILL_RTCP_FIELD_ITEM), item);
        const char *name = rill_rtcp_sdes_name(item.v.p[0]);
        node->name = name ? name : node->name;
        node->type = RILL_DISSECT_TEXT;
        node->view = rill_part_from(item, 2).v;
        rill_tree_field(s->t, of(RILL_RTCP_FIELD_ITEM_TYPE), item)->meaning = name;
        rill_tree_field(s->t, of(RILL_RTCP_FIELD_ITEM_LENGTH), item);
        if (n)
            rill_tree_text(s->t, of(RILL_RTCP_FIELD_ITEM_TEXT), rill_part_from(item, 2));
        rill_tree_close(s->t);
    }
}

/* Bytes of the chunk that begins here, its end included. */
static size_t chunk_size(struct rill_view v)
{
    size_t at = 4;
    while (at + 1 < v.n && v.p[at])
        at += 2u + v.p[at + 1];
    return (at / 4 + 1) * 4;
}

static void sdes(struct rill_scan *s, const struct rill_rtcp_packet *p)
{
    for (unsigned i = 0; i < p->count && !s->bad && rill_scan_left(s); i++) {
        size_t n = chunk_size(rill_part_from(s->p, s->at).v);
        n = n < rill_scan_left(s) ? n : rill_scan_left(s);
        struct rill_part chunk = rill_scan_take(s, of(RILL_RTCP_FIELD_CHUNK), n);
        struct rill_scan in = rill_scan_of(s->t, chunk);
        rill_tree_open(s->t, of(RILL_RTCP_FIELD_CHUNK), chunk);
        rill_scan_int(&in, of(RILL_RTCP_FIELD_SSRC), 4);
        sdes_items(&in);
        rill_scan_end(&in, of(RILL_RTCP_FIELD_BODY));
        rill_tree_close(s->t);
    }
    rill_scan_end(s, of(RILL_RTCP_FIELD_BODY));
}

static void bye(struct rill_scan *s, const struct rill_rtcp_packet *p)
{
    for (unsigned i = 0; i < p->count && !s->bad; i++)
        rill_scan_int(s, &bye_ssrc, 4);
    if (rill_scan_left(s) && !s->bad) {
        struct rill_dissect_node *node = rill_scan_int(s, of(RILL_RTCP_FIELD_REASON_LENGTH), 1);
        rill_scan_text(s, of(RILL_RTCP_FIELD_REASON), (size_t)node->u);
    }
    rill_scan_end(s, of(RILL_RTCP_FIELD_ITEM_END));
}

static void app(struct rill_scan *s)
{
    rill_scan_int(s, of(RILL_RTCP_FIELD_SENDER), 4);
    rill_scan_text(s, of(RILL_RTCP_FIELD_APP_NAME), 4);
    rill_scan_end(s, of(RILL_RTCP_FIELD_APP_DATA));
}

/* --- feedback -------------------------------------------------------------------------------- */

static void remb(struct rill_scan *s)
{
    struct rill_part fci = rill_part_from(s->p, s->at);
    uint64_t rate;
    struct rill_view ssrcs;
    struct rill_err why;
    size_t first = s->t->out->n;
    rill_scan_text(s, of(RILL_RTCP_FIELD_REMB_ID), 4);
    rill_scan_int(s, of(RILL_RTCP_FIELD_REMB_COUNT), 1);
    struct rill_part br = rill_scan_take(s, of(RILL_RTCP_FIELD_REMB_EXP), 3);
    if (!s->bad) {
        rill_tree_bits(s->t, of(RILL_RTCP_FIELD_REMB_EXP), br, 0, 6);
        rill_tree_bits(s->t, of(RILL_RTCP_FIELD_REMB_MANTISSA), br, 6, 18);
    }
    int rc = rill_rtcp_parse_remb(fci.v, &rate, &ssrcs, &why);
    if (rc == 0)
        rill_tree_told(s->t, of(RILL_RTCP_FIELD_REMB_RATE), rate)->meaning = "bits per second";
    while (rill_scan_left(s) && !s->bad)
        rill_scan_int(s, of(RILL_RTCP_FIELD_REMB_SSRC), 4);
    if (rc < 0)
        rill_tree_blame(s->t, first, fci, &why);
}

static const char *symbol_name(uint64_t symbol)
{
    static const char *const names[] = {"not received", "small delta", "large or negative delta",
                                        "received, without delta"};
    return names[symbol & 3];
}

/* One chunk; how many packets it tells of, and adds the bytes of their deltas. */
static void twcc_chunk(struct rill_scan *s, size_t *left)
{
    bool vector = s->p.v.p[s->at] & 0x80;
    enum rill_rtcp_field row = vector ? RILL_RTCP_FIELD_TWCC_VECTOR : RILL_RTCP_FIELD_TWCC_RUN;
    struct rill_part chunk = rill_scan_take(s, of(row), 2);
    if (s->bad)
        return;
    rill_tree_open(s->t, of(row), chunk);
    rill_tree_field(s->t, of(RILL_RTCP_FIELD_TWCC_T), chunk);
    size_t n;
    if (vector) {
        n = chunk.v.p[0] & 0x40 ? 7 : 14;
        rill_tree_field(s->t, of(RILL_RTCP_FIELD_TWCC_SIZE), chunk);
        rill_tree_field(s->t, of(RILL_RTCP_FIELD_TWCC_LIST), chunk);
    } else {
        struct rill_dissect_node *node = rill_tree_field(s->t, of(RILL_RTCP_FIELD_TWCC_S), chunk);
        node->meaning = symbol_name(node->u);
        n = (size_t)rill_tree_field(s->t, of(RILL_RTCP_FIELD_TWCC_LENGTH), chunk)->u;
    }
    *left -= n < *left ? n : *left;
    rill_tree_close(s->t);
}

/* The next packet's symbol; at counts packets. */
struct symbols {
    struct rill_view chunks;
    size_t at, in_chunk;
};

static unsigned next_symbol(struct symbols *x)
{
    struct rill_reader r = rill_reader_of(x->chunks);
    rill_r_skip(&r, x->at);
    unsigned chunk = rill_r_u16(&r);
    bool vector = chunk & 0x8000;
    size_t n = !vector ? chunk & 0x1fff : chunk & 0x4000 ? 7 : 14;
    unsigned symbol = chunk >> 13 & 3;
    if (vector && n == 7)
        symbol = chunk >> (12 - 2 * x->in_chunk) & 3;
    else if (vector)
        symbol = chunk >> (13 - x->in_chunk) & 1;
    if (++x->in_chunk >= n) {
        x->in_chunk = 0;
        x->at += 2;
    }
    return symbol;
}

static void twcc_deltas(struct rill_scan *s, struct rill_view chunks, uint64_t base, size_t count)
{
    struct symbols x = {.chunks = chunks};
    for (size_t i = 0; i < count && !s->bad && rill_scan_left(s) && x.at < chunks.n; i++) {
        unsigned symbol = next_symbol(&x);
        if (symbol != 1 && symbol != 2)
            continue;
        rill_scan_int(s, of(RILL_RTCP_FIELD_TWCC_DELTA), symbol);
        (void)base;
    }
}

static void twcc(struct rill_scan *s)
{
    struct rill_part fci = rill_part_from(s->p, s->at);
    struct rill_part head = rows(s, RILL_RTCP_FIELD_TWCC_BASE, RILL_RTCP_FIELD_TWCC_FB, 8);
    size_t count = (size_t)rill_field_get(of(RILL_RTCP_FIELD_TWCC_COUNT), head.v);
    size_t from = s->at, left = count, first = s->t->out->n;
    while (left && rill_scan_left(s) && !s->bad) {
        size_t before = left;
        twcc_chunk(s, &left);
        if (left == before)
            break; /* a run of none: the rest is blamed below */
    }
    if (!s->bad) {
        struct rill_view chunks = rill_part_sub(s->p, from, s->at - from).v;
        twcc_deltas(s, chunks, rill_field_get(of(RILL_RTCP_FIELD_TWCC_BASE), head.v), count);
        rill_scan_end(s, of(RILL_RTCP_FIELD_TWCC_PADDING));
    }
    struct rill_rtcp_twcc t;
    struct rill_err why;
    size_t n_deltas = 0;
    if (rill_rtcp_parse_twcc(fci.v, &t, NULL, NULL, 0, &n_deltas, &why) < 0)
        rill_tree_blame(s->t, first, fci, &why);
}

/* RFC 8888 §3.1: blocks of streams, and behind the last a timestamp. */
static void ccfb(struct rill_scan *s)
{
    rill_scan_int(s, of(RILL_RTCP_FIELD_FB_SENDER), 4);
    while (rill_scan_left(s) >= 12 && !s->bad) {
        struct rill_view head = rill_part_sub(s->p, s->at, 8).v;
        size_t n = (size_t)rill_field_get(of(RILL_RTCP_FIELD_CCFB_COUNT), head);
        struct rill_part part =
            rill_scan_take(s, of(RILL_RTCP_FIELD_CCFB_STREAM), 8 + (n + 1) / 2 * 4);
        if (s->bad)
            return;
        struct rill_scan in = rill_scan_of(s->t, part);
        rill_tree_open(s->t, of(RILL_RTCP_FIELD_CCFB_STREAM), part);
        rows(&in, RILL_RTCP_FIELD_CCFB_SSRC, RILL_RTCP_FIELD_CCFB_COUNT, 8);
        for (size_t i = 0; i < n && !in.bad; i++)
            rows(&in, RILL_RTCP_FIELD_CCFB_R, RILL_RTCP_FIELD_CCFB_ATO, 2);
        rill_scan_end(&in, of(RILL_RTCP_FIELD_CCFB_PADDING));
        rill_tree_close(s->t);
    }
    rill_scan_int(s, of(RILL_RTCP_FIELD_CCFB_TIME), 4);
    rill_scan_end(s, of(RILL_RTCP_FIELD_FCI));
}

static void feedback(struct rill_scan *s, const struct rill_rtcp_packet *p, struct rill_view fci)
{
    if (p->pt == RILL_RTCP_RTPFB && p->count == CCFB) {
        ccfb(s);
        return;
    }
    rows(s, RILL_RTCP_FIELD_FB_SENDER, RILL_RTCP_FIELD_FB_MEDIA, 8);
    if (p->pt == RILL_RTCP_RTPFB && p->count == RILL_RTCP_NACK)
        while (rill_scan_left(s) && !s->bad)
            rows(s, RILL_RTCP_FIELD_PID, RILL_RTCP_FIELD_BLP, 4);
    else if (p->pt == RILL_RTCP_RTPFB && (p->count == TMMBR || p->count == TMMBN))
        while (rill_scan_left(s) && !s->bad)
            rows(s, RILL_RTCP_FIELD_TMMB_SSRC, RILL_RTCP_FIELD_TMMB_OVERHEAD, 8);
    else if (p->pt == RILL_RTCP_RTPFB && p->count == RILL_RTCP_TWCC)
        twcc(s);
    else if (p->pt == RILL_RTCP_PSFB && p->count == RILL_RTCP_FIR)
        while (rill_scan_left(s) && !s->bad)
            rows(s, RILL_RTCP_FIELD_FIR_SSRC, RILL_RTCP_FIELD_FIR_RESERVED, 8);
    else if (p->pt == RILL_RTCP_PSFB && p->count == RILL_RTCP_AFB && rill_rtcp_is_remb(fci))
        remb(s);
    rill_scan_end(s, of(RILL_RTCP_FIELD_FCI));
}

static void xr(struct rill_scan *s)
{
    rill_scan_int(s, of(RILL_RTCP_FIELD_SENDER), 4);
    while (rill_scan_left(s) && !s->bad) {
        struct rill_view head = rill_part_sub(s->p, s->at, 4).v;
        size_t n = (size_t)rill_field_get(of(RILL_RTCP_FIELD_XR_LENGTH), head) * 4;
        struct rill_part part = rill_scan_take(s, of(RILL_RTCP_FIELD_XR_BLOCK), 4 + n);
        if (s->bad)
            return;
        struct rill_scan in = rill_scan_of(s->t, part);
        rill_tree_open(s->t, of(RILL_RTCP_FIELD_XR_BLOCK), part)->meaning =
            rill_rtcp_xr_name(part.v.p[0]);
        rows(&in, RILL_RTCP_FIELD_XR_TYPE, RILL_RTCP_FIELD_XR_LENGTH, 4);
        if (part.v.p[0] == XR_RECEIVER_TIME && n == 8)
            rows(&in, RILL_RTCP_FIELD_XR_SECONDS, RILL_RTCP_FIELD_XR_FRACTION, 8);
        while (part.v.p[0] == XR_DLRR && rill_scan_left(&in) >= 12)
            rows(&in, RILL_RTCP_FIELD_XR_SSRC, RILL_RTCP_FIELD_XR_DLRR, 12);
        rill_scan_end(&in, of(RILL_RTCP_FIELD_XR_DATA));
        rill_tree_close(s->t);
    }
}

/* --- the compound ---------------------------------------------------------------------------- */

static void body(struct rill_scan *s, const struct rill_rtcp_packet *p, struct rill_view fci)
{
    switch (p->pt) {
    case RILL_RTCP_SR:
    case RILL_RTCP_RR:
        report(s, p);
        break;
    case RILL_RTCP_SDES:
        sdes(s, p);
        break;
    case RILL_RTCP_BYE:
        bye(s, p);
        break;
    case RILL_RTCP_APP:
        app(s);
        break;
    case RILL_RTCP_RTPFB:
    case RILL_RTCP_PSFB:
        feedback(s, p, fci);
        break;
    case RILL_RTCP_XR:
        xr(s);
        break;
    default:
        rill_scan_end(s, of(RILL_RTCP_FIELD_BODY));
    }
}

static int judge(const struct rill_rtcp_packet *p, struct rill_err *why)
{
    struct rill_rtcp_sdes_item item;
    struct rill_view sources, reason;
    uint32_t a, b;
    int rc = 1;
    switch (p->pt) {
    case RILL_RTCP_SR:
    case RILL_RTCP_RR:
        return rill_rtcp_parse_report(p, &a, NULL, why);
    case RILL_RTCP_SDES:
        for (size_t at = 0; rc > 0;)
            rc = rill_rtcp_sdes_next(p, &at, &item, why);
        return rc;
    case RILL_RTCP_BYE:
        return rill_rtcp_parse_bye(p, &sources, &reason, why);
    case RILL_RTCP_RTPFB:
    case RILL_RTCP_PSFB:
        return rill_rtcp_parse_feedback(p, &a, &b, &sources, why);
    default:
        return 0;
    }
}

static void packet(struct rill_tree *t, struct rill_part all, struct rill_part whole,
                   const struct rill_rtcp_packet *p)
{
    struct rill_view fci = rill_view_sub(p->body, 8, p->body.n < 8 ? 0 : p->body.n - 8);
    const struct rill_field *kind = rill_rtcp_kind(p->pt, p->count, fci);
    size_t first = t->out->n;
    struct rill_err why;
    struct rill_scan s = rill_scan_of(t, rill_part_sub(whole, 0, HEADER + p->body.n));
    rill_tree_open(t, kind, whole);
    rill_scan_table(&s, &rill_rtcp_header_fields, HEADER);
    body(&s, p, fci);
    struct rill_part pad = rill_part_from(whole, HEADER + p->body.n);
    if (pad.v.n)
        rill_tree_bytes(t, of(RILL_RTCP_FIELD_PADDING), pad);
    if (judge(p, &why) < 0)
        rill_tree_blame(t, first, all, &why);
    rill_tree_close(t);
}

void rill_dissect_rtcp(struct rill_tree *t, struct rill_part p)
{
    struct rill_rtcp_packet packet_;
    struct rill_err why;
    size_t at = 0, first = t->out->n;
    int rc;
    rill_tree_open(t, &rtcp, p);
    while ((rc = rill_rtcp_next(p.v, &at, &packet_, &why)) > 0)
        packet(t, p, rill_part_sub(p, packet_.offset, packet_.whole.n), &packet_);
    if (rc < 0) {
        struct rill_scan s = rill_scan_of(t, rill_part_from(p, at));
        if (rill_scan_left(&s) >= HEADER)
            rill_scan_table(&s, &rill_rtcp_header_fields, HEADER);
        rill_scan_end(&s, &cut);
        rill_tree_blame(t, first, p, &why);
    }
    rill_tree_close(t);
}

void rill_dissect_srtcp(struct rill_tree *t, struct rill_part p)
{
    struct rill_scan s = rill_scan_of(t, p);
    rill_tree_open(t, &srtcp, p);
    struct rill_part head = rill_scan_table(&s, &rill_rtcp_header_fields, HEADER);
    if (!s.bad) {
        rill_scan_int(&s, of(RILL_RTCP_FIELD_SENDER), 4);
        (void)head;
    }
    rill_scan_end(&s, of(RILL_RTCP_FIELD_SRTCP));
    rill_tree_close(t);
}
