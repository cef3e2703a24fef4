/* association: DTLS associations, kept or made anew.
 *
 * RFC 8842 §3.1: a new one is made when the fingerprints, the tls-id or the roles change; a new
 * ICE transport alone does not do it: "an ICE restart … does not require a new DTLS association".
 *
 * The idea: who the other side says it is (fingerprints and tls-id) is kept as one digest.
 */
#include "peer/association.h"

#include "peer/connection.h"
#include "peer/early.h"
#include "peer/lines.h"
#include "peer/mlines.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "srtp/srtp.h"

#include <string.h>

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

static bool is_introduced(const struct rill_sdp_media *m)
{
    return m->port && m->n_fingerprints;
}

/* The tagged one; else the first of those that share the transport and say who they are. */
const struct rill_sdp_media *rill_peer_speaker(const struct rill_peer *x,
                                               const struct rill_peer_transport *t,
                                               const struct rill_sdp *offer)
{
    if (t->mline < offer->n_media && is_introduced(&offer->media[t->mline]))
        return &offer->media[t->mline];
    for (size_t i = 0; i < offer->n_media; i++) {
        int k = rill_peer_mline_transceiver(x, i);
        if (k >= 0 && x->lines[k].agreed.active && &x->transports[x->lines[k].transport] == t &&
            is_introduced(&offer->media[i]))
            return &offer->media[i];
    }
    return NULL;
}

static bool is_same(const struct rill_peer_transport *t, const struct rill_sdp_media *m)
{
    uint8_t digest[RILL_SHA256_SIZE];
    identity_of(m, digest);
    return memcmp(digest, t->identity, sizeof digest) == 0;
}

enum rill_sdp_setup rill_peer_association_role(const struct rill_peer *x,
                                               const struct rill_peer_transport *t,
                                               const struct rill_sdp *offer)
{
    const struct rill_sdp_media *m = rill_peer_speaker(x, t, offer);
    if (!m || !is_same(t, m))
        return RILL_SDP_SETUP_NONE;
    return t->components[0].dtls_is_client ? RILL_SDP_SETUP_ACTIVE : RILL_SDP_SETUP_PASSIVE;
}

void rill_peer_association_free(struct rill_peer_component *c)
{
    if (c->dtls)
        rill_dtls_free(c->dtls);
    if (c->srtp)
        rill_srtp_free(c->srtp);
    c->dtls = NULL;
    c->srtp = NULL;
}

/* start_dtls() finds a component without DTLS. */
void rill_peer_association_forget(struct rill_peer *x, struct rill_peer_component *c)
{
    rill_peer_association_free(c);
    c->said_goodbye = false;
    rill_peer_early_clear(&c->early);
    for (size_t i = 0; i < x->n_tracks; i++)
        if (rill_peer_line_component(x, &x->lines[i], false) == c)
            rill_peer_track_hush(&x->tracks[i]);
}

/* An answer to a restart of ICE may take the other role (Firefox always answers "active" then) and
 * begin no new association for all that. So one that works is kept until the new client begins. */
static void agreed(struct rill_peer *x, struct rill_peer_component *c, bool same, bool is_client)
{
    c->awaits_hello = same && c->srtp && c->dtls_is_client && !is_client;
    if (c->awaits_hello)
        return;
    if (c->dtls && (!same || is_client != c->dtls_is_client))
        rill_peer_association_forget(x, c);
    c->dtls_is_client = is_client;
}

void rill_peer_association_agreed(struct rill_peer *x, struct rill_peer_transport *t,
                                  const struct rill_sdp_media *remote, bool is_client)
{
    bool same = is_same(t, remote);
    for (size_t i = 0; i < RILL_PEER_COMPONENTS; i++)
        agreed(x, &t->components[i], same, is_client);
    identity_of(remote, t->identity);
}

/* RFC 6347 §4.1, §4.2.2: a handshake record of epoch 0 that begins with a ClientHello. */
bool rill_peer_association_hello(struct rill_peer *x, struct rill_peer_component *c,
                                 struct rill_view datagram)
{
    struct rill_reader r = rill_reader_of(datagram);
    if (!c->awaits_hello || rill_r_u8(&r) != 22)
        return false;
    rill_r_skip(&r, 2); /* version */
    bool first_epoch = rill_r_u16(&r) == 0;
    rill_r_skip(&r, 8); /* sequence number, length */
    if (rill_r_u8(&r) != 1 || r.bad || !first_epoch)
        return false;
    c->awaits_hello = false;
    c->dtls_is_client = false;
    rill_peer_association_forget(x, c);
    return true;
}
