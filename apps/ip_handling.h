/* ip_handling: which of this machine's addresses take part (RFC 8828 §5.2). */
#ifndef RILL_APPS_IP_HANDLING_H
#define RILL_APPS_IP_HANDLING_H

#include "reactor/reactor.h"

enum rill_ip_handling {
    RILL_IP_ALL,               /* mode 1: enumerate all addresses */
    RILL_IP_DEFAULT_AND_LOCAL, /* mode 2: default route + associated local addresses */
    RILL_IP_DEFAULT,           /* mode 3: default route only */
    RILL_IP_PROXY,             /* mode 4: force proxy */
};

/* What --help says of it; each line begins with 20 spaces but the first. */
#define RILL_IP_HANDLING_HELP                                                                      \
    "  --ip-handling M   RFC 8828: all (every address), default-and-local (the default route's\n"  \
    "                    and its local address), default (that is used but not told: the other\n"  \
    "                    side hears what STUN and TURN servers see), proxy (as default, and not\n" \
    "                    where a proxy is set: rill speaks through none) [all]\n"                  \
    "  --mdns            tell names of multicast DNS in place of our addresses, which then only\n" \
    "                    the local network can ask for; off unless asked for"

/* NULL, or what is wrong with the word. */
const char *rill_ip_handling_read(const char *word, enum rill_ip_handling *out);

/* Modes 3 and 4 tell no host address (ice/agent.h: WITHHELD). */
static inline bool rill_ip_handling_withholds(enum rill_ip_handling h)
{
    return h >= RILL_IP_DEFAULT;
}

/* The addresses, port 0; how many. Modes 2 to 4: of each family the one that the routes choose
 * toward the server, the first of `toward` of that family (RFC 8828 §6.2), or toward the Internet
 * when it has none or is this machine. */
size_t rill_ip_handling_addresses(enum rill_ip_handling h, const struct rill_addr *toward,
                                  size_t n_toward, struct rill_addr *out, size_t cap);

#endif
