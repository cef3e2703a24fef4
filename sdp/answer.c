/* sdp/answer: the offer's own m-lines, in its order and with its numbers, filtered by what we
 * can do (RFC 3264 §6, RFC 9429 §5.3.1, RFC 9143 §7.3). */
#include "sdp/caps.h"
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

bool rill_sdp_ext_is_usable(uint16_t id, bool mixed)
{
    return id > 0 && (id <= 14 || (mixed && id > 15 && id <= 255));
}

/* What m-lines are answered from. */
struct answering {
    const struct rill_sdp *offer;
    const struct rill_sdp_local *local;
    const struct rill_sdp_plan *plan;
    struct rill_arena *arena;
};

/* RFC 9143 §12 has an id mean the same in all of a BUNDLE group. Some give it to one extension of
 * sound and another of pictures, and then read the one as the other: neither is taken. */
static bool is_ambiguous(const struct answering *a, size_t mline, const struct rill_sdp_extmap *e)
{
    for (size_t i = 0; i < a->offer->n_media; i++) {
        const struct rill_sdp_media *m = &a->offer->media[i];
        for (size_t k = 0; k < m->n_extmaps && a->plan->tag[i] == a->plan->tag[mline]; k++)
            if (m->extmaps[k].id == e->id && !rill_view_equal(m->extmaps[k].uri, e->uri))
                return true;
    }
    return false;
}

/* RFC 8285 §6: the answer keeps the offer's ids and reverses its directions. */
static void answer_extensions(struct rill_sdp_media *m, size_t mline, enum rill_kind kind,
                              const struct answering *a, struct rill_sdp_codec_list *list)
{
    const struct rill_sdp_media *offered = &a->offer->media[mline];
    const struct rill_sdp_caps *caps = &a->local->caps;
    for (size_t i = 0; i < offered->n_extmaps && m->n_extmaps < caps->n_exts; i++) {
        struct rill_sdp_extmap e = offered->extmaps[i];
        bool usable = rill_sdp_ext_is_usable(e.id, offered->extmap_allow_mixed) &&
                      !is_ambiguous(a, mline, &e);
        e.direction = rill_sdp_direction_reversed(e.direction);
        for (size_t k = 0; k < caps->n_exts && usable; k++) {
            const char *uri = caps->exts[k].uri;
            bool wanted = is_for(&caps->exts[k], kind) || (caps->exts[k].encodings && m->n_rids);
            if (wanted && rill_view_is(e.uri, uri) && rill_sdp_find_extmap(m, uri) == 0)
                list->extmaps[m->n_extmaps++] = e;
        }
    }
}

static void answer_codecs(struct rill_sdp_media *m, size_t mline, enum rill_kind kind,
                          const struct rill_sdp_track *track, const struct answering *a)
{
    const struct rill_sdp_media *offered = &a->offer->media[mline];
    const struct rill_sdp_caps *caps = &a->local->caps;
    struct rill_arena *arena = a->arena;
    struct rill_sdp_common common[RILL_SDP_COMMON_MAX];
    size_t n = rill_sdp_common(offered, kind, caps, common);
    n = rill_sdp_prefer(caps, track, common, n);
    struct rill_sdp_codec_list list = rill_sdp_codec_list(m, n, caps, arena);
    if (arena->bad)
        return;
    for (size_t i = 0; i < n; i++) {
        uint8_t rtx = rill_sdp_find_rtx(offered, common[i].pt);
        if (common[i].cap->helps == RILL_SDP_RED) {
            rill_sdp_add_red(m, &list, common[i].cap, common[i].pt,
                             rill_sdp_redundant(offered, common[i].pt)->pt);
            continue;
        }
        rill_sdp_add_codec(m, &list, common[i].cap, common[i].pt, offered);
        if (common[i].cap->rtx_pt && rtx)
            rill_sdp_add_rtx(m, &list, common[i].cap, rtx, common[i].pt);
    }
    rill_sdp_answer_encodings(m, offered, track, arena);
    answer_extensions(m, mline, kind, a, &list);
    /* RFC 8285 §6: both forms are read, so what is offered is taken. */
    m->extmap_allow_mixed = offered->extmap_allow_mixed;
}

static void answer_transport(struct rill_sdp_media *m, size_t i, const struct answering *a)
{
    size_t at = a->plan->tag[i];
    const struct rill_sdp_media *tag = &a->offer->media[at];
    const struct rill_sdp_transport *t = a->plan->transport[at];
    /* Deviation: RFC 9143 §7.1.3 wants these in the tagged m-line alone; browsers repeat them
     * in every one, and so does rill, for readers that do not know better. */
    rill_sdp_describe_transport(m, a->local, t, a->arena);
    m->setup = answered_setup(tag->setup, t->role);
    /* RFC 8842 §5.3: "If the answerer receives an offer that does not contain an SDP "tls-id"
     * attribute, the answerer MUST NOT insert a "tls-id" attribute in the answer." */
    if (!tag->tls_id.p)
        m->tls_id = (struct rill_view){0};
    m->ice_trickle = tag->ice_trickle;
    m->ice2 = tag->ice2;
    m->ice_renomination = tag->ice_renomination;
    m->rtcp_mux = a->plan->group[i] || tag->rtcp_mux;
    /* RFC 9429 §5.3.2: a bundled m-line has no a=candidate. */
    if (at == i)
        rill_sdp_describe_candidates(m, t);
}

static void accept(struct rill_sdp_media *m, size_t i, const struct answering *a)
{
    const struct rill_sdp_media *offered = &a->offer->media[i];
    enum rill_kind kind = RILL_AUDIO;
    (void)rill_sdp_kind(offered->kind, &kind);
    const struct rill_sdp_track *track = rill_sdp_track_of(a->local, i, kind);
    m->kind = offered->kind;
    m->port = 9; /* RFC 8840 §4.1.3 */
    m->proto = offered->proto;
    m->mid = offered->mid;
    m->direction =
        answered_direction(offered->direction, track ? track->direction : RILL_SDP_RECVONLY);
    answer_codecs(m, i, kind, track, a);
    m->rtcp_rsize = offered->rtcp_rsize;
    answer_transport(m, i, a);
    /* RFC 9429 §5.3.1: a=msid "If the RtpTransceiver has a sendrecv or sendonly direction", be the
     * answer's what it may. */
    if (track && rill_sdp_sends(track->direction) && !a->arena->bad)
        rill_sdp_describe_track(m, track, a->local, a->arena);
}

static void answer_all(const struct answering *a, struct rill_sdp_media *media)
{
    for (size_t i = 0; i < a->offer->n_media && !a->arena->bad; i++) {
        if (a->plan->tag[i] != SIZE_MAX)
            accept(&media[i], i, a);
        else
            rill_sdp_describe_off(&media[i], &a->offer->media[i]);
    }
}

int rill_sdp_create_answer(const struct rill_sdp *offer, const struct rill_sdp_local *local,
                           struct rill_arena *arena, const struct rill_sdp **out,
                           struct rill_err *why)
{
    struct rill_sdp_plan plan = rill_sdp_plan(offer, local);
    struct answering a = {.offer = offer, .local = local, .plan = &plan, .arena = arena};
    for (size_t i = 0; i < offer->n_media; i++) {
        int rc = plan.tag[i] == i ? check_transport(offer, i, why) : 0;
        if (rc < 0)
            return rc;
    }
    struct rill_sdp *s = rill_arena_take(arena, 1, sizeof *s);
    struct rill_sdp_media *media = rill_arena_take(arena, offer->n_media, sizeof *media);
    if (!arena->bad) {
        s->media = media;
        s->n_media = offer->n_media;
        answer_all(&a, media);
    }
    if (!arena->bad) {
        rill_sdp_describe_session(s, local, arena);
        rill_sdp_describe_groups(s, plan.group, plan.tag, arena);
    }
    if (arena->bad)
        return rill_sdp_refuse(RILL_SDP_NO_ROOM, 0, why);
    *out = s;
    return 0;
}
