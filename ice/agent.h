/* ice/agent: an ICE agent, full or lite, for one component of a stream (RFC 8445, trickle 8838,
 * consent 7675, TCP 6544). Where RTP and RTCP share it, it is the stream's only one, and BUNDLE
 * puts every track on it; where they do not, RTCP has a second agent with the same credentials.
 *
 * The idea: the agent knows addresses and times, no sockets. It asks for a socket by an
 * event and is told by a call; datagrams and deadlines go in, datagrams and events come
 * out. The files beside it hold one idea each: gather, streams, pairs, check, nominate, consent.
 *
 * The order of a life: init → interface_up for each address → gather → (OPEN events →
 * opened) → CANDIDATE events go to the peer; set_remote_credentials and
 * add_remote_candidate may come before or after, in any order → VALID → SELECTED.
 */
#ifndef RILL_ICE_AGENT_H
#define RILL_ICE_AGENT_H

#include "base/clock.h"
#include "base/rng.h"
#include "base/trace.h"
#include "ice/cand.h"

struct rill_ice;

/* RFC 9429 §3.5.3 */
enum rill_ice_policy {
    RILL_ICE_POLICY_ALL,
    RILL_ICE_POLICY_RELAY, /* no address of ours is gathered, told or sent from */
};

/* RFC 6544: which host candidates of TCP are gathered beside those of UDP. */
enum rill_ice_tcp {
    RILL_ICE_TCP_OFF, /* none, and none of the peer's is paired */
    RILL_ICE_TCP_ON,  /* active and passive */
    RILL_ICE_TCP_ALL, /* simultaneous-open ones too */
    RILL_ICE_TCP_ONLY /* as ALL, and none of UDP */
};

/* One allocation is asked for on each, all at once; one that is dead only holds back the end of
 * gathering. The credentials are OpaqueStrings (stun/longterm.h). */
struct rill_ice_turn_server {
    struct rill_addr addr; /* family NONE: its name is still being resolved */
    enum rill_proto proto; /* UDP, TCP, TLS */
    struct rill_view username, password;
    bool ip6;  /* a relayed address of IPv6 instead of IPv4 */
    bool both; /* of both families where the server can */
};

/* What the peer is told of our host addresses; checks leave from them whatever is told. */
enum rill_ice_hosts {
    RILL_ICE_HOSTS_TOLD,
    RILL_ICE_HOSTS_NAMED,    /* a name of multicast DNS each (the mDNS draft) */
    RILL_ICE_HOSTS_WITHHELD, /* nothing (RFC 8828 §5.2, modes 3 and 4) */
};

/* Caps of 0 take the default in brackets; each at most its ceiling in limits.h. */
struct rill_ice_config {
    size_t local_candidates;  /* [16; with TCP 32] */
    size_t remote_candidates; /* [32] */
    size_t pairs;             /* [100] */
    size_t servers;           /* [4] */
    enum rill_ice_policy policy;
    enum rill_ice_hosts hosts;
    const struct rill_ice_turn_server *turn; /* copied by init */
    size_t n_turn;                           /* at most RILL_ICE_SERVERS_MAX */
    bool lite; /* RFC 8445 §2.5: answers alone, host candidates alone; no server is asked */
    enum rill_ice_tcp tcp;
    size_t streams;    /* connections of ICE-TCP at once [8] */
    uint8_t component; /* RFC 8445 §5.1.1.1: 1, and 2 for RTCP on a component of its own [1] */
    /* Of the other component, whose credentials this one shares (RFC 8839 §5.4: they are the
     * stream's); 8 and 24 characters [made at random]. */
    struct rill_view ufrag, pwd;
    bool loopback; /* pair and gather loopback addresses (off by RFC 8445 §5.1.1.1) */
    int64_t ta;    /* pacing between new checks, µs [50 ms, RFC 8445 §14.2] */
    struct rill_rng rng;
    const struct rill_trace *trace;
};

size_t rill_ice_size(const struct rill_ice_config *config);
/* block has rill_ice_size() bytes, any alignment. NULL only when a cap is above its ceiling. */
struct rill_ice *rill_ice_init(void *block, const struct rill_ice_config *config);

/* Our credentials (RFC 8839 §5.4), made at init; live as long as the agent. */
struct rill_view rill_ice_ufrag(const struct rill_ice *x);
struct rill_view rill_ice_pwd(const struct rill_ice *x);

/* RFC 8445 §6.1.1: the offerer controls, unless one side alone is lite. Controlled until
 * told. Before checks begin; a role conflict may change it later (§7.3.1.1). */
void rill_ice_set_controlling(struct rill_ice *x, bool controlling);
/* Both sides said "renomination" among their a=ice-options (draft-thatcher-ice-renomination): the
 * controlling one may nominate again, and the last nomination holds. Off until told. */
void rill_ice_set_renomination(struct rill_ice *x, bool both);
bool rill_ice_is_controlling(const struct rill_ice *x);

/* Inputs from the port. */
int rill_ice_add_server(struct rill_ice *x, const struct rill_addr *stun_server);
/* Names of servers are being resolved: gathering goes on with what is known, and is not over
 * before they are (RFC 8838 §8: whatever comes late is told late). */
void rill_ice_await_servers(struct rill_ice *x, int64_t now, bool awaited);
/* The addresses of config.turn[turn], which had none, in the order they are to be tried in (RFC
 * 5928 §3): the next one when an allocation fails. It is asked at once when gathering is on. */
#define RILL_ICE_TURN_ADDRESSES 4
void rill_ice_turn_resolved(struct rill_ice *x, int64_t now, size_t turn,
                            const struct rill_addr *addrs, size_t n);
/* An address of this machine (port 0). Errors: RILL_ICE_TOO_MANY. Loopback (unless config
 * asks for it), multicast, site-local, mapped and the "any" addresses are passed over
 * (returns 0); link-local IPv6 is used only while there is nothing else. One that comes after
 * gathering is told by OPEN and CANDIDATE events too; a peer that holds us to
 * end-of-candidates learns it from our checks. */
int rill_ice_interface_up(struct rill_ice *x, int64_t now, const struct rill_addr *addr);
int rill_ice_interface_down(struct rill_ice *x, int64_t now, const struct rill_addr *addr);
/* Starts gathering (RFC 8445 §5.1.1) on what is up and on what comes up later. */
void rill_ice_gather(struct rill_ice *x, int64_t now);
/* The answers to OPEN: the socket's id and the address it is bound to, or a failure. */
void rill_ice_opened(struct rill_ice *x, int64_t now, uint32_t request, uint32_t socket,
                     const struct rill_addr *local);
void rill_ice_open_failed(struct rill_ice *x, int64_t now, uint32_t request);
/* A connection came to a listener that OPEN asked for. False: it is not wanted, the caller closes
 * it. */
bool rill_ice_accepted(struct rill_ice *x, int64_t now, uint32_t listener, uint32_t socket,
                       const struct rill_addr *remote);
/* A stream, to a TURN server or the peer, ended or broke; its socket is closed already. */
void rill_ice_stream_closed(struct rill_ice *x, int64_t now, uint32_t socket);

/* Inputs from signaling. */
/* lite: the peer's a=ice-lite. Errors: RILL_ICE_CREDENTIALS (RFC 8839 §5.4 lengths). */
int rill_ice_set_remote_credentials(struct rill_ice *x, int64_t now, struct rill_view ufrag,
                                    struct rill_view pwd, bool lite);
/* 0 added or known already; 1 passed over without harm (a name that is not of the
 * mDNS draft's form, TCP that is not asked for or
 * active, which comes itself, another component, an unknown type, a ufrag of another generation); <
 * 0 a malformed line or no room left. */
int rill_ice_add_remote_candidate(struct rill_ice *x, int64_t now, struct rill_view line,
                                  struct rill_err *why);
void rill_ice_end_of_candidates(struct rill_ice *x, int64_t now);
/* The answer to RESOLVE: the addresses of the name; n 0: nobody answers for it. More than one is as
 * none (the mDNS draft §3.2.2). Without this answer the agent does not give up. */
void rill_ice_resolved(struct rill_ice *x, int64_t now, struct rill_view name,
                       const struct rill_addr *addrs, size_t n);

/* RFC 8445 §9: another session under these credentials of ours (8 and 24 characters, RFC 8839
 * §5.4); the peer's are to be set anew. Roles stay (§6.1.1). Sockets and host candidates stay and
 * are told again by CANDIDATE events, servers are asked again. The pair in use carries the data
 * until the new session has selected one; then requests under the old credentials are refused.
 * Works from FAILED too. Errors: RILL_ICE_OVER (closed), RILL_ICE_CREDENTIALS. */
int rill_ice_restart(struct rill_ice *x, int64_t now, struct rill_view ufrag, struct rill_view pwd);
/* The restart was offered and taken back: credentials and the pair in use are what they were. */
void rill_ice_restart_undo(struct rill_ice *x, int64_t now);

/* A datagram that rill_stun_is() accepts. 1: the agent took it; 0: it was dropped, with
 * the reason traced and in why. Never fails the session (THREATS). */
int rill_ice_input(struct rill_ice *x, int64_t now, const struct rill_path *path,
                   struct rill_view datagram, struct rill_err *why);
/* The same of one that came at `arrived` and is read now: round trips are counted until then. */
int rill_ice_input_at(struct rill_ice *x, int64_t now, int64_t arrived,
                      const struct rill_path *path, struct rill_view datagram,
                      struct rill_err *why);
/* RFC 8445 §7.2.5.2.2: the port layer had an ICMP error for that path. A pair still being
 * checked fails; a valid one is judged by consent alone, since anyone can forge ICMP. */
void rill_ice_unreachable(struct rill_ice *x, int64_t now, const struct rill_path *path);
void rill_ice_tick(struct rill_ice *x, int64_t now);
/* Bytes of one datagram in out for *path, or 0 when nothing is to be sent now. 700 bytes hold
 * the largest; one that does not fit counts as lost on the way. */
size_t rill_ice_output(struct rill_ice *x, int64_t now, struct rill_path *path,
                       struct rill_span out);
int64_t rill_ice_deadline(const struct rill_ice *x);

/* W3C RTCIceTransportState. */
enum rill_ice_state {
    RILL_ICE_NEW,
    RILL_ICE_CHECKING,
    RILL_ICE_CONNECTED,
    RILL_ICE_COMPLETED,
    RILL_ICE_DISCONNECTED,
    RILL_ICE_FAILED,
    RILL_ICE_CLOSED,
};

enum rill_ice_event_type {
    RILL_ICE_EVENT_OPEN,           /* answer with .request: UDP: bind a socket to .addr (port 0);
                                      TCP, TLS: a stream to .addr, TURN server number .turn, whose
                                      certificate is of .domain when that is not empty; TCP_PASSIVE,
                                      TCP_SO: a listener at .addr; TCP_ACTIVE: a connection from
                                      .addr, whose port a TCP_SO listener has when it is not 0, to
                                      .to */
    RILL_ICE_EVENT_CLOSE,          /* the socket .socket is no longer needed */
    RILL_ICE_EVENT_CANDIDATE,      /* .cand gathered, for the peer */
    RILL_ICE_EVENT_REGISTER,       /* .cand->name is .cand->addr from now on, by multicast DNS */
    RILL_ICE_EVENT_RESOLVE,        /* the peer's .cand->name is asked for; answer with resolved */
    RILL_ICE_EVENT_GATHERING_DONE, /* RFC 8838 §13: end-of-candidates */
    RILL_ICE_EVENT_STATE,          /* .state */
    RILL_ICE_EVENT_VALID,          /* first valid pair: .path; DTLS may start (DESIGN §6.6) */
    RILL_ICE_EVENT_SELECTED,       /* .path is what data is sent on from now */
};

struct rill_ice_event {
    enum rill_ice_event_type type;
    uint32_t request;
    uint32_t socket;
    enum rill_proto proto;
    size_t turn;
    struct rill_view domain;
    struct rill_addr addr, to;
    const struct rill_ice_cand *cand;
    enum rill_ice_state state;
    struct rill_path path;
};

/* false when there is none. */
bool rill_ice_event(struct rill_ice *x, struct rill_ice_event *out);

enum rill_ice_state rill_ice_state(const struct rill_ice *x);
const char *rill_ice_state_name(enum rill_ice_state state);

/* Where data goes now: the selected pair, before nomination the best valid one (RFC 8445
 * §12.1). False when there is none or consent has run out (RFC 7675 §5.1). */
bool rill_ice_send_path(const struct rill_ice *x, struct rill_path *out);
/* True when an authenticated Binding request from path has been answered, or path is that
 * of a valid pair: the only sources DTLS and media are read from. */
bool rill_ice_is_validated(const struct rill_ice *x, const struct rill_path *path);

/* Our end of the path as the socket has it: the base, or that of the stream. NULL when it is not
 * known: of a stream to a TURN server, or of no socket of ours. */
const struct rill_addr *rill_ice_path_local(const struct rill_ice *x, const struct rill_path *path);

/* Relayed and framed paths. A datagram for a path of RILL_PROTO_RELAY or _FRAMED, as
 * rill_ice_send_path() may give, goes through rill_ice_wrap() first: in place, the path becomes the
 * one to the TURN server, or over the connection. Bytes of the result; 0: it is lost (no
 * permission, no connection, or less than RILL_ICE_WRAP_MAX of room). */
#define RILL_ICE_WRAP_MAX 52
size_t rill_ice_wrap(struct rill_ice *x, int64_t now, struct rill_path *path, struct rill_span out,
                     size_t n);
/* True when what comes on this path is for rill_ice_unwrap(): from one of the TURN servers, or over
 * a connection of ICE-TCP. */
bool rill_ice_is_wrapped(const struct rill_ice *x, const struct rill_path *path);
/* Takes such bytes (rill_turn_input()'s shape): returns how many, at least one. inner->n > 0: a
 * datagram that was in them, with its path; it lives until the next call. */
size_t rill_ice_unwrap(struct rill_ice *x, int64_t now, const struct rill_path *path,
                       struct rill_span bytes, struct rill_path *inner_path,
                       struct rill_span *inner);

/* A socket that the agent asked for has this id. */
bool rill_ice_has_socket(const struct rill_ice *x, uint32_t socket);

/* What the summary of a call shows; false before a pair is valid. When closed, the last one. */
struct rill_ice_pair_info {
    struct rill_ice_cand local;
    struct rill_ice_cand remote;
    int64_t rtt; /* latest, µs; -1 when not measured */
    bool nominated;
    uint32_t requests_sent, responses_received, requests_received, responses_sent;
};
bool rill_ice_pair_info(const struct rill_ice *x, struct rill_ice_pair_info *out);

/* Stops everything: state closed, CLOSE events for the sockets. */
void rill_ice_close(struct rill_ice *x, int64_t now);

#endif
