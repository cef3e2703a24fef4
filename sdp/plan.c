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
    return !(t && t->off) && rill_sdp_prefer(&local->caps, t, common, n) > 0;
}

/* --- transports ---------------------------------------------------------------------------------
 */

struct rill_sdp_giving rill_sdp_giving(const struct rill_sdp_local *local)
{
    struct rill_sdp_giving g = {.local = local};
    for (size_t i = 0; i < local->n_tracks; i++) {
        size_t at = local->tracks[i].transport;
        if (at && at <= local->n_transports)
            g.named[at - 1] = true;
    }
    return g;
}

const struct rill_sdp_transport *rill_sdp_give_own(struct rill_sdp_giving *g, size_t i)
{
    size_t at = i < g->local->n_tracks ? g->local->tracks[i].transport : 0;
    if (!at || at > g->local->n_transports || g->given[at - 1])
        return NULL;
    g->given[at - 1] = true;
    return &g->local->transports[at - 1];
}

const struct rill_sdp_transport *rill_sdp_give(struct rill_sdp_giving *g, size_t i)
{
    const struct rill_sdp_transport *own = rill_sdp_give_own(g, i);
    for (size_t k = 0; !own && k < g->local->n_transports; k++) {
        if (g->given[k] || g->named[k])
            continue;
        g->given[k] = true;
        own = &g->local->transports[k];
    }
    return own;
}

/* --- groups -------------------------------------------------------------------------------------
 */

/* RFC 9143 §7.3.4: the tagged one is the first of the list. */
static void add_group(struct rill_sdp_grouping *all, const struct rill_sdp *s,
                      const struct rill_sdp_group *g)
{
    size_t tag = SIZE_MAX;
    for (size_t k = 0; k < g->n; k++) {
        size_t i = rill_sdp_find_mid(s, g->mids[k]);
        if (i == SIZE_MAX || all->of[i])
            continue;
        all->of[i] = g;
        tag = tag == SIZE_MAX && s->media[i].port ? i : tag;
    }
    for (size_t i = 0; i < s->n_media; i++)
        if (all->of[i] == g)
            all->tag[i] = s->media[i].port ? tag : SIZE_MAX;
}

struct rill_sdp_grouping rill_sdp_grouping(const struct rill_sdp *s)
{
    struct rill_sdp_grouping all = {.of = {NULL}};
    for (size_t i = 0; i < s->n_media; i++)
        all.tag[i] = s->media[i].port ? i : SIZE_MAX;
    for (size_t g = 0; g < s->n_groups; g++)
        if (rill_sdp_is_bundle(&s->groups[g]))
            add_group(&all, s, &s->groups[g]);
    return all;
}

/* --- which m-lines ------------------------------------------------------------------------------
 */

enum fitness {
    UNFIT,
    BRINGS_ICE, /* bundled with a tagged one that has the same ICE credentials, or alone */
    FOLLOWS,    /* bundled with any tagged one */
    CAN_BE_TAGGED,
};

static enum fitness fitness_of(const struct rill_sdp *offer, const struct rill_sdp_local *local,
                               size_t i)
{
    const struct rill_sdp_media *m = &offer->media[i];
    if (!is_usable(m, local, i))
        return UNFIT;
    /* RFC 9143 §7.3.1: the tagged m-line is one that is kept and has a port; §9.3: within a group
     * a=rtcp-mux must be taken. */
    if (m->rtcp_mux)
        return m->port ? CAN_BE_TAGGED : FOLLOWS;
    /* RFC 9143 §7.1.3: a bundled m-line may leave the transport's attributes, a=rtcp-mux
     * among them, to the tagged one. One that brings its own must bring all, unless they are the
     * tagged one's: repeated, or the session's that both inherit. */
    return m->ice_ufrag.p ? BRINGS_ICE : FOLLOWS;
}

/* What the planning goes through. */
struct planning {
    const struct rill_sdp *offer;
    struct rill_sdp_grouping offered;
    struct rill_sdp_giving giving;
    enum fitness fit[RILL_SDP_MEDIA_MAX];
    struct rill_sdp_plan *plan;
};

static bool is_open(const struct planning *p, size_t i)
{
    return p->plan->tag[i] == SIZE_MAX;
}

/* RFC 9143 §7.3.1: the first of the list that fulfils the criteria. */
static size_t tag_in_group(const struct planning *p, const struct rill_sdp_group *g)
{
    for (size_t k = 0; k < g->n; k++) {
        size_t i = rill_sdp_find_mid(p->offer, g->mids[k]);
        if (i != SIZE_MAX && p->offered.of[i] == g && p->fit[i] == CAN_BE_TAGGED)
            return i;
    }
    return SIZE_MAX;
}

static bool fits_tag(const struct planning *p, size_t tag, size_t i)
{
    if (p->fit[i] == BRINGS_ICE)
        return rill_view_equal(p->offer->media[i].ice_ufrag, p->offer->media[tag].ice_ufrag);
    return p->fit[i] != UNFIT;
}

static bool comes_along(const struct planning *p, const struct rill_sdp_group *g, size_t tag,
                        size_t i)
{
    return p->offered.of[i] == g && fits_tag(p, tag, i);
}

/* A group that goes on keeps its transport, whoever speaks for it now. */
static const struct rill_sdp_transport *give_group(struct planning *p,
                                                   const struct rill_sdp_group *g, size_t tag)
{
    const struct rill_sdp_transport *t = rill_sdp_give_own(&p->giving, tag);
    for (size_t i = 0; !t && i < p->offer->n_media; i++)
        if (comes_along(p, g, tag, i))
            t = rill_sdp_give_own(&p->giving, i);
    return t ? t : rill_sdp_give(&p->giving, tag);
}

static void take_group(struct planning *p, const struct rill_sdp_group *g, size_t number)
{
    size_t tag = tag_in_group(p, g);
    const struct rill_sdp_transport *t = tag == SIZE_MAX ? NULL : give_group(p, g, tag);
    for (size_t i = 0; t && i < p->offer->n_media; i++) {
        if (!comes_along(p, g, tag, i))
            continue;
        p->plan->tag[i] = tag;
        p->plan->group[i] = number;
        p->plan->transport[tag] = t;
    }
}

/* RFC 5761 §5.1.1: an answerer may do without a=rtcp-mux, and then RTCP has component 2; by the
 * policy "require" of RFC 9429 §4.1.1 it does not. */
static bool fits_alone(const struct planning *p, size_t i)
{
    const struct rill_sdp_media *m = &p->offer->media[i];
    return p->fit[i] == CAN_BE_TAGGED ||
           (p->fit[i] == BRINGS_ICE && m->port && p->giving.local->rtcp_negotiable);
}

struct rill_sdp_plan rill_sdp_plan(const struct rill_sdp *offer, const struct rill_sdp_local *local)
{
    struct rill_sdp_plan plan = {.tag = {0}};
    struct planning p = {.offer = offer, .plan = &plan};
    p.offered = rill_sdp_grouping(offer);
    p.giving = rill_sdp_giving(local);
    for (size_t i = 0; i < offer->n_media; i++) {
        plan.tag[i] = SIZE_MAX;
        p.fit[i] = fitness_of(offer, local, i);
    }
    for (size_t g = 0; g < offer->n_groups; g++)
        if (rill_sdp_is_bundle(&offer->groups[g]))
            take_group(&p, &offer->groups[g], g + 1);
    for (size_t i = 0; i < offer->n_media; i++) {
        if (!is_open(&p, i) || !fits_alone(&p, i))
            continue;
        plan.transport[i] = rill_sdp_give(&p.giving, i);
        if (plan.transport[i])
            plan.tag[i] = i;
    }
    return plan;
}
