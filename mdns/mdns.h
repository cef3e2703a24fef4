/* mdns: names below .local, asked for and answered (RFC 6762), as ICE needs them
 * (draft-ietf-mmusic-mdns-ice-candidates): an address of ours hides behind a random name, and a
 * peer's random name becomes an address.
 *
 * The idea: a small machine without sockets. A link is an interface and a family; for each it asks
 * for two sockets by JOIN: one in the group, at port 5353, that hears everybody, and one with a
 * port of its own, to which answers to its questions come even where somebody else holds 5353.
 * Names are random, so nobody else has them: they are announced, never probed for (draft §3.1.1,
 * RFC 6762 §8.1), and what others say of them is not heard.
 *
 * The order of a life: init → link_up … → JOIN events → joined; register, resolve at any time →
 * RESOLVED events; close, and outputs until there is none: goodbyes (RFC 6762 §10.1).
 */
#ifndef RILL_MDNS_MDNS_H
#define RILL_MDNS_MDNS_H

#include "base/addr.h"
#include "base/clock.h"
#include "base/rng.h"
#include "base/trace.h"
#include "mdns/errors.h"

struct rill_mdns;

#define RILL_MDNS_PORT 5353
#define RILL_MDNS_LINKS_MAX 32
#define RILL_MDNS_NAME_TEXT 80 /* "<label of at most 63>.local" and a NUL */
#define RILL_MDNS_ADDRS 4      /* of one answer that are told */
#define RILL_MDNS_SENT_MAX 512 /* the longest message of ours */

/* Caps of 0 take the default in brackets. */
struct rill_mdns_config {
    size_t names;     /* of ours [16] */
    size_t questions; /* at once [32] */
    size_t links;     /* [16], at most RILL_MDNS_LINKS_MAX */
    struct rill_rng rng;
    const struct rill_trace *trace;
};

size_t rill_mdns_size(const struct rill_mdns_config *config);
struct rill_mdns *rill_mdns_init(void *block, const struct rill_mdns_config *config);

/* An interface by its index, for one family. Told twice it is one. Errors: RILL_MDNS_TOO_MANY. */
int rill_mdns_link_up(struct rill_mdns *x, int64_t now, uint32_t interface, enum rill_family f);
/* Its sockets are given back by CLOSE events. */
void rill_mdns_link_down(struct rill_mdns *x, int64_t now, uint32_t interface, enum rill_family f);
/* The answer to JOIN; RILL_MDNS_NO_SOCKET where one is not to be had. */
#define RILL_MDNS_NO_SOCKET 0
void rill_mdns_joined(struct rill_mdns *x, int64_t now, uint32_t request, uint32_t group,
                      uint32_t own);

/* "label.local" is this address of this interface, and is answered for there alone: RFC 6762 §6.2
 * forbids to tell an address on a link where it is not valid. Errors: RILL_MDNS_NAME, _TOO_MANY. */
int rill_mdns_register(struct rill_mdns *x, int64_t now, struct rill_view name,
                       const struct rill_addr *addr, uint32_t interface);
void rill_mdns_unregister(struct rill_mdns *x, int64_t now, struct rill_view name);
/* The address went: all its names say goodbye. */
void rill_mdns_address_down(struct rill_mdns *x, int64_t now, const struct rill_addr *addr);
/* Asks for "label.local", to be told by RESOLVED; asked twice at once it is one question. Errors:
 * RILL_MDNS_NAME, _TOO_MANY. */
int rill_mdns_resolve(struct rill_mdns *x, int64_t now, struct rill_view name);

/* 1 taken, 0 of no interest, < 0 not read, for a reason. Never does harm. */
int rill_mdns_input(struct rill_mdns *x, int64_t now, const struct rill_path *path,
                    struct rill_view datagram, struct rill_err *why);
void rill_mdns_tick(struct rill_mdns *x, int64_t now);
/* RILL_MDNS_SENT_MAX bytes hold any. */
size_t rill_mdns_output(struct rill_mdns *x, int64_t now, struct rill_path *path,
                        struct rill_span out);
int64_t rill_mdns_deadline(const struct rill_mdns *x);

enum rill_mdns_event_type {
    RILL_MDNS_EVENT_JOIN,     /* answer with .request: two sockets that send to the group .addr on
                                 the interface .addr.scope, one in it and bound to its port */
    RILL_MDNS_EVENT_CLOSE,    /* .socket is no longer needed */
    RILL_MDNS_EVENT_RESOLVED, /* .name has .n addresses, .addrs; 0: nobody answered in 7 s */
};

struct rill_mdns_event {
    enum rill_mdns_event_type type;
    uint32_t request, socket;
    struct rill_addr addr;
    char name[RILL_MDNS_NAME_TEXT];
    size_t n;
    struct rill_addr addrs[RILL_MDNS_ADDRS];
};
bool rill_mdns_event(struct rill_mdns *x, struct rill_mdns_event *out);

/* Every name says goodbye with the next outputs; nothing else is done any more. */
void rill_mdns_close(struct rill_mdns *x, int64_t now);

#endif
