/* jsep: descriptions and the signaling state (RFC 9429 §3.2, §5.5, §5.6).
 *
 *              set_local(offer)                     set_remote(answer)
 *   stable ───────────────────> have-local-offer ──────────────────────> stable
 *              set_remote(offer)                    set_local(answer)
 *   stable ───────────────────> have-remote-offer ─────────────────────> stable
 *
 * The idea: a new description is read into the spare one of three slots and judged there. Only
 * when nothing more can fail do the slots change places, so an error leaves all as it was.
 */
#include "peer/private.h"

#include "sdp/caps.h"

#include <string.h>

static const struct rill_trace_point description = {
    "peer",
    "description",
    "a session description was set",
    3,
    {{"side", RILL_TRACE_TEXT}, {"type", RILL_TRACE_TEXT}, {"text", RILL_TRACE_TEXT}}};

/* --- what we say of ourselves ----------------------------------------------------------- */

static void describe(struct rill_peer *x, struct rill_sdp_track *tracks, struct rill_sdp_local *out)
{
    *out = (struct rill_sdp_local){
        .session_id = x->jsep.session_id,
        .session_version = x->jsep.session_version,
        .ufrag = rill_ice_ufrag(x->transport.ice),
        .pwd = rill_ice_pwd(x->transport.ice),
        .fingerprint = rill_dtls_cert_fingerprint(x->config.cert),
        .cname = rill_view_at(x->cname, sizeof x->cname),
        .tracks = tracks,
        .n_tracks = rill_peer_tracks_sdp(x, tracks),
        .caps = rill_sdp_default_caps(),
    };
}

/* Writes the tree as text, and remembers what was given out (RFC 9429 §5.4). */
static int give(struct rill_peer *x, const struct rill_sdp *tree, enum rill_peer_sdp_type type,
                struct rill_span out, struct rill_err *why)
{
    size_t cap = out.n < x->config.description ? out.n : x->config.description;
    struct rill_writer w = rill_writer_of((struct rill_span){out.p, cap});
    rill_sdp_write(&w, tree);
    if (w.bad)
        return rill_peer_refuse(RILL_PEER_NO_ROOM, cap, why);
    rill_digest(RILL_SHA256, rill_w_view(&w), x->jsep.created);
    x->jsep.created_type = type;
    x->jsep.has_created = true;
    /* RFC 9429 §5.2.2: the version of o= rises with each description that differs. */
    x->jsep.session_version++;
    return (int)w.at;
}

int rill_peer_create_offer(struct rill_peer *x, int64_t now, struct rill_span out,
                           struct rill_err *why)
{
    x->now = now;
    if (x->jsep.state != RILL_PEER_STABLE && x->jsep.state != RILL_PEER_HAVE_LOCAL_OFFER)
        return rill_peer_refuse(RILL_PEER_INVALID_STATE, 0, why);
    if (x->jsep.agreed)
        return rill_peer_refuse(RILL_PEER_RENEGOTIATION, 0, why);
    struct rill_sdp_track tracks[RILL_TRACKS_MAX];
    struct rill_sdp_local local;
    const struct rill_sdp *tree;
    describe(x, tracks, &local);
    rill_arena_reset(&x->jsep.spare->arena);
    int rc = rill_sdp_create_offer(&local, &x->jsep.spare->arena, &tree, why);
    return rc < 0 ? rc : give(x, tree, RILL_PEER_OFFER, out, why);
}

int rill_peer_create_answer(struct rill_peer *x, int64_t now, struct rill_span out,
                            struct rill_err *why)
{
    x->now = now;
    if (x->jsep.state != RILL_PEER_HAVE_REMOTE_OFFER)
        return rill_peer_refuse(RILL_PEER_INVALID_STATE, 0, why);
    struct rill_sdp_track tracks[RILL_TRACKS_MAX];
    struct rill_sdp_local local;
    const struct rill_sdp *tree;
    describe(x, tracks, &local);
    rill_arena_reset(&x->jsep.spare->arena);
    int rc = rill_sdp_create_answer(x->jsep.remote->sdp, &local, &x->jsep.spare->arena, &tree, why);
    return rc < 0 ? rc : give(x, tree, RILL_PEER_ANSWER, out, why);
}

/* --- judging an agreement ----------------------------------------------------------------- */

struct agreement {
    struct rill_sdp_agreed rows[RILL_SDP_MEDIA_MAX];
    size_t n;
    size_t active;
    size_t tagged;
    bool dtls_is_client;
};

static int judge_rows(const struct rill_peer *x, struct agreement *a, struct rill_err *why)
{
    a->active = a->tagged = 0;
    a->dtls_is_client = false;
    for (size_t i = 0; i < a->n; i++) {
        if (!a->rows[i].active)
            continue;
        /* RFC 5761 §4: "payload type values in the range 64-95 MUST NOT be used". */
        if (a->rows[i].pt >= 64 && a->rows[i].pt <= 95)
            return rill_peer_refuse(RILL_PEER_PAYLOAD_TYPE_RANGE, a->rows[i].pt, why);
        a->active++;
    }
    if (a->active > x->config.tracks)
        return rill_peer_refuse(RILL_PEER_TOO_MANY_TRACKS, x->config.tracks, why);
    return 0;
}

static int judge(struct rill_peer *x, const struct rill_sdp *offer, const struct rill_sdp *answer,
                 bool local_is_offer, struct agreement *a, struct rill_err *why)
{
    struct rill_sdp_track tracks[RILL_TRACKS_MAX];
    struct rill_sdp_local local;
    describe(x, tracks, &local);
    int rc =
        rill_sdp_agree(offer, answer, local_is_offer, &local, a->rows, RILL_SDP_MEDIA_MAX, why);
    if (rc < 0)
        return rc;
    a->n = (size_t)rc;
    rc = judge_rows(x, a, why);
    if (rc < 0 || a->active == 0)
        return rc;
    /* RFC 9143 §7.3.1: the tagged m= section gives the one transport its attributes. */
    a->tagged = rill_sdp_tagged(answer);
    return rill_sdp_dtls_is_client(offer, answer, local_is_offer, &a->dtls_is_client, why);
}

/* --- setting ------------------------------------------------------------------------------ */

static int read_spare(struct rill_peer *x, struct rill_view text, struct rill_err *why)
{
    struct rill_peer_slot *s = x->jsep.spare;
    if (text.n > x->config.description)
        return rill_peer_refuse(RILL_PEER_NO_ROOM, x->config.description, why);
    s->sdp = NULL;
    if (text.n)
        memcpy(s->text, text.p, text.n);
    s->n = text.n;
    rill_arena_reset(&s->arena);
    return rill_sdp_parse(rill_view_at(s->text, s->n), &s->arena, &s->sdp, why);
}

static void take_spare(struct rill_peer *x, int64_t now, struct rill_peer_slot **place,
                       enum rill_peer_sdp_type type)
{
    struct rill_peer_slot *old = *place;
    *place = x->jsep.spare;
    x->jsep.spare = old;
    RILL_TRACE(x->config.trace, now, description,
               {.view = rill_view_of(place == &x->jsep.local ? "local" : "remote")},
               {.view = rill_view_of(type == RILL_PEER_OFFER ? "offer" : "answer")},
               {.view = rill_view_at((*place)->text, (*place)->n)});
}

/* Offer and answer are both there: what they come to begins to work. */
static int complete(struct rill_peer *x, int64_t now, bool local_is_offer, struct rill_err *why)
{
    struct rill_peer_jsep *j = &x->jsep;
    struct agreement a;
    const struct rill_sdp *offer = local_is_offer ? j->local->sdp : j->remote->sdp;
    int rc = judge(x, offer, j->spare->sdp, local_is_offer, &a, why);
    if (rc < 0)
        return rc;
    const struct rill_sdp *remote = local_is_offer ? j->spare->sdp : j->remote->sdp;
    if (a.active) {
        const struct rill_sdp_media *m = &remote->media[a.tagged];
        /* RFC 8445 §6.1.1: the offerer controls, but a lite peer is always controlled. */
        rill_ice_set_controlling(x->transport.ice, local_is_offer || remote->ice_lite);
        rc = rill_ice_set_remote_credentials(x->transport.ice, now, m->ice_ufrag, m->ice_pwd,
                                             remote->ice_lite);
        if (rc < 0)
            return rc;
    }
    take_spare(x, now, local_is_offer ? &j->remote : &j->local, RILL_PEER_ANSWER);
    j->agreed = true;
    j->local_is_offer = local_is_offer;
    x->transport.tagged = a.tagged;
    x->transport.dtls_is_client = a.dtls_is_client;
    rill_peer_lines_agreed(x, now, a.rows, a.n);
    rill_peer_set_signaling(x, now, RILL_PEER_STABLE);
    if (a.active) {
        if (!local_is_offer)
            rill_ice_gather(x->transport.ice, now);
        rill_peer_candidates_agreed(x, now);
    }
    rill_peer_transport_pump(x, now);
    return 0;
}

static bool is_as_created(const struct rill_peer *x, enum rill_peer_sdp_type type,
                          struct rill_view text)
{
    uint8_t digest[RILL_SHA256_SIZE];
    rill_digest(RILL_SHA256, text, digest);
    return x->jsep.has_created && x->jsep.created_type == type &&
           memcmp(digest, x->jsep.created, sizeof digest) == 0;
}

int rill_peer_set_local_description(struct rill_peer *x, int64_t now, enum rill_peer_sdp_type type,
                                    struct rill_view text, struct rill_err *why)
{
    enum rill_peer_signaling_state s = x->jsep.state;
    bool fits = type == RILL_PEER_OFFER ? s == RILL_PEER_STABLE || s == RILL_PEER_HAVE_LOCAL_OFFER
                                        : s == RILL_PEER_HAVE_REMOTE_OFFER;
    x->now = now;
    if (!fits)
        return rill_peer_refuse(RILL_PEER_INVALID_STATE, 0, why);
    /* RFC 9429 §5.5: "its contents are identical to those generated in the last call to
     * createOffer/createAnswer … otherwise, processing MUST stop". */
    if (!is_as_created(x, type, text))
        return rill_peer_refuse(RILL_PEER_SDP_MODIFIED, 0, why);
    int rc = read_spare(x, text, why);
    if (rc < 0)
        return rc;
    if (type == RILL_PEER_ANSWER)
        return complete(x, now, false, why);
    take_spare(x, now, &x->jsep.local, type);
    rill_peer_set_signaling(x, now, RILL_PEER_HAVE_LOCAL_OFFER);
    rill_ice_set_controlling(x->transport.ice, true);
    rill_ice_gather(x->transport.ice, now);
    rill_peer_transport_pump(x, now);
    return 0;
}

int rill_peer_set_remote_description(struct rill_peer *x, int64_t now, enum rill_peer_sdp_type type,
                                     struct rill_view text, struct rill_err *why)
{
    enum rill_peer_signaling_state s = x->jsep.state;
    bool fits = type == RILL_PEER_OFFER ? s == RILL_PEER_STABLE || s == RILL_PEER_HAVE_REMOTE_OFFER
                                        : s == RILL_PEER_HAVE_LOCAL_OFFER;
    x->now = now;
    if (!fits)
        return rill_peer_refuse(RILL_PEER_INVALID_STATE, 0, why);
    if (x->jsep.agreed)
        return rill_peer_refuse(RILL_PEER_RENEGOTIATION, 0, why);
    int rc = read_spare(x, text, why);
    if (rc < 0)
        return rc;
    if (type == RILL_PEER_ANSWER)
        return complete(x, now, true, why);
    take_spare(x, now, &x->jsep.remote, type);
    rill_peer_set_signaling(x, now, RILL_PEER_HAVE_REMOTE_OFFER);
    return 0;
}
