/* walk/record: what one call did, in its order, kept for the pages.
 *
 * The idea: everything that passes is one row: a step, a datagram, a packet in clear, a piece of
 * signaling, a decision. The blocks of the pages look rows up by what they are, never by their
 * number, so that a row more changes no other block.
 */
#ifndef RILL_WALK_RECORD_H
#define RILL_WALK_RECORD_H

#include "base/addr.h"
#include "base/clock.h"
#include "base/steps.h"
#include "peer/peer.h"

enum walk_place {
    WALK_CLIENT1,
    WALK_CLIENT2,
    WALK_CLIENTS,
    WALK_STUN_SERVER = WALK_CLIENTS,
    WALK_SIGNALING,
    WALK_PLACES,
};

enum walk_kind {
    WALK_STEP,        /* step: it was told by who */
    WALK_DATAGRAM,    /* who sent bytes from from to to, as it knows them itself */
    WALK_ARRIVED,     /* bytes came to who, as it sees their source */
    WALK_RTP,         /* the RTP packet that is in the next datagram of who, in clear */
    WALK_RTCP,        /* the same of RTCP */
    WALK_SIGNAL,      /* who said one HTTP head, or one WebSocket frame, to what */
    WALK_HEARD,       /* the same, as it came to who */
    WALK_SECRET,      /* who has this secret with the other side */
    WALK_DECISION,    /* a trace point of who; what is its "room name", text its values */
    WALK_DESCRIPTION, /* who has this text as what: "local offer", "remote answer", … */
    WALK_CANDIDATE,   /* who found it; what is its m-line's mid; no text: there are no more */
    WALK_FRAME,       /* who gave a frame to its peer (from a clip); what is "video" or "audio" */
    WALK_PLAYED,      /* who got a frame from its peer */
};

/* The states of one client (webrtc-pc §4.3). */
struct walk_states {
    bool known; /* it has a peer connection */
    enum rill_peer_signaling_state signaling;
    enum rill_peer_connection_state connection;
    char ice[16];
    bool gathering, gathered;
    bool needs_negotiation;
};

struct walk_row {
    int64_t at;
    enum walk_kind kind;
    enum walk_place who;
    int step; /* of STEP */
    struct rill_addr from, to;
    char what[48];
    struct rill_view text; /* bytes or text, a NUL behind it; lives as long as the record */
    struct walk_states before, after; /* of STEP */
};

struct walk_record {
    struct walk_row *rows;
    size_t n, cap;
};

/* A copy of text is kept. The row lives until the next is added. */
struct walk_row *walk_add(struct walk_record *r, int64_t at, enum walk_kind kind,
                          enum walk_place who, const char *what, struct rill_view text);
void walk_record_free(struct walk_record *r);
/* The number of the first row in which they differ; SIZE_MAX: they are the same. */
size_t walk_record_parts(const struct walk_record *a, const struct walk_record *b);

const char *walk_place_name(enum walk_place p);

/* The next row behind *at that is of this kind and of who; what NULL: any, else the row's begins
 * so. Begin with *at = 0; NULL at the end. */
const struct walk_row *walk_next(const struct walk_record *r, size_t *at, enum walk_kind kind,
                                 enum walk_place who, const char *what);
const struct walk_row *walk_find(const struct walk_record *r, enum walk_kind kind,
                                 enum walk_place who, const char *what);

#endif
