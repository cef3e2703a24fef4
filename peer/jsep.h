/* peer/jsep: descriptions and the signaling state. */
#ifndef RILL_PEER_JSEP_H
#define RILL_PEER_JSEP_H

#include "base/digest.h"
#include "peer/numbers.h"
#include "peer/peer.h"

/* One description: its text, and the tree in the arena whose views point into the text. */
struct rill_peer_slot {
    uint8_t *text;
    size_t n;
    struct rill_arena arena;
    const struct rill_sdp *sdp;
};

struct rill_peer_pending {
    uint8_t text[256];
    size_t n;
    uint8_t mid[RILL_MID_MAX];
    size_t mid_n;
    uint8_t ufrag[64]; /* a longer one is not remembered; RFC 8839 §5.4 allows 256 */
    size_t ufrag_n;
    int mline;
};

#define RILL_PEER_SLOTS 5

struct rill_peer_jsep {
    enum rill_peer_signaling_state state;
    struct rill_peer_slot slots[RILL_PEER_SLOTS];
    /* RFC 9429 §4.1.13–16; pending ones are NULL in stable. */
    struct rill_peer_slot *current_local, *current_remote, *pending_local, *pending_remote;
    struct rill_peer_slot *local, *remote; /* the pending ones where there are, or the current */
    bool local_is_offer;                   /* of the current pair */
    bool agreed;
    bool has_created;
    enum rill_peer_sdp_type created_type;
    uint8_t created[RILL_SHA256_SIZE];        /* of the text create_* gave last */
    int8_t created_lines[RILL_SDP_MEDIA_MAX]; /* the transceiver of each m-line of that offer */
    bool created_restarts;
    uint64_t session_id, session_version;
    uint64_t next_mid; /* the first number that no m-line has had for its mid */
    bool negotiation_needed;
    struct rill_peer_numbers numbers;
    bool restart_wanted; /* ICE restarts, by the app */
    struct rill_peer_pending *pending;
    size_t pending_cap, n_pending;
};

#endif
