/* tcp: streams: listening, connecting, reading, writing what fits. */
#define _GNU_SOURCE /* accept4, SO_REUSEPORT, TCP_NOTSENT_LOWAT */
#include "reactor/private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

/* A thousand clients may come at once. */
#define BACKLOG 1024
#define LIVE_BACKLOG 16
/* A tenth of a second of 1 Mbit/s: what waits longer is lost before it is written. */
#define LIVE_UNSENT 12500
/* How long accept is left alone when the process has no descriptor left. */
#define ACCEPT_PAUSE (100 * RILL_MS)

static int too_many(const struct rill_reactor *r, struct rill_err *why)
{
    return rill_err_set(&rill_reactor_errors, RILL_REACTOR_TOO_MANY, 0, r->cap, why);
}

/* fd is closed and errno kept. */
static int fail(int fd, int code, struct rill_err *why)
{
    int rc = rill_slot_fail(code, why);
    if (fd >= 0)
        close(fd);
    return rc;
}

/* A new socket of a's family, and a as the system has it. < 0: there is none, which code says. */
static int socket_at(struct rill_reactor *r, const struct rill_addr *a, struct rill_sockaddr *out,
                     int code, struct rill_err *why)
{
    if (r->n_open == r->cap)
        return too_many(r, why);
    int fd = rill_slot_socket(a, SOCK_STREAM);
    return fd < 0 || !rill_sockaddr_from(a, out) ? fail(fd, code, why) : fd;
}

/* A server started anew takes its port although old connections linger in TIME-WAIT. */
static void reuse_address(int fd)
{
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

static int listen_on(struct rill_reactor *r, int fd, const struct rill_sockaddr *to, int backlog,
                     uint32_t *socket, struct rill_addr *local, struct rill_err *why)
{
    if (bind(fd, (const struct sockaddr *)&to->storage, to->n) < 0 || listen(fd, backlog) < 0)
        return fail(fd, RILL_REACTOR_LISTEN, why);
    *socket = rill_slot_take(r, fd, RILL_SLOT_LISTENER);
    if (local)
        *local = rill_slot_local(fd);
    return 0;
}

int rill_reactor_tcp_listen(struct rill_reactor *r, const struct rill_addr *bind_to,
                            uint32_t *socket, struct rill_addr *local, struct rill_err *why)
{
    struct rill_sockaddr to;
    int fd = socket_at(r, bind_to, &to, RILL_REACTOR_LISTEN, why);
    if (fd < 0)
        return fd;
    reuse_address(fd);
    return listen_on(r, fd, &to, BACKLOG, socket, local, why);
}

/* Messages are small and wait for answers: RFC 1122 §4.2.3.4 lets Nagle's delay be turned off. */
static void send_at_once(int fd)
{
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int connect_to(struct rill_reactor *r, int fd, const struct rill_addr *to,
                      const struct rill_sockaddr *remote, uint32_t *socket, struct rill_err *why)
{
    send_at_once(fd);
    if (connect(fd, (const struct sockaddr *)&remote->storage, remote->n) < 0 &&
        errno != EINPROGRESS)
        return fail(fd, RILL_REACTOR_CONNECT, why);
    *socket = rill_slot_take(r, fd, RILL_SLOT_CONNECTING);
    rill_slot_find(r, *socket)->remote = *to;
    return 0;
}

int rill_reactor_tcp_connect(struct rill_reactor *r, const struct rill_addr *to, uint32_t *socket,
                             struct rill_err *why)
{
    struct rill_sockaddr remote;
    int fd = socket_at(r, to, &remote, RILL_REACTOR_CONNECT, why);
    return fd < 0 ? fd : connect_to(r, fd, to, &remote, socket, why);
}

/* --- media ------------------------------------------------------------------------------ */

/* What is accepted has it from its listener. RFC 6544's Appendix B: listener and connections of one
 * port all want SO_REUSEPORT, or SO_REUSEADDR where that is enough. */
static void live(int fd, bool shares)
{
    int on = 1, unsent = LIVE_UNSENT;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    if (!shares)
        return;
    reuse_address(fd);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
}

int rill_reactor_live_listen(struct rill_reactor *r, const struct rill_addr *bind_to, bool shares,
                             uint32_t *socket, struct rill_addr *local, struct rill_err *why)
{
    struct rill_sockaddr to;
    int fd = socket_at(r, bind_to, &to, RILL_REACTOR_LISTEN, why);
    if (fd < 0)
        return fd;
    live(fd, shares);
    return listen_on(r, fd, &to, LIVE_BACKLOG, socket, local, why);
}

int rill_reactor_live_connect(struct rill_reactor *r, const struct rill_addr *from,
                              const struct rill_addr *to, uint32_t *socket, struct rill_err *why)
{
    struct rill_sockaddr local, remote;
    int fd = socket_at(r, to, &remote, RILL_REACTOR_CONNECT, why);
    if (fd < 0)
        return fd;
    if (!rill_sockaddr_from(from, &local))
        return fail(fd, RILL_REACTOR_CONNECT, why);
    live(fd, from->port != 0);
    if (bind(fd, (struct sockaddr *)&local.storage, local.n) < 0)
        return fail(fd, RILL_REACTOR_CONNECT, why);
    return connect_to(r, fd, to, &remote, socket, why);
}

long rill_reactor_write(struct rill_reactor *r, uint32_t socket, struct rill_view bytes)
{
    struct rill_slot *s = rill_slot_find(r, socket);
    if (!s || (s->kind != RILL_SLOT_STREAM && s->kind != RILL_SLOT_CONNECTING))
        return RILL_REACTOR_BROKEN;
    ssize_t n = 0;
    if (s->kind == RILL_SLOT_STREAM && bytes.n > 0)
        n = send(s->fd, bytes.p, bytes.n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        return RILL_REACTOR_BROKEN;
    if (n < 0)
        n = 0;
    if ((size_t)n < bytes.n && !s->want_write) {
        s->want_write = true;
        rill_slot_rewatch(r, s);
    }
    return (long)n;
}

/* One connection a call; the bit stays until none is left. */
bool rill_listener_ready(struct rill_reactor *r, struct rill_slot *s, short *revents,
                         struct rill_reactor_event *out)
{
    struct sockaddr_storage from = {0};
    socklen_t n = sizeof from;
    if (r->n_open == r->cap) {
        *revents = 0;
        return false;
    }
    int fd = accept4(s->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            r->accept_after = rill_posix_now() + ACCEPT_PAUSE;
        *revents = 0;
        return false;
    }
    send_at_once(fd);
    out->type = RILL_REACTOR_ACCEPTED;
    out->listener = rill_slot_id(r, s);
    out->socket = rill_slot_take(r, fd, RILL_SLOT_STREAM);
    out->path = (struct rill_path){out->socket, RILL_PROTO_TCP, rill_sockaddr_addr(&from)};
    rill_slot_find(r, out->socket)->remote = out->path.remote;
    return true;
}

static bool closed(struct rill_reactor *r, struct rill_reactor_event *out)
{
    out->type = RILL_REACTOR_CLOSED;
    rill_reactor_close(r, out->socket);
    return true;
}

static bool connect_ended(struct rill_reactor *r, struct rill_slot *s,
                          struct rill_reactor_event *out)
{
    int error = 0;
    socklen_t n = sizeof error;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0 || error != 0)
        return closed(r, out);
    s->kind = RILL_SLOT_STREAM;
    rill_slot_rewatch(r, s);
    out->type = RILL_REACTOR_CONNECTED;
    return true;
}

/* True for READ and CLOSED. */
static bool read_some(struct rill_reactor *r, struct rill_slot *s, struct rill_reactor_event *out)
{
    ssize_t n = recv(s->fd, r->chunk, sizeof r->chunk, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return false;
    if (n <= 0)
        return closed(r, out);
    out->type = RILL_REACTOR_READ;
    out->at = rill_posix_now();
    out->bytes = (struct rill_span){r->chunk, (size_t)n};
    return true;
}

bool rill_stream_ready(struct rill_reactor *r, struct rill_slot *s, short *revents,
                       struct rill_reactor_event *out)
{
    short found = *revents;
    out->socket = rill_slot_id(r, s);
    out->path = (struct rill_path){out->socket, RILL_PROTO_TCP, s->remote};
    if (s->kind == RILL_SLOT_CONNECTING) {
        *revents = 0;
        return connect_ended(r, s, out);
    }
    *revents &= POLLOUT;
    if (found & (POLLIN | POLLHUP | POLLERR) && read_some(r, s, out))
        return true;
    *revents = 0;
    if (!(found & POLLOUT) || !s->want_write)
        return false;
    s->want_write = false;
    rill_slot_rewatch(r, s);
    out->type = RILL_REACTOR_WRITABLE;
    return true;
}
