/* sdp/plan: an offer measured against what we can do (RFC 9429 §5.3.1, RFC 9143 §7.3). */
#include "sdp/plan.h"

#include "sdp/describe.h"
#include "sdp/grammar.h"
#include "sdp/section.h"

/* RFC 9429 §5.1.2: "Any profile in the offer matching one of the following MUST be accepted";
 * that the media is DTLS-SRTP is said by a=fingerprint alone. */
static bool proto_is_ours(struct rill_view proto)
{
    static const char *const protos[] = {
        "UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF", "TCP/DTLS/RTP/SAVP",
        "RTP/SAVPF",         "RTP/SAVP",         "RTP/AVPF",           "RTP/AVP",
    };
    for (size_t i = 0; i < sizeof protos / sizeof protos[0]; i++)
        if (rill_view_is(proto, protos[i]))
            return true;
    return false;
}

size_t rill_sdp_common(const struct rill_sdp_media *m, enum rill_kind kind,
                       const struct rill_sdp_caps *caps,
                       struct rill_sdp_common out[RILL_SDP_COMMON_MAX])
{
    const struct rill_sdp_codec *codec_at[RILL_SDP_COMMON_MAX] = {NULL};
    struct rill_sdp_pt_set seen = {{0}};
    size_t n = 0;
    for (size_t i = 0; i < m->n_codecs; i++)
        codec_at[m->codecs[i].pt] = &m->codecs[i];
    for (size_t i = 0; i < m->n_fmts; i++) {
        uint8_t pt;
        if (!rill_sdp_payload_type(m->fmts[i], &pt) || !codec_at[pt] || !rill_sdp_pt_add(&seen, pt))
            continue;
        const struct rill_sdp_codec_cap *cap = rill_sdp_cap_of(caps, kind, m, codec_at[pt]);
        if (cap)
            out[n++] = (struct rill_sdp_common){.pt = pt, .cap = cap};
    }
    return n;
}

/* A kind, a profile and a codec that we can do; port 0 is the offerer's own refusal, unless
 * a=bundle-only explains it (RFC 9143 §6). */
static bool is_usable(const struct rill_sdp_media *m, const struct rill_sdp_local *local, size_t i)
{
    enum rill_kind kind;
    struct rill_sdp_common common[RILL_SDP_COMMON_MAX];
    if (!(m->port || m->bundle_only) || !proto_is_ours(m->proto) || !rill_sdp_kind(m->kind, &kind))
        return false;
    const struct rill_sdp_track *t = rill_sdp_track_of(local, i, kind);
    size_t n = rill_sdp_common(m, kind, &local->caps, common);
    return t ? !t->off && rill_sdp_prefer(t, common, n) > 0 : n > 0;
}

enum fitness {
    UNFIT,
    BRINGS_ICE, /* bundled with a tagged one that has the same ICE credentials */
    FOLLOWS,    /* bundled with any tagged one */
    CAN_BE_TAGGED,
};

static enum fitness fitness_of(const struct rill_sdp *offer, const struct rill_sdp_local *local,
                               size_t i)
{
    const struct rill_sdp_media *m = &offer->media[i];
    if (!is_usable(m, local, i))
        return UNFIT;
    /* RFC 9143 §7.3.1: the tagged m-line is one that is kept and has a port. Ours must take
     * a=rtcp-mux as well. RFC 5761 §5.1.1 would let us answer without it and open a second
     * component; rill has one component and rejects the m-line, which is the policy
     * "require" of RFC 9429 §4.1.1. */
    if (m->rtcp_mux)
        return m->port ? CAN_BE_TAGGED : FOLLOWS;
    /* RFC 9143 §7.1.3: a bundled m-line may leave the transport's attributes, a=rtcp-mux
     * among them, to the tagged one. One that brings its own must bring all, unless they are the
     * tagged one's: repeated, or the session's that both inherit. */
    return m->ice_ufrag.p ? BRINGS_ICE : FOLLOWS;
}

/* RFC 9143 §7.3.1: the first of the list that fulfils the criteria. */
static size_t tag_in_group(const struct rill_sdp *offer, const struct rill_sdp_group *g,
                           const enum fitness *fit)
{
    for (size_t k = 0; k < g->n; k++) {
        size_t i = rill_sdp_find_mid(offer, g->mids[k]);
        if (i != SIZE_MAX && fit[i] == CAN_BE_TAGGED)
            return i;
    }
    return SIZE_MAX;
}

static bool fits_tag(const struct rill_sdp *offer, size_t tag, size_t i, enum fitness fit)
{
    if (fit == BRINGS_ICE)
        return rill_view_equal(offer->media[i].ice_ufrag, offer->media[tag].ice_ufrag);
    return fit != UNFIT;
}

static void take_group(struct rill_sdp_plan *plan, const struct rill_sdp *offer,
                       const enum fitness *fit)
{
    for (size_t k = 0; k < plan->bundle->n; k++) {
        size_t i = rill_sdp_find_mid(offer, plan->bundle->mids[k]);
        if (i != SIZE_MAX)
            plan->taken[i] = fits_tag(offer, plan->tag, i, fit[i]);
    }
}

/* Without a BUNDLE group each m-line has a transport of its own, and we have one to give. */
static void take_one(struct rill_sdp_plan *plan, const struct rill_sdp *offer,
                     const enum fitness *fit)
{
    for (size_t i = 0; i < offer->n_media && plan->tag == SIZE_MAX; i++)
        if (fit[i] == CAN_BE_TAGGED)
            plan->tag = i;
    if (plan->tag != SIZE_MAX)
        plan->taken[plan->tag] = true;
}

struct rill_sdp_plan rill_sdp_plan(const struct rill_sdp *offer, const struct rill_sdp_local *local)
{
    struct rill_sdp_plan plan = {.tag = SIZE_MAX};
    enum fitness fit[RILL_SDP_MEDIA_MAX];
    for (size_t i = 0; i < offer->n_media; i++)
        fit[i] = fitness_of(offer, local, i);
    for (size_t g = 0; g < offer->n_groups && plan.tag == SIZE_MAX; g++) {
        if (!rill_sdp_is_bundle(&offer->groups[g]))
            continue;
        plan.tag = tag_in_group(offer, &offer->groups[g], fit);
        plan.bundle = &offer->groups[g];
    }
    if (plan.tag != SIZE_MAX) {
        take_group(&plan, offer, fit);
    } else {
        plan.bundle = NULL;
        take_one(&plan, offer, fit);
    }
    return plan;
}
