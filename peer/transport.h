/* peer/transport: one transport: ICE finds a path, DTLS agrees on keys over it, SRTP uses them. */
#ifndef RILL_PEER_TRANSPORT_H
#define RILL_PEER_TRANSPORT_H

#include "base/digest.h"
#include "ice/agent.h"
#include "peer/congestion.h"
#include "peer/early.h"

struct rill_peer;
struct rill_peer_line;

#define RILL_PEER_TLS_ID 32
#define RILL_PEER_GATHERED 32

/* One component (RFC 8445 §4): a path of its own, an association over it (RFC 5764 §3: RTP and RTCP
 * that are not multiplexed have one each), and its keys. */
struct rill_peer_component {
    struct rill_peer_transport *of;
    bool used; /* its agent has begun to gather */
    void *ice_block;
    struct rill_ice *ice;               /* NULL: the policy needs no component 2 */
    uint32_t requests, requests_before; /* numbers of OPEN: of this agent, of those before it */
    enum rill_ice_state ice_state;      /* as told last */
    struct rill_ice_cand gathered[RILL_PEER_GATHERED];
    size_t n_gathered;
    bool gathering_done;
    bool has_valid; /* ICE has had a valid pair */
    void *dtls_block;
    struct rill_dtls *dtls;
    bool dtls_is_client;
    bool awaits_hello; /* we became the server by the last answer; the client has not begun */
    bool said_goodbye; /* the other side: close_notify */
    uint64_t packets_sent, packets_received, bytes_sent, bytes_received; /* not STUN */
    unsigned pair_changes;
    void *srtp_block;
    struct rill_srtp *srtp;
    struct rill_peer_early early;
};

/*      free ── our offer ──> offered ── answer ──> agreed ── no m-line has it ──> closing ─┐
 *       ^ └────────── the answer to theirs ──────────^                                    │
 *       └── rolled back: closing first ──┘             <── its sockets are given back ─────┘ */
enum rill_peer_transport_use {
    RILL_PEER_TRANSPORT_FREE, /* one whose agent has begun to gather all the same is taken first */
    RILL_PEER_TRANSPORT_OFFERED, /* by the pending offer of ours alone */
    RILL_PEER_TRANSPORT_AGREED,
    RILL_PEER_TRANSPORT_CLOSING,
};

#define RILL_PEER_COMPONENTS 2

/* Of one BUNDLE group, or of one m-line that is in none. */
struct rill_peer_transport {
    enum rill_peer_transport_use use;
    size_t mline; /* whose ICE and DTLS attributes count (RFC 9143 §7.1.3) */
    struct rill_peer_component components[RILL_PEER_COMPONENTS];
    struct rill_peer_congestion congestion;
    uint8_t identity[RILL_SHA256_SIZE]; /* the other side's fingerprints and tls-id */
    char tls_id[RILL_PEER_TLS_ID];
    char next_tls_id[RILL_PEER_TLS_ID]; /* of the answer that makes a new association */
    bool has_next_tls_id;
    /* ICE restarts (RFC 8839 §4.4): begun by our agents, with a description that is not final yet;
     * asked for by the other side's offer. */
    bool restart_begun, restart_asked;
    bool restart_undone;   /* the other side may have answered what was rolled back here */
    bool restart_answered; /* a provisional answer has brought the other side's part */
    char next_ufrag[8], next_pwd[24]; /* what a restart brings */
    bool has_next;
    bool has_remote_ice;
    uint8_t remote_ice[RILL_SHA256_SIZE]; /* of the credentials in use */
};

void rill_peer_component_init(const struct rill_peer *x, struct rill_peer_component *c,
                              struct rill_arena *arena);
/* Moves what ICE and DTLS have to say: DTLS starts, keys are taken, states change. */
void rill_peer_transport_pump(struct rill_peer *x, int64_t now);
/* A DTLS datagram from a validated path. */
int rill_peer_transport_dtls(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                             struct rill_view datagram);
/* Where media, or RTCP, of a line goes; NULL for none. */
struct rill_peer_component *rill_peer_line_component(const struct rill_peer *x,
                                                     const struct rill_peer_line *l, bool rtcp);
/* Media may go there now; false without keys or consent, and for NULL. */
bool rill_peer_component_is_ready(const struct rill_peer_component *c);
/* The round trip ICE has measured, µs; 0 when unknown. */
int64_t rill_peer_component_rtt(const struct rill_peer_component *c);
int64_t rill_peer_rtt(const struct rill_peer *x, const struct rill_peer_line *l);

#endif
