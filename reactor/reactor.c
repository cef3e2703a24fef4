/* reactor: sockets by id, and one event at a time from poll().
 *
 * The idea: poll() tells what was found, the cursor walks that, and each call hands out the next
 * thing; only when the walk is over does poll() run again. A socket gives at most one batch of
 * datagrams or one chunk of a stream a walk, so none starves the others. poll() costs by what it
 * watches, so streams, of which a server has thousands, are watched as one crowd (crowd.c).
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

/* Ends as a queue of all slots, in order. */
static void free_all_slots(struct rill_reactor *r)
{
    for (size_t i = 0; i < r->cap; i++)
        r->slots[i].is_next = (uint32_t)i + 1;
    r->free_first = 0;
    r->free_last = (uint32_t)r->cap - 1;
}

static bool allocate(struct rill_reactor *r, size_t sockets)
{
    r->cap = sockets;
    r->slots = calloc(sockets + 1, sizeof *r->slots);
    r->polls = calloc(sockets + RILL_POLL_SLOTS, sizeof *r->polls);
    r->poll_slots = calloc(sockets + RILL_POLL_SLOTS, sizeof *r->poll_slots);
    r->found = calloc(sockets + RILL_CROWD_BATCH, sizeof *r->found);
    return r->slots && r->polls && r->poll_slots && r->found;
}

static bool open_wake_pipe(struct rill_reactor *r)
{
    int ends[2];
    if (pipe(ends) < 0)
        return false;
    r->wake_read = ends[0];
    r->wake_write = ends[1];
    return set_flags(ends[0]) && set_flags(ends[1]);
}

struct rill_reactor *rill_reactor_new(size_t sockets)
{
    struct rill_reactor *r = sockets <= RILL_REACTOR_SOCKETS_MAX ? calloc(1, sizeof *r) : NULL;
    if (!r)
        return NULL;
    r->wake_read = r->wake_write = r->crowd = -1;
    if (!allocate(r, sockets) || !open_wake_pipe(r)) {
        rill_reactor_free(r);
        return NULL;
    }
    r->crowd = rill_crowd_open();
    free_all_slots(r);
    /* poll() passes over a descriptor of -1. */
    r->polls[RILL_POLL_WAKE] = (struct pollfd){.fd = r->wake_read, .events = POLLIN};
    r->polls[RILL_POLL_CROWD] = (struct pollfd){.fd = r->crowd, .events = POLLIN};
    r->n_polls = RILL_POLL_SLOTS;
    return r;
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

void rill_reactor_free(struct rill_reactor *r)
{
    if (!r)
        return;
    for (size_t i = 0; r->slots && i < r->cap; i++)
        if (r->slots[i].kind != RILL_SLOT_FREE && r->slots[i].kind != RILL_SLOT_WATCHED)
            close(r->slots[i].fd);
    close_if_open(r->wake_read);
    close_if_open(r->wake_write);
    close_if_open(r->crowd);
    free(r->slots);
    free(r->polls);
    free(r->poll_slots);
    free(r->found);
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

/* Streams join the crowd; the others, and streams that it does not take, get a poll entry. */
static void watch(struct rill_reactor *r, struct rill_slot *s)
{
    bool is_stream = s->kind == RILL_SLOT_STREAM || s->kind == RILL_SLOT_CONNECTING;
    s->at = RILL_SLOT_IN_CROWD;
    if (is_stream && rill_crowd_add(r, s, rill_slot_wanted(r, s, 0)))
        return;
    s->at = (uint32_t)r->n_polls++;
    r->polls[s->at] = (struct pollfd){.fd = s->fd};
    r->poll_slots[s->at] = (uint32_t)(s - r->slots);
}

/* The last poll entry takes the place of this one. */
static void unwatch(struct rill_reactor *r, const struct rill_slot *s)
{
    if (s->at == RILL_SLOT_IN_CROWD)
        return;
    size_t last = --r->n_polls;
    r->polls[s->at] = r->polls[last];
    r->poll_slots[s->at] = r->poll_slots[last];
    r->slots[r->poll_slots[s->at]].at = s->at;
}

void rill_slot_rewatch(struct rill_reactor *r, const struct rill_slot *s)
{
    if (s->at == RILL_SLOT_IN_CROWD)
        rill_crowd_change(r, s, rill_slot_wanted(r, s, 0));
}

uint32_t rill_slot_take(struct rill_reactor *r, int fd, enum rill_reactor_kind kind)
{
    struct rill_slot *s = &r->slots[r->free_first];
    r->free_first = s->is_next;
    s->kind = kind;
    s->fd = fd;
    s->want_write = false;
    s->remote = (struct rill_addr){0};
    r->n_open++;
    watch(r, s);
    return rill_slot_id(r, s);
}

static void give_back(struct rill_reactor *r, struct rill_slot *s)
{
    uint32_t i = (uint32_t)(s - r->slots);
    if (r->n_open == r->cap) /* the queue was empty */
        r->free_first = i;
    else
        r->slots[r->free_last].is_next = i;
    r->free_last = i;
    s->kind = RILL_SLOT_FREE;
    s->generation++;
    r->n_open--;
}

uint32_t rill_slot_id(const struct rill_reactor *r, const struct rill_slot *s)
{
    return (uint32_t)s->generation << 16 | (uint32_t)(s - r->slots + 1);
}

size_t rill_reactor_number(uint32_t socket)
{
    return (socket & 0xffff) - 1;
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
    bool under_cursor = r->cursor < r->n_found && r->found[r->cursor].slot == s - r->slots;
    if (under_cursor) /* the batch, if any, is this socket's */
        r->batch.n = r->batch.at = 0;
    unwatch(r, s);
    if (s->kind != RILL_SLOT_WATCHED)
        close(s->fd);
    give_back(r, s);
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

short rill_slot_wanted(const struct rill_reactor *r, const struct rill_slot *s, int64_t now)
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

/* The entries that poll() found something on, then what is ready in the crowd. */
static void gather_found(struct rill_reactor *r)
{
    for (size_t i = RILL_POLL_SLOTS; i < r->n_polls; i++) {
        if (r->polls[i].revents == 0)
            continue;
        uint32_t slot = r->poll_slots[i];
        r->found[r->n_found++] =
            (struct rill_found){slot, r->slots[slot].generation, r->polls[i].revents};
    }
    if (r->polls[RILL_POLL_CROWD].revents)
        r->n_found += rill_crowd_take(r, r->found + r->n_found);
}

/* poll(), and the cursor at the first socket found; false when a signal cut it short. */
static bool wait_until(struct rill_reactor *r, int64_t deadline)
{
    int64_t now = rill_posix_now();
    for (size_t i = RILL_POLL_SLOTS; i < r->n_polls; i++)
        r->polls[i].events = rill_slot_wanted(r, &r->slots[r->poll_slots[i]], now);
    if (r->accept_after > now)
        deadline = rill_earlier(deadline, r->accept_after);
    int n = poll(r->polls, (nfds_t)r->n_polls, timeout_ms(deadline, now));
    r->cursor = r->n_found = 0;
    if (n > 0)
        gather_found(r);
    return n >= 0 || errno != EINTR;
}

/* What the last wait found on the socket under the cursor. */
static bool look(struct rill_reactor *r, struct rill_reactor_event *out)
{
    *out = (struct rill_reactor_event){0};
    struct rill_found *f = &r->found[r->cursor];
    struct rill_slot *s = &r->slots[f->slot];
    bool batch_left = r->batch.at < r->batch.n; /* it is this socket's: the cursor stays for it */
    bool gone = s->kind == RILL_SLOT_FREE || s->generation != f->generation;
    if (gone || (f->revents == 0 && !batch_left))
        return false;
    if (s->kind == RILL_SLOT_WATCHED) {
        f->revents = 0;
        *out =
            (struct rill_reactor_event){.type = RILL_REACTOR_READY, .socket = rill_slot_id(r, s)};
        return true;
    }
    if (s->kind == RILL_SLOT_UDP)
        return rill_udp_ready(r, s, &f->revents, out);
    if (s->kind == RILL_SLOT_LISTENER)
        return rill_listener_ready(r, s, &f->revents, out);
    return rill_stream_ready(r, s, &f->revents, out);
}

void rill_reactor_next(struct rill_reactor *r, int64_t deadline, struct rill_reactor_event *out)
{
    for (bool waited = false;; waited = true) {
        for (; r->cursor < r->n_found; r->cursor++)
            if (look(r, out))
                return;
        *out = (struct rill_reactor_event){0};
        if (waited && rill_posix_now() >= deadline)
            return;
        if (!wait_until(r, deadline) || (r->polls[RILL_POLL_WAKE].revents && drain_wake(r))) {
            out->type = RILL_REACTOR_WOKEN;
            return;
        }
    }
}
