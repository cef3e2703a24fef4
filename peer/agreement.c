/* agreement: what offer and answer come to, judged before anything changes (RFC 9429 §5.11).
 *
 * The idea: the m-lines that the answer tags, or leaves alone, have a transport each: the one whose
 * credentials our own description gives for it. */
#include "peer/agreement.h"

#include "peer/association.h"
#include "peer/connection.h"
#include "peer/encodings.h"
#include "peer/jsep.h"
#include "peer/mlines.h"
#include "peer/restart.h"
#include "peer/tracks.h"
#include "peer/transceivers.h"
#include "peer/transport.h"
#include "peer/transports.h"

#include <string.h>

static int judge_rows(struct rill_peer_agreement *a, struct rill_err *why)
{
    a->active = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (!a->rows[i].active)
            continue;
        /* RFC 5761 §4: "payload type values in the range 64-95 MUST NOT be used". */
        if (a->rows[i].pt >= 64 && a->rows[i].pt <= 95)
            return rill_peer_refuse(RILL_PEER_PAYLOAD_TYPE_RANGE, a->rows[i].pt, why);
        a->active++;
    }
    return 0;
}

static const struct rill_sdp *local_of(const struct rill_peer_agreement *a)
{
    return a->local_is_offer ? a->offer : a->answer;
}

static const struct rill_sdp *remote_of(const struct rill_peer_agreement *a)
{
    return a->local_is_offer ? a->answer : a->offer;
}

/* RFC 9143 §7.3.1: the tagged m= section gives a group's transport its attributes. */
static int judge_tag(struct rill_peer *x, struct rill_peer_agreement *a, size_t tag,
                     struct rill_err *why)
{
    const struct rill_peer_transport *t =
        rill_peer_transport_of_ufrag(x, local_of(a)->media[tag].ice_ufrag);
    if (!t)
        return rill_err_set(&rill_sdp_errors, RILL_SDP_AGREE_BUNDLE, 0, tag, why);
    a->transports[tag] = (size_t)(t - x->transports);
    return rill_sdp_dtls_is_client(a->offer, a->answer, tag, a->local_is_offer,
                                   &a->dtls_is_client[tag], why);
}

static bool is_tag(const struct rill_peer_agreement *a, size_t i)
{
    return a->rows[i].active && a->rows[i].tag == i;
}

static int judge_transports(struct rill_peer *x, struct rill_peer_agreement *a,
                            struct rill_err *why)
{
    int rc = 0;
    for (size_t i = 0; i < a->n && rc == 0; i++)
        rc = is_tag(a, i) ? judge_tag(x, a, i, why) : 0;
    for (size_t i = 0; i < a->n && rc == 0; i++)
        if (a->rows[i].active)
            a->transports[i] = a->transports[a->rows[i].tag];
    return rc;
}

int rill_peer_agree(struct rill_peer *x, const struct rill_sdp *offer,
                    const struct rill_sdp *answer, bool local_is_offer,
                    struct rill_peer_agreement *a, struct rill_err *why)
{
    struct rill_sdp_track tracks[RILL_SDP_MEDIA_MAX] = {{.kind = RILL_AUDIO}};
    struct rill_sdp_encoding encodings[RILL_TRACKS_MAX][RILL_PEER_ENCODINGS_MAX];
    struct rill_sdp_local local = {
        .tracks = tracks,
        .n_tracks = offer->n_media,
        .caps = x->jsep.numbers.caps,
        .rtcp_negotiable = x->config.rtcp_mux_policy == RILL_PEER_RTCP_NEGOTIATE,
    };
    a->offer = offer;
    a->answer = answer;
    a->local_is_offer = local_is_offer;
    for (size_t i = 0; i < offer->n_media; i++) {
        int t = rill_peer_mline_transceiver(x, i);
        tracks[i].kind = t >= 0 ? x->tracks[t].kind : RILL_AUDIO;
        if (t < 0)
            continue;
        tracks[i].encodings = encodings[t];
        tracks[i].n_encodings = rill_peer_list_encodings(&x->transceivers[t], encodings[t]);
    }
    int rc =
        rill_sdp_agree(offer, answer, local_is_offer, &local, a->rows, RILL_SDP_MEDIA_MAX, why);
    if (rc < 0)
        return rc;
    a->n = (size_t)rc;
    rc = judge_rows(a, why);
    return rc < 0 ? rc : judge_transports(x, a, why);
}

const struct rill_sdp *rill_peer_agreed_remote(const struct rill_peer *x)
{
    const struct rill_peer_jsep *j = &x->jsep;
    bool provisional =
        j->state == RILL_PEER_HAVE_LOCAL_PRANSWER || j->state == RILL_PEER_HAVE_REMOTE_PRANSWER;
    return provisional ? j->pending_remote->sdp : j->current_remote->sdp;
}

/* --- the transports -------------------------------------------------------------------------- */

/* RFC 8445 §6.1.1: the offerer controls, but of a full and a lite agent the full one; and an agent
 * "MUST NOT redetermine the role as part of an ICE restart". */
static int give_credentials(const struct rill_peer *x, struct rill_peer_transport *t, int64_t now,
                            const struct rill_peer_agreement *a, const struct rill_sdp_media *m,
                            bool rtcp)
{
    bool lite = remote_of(a)->ice_lite;
    bool controls = x->config.ice_lite != lite ? lite : a->local_is_offer;
    int rc = 0;
    for (size_t i = 0; i < RILL_PEER_COMPONENTS && rc == 0; i++) {
        struct rill_ice *ice = t->components[i].ice;
        if (!ice || rill_ice_state(ice) == RILL_ICE_CLOSED || (i > 0 && !rtcp))
            continue;
        if (!t->has_remote_ice)
            rill_ice_set_controlling(ice, controls);
        /* Our offers say it, and our answers where it is offered: so the peer's word decides. */
        rill_ice_set_renomination(ice, m->ice_renomination);
        rc = rill_ice_set_remote_credentials(ice, now, m->ice_ufrag, m->ice_pwd, lite);
    }
    return rc;
}

static bool has_changed(const struct rill_peer_transport *t, const struct rill_sdp_media *m)
{
    uint8_t digest[RILL_SHA256_SIZE];
    rill_peer_remote_ice(m, digest);
    return t->has_remote_ice && memcmp(digest, t->remote_ice, sizeof digest) != 0;
}

static int judge_ice(const struct rill_peer_transport *t, const struct rill_peer_agreement *a,
                     const struct rill_sdp_media *m, struct rill_err *why)
{
    bool changed = has_changed(t, m);
    if (a->local_is_offer && t->restart_begun && !changed && !t->restart_answered)
        return rill_peer_refuse(RILL_PEER_ICE_KEPT, 0, why);
    if (a->local_is_offer && changed && !t->restart_begun && !t->restart_undone)
        return rill_peer_refuse(RILL_PEER_ICE_UNASKED, 0, why);
    return 0;
}

/* Credentials that stay leave the agents alone, whatever else was agreed. */
static int agree_ice(struct rill_peer *x, int64_t now, struct rill_peer_transport *t,
                     const struct rill_peer_agreement *a, size_t tag)
{
    const struct rill_sdp_media *m = &remote_of(a)->media[tag];
    bool changed = has_changed(t, m), rtcp = !a->rows[tag].rtcp_mux;
    bool begins = !t->has_remote_ice || (rtcp && !t->components[1].used);
    int rc = 0;
    if (!a->local_is_offer && changed)
        rc = rill_peer_restart_agents(x, now, t);
    else if (changed && !t->restart_begun)
        rc = rill_peer_restart_follow(t, now);
    if (rc == 0 && (changed || begins))
        rc = give_credentials(x, t, now, a, m, rtcp);
    t->restart_answered = rc == 0 && t->restart_begun;
    if (rc < 0)
        return rc;
    rill_peer_remote_ice(m, t->remote_ice);
    t->has_remote_ice = true;
    return 0;
}

int rill_peer_agreement_transports(struct rill_peer *x, int64_t now,
                                   const struct rill_peer_agreement *a, struct rill_err *why)
{
    const struct rill_sdp_media *media = remote_of(a)->media;
    int rc = 0;
    for (size_t i = 0; i < a->n && rc == 0; i++)
        if (is_tag(a, i))
            rc = judge_ice(&x->transports[a->transports[i]], a, &media[i], why);
    for (size_t i = 0; i < a->n && rc == 0; i++) {
        if (!is_tag(a, i))
            continue;
        struct rill_peer_transport *t = &x->transports[a->transports[i]];
        rc = agree_ice(x, now, t, a, i);
        if (rc < 0)
            return rill_err_set(&rill_ice_errors, rc, 0, i, why);
        rill_peer_association_agreed(x, t, &media[i], a->dtls_is_client[i]);
        t->use = RILL_PEER_TRANSPORT_AGREED;
        t->mline = i;
    }
    return rc;
}

void rill_peer_agreement_settle(struct rill_peer *x, int64_t now,
                                const struct rill_peer_agreement *a, bool final)
{
    bool has_mline[RILL_SDP_TRANSPORTS_MAX] = {false};
    for (size_t i = 0; i < a->n; i++) {
        if (!is_tag(a, i))
            continue;
        struct rill_peer_transport *t = &x->transports[a->transports[i]];
        has_mline[a->transports[i]] = true;
        rill_peer_transport_begin(x, now, t, i, !a->rows[i].rtcp_mux);
        if (final && a->rows[i].rtcp_mux)
            rill_peer_component_close(x, now, &t->components[1]);
    }
    for (size_t i = 0; final && i < x->config.transports; i++)
        if (rill_peer_transport_is_live(&x->transports[i]) && !has_mline[i])
            rill_peer_transport_close(x, now, &x->transports[i]);
}
