/* peer/encodings: the encodings that a transceiver is to send (see encodings.c). */
#ifndef RILL_PEER_ENCODINGS_H
#define RILL_PEER_ENCODINGS_H

#include "peer/peer.h"

struct rill_peer_transceiver;

struct rill_peer_send_encoding {
    char rid[RILL_SDP_RID_MAX + 1];
    bool active;
    uint64_t max_bitrate;
    double scale;
};

int rill_peer_check_encodings(const struct rill_peer_encoding *encodings, size_t n);
/* Takes as many senders; false when the pool has not. */
bool rill_peer_keep_encodings(struct rill_peer *x, size_t transceiver,
                              const struct rill_peer_encoding *encodings, size_t n);
/* webrtc-pc §4.4.1.5: an offer that asks for simulcast gives its names to a transceiver that has
 * none. */
void rill_peer_adopt_encodings(struct rill_peer *x, size_t transceiver,
                               const struct rill_sdp_media *offered);
void rill_peer_drop_encodings(struct rill_peer *x, size_t transceiver);
/* As descriptions have them; returns how many. The views live as long as the transceiver. */
size_t rill_peer_list_encodings(const struct rill_peer_transceiver *t,
                                struct rill_sdp_encoding out[RILL_PEER_ENCODINGS_MAX]);
/* What is to be sent begins, and what is not ends. */
void rill_peer_settle_encodings(struct rill_peer *x, int64_t now, size_t transceiver);

#endif
