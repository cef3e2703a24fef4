/* resolver: names to addresses, without blocking: /etc/hosts, then DNS as /etc/resolv.conf has it.
 *
 * The idea: unicast DNS is not what rill is for, so c-ares does it, fenced in here; what is rill's
 * own is which questions a STUN or TURN URI asks (RFC 8489 §8, RFC 5928 §3) and the order of the
 * servers that SRV names (RFC 2782). The sockets of c-ares are watched by the reactor like any
 * other descriptor, so that a DNS server that never answers costs nobody anything.
 *
 * - rill_resolver_ask, then rill_resolver_answer() until it is there
 * - rill_resolver_event, _tick, _deadline: in the loop of the caller
 */
#ifndef RILL_REACTOR_RESOLVER_H
#define RILL_REACTOR_RESOLVER_H

#include "reactor/reactor.h"

struct rill_resolver;

#define RILL_RESOLVER_ADDRESSES 8
#define RILL_RESOLVER_ASKS 24    /* at once */
#define RILL_RESOLVER_SOCKETS 16 /* of the reactor's, at most */
#define RILL_RESOLVER_NAME_MAX 255

/* The reactor outlives it, and gives it up to RILL_RESOLVER_SOCKETS of its sockets. NULL when
 * memory is out. */
struct rill_resolver *rill_resolver_new(struct rill_reactor *r);
void rill_resolver_free(struct rill_resolver *x);

/* Asks for a name (an address as text will do), to be answered under `tag`, which is the caller's.
 * service: NULL, or what SRV is asked for first, "_stun._udp" (RFC 2782); then `port` is of use
 * only when nothing is there. Errors: RILL_REACTOR_RESOLVE_TOO_MANY, RILL_REACTOR_NAME. */
int rill_resolver_ask(struct rill_resolver *x, uint32_t tag, const char *name, const char *service,
                      uint16_t port, struct rill_err *why);

/* n 0: there is no address, for the reason in words. The first address is the first to be tried
 * (RFC 2782, RFC 6724). */
struct rill_resolver_answer {
    uint32_t tag;
    size_t n;
    struct rill_addr addrs[RILL_RESOLVER_ADDRESSES];
    const char *reason;
};
/* The next answer; false when there is none. Each ask is answered once. */
bool rill_resolver_answer(struct rill_resolver *x, struct rill_resolver_answer *out);
/* Questions that are not answered yet. */
bool rill_resolver_is_asking(const struct rill_resolver *x);

/* True when the event was for it. */
bool rill_resolver_event(struct rill_resolver *x, const struct rill_reactor_event *e);
void rill_resolver_tick(struct rill_resolver *x, int64_t now);
int64_t rill_resolver_deadline(const struct rill_resolver *x, int64_t now);

/* One question and nothing else in the loop, until `deadline`; sockets beside it stay unheard.
 * Returns how many; errors: as ask, RILL_REACTOR_RESOLVE. For commands that begin with a name. */
int rill_resolver_wait(struct rill_reactor *r, const char *name, const char *service, uint16_t port,
                       int64_t deadline, struct rill_addr *out, size_t cap, struct rill_err *why);

/* One record of RFC 2782. */
struct rill_srv {
    uint16_t priority, weight, port;
    char target[RILL_RESOLVER_NAME_MAX + 1];
};
/* The order in which they are to be tried: by priority, among equals at random by weight. */
void rill_srv_order(struct rill_srv *records, size_t n, const struct rill_rng *rng);

#endif
