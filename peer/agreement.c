/* agreement: what offer and answer come to, judged before anything changes (RFC 9429 §5.11). */
#include "peer/private.h"

#include <string.h>

static int judge_rows(struct rill_peer_agreement *a, struct rill_err *why)
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
    return 0;
}

int rill_peer_agree(struct rill_peer *x, const struct rill_sdp *offer,
                    const struct rill_sdp *answer, bool local_is_offer,
                    struct rill_peer_agreement *a, struct rill_err *why)
{
    struct rill_sdp_track tracks[RILL_SDP_MEDIA_MAX] = {{.kind = RILL_AUDIO}};
    struct rill_sdp_encoding encodings[RILL_TRACKS_MAX][RILL_PEER_ENCODINGS_MAX];
    struct rill_sdp_local local = {
        .tracks = tracks, .n_tracks = offer->n_media, .caps = x->jsep.numbers.caps};
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
    if (rc < 0 || a->active == 0)
        return rc;
    /* RFC 9143 §7.3.1: the tagged m= section gives the one transport its attributes. */
    a->tagged = rill_sdp_tagged(answer);
    return rill_sdp_dtls_is_client(offer, answer, local_is_offer, &a->dtls_is_client, why);
}

const struct rill_sdp *rill_peer_agreed_remote(const struct rill_peer *x)
{
    const struct rill_peer_jsep *j = &x->jsep;
    bool provisional =
        j->state == RILL_PEER_HAVE_LOCAL_PRANSWER || j->state == RILL_PEER_HAVE_REMOTE_PRANSWER;
    return provisional ? j->pending_remote->sdp : j->current_remote->sdp;
}

/* --- the transport --------------------------------------------------------------------------- */

/* RFC 8445 §6.1.1: the offerer controls, but of a full and a lite agent the full one; and an agent
 * "MUST NOT redetermine the role as part of an ICE restart". */
static int give_credentials(struct rill_peer *x, int64_t now, const struct rill_sdp *remote,
                            bool local_is_offer, const struct rill_sdp_media *m)
{
    if (!x->jsep.has_remote_ice)
        rill_ice_set_controlling(x->transport.ice, x->config.ice_lite != remote->ice_lite
                                                       ? remote->ice_lite
                                                       : local_is_offer);
    /* Our offers say it, and our answers where it is offered: so the peer's word decides. */
    rill_ice_set_renomination(x->transport.ice, m->ice_renomination);
    return rill_ice_set_remote_credentials(x->transport.ice, now, m->ice_ufrag, m->ice_pwd,
                                           remote->ice_lite);
}

/* Credentials that stay leave the agent alone, whatever else was agreed. */
static int agree_ice(struct rill_peer *x, int64_t now, const struct rill_sdp *remote,
                     bool local_is_offer, const struct rill_sdp_media *m, struct rill_err *why)
{
    struct rill_peer_jsep *j = &x->jsep;
    uint8_t digest[RILL_SHA256_SIZE];
    int rc = 0;
    rill_peer_remote_ice(m, digest);
    bool changed = j->has_remote_ice && memcmp(digest, j->remote_ice, sizeof digest) != 0;
    if (local_is_offer && j->restart_begun && !changed && !j->restart_answered)
        return rill_peer_refuse(RILL_PEER_ICE_KEPT, 0, why);
    if (local_is_offer && changed && !j->restart_begun && !j->restart_undone)
        return rill_peer_refuse(RILL_PEER_ICE_UNASKED, 0, why);
    if (!local_is_offer && changed)
        rc = rill_peer_restart_agent(x, now);
    else if (changed && !j->restart_begun)
        rc = rill_peer_restart_follow(x, now);
    if (rc == 0 && (changed || !j->has_remote_ice))
        rc = give_credentials(x, now, remote, local_is_offer, m);
    j->restart_answered = rc == 0 && j->restart_begun;
    if (rc < 0)
        return rc;
    memcpy(j->remote_ice, digest, sizeof digest);
    j->has_remote_ice = true;
    return 0;
}

int rill_peer_agreement_transport(struct rill_peer *x, int64_t now, const struct rill_sdp *remote,
                                  bool local_is_offer, const struct rill_peer_agreement *a,
                                  struct rill_err *why)
{
    const struct rill_sdp_media *m = &remote->media[a->tagged];
    if (!a->active)
        return 0;
    int rc = agree_ice(x, now, remote, local_is_offer, m, why);
    if (rc < 0)
        return rc;
    rill_peer_association_agreed(x, m, a->dtls_is_client);
    x->transport.tagged = a->tagged;
    return 0;
}
