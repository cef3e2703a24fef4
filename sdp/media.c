/* sdp/media: the m= line (RFC 8866 §5.14).
 *
 *   m=<media> <port>["/" <number of ports>] <proto> <fmt> …
 */
#include "sdp/fields.h"
#include "sdp/grammar.h"

bool rill_sdp_proto_is_rtp(struct rill_view proto)
{
    while (proto.p)
        if (rill_view_is(rill_view_cut(proto, '/', &proto), "RTP"))
            return true;
    return false;
}

/* RFC 8866 §9: proto = token *("/" token) */
static bool is_proto(struct rill_view v)
{
    while (v.p)
        if (!rill_sdp_is_token(rill_view_cut(v, '/', &v)))
            return false;
    return true;
}

/* port ["/" integer] */
static bool parse_port(struct rill_view v, uint16_t *out)
{
    struct rill_view count;
    uint64_t port, ports = 1;
    if (!rill_view_u64(rill_view_cut(v, '/', &count), UINT16_MAX, &port))
        return false;
    if (count.p && (!rill_view_u64(count, UINT16_MAX, &ports) || ports == 0))
        return false;
    *out = (uint16_t)port;
    return true;
}

/* RFC 8866 §5.14: "If the <proto> subfield is "RTP/AVP" or "RTP/SAVP", the <fmt> subfields
 * contain RTP payload type numbers", and so in the profiles that came later. */
static int take_formats(const struct rill_sdp_line *line, struct rill_view rest, bool rtp,
                        struct rill_view *fmts, struct rill_err *why)
{
    int n = 0;
    for (; rest.p; n++) {
        uint8_t pt;
        struct rill_view fmt = rill_sdp_word(&rest);
        if (!rill_sdp_is_token(fmt))
            return rill_err_set(&rill_sdp_errors, RILL_SDP_MEDIA_LINE, line->number, 0, why);
        if (rtp && !rill_sdp_payload_type(fmt, &pt))
            return rill_err_set(&rill_sdp_errors, RILL_SDP_PAYLOAD_TYPE, line->number, 0, why);
        if (fmts)
            fmts[n] = fmt;
    }
    return n;
}

int rill_sdp_media_line(const struct rill_sdp_line *line, struct rill_sdp_media *m,
                        struct rill_view *fmts, struct rill_err *why)
{
    struct rill_view rest = line->value;
    struct rill_view kind = rill_sdp_word(&rest);
    struct rill_view port = rill_sdp_word(&rest);
    struct rill_view proto = rill_sdp_word(&rest);
    if (!rill_sdp_is_token(kind) || port.n == 0 || !proto.p || !is_proto(proto) || !rest.p)
        return rill_err_set(&rill_sdp_errors, RILL_SDP_MEDIA_LINE, line->number, 0, why);
    uint16_t number;
    if (!parse_port(port, &number))
        return rill_err_set(&rill_sdp_errors, RILL_SDP_PORT, line->number, 0, why);
    int n = take_formats(line, rest, rill_sdp_proto_is_rtp(proto), fmts, why);
    if (n < 0)
        return n;
    m->kind = kind;
    m->port = number;
    m->proto = proto;
    m->n_fmts = (size_t)n;
    return 0;
}
