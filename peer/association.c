/* association: one DTLS association, kept or made anew.
 *
 * RFC 8842 §3.1: a new one is made when the fingerprints, the tls-id or the roles change; a new
 * ICE transport alone does not do it: "an ICE restart … does not require a new DTLS association".
 *
 * The idea: who the other side says it is (fingerprints and tls-id) is kept as one digest.
 */
#include "peer/private.h"

#include <string.h>

static struct rill_sdp_media empty_media(void)
{
    return (struct rill_sdp_media){.port = 0};
}

/* Written one after the other; what would not fit counts by its beginning. */
static void identity_of(const struct rill_sdp_media *m, uint8_t digest[RILL_SHA256_SIZE])
{
    uint8_t bytes[1024];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    for (size_t i = 0; i < m->n_fingerprints && !w.bad; i++) {
        rill_w_bytes(&w, m->fingerprints[i].hash);
        rill_w_char(&w, ' ');
        rill_w_bytes(&w, m->fingerprints[i].value);
        rill_w_char(&w, '\n');
    }
    rill_w_bytes(&w, m->tls_id);
    rill_digest(RILL_SHA256, rill_view_at(bytes, w.at < sizeof bytes ? w.at : sizeof bytes),
                digest);
}

/* The m-line of an offer that speaks for the transport: the tagged one, or the first that says
 * who it is. */
static struct rill_sdp_media speaker(const struct rill_peer *x, const struct rill_sdp *offer)
{
    size_t tagged = x->transport.tagged;
    if (tagged < offer->n_media && offer->media[tagged].port && offer->media[tagged].n_fingerprints)
        return offer->media[tagged];
    for (size_t i = 0; i < offer->n_media; i++)
        if (offer->media[i].port && offer->media[i].n_fingerprints)
            return offer->media[i];
    return empty_media();
}

static bool is_same(const struct rill_peer *x, const struct rill_sdp_media *m)
{
    uint8_t digest[RILL_SHA256_SIZE];
    identity_of(m, digest);
    return memcmp(digest, x->transport.identity, sizeof digest) == 0;
}

enum rill_sdp_setup rill_peer_association_role(const struct rill_peer *x,
                                               const struct rill_sdp *offer)
{
    if (!x->jsep.agreed)
        return RILL_SDP_SETUP_NONE;
    struct rill_sdp_media m = speaker(x, offer);
    if (!is_same(x, &m))
        return RILL_SDP_SETUP_NONE;
    return x->transport.dtls_is_client ? RILL_SDP_SETUP_ACTIVE : RILL_SDP_SETUP_PASSIVE;
}

/* Keys and streams of the old one are gone; start_dtls() finds a transport without DTLS. */
static void forget(struct rill_peer *x)
{
    struct rill_peer_transport *t = &x->transport;
    if (t->dtls)
        rill_dtls_free(t->dtls);
    if (t->srtp)
        rill_srtp_free(t->srtp);
    t->dtls = NULL;
    t->srtp = NULL;
    rill_peer_early_clear(&t->early);
    for (size_t i = 0; i < x->n_tracks; i++)
        rill_peer_track_hush(&x->tracks[i]);
}

/* An answer to a restart of ICE may take the other role (Firefox always answers "active" then) and
 * begin no new association for all that. So one that works is kept until the new client begins. */
void rill_peer_association_agreed(struct rill_peer *x, const struct rill_sdp_media *remote,
                                  bool is_client)
{
    struct rill_peer_transport *t = &x->transport;
    bool same = is_same(x, remote);
    t->awaits_hello = same && t->srtp && t->dtls_is_client && !is_client;
    if (t->awaits_hello)
        return;
    if (t->dtls && (!same || is_client != t->dtls_is_client))
        forget(x);
    identity_of(remote, t->identity);
    t->dtls_is_client = is_client;
}

/* RFC 6347 §4.1, §4.2.2: a handshake record of epoch 0 that begins with a ClientHello. */
bool rill_peer_association_hello(struct rill_peer *x, struct rill_view datagram)
{
    struct rill_reader r = rill_reader_of(datagram);
    if (!x->transport.awaits_hello || rill_r_u8(&r) != 22)
        return false;
    rill_r_skip(&r, 2); /* version */
    bool first_epoch = rill_r_u16(&r) == 0;
    rill_r_skip(&r, 8); /* sequence number, length */
    if (rill_r_u8(&r) != 1 || r.bad || !first_epoch)
        return false;
    x->transport.awaits_hello = false;
    x->transport.dtls_is_client = false;
    forget(x);
    return true;
}
