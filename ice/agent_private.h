/* ice/agent_private: what the files of the agent share: its tables and the steps that one
 * file asks of another. Everything lives in the one block of rill_ice_init().
 *
 * The idea: five tables, referring to each other by index. A base is a socket on one of our
 * addresses; a local candidate has a base; a pair is a base and a remote candidate; a query
 * is a base and a STUN server. Events are not queued but read off marks in the tables, so
 * nothing that happens can overflow a queue. */
#ifndef RILL_ICE_AGENT_PRIVATE_H
#define RILL_ICE_AGENT_PRIVATE_H

#include "base/arena.h"
#include "base/ring.h"
#include "ice/agent.h"
#include "ice/stats.h"
#include "ice/streams.h"
#include "stun/msg.h"
#include "stun/txn.h"
#include "turn/client.h"

#define RILL_ICE_NONE SIZE_MAX
#define RILL_ICE_OUR_UFRAG 8
#define RILL_ICE_OUR_PWD 24

#define RILL_ICE_TA (50 * RILL_MS)     /* RFC 8445 §14.2 */
#define RILL_ICE_TA_MIN (5 * RILL_MS)  /* RFC 8445 §14.2 */
#define RILL_ICE_PAC (39500 * RILL_MS) /* RFC 8863 §4 */
#define RILL_ICE_RC 4                  /* sends of one check: see check.c */
#define RILL_ICE_RM 4
#define RILL_ICE_TRIGGERED_ROW 3 /* see agent.c */
#define RILL_ICE_SETTLE (100 * RILL_MS)
#define RILL_ICE_SETTLE_TCP RILL_SECOND          /* UDP's head start over TCP */
#define RILL_ICE_SETTLE_RELAY (2 * RILL_SECOND)  /* of direct pairs over relayed ones */
#define RILL_ICE_TCP_RTO (10 * RILL_SECOND)      /* connection and check: see check.c */
#define RILL_ICE_CONSENT (30 * RILL_SECOND)      /* RFC 7675 §5.1 */
#define RILL_ICE_CONSENT_MISSED 2                /* see consent.c */
#define RILL_ICE_KEEP_MAPPING (15 * RILL_SECOND) /* RFC 8445 §11 */

#define RILL_ICE_ANSWERS 32 /* answers waiting for rill_ice_output() */
#define RILL_ICE_SENT 4     /* requests of one pair that a response may still come to */
#define RILL_ICE_UNKNOWN 4  /* unknown attributes that a 420 names */
#define RILL_ICE_STATES 8   /* states not told yet */
#define RILL_ICE_HEARD 8    /* paths of the session before a restart that are read */

/* KNOWN → ASKED → OPEN → CLOSING → free; ASKED → ABANDONED (the address went meanwhile). */
enum rill_ice_base_state {
    RILL_ICE_BASE_FREE,
    RILL_ICE_BASE_KNOWN,
    RILL_ICE_BASE_ASKED,
    RILL_ICE_BASE_ABANDONED,
    RILL_ICE_BASE_OPEN,
    RILL_ICE_BASE_CLOSING,
};

struct rill_ice_base {
    enum rill_ice_base_state state;
    enum rill_ice_tcptype tcp; /* NONE: of UDP, or relayed */
    bool tell;                 /* its OPEN event has not been told */
    struct rill_addr addr;     /* of the interface; once open, what the socket is bound to */
    uint32_t request;
    uint32_t socket;
    uint16_t rank; /* 0 is the most preferred */
    size_t host;   /* its host candidate, or its relayed one */
    size_t
        relay; /* of relays[] + 1: a relayed address is its own base (RFC 8445 §5.1.1.2); else 0 */
};

/* A TURN server, and what it gave. */
struct rill_ice_relay {
    struct rill_turn *turn;
    enum rill_proto proto;
    uint8_t family; /* of the server */
    bool settled;   /* it answered, or never will: gathering waits no longer */
    bool known;     /* its address is */
    size_t n_more;  /* addresses to be tried when this one fails */
    struct rill_addr more[RILL_ICE_TURN_ADDRESSES];
    bool waits; /* an OPEN was told and not answered */
    bool tell_open, tell_close;
    uint32_t request;
    uint32_t close_socket;
    struct rill_turn_event open; /* what tell_open tells */
    size_t bases[2];
    struct rill_err why; /* it failed last; row NULL: it did not */
    int64_t again_at;    /* it is asked once more while there is no way to the peer */
};

struct rill_ice_local {
    bool used;
    bool tell;      /* its CANDIDATE event has not been told */
    bool tell_name; /* nor its REGISTER event */
    bool withheld;  /* it is never told */
    struct rill_ice_cand cand;
    size_t base;
    size_t server; /* it was learned from; RILL_ICE_NONE */
};

struct rill_ice_remote {
    bool used;
    bool tell_name; /* its RESOLVE event has not been told */
    struct rill_ice_cand cand;
    uint64_t ufrag_tag; /* of the line's ufrag, 0 when it had none */
};

/* One request that went out, as long as its response is of use. */
struct rill_ice_sent {
    bool waiting;
    bool again; /* sent more than once: its response measures no round trip */
    bool use_candidate;
    uint32_t nomination; /* 0: none */
    bool controlling;    /* the role it claimed */
    bool consent;
    bool triggered;
    uint8_t txid[RILL_STUN_TXID];
    int64_t at;
};

struct rill_ice_pair {
    bool used;
    enum rill_ice_pair_state state;
    size_t base;
    size_t local; /* the base's host candidate; once valid, what the peer's answer mapped to */
    size_t remote;
    uint64_t priority;
    uint32_t trigger; /* place in the triggered-check queue, 0 when not in it */
    bool asked;       /* an authenticated request came this way and was answered */
    bool valid;
    bool nominated;
    bool retry;          /* it only timed out: another transaction may do better */
    bool accept;         /* controlled: it was nominated before it was valid */
    uint32_t nomination; /* controlled: the largest value it was nominated with, 0: without one */
    bool unsent;         /* TCP: its check waits for the connection */
    int64_t connect_at;  /* TCP: none is asked for before */
    struct rill_stun_txn txn;
    struct rill_ice_sent sent[RILL_ICE_SENT];
    size_t last; /* of sent[], the newest */
    int64_t heard;
    int64_t consent_at;
    unsigned missed; /* consent requests since a response */
    int64_t rtt;
    enum rill_ice_failure failure;
    unsigned error_code;
    struct rill_ice_pair_counts counts;
};

enum rill_ice_query_state {
    RILL_ICE_QUERY_FREE,
    RILL_ICE_QUERY_QUEUED,
    RILL_ICE_QUERY_ASKING,
    RILL_ICE_QUERY_KEPT, /* answered; asked again so that the mapping stays */
};

struct rill_ice_query {
    enum rill_ice_query_state state;
    size_t base;
    size_t server;
    bool again; /* a refresh, whose silence does not matter */
    unsigned tries;
    uint32_t requests_sent;
    enum rill_ice_failure failure;
    unsigned error_code;
    struct rill_addr mapped; /* family NONE before the answer */
    int64_t at;              /* KEPT: of the refresh */
    struct rill_stun_txn txn;
    uint8_t txid[RILL_STUN_TXID];
};

struct rill_ice_answer {
    struct rill_path path;
    bool previous; /* signed with the password before the restart */
    uint8_t txid[RILL_STUN_TXID];
    unsigned code; /* 0: success */
    size_t n_unknown;
    uint16_t unknown[RILL_ICE_UNKNOWN];
};

/* Both sides' credentials, and what else the peer's description said. */
struct rill_ice_generation {
    char ufrag[RILL_ICE_OUR_UFRAG];
    char pwd[RILL_ICE_OUR_PWD];
    uint8_t remote_ufrag[RILL_ICE_UFRAG_MAX];
    uint8_t remote_pwd[RILL_ICE_PWD_MAX];
    size_t n_remote_ufrag, n_remote_pwd;
    bool remote_lite, remote_done;
};

/* Of an earlier session: the pair that carries the data until the new one has its own
 * (restart.c). */
struct rill_ice_previous {
    bool active;
    int64_t read_until; /* it is read until then, after it was given up */
    struct rill_ice_heard {
        size_t base;
        struct rill_addr remote;
    } heard[RILL_ICE_HEARD]; /* where else the peer may send from: what was validated */
    size_t n_heard;
    struct rill_ice_pair pair;
    struct rill_ice_remote remote;
    struct rill_ice_local local;
    uint32_t prflx_priority;
    struct rill_ice_generation of;
};

/* What a restart that is taken back gives back. */
struct rill_ice_undo {
    bool kept;
    bool moved; /* the session's own pair became the previous one */
    bool was_selected, was_failed;
    struct rill_ice_generation of;
};

struct rill_ice {
    struct rill_rng rng;
    const struct rill_trace *trace;
    bool loopback;
    uint8_t component;
    int64_t ta;
    int64_t now;     /* of the last call */
    int64_t arrived; /* when the datagram at hand came */

    char ufrag[RILL_ICE_OUR_UFRAG];
    char pwd[RILL_ICE_OUR_PWD];
    uint8_t remote_ufrag[RILL_ICE_UFRAG_MAX];
    uint8_t remote_pwd[RILL_ICE_PWD_MAX];
    size_t n_remote_ufrag, n_remote_pwd; /* 0 until they are known */
    bool lite, remote_lite;
    bool controlling;
    uint64_t tiebreaker;

    bool gathering; /* rill_ice_gather() was called */
    bool gathered;
    bool awaiting;    /* names of servers are being resolved */
    bool remote_done; /* the peer's end-of-candidates */

    size_t n_servers, cap_servers;
    struct rill_addr *servers;
    size_t cap_locals; /* bases too */
    struct rill_ice_base *bases;
    struct rill_ice_local *locals;
    size_t cap_remotes;
    struct rill_ice_remote *remotes;
    size_t cap_pairs;
    struct rill_ice_pair *pairs;
    enum rill_ice_policy policy;
    enum rill_ice_hosts hosts;
    enum rill_ice_tcp tcp;
    size_t n_streams;
    struct rill_ice_stream *streams;
    size_t n_relays;
    struct rill_ice_relay *relays;
    size_t cap_queries;
    struct rill_ice_query *queries;
    struct rill_ring answer_ring;
    struct rill_ice_answer answers[RILL_ICE_ANSWERS];

    uint32_t next_request;
    uint32_t next_foundation;
    uint32_t next_remote;
    uint32_t next_trigger;
    int64_t next_new;       /* when the next transaction may begin (Ta) */
    bool queries_first;     /* whose turn it is then */
    unsigned triggered_row; /* triggered checks since anything else was begun */

    int64_t pac_at;    /* RFC 8863 §4 */
    int64_t settle_at; /* when the controlling side stops waiting for better pairs */
    int64_t lost_at;   /* when the last valid pair went */
    bool renomination;
    uint32_t nomination; /* controlling: the last value given */
    size_t nominee;      /* controlling: nomination under way */
    bool doubt;          /* the selected pair's consent is asked for sooner */
    size_t selected;
    struct rill_ice_previous previous;
    struct rill_ice_undo undo;

    enum rill_ice_state state;
    enum rill_ice_state untold[RILL_ICE_STATES];
    size_t n_untold;
    struct rill_ice_counts counts;
    bool had_pair; /* when it was closed */
    struct rill_ice_pair_info last_pair;
    bool tell_gathered, tell_valid, told_valid, tell_selected;
};

/* hosts.c */
void rill_ice_base_forget(struct rill_ice *x, size_t base);
bool rill_ice_base_pending(const struct rill_ice *x);
size_t rill_ice_base_of_path(const struct rill_ice *x, const struct rill_path *path);
uint8_t rill_ice_base_proto(const struct rill_ice_base *b);
/* A free slot with a rank nobody has, at least `rank`; RILL_ICE_NONE when there is none. */
size_t rill_ice_base_new(struct rill_ice *x, const struct rill_addr *addr,
                         enum rill_ice_tcptype tcp, uint16_t rank);
/* The priority of a candidate of this base; server: RILL_ICE_NONE but for reflexive ones. */
uint32_t rill_ice_base_priority(const struct rill_ice *x, enum rill_ice_type type, size_t base,
                                size_t server);

/* locals.c */
size_t rill_ice_local_add(struct rill_ice *x, int64_t now, enum rill_ice_type type,
                          const struct rill_addr *addr, size_t base, size_t server);
size_t rill_ice_local_find(const struct rill_ice *x, size_t base, const struct rill_addr *addr);
void rill_ice_locals_drop(struct rill_ice *x, size_t base);
bool rill_ice_locals_full(const struct rill_ice *x);

/* names.c: host addresses that are not told as such. */
bool rill_ice_is_hidden(const struct rill_ice *x, const struct rill_addr *addr);
void rill_ice_hide(struct rill_ice *x, size_t local);
bool rill_ice_is_mdns_name(struct rill_view name);
/* The remote candidate of this name and port whose address is not known yet; RILL_ICE_NONE. */
size_t rill_ice_unresolved_find(const struct rill_ice *x, const struct rill_ice_cand *c);
bool rill_ice_names_pending(const struct rill_ice *x);
bool rill_ice_name_event(struct rill_ice *x, struct rill_ice_event *out);

/* gather.c */
void rill_ice_queries_for(struct rill_ice *x, size_t base);
void rill_ice_queries_drop(struct rill_ice *x, size_t base);
bool rill_ice_query_waits(const struct rill_ice *x);
size_t rill_ice_query_start(struct rill_ice *x, int64_t now, struct rill_path *path,
                            struct rill_span out);
size_t rill_ice_query_resend(struct rill_ice *x, int64_t now, struct rill_path *path,
                             struct rill_span out);
void rill_ice_queries_tick(struct rill_ice *x, int64_t now);
int64_t rill_ice_queries_deadline(const struct rill_ice *x);
/* 1 taken, 0 of no query, < 0 refused. */
int rill_ice_query_response(struct rill_ice *x, int64_t now, const struct rill_path *path,
                            const struct rill_stun_msg *m, struct rill_err *why);
void rill_ice_query_unreachable(struct rill_ice *x, int64_t now, const struct rill_path *path);
void rill_ice_gathered(struct rill_ice *x, int64_t now);

/* relay.c */
void rill_ice_relays_init(struct rill_ice *x, struct rill_arena *a,
                          const struct rill_ice_config *c);
void rill_ice_relays_gather(struct rill_ice *x, int64_t now);
/* What the TURN clients have to say becomes bases, candidates, marks. */
void rill_ice_relays_update(struct rill_ice *x, int64_t now);
void rill_ice_relays_probe(struct rill_ice *x, int64_t now);
bool rill_ice_relays_pending(const struct rill_ice *x);
bool rill_ice_relay_event(struct rill_ice *x, struct rill_ice_event *out);
/* False when the request is none of a relay's. */
bool rill_ice_relay_opened(struct rill_ice *x, int64_t now, uint32_t request, uint32_t socket);
bool rill_ice_relay_open_failed(struct rill_ice *x, int64_t now, uint32_t request);
void rill_ice_relay_unreachable(struct rill_ice *x, int64_t now, const struct rill_path *path);
void rill_ice_relays_tick(struct rill_ice *x, int64_t now);
size_t rill_ice_relays_output(struct rill_ice *x, int64_t now, struct rill_path *path,
                              struct rill_span out);
int64_t rill_ice_relays_deadline(const struct rill_ice *x);
void rill_ice_relays_close(struct rill_ice *x, int64_t now);
/* A pair of a relayed base was formed: its peer needs a permission. */
void rill_ice_relay_permit(struct rill_ice *x, int64_t now, size_t pair);
/* Its permission is still being asked for: no check can pass yet. */
bool rill_ice_relay_is_waiting(const struct rill_ice *x, size_t pair);
/* The pair goes unanswered: is the allocation still there? */
void rill_ice_relay_doubt(struct rill_ice *x, int64_t now, size_t pair);

/* remote.c */
bool rill_ice_has_credentials(const struct rill_ice *x);
struct rill_view rill_ice_remote_ufrag(const struct rill_ice *x);
struct rill_view rill_ice_remote_pwd(const struct rill_ice *x);
/* A remote candidate without the scope that only this machine knows. */
struct rill_addr rill_ice_unscoped(const struct rill_addr *a);
/* What a candidate's proto is when a datagram goes by a path of this one. */
uint8_t rill_ice_cand_proto(uint8_t path_proto);
size_t rill_ice_remote_find(const struct rill_ice *x, uint8_t proto, const struct rill_addr *addr);
/* NULL, or why this address is not paired. */
const char *rill_ice_remote_useless(const struct rill_ice *x, const struct rill_addr *addr);
/* What signaling says of a candidate that is in the table already. */
void rill_ice_remote_known(struct rill_ice *x, int64_t now, size_t remote,
                           const struct rill_ice_cand *cand);
/* RILL_ICE_NONE when the address may not be paired or there is no room. */
size_t rill_ice_remote_learn(struct rill_ice *x, int64_t now, uint8_t proto,
                             const struct rill_addr *addr, uint32_t priority);

/* pairs.c */
void rill_ice_pairs_for_base(struct rill_ice *x, int64_t now, size_t base);
void rill_ice_pairs_for_remote(struct rill_ice *x, int64_t now, size_t remote);
/* must: make room even for a pair of low priority (an authenticated request came). */
size_t rill_ice_pair_add(struct rill_ice *x, int64_t now, size_t base, size_t remote, bool must);
size_t rill_ice_pair_find(const struct rill_ice *x, size_t base, size_t remote);
size_t rill_ice_pair_of_path(const struct rill_ice *x, const struct rill_path *path);
void rill_ice_pair_path(const struct rill_ice *x, size_t pair, struct rill_path *out);
void rill_ice_pair_drop(struct rill_ice *x, int64_t now, size_t pair);
void rill_ice_pair_fail(struct rill_ice *x, int64_t now, size_t pair,
                        enum rill_ice_failure failure);
/* In Waiting, In-Progress or Frozen: its fate is open. */
bool rill_ice_pair_is_open(const struct rill_ice_pair *p);
uint32_t rill_ice_pair_prflx_priority(const struct rill_ice *x, size_t pair);
void rill_ice_pairs_prioritize(struct rill_ice *x);

/* checklist.c */
void rill_ice_pair_set_state(struct rill_ice *x, int64_t now, size_t pair,
                             enum rill_ice_pair_state to);
/* The state of a pair just formed (RFC 8838 §12), or of all when checks begin. */
void rill_ice_checklist_place(struct rill_ice *x, int64_t now, size_t pair);
void rill_ice_checklist_begin(struct rill_ice *x, int64_t now);
void rill_ice_checklist_unfreeze(struct rill_ice *x, int64_t now, size_t pair);
void rill_ice_trigger(struct rill_ice *x, int64_t now, size_t pair);
/* The first of the triggered-check queue; RILL_ICE_NONE. */
bool rill_ice_triggered_yields(const struct rill_ice *x);
size_t rill_ice_triggered(const struct rill_ice *x);
/* The pair the next check is for, triggered ones first; RILL_ICE_NONE. */
size_t rill_ice_checklist_next(struct rill_ice *x, int64_t now);
bool rill_ice_checklist_waits(const struct rill_ice *x);
/* The selected pair falters: what else there is is worth a check again. */
void rill_ice_checklist_resume(struct rill_ice *x, int64_t now);
/* RFC 8445 §8.1.2: a nominated pair ends the checks of the others. */
void rill_ice_checklist_stop(struct rill_ice *x, int64_t now);

/* check.c */
size_t rill_ice_check_start(struct rill_ice *x, int64_t now, size_t pair, struct rill_path *path,
                            struct rill_span out);
size_t rill_ice_check_resend(struct rill_ice *x, int64_t now, struct rill_path *path,
                             struct rill_span out);
size_t rill_ice_check_consent(struct rill_ice *x, int64_t now, size_t pair, struct rill_path *path,
                              struct rill_span out);
void rill_ice_checks_tick(struct rill_ice *x, int64_t now);
int64_t rill_ice_checks_deadline(const struct rill_ice *x);
bool rill_ice_txn_is_over(const struct rill_stun_txn *t, int64_t now);

/* response.c */
int rill_ice_response(struct rill_ice *x, int64_t now, const struct rill_path *path,
                      const struct rill_stun_msg *m, struct rill_err *why);

/* answer.c */
int rill_ice_request(struct rill_ice *x, int64_t now, const struct rill_path *path,
                     const struct rill_stun_msg *m, struct rill_err *why);
size_t rill_ice_answer_output(struct rill_ice *x, struct rill_path *path, struct rill_span out);

/* role.c */
void rill_ice_role_switch(struct rill_ice *x, int64_t now, bool controlling);
/* RFC 8445 §7.3.1.1: false when the request is to be answered with 487. */
bool rill_ice_role_settle(struct rill_ice *x, int64_t now, const struct rill_stun_msg *m);

/* lite.c */
void rill_ice_lite_asked(struct rill_ice *x, int64_t now, size_t pair, bool nominated);
void rill_ice_lite_agree(struct rill_ice *x, int64_t now);
/* The peer has asked nothing on this pair for as long as consent lasts. */
bool rill_ice_lite_is_silent(const struct rill_ice *x, size_t pair, int64_t now);
void rill_ice_lite_tick(struct rill_ice *x, int64_t now);
int64_t rill_ice_lite_deadline(const struct rill_ice *x);

/* nominate.c */
void rill_ice_nominate_poll(struct rill_ice *x, int64_t now);
int64_t rill_ice_nominate_deadline(const struct rill_ice *x);
/* The controlled side was told that this valid pair it is. */
void rill_ice_nominate_accept(struct rill_ice *x, int64_t now, size_t pair);
void rill_ice_select(struct rill_ice *x, int64_t now, size_t pair);
/* The selected pair, else the best valid one, else RILL_ICE_NONE. */
size_t rill_ice_current(const struct rill_ice *x);

/* No pair is selected, or the selected one goes unanswered: others are worth a check. */
bool rill_ice_is_faltering(const struct rill_ice *x);

/* consent.c */
void rill_ice_consent_given(struct rill_ice *x, int64_t now, size_t pair);
size_t rill_ice_consent_output(struct rill_ice *x, int64_t now, struct rill_path *path,
                               struct rill_span out);
void rill_ice_consent_tick(struct rill_ice *x, int64_t now);
int64_t rill_ice_consent_deadline(const struct rill_ice *x);
/* The peer asks on another pair than the selected one: has it lost that? */
void rill_ice_consent_doubt(struct rill_ice *x, int64_t now);
void rill_ice_consent_revoked(struct rill_ice *x, int64_t now, size_t pair);
bool rill_ice_consent_is_fresh(const struct rill_ice_pair *p, int64_t now);
/* To the next request, µs. */
int64_t rill_ice_consent_interval(const struct rill_ice *x);

/* restart.c: the pair of the session before. Alive: data may be sent on it; answers: no more
 * requests have been missed than happens. */
bool rill_ice_previous_is_alive(const struct rill_ice *x);
bool rill_ice_previous_answers(const struct rill_ice *x);
void rill_ice_previous_path(const struct rill_ice *x, struct rill_path *out);
bool rill_ice_previous_uses(const struct rill_ice *x, size_t base, const struct rill_addr *remote);
bool rill_ice_previous_is_validated(const struct rill_ice *x, const struct rill_path *path);
/* The new session has selected a pair; a base is gone; time passed. */
void rill_ice_previous_settle(struct rill_ice *x, int64_t now);
void rill_ice_previous_base_gone(struct rill_ice *x, int64_t now, size_t base);
void rill_ice_previous_tick(struct rill_ice *x, int64_t now);
int64_t rill_ice_previous_deadline(const struct rill_ice *x);
size_t rill_ice_previous_output(struct rill_ice *x, int64_t now, struct rill_path *path,
                                struct rill_span out);
/* 1 taken, 0 not to a request of its, < 0 refused. */
int rill_ice_previous_response(struct rill_ice *x, int64_t now, const struct rill_path *path,
                               const struct rill_stun_msg *m, struct rill_err *why);
/* Its own path apart, data of the peer is read from here too. */
void rill_ice_previous_hears(struct rill_ice *x, size_t base, const struct rill_path *path);
/* A request under its credentials, authenticated. */
bool rill_ice_previous_is_asked(struct rill_ice *x, int64_t now, const struct rill_stun_msg *m);
struct rill_view rill_ice_previous_pwd(const struct rill_ice *x);

/* stats.c: nothing has happened; a datagram was not taken, with this row. */
extern const struct rill_ice_pair_counts rill_ice_no_counts;
void rill_ice_count_refused(struct rill_ice *x, struct rill_view datagram, int code);

/* state.c */
void rill_ice_to_state(struct rill_ice *x, int64_t now, enum rill_ice_state to);
void rill_ice_update(struct rill_ice *x, int64_t now);
int64_t rill_ice_state_deadline(const struct rill_ice *x);
bool rill_ice_is_over(const struct rill_ice *x);

#endif
