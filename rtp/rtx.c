/* rtx: there and back (RFC 4588 §4). */
#include "rtp/rtx.h"

#include <string.h>

static const struct rill_field fields[] = {
    {"OSN", 0, 16, "RFC 4588 §4", "the sequence number that the packet had at first"}};

const struct rill_field_table rill_rtx_fields = {"RTX payload", fields, 1};

static void put_u16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* The fields of a header that is already there: marker and timestamp stay. */
static void put_header(uint8_t *p, uint8_t pt, uint16_t seq, uint32_t ssrc)
{
    p[1] = (uint8_t)((p[1] & 0x80) | pt);
    put_u16(p + 2, seq);
    put_u16(p + 8, (uint16_t)(ssrc >> 16));
    put_u16(p + 10, (uint16_t)ssrc);
}

int rill_rtx_write(struct rill_writer *w, struct rill_rtx_stream *s, struct rill_view packet,
                   struct rill_err *why)
{
    struct rill_rtp_packet p;
    size_t at = w->at;
    int rc = rill_rtp_parse(packet, &p, why);
    if (rc < 0)
        return rc;
    rill_w_bytes(w, rill_view_at(packet.p, p.payload_offset));
    rill_w_u16(w, p.seq);
    rill_w_bytes(w, p.payload);
    if (w->bad)
        return 0;
    w->p[at] = (uint8_t)(w->p[at] & ~0x20); /* P */
    put_header(w->p + at, s->pt, s->seq++, s->ssrc);
    return 0;
}

int rill_rtx_write_with(struct rill_writer *w, struct rill_rtx_stream *s, struct rill_view packet,
                        const struct rill_rtp_ext *exts, size_t n_exts, struct rill_err *why)
{
    struct rill_rtp_packet p;
    int rc = rill_rtp_parse(packet, &p, why);
    if (rc < 0)
        return rc;
    rill_rtp_write(w, p.marker, s->pt, s->seq, p.timestamp, s->ssrc, exts, n_exts);
    rill_w_u16(w, p.seq);
    rill_w_bytes(w, p.payload);
    if (!w->bad)
        s->seq++;
    return 0;
}

int rill_rtx_restore(struct rill_span bytes, uint32_t ssrc, uint8_t pt, size_t *n,
                     struct rill_err *why)
{
    struct rill_rtp_packet p;
    int rc = rill_rtp_parse(rill_view_at(bytes.p, bytes.n), &p, why);
    if (rc < 0)
        return rc;
    if (p.payload.n <= RILL_RTX_OSN)
        return rill_err_set(&rill_rtp_errors, RILL_RTX_TOO_SHORT, p.payload_offset, p.payload.n,
                            why);
    uint16_t osn = (uint16_t)rill_field_get(&fields[0], p.payload);
    *n = p.payload_offset + p.payload.n - RILL_RTX_OSN;
    memmove(bytes.p + RILL_RTX_OSN, bytes.p, p.payload_offset);
    bytes.p[RILL_RTX_OSN] = (uint8_t)(bytes.p[RILL_RTX_OSN] & ~0x20);
    put_header(bytes.p + RILL_RTX_OSN, pt, osn, ssrc);
    return RILL_RTX_OSN;
}
