/* peer/events: notes: events that wait for rill_peer_event. */
#ifndef RILL_PEER_EVENTS_H
#define RILL_PEER_EVENTS_H

#include "base/ring.h"
#include "peer/peer.h"

#define RILL_PEER_NOTES 64

struct rill_peer_note {
    enum rill_peer_event_type type;
    uint32_t request, socket;
    struct rill_addr addr, to;
    enum rill_proto proto;
    size_t turn;
    struct rill_view domain;   /* lives in ICE until its next event of this server */
    struct rill_ice_cand cand; /* of the m-line .index */
    bool is_last;              /* there are no more of these */
    char ufrag[8];
    int index; /* of a track, line or m-line */
    size_t encoding;
    int state;
    int error;
    int64_t time;
};

struct rill_peer_notes {
    struct rill_ring ring;
    struct rill_peer_note slots[RILL_PEER_NOTES];
    char text[256]; /* of the candidate handed out last */
};

struct rill_peer_note *rill_peer_note(struct rill_peer *x, enum rill_peer_event_type type);
size_t rill_peer_notes_left(const struct rill_peer *x);

#endif
