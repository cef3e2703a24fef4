/* ice/stats: what an agent has seen so far: every pair, every candidate, every server, and what
 * was refused (webrtc-stats §8.17, §8.18: RTCIceCandidatePairStats, RTCIceCandidateStats).
 *
 * The idea: nothing is kept for the statistics that the tables do not hold already, but for a
 * counter here and there. The iterators walk the tables: begin with *at = 0, false at the end; *at
 * is then the entry's number + 1. Times are those of the agent's own `now`; -1: it has not
 * happened.
 *
 * - rill_ice_session_stats      the whole: roles, generations, what was refused
 * - rill_ice_next_pair          each pair, the selected one and the one before a restart included
 * - rill_ice_next_candidate     each candidate, ours and the peer's
 * - rill_ice_next_server        each STUN and TURN server
 */
#ifndef RILL_ICE_STATS_H
#define RILL_ICE_STATS_H

#include "ice/agent.h"

/* Why a pair, or a server, is of no use. */
enum rill_ice_failure {
    RILL_ICE_NOT_FAILED,
    RILL_ICE_NO_RESPONSE,
    RILL_ICE_HARD_ICMP,      /* the network said unreachable */
    RILL_ICE_ERROR_RESPONSE, /* .error_code says which */
    RILL_ICE_NOT_SYMMETRIC,  /* the response took another way than the request */
    RILL_ICE_NOT_UNDERSTOOD,
    RILL_ICE_NOT_PERMITTED, /* the TURN server relays nothing to this peer */
    RILL_ICE_CONSENT_EXPIRED,
    RILL_ICE_CONSENT_REVOKED,
    RILL_ICE_NOT_CONNECTED,     /* ICE-TCP: no connection could be made */
    RILL_ICE_CONNECTION_ENDED,  /* ICE-TCP: it broke, or the other end closed it */
    RILL_ICE_NOT_STUN,          /* ICE-TCP: what came over it first was something else */
    RILL_ICE_CONNECTION_UNUSED, /* ICE-TCP: closed here, another pair is in use */
    RILL_ICE_FAILURES,
};
/* One sentence without a full stop, and the clause that makes it a failure. */
const char *rill_ice_failure_text(enum rill_ice_failure failure);
const char *rill_ice_failure_clause(enum rill_ice_failure failure);

/* RFC 8445 §6.1.2.6, Figure 6; webrtc-stats' RTCStatsIceCandidatePairState. */
enum rill_ice_pair_state {
    RILL_ICE_FROZEN,
    RILL_ICE_WAITING,
    RILL_ICE_IN_PROGRESS,
    RILL_ICE_SUCCEEDED,
    RILL_ICE_PAIR_FAILED,
};
const char *rill_ice_pair_state_name(enum rill_ice_pair_state state);

/* What went over a pair. Data is all that is not STUN, as UDP payload before a relay wraps it. */
struct rill_ice_pair_counts {
    uint32_t requests_sent; /* checks and nominations, each counted once */
    uint32_t retransmissions_sent;
    uint32_t consent_requests_sent;
    uint32_t responses_received; /* success responses */
    uint32_t errors_received;
    uint32_t requests_received, responses_sent;
    int64_t total_rtt; /* µs, the sum of what was measured */
    int64_t first_request, last_request, last_response;
    uint64_t packets_sent, packets_received;
    uint64_t bytes_sent, bytes_received;
    uint64_t packets_discarded, bytes_discarded; /* handed on, and not let out: not among those */
    int64_t last_packet_sent, last_packet_received;
};

struct rill_ice_pair_stats {
    struct rill_ice_cand local, remote;
    size_t local_number, remote_number; /* rill_ice_next_candidate()'s; 0: it is there no more */
    enum rill_ice_pair_state state;
    bool valid, nominated, selected;
    bool previous;                 /* of the session before a restart */
    enum rill_ice_failure failure; /* the last one, until the pair is valid again */
    unsigned error_code;           /* of the last error response; 0: none came */
    uint64_t priority;
    int64_t current_rtt; /* µs */
    struct rill_ice_pair_counts counts;
};
bool rill_ice_next_pair(const struct rill_ice *x, size_t *at, struct rill_ice_pair_stats *out);

struct rill_ice_cand_stats {
    struct rill_ice_cand cand;
    bool remote;
    /* Of our reflexive and relayed ones: the server it was had from (family NONE: none), and how
     * the server is spoken to (relayProtocol). */
    struct rill_addr server;
    enum rill_proto server_proto;
    struct rill_view ufrag; /* of its generation; n 0: not known yet */
};
bool rill_ice_next_candidate(const struct rill_ice *x, size_t *at, struct rill_ice_cand_stats *out);

struct rill_ice_server_stats {
    bool turn;
    struct rill_addr addr;
    enum rill_proto proto;
    bool asked, answered; /* STUN: it told a mapped address; TURN: there is an allocation */
    uint32_t requests_sent;
    struct rill_addr mapped; /* the last that it told; family NONE: none */
    struct rill_addr relayed;
    bool mappings_differ; /* another STUN server saw the same socket at another address or port */
    enum rill_ice_failure failure;
    unsigned error_code;
    struct rill_err why; /* TURN: the row of turn that ended the allocation */
};
bool rill_ice_next_server(const struct rill_ice *x, size_t *at, struct rill_ice_server_stats *out);

/* Since the beginning, restarts included. */
struct rill_ice_counts {
    /* Lines the peer told, and how many of them are names, TCP, of another generation, or of no
     * use for another reason. */
    uint32_t names_resolved, names_unresolved; /* of these names: those that are settled */
    uint32_t remote_lines, remote_names, remote_tcp, remote_strangers, remote_useless;
    uint32_t pairs_dropped;
    /* Requests that came and were not believed (RFC 8445 §7.3), and responses (§7.2.5). */
    uint32_t requests_wrong_username, requests_wrong_password, requests_refused;
    uint32_t responses_wrong_password, responses_refused;
    uint32_t conflicts_sent, conflicts_received; /* 487 */
};

struct rill_ice_session_stats {
    enum rill_ice_state state;
    bool controlling, relay_only, loopback;
    bool gathering, gathered;
    bool has_remote; /* the peer's credentials are known */
    bool remote_done, remote_lite;
    bool was_valid;    /* a pair has been valid */
    int64_t patience;  /* µs until the agent may give up (RFC 8863 §4); 0: it may */
    size_t interfaces; /* addresses of ours with a socket */
    struct rill_ice_counts counts;
};
void rill_ice_session_stats(const struct rill_ice *x, struct rill_ice_session_stats *out);

/* Data, not STUN. received: also says whether it may be believed, as rill_ice_is_validated(). */
void rill_ice_data_sent(struct rill_ice *x, int64_t now, size_t n);
bool rill_ice_data_received(struct rill_ice *x, int64_t now, const struct rill_path *path,
                            size_t n);
/* Data that was sent over a pair of our own sockets did not leave. */
void rill_ice_data_discarded(struct rill_ice *x, const struct rill_path *path, size_t n);

#endif
