/* rtcp_sdes: who a stream belongs to, and who leaves (RFC 3550 §6.5, §6.6).
 *
 *  SDES chunk:  |                         SSRC                      |
 *               |     type      |    length     | text …
 *               … | 0 | zeros up to the next 32-bit boundary        |
 *  BYE:         |                         SSRC × count              |
 *               |    length     | reason …
 */
#include "rtp/rtcp_private.h"

static int refuse_chunk(const struct rill_rtcp_packet *p, uint8_t chunk, struct rill_err *why)
{
    return rill_rtcp_refuse(p, RILL_RTCP_SDES_SHORT, p->body.n, chunk, why);
}

/* RFC 3550 §6.5: "The list of items in each chunk MUST be terminated by one or more null
 * octets", up to the next 32-bit boundary. Steps over them when they are next. */
static bool skip_end_of_chunk(struct rill_reader *r)
{
    if (r->bad || r->at >= r->n || r->p[r->at] != 0)
        return false;
    rill_r_skip(r, 4 - r->at % 4);
    return true;
}

static void read_item(struct rill_reader *r, struct rill_rtcp_sdes_item *item)
{
    item->type = rill_r_u8(r);
    item->text = rill_r_bytes(r, rill_r_u8(r));
    item->last = skip_end_of_chunk(r);
}

int rill_rtcp_sdes_next(const struct rill_rtcp_packet *p, size_t *at,
                        struct rill_rtcp_sdes_item *out, struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(p->body);
    struct rill_rtcp_sdes_item item = *at ? *out : (struct rill_rtcp_sdes_item){0};
    bool begins = *at == 0 || item.last;
    size_t chunk = *at == 0 ? 0 : (size_t)item.chunk + item.last;

    rill_r_skip(&r, *at);
    if (chunk >= p->count) {
        if (rill_r_left(&r))
            return rill_rtcp_refuse(p, RILL_RTCP_SDES_COUNT, *at, p->count, why);
        return 0;
    }
    item.chunk = (uint8_t)chunk;
    if (begins) {
        item.ssrc = rill_r_u32(&r);
        item.last = skip_end_of_chunk(&r);
    }
    if (begins && item.last) {
        item.type = 0;
        item.text = (struct rill_view){0};
    } else {
        read_item(&r, &item);
    }
    if (r.bad)
        return refuse_chunk(p, item.chunk, why);
    *at = r.at;
    *out = item;
    return 1;
}

int rill_rtcp_parse_bye(const struct rill_rtcp_packet *p, struct rill_view *sources,
                        struct rill_view *reason, struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(p->body);
    struct rill_view text = {0};
    struct rill_view ids = rill_r_bytes(&r, (size_t)p->count * 4);

    if (r.bad)
        return rill_rtcp_refuse(p, RILL_RTCP_BYE_SHORT, p->body.n, p->count, why);
    /* RFC 3550 §6.6: "Optionally, the BYE packet MAY include an 8-bit octet count followed by
     * that many octets of text indicating the reason for leaving". */
    if (rill_r_left(&r)) {
        uint8_t n = rill_r_u8(&r);
        text = rill_r_bytes(&r, n);
        if (r.bad)
            return rill_rtcp_refuse(p, RILL_RTCP_BYE_REASON, ids.n, n, why);
    }
    *sources = ids;
    *reason = text;
    return 0;
}
