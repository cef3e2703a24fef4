/* sdp/checks: see checks.h; and the verdict over the strict ones. */
#include "sdp/checks.h"

#include "sdp/describe.h"
#include "sdp/fields.h"
#include "sdp/fmtp.h"
#include "sdp/grammar.h"

static bool is_in_use(const struct rill_sdp_media *m)
{
    return m->port || m->bundle_only;
}

/* --- one m-line ---------------------------------------------------------------------------------
 */

static int mux_only(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    *value = i;
    return m->rtcp_mux_only && !m->rtcp_mux ? RILL_SDP_MUX_ONLY : 0;
}

/* A text of 64 KiB has room for five thousand a=rid, and a line for ten thousand names: each is
 * looked for among the first 64 alone, more than anybody sends. */
#define RIDS_MAX 64

static bool has_rid(const struct rill_sdp_media *m, struct rill_view id)
{
    for (size_t i = 0; i < m->n_rids && i < RIDS_MAX; i++)
        if (rill_view_equal(m->rids[i].id, id))
            return true;
    return false;
}

/* RFC 9429 §5.8.3: "All rid-ids referenced in an "a=simulcast" line MUST exist as "a=rid" lines."
 */
static int simulcast_rids(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    struct rill_view rest = m->simulcast;
    *value = i;
    for (size_t word = 0; rest.p; word++) {
        struct rill_view list = rill_sdp_word(&rest);
        while (word % 2 && list.p) {
            struct rill_view alternatives = rill_view_cut(list, ';', &list);
            while (alternatives.p) {
                struct rill_view id = rill_view_cut(alternatives, ',', &alternatives);
                if (id.n && id.p[0] == '~')
                    id = rill_view_sub(id, 1, id.n - 1);
                if (!has_rid(m, id))
                    return RILL_SDP_SIMULCAST_RID;
            }
        }
    }
    return 0;
}

static int rid_twice(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    *value = i;
    for (size_t a = 0; a < m->n_rids; a++)
        for (size_t b = 0; b < a && b < RIDS_MAX; b++)
            if (rill_view_equal(m->rids[a].id, m->rids[b].id))
                return RILL_SDP_RID_TWICE;
    return 0;
}

/* RFC 8285 §5: "a particular ID … MUST NOT be used for two"; 4096 and up only name offers. */
static int ext_twice(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    const struct rill_sdp_extmap *seen[256] = {NULL};
    for (size_t k = 0; k < m->n_extmaps; k++) {
        const struct rill_sdp_extmap *e = &m->extmaps[k];
        if (e->id > 255)
            continue;
        *value = e->id;
        if (seen[e->id] && !rill_view_equal(seen[e->id]->uri, e->uri))
            return RILL_SDP_EXT_TWICE;
        seen[e->id] = e;
    }
    return 0;
}

static int no_mid(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    *value = i;
    return j->s->media[i].mid.p ? 0 : RILL_SDP_NO_MID;
}

/* --- in a group ----------------------------------------------------------------------------------
 */

struct rill_sdp_judged rill_sdp_judged(const struct rill_sdp *s)
{
    struct rill_sdp_judged j = {.s = s};
    for (size_t g = 0; g < s->n_groups; g++)
        for (size_t k = 0; rill_sdp_is_bundle(&s->groups[g]) && k < s->groups[g].n; k++) {
            size_t at = rill_sdp_find_mid(s, s->groups[g].mids[k]);
            if (at != SIZE_MAX && !j.group[at])
                j.group[at] = g + 1;
        }
    return j;
}

/* An earlier m-line of the same BUNDLE group, in use; SIZE_MAX when there is none from `from` on.
 */
static size_t companion(const struct rill_sdp_judged *j, size_t i, size_t from)
{
    for (size_t k = from; j->group[i] && k < i; k++)
        if (j->group[k] == j->group[i] && is_in_use(&j->s->media[k]))
            return k;
    return SIZE_MAX;
}

/* RFC 9143 §9.1: "If the same payload type value is used within multiple bundled m= sections, all
 * such m= sections MUST share an identical codec configuration." */
static int bundle_pt(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp *s = j->s;
    const struct rill_sdp_media *m = &s->media[i];
    for (size_t k = companion(j, i, 0); k != SIZE_MAX; k = companion(j, i, k + 1)) {
        bool at[128] = {false};
        for (size_t c = 0; c < s->media[k].n_codecs; c++)
            at[s->media[k].codecs[c].pt] = true;
        for (size_t c = 0; c < m->n_codecs; c++) {
            *value = m->codecs[c].pt;
            if (at[*value] &&
                !rill_sdp_same_format(&s->media[k], m->codecs[c].pt, m, m->codecs[c].pt))
                return RILL_SDP_BUNDLE_PT;
        }
    }
    return 0;
}

/* Deviation: not refused. aiortc numbers the extensions of each m-line by themselves; the MID alone
 * is looked up before the m-line is known, and that they put first everywhere. */
static int bundle_ext(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp *s = j->s;
    const struct rill_sdp_media *m = &s->media[i];
    for (size_t k = companion(j, i, 0); k != SIZE_MAX; k = companion(j, i, k + 1)) {
        const struct rill_sdp_extmap *at[256] = {NULL};
        for (size_t e = 0; e < s->media[k].n_extmaps; e++)
            if (s->media[k].extmaps[e].id <= 255)
                at[s->media[k].extmaps[e].id] = &s->media[k].extmaps[e];
        for (size_t e = 0; e < m->n_extmaps; e++) {
            *value = m->extmaps[e].id;
            if (*value <= 255 && at[*value] && !rill_view_equal(at[*value]->uri, m->extmaps[e].uri))
                return RILL_SDP_BUNDLE_EXT;
        }
    }
    return 0;
}

static bool is_bundled(const struct rill_sdp_judged *j, size_t i)
{
    return companion(j, i, 0) != SIZE_MAX;
}

/* --- what only lint names ------------------------------------------------------------------------
 */

static int no_mux(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    *value = i;
    return rill_sdp_proto_is_rtp(m->proto) && !m->rtcp_mux && !is_bundled(j, i) ? RILL_SDP_NO_MUX
                                                                                : 0;
}

static int no_rtpmap(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    bool mapped[128] = {false};
    if (!rill_sdp_proto_is_rtp(m->proto))
        return 0;
    for (size_t k = 0; k < m->n_codecs; k++)
        mapped[m->codecs[k].pt] = true;
    for (size_t k = 0; k < m->n_fmts; k++) {
        uint8_t pt;
        if (!rill_sdp_payload_type(m->fmts[k], &pt) || mapped[pt])
            continue;
        *value = pt;
        return RILL_SDP_NO_RTPMAP;
    }
    return 0;
}

static int rtx_apt(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    for (size_t k = 0; k < m->n_codecs; k++) {
        *value = m->codecs[k].pt;
        if (rill_view_is_nocase(m->codecs[k].name, "rtx") && !rill_sdp_repaired(m, m->codecs[k].pt))
            return RILL_SDP_RTX_APT;
    }
    return 0;
}

static int bundle_only_port(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    *value = i;
    return j->s->media[i].bundle_only && j->s->media[i].port ? RILL_SDP_BUNDLE_ONLY_PORT : 0;
}

static int no_fingerprint(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    *value = i;
    return rill_sdp_has_fingerprint(&j->s->media[i]) || is_bundled(j, i) ? 0
                                                                         : RILL_SDP_NO_FINGERPRINT;
}

static int no_ice(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    *value = i;
    return rill_sdp_has_ice(&j->s->media[i]) || is_bundled(j, i) ? 0 : RILL_SDP_NO_ICE;
}

static int no_setup(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    *value = i;
    return j->s->media[i].setup != RILL_SDP_SETUP_NONE || is_bundled(j, i) ? 0 : RILL_SDP_NO_SETUP;
}

/* Said once, with the first m-line. */
static int group_mid(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp *s = j->s;
    *value = 0;
    for (size_t g = 0; i == 0 && g < s->n_groups; g++)
        for (size_t k = 0; rill_sdp_is_bundle(&s->groups[g]) && k < s->groups[g].n; k++)
            if (rill_sdp_find_mid(s, s->groups[g].mids[k]) == SIZE_MAX)
                return RILL_SDP_GROUP_MID;
    return 0;
}

const struct rill_sdp_check rill_sdp_checks[] = {
    {mux_only, true},   {simulcast_rids, true},    {rid_twice, true},       {ext_twice, true},
    {bundle_pt, true},  {bundle_ext, false},       {no_mid, false},         {no_mux, false},
    {no_rtpmap, false}, {bundle_only_port, false}, {no_fingerprint, false}, {no_ice, false},
    {no_setup, false},  {group_mid, false},        {rtx_apt, false},
};
const size_t rill_sdp_n_checks = sizeof rill_sdp_checks / sizeof rill_sdp_checks[0];

int rill_sdp_verify(const struct rill_sdp *s, struct rill_err *why)
{
    struct rill_sdp_judged j = rill_sdp_judged(s);
    for (size_t i = 0; i < s->n_media; i++) {
        if (!is_in_use(&s->media[i]))
            continue;
        for (size_t c = 0; c < rill_sdp_n_checks; c++) {
            uint64_t value = 0;
            int row = rill_sdp_checks[c].strict ? rill_sdp_checks[c].check(&j, i, &value) : 0;
            if (row)
                return rill_err_set(&rill_sdp_errors, row, s->media[i].line, value, why);
        }
    }
    return 0;
}
