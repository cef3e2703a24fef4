/* sdp/attrs_sctp: the data channel's numbers (RFC 8841 §5, §6). */
#include "sdp/grammar.h"
#include "sdp/section.h"

/* RFC 8841 §5.2, §6.2: "Leading zeroes MUST NOT be used." */
static bool number(struct rill_view v, uint64_t max, uint64_t *out)
{
    return !(v.n > 1 && v.p[0] == '0') && rill_view_u64(v, max, out);
}

bool rill_sdp_take_sctp_port(struct rill_sdp_section *s, struct rill_view value)
{
    uint64_t port;
    if (!number(value, UINT16_MAX, &port))
        return false;
    s->m.has_sctp_port = true;
    s->m.sctp_port = (uint16_t)port;
    return true;
}

/* RFC 8841 §6: 0 means that any size is taken; absent means 64 KiB. */
bool rill_sdp_take_max_message_size(struct rill_sdp_section *s, struct rill_view value)
{
    if (!number(value, UINT64_MAX, &s->m.max_message_size))
        return false;
    s->m.has_max_message_size = true;
    return true;
}
