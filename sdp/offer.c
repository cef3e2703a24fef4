/* sdp/offer: the table of capabilities and what is wanted, written down (RFC 9429 §5.2.1, §5.2.2).
 *
 * The first offer bundles all m-lines in use; those that an answerer without BUNDLE may keep by the
 * policy have a transport of their own all the same (RFC 9143 §7.2.1). Later ones keep what was
 * agreed: a bundled m-line repeats the attributes of its group's transport, one that is alone stays
 * alone, and new ones join the group; where there is none, they make one as in a first offer. */
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
    for (size_t i = 0; i < n; i++) {
        if (chosen[i]->helps == RILL_SDP_RED) {
            /* Its codec stands beside it. */
            bool before = i + 1 < n && caps->red_first;
            rill_sdp_add_red(m, &list, chosen[i], chosen[i]->pt,
                             chosen[before ? i + 1 : i - 1]->pt);
            continue;
        }
        rill_sdp_add_codec(m, &list, chosen[i], chosen[i]->pt, NULL);
        if (chosen[i]->rtx_pt)
            rill_sdp_add_rtx(m, &list, chosen[i], chosen[i]->rtx_pt, chosen[i]->pt);
    }
    for (size_t i = 0; i < caps->n_exts; i++) {
        const struct rill_sdp_ext_cap *e = &caps->exts[i];
        bool wanted = t->kind == RILL_AUDIO ? e->audio : e->video;
        if (wanted || (e->encodings && m->n_rids))
            list.extmaps[m->n_extmaps++] =
                (struct rill_sdp_extmap){.id = e->id, .uri = rill_view_of(e->uri)};
    }
}

/* --- transports ---------------------------------------------------------------------------------
 */

/* What an offer is made of: for each m-line its transport (NULL: bundle-only, or off), whose
 * m-line that is, and its group. */
struct offering {
    const struct rill_sdp_local *local;
    struct rill_arena *arena;
    struct rill_sdp_giving giving;
    const struct rill_sdp_transport *transport[RILL_SDP_MEDIA_MAX];
    size_t tag[RILL_SDP_MEDIA_MAX], group[RILL_SDP_MEDIA_MAX];
};

/* RFC 9429 §4.1.1: what a policy leaves for an answerer without BUNDLE. */
static bool is_spared(const struct rill_sdp_local *local, size_t i)
{
    for (size_t k = 0; local->policy != RILL_SDP_MAX_COMPAT && k < i; k++)
        if (!local->tracks[k].off && (local->policy == RILL_SDP_MAX_BUNDLE ||
                                      local->tracks[k].kind == local->tracks[i].kind))
            return true;
    return false;
}

/* Groups are numbered by the transport that they had, from 1; the group of a first offer, and of
 * new m-lines where nobody bundles, is the one behind all these. */
static size_t group_of_new(const struct offering *o)
{
    for (size_t k = 0; o->local->agreed && k < o->local->n_tracks; k++) {
        const struct rill_sdp_track *t = &o->local->tracks[k];
        if (!t->off && t->bundled && t->transport)
            return t->transport;
    }
    return RILL_SDP_TRANSPORTS_MAX + 1;
}

static size_t leader(const struct offering *o, size_t group)
{
    for (size_t k = 0; k < o->local->n_tracks; k++)
        if (o->group[k] == group && o->transport[k])
            return k;
    return SIZE_MAX;
}

static bool has_agreed(const struct offering *o, size_t i)
{
    return o->local->agreed && o->local->tracks[i].transport;
}

static void plan_agreed(struct offering *o, size_t i)
{
    const struct rill_sdp_track *t = &o->local->tracks[i];
    o->group[i] = t->bundled ? t->transport : 0;
    o->transport[i] = &o->local->transports[t->transport - 1];
    size_t at = o->group[i] ? leader(o, o->group[i]) : i;
    o->tag[i] = at;
}

/* RFC 9429 §5.2.2: a new m-line joins the group, whose transport it may name at once (RFC 9143
 * §7.5.2). In a first offer only the policy, and what there is, give it one of its own. */
static void plan_new(struct offering *o, size_t i)
{
    size_t group = group_of_new(o), at = leader(o, group);
    o->group[i] = group;
    if (group <= RILL_SDP_TRANSPORTS_MAX)
        o->transport[i] = o->transport[at];
    else if (at == SIZE_MAX || !is_spared(o->local, i))
        o->transport[i] = rill_sdp_give(&o->giving, i);
    o->tag[i] = at == SIZE_MAX ? i : at;
}

static void plan(struct offering *o)
{
    o->giving = rill_sdp_giving(o->local);
    for (size_t i = 0; i < o->local->n_tracks; i++)
        if (!o->local->tracks[i].off && has_agreed(o, i))
            plan_agreed(o, i);
    for (size_t i = 0; i < o->local->n_tracks; i++)
        if (!o->local->tracks[i].off && !has_agreed(o, i))
            plan_new(o, i);
}

static void offer_transport(struct rill_sdp_media *m, const struct offering *o, size_t i)
{
    const struct rill_sdp_track *t = &o->local->tracks[i];
    m->ice_trickle = m->ice2 = m->ice_renomination = true;
    rill_sdp_describe_transport(m, o->local, o->transport[i], o->arena);
    /* RFC 8842 §5.2: "the offerer MUST insert an SDP "setup" attribute [RFC4145] with an
     * "actpass" attribute value". */
    m->setup = RILL_SDP_SETUP_ACTPASS;
    m->rtcp_mux = true;
    /* RFC 8858 §4 and RFC 9429 §5.2.1: by the policy "require"; §5.2.2: in a later offer 'The
     * "a=rtcp-mux-only" line MUST NOT be added.' */
    m->rtcp_mux_only = !t->before && !o->local->rtcp_negotiable;
    /* RFC 9429 §5.2.2: "If the "m=" section is bundled into another "m=" section, both
     * "a=candidate" and "a=end-of-candidates" MUST be omitted." */
    if (!o->local->agreed || o->tag[i] == i || !t->before)
        rill_sdp_describe_candidates(m, o->transport[i]);
}

static void offer_line(struct rill_sdp_media *m, const struct offering *o, size_t i)
{
    const struct rill_sdp_local *local = o->local;
    struct rill_arena *arena = o->arena;
    const struct rill_sdp_track *t = &local->tracks[i];
    const struct rill_sdp_codec_cap *chosen[CODECS_MAX];
    size_t n = rill_sdp_choose(&local->caps, t, chosen, CODECS_MAX);
    m->kind = rill_view_of(rill_kind_name(t->kind));
    m->bundle_only = !o->transport[i];
    /* RFC 8840 §4.1.1: the default while no candidate is known */
    m->port = m->bundle_only ? 0 : 9;
    m->proto = rill_view_of("UDP/TLS/RTP/SAVPF");
    m->mid = t->mid.p ? t->mid : rill_sdp_decimal(i, arena);
    m->direction = t->direction;
    /* RFC 9429 §5.2.2: not "unless present in the most recent answer". */
    m->rtcp_rsize = t->before ? t->before->rtcp_rsize : true;
    /* RFC 9143 §7.2.1: a bundle-only m-line has none of the transport's attributes. */
    if (o->transport[i])
        offer_transport(m, o, i);
    if (!arena->bad)
        rill_sdp_describe_encodings(m, t, arena);
    add_codecs(m, &local->caps, chosen, n, t, arena);
    if (rill_sdp_sends(t->direction) && !arena->bad)
        rill_sdp_describe_track(m, t, local, arena);
}

/* --- the whole ----------------------------------------------------------------------------------
 */

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
        .kind = rill_view_of(rill_kind_name(t->kind)),
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
    size_t n = local->n_tracks;
    int rc = check(local, why);
    if (rc < 0)
        return rc;
    struct offering o = {.local = local, .arena = arena};
    struct rill_sdp *s = rill_arena_take(arena, 1, sizeof *s);
    struct rill_sdp_media *media = rill_arena_take(arena, n, sizeof *media);
    plan(&o);
    for (size_t i = 0; i < n && !arena->bad; i++) {
        if (local->tracks[i].off)
            offer_off(&media[i], &local->tracks[i], i, arena);
        else
            offer_line(&media[i], &o, i);
    }
    if (!arena->bad) {
        s->media = media;
        s->n_media = n;
        rill_sdp_describe_session(s, local, arena);
        rill_sdp_describe_groups(s, o.group, o.tag, arena);
    }
    if (arena->bad)
        return rill_sdp_refuse(RILL_SDP_NO_ROOM, 0, why);
    s->extmap_allow_mixed = true;
    *out = s;
    return 0;
}
