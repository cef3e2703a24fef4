/* sdp/attrs_rtp: how RTP and RTCP run: a=rtcp (RFC 3605), a=rtcp-mux (RFC 5761),
 * a=rtcp-rsize (RFC 5506), a=rtcp-fb (RFC 4585), a=extmap (RFC 8285). */
#include "sdp/grammar.h"
#include "sdp/section.h"

/* RFC 3605 §2.1: port [nettype space addrtype space connection-address]. RFC 9429 §5.8.2:
 * "its value is ignored, as this information is superfluous when using ICE". */
bool rill_sdp_take_rtcp(struct rill_sdp_section *s, struct rill_view value)
{
    (void)s;
    uint64_t port;
    if (!rill_view_u64(rill_sdp_word(&value), UINT16_MAX, &port))
        return false;
    size_t words = 0;
    for (; value.p; words++)
        if (!rill_sdp_is_visible(rill_sdp_word(&value)))
            return false;
    return words == 0 || words == 3;
}

bool rill_sdp_take_rtcp_mux(struct rill_sdp_section *s, struct rill_view value)
{
    (void)value;
    s->m.rtcp_mux = true;
    return true;
}

bool rill_sdp_take_rtcp_mux_only(struct rill_sdp_section *s, struct rill_view value)
{
    (void)value;
    s->m.rtcp_mux_only = true;
    return true;
}

bool rill_sdp_take_rtcp_rsize(struct rill_sdp_section *s, struct rill_view value)
{
    (void)value;
    s->m.rtcp_rsize = true;
    return true;
}

/* RFC 4585 §4.2: rtcp-fb-val, a name and what belongs to it. */
static bool is_feedback(struct rill_view v)
{
    struct rill_view param = v;
    struct rill_view name = rill_sdp_word(&param);
    if (rill_view_is(name, "trr-int"))
        return rill_sdp_is_digits(param);
    if (!rill_sdp_is_rid(name)) /* rtcp-fb-id has the letters of a rid */
        return false;
    struct rill_view bytes = param;
    if (param.p && !rill_sdp_is_token(rill_sdp_word(&bytes)))
        return false;
    return !bytes.p || bytes.n > 0;
}

/* RFC 4585 §4.2: "a=rtcp-fb:" rtcp-fb-pt SP rtcp-fb-val */
bool rill_sdp_take_rtcp_fb(struct rill_sdp_section *s, struct rill_view value)
{
    struct rill_view feedback = value;
    struct rill_view word = rill_sdp_word(&feedback);
    uint8_t pt = 0;
    bool any = rill_view_is(word, "*");
    if ((!any && !rill_sdp_payload_type(word, &pt)) || !is_feedback(feedback))
        return false;
    s->rtcp_fbs[s->m.n_rtcp_fbs++] =
        (struct rill_sdp_rtcp_fb){.pt = any ? RILL_SDP_PT_ANY : pt, .value = feedback};
    return true;
}

/* RFC 8285 §4.2, §4.3: one-byte elements have the ids 1–14, two-byte ones 1–255; §6: 4096–4351
 * only name what the answer may choose from. */
static bool is_extension_id(uint64_t id)
{
    return (id >= 1 && id <= 255) || (id >= 4096 && id <= 4351);
}

static bool parse_direction(struct rill_view v, enum rill_sdp_direction *out)
{
    for (int d = RILL_SDP_SENDRECV; d <= RILL_SDP_INACTIVE; d++) {
        if (rill_view_is(v, rill_sdp_direction_name((enum rill_sdp_direction)d))) {
            *out = (enum rill_sdp_direction)d;
            return true;
        }
    }
    return false;
}

/* RFC 8285 §8: "only absolute URIs are permitted here": a scheme and a colon. */
static bool is_absolute_uri(struct rill_view v)
{
    struct rill_view rest;
    struct rill_view scheme = rill_view_cut(v, ':', &rest);
    return rill_sdp_is_token(scheme) && rest.n > 0 && rill_sdp_is_visible(rest);
}

/* RFC 8285 §8: 1*5DIGIT ["/" direction] SP extensionname [SP extensionattributes] */
bool rill_sdp_take_extmap(struct rill_sdp_section *s, struct rill_view value)
{
    struct rill_view rest = value;
    struct rill_view direction;
    struct rill_view id_text = rill_view_cut(rill_sdp_word(&rest), '/', &direction);
    struct rill_view uri = rill_sdp_word(&rest);
    struct rill_sdp_extmap e = {.uri = uri, .has_direction = direction.p != NULL};
    uint64_t id;
    if (!rill_view_u64(id_text, UINT16_MAX, &id) || !is_extension_id(id) || !is_absolute_uri(uri))
        return false;
    if (direction.p && !parse_direction(direction, &e.direction))
        return false;
    if (rest.p && rest.n == 0)
        return false;
    e.id = (uint16_t)id;
    s->extmaps[s->m.n_extmaps++] = e;
    return true;
}

bool rill_sdp_take_allow_mixed(struct rill_sdp_section *s, struct rill_view value)
{
    (void)value;
    s->m.extmap_allow_mixed = true;
    return true;
}
