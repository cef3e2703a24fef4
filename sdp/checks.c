/* sdp/checks: the strict ones (see checks.h), and the verdict over them. */
#include "sdp/checks.h"

#include "sdp/describe.h"
#include "sdp/fields.h"
#include "sdp/fmtp.h"
#include "sdp/grammar.h"

bool rill_sdp_is_in_use(const struct rill_sdp_media *m)
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

/* --- in a group ----------------------------------------------------------------------------------
 */

struct rill_sdp_judged rill_sdp_judged(const struct rill_sdp *s)
{
    struct rill_sdp_judged j = {.s = s};
    for (size_t g = 0; g < s->n_groups; g++)
        for (size_t k = 0; rill_sdp_is_bundle(&s->groups[g]) && k < s->groups[g].n; k++) {
            size_t at = rill_sdp_find_mid(s, s->groups[g].mids[k]);
            if (at != SIZE_MAX && j.group[at])
                j.twice[at] = true;
            else if (at != SIZE_MAX)
                j.group[at] = g + 1;
        }
    return j;
}

size_t rill_sdp_companion(const struct rill_sdp_judged *j, size_t i, size_t from)
{
    for (size_t k = from; j->group[i] && k < i; k++)
        if (j->group[k] == j->group[i] && rill_sdp_is_in_use(&j->s->media[k]))
            return k;
    return SIZE_MAX;
}

/* RFC 9143 §9.1: "If the same payload type value is used within multiple bundled m= sections, all
 * such m= sections MUST share an identical codec configuration." */
static int bundle_pt(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp *s = j->s;
    const struct rill_sdp_media *m = &s->media[i];
    for (size_t k = rill_sdp_companion(j, i, 0); k != SIZE_MAX;
         k = rill_sdp_companion(j, i, k + 1)) {
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

static rill_sdp_check_fn *const checks[] = {mux_only, simulcast_rids, rid_twice, ext_twice,
                                            bundle_pt};

static size_t ask(const struct rill_sdp_judged *j, size_t i, rill_sdp_check_fn *const *list,
                  size_t n, struct rill_sdp_broken *out)
{
    size_t found = 0;
    for (size_t c = 0; c < n; c++) {
        out[found].value = 0;
        out[found].row = list[c](j, i, &out[found].value);
        found += out[found].row != 0;
    }
    return found;
}

size_t rill_sdp_broken(const struct rill_sdp_judged *j, size_t i,
                       struct rill_sdp_broken out[RILL_SDP_BROKEN_MAX])
{
    size_t n = 0;
    if (rill_sdp_is_in_use(&j->s->media[i])) {
        n = ask(j, i, checks, sizeof checks / sizeof checks[0], out);
        n += ask(j, i, rill_sdp_remarks, rill_sdp_n_remarks, &out[n]);
    }
    return n + ask(j, i, rill_sdp_group_remarks, rill_sdp_n_group_remarks, &out[n]);
}

int rill_sdp_verify(const struct rill_sdp *s, struct rill_err *why)
{
    struct rill_sdp_judged j = rill_sdp_judged(s);
    for (size_t i = 0; i < s->n_media; i++) {
        if (!rill_sdp_is_in_use(&s->media[i]))
            continue;
        for (size_t c = 0; c < sizeof checks / sizeof checks[0]; c++) {
            uint64_t value = 0;
            int row = checks[c](&j, i, &value);
            if (row)
                return rill_err_set(&rill_sdp_errors, row, s->media[i].line, value, why);
        }
    }
    return 0;
}
