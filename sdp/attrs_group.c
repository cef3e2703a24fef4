/* sdp/attrs_group: which media belong together: a=group and a=mid (RFC 5888), a=msid
 * (RFC 8830), a=bundle-only (RFC 9143), and the direction (RFC 8866 §6.7). */
#include "sdp/grammar.h"
#include "sdp/section.h"

/* Every word of v a token, or no word at all. */
static bool all_tokens(struct rill_view v)
{
    while (v.p)
        if (!rill_sdp_is_token(rill_sdp_word(&v)))
            return false;
    return true;
}

/* RFC 5888 §5: group-attribute = "a=group:" semantics *(SP identification-tag) */
bool rill_sdp_take_group(struct rill_sdp_section *s, struct rill_view value)
{
    struct rill_view tags = value;
    struct rill_view semantics = rill_sdp_word(&tags);
    if (!rill_sdp_is_token(semantics) || !all_tokens(tags))
        return false;
    if (!s->is_session) /* it is a session-level attribute: elsewhere it says nothing */
        return true;
    size_t n = rill_sdp_count_words(tags);
    struct rill_view *mids = rill_arena_take(s->arena, n, sizeof *mids);
    for (size_t i = 0; mids && i < n; i++)
        mids[i] = rill_sdp_word(&tags);
    s->groups[s->n_groups++] =
        (struct rill_sdp_group){.semantics = semantics, .mids = mids, .n = mids ? n : 0};
    return true;
}

/* RFC 5888 §4: identification-tag = token */
bool rill_sdp_take_mid(struct rill_sdp_section *s, struct rill_view value)
{
    if (!rill_sdp_is_token(value))
        return false;
    s->m.mid = value;
    return true;
}

/* RFC 8830 §2: msid-value = msid-id [ SP msid-appdata ]
 * Deviation: the two may be longer than 64 characters and hold others than a token's, since
 * applications put their own identifiers there; nothing but equality depends on them. */
bool rill_sdp_take_msid(struct rill_sdp_section *s, struct rill_view value)
{
    struct rill_view rest = value;
    struct rill_view stream = rill_sdp_word(&rest);
    if (!rill_sdp_is_visible(stream) || (rest.p && !rill_sdp_is_visible(rest)))
        return false;
    s->msids[s->m.n_msids++] = (struct rill_sdp_msid){.stream = stream, .track = rest};
    return true;
}

bool rill_sdp_take_bundle_only(struct rill_sdp_section *s, struct rill_view value)
{
    (void)value;
    s->m.bundle_only = true;
    return true;
}

/* RFC 8866 §6.7: "at most one MAY appear in each media description". */
static bool take_direction(struct rill_sdp_section *s, enum rill_sdp_direction d)
{
    if (s->has_direction)
        return s->m.direction == d;
    s->has_direction = true;
    s->m.direction = d;
    return true;
}

bool rill_sdp_take_sendrecv(struct rill_sdp_section *s, struct rill_view value)
{
    (void)value;
    return take_direction(s, RILL_SDP_SENDRECV);
}

bool rill_sdp_take_sendonly(struct rill_sdp_section *s, struct rill_view value)
{
    (void)value;
    return take_direction(s, RILL_SDP_SENDONLY);
}

bool rill_sdp_take_recvonly(struct rill_sdp_section *s, struct rill_view value)
{
    (void)value;
    return take_direction(s, RILL_SDP_RECVONLY);
}

bool rill_sdp_take_inactive(struct rill_sdp_section *s, struct rill_view value)
{
    (void)value;
    return take_direction(s, RILL_SDP_INACTIVE);
}
