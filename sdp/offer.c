/* sdp/offer: the table of capabilities and the tracks, written down (RFC 9429 §5.2.1).
 *
 * All m-lines are bundled on one transport, and each repeats its attributes, as browsers do
 * in their first offer: RFC 9143 §7.1.3 has them in every m-line that is not bundle-only. */
#include "sdp/offer.h"

#include "sdp/describe.h"

static size_t codecs_of(const struct rill_sdp_caps *caps, enum rill_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < caps->n_codecs; i++)
        n += caps->codecs[i].kind == kind;
    return n;
}

static void add_all_codecs(struct rill_sdp_media *m, const struct rill_sdp_caps *caps,
                           enum rill_kind kind, struct rill_sdp_codec_list *list)
{
    for (size_t i = 0; i < caps->n_codecs; i++)
        if (caps->codecs[i].kind == kind)
            rill_sdp_add_codec(m, list, &caps->codecs[i], caps->codecs[i].pt, NULL);
}

static void add_all_extensions(struct rill_sdp_media *m, const struct rill_sdp_caps *caps,
                               enum rill_kind kind, struct rill_sdp_codec_list *list)
{
    for (size_t i = 0; i < caps->n_exts; i++) {
        const struct rill_sdp_ext_cap *e = &caps->exts[i];
        if (kind == RILL_AUDIO ? e->audio : e->video)
            list->extmaps[m->n_extmaps++] =
                (struct rill_sdp_extmap){.id = e->id, .uri = rill_view_of(e->uri)};
    }
}

static void offer_track(struct rill_sdp_media *m, const struct rill_sdp_local *local, size_t i,
                        struct rill_arena *arena)
{
    const struct rill_sdp_track *t = &local->tracks[i];
    m->kind = rill_view_of(rill_sdp_kind_name(t->kind));
    m->port = 9; /* RFC 8840 §4.1.1: the default while no candidate is known */
    m->proto = rill_view_of("UDP/TLS/RTP/SAVPF");
    struct rill_sdp_codec_list list =
        rill_sdp_codec_list(m, codecs_of(&local->caps, t->kind), &local->caps, arena);
    m->mid = rill_sdp_decimal(i, arena);
    m->direction = t->direction;
    /* RFC 8842 §5.2: "the offerer MUST insert an SDP "setup" attribute [RFC4145] with an
     * "actpass" attribute value". */
    m->setup = RILL_SDP_SETUP_ACTPASS;
    m->rtcp_rsize = true;
    m->ice_trickle = m->ice2 = true;
    rill_sdp_describe_transport(m, local, arena);
    /* RFC 8858 §4 and RFC 9429 §5.2.1: we have no second component to fall back to. */
    m->rtcp_mux_only = true;
    rill_sdp_describe_candidates(m, local);
    if (arena->bad)
        return;
    add_all_codecs(m, &local->caps, t->kind, &list);
    add_all_extensions(m, &local->caps, t->kind, &list);
    if (rill_sdp_sends(t->direction))
        rill_sdp_describe_track(m, t, local, arena);
}

int rill_sdp_create_offer(const struct rill_sdp_local *local, struct rill_arena *arena,
                          const struct rill_sdp **out, struct rill_err *why)
{
    size_t n = local->n_tracks;
    if (n > RILL_SDP_MEDIA_MAX)
        return rill_sdp_refuse(RILL_SDP_TOO_MANY_MEDIA, n, why);
    for (size_t i = 0; i < n; i++)
        if (codecs_of(&local->caps, local->tracks[i].kind) == 0)
            return rill_sdp_refuse(RILL_SDP_NO_CODEC, i, why);
    struct rill_sdp *s = rill_arena_take(arena, 1, sizeof *s);
    struct rill_sdp_media *media = rill_arena_take(arena, n, sizeof *media);
    struct rill_view *mids = rill_arena_take(arena, n, sizeof *mids);
    for (size_t i = 0; i < n && !arena->bad; i++) {
        offer_track(&media[i], local, i, arena);
        mids[i] = media[i].mid;
    }
    if (!arena->bad)
        rill_sdp_describe_session(s, local, mids, n, arena);
    if (arena->bad)
        return rill_sdp_refuse(RILL_SDP_NO_ROOM, 0, why);
    s->media = media;
    s->n_media = n;
    *out = s;
    return 0;
}
