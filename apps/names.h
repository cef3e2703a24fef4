/* names: the servers that a command line names, from their names to addresses, while the loop
 * runs: a name that takes long, or has no address, holds up nothing else.
 *
 * The idea: a list of what is asked, in the order it was asked for; whoever runs the loop takes
 * what is settled. STUN and TURN servers are asked for by SRV too, unless the URI has a port. */
#ifndef RILL_APPS_NAMES_H
#define RILL_APPS_NAMES_H

#include "apps/turn_streams.h"
#include "reactor/resolver.h"

enum rill_name_kind {
    RILL_NAME_SIGNALING,
    RILL_NAME_STUN,
    RILL_NAME_TURN,
};

struct rill_name {
    enum rill_name_kind kind;
    size_t turn;    /* of TURN: its number among rill_turn_streams */
    char text[256]; /* the host */
    bool settled, taken;
    size_t n;
    struct rill_addr addrs[RILL_RESOLVER_ADDRESSES];
    const char *reason; /* there is no address, for this reason; else NULL */
};

struct rill_names {
    struct rill_resolver *resolver;
    size_t n;
    struct rill_name list[2 * RILL_ICE_SERVERS_MAX + 1];
};

/* False when memory is out. */
bool rill_names_open(struct rill_names *x, struct rill_reactor *r);
void rill_names_free(struct rill_names *x);

/* Each asks; the sentence says what is wrong with the text, NULL when nothing is. */
const char *rill_names_stun(struct rill_names *x, const char *url);
const char *rill_names_turn(struct rill_names *x, struct rill_turn_streams *t, const char *url);
const char *rill_names_signaling(struct rill_names *x, const char *host, uint16_t port);

bool rill_names_event(struct rill_names *x, const struct rill_reactor_event *e);
void rill_names_tick(struct rill_names *x, int64_t now);
int64_t rill_names_deadline(const struct rill_names *x, int64_t now);

/* The next name that is settled and was not taken, of signaling or, servers, of the others; NULL
 * when there is none. Lives as long as x. */
const struct rill_name *rill_names_take(struct rill_names *x, bool servers);
/* Names of STUN and TURN servers that are not taken yet. */
bool rill_names_await_servers(const struct rill_names *x);

/* Which of a STUN server's addresses are asked: two of a family at most, so that the second server
 * of a name is there when the first is dead, and a name with many is not asked many times. */
size_t rill_names_choose_stun(const struct rill_name *n, struct rill_addr *out, size_t cap);

#endif
