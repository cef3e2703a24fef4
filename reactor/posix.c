/* posix: what else a program asks of its system: time, entropy, its addresses, names. */
#define _GNU_SOURCE /* IFF_UP, getrandom */
#include "reactor/private.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define INTERFACES 64

static int64_t clock_us(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t); /* neither of the two clocks can fail */
    return (int64_t)t.tv_sec * RILL_SECOND + t.tv_nsec / 1000;
}

int64_t rill_posix_now(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

int64_t rill_posix_wall(void)
{
    return clock_us(CLOCK_REALTIME);
}

/* Keys come from here: without entropy the program stops. */
static void fill(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    while (n > 0) {
        ssize_t got = getrandom(out, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort();
        out += got;
        n -= (size_t)got;
    }
}

struct rill_rng rill_posix_rng(void)
{
    return (struct rill_rng){.fill = fill};
}

static bool among(const struct rill_addr *addrs, size_t n, const struct rill_addr *a)
{
    for (size_t i = 0; i < n; i++)
        if (rill_addr_equal(&addrs[i], a))
            return true;
    return false;
}

static struct rill_addr addr_of(const struct sockaddr *s)
{
    struct sockaddr_storage storage = {0};
    if (s->sa_family == AF_INET)
        memcpy(&storage, s, sizeof(struct sockaddr_in));
    else if (s->sa_family == AF_INET6)
        memcpy(&storage, s, sizeof(struct sockaddr_in6));
    return rill_sockaddr_addr(&storage);
}

size_t rill_posix_links(struct rill_interface *out, size_t cap)
{
    struct ifaddrs *all;
    size_t n = 0;
    if (getifaddrs(&all) < 0)
        return 0;
    for (const struct ifaddrs *i = all; i && n < cap; i = i->ifa_next) {
        bool known = false;
        if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) || !(i->ifa_flags & IFF_RUNNING))
            continue;
        struct rill_addr a = addr_of(i->ifa_addr);
        for (size_t k = 0; k < n; k++)
            known = known || rill_addr_equal(&out[k].addr, &a);
        if (a.family == RILL_ADDR_NONE || known)
            continue;
        out[n++] = (struct rill_interface){.addr = a,
                                           .index = if_nametoindex(i->ifa_name),
                                           .multicast = (i->ifa_flags & IFF_MULTICAST) &&
                                                        !(i->ifa_flags & IFF_LOOPBACK)};
    }
    freeifaddrs(all);
    return n;
}

size_t rill_posix_interfaces(struct rill_addr *out, size_t cap)
{
    struct rill_interface links[INTERFACES];
    size_t n = rill_posix_links(links, cap < INTERFACES ? cap : INTERFACES);
    for (size_t i = 0; i < n; i++)
        out[i] = links[i].addr;
    return n;
}

bool rill_posix_source(const struct rill_addr *to, struct rill_addr *out)
{
    struct rill_sockaddr remote;
    int fd = rill_slot_socket(to, SOCK_DGRAM);
    bool routed = fd >= 0 && rill_sockaddr_from(to, &remote) &&
                  connect(fd, (struct sockaddr *)&remote.storage, remote.n) == 0;
    if (routed) {
        *out = rill_slot_local(fd);
        out->port = 0;
    }
    if (fd >= 0)
        close(fd);
    return routed;
}

int rill_posix_resolve(const char *name, uint16_t port, struct rill_addr *out, size_t cap,
                       struct rill_err *why)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *all;
    int n = 0;
    int said = getaddrinfo(name, NULL, &hints, &all);
    if (said != 0)
        return rill_err_set(&rill_reactor_errors, RILL_REACTOR_RESOLVE, 0, (uint64_t)abs(said),
                            why);
    for (const struct addrinfo *i = all; i && (size_t)n < cap; i = i->ai_next) {
        struct rill_addr a = addr_of(i->ai_addr);
        a.port = port;
        if (a.family != RILL_ADDR_NONE && !among(out, (size_t)n, &a))
            out[n++] = a;
    }
    freeaddrinfo(all);
    return n;
}
