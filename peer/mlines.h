/* peer/mlines: which transceiver has which m-line. */
#ifndef RILL_PEER_MLINES_H
#define RILL_PEER_MLINES_H

#include "peer/peer.h"

struct rill_peer_wanted {
    struct rill_sdp_track rows[RILL_SDP_MEDIA_MAX + RILL_TRACKS_MAX];
    size_t n;
    char mids[RILL_SDP_MEDIA_MAX + RILL_TRACKS_MAX][24];
    int8_t lines[RILL_SDP_MEDIA_MAX + RILL_TRACKS_MAX]; /* transceivers */
    struct rill_sdp_encoding encodings[RILL_TRACKS_MAX][RILL_PEER_ENCODINGS_MAX];
    struct rill_sdp_received received[RILL_TRACKS_MAX][RILL_PEER_ENCODINGS_MAX];
};

/* The transceiver of an m-line, or -1. */
int rill_peer_mline_transceiver(const struct rill_peer *x, size_t mline);
/* The m-lines of the next offer, and of the answer to the offer that is pending. */
void rill_peer_want_offer(const struct rill_peer *x, struct rill_peer_wanted *out);
void rill_peer_want_answer(const struct rill_peer *x, struct rill_peer_wanted *out);
/* RFC 3264 §8: an offer may add m-lines and bring back those with port 0, no more. */
int rill_peer_check_offer(const struct rill_peer *x, const struct rill_sdp *offer,
                          struct rill_err *why);
/* RFC 9429 §5.9 and §5.10: m-lines find their transceivers. */
void rill_peer_associate_local(struct rill_peer *x, const struct rill_sdp *offer);
void rill_peer_associate_remote(struct rill_peer *x, const struct rill_sdp *offer);
/* RFC 9429 §5.7: what the pending offer has associated is so no more. */
void rill_peer_dissociate(struct rill_peer *x);
/* Mids that are numbers are not given again. */
void rill_peer_mids_seen(struct rill_peer *x, const struct rill_sdp *s);

#endif
