/* peer/transceivers: what the app wants to send and receive, and of which m-line. */
#ifndef RILL_PEER_TRANSCEIVERS_H
#define RILL_PEER_TRANSCEIVERS_H

#include "peer/encodings.h"
#include "peer/numbers.h"

struct rill_peer_transceiver {
    bool used;
    bool by_add_track; /* addTrack has used it: an m-line that is offered may take it */
    bool by_remote;    /* the offer that is pending made it: a rollback takes it away */
    bool associating;  /* the offer that is pending gave it its m-line: a rollback takes it back */
    bool stopping;     /* the next offer or answer says so */
    bool has_track;
    bool ever_sent; /* its direction has once been agreed to send */
    bool has_current;
    enum rill_sdp_direction direction, current;
    int mline;            /* -1: none yet */
    struct rill_view mid; /* in the description that gave it */
    enum rill_codec_id codecs[RILL_PEER_CODECS];
    size_t n_codecs; /* 0: no preference */
    struct rill_peer_send_encoding encodings[RILL_PEER_ENCODINGS_MAX];
    size_t n_encodings;      /* 0: one, without a name */
    bool encodings_by_offer; /* the pending offer asked for them: a rollback takes them away */
};

/* A row for a new one, or -1; and a row that is given back. */
int rill_peer_transceiver_add(struct rill_peer *x, enum rill_kind kind, enum rill_codec_id codec,
                              enum rill_sdp_direction direction);
void rill_peer_transceiver_release(struct rill_peer *x, size_t i);

#endif
