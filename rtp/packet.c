/* packet: the fixed RTP header, read into views and written.
 *
 * The idea: one straight pass; each length is tested against what is left before it is
 * believed, so that nothing behind it can run outside the datagram. */
#include "rtp/packet.h"

#define VERSION 2

static const struct rill_field header_fields[] = {
    {"version", 0, 2, "RFC 3550 §5.1", "the version of RTP, 2"},
    {"padding", 2, 1, "RFC 3550 §5.1", "padding follows the payload, its last byte counts it"},
    {"extension", 3, 1, "RFC 3550 §5.1", "one header extension follows the CSRC list"},
    {"csrc_count", 4, 4, "RFC 3550 §5.1", "how many CSRC identifiers follow"},
    {"marker", 8, 1, "RFC 3550 §5.1", "video: the frame's last packet"},
    {"pt", 9, 7, "RFC 3550 §5.1", "the payload type, bound to a codec by SDP"},
    {"seq", 16, 16, "RFC 3550 §5.1", "one more with each packet sent; wraps"},
    {"timestamp", 32, 32, "RFC 3550 §5.1", "when the payload was sampled, in the codec's clock"},
    {"ssrc", 64, 32, "RFC 3550 §5.1", "which stream this is"},
};

const struct rill_field_table rill_rtp_header_fields = {
    "RTP header", header_fields, sizeof header_fields / sizeof header_fields[0]};

static int refuse(int code, size_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_rtp_errors, code, offset, value, why);
}

/*   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *  |                           timestamp                           |
 *  |                             SSRC                              | */
static unsigned read_fixed(struct rill_reader *r, struct rill_rtp_packet *p)
{
    uint8_t first = rill_r_u8(r);
    uint8_t second = rill_r_u8(r);
    p->padding = first & 0x20;
    p->extension = first & 0x10;
    p->csrc_count = first & 0x0f;
    p->marker = second & 0x80;
    p->pt = second & 0x7f;
    p->seq = rill_r_u16(r);
    p->timestamp = rill_r_u32(r);
    p->ssrc = rill_r_u32(r);
    return first >> 6;
}

/*  |      defined by profile       |           length              |
 *  |                        header extension (length × 4 bytes)    | */
static int read_extension(struct rill_reader *r, struct rill_rtp_packet *p, struct rill_err *why)
{
    size_t at = r->at;
    p->ext_profile = rill_r_u16(r);
    /* RFC 3550 §5.3.1: the length "counts the number of 32-bit words in the extension,
     * excluding the four-octet extension header (therefore zero is a valid length)". */
    size_t n = (size_t)rill_r_u16(r) * 4;
    p->ext = rill_r_bytes(r, n);
    return r->bad ? refuse(RILL_RTP_EXTENSION, at, 4 + n, why) : 0;
}

static int read_padding(struct rill_view rest, struct rill_rtp_packet *p, struct rill_err *why)
{
    /* RFC 3550 §5.1: "The last octet of the padding contains a count of how many padding
     * octets should be ignored, including itself." So 0 is impossible. */
    size_t count = rest.n ? rest.p[rest.n - 1] : 0;
    if (count == 0 || count > rest.n)
        return refuse(RILL_RTP_PADDING, p->payload_offset + rest.n, count, why);
    p->padding_size = count;
    return 0;
}

int rill_rtp_parse(struct rill_view bytes, struct rill_rtp_packet *out, struct rill_err *why)
{
    struct rill_rtp_packet p = {0};
    struct rill_reader r = rill_reader_of(bytes);

    if (bytes.n < RILL_RTP_HEADER)
        return refuse(RILL_RTP_TOO_SHORT, bytes.n, bytes.n, why);
    unsigned version = read_fixed(&r, &p);
    if (version != VERSION)
        return refuse(RILL_RTP_VERSION, 0, version, why);
    p.csrc = rill_r_bytes(&r, (size_t)p.csrc_count * 4);
    if (r.bad)
        return refuse(RILL_RTP_CSRC, RILL_RTP_HEADER, p.csrc_count, why);
    int rc = p.extension ? read_extension(&r, &p, why) : 0;
    if (rc < 0)
        return rc;

    p.payload_offset = r.at;
    struct rill_view rest = rill_r_bytes(&r, rill_r_left(&r));
    rc = p.padding ? read_padding(rest, &p, why) : 0;
    if (rc < 0)
        return rc;
    p.payload = rill_view_sub(rest, 0, rest.n - p.padding_size);
    *out = p;
    return 0;
}

bool rill_rtp_is_rtcp(struct rill_view bytes)
{
    if (bytes.n < 2 || bytes.p[0] < 128 || bytes.p[0] > 191)
        return false;
    /* RFC 5761 §4: "payload type values in the range 64-95 MUST NOT be used", with the marker
     * bit those are the bytes 192…223 that RTCP packet types use. */
    return bytes.p[1] >= 192 && bytes.p[1] <= 223;
}

void rill_rtp_write(struct rill_writer *w, bool marker, uint8_t pt, uint16_t seq,
                    uint32_t timestamp, uint32_t ssrc, const struct rill_rtp_ext *exts,
                    size_t n_exts)
{
    rill_w_u8(w, (uint8_t)(VERSION << 6 | (n_exts ? 0x10 : 0)));
    rill_w_u8(w, (uint8_t)((marker ? 0x80 : 0) | (pt & 0x7f)));
    rill_w_u16(w, seq);
    rill_w_u32(w, timestamp);
    rill_w_u32(w, ssrc);
    if (n_exts)
        rill_rtp_ext_write(w, exts, n_exts);
}
