/* sdp/remarks: what lint names and a call forgives (see checks.h). */
#include "sdp/checks.h"
#include "sdp/describe.h"
#include "sdp/fields.h"
#include "sdp/fmtp.h"
#include "sdp/grammar.h"

/* --- the m-line ----------------------------------------------------------------------------------
 */

static int no_mid(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    *value = i;
    return j->s->media[i].mid.p ? 0 : RILL_SDP_NO_MID;
}

/* Deviation: not refused. aiortc numbers the extensions of each m-line by themselves; the MID alone
 * is looked up before the m-line is known, and that they put first everywhere. */
static int bundle_ext(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp *s = j->s;
    const struct rill_sdp_media *m = &s->media[i];
    for (size_t k = rill_sdp_companion(j, i, 0); k != SIZE_MAX;
         k = rill_sdp_companion(j, i, k + 1)) {
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
    return rill_sdp_companion(j, i, 0) != SIZE_MAX;
}

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

/* RFC 8842 §5.1: "endpoints MUST NOT use the SDP "setup" attribute "holdconn" value". */
static int holdconn(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    *value = i;
    return j->s->media[i].setup == RILL_SDP_SETUP_HOLDCONN ? RILL_SDP_HOLDCONN : 0;
}

/* --- formats -------------------------------------------------------------------------------------
 */

struct formats {
    bool at[128];
};

static struct formats formats_of(const struct rill_sdp_media *m)
{
    struct formats f = {{false}};
    uint8_t pt;
    for (size_t k = 0; k < m->n_fmts; k++)
        if (rill_sdp_payload_type(m->fmts[k], &pt))
            f.at[pt] = true;
    return f;
}

/* RFC 8866 §6.15: "The format must be one of the formats specified for the media." */
static int format_unlisted(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    struct formats f = formats_of(m);
    for (size_t k = 0; k < m->n_codecs; k++) {
        *value = m->codecs[k].pt;
        if (!f.at[*value])
            return RILL_SDP_FORMAT_UNLISTED;
    }
    for (size_t k = 0; k < m->n_fmtps; k++) {
        *value = m->fmtps[k].pt;
        if (!f.at[*value])
            return RILL_SDP_FORMAT_UNLISTED;
    }
    return 0;
}

static int feedback_unlisted(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    struct formats f = formats_of(m);
    for (size_t k = 0; k < m->n_rtcp_fbs; k++) {
        *value = m->rtcp_fbs[k].pt;
        if (*value != RILL_SDP_PT_ANY && !f.at[*value])
            return RILL_SDP_FEEDBACK_UNLISTED;
    }
    return 0;
}

/* RFC 5761 §4: "payload type values in the range 64-95 MUST NOT be used". */
static int rtcp_format(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    struct formats f = formats_of(m);
    for (*value = 64; m->rtcp_mux && *value < 96; ++*value)
        if (f.at[*value])
            return RILL_SDP_RTCP_FORMAT;
    return 0;
}

static bool is_listed(const struct formats *f, struct rill_view list)
{
    uint8_t pt;
    while (list.p)
        if (!rill_sdp_payload_type(rill_view_cut(list, ',', &list), &pt) || !f->at[pt])
            return false;
    return true;
}

static int rid_format(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    struct formats f = formats_of(m);
    for (size_t k = 0; k < m->n_rids; k++) {
        struct rill_view list = rill_sdp_fmtp_param(m->rids[k].params, "pt");
        *value = i;
        if (list.p && !is_listed(&f, list))
            return RILL_SDP_RID_FORMAT;
    }
    return 0;
}

/* --- sources -------------------------------------------------------------------------------------
 */

#define MSID_MAX 64 /* RFC 8830 §2: msid-id = 1*64token-char */

static int msid_length(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    *value = i;
    for (size_t k = 0; k < m->n_msids; k++)
        if (m->msids[k].stream.n > MSID_MAX || m->msids[k].track.n > MSID_MAX)
            return RILL_SDP_MSID_LENGTH;
    return 0;
}

/* RFC 8830 §2: "the value of "msid-appdata" MUST be identical for all occurrences." */
static int msid_tracks(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    *value = i;
    for (size_t k = 1; k < m->n_msids; k++)
        if (!rill_view_equal(m->msids[k].track, m->msids[0].track))
            return RILL_SDP_MSID_TRACKS;
    return 0;
}

/* RFC 8830 §2: "Multiple media descriptions with the same value for "msid-id" and "msid-appdata"
 * are not permitted." The first of each m-line is looked at. */
static int msid_again(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    *value = i;
    for (size_t k = 0; k < i && m->n_msids; k++) {
        const struct rill_sdp_media *other = &j->s->media[k];
        if (rill_sdp_is_in_use(other) && other->n_msids && m->msids[0].track.n &&
            rill_view_equal(other->msids[0].stream, m->msids[0].stream) &&
            rill_view_equal(other->msids[0].track, m->msids[0].track))
            return RILL_SDP_MSID_AGAIN;
    }
    return 0;
}

/* RFC 5576 §6.1: cname "is REQUIRED to be present if any source attributes are". */
static int ssrc_cname(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    for (size_t k = 0; k < m->n_ssrcs; k++) {
        *value = m->ssrcs[k].ssrc;
        if (!m->ssrcs[k].cname.p)
            return RILL_SDP_SSRC_CNAME;
    }
    return 0;
}

/* Each is looked for among the first 64 alone: a text of 64 KiB has room for thousands. */
#define SSRCS_MAX 64

static bool has_ssrc(const struct rill_sdp_media *m, uint32_t ssrc)
{
    for (size_t k = 0; k < m->n_ssrcs; k++)
        if (m->ssrcs[k].ssrc == ssrc)
            return true;
    return false;
}

/* RFC 5576 §4.2: every SSRC of a group "MUST be defined by a corresponding "ssrc:" line". */
static int ssrc_group(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    const struct rill_sdp_media *m = &j->s->media[i];
    for (size_t g = 0; m->n_ssrcs <= SSRCS_MAX && g < m->n_ssrc_groups; g++) {
        *value = 0;
        if (m->ssrc_groups[g].n == 0)
            return RILL_SDP_SSRC_GROUP;
        for (size_t k = 0; k < m->ssrc_groups[g].n; k++) {
            *value = m->ssrc_groups[g].ssrcs[k];
            if (!has_ssrc(m, m->ssrc_groups[g].ssrcs[k]))
                return RILL_SDP_SSRC_GROUP;
        }
    }
    return 0;
}

/* --- groups --------------------------------------------------------------------------------------
 */

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

/* RFC 9143 §5: an m-line "MUST NOT be associated with more than one BUNDLE group". */
static int group_twice(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    *value = i;
    return j->twice[i] ? RILL_SDP_GROUP_TWICE : 0;
}

/* RFC 9143 §7.3.3, §7.5.3: what is rejected or given up leaves its group. */
static int group_idle(const struct rill_sdp_judged *j, size_t i, uint64_t *value)
{
    *value = i;
    return j->group[i] && !rill_sdp_is_in_use(&j->s->media[i]) ? RILL_SDP_GROUP_IDLE : 0;
}

rill_sdp_check_fn *const rill_sdp_remarks[] = {
    bundle_ext,  no_mid,     no_mux,      no_rtpmap,   bundle_only_port, no_fingerprint,
    no_ice,      no_setup,   rtx_apt,     holdconn,    format_unlisted,  feedback_unlisted,
    rtcp_format, rid_format, msid_length, msid_tracks, msid_again,       ssrc_cname,
    ssrc_group,
};
const size_t rill_sdp_n_remarks = sizeof rill_sdp_remarks / sizeof rill_sdp_remarks[0];
rill_sdp_check_fn *const rill_sdp_group_remarks[] = {group_mid, group_twice, group_idle};
const size_t rill_sdp_n_group_remarks =
    sizeof rill_sdp_group_remarks / sizeof rill_sdp_group_remarks[0];
