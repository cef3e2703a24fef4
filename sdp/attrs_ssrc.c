/* sdp/attrs_ssrc: sources and what they are to each other: a=ssrc, a=ssrc-group (RFC 5576). */
#include "sdp/grammar.h"
#include "sdp/section.h"

/* The slot that holds the SSRC or is free for it. The table is at most half full, so there
 * is one. Chosen collisions cost one pass over the slots of 64 KiB of text, no more. */
static uint32_t *find_slot(struct rill_sdp_section *s, uint32_t ssrc)
{
    size_t mask = s->n_ssrc_slots - 1;
    uint32_t mixed = ssrc * UINT32_C(0x9e3779b1);
    size_t at = (mixed ^ mixed >> 15) & mask;
    while (s->ssrc_slots[at] && s->ssrcs[s->ssrc_slots[at] - 1].ssrc != ssrc)
        at = (at + 1) & mask;
    return &s->ssrc_slots[at];
}

/* One entry a distinct SSRC, in the order of their first lines. */
static struct rill_sdp_ssrc *entry_of(struct rill_sdp_section *s, uint32_t ssrc)
{
    uint32_t *slot = find_slot(s, ssrc);
    if (!*slot) {
        s->ssrcs[s->m.n_ssrcs].ssrc = ssrc;
        *slot = (uint32_t)++s->m.n_ssrcs;
    }
    return &s->ssrcs[*slot - 1];
}

/* RFC 5576 §10: "ssrc:" ssrc-id SP attribute; ssrc-id = 0 .. 2**32 - 1 */
bool rill_sdp_take_ssrc(struct rill_sdp_section *s, struct rill_view value)
{
    uint64_t ssrc;
    struct rill_view attribute = value;
    struct rill_view text;
    if (!rill_view_u64(rill_sdp_word(&attribute), UINT32_MAX, &ssrc))
        return false;
    struct rill_view name = rill_view_cut(attribute, ':', &text);
    bool cname = rill_view_is(name, "cname");
    bool msid = rill_view_is(name, "msid");
    if (!rill_sdp_is_token(name) || ((cname || msid) && text.n == 0))
        return false;
    struct rill_sdp_ssrc *e = entry_of(s, (uint32_t)ssrc);
    if (cname && !e->cname.p)
        e->cname = text;
    if (msid && !e->msid.p)
        e->msid = text;
    return true;
}

static bool all_ssrcs(struct rill_view v)
{
    uint64_t ssrc;
    while (v.p)
        if (!rill_view_u64(rill_sdp_word(&v), UINT32_MAX, &ssrc))
            return false;
    return true;
}

/* RFC 5576 §10: "ssrc-group:" semantics *(SP ssrc-id) */
bool rill_sdp_take_ssrc_group(struct rill_sdp_section *s, struct rill_view value)
{
    struct rill_view list = value;
    struct rill_view semantics = rill_sdp_word(&list);
    if (!rill_sdp_is_token(semantics) || !all_ssrcs(list))
        return false;
    size_t n = rill_sdp_count_words(list);
    uint32_t *ssrcs = rill_arena_take(s->arena, n, sizeof *ssrcs);
    for (size_t i = 0; ssrcs && i < n; i++) {
        uint64_t ssrc = 0;
        (void)rill_view_u64(rill_sdp_word(&list), UINT32_MAX, &ssrc);
        ssrcs[i] = (uint32_t)ssrc;
    }
    s->ssrc_groups[s->m.n_ssrc_groups++] =
        (struct rill_sdp_ssrc_group){.semantics = semantics, .ssrcs = ssrcs, .n = ssrcs ? n : 0};
    return true;
}
