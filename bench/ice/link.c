/* link: see link.h. */
#define _GNU_SOURCE
#include "bench/ice/link.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ENDS 32
#define FLYING 1024
#define DATAGRAM 1500

struct end {
    int fd;
    struct sockaddr_in candidate;
};

struct flying {
    double at;
    struct sockaddr_in from; /* a candidate */
    size_t to;               /* of ends[] */
    size_t n;
    unsigned char bytes[DATAGRAM];
};

struct link {
    double delay_ms;
    pthread_t thread;
    pthread_mutex_t lock;
    struct end ends[ENDS];
    size_t n;
    struct flying flying[FLYING];
    size_t first, last; /* in order: the delay is the same for all */
    atomic_uint requests;
    atomic_bool stop;
};

const struct link_scenario link_scenarios[] = {
    {"one address", 20000, 1, 0},
    {"one address, dead STUN server", 20000, 1, 1},
    {"two addresses", 20000, 2, 0},
    {"two addresses, dead STUN server", 20000, 2, 1},
};
const unsigned link_n_scenarios = sizeof link_scenarios / sizeof link_scenarios[0];

static double clock_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

double link_now_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

double link_cpu_ms(void)
{
    return clock_ms(CLOCK_THREAD_CPUTIME_ID);
}

/* --- the path ----------------------------------------------------------------------------------
 */

static int udp(const char *ip, struct sockaddr_in *bound)
{
    socklen_t n = sizeof *bound;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    *bound = (struct sockaddr_in){.sin_family = AF_INET};
    inet_pton(AF_INET, ip, &bound->sin_addr);
    if (fd < 0 || bind(fd, (struct sockaddr *)bound, n) < 0 ||
        getsockname(fd, (struct sockaddr *)bound, &n) < 0)
        abort();
    return fd;
}

uint16_t link_dead_server(void)
{
    static struct sockaddr_in at;
    if (!at.sin_port)
        (void)udp("127.0.0.1", &at);
    return ntohs(at.sin_port);
}

static void take(struct link *l, size_t end)
{
    struct flying *f = &l->flying[l->last % FLYING];
    socklen_t size = sizeof f->from;
    ssize_t n =
        recvfrom(l->ends[end].fd, f->bytes, sizeof f->bytes, 0, (struct sockaddr *)&f->from, &size);
    if (n < 0 || l->last - l->first == FLYING)
        return;
    f->n = (size_t)n;
    f->to = end;
    f->at = link_now_ms() + l->delay_ms;
    l->requests += n >= 20 && f->bytes[0] == 0 && f->bytes[1] == 1;
    l->last++;
}

static void pass_on(struct link *l, const struct flying *f)
{
    const struct sockaddr_in *to = &l->ends[f->to].candidate;
    for (size_t i = 0; i < l->n; i++)
        if (l->ends[i].candidate.sin_port == f->from.sin_port &&
            l->ends[i].candidate.sin_addr.s_addr == f->from.sin_addr.s_addr)
            (void)!sendto(l->ends[i].fd, f->bytes, f->n, 0, (const struct sockaddr *)to,
                          sizeof *to);
}

static void *work(void *ctx)
{
    struct link *l = ctx;
    while (!l->stop) {
        struct pollfd fds[ENDS];
        pthread_mutex_lock(&l->lock);
        for (; l->first < l->last && l->flying[l->first % FLYING].at <= link_now_ms(); l->first++)
            pass_on(l, &l->flying[l->first % FLYING]);
        size_t n = l->n;
        double wait = l->first < l->last ? l->flying[l->first % FLYING].at - link_now_ms() : 1;
        for (size_t i = 0; i < n; i++)
            fds[i] = (struct pollfd){l->ends[i].fd, POLLIN, 0};
        pthread_mutex_unlock(&l->lock);
        wait = wait < 0 ? 0 : wait > 1 ? 1 : wait;
        struct timespec t = {0, (long)(wait * 1e6)};
        ppoll(fds, n, &t, NULL);
        pthread_mutex_lock(&l->lock);
        for (size_t i = 0; i < n; i++)
            if (fds[i].revents)
                take(l, i);
        pthread_mutex_unlock(&l->lock);
    }
    return NULL;
}

struct link *link_start(int64_t delay_us)
{
    struct link *l = calloc(1, sizeof *l);
    l->delay_ms = (double)delay_us / 1000;
    pthread_mutex_init(&l->lock, NULL);
    if (pthread_create(&l->thread, NULL, work, l) != 0)
        abort();
    return l;
}

uint16_t link_stand_in(struct link *l, const char *ip, uint16_t port)
{
    struct sockaddr_in bound;
    pthread_mutex_lock(&l->lock);
    if (l->n == ENDS)
        abort();
    struct end *e = &l->ends[l->n];
    e->fd = udp(ip, &bound);
    e->candidate = bound;
    e->candidate.sin_port = htons(port);
    l->n++;
    pthread_mutex_unlock(&l->lock);
    return ntohs(bound.sin_port);
}

unsigned link_requests(const struct link *l)
{
    return l->requests;
}

void link_stop(struct link *l)
{
    l->stop = true;
    pthread_join(l->thread, NULL);
    for (size_t i = 0; i < l->n; i++)
        close(l->ends[i].fd);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

/* --- measuring ---------------------------------------------------------------------------------
 */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, unsigned n)
{
    qsort(values, n, sizeof *values, ascending);
    return values[n / 2];
}

int link_measure(const char *stack, int (*run)(const struct link_scenario *s, struct link_run *out))
{
    int failed = 0;
    for (unsigned i = 0; i < link_n_scenarios; i++) {
        const struct link_scenario *s = &link_scenarios[i];
        double valid[LINK_RUNS], selected[LINK_RUNS], requests[LINK_RUNS], cpu[LINK_RUNS];
        unsigned n = 0;
        for (unsigned k = 0; k < LINK_RUNS; k++) {
            struct link_run r = {0};
            if (run(s, &r) < 0)
                continue;
            valid[n] = r.valid_ms;
            selected[n] = r.selected_ms;
            requests[n] = r.requests;
            cpu[n++] = r.cpu_ms;
        }
        failed += n < LINK_RUNS;
        if (n == 0)
            continue;
        printf("{\"stack\":\"%s\",\"scenario\":\"%s\",\"rtt_ms\":%.0f,\"runs\":%u,\"connected\":%u,"
               "\"valid_ms\":%.1f,\"selected_ms\":%.1f,\"requests\":%.0f,\"cpu_ms\":%.2f}\n",
               stack, s->name, (double)s->delay_us / 500, LINK_RUNS, n, median(valid, n),
               median(selected, n), median(requests, n), median(cpu, n));
        fflush(stdout);
    }
    return failed ? 1 : 0;
}
