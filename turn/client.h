/* turn/client: a TURN client: one allocation on one server (RFC 8656).
 *
 *   new ──start──▶ opening ──opened──▶ allocating ──success──▶ allocated ──close──▶ closed
 *                   ▲  ▲                  │  401, 438: again with what the server said
 *                   │  └──300, 437────────┤
 *                   └──the allocation is lost: another one──── allocated
 *                                         └──all else──▶ failed
 *
 * The idea: the machine asks for a socket by an event (OPEN: a UDP socket, or a stream to the
 * server; TLS is the caller's business) and sees bytes alone. A relayed address is then as good
 * as a socket of one's own: wrap() makes what is to go out of it, input() gives what came to it.
 * Permissions and channels are asked for by peer and kept alive until the end.
 *
 * Deviation: permissions and channels that were asked for are refreshed as long as the
 * allocation lives; a full table gives up the one used longest ago.
 */
#ifndef RILL_TURN_CLIENT_H
#define RILL_TURN_CLIENT_H

#include "base/addr.h"
#include "base/clock.h"
#include "base/rng.h"
#include "base/trace.h"
#include "turn/errors.h"

struct rill_turn;

/* Caps of 0 take the default in brackets. */
struct rill_turn_config {
    struct rill_addr server;
    enum rill_proto proto;               /* UDP, TCP; TLS: streams whose plaintext comes here */
    struct rill_view username, password; /* OpaqueString (stun/longterm.h); copied */
    enum rill_family family;             /* of the relayed address [IPv4] */
    bool both;    /* one allocation with an address of each family, if the server can */
    size_t peers; /* permissions, and channels [64] */
    struct rill_rng rng;
    const struct rill_trace *trace;
};

/* Room that wrap() needs behind the data: a Send indication to IPv6 and its padding. */
#define RILL_TURN_WRAP_MAX 52

size_t rill_turn_size(const struct rill_turn_config *config);
/* block has rill_turn_size() bytes, any alignment. */
struct rill_turn *rill_turn_init(void *block, const struct rill_turn_config *config);
/* Wipes key and password; the block is the caller's again. A close wipes them too, when its last
 * words are out. */
void rill_turn_free(struct rill_turn *x);

/* The server's address, when it was not known at init (family NONE there). Before start. */
void rill_turn_set_server(struct rill_turn *x, const struct rill_addr *server);
/* Asks for an allocation; after FAILED again, yet not before the time RFC 8656 §7.4 sets (one
 * minute after 486 and 508, two after 437), when it does nothing. True when it asks. */
bool rill_turn_start(struct rill_turn *x, int64_t now);
/* The answers to OPEN; `closed` when a stream ended or broke later. */
void rill_turn_opened(struct rill_turn *x, int64_t now, uint32_t socket);
void rill_turn_open_failed(struct rill_turn *x, int64_t now);
void rill_turn_closed(struct rill_turn *x, int64_t now);

/* What a peer sent to the relayed address of its family. */
struct rill_turn_data {
    struct rill_addr peer;
    struct rill_span bytes; /* writable, on a 4-byte boundary when the datagram is on one */
};
/* A datagram from the server, or bytes of its stream. Returns how many were taken: at least one,
 * all of a datagram. Gives at most one message: out->bytes.n is 0 when it was not data. Call
 * again with the rest. bytes and what is in the machine back out->bytes until the next call.
 * why (may be NULL) tells what was dropped: a row of turn or stun. */
size_t rill_turn_input(struct rill_turn *x, int64_t now, struct rill_span bytes,
                       struct rill_turn_data *out, struct rill_err *why);
/* ICMP says that nobody listens there: a guess, so the server is only asked anew. */
void rill_turn_unreachable(struct rill_turn *x, int64_t now);
/* The caller doubts that the allocation is still there: a Refresh goes out now. */
void rill_turn_probe(struct rill_turn *x, int64_t now);
/* Whether an answer is awaited on which the allocation depends. */
bool rill_turn_is_asking(const struct rill_turn *x);

/* Lets this peer's address send to us (RFC 8656 §9); its port does not matter. Errors:
 * RILL_TURN_NO_PERMISSION for a family that was not allocated. */
int rill_turn_permit(struct rill_turn *x, int64_t now, const struct rill_addr *peer);
enum rill_turn_permission {
    RILL_TURN_NONE,
    RILL_TURN_ASKED,
    RILL_TURN_GRANTED,
    RILL_TURN_FORBIDDEN,
};
enum rill_turn_permission rill_turn_permission(const struct rill_turn *x,
                                               const struct rill_addr *peer);
/* A channel to this peer: 4 bytes of overhead in place of 36 and more (RFC 8656 §12). */
void rill_turn_bind(struct rill_turn *x, int64_t now, const struct rill_addr *peer);

/* Makes the n bytes at out.p, in place, what the server relays to `peer`: ChannelData once a
 * channel is bound, else a Send indication. Bytes of the result; 0 when there is no permission
 * or no room (RILL_TURN_WRAP_MAX behind the data is enough): the datagram is lost. */
size_t rill_turn_wrap(struct rill_turn *x, int64_t now, const struct rill_addr *peer,
                      struct rill_span out, size_t n);

void rill_turn_tick(struct rill_turn *x, int64_t now);
/* Bytes for the server in out (1200 hold any), for *path; 0: nothing now. */
size_t rill_turn_output(struct rill_turn *x, int64_t now, struct rill_path *path,
                        struct rill_span out);
int64_t rill_turn_deadline(const struct rill_turn *x);

enum rill_turn_event_type {
    RILL_TURN_EVENT_OPEN,  /* open .proto to .server; .domain: the name its certificate has, when
                              another than the one configured */
    RILL_TURN_EVENT_CLOSE, /* .socket is no longer needed */
    RILL_TURN_EVENT_ALLOCATED, /* see rill_turn_info() */
    RILL_TURN_EVENT_LOST,      /* the relayed address is gone; another one is asked for */
    RILL_TURN_EVENT_FAILED,    /* .why: a row of turn or stun */
};

struct rill_turn_event {
    enum rill_turn_event_type type;
    enum rill_proto proto;
    struct rill_addr server;
    struct rill_view domain;
    uint32_t socket;
    struct rill_err why;
};
/* false when there is none. */
bool rill_turn_event(struct rill_turn *x, struct rill_turn_event *out);

struct rill_turn_info {
    bool allocated;
    struct rill_addr server;     /* the one in use: 300 may have changed it */
    struct rill_addr mapped;     /* how the server sees us */
    struct rill_addr relayed[2]; /* family NONE where there is none; IPv4 first */
    uint32_t lifetime_s;         /* as granted last */
    uint32_t channels, permissions;
    bool socket_open;
    uint32_t socket;
};
void rill_turn_info(const struct rill_turn *x, struct rill_turn_info *out);

/* Deletes the allocation (a Refresh with lifetime 0, sent once) and gives the socket back. */
void rill_turn_close(struct rill_turn *x, int64_t now);

#endif
