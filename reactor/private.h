/* reactor/private: what the files of this port share.
 *
 * The idea: a slot a socket. A socket's id is its slot's number and the slot's generation, so
 * that the id of a closed socket fits no slot any more:
 *
 *   | generation (16) | slot + 1 (16) |
 */
#ifndef RILL_REACTOR_PRIVATE_H
#define RILL_REACTOR_PRIVATE_H

#include "base/limits.h"
#include "reactor/arrival.h"
#include "reactor/reactor.h"

#include <poll.h>
#include <sys/socket.h>

#define RILL_REACTOR_BATCH 16    /* datagrams one system call may bring */
#define RILL_REACTOR_CHUNK 16384 /* bytes of a stream one READ may bring */
#define RILL_REACTOR_SOCKETS_MAX 65535

enum rill_reactor_kind {
    RILL_SLOT_FREE,
    RILL_SLOT_UDP,
    RILL_SLOT_LISTENER,
    RILL_SLOT_CONNECTING,
    RILL_SLOT_STREAM,
    RILL_SLOT_WATCHED,
};

struct rill_slot {
    enum rill_reactor_kind kind;
    int fd;
    uint16_t generation;
    bool want_write;  /* a write was cut short: say WRITABLE */
    short events;     /* of WATCHED */
    uint32_t at;      /* its poll entry, or RILL_SLOT_IN_CROWD */
    uint32_t is_next; /* FREE: the slot that is taken after it */
    struct rill_addr remote;
};

#define RILL_SLOT_IN_CROWD UINT32_MAX

/* What one wait found, to be looked at in this order. */
struct rill_found {
    uint32_t slot;
    uint16_t generation; /* of the socket that it was found on */
    short revents;
};
#define RILL_CROWD_BATCH 256 /* streams that one wait may find in the crowd */
/* Poll entries that belong to no slot. */
enum { RILL_POLL_WAKE, RILL_POLL_CROWD, RILL_POLL_SLOTS };

/* Datagrams that one system call brought and that were not handed out yet. */
struct rill_batch {
    size_t n, at;
    struct rill_addr from[RILL_REACTOR_BATCH];
    int64_t arrived[RILL_REACTOR_BATCH];
    size_t size[RILL_REACTOR_BATCH];
    _Alignas(8) uint8_t bytes[RILL_REACTOR_BATCH][RILL_DATAGRAM_IN_MAX];
};

struct rill_reactor {
    size_t cap, n_open;
    struct rill_slot *slots;
    uint32_t free_first, free_last; /* a queue, so that a slot rests before it is taken again */
    struct pollfd *polls;
    uint32_t *poll_slots; /* whose each poll entry is */
    size_t n_polls;
    int crowd; /* -1: there is none, streams have poll entries */
    struct rill_found *found;
    size_t n_found, cursor;
    int wake_read, wake_write;
    int64_t accept_after; /* no descriptors were left for accept: leave it alone until then */
    struct rill_arrival arrival;
    struct rill_batch batch;
    _Alignas(8) uint8_t chunk[RILL_REACTOR_CHUNK];
};

/* sockaddr.c */
struct rill_sockaddr {
    struct sockaddr_storage storage;
    socklen_t n;
};
/* False when the address has no family. */
bool rill_sockaddr_from(const struct rill_addr *a, struct rill_sockaddr *out);
struct rill_addr rill_sockaddr_addr(const struct sockaddr_storage *s);

/* reactor.c */
/* A non-blocking socket of the address's family and this type; -1 and errno. */
int rill_slot_socket(const struct rill_addr *a, int type);
/* A slot for fd, which it owns from now on; its id. There must be a free one. */
uint32_t rill_slot_take(struct rill_reactor *r, int fd, enum rill_reactor_kind kind);
/* NULL when the id is stale. */
struct rill_slot *rill_slot_find(struct rill_reactor *r, uint32_t id);
uint32_t rill_slot_id(const struct rill_reactor *r, const struct rill_slot *s);
int rill_slot_fail(int code, struct rill_err *why); /* with errno */
struct rill_addr rill_slot_local(int fd);

/* What the slot waits for has changed: it connected, or want_write did. */
void rill_slot_rewatch(struct rill_reactor *r, const struct rill_slot *s);
/* What the slot waits for now, as events of poll(). */
short rill_slot_wanted(const struct rill_reactor *r, const struct rill_slot *s, int64_t now);

/* crowd.c: its descriptor, or -1 where there is no epoll. */
int rill_crowd_open(void);
/* False when it takes no more; the socket leaves it when it is closed. */
bool rill_crowd_add(struct rill_reactor *r, const struct rill_slot *s, short events);
void rill_crowd_change(struct rill_reactor *r, const struct rill_slot *s, short events);
/* Up to RILL_CROWD_BATCH of what is ready, into out; how many. Never waits. */
size_t rill_crowd_take(struct rill_reactor *r, struct rill_found *out);

/* udp.c, tcp.c: what poll found on a slot (bits of *revents that are dealt with are cleared);
 * true when out became an event. */
bool rill_udp_ready(struct rill_reactor *r, struct rill_slot *s, short *revents,
                    struct rill_reactor_event *out);
bool rill_listener_ready(struct rill_reactor *r, struct rill_slot *s, short *revents,
                         struct rill_reactor_event *out);
bool rill_stream_ready(struct rill_reactor *r, struct rill_slot *s, short *revents,
                       struct rill_reactor_event *out);

#endif
