/* reactor: the port layer: the only place that knows sockets, clocks and entropy.
 *
 * The idea: about ten functions. A porter replaces this folder and nothing else. The POSIX
 * one is built on poll(); every socket is non-blocking and has a small id.
 */
#ifndef RILL_REACTOR_REACTOR_H
#define RILL_REACTOR_REACTOR_H

#include "base/addr.h"
#include "base/clock.h"
#include "base/rng.h"
#include "reactor/errors.h"

struct rill_reactor;

/* Ids begin with 1. An id is never given again soon: one that was closed is stale, and every
 * call with it does nothing. */
#define RILL_REACTOR_NO_SOCKET 0

/* sockets: the most at once, up to 65535. The reactor allocates; NULL when memory or
 * descriptors are out. */
struct rill_reactor *rill_reactor_new(size_t sockets);
void rill_reactor_free(struct rill_reactor *r);
/* Which of its `sockets` an id stands for, 0 … sockets - 1: no other open socket has this number,
 * a later one may have it again. For tables. */
size_t rill_reactor_number(uint32_t socket);

/* Each gives a socket id and, in *local, the address really bound (port 0 asks for a free
 * one). IPv6 sockets carry IPv6 alone. Errors: RILL_REACTOR_BIND (udp), _LISTEN, _CONNECT with
 * errno as value, _TOO_MANY. A connection refused later shows as CLOSED. */
int rill_reactor_udp(struct rill_reactor *r, const struct rill_addr *bind, uint32_t *socket,
                     struct rill_addr *local, struct rill_err *why);
/* A socket for a multicast group, whose address has the interface's index as scope (of IPv4 too):
 * what is sent to the group leaves there. member: it is in the group and bound to its port, which
 * it shares with others, and hears the group alone; else it has a port of its own. TTL 255 (RFC
 * 6762 §11). Errors: as udp. */
int rill_reactor_udp_group(struct rill_reactor *r, const struct rill_addr *group, bool member,
                           uint32_t *socket, struct rill_err *why);
int rill_reactor_tcp_listen(struct rill_reactor *r, const struct rill_addr *bind, uint32_t *socket,
                            struct rill_addr *local, struct rill_err *why);
int rill_reactor_tcp_connect(struct rill_reactor *r, const struct rill_addr *to, uint32_t *socket,
                             struct rill_err *why);
/* The same for media, which must be soon or not at all: of what was written the kernel keeps little
 * unsent. A listener that shares its port lets connections leave from it, by `from` of connect,
 * whose port may be 0. */
int rill_reactor_live_listen(struct rill_reactor *r, const struct rill_addr *bind, bool shares,
                             uint32_t *socket, struct rill_addr *local, struct rill_err *why);
int rill_reactor_live_connect(struct rill_reactor *r, const struct rill_addr *from,
                              const struct rill_addr *to, uint32_t *socket, struct rill_err *why);
void rill_reactor_close(struct rill_reactor *r, uint32_t socket);

/* A descriptor of another's (a device, a directory that is watched): READY tells, once a wait,
 * that it has what poll() calls by `events`, 0: that it can be read. It stays its owner's, who must
 * close the id before the descriptor. Errors: RILL_REACTOR_TOO_MANY. */
int rill_reactor_watch(struct rill_reactor *r, int fd, short events, uint32_t *socket,
                       struct rill_err *why);

/* A datagram. Never blocks; what the kernel has no room for, or does not let out, is lost, as on
 * any network: then false. */
bool rill_reactor_send(struct rill_reactor *r, const struct rill_path *path,
                       struct rill_view datagram);
/* Bytes of a stream taken now (0 … n); the rest is asked for again by WRITABLE. Errors:
 * RILL_REACTOR_BROKEN; CLOSED follows unless the socket is closed first. */
long rill_reactor_write(struct rill_reactor *r, uint32_t socket, struct rill_view bytes);

enum rill_reactor_event_type {
    RILL_REACTOR_NOTHING,
    RILL_REACTOR_DATAGRAM,    /* .path, .bytes */
    RILL_REACTOR_UNREACHABLE, /* .path: ICMP said that nobody listens there */
    RILL_REACTOR_ACCEPTED,    /* .socket the new one, .listener, .path.remote */
    RILL_REACTOR_CONNECTED,   /* .socket */
    RILL_REACTOR_READ,        /* .socket, .bytes */
    RILL_REACTOR_WRITABLE,    /* .socket: a write that was cut short may go on */
    RILL_REACTOR_CLOSED,      /* .socket: by the other side or broken; already closed here */
    RILL_REACTOR_READY,       /* .socket: of rill_reactor_watch() */
    RILL_REACTOR_WOKEN,       /* a signal or rill_reactor_wake() */
};

struct rill_reactor_event {
    enum rill_reactor_event_type type;
    uint32_t socket, listener;
    struct rill_path path;
    struct rill_span bytes; /* writable, on an 8-byte boundary, until the next call */
    int64_t at; /* of DATAGRAM and READ, monotonic µs: when it came to this machine, as far as the
                   system knows; else when it was read */
};

/* The next event, waiting until `deadline` (monotonic µs; RILL_NEVER: for ever, a past time:
 * not at all). NOTHING when the deadline came. */
void rill_reactor_next(struct rill_reactor *r, int64_t deadline, struct rill_reactor_event *out);
/* From a signal handler or another thread. */
void rill_reactor_wake(struct rill_reactor *r);

/* posix.c */
int64_t rill_posix_now(void);  /* monotonic, µs */
int64_t rill_posix_wall(void); /* since 1970, µs */
struct rill_rng rill_posix_rng(void);
/* This machine's addresses, up and running, port 0; returns how many were put into out. */
size_t rill_posix_interfaces(struct rill_addr *out, size_t cap);
/* The same with the interface's index, which multicast needs, and whether it can do that. */
struct rill_interface {
    struct rill_addr addr;
    uint32_t index;
    bool multicast;
};
size_t rill_posix_links(struct rill_interface *out, size_t cap);
/* The address that the routes choose for datagrams to `to`; nothing is sent. False: no route. */
bool rill_posix_source(const struct rill_addr *to, struct rill_addr *out);
/* interfaces.c: a descriptor for rill_reactor_watch(), -1 when there is none: READY says that
 * addresses or interfaces may have come or gone. changed reads what it has to say: false when that
 * was nothing. */
int rill_posix_interface_watch(void);
bool rill_posix_interface_changed(int fd);
void rill_posix_interface_forget(int fd);
/* Names to addresses by the system's resolver; blocks, so apps ask before the loop begins.
 * Errors: RILL_REACTOR_RESOLVE. Returns how many. */
int rill_posix_resolve(const char *name, uint16_t port, struct rill_addr *out, size_t cap,
                       struct rill_err *why);

#endif
