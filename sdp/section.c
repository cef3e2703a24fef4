/* sdp/section: which attribute a line is, and the arrays its values go to. */
#include "sdp/section.h"

#include "sdp/grammar.h"

enum form {
    FLAG,
    VALUE,
};

static const struct {
    const char *name;
    enum form form;
    bool once;
    rill_sdp_take_fn *take;
    const char *clause;
} attrs[] = {
#define ROW(row, name, form, once, take, clause) {name, form, once, take, clause},
    RILL_SDP_ATTRS(ROW)
#undef ROW
};

enum rill_sdp_attr rill_sdp_attr_find(struct rill_view line, struct rill_view *value,
                                      bool *malformed)
{
    struct rill_view name = rill_view_cut(line, ':', value);
    /* RFC 8866 §9: attribute-name = token */
    *malformed = !rill_sdp_is_token(name);
    for (size_t i = 0; i < RILL_SDP_ATTR_NONE; i++)
        if (rill_view_is(name, attrs[i].name))
            return (enum rill_sdp_attr)i;
    return RILL_SDP_ATTR_NONE;
}

bool rill_sdp_attr_take(struct rill_sdp_section *s, struct rill_view line)
{
    struct rill_view value;
    bool malformed;
    enum rill_sdp_attr attr = rill_sdp_attr_find(line, &value, &malformed);
    /* RFC 8866 §5.13: "If an attribute is received that is not understood, it MUST be ignored
     * by the receiver." */
    if (attr == RILL_SDP_ATTR_NONE)
        return !malformed;
    if ((attrs[attr].form == FLAG) != (value.p == NULL))
        return false;
    if (attrs[attr].form == VALUE && value.n == 0)
        return false;
    /* Of two lines where one is allowed, the first holds: a later one, added on the way,
     * cannot replace credentials. */
    if (attrs[attr].once && s->seen[attr])
        return false;
    if (!attrs[attr].take(s, value))
        return false;
    s->seen[attr] = true;
    return true;
}

const char *rill_sdp_attr_clause(enum rill_sdp_attr attr)
{
    return attr == RILL_SDP_ATTR_NONE ? "RFC 8866 §5.13" : attrs[attr].clause;
}

static size_t slots_for(size_t n)
{
    size_t slots = 1;
    while (slots < 2 * n)
        slots *= 2;
    return n ? slots : 0;
}

void rill_sdp_section_reserve(struct rill_sdp_section *s)
{
    struct rill_arena *a = s->arena;
    const size_t *n = s->lines_of;
    size_t codecs = n[RILL_SDP_ATTR_RTPMAP] + (s->is_rtp ? rill_sdp_count_static(&s->m) : 0);
    size_t ssrcs = n[RILL_SDP_ATTR_SSRC];
    s->groups = rill_arena_take(a, n[RILL_SDP_ATTR_GROUP], sizeof *s->groups);
    s->m.fingerprints = s->fingerprints =
        rill_arena_take(a, n[RILL_SDP_ATTR_FINGERPRINT], sizeof *s->fingerprints);
    s->m.codecs = s->codecs = rill_arena_take(a, codecs, sizeof *s->codecs);
    s->m.fmtps = s->fmtps_at = rill_arena_take(a, n[RILL_SDP_ATTR_FMTP], sizeof *s->fmtps_at);
    s->m.rtcp_fbs = s->rtcp_fbs = rill_arena_take(a, n[RILL_SDP_ATTR_RTCP_FB], sizeof *s->rtcp_fbs);
    s->m.extmaps = s->extmaps = rill_arena_take(a, n[RILL_SDP_ATTR_EXTMAP], sizeof *s->extmaps);
    s->m.msids = s->msids = rill_arena_take(a, n[RILL_SDP_ATTR_MSID], sizeof *s->msids);
    s->m.ssrcs = s->ssrcs = rill_arena_take(a, ssrcs, sizeof *s->ssrcs);
    s->m.ssrc_groups = s->ssrc_groups =
        rill_arena_take(a, n[RILL_SDP_ATTR_SSRC_GROUP], sizeof *s->ssrc_groups);
    s->m.rids = s->rids = rill_arena_take(a, n[RILL_SDP_ATTR_RID], sizeof *s->rids);
    s->m.imageattrs = s->imageattrs =
        rill_arena_take(a, n[RILL_SDP_ATTR_IMAGEATTR], sizeof *s->imageattrs);
    s->m.bandwidths = s->bandwidths = rill_arena_take(a, s->bandwidth_lines, sizeof *s->bandwidths);
    s->m.candidates = s->candidates =
        rill_arena_take(a, n[RILL_SDP_ATTR_CANDIDATE], sizeof *s->candidates);
    s->n_ssrc_slots = slots_for(ssrcs);
    s->ssrc_slots = rill_arena_take(a, s->n_ssrc_slots, sizeof *s->ssrc_slots);
}
