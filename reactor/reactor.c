/* reactor: sockets by id, and one event at a time from poll().
 *
 * The idea: poll() fills an array, the cursor walks it, and each call hands out the next thing
 * found; only when the walk is over does poll() run again. A socket gives at most one batch of
 * datagrams or one chunk of a stream a walk, so none starves the others.
 *
 * - rill_reactor_new, rill_reactor_free, rill_reactor_close
 * - rill_reactor_next, rill_reactor_wake
 * - rill_slot_*          the table of sockets, for udp.c and tcp.c
 */
#include "reactor/private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool set_flags(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

struct rill_reactor *rill_reactor_new(size_t sockets)
{
    int ends[2];
    if (sockets > RILL_REACTOR_SOCKETS_MAX || pipe(ends) < 0)
        return NULL;
    struct rill_reactor *r = calloc(1, sizeof *r);
    struct rill_slot *slots = calloc(sockets + 1, sizeof *slots);
    struct pollfd *polls = calloc(sockets + 1, sizeof *polls);
    if (!r || !slots || !polls || !set_flags(ends[0]) || !set_flags(ends[1])) {
        free(r);
        free(slots);
        free(polls);
        close(ends[0]);
        close(ends[1]);
        return NULL;
    }
    r->cap = sockets;
    r->slots = slots;
    r->polls = polls;
    r->wake_read = ends[0];
    r->wake_write = ends[1];
    polls[0] = (struct pollfd){.fd = ends[0], .events = POLLIN};
    for (size_t i = 0; i < sockets; i++)
        polls[i + 1].fd = -1; /* poll() passes over it */
    return r;
}

void rill_reactor_free(struct rill_reactor *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->cap; i++)
        if (r->slots[i].kind != RILL_SLOT_FREE && r->slots[i].kind != RILL_SLOT_WATCHED)
            close(r->slots[i].fd);
    close(r->wake_read);
    close(r->wake_write);
    free(r->slots);
    free(r->polls);
    free(r);
}

int rill_slot_socket(const struct rill_addr *a, int type)
{
    if (rill_addr_ip_size(a) == 0) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    bool six = a->family == RILL_ADDR_IP6;
    int on = 1;
    int fd = socket(six ? AF_INET6 : AF_INET, type, 0);
    if (fd < 0)
        return -1;
    /* An IPv4 peer must show as IPv4, never as ::ffff:a.b.c.d. */
    if (!set_flags(fd) || (six && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0)) {
        int kept = errno;
        close(fd);
        errno = kept;
        return -1;
    }
    return fd;
}

uint32_t rill_slot_take(struct rill_reactor *r, int fd, enum rill_reactor_kind kind)
{
    size_t i = 0;
    while (r->slots[i].kind != RILL_SLOT_FREE)
        i++;
    struct rill_slot *s = &r->slots[i];
    s->kind = kind;
    s->fd = fd;
    s->want_write = false;
    s->remote = (struct rill_addr){0};
    r->polls[i + 1] = (struct pollfd){.fd = fd};
    r->n_open++;
    return rill_slot_id(r, s);
}

uint32_t rill_slot_id(const struct rill_reactor *r, const struct rill_slot *s)
{
    return (uint32_t)s->generation << 16 | (uint32_t)(s - r->slots + 1);
}

struct rill_slot *rill_slot_find(struct rill_reactor *r, uint32_t id)
{
    size_t number = id & 0xffff;
    if (number == 0 || number > r->cap)
        return NULL;
    struct rill_slot *s = &r->slots[number - 1];
    return s->kind != RILL_SLOT_FREE && s->generation == id >> 16 ? s : NULL;
}

int rill_slot_fail(int code, struct rill_err *why)
{
    return rill_err_set(&rill_reactor_errors, code, 0, (uint64_t)errno, why);
}

struct rill_addr rill_slot_local(int fd)
{
    struct sockaddr_storage s = {0};
    socklen_t n = sizeof s;
    (void)getsockname(fd, (struct sockaddr *)&s, &n);
    return rill_sockaddr_addr(&s);
}

void rill_reactor_close(struct rill_reactor *r, uint32_t socket)
{
    struct rill_slot *s = rill_slot_find(r, socket);
    if (!s)
        return;
    size_t i = (size_t)(s - r->slots);
    if (s->kind != RILL_SLOT_WATCHED)
        close(s->fd);
    r->polls[i + 1] = (struct pollfd){.fd = -1};
    if (r->cursor == i + 1) /* the batch, if any, is this socket's */
        r->batch.n = r->batch.at = 0;
    s->kind = RILL_SLOT_FREE;
    s->generation++;
    r->n_open--;
    r->accept_after = 0;
}

int rill_reactor_watch(struct rill_reactor *r, int fd, short events, uint32_t *socket,
                       struct rill_err *why)
{
    if (r->n_open == r->cap)
        return rill_err_set(&rill_reactor_errors, RILL_REACTOR_TOO_MANY, 0, r->cap, why);
    *socket = rill_slot_take(r, fd, RILL_SLOT_WATCHED);
    rill_slot_find(r, *socket)->events = events ? events : POLLIN;
    return 0;
}

void rill_reactor_wake(struct rill_reactor *r)
{
    int kept = errno; /* a signal handler must leave it as it was */
    const uint8_t byte = 0;
    ssize_t n = write(r->wake_write, &byte, 1);
    (void)n; /* a full pipe wakes as well */
    errno = kept;
}

static bool drain_wake(struct rill_reactor *r)
{
    uint8_t bytes[64];
    bool any = false;
    while (read(r->wake_read, bytes, sizeof bytes) > 0)
        any = true;
    return any;
}

static short wanted(const struct rill_reactor *r, const struct rill_slot *s, int64_t now)
{
    switch (s->kind) {
    case RILL_SLOT_LISTENER:
        return r->n_open < r->cap && now >= r->accept_after ? POLLIN : 0;
    case RILL_SLOT_CONNECTING:
        return POLLOUT;
    case RILL_SLOT_STREAM:
        return s->want_write ? POLLIN | POLLOUT : POLLIN;
    case RILL_SLOT_WATCHED:
        return s->events;
    default:
        return POLLIN;
    }
}

/* Whole milliseconds, rounded up: a deadline must have passed when the wait is over. */
static int timeout_ms(int64_t deadline, int64_t now)
{
    if (deadline == RILL_NEVER)
        return -1;
    if (deadline <= now)
        return 0;
    int64_t ms = (deadline - now) / RILL_MS + ((deadline - now) % RILL_MS != 0);
    return ms < INT_MAX ? (int)ms : INT_MAX;
}

/* poll(), and the cursor back at the first socket; false when a signal cut it short. */
static bool wait_until(struct rill_reactor *r, int64_t deadline)
{
    int64_t now = rill_posix_now();
    size_t top = 0;
    for (size_t i = 0; i < r->cap; i++) {
        r->polls[i + 1].revents = 0;
        if (r->slots[i].kind == RILL_SLOT_FREE)
            continue;
        r->polls[i + 1].events = wanted(r, &r->slots[i], now);
        top = i + 1;
    }
    if (r->accept_after > now)
        deadline = rill_earlier(deadline, r->accept_after);
    int n = poll(r->polls, (nfds_t)(top + 1), timeout_ms(deadline, now));
    r->cursor = 1;
    r->polled = n > 0 ? top + 1 : 0;
    return n >= 0 || errno != EINTR;
}

/* What the last poll() found on the socket under the cursor. */
static bool look(struct rill_reactor *r, struct rill_reactor_event *out)
{
    *out = (struct rill_reactor_event){0};
    struct rill_slot *s = &r->slots[r->cursor - 1];
    short *revents = &r->polls[r->cursor].revents;
    bool batch_left = r->batch.at < r->batch.n; /* it is this socket's: the cursor stays for it */
    if (s->kind == RILL_SLOT_FREE || (*revents == 0 && !batch_left))
        return false;
    if (s->kind == RILL_SLOT_WATCHED) {
        *revents = 0;
        *out =
            (struct rill_reactor_event){.type = RILL_REACTOR_READY, .socket = rill_slot_id(r, s)};
        return true;
    }
    if (s->kind == RILL_SLOT_UDP)
        return rill_udp_ready(r, s, revents, out);
    if (s->kind == RILL_SLOT_LISTENER)
        return rill_listener_ready(r, s, revents, out);
    return rill_stream_ready(r, s, revents, out);
}

void rill_reactor_next(struct rill_reactor *r, int64_t deadline, struct rill_reactor_event *out)
{
    for (bool waited = false;; waited = true) {
        for (; r->cursor < r->polled; r->cursor++)
            if (look(r, out))
                return;
        *out = (struct rill_reactor_event){0};
        if (waited && rill_posix_now() >= deadline)
            return;
        if (!wait_until(r, deadline) || (r->polls[0].revents && drain_wake(r))) {
            out->type = RILL_REACTOR_WOKEN;
            return;
        }
    }
}
