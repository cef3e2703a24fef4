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
    bool want_write; /* a write was cut short: say WRITABLE */
    short events;    /* of WATCHED */
    struct rill_addr remote;
};

/* Datagrams that one system call brought and that were not handed out yet. */
struct rill_batch {
    size_t n, at;
    struct rill_addr from[RILL_REACTOR_BATCH];
    size_t size[RILL_REACTOR_BATCH];
    _Alignas(8) uint8_t bytes[RILL_REACTOR_BATCH][RILL_DATAGRAM_IN_MAX];
};

struct rill_reactor {
    size_t cap, n_open;
    struct rill_slot *slots;
    struct pollfd *polls; /* [0] is the wake pipe, [i + 1] belongs to slot i */
    size_t cursor;        /* the poll entry to look at next */
    size_t polled;        /* entries of the last poll */
    int wake_read, wake_write;
    int64_t accept_after; /* no descriptors were left for accept: leave it alone until then */
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

/* udp.c, tcp.c: what poll found on a slot (bits of *revents that are dealt with are cleared);
 * true when out became an event. */
bool rill_udp_ready(struct rill_reactor *r, struct rill_slot *s, short *revents,
                    struct rill_reactor_event *out);
bool rill_listener_ready(struct rill_reactor *r, struct rill_slot *s, short *revents,
                         struct rill_reactor_event *out);
bool rill_stream_ready(struct rill_reactor *r, struct rill_slot *s, short *revents,
                       struct rill_reactor_event *out);

#endif
