/* turn/client_private: what the files of the client share.
 *
 *   client.c      the verbs, input, output, events
 *   request.c     the requests: built, sent again, given up; their responses found
 *   allocation.c  the life of the allocation
 *   peers.c       permissions and channels
 *   data.c        what is relayed
 *
 * The idea: whatever is asked of the server belongs to a thing (the allocation, a permission, a
 * channel), and each thing has one request under way at most. */
#ifndef RILL_TURN_CLIENT_PRIVATE_H
#define RILL_TURN_CLIENT_PRIVATE_H

#include "base/limits.h"
#include "stun/longterm.h"
#include "stun/txn.h"
#include "turn/channel.h"
#include "turn/client.h"

#define RILL_TURN_RC 5 /* see request.c */
#define RILL_TURN_RM 4
#define RILL_TURN_TI (39500 * RILL_MS)           /* RFC 8489 §6.2.2 */
#define RILL_TURN_PERMISSION (300 * RILL_SECOND) /* RFC 8656 §9 */
#define RILL_TURN_CHANNEL (600 * RILL_SECOND)    /* RFC 8656 §12 */
#define RILL_TURN_EARLY (60 * RILL_SECOND)       /* RFC 8656 §8: "roughly 1 minute before" */
#define RILL_TURN_LIFETIME_MAX 86400
#define RILL_TURN_OPENING (10 * RILL_SECOND) /* how long a stream may take to stand */
#define RILL_TURN_SERVERS 4                  /* redirected to: at most so often less one */
#define RILL_TURN_DOMAIN_MAX 255
#define RILL_TURN_MESSAGE_MAX (RILL_DATAGRAM_IN_MAX + 64)

enum rill_turn_request_state { RILL_TURN_IDLE, RILL_TURN_QUEUED, RILL_TURN_WAITING };

struct rill_turn_request {
    enum rill_turn_request_state state;
    bool sealed; /* it carried credentials */
    unsigned challenged;
    struct rill_stun_txn txn;
    uint8_t txid[RILL_STUN_TXID];
};

struct rill_turn_permit {
    bool used, granted, forbidden;
    struct rill_addr addr; /* port 0 */
    int64_t refresh_at, used_at;
    struct rill_turn_request request;
};

struct rill_turn_channel {
    bool used, bound, refused;
    struct rill_addr peer;
    uint16_t number;
    int64_t refresh_at, used_at;
    struct rill_turn_request request;
};

enum rill_turn_state {
    RILL_TURN_NEW,
    RILL_TURN_OPENING_SOCKET,
    RILL_TURN_ALLOCATING,
    RILL_TURN_ALLOCATED,
    RILL_TURN_FAILED_STATE,
    RILL_TURN_CLOSED_STATE,
};

struct rill_turn {
    struct rill_turn_config config; /* username and password are copies in the block */
    int64_t now;
    enum rill_turn_state state;
    struct rill_stun_longterm credentials;
    struct rill_turn_request main; /* Allocate, Refresh */

    struct rill_addr servers[RILL_TURN_SERVERS]; /* asked so far; the last is in use */
    size_t n_servers;
    char domain[RILL_TURN_DOMAIN_MAX + 1];
    unsigned mismatches; /* 437 in a row */
    unsigned reopened;   /* since the last allocation */
    bool was_allocated;
    int64_t open_at;      /* OPENING: when OPEN is told */
    int64_t give_up_at;   /* of opening */
    int64_t remake_until; /* a lost allocation: how long others are tried for */
    int64_t not_before;   /* RFC 8656 §7.4 */

    bool open, tell_open, tell_allocated, tell_lost, tell_failed, goodbye;
    bool close_pending;
    uint32_t socket, close_socket;
    struct rill_err why;

    struct rill_addr mapped, relayed[2];
    uint32_t lifetime_s;
    int64_t expires_at, refresh_at;

    size_t cap;
    struct rill_turn_permit *permits;
    struct rill_turn_channel *channels;
    uint16_t next_channel;

    uint8_t *in; /* the message of a stream that is coming in */
    size_t n_in, skip;
};

static inline bool rill_turn_is_stream(const struct rill_turn *x)
{
    return x->config.proto != RILL_PROTO_UDP;
}

static inline const struct rill_addr *rill_turn_server(const struct rill_turn *x)
{
    return &x->servers[x->n_servers - 1];
}

static inline int rill_turn_refuse(int code, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_turn_errors, code, 0, value, why);
}

/* request.c */
void rill_turn_ask(struct rill_turn_request *r);
size_t rill_turn_requests_output(struct rill_turn *x, int64_t now, struct rill_span out);
size_t rill_turn_goodbye(struct rill_turn *x, struct rill_span out);
void rill_turn_requests_tick(struct rill_turn *x, int64_t now);
int64_t rill_turn_requests_deadline(const struct rill_turn *x);
void rill_turn_requests_drop(struct rill_turn *x);
int rill_turn_response(struct rill_turn *x, int64_t now, const struct rill_stun_msg *m,
                       struct rill_err *why);

/* allocation.c */
void rill_turn_main_success(struct rill_turn *x, int64_t now, const struct rill_stun_msg *m);
/* code 0: no answer came, or none that holds; the row says which. */
void rill_turn_main_error(struct rill_turn *x, int64_t now, unsigned code,
                          const struct rill_stun_msg *m, const struct rill_err *row);
void rill_turn_fail(struct rill_turn *x, int64_t now, const struct rill_err *why);
/* The allocation is no more: another one is asked for, over another socket. */
void rill_turn_lose(struct rill_turn *x, int64_t now);
void rill_turn_reopen(struct rill_turn *x, int64_t now, int64_t after);
void rill_turn_allocation_tick(struct rill_turn *x, int64_t now);
int64_t rill_turn_allocation_deadline(const struct rill_turn *x);
bool rill_turn_has_family(const struct rill_turn *x, uint8_t family);

/* peers.c */
struct rill_turn_permit *rill_turn_permit_of(const struct rill_turn *x,
                                             const struct rill_addr *peer);
struct rill_turn_channel *rill_turn_channel_of(const struct rill_turn *x,
                                               const struct rill_addr *peer);
void rill_turn_permit_answered(struct rill_turn *x, int64_t now, struct rill_turn_permit *p,
                               unsigned code);
void rill_turn_channel_answered(struct rill_turn *x, int64_t now, struct rill_turn_channel *c,
                                unsigned code);
/* A new allocation knows neither. */
void rill_turn_peers_renew(struct rill_turn *x);
void rill_turn_peers_tick(struct rill_turn *x, int64_t now);
int64_t rill_turn_peers_deadline(const struct rill_turn *x);

/* data.c */
int rill_turn_channel_data(struct rill_turn *x, int64_t now, struct rill_span message,
                           struct rill_turn_data *out, struct rill_err *why);
int rill_turn_data_indication(struct rill_turn *x, int64_t now, const struct rill_stun_msg *m,
                              struct rill_span message, struct rill_turn_data *out,
                              struct rill_err *why);

#endif
