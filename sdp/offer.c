/* sdp/offer: the table of capabilities and what is wanted, written down (RFC 9429 §5.2.1, §5.2.2).
 *
 * All m-lines in use are bundled on one transport. Those that an answerer without BUNDLE may keep
 * by the policy repeat its attributes, as RFC 9143 §7.1.3 has it for every m-line that is not
 * bundle-only. */
#include "sdp/offer.h"

#include "sdp/describe.h"
#include "sdp/plan.h"

#define CODECS_MAX 32

static void add_codecs(struct rill_sdp_media *m, const struct rill_sdp_caps *caps,
                       const struct rill_sdp_codec_cap *const *chosen, size_t n,
                       const struct rill_sdp_track *t, struct rill_arena *arena)
{
    struct rill_sdp_codec_list list = rill_sdp_codec_list(m, n, caps, arena);
    if (arena->bad)
        return;
    for (size_t i = 0; i < n; i++)
        rill_sdp_add_codec(m, &list, chosen[i], chosen[i]->pt, NULL);
    for (size_t i = 0; i < caps->n_exts; i++) {
        const struct rill_sdp_ext_cap *e = &caps->exts[i];
        bool wanted = t->kind == RILL_AUDIO ? e->audio : e->video;
        if (wanted || (e->encodings && m->n_rids))
            list.extmaps[m->n_extmaps++] =
                (struct rill_sdp_extmap){.id = e->id, .uri = rill_view_of(e->uri)};
    }
}

static void offer_transport(struct rill_sdp_media *m, const struct rill_sdp_local *local,
                            const struct rill_sdp_track *t, bool first, struct rill_arena *arena)
{
    m->ice_trickle = m->ice2 = m->ice_renomination = true;
    rill_sdp_describe_transport(m, local, arena);
    /* RFC 8842 §5.2: "the offerer MUST insert an SDP "setup" attribute [RFC4145] with an
     * "actpass" attribute value". */
    m->setup = RILL_SDP_SETUP_ACTPASS;
    /* RFC 8858 §4 and RFC 9429 §5.2.1: we have no second component to fall back to; §5.2.2: in
     * a later offer 'The "a=rtcp-mux-only" line MUST NOT be added.' */
    m->rtcp_mux_only = !t->before;
    /* RFC 9429 §5.2.2: "If the "m=" section is bundled into another "m=" section, both
     * "a=candidate" and "a=end-of-candidates" MUST be omitted." */
    if (!t->before || first)
        rill_sdp_describe_candidates(m, local);
}

/* RFC 9429 §4.1.1: what a policy leaves for an answerer without BUNDLE. Only a first offer asks:
 * "Note that if bundling has been negotiated, unbundling is no longer possible" (§5.2.2). */
static bool is_bundle_only(const struct rill_sdp_local *local, size_t i)
{
    if (local->policy == RILL_SDP_MAX_COMPAT)
        return false;
    for (size_t k = 0; k < local->n_tracks; k++)
        if (local->tracks[k].before)
            return false;
    for (size_t k = 0; k < i; k++)
        if (!local->tracks[k].off && (local->policy == RILL_SDP_MAX_BUNDLE ||
                                      local->tracks[k].kind == local->tracks[i].kind))
            return true;
    return false;
}

static void offer_line(struct rill_sdp_media *m, const struct rill_sdp_local *local, size_t i,
                       bool first, struct rill_arena *arena)
{
    const struct rill_sdp_track *t = &local->tracks[i];
    const struct rill_sdp_codec_cap *chosen[CODECS_MAX];
    size_t n = rill_sdp_choose(&local->caps, t, chosen, CODECS_MAX);
    bool bundle_only = is_bundle_only(local, i);
    m->kind = rill_view_of(rill_sdp_kind_name(t->kind));
    /* RFC 8840 §4.1.1: the default while no candidate is known */
    m->port = bundle_only ? 0 : 9;
    m->proto = rill_view_of("UDP/TLS/RTP/SAVPF");
    m->mid = t->mid.p ? t->mid : rill_sdp_decimal(i, arena);
    m->direction = t->direction;
    /* RFC 9429 §5.2.2: not "unless present in the most recent answer". */
    m->rtcp_rsize = t->before ? t->before->rtcp_rsize : true;
    m->bundle_only = bundle_only;
    /* RFC 9143 §7.2.1: a bundle-only m-line has none of the transport's attributes. */
    if (!bundle_only)
        offer_transport(m, local, t, first, arena);
    if (!arena->bad)
        rill_sdp_describe_encodings(m, t, arena);
    add_codecs(m, &local->caps, chosen, n, t, arena);
    if (rill_sdp_sends(t->direction) && !arena->bad)
        rill_sdp_describe_track(m, t, local, arena);
}

/* What was said of the m-line before, without it; one of which nothing was said has a kind. */
static void offer_off(struct rill_sdp_media *m, const struct rill_sdp_track *t, size_t i,
                      struct rill_arena *arena)
{
    struct rill_sdp_media *unsaid = rill_arena_take(arena, 1, sizeof *unsaid);
    struct rill_view *fmt = rill_arena_take(arena, 1, sizeof *fmt);
    if (!unsaid || !fmt)
        return;
    *fmt = rill_view_of("0");
    *unsaid = (struct rill_sdp_media){
        .kind = rill_view_of(rill_sdp_kind_name(t->kind)),
        .proto = rill_view_of("UDP/TLS/RTP/SAVPF"),
        .fmts = fmt,
        .mid = t->mid.p ? t->mid : rill_sdp_decimal(i, arena),
    };
    rill_sdp_describe_off(m, t->before ? t->before : unsaid);
}

static int check(const struct rill_sdp_local *local, struct rill_err *why)
{
    const struct rill_sdp_codec_cap *chosen[CODECS_MAX];
    if (local->n_tracks > RILL_SDP_MEDIA_MAX)
        return rill_sdp_refuse(RILL_SDP_TOO_MANY_MEDIA, local->n_tracks, why);
    for (size_t i = 0; i < local->n_tracks; i++)
        if (!local->tracks[i].off &&
            rill_sdp_choose(&local->caps, &local->tracks[i], chosen, CODECS_MAX) == 0)
            return rill_sdp_refuse(RILL_SDP_NO_CODEC, i, why);
    return 0;
}

int rill_sdp_create_offer(const struct rill_sdp_local *local, struct rill_arena *arena,
                          const struct rill_sdp **out, struct rill_err *why)
{
    size_t n = local->n_tracks, n_mids = 0;
    int rc = check(local, why);
    if (rc < 0)
        return rc;
    struct rill_sdp *s = rill_arena_take(arena, 1, sizeof *s);
    struct rill_sdp_media *media = rill_arena_take(arena, n, sizeof *media);
    struct rill_view *mids = rill_arena_take(arena, n, sizeof *mids);
    for (size_t i = 0; i < n && !arena->bad; i++) {
        if (local->tracks[i].off) {
            offer_off(&media[i], &local->tracks[i], i, arena);
            continue;
        }
        offer_line(&media[i], local, i, n_mids == 0, arena);
        mids[n_mids++] = media[i].mid;
    }
    if (!arena->bad)
        rill_sdp_describe_session(s, local, mids, n_mids, arena);
    if (arena->bad)
        return rill_sdp_refuse(RILL_SDP_NO_ROOM, 0, why);
    s->extmap_allow_mixed = true;
    s->media = media;
    s->n_media = n;
    *out = s;
    return 0;
}
