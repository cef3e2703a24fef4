/* sdp/answer: the offer's own m-lines, in its order and with its numbers, filtered by what we
 * can do (RFC 3264 §6, RFC 9429 §5.3.1, RFC 9143 §7.3). */
#include "sdp/describe.h"
#include "sdp/plan.h"

/* RFC 8842 §5.3 and RFC 4145 §4.1. RFC 9429 §5.3.1: to actpass "the answerer SHOULD use the
 * "active" role"; §5.3.2: "a role value consistent with the existing DTLS association, if the
 * association is being continued". Deviation: without any a=setup we answer active as to
 * actpass, as Chromium does, instead of RFC 4145's default. */
static enum rill_sdp_setup answered_setup(enum rill_sdp_setup offered, enum rill_sdp_setup role)
{
    switch (offered) {
    case RILL_SDP_SETUP_HOLDCONN:
        return RILL_SDP_SETUP_NONE;
    case RILL_SDP_SETUP_ACTIVE:
        return RILL_SDP_SETUP_PASSIVE;
    case RILL_SDP_SETUP_PASSIVE:
        return RILL_SDP_SETUP_ACTIVE;
    case RILL_SDP_SETUP_NONE:
    case RILL_SDP_SETUP_ACTPASS:
        break;
    }
    return role == RILL_SDP_SETUP_NONE ? RILL_SDP_SETUP_ACTIVE : role;
}

/* RFC 9429 §5.8.3, on the m-line whose transport will be used. */
static int check_transport(const struct rill_sdp *offer, size_t tag, struct rill_err *why)
{
    const struct rill_sdp_media *m = &offer->media[tag];
    if (!rill_sdp_has_fingerprint(m))
        return rill_sdp_refuse(RILL_SDP_NO_FINGERPRINT, tag, why);
    if (!rill_sdp_has_ice(m))
        return rill_sdp_refuse(RILL_SDP_NO_ICE, tag, why);
    /* RFC 8842 §5: "endpoints MUST NOT use the SDP "setup" attribute "holdconn" value". */
    if (m->setup == RILL_SDP_SETUP_HOLDCONN)
        return rill_sdp_refuse(RILL_SDP_SETUP, tag, why);
    return 0;
}

/* RFC 3264 §6.1: what the offerer does, seen from here, and no more than we want. */
static enum rill_sdp_direction answered_direction(enum rill_sdp_direction offered,
                                                  enum rill_sdp_direction wanted)
{
    enum rill_sdp_direction d = rill_sdp_direction_reversed(offered);
    bool send = rill_sdp_sends(d) && rill_sdp_sends(wanted);
    bool receive = rill_sdp_receives(d) && rill_sdp_receives(wanted);
    if (send)
        return receive ? RILL_SDP_SENDRECV : RILL_SDP_SENDONLY;
    return receive ? RILL_SDP_RECVONLY : RILL_SDP_INACTIVE;
}

static bool is_for(const struct rill_sdp_ext_cap *e, enum rill_kind kind)
{
    return kind == RILL_AUDIO ? e->audio : e->video;
}

/* RFC 8285 §6: the answer keeps the offer's ids and reverses its directions. Ids above 14 are
 * left out: they need two-byte elements, which rill does not send. */
static void answer_extensions(struct rill_sdp_media *m, const struct rill_sdp_media *offered,
                              enum rill_kind kind, const struct rill_sdp_caps *caps,
                              struct rill_sdp_codec_list *list)
{
    for (size_t i = 0; i < offered->n_extmaps && m->n_extmaps < caps->n_exts; i++) {
        struct rill_sdp_extmap e = offered->extmaps[i];
        e.direction = rill_sdp_direction_reversed(e.direction);
        for (size_t k = 0; k < caps->n_exts && e.id <= 14; k++) {
            const char *uri = caps->exts[k].uri;
            bool wanted = is_for(&caps->exts[k], kind) || (caps->exts[k].encodings && m->n_rids);
            if (wanted && rill_view_is(e.uri, uri) && rill_sdp_find_extmap(m, uri) == 0)
                list->extmaps[m->n_extmaps++] = e;
        }
    }
}

static void answer_codecs(struct rill_sdp_media *m, const struct rill_sdp_media *offered,
                          enum rill_kind kind, const struct rill_sdp_track *track,
                          const struct rill_sdp_caps *caps, struct rill_arena *arena)
{
    struct rill_sdp_common common[RILL_SDP_COMMON_MAX];
    size_t n = rill_sdp_common(offered, kind, caps, common);
    n = rill_sdp_prefer(track, common, n);
    struct rill_sdp_codec_list list = rill_sdp_codec_list(m, n, caps, arena);
    if (arena->bad)
        return;
    for (size_t i = 0; i < n; i++)
        rill_sdp_add_codec(m, &list, common[i].cap, common[i].pt, offered);
    rill_sdp_answer_encodings(m, offered, track, arena);
    answer_extensions(m, offered, kind, caps, &list);
    /* RFC 8285 §6: both forms are read, so what is offered is taken. */
    m->extmap_allow_mixed = offered->extmap_allow_mixed;
}

/* What an m-line is answered from. */
struct answering {
    const struct rill_sdp_local *local;
    const struct rill_sdp_media *tag; /* of the offer */
    struct rill_arena *arena;
};

static void accept(struct rill_sdp_media *m, const struct rill_sdp *offer, size_t i,
                   const struct answering *a)
{
    const struct rill_sdp_media *offered = &offer->media[i];
    enum rill_kind kind = RILL_AUDIO;
    (void)rill_sdp_kind(offered->kind, &kind);
    const struct rill_sdp_track *track = rill_sdp_track_of(a->local, i, kind);
    m->kind = offered->kind;
    m->port = 9; /* RFC 8840 §4.1.3 */
    m->proto = offered->proto;
    m->mid = offered->mid;
    m->direction =
        answered_direction(offered->direction, track ? track->direction : RILL_SDP_RECVONLY);
    answer_codecs(m, offered, kind, track, &a->local->caps, a->arena);
    /* Deviation: RFC 9143 §7.1.3 wants these in the tagged m-line alone; browsers repeat them
     * in every one, and so does rill, for readers that do not know better. */
    rill_sdp_describe_transport(m, a->local, a->arena);
    m->setup = answered_setup(a->tag->setup, a->local->role);
    /* RFC 8842 §5.3: "If the answerer receives an offer that does not contain an SDP "tls-id"
     * attribute, the answerer MUST NOT insert a "tls-id" attribute in the answer." */
    if (!a->tag->tls_id.p)
        m->tls_id = (struct rill_view){0};
    m->ice_trickle = a->tag->ice_trickle;
    m->ice2 = a->tag->ice2;
    m->ice_renomination = a->tag->ice_renomination;
    m->rtcp_rsize = offered->rtcp_rsize;
    /* RFC 9429 §5.3.2: a bundled m-line has no a=candidate. */
    if (offered == a->tag)
        rill_sdp_describe_candidates(m, a->local);
    /* RFC 9429 §5.3.1: a=msid "If the RtpTransceiver has a sendrecv or sendonly direction", be the
     * answer's what it may. */
    if (track && rill_sdp_sends(track->direction) && !a->arena->bad)
        rill_sdp_describe_track(m, track, a->local, a->arena);
}

/* RFC 9143 §7.3: "Place the identification-tag of each bundled "m=" section in the SDP
 * 'group:BUNDLE' attribute identification-tag list", the tagged one first. */
static size_t bundled_mids(const struct rill_sdp *offer, const struct rill_sdp_plan *plan,
                           struct rill_view *mids)
{
    size_t n = 0;
    if (!plan->bundle)
        return 0;
    mids[n++] = offer->media[plan->tag].mid;
    for (size_t i = 0; i < offer->n_media; i++)
        if (plan->taken[i] && i != plan->tag)
            mids[n++] = offer->media[i].mid;
    return n;
}

static void answer_all(const struct rill_sdp *offer, const struct rill_sdp_plan *plan,
                       const struct answering *a, struct rill_sdp_media *media)
{
    for (size_t i = 0; i < offer->n_media && !a->arena->bad; i++) {
        if (plan->taken[i])
            accept(&media[i], offer, i, a);
        else
            rill_sdp_describe_off(&media[i], &offer->media[i]);
    }
}

int rill_sdp_create_answer(const struct rill_sdp *offer, const struct rill_sdp_local *local,
                           struct rill_arena *arena, const struct rill_sdp **out,
                           struct rill_err *why)
{
    struct rill_sdp_plan plan = rill_sdp_plan(offer, local);
    struct answering a = {.local = local, .arena = arena};
    if (plan.tag != SIZE_MAX) {
        int rc = check_transport(offer, plan.tag, why);
        if (rc < 0)
            return rc;
        a.tag = &offer->media[plan.tag];
    }
    struct rill_sdp *s = rill_arena_take(arena, 1, sizeof *s);
    struct rill_sdp_media *media = rill_arena_take(arena, offer->n_media, sizeof *media);
    struct rill_view *mids = rill_arena_take(arena, offer->n_media, sizeof *mids);
    if (!arena->bad)
        answer_all(offer, &plan, &a, media);
    if (!arena->bad)
        rill_sdp_describe_session(s, local, mids, bundled_mids(offer, &plan, mids), arena);
    if (arena->bad)
        return rill_sdp_refuse(RILL_SDP_NO_ROOM, 0, why);
    s->media = media;
    s->n_media = offer->n_media;
    *out = s;
    return 0;
}
