/* stun/nat: what the NAT in between does, by asking a server with two addresses (RFC 5780 §4), in
 * the terms of RFC 4787.
 *
 * The idea: a test is a STUN transaction; which one comes next follows from what the others told.
 * Mapping, filtering and hairpinning each have a socket of their own, since what was sent from one
 * changes what its NAT lets in; mapping goes to the other address only when filtering is done. A
 * new transaction begins every 100 ms (§5: no more than ten a second).
 *
 *   socket 0  mapping I ─▶ II (other address) ─▶ III (other address and port);  fragments
 *   socket 1  filtering I ─▶ II (answer from elsewhere) ─▶ III (from another port)
 *   socket 2  hairpin I ─▶ a request to our own mapped address
 *   socket 3  lifetime: a binding, then silence, then the question to it from socket 2
 *
 * The machine sees no sockets: the caller opens RILL_NAT_SOCKETS of them on ports that have not
 * been used lately (§4.1); a path's `socket` is their number here.
 */
#ifndef RILL_STUN_NAT_H
#define RILL_STUN_NAT_H

#include "base/clock.h"
#include "base/rng.h"
#include "base/trace.h"
#include "stun/msg.h"

#define RILL_NAT_SOCKETS 4
#define RILL_NAT_DATAGRAM_MAX 1600 /* rill_nat_output() and what it wants to hear */

struct rill_nat;

struct rill_nat_config {
    struct rill_addr server;                  /* its primary address and port */
    struct rill_addr local[RILL_NAT_SOCKETS]; /* what the sockets are bound to */
    const struct rill_addr *addresses;        /* this machine's; copied are none: outlives init */
    size_t n_addresses;
    bool fragments;       /* try datagrams longer than the MTU */
    int64_t lifetime_max; /* µs: how long a binding is watched at most; 0: not at all */
    struct rill_rng rng;
    const struct rill_trace *trace;
};

size_t rill_nat_size(void);
/* block has rill_nat_size() bytes, any alignment. */
struct rill_nat *rill_nat_init(void *block, int64_t now, const struct rill_nat_config *config);

/* Returns 1 when it was an answer, or the question come back. */
int rill_nat_input(struct rill_nat *x, int64_t now, const struct rill_path *path,
                   struct rill_view datagram);
/* ICMP: nobody listens there. */
void rill_nat_unreachable(struct rill_nat *x, int64_t now, const struct rill_path *path);
void rill_nat_tick(struct rill_nat *x, int64_t now);
size_t rill_nat_output(struct rill_nat *x, int64_t now, struct rill_path *path,
                       struct rill_span out);
int64_t rill_nat_deadline(const struct rill_nat *x);
bool rill_nat_is_done(const struct rill_nat *x);

/* RFC 4787 §4.1, §5. */
enum rill_nat_behavior {
    RILL_NAT_UNKNOWN,
    RILL_NAT_ENDPOINT_INDEPENDENT,
    RILL_NAT_ADDRESS_DEPENDENT,
    RILL_NAT_ADDRESS_AND_PORT_DEPENDENT,
};

enum rill_nat_fact {
    RILL_NAT_UNTOLD,
    RILL_NAT_YES,
    RILL_NAT_NO,
};

struct rill_nat_result {
    bool answered;                      /* UDP gets to the server and back (§4.2) */
    unsigned error;                     /* it answered with this error */
    struct rill_addr mapped;            /* of socket 0 */
    struct rill_addr origin;            /* RESPONSE-ORIGIN; family NONE: none */
    struct rill_addr other;             /* OTHER-ADDRESS; family NONE: the server has one address */
    enum rill_nat_fact natted;          /* is there a NAT at all? */
    enum rill_nat_fact origin_is_right; /* NO: the server is behind a NAT itself (§7.3) */
    enum rill_nat_behavior mapping, filtering;
    enum rill_nat_fact hairpin;          /* RFC 4787 §6 */
    enum rill_nat_fact hairpin_external; /* its source was the mapped address, as REQ-9 wants */
    enum rill_nat_fact ports_kept;       /* port preservation (RFC 4787 §4.2.1) */
    enum rill_nat_fact paired;    /* one external address for all sockets (§4.1, "Paired") */
    enum rill_nat_fact fragments; /* they pass, both ways (§10) */
    /* A binding that nothing goes out of lives at least so long, and not so long; µs. 0: not
     * known, RILL_NEVER: longer than was watched (RFC 4787 §4.3). */
    int64_t lifetime_least, lifetime_most;
    bool lifetime_refused; /* the server knows no RESPONSE-PORT */
    int64_t rtt;           /* µs, -1 */
};
void rill_nat_result(const struct rill_nat *x, struct rill_nat_result *out);

/* "endpoint-independent", …, "unknown"; "yes", "no", "unknown". */
const char *rill_nat_behavior_name(enum rill_nat_behavior b);
const char *rill_nat_fact_name(enum rill_nat_fact f);

/* What it means for calls: a sentence at a time, begin with *at 0; NULL at the end. */
const char *rill_nat_sentence(const struct rill_nat_result *r, size_t *at);

#endif
