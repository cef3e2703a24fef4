/* local_names: the port of multicast DNS: the machine of mdns/, its sockets, and this machine's
 * interfaces.
 *
 * The idea: nothing is opened before the first name is asked for or registered; from then on the
 * loop gives it events, runs it, and takes what was resolved. */
#ifndef RILL_APPS_LOCAL_NAMES_H
#define RILL_APPS_LOCAL_NAMES_H

#include "mdns/mdns.h"
#include "reactor/reactor.h"

#define RILL_LOCAL_NAMES_SOCKETS 32
#define RILL_LOCAL_NAMES_LINKS 64

/* The first members are the owner's to fill. */
struct rill_local_names {
    struct rill_reactor *reactor;
    const struct rill_trace *trace;

    struct rill_mdns *mdns; /* NULL: not needed yet; it begins its block */
    size_t n_links;
    struct rill_interface links[RILL_LOCAL_NAMES_LINKS];
    uint32_t sockets[RILL_LOCAL_NAMES_SOCKETS];
    size_t n_sockets;
    size_t n_resolved;
    struct rill_mdns_event resolved[8]; /* not taken yet */
};

void rill_local_names_resolve(struct rill_local_names *x, int64_t now, struct rill_view name);
/* addr: one of this machine's. */
void rill_local_names_register(struct rill_local_names *x, int64_t now, struct rill_view name,
                               const struct rill_addr *addr);
/* This machine's addresses are others than before. */
void rill_local_names_interfaces(struct rill_local_names *x, int64_t now);
/* False when the event is not for it. */
bool rill_local_names_event(struct rill_local_names *x, int64_t now,
                            const struct rill_reactor_event *e);
/* Time, sockets and datagrams. */
void rill_local_names_run(struct rill_local_names *x, int64_t now);
int64_t rill_local_names_deadline(const struct rill_local_names *x);
/* A name that was asked for: .name, .n, .addrs. */
bool rill_local_names_take(struct rill_local_names *x, struct rill_mdns_event *out);
/* With goodbyes. */
void rill_local_names_free(struct rill_local_names *x);

#endif
