/* udp: datagrams in batches, and the ICMP errors that come back for those sent.
 *
 * The idea: the kernel keeps ICMP errors of an unconnected socket to itself unless asked
 * (IP_RECVERR); then each waits in the error queue together with the address it is about.
 */
#define _GNU_SOURCE /* recvmmsg, IP_RECVERR */
#include "reactor/private.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h>

/* Video comes in bursts; the kernel may give less. */
#define RECEIVE_BUFFER (1 << 20)

/* The two clocks cannot be read at once, and between two readings the process may be made to wait:
 * the closest of three counts. */
static void look_at_clocks(struct rill_arrival *a)
{
    int64_t now = 0, wall = 0, closest = RILL_NEVER;
    for (int i = 0; i < 3 && closest > 20; i++) {
        int64_t before = rill_posix_now(), read = rill_posix_wall();
        int64_t took = rill_posix_now() - before;
        if (took >= closest)
            continue;
        closest = took;
        now = before + took / 2;
        wall = read;
    }
    rill_arrival_look(a, now, wall);
}

static int open_udp(const struct rill_addr *bind_to)
{
    struct rill_sockaddr to;
    int on = 1, size = RECEIVE_BUFFER;
    int fd = rill_slot_socket(bind_to, SOCK_DGRAM);
    if (fd < 0 || !rill_sockaddr_from(bind_to, &to))
        return -1;
    if (bind(fd, (struct sockaddr *)&to.storage, to.n) < 0) {
        int kept = errno;
        close(fd);
        errno = kept;
        return -1;
    }
    /* All are a help, not a need. */
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    if (bind_to->family == RILL_ADDR_IP6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
    else
        (void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    return fd;
}

int rill_reactor_udp(struct rill_reactor *r, const struct rill_addr *bind_to, uint32_t *socket,
                     struct rill_addr *local, struct rill_err *why)
{
    if (r->n_open == r->cap)
        return rill_err_set(&rill_reactor_errors, RILL_REACTOR_TOO_MANY, 0, r->cap, why);
    int fd = open_udp(bind_to);
    if (fd < 0)
        return rill_slot_fail(RILL_REACTOR_BIND, why);
    look_at_clocks(&r->arrival);
    *socket = rill_slot_take(r, fd, RILL_SLOT_UDP);
    if (local)
        *local = rill_slot_local(fd);
    return 0;
}

/* IP_MULTICAST_ALL: a socket hears by default the groups that others on this machine joined. */
static bool set_group4(int fd, const struct rill_addr *group, bool member)
{
    int ttl = 255, off = 0;
    struct ip_mreqn m = {.imr_ifindex = (int)group->scope};
    memcpy(&m.imr_multiaddr, group->ip, 4);
    return setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &m, sizeof m) == 0 &&
           setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) == 0 &&
           setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl) == 0 &&
           setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof off) == 0 &&
           (!member || setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof m) == 0);
}

static bool set_group6(int fd, const struct rill_addr *group, bool member)
{
    int hops = 255, off = 0;
    struct ipv6_mreq m = {.ipv6mr_interface = group->scope};
    memcpy(&m.ipv6mr_multiaddr, group->ip, 16);
    return setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &group->scope, sizeof group->scope) ==
               0 &&
           setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops) == 0 &&
           setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof hops) == 0 &&
           setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off, sizeof off) == 0 &&
           (!member || setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m, sizeof m) == 0);
}

/* Bound to the group's address, so that no unicast datagram for another's socket on this port comes
 * here. */
int rill_reactor_udp_group(struct rill_reactor *r, const struct rill_addr *group, bool member,
                           uint32_t *socket, struct rill_err *why)
{
    struct rill_addr bind_to = *group, any = {.family = group->family};
    struct rill_sockaddr to;
    int on = 1;
    if (r->n_open == r->cap)
        return rill_err_set(&rill_reactor_errors, RILL_REACTOR_TOO_MANY, 0, r->cap, why);
    int fd = rill_slot_socket(group, SOCK_DGRAM);
    bool ready = fd >= 0 && rill_sockaddr_from(member ? &bind_to : &any, &to) &&
                 (!member || (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                              setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0)) &&
                 bind(fd, (struct sockaddr *)&to.storage, to.n) == 0 &&
                 (group->family == RILL_ADDR_IP4 ? set_group4(fd, group, member)
                                                 : set_group6(fd, group, member));
    if (!ready) {
        int rc = rill_slot_fail(RILL_REACTOR_BIND, why);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    *socket = rill_slot_take(r, fd, RILL_SLOT_UDP);
    return 0;
}

bool rill_reactor_send(struct rill_reactor *r, const struct rill_path *path,
                       struct rill_view datagram)
{
    struct rill_slot *s = rill_slot_find(r, path->socket);
    struct rill_sockaddr to;
    if (!s || s->kind != RILL_SLOT_UDP || !rill_sockaddr_from(&path->remote, &to))
        return false;
    /* An ICMP error for an earlier datagram may fail this send in its place; it is cleared by
     * that, so a second try is a true one. */
    for (int i = 0; i < 2; i++) {
        if (sendto(s->fd, datagram.p, datagram.n, MSG_DONTWAIT | MSG_NOSIGNAL,
                   (struct sockaddr *)&to.storage, to.n) >= 0)
            return true;
        if (errno == EAGAIN || errno == EMSGSIZE)
            return false;
    }
    return false;
}

/* RFC 1122 §3.2.2.1: protocol and port unreachable are hard errors, net and host unreachable may
 * pass; RFC 4443 §3.1 has port unreachable as code 4. */
static bool is_hard(const struct sock_extended_err *e)
{
    if (e->ee_origin == SO_EE_ORIGIN_ICMP)
        return e->ee_type == 3 && (e->ee_code == 2 || e->ee_code == 3);
    return e->ee_origin == SO_EE_ORIGIN_ICMP6 && e->ee_type == 1 && e->ee_code == 4;
}

static bool hard_error_in(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        struct sock_extended_err e;
        if (!((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
              (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)))
            continue;
        memcpy(&e, CMSG_DATA(c), sizeof e);
        return is_hard(&e);
    }
    return false;
}

/* The next address of the error queue that nobody listens at; false when the queue is empty. */
static bool next_unreachable(int fd, struct rill_addr *out)
{
    struct sockaddr_storage to;
    _Alignas(struct cmsghdr) uint8_t control[512];
    for (;;) {
        memset(&to, 0, sizeof to);
        struct msghdr m = {.msg_name = &to,
                           .msg_namelen = sizeof to,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
        if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            return false;
        if (hard_error_in(&m)) {
            *out = rill_sockaddr_addr(&to);
            return true;
        }
    }
}

/* An error that is in no queue would keep poll() from waiting. */
static void clear_error(int fd)
{
    int error;
    socklen_t n = sizeof error;
    (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
}

static int64_t arrival_of(const struct rill_arrival *a, struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        struct timespec t;
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&t, CMSG_DATA(c), sizeof t);
        return rill_arrival_of(a, (int64_t)t.tv_sec * RILL_SECOND + t.tv_nsec / 1000);
    }
    return a->now;
}

#define CONTROL CMSG_SPACE(sizeof(struct timespec))

static void receive(struct rill_reactor *r, int fd)
{
    struct rill_batch *b = &r->batch;
    struct sockaddr_storage from[RILL_REACTOR_BATCH];
    struct iovec parts[RILL_REACTOR_BATCH];
    struct mmsghdr m[RILL_REACTOR_BATCH];
    _Alignas(struct cmsghdr) uint8_t control[RILL_REACTOR_BATCH][CONTROL];
    memset(m, 0, sizeof m);
    for (size_t i = 0; i < RILL_REACTOR_BATCH; i++) {
        parts[i] = (struct iovec){b->bytes[i], RILL_DATAGRAM_IN_MAX};
        m[i].msg_hdr.msg_name = &from[i];
        m[i].msg_hdr.msg_namelen = sizeof from[i];
        m[i].msg_hdr.msg_iov = &parts[i];
        m[i].msg_hdr.msg_iovlen = 1;
        m[i].msg_hdr.msg_control = control[i];
        m[i].msg_hdr.msg_controllen = CONTROL;
    }
    b->n = b->at = 0;
    int n = recvmmsg(fd, m, RILL_REACTOR_BATCH, MSG_DONTWAIT, NULL);
    look_at_clocks(&r->arrival);
    for (int i = 0; i < n; i++) {
        b->from[i] = rill_sockaddr_addr(&from[i]);
        b->arrived[i] = arrival_of(&r->arrival, &m[i].msg_hdr);
        b->size[i] = m[i].msg_hdr.msg_flags & MSG_TRUNC ? SIZE_MAX : m[i].msg_len;
    }
    b->n = n > 0 ? (size_t)n : 0;
}

/* The next datagram of the batch; those too large for it are lost. */
static bool hand_out(struct rill_reactor *r, struct rill_reactor_event *out)
{
    struct rill_batch *b = &r->batch;
    while (b->at < b->n) {
        size_t i = b->at++;
        if (b->size[i] == SIZE_MAX)
            continue;
        out->type = RILL_REACTOR_DATAGRAM;
        out->path.remote = b->from[i];
        out->at = b->arrived[i];
        out->bytes = (struct rill_span){b->bytes[i], b->size[i]};
        return true;
    }
    return false;
}

bool rill_udp_ready(struct rill_reactor *r, struct rill_slot *s, short *revents,
                    struct rill_reactor_event *out)
{
    out->socket = rill_slot_id(r, s);
    out->path = (struct rill_path){.socket = out->socket, .proto = RILL_PROTO_UDP};
    if (*revents & POLLERR) {
        if (next_unreachable(s->fd, &out->path.remote)) {
            out->type = RILL_REACTOR_UNREACHABLE;
            return true;
        }
        *revents &= (short)~POLLERR;
        clear_error(s->fd);
    }
    if (!(*revents & POLLIN))
        return false;
    /* One batch a walk. A pending error may have come in place of it; poll() tells of it again. */
    if (r->batch.n == 0)
        receive(r, s->fd);
    if (hand_out(r, out))
        return true;
    r->batch.n = 0;
    *revents = 0;
    return false;
}
