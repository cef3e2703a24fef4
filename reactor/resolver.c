/* resolver: what is asked of c-ares, and what comes of it.
 *
 *   ask ──▶ text of an address ─────────────────────────────────────────▶ answered
 *       ──▶ known to /etc/hosts, or localhost ──▶ its addresses ────────▶ answered
 *       ──▶ SRV and the name itself, at once ──┬─ no SRV: the name's own ▶ answered
 *                                              └─ SRV: each target's, in order ▶ answered
 *
 * The name itself is asked for without waiting for SRV: where there is no SRV record, as mostly,
 * one round trip is enough. */
#include "reactor/resolver.h"

#include "reactor/private.h"

#include <sys/select.h> /* ares.h needs it */

#include <ares.h>
#include <ares_nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define TARGETS 4
/* 1.5 s, 3 s and 6 s for each server: a dead one is known as dead as a dead STUN server is. */
#define TIMEOUT_MS 1500
#define TRIES 3

/* Addresses that are being asked for; of the name, or of a target of SRV. */
struct look {
    struct ask *ask;
    uint16_t port;
    size_t n;
    struct rill_addr addrs[RILL_RESOLVER_ADDRESSES];
    int status;
};

struct ask {
    bool used, done, has_srv;
    uint32_t tag;
    unsigned pending; /* callbacks to come */
    struct rill_resolver *resolver;
    char name[RILL_RESOLVER_NAME_MAX + 1];
    struct look own;
    size_t n_targets;
    struct rill_srv records[TARGETS];
    struct look targets[TARGETS];
    const char *refusal; /* SRV says that there is no such service */
};

struct rill_resolver {
    struct rill_reactor *reactor;
    ares_channel channel;
    bool closing;
    struct rill_rng rng;
    struct {
        bool used, write;
        int fd;
        uint32_t socket;
    } sockets[RILL_RESOLVER_SOCKETS];
    struct ask asks[RILL_RESOLVER_ASKS];
};

/* --- sockets of c-ares ---------------------------------------------------------------------- */

static void on_socket(void *ctx, ares_socket_t fd, int readable, int writable)
{
    struct rill_resolver *x = ctx;
    size_t free = RILL_RESOLVER_SOCKETS;
    for (size_t i = 0; i < RILL_RESOLVER_SOCKETS; i++) {
        if (x->sockets[i].used && x->sockets[i].fd == fd) {
            rill_reactor_close(x->reactor, x->sockets[i].socket);
            x->sockets[i].used = false;
        }
        if (!x->sockets[i].used && free == RILL_RESOLVER_SOCKETS)
            free = i;
    }
    if ((!readable && !writable) || free == RILL_RESOLVER_SOCKETS)
        return;
    short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
    x->sockets[free].fd = fd;
    x->sockets[free].write = writable;
    x->sockets[free].used =
        rill_reactor_watch(x->reactor, fd, events, &x->sockets[free].socket, NULL) >= 0;
}

bool rill_resolver_event(struct rill_resolver *x, const struct rill_reactor_event *e)
{
    for (size_t i = 0; i < RILL_RESOLVER_SOCKETS; i++) {
        if (!x->sockets[i].used || x->sockets[i].socket != e->socket)
            continue;
        int fd = x->sockets[i].fd;
        ares_process_fd(x->channel, fd, x->sockets[i].write ? fd : ARES_SOCKET_BAD);
        return true;
    }
    return false;
}

/* c-ares keeps its own deadlines. */
void rill_resolver_tick(struct rill_resolver *x, int64_t now)
{
    (void)now;
    ares_process_fd(x->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

int64_t rill_resolver_deadline(const struct rill_resolver *x, int64_t now)
{
    struct timeval most = {3600, 0}, tv;
    bool answered = false;
    for (size_t i = 0; i < RILL_RESOLVER_ASKS; i++)
        answered = answered || (x->asks[i].used && x->asks[i].done);
    if (answered)
        return now;
    if (!rill_resolver_is_asking(x))
        return RILL_NEVER;
    const struct timeval *left = ares_timeout(x->channel, &most, &tv);
    return now + (int64_t)left->tv_sec * RILL_SECOND + left->tv_usec;
}

/* --- answers of c-ares ---------------------------------------------------------------------- */

static void keep(struct look *l, const struct sockaddr *s, size_t n)
{
    struct sockaddr_storage storage = {0};
    if (n > sizeof storage || l->n == RILL_RESOLVER_ADDRESSES)
        return;
    memcpy(&storage, s, n);
    struct rill_addr a = rill_sockaddr_addr(&storage);
    a.port = l->port;
    for (size_t i = 0; i < l->n; i++)
        if (rill_addr_equal(&l->addrs[i], &a))
            return;
    if (a.family != RILL_ADDR_NONE)
        l->addrs[l->n++] = a;
}

static void on_addresses(void *ctx, int status, int timeouts, struct ares_addrinfo *found)
{
    struct look *l = ctx;
    (void)timeouts;
    l->status = status;
    if (status == ARES_SUCCESS && found)
        for (const struct ares_addrinfo_node *n = found->nodes; n; n = n->ai_next)
            keep(l, n->ai_addr, n->ai_addrlen);
    if (found)
        ares_freeaddrinfo(found);
    if (--l->ask->pending == 0)
        l->ask->done = true;
}

static void look_for(struct ask *a, struct look *l, const char *name, uint16_t port)
{
    struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
    *l = (struct look){.ask = a, .port = port, .status = ARES_ENODATA};
    a->pending++;
    ares_getaddrinfo(a->resolver->channel, name, NULL, &hints, on_addresses, l);
}

/* RFC 2782: "A Target of "." means that the service is decidedly not available at this domain." */
static bool is_decidedly_not(const struct ask *a)
{
    return a->n_targets == 1 && (!a->records[0].target[0] || !strcmp(a->records[0].target, "."));
}

static void take_records(struct ask *a, const struct ares_srv_reply *r)
{
    for (; r && a->n_targets < TARGETS; r = r->next) {
        struct rill_srv *s = &a->records[a->n_targets];
        if (strlen(r->host) > RILL_RESOLVER_NAME_MAX)
            continue;
        *s = (struct rill_srv){.priority = r->priority, .weight = r->weight, .port = r->port};
        strcpy(s->target, r->host);
        a->n_targets++;
    }
    rill_srv_order(a->records, a->n_targets, &a->resolver->rng);
}

static void on_srv(void *ctx, int status, int timeouts, unsigned char *bytes, int n)
{
    struct ask *a = ctx;
    struct ares_srv_reply *records = NULL;
    (void)timeouts;
    if (status == ARES_SUCCESS && ares_parse_srv_reply(bytes, n, &records) == ARES_SUCCESS) {
        take_records(a, records);
        ares_free_data(records);
    }
    a->has_srv = a->n_targets > 0 && !a->resolver->closing;
    if (a->has_srv && is_decidedly_not(a))
        a->refusal = "its SRV record says that the service is not offered there";
    else
        for (size_t i = 0; a->has_srv && i < a->n_targets; i++)
            look_for(a, &a->targets[i], a->records[i].target, a->records[i].port);
    if (--a->pending == 0)
        a->done = true;
}

/* --- asking --------------------------------------------------------------------------------- */

static bool is_localhost(const char *name)
{
    struct rill_view v = rill_view_of(name);
    return rill_view_is_nocase(v, "localhost") ||
           (v.n > 10 && rill_view_is_nocase(rill_view_sub(v, v.n - 10, 10), ".localhost"));
}

/* What this machine says of the name itself stands above DNS, SRV included. */
static bool is_of_this_machine(struct rill_resolver *x, const char *name)
{
    struct hostent *host = NULL;
    bool known = is_localhost(name);
    for (int i = 0; i < 2 && !known; i++) {
        known = ares_gethostbyname_file(x->channel, name, i ? AF_INET6 : AF_INET, &host) ==
                ARES_SUCCESS;
        if (host)
            ares_free_hostent(host);
        host = NULL;
    }
    return known;
}

static void ask_srv(struct ask *a, const char *service)
{
    char name[RILL_RESOLVER_NAME_MAX + 1];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)name, sizeof name});
    rill_w_str(&w, service);
    rill_w_char(&w, '.');
    rill_w_str(&w, a->name);
    if (!rill_w_end_text(&w))
        return;
    a->pending++;
    ares_query(a->resolver->channel, name, C_IN, T_SRV, on_srv, a);
}

int rill_resolver_ask(struct rill_resolver *x, uint32_t tag, const char *name, const char *service,
                      uint16_t port, struct rill_err *why)
{
    struct ask *a = NULL;
    struct rill_addr literal;
    size_t n = strlen(name);
    for (size_t i = 0; i < RILL_RESOLVER_ASKS && !a; i++)
        a = x->asks[i].used ? NULL : &x->asks[i];
    if (!a)
        return rill_err_set(&rill_reactor_errors, RILL_REACTOR_RESOLVE_TOO_MANY, 0,
                            RILL_RESOLVER_ASKS, why);
    if (n == 0 || n > RILL_RESOLVER_NAME_MAX)
        return rill_err_set(&rill_reactor_errors, RILL_REACTOR_NAME, 0, n, why);
    *a = (struct ask){.used = true, .tag = tag, .resolver = x, .own.port = port};
    memcpy(a->name, name, n);
    if (rill_addr_parse_ip(rill_view_of(name), &literal)) {
        literal.port = port;
        a->own.addrs[0] = literal;
        a->own.n = 1;
        a->done = true;
        return 0;
    }
    a->pending = 1; /* until both are asked */
    if (service && !is_of_this_machine(x, name))
        ask_srv(a, service);
    /* RFC 6761 §6.3: names below localhost are localhost. */
    look_for(a, &a->own, is_localhost(name) ? "localhost" : name, port);
    a->done = --a->pending == 0;
    return 0;
}

/* --- answering ------------------------------------------------------------------------------ */

static void put(struct rill_resolver_answer *out, const struct look *l)
{
    for (size_t i = 0; i < l->n && out->n < RILL_RESOLVER_ADDRESSES; i++)
        out->addrs[out->n++] = l->addrs[i];
}

/* The first address of each target comes before the second of any: one that is dead has another
 * server behind it. */
static void put_targets(struct rill_resolver_answer *out, const struct ask *a)
{
    for (size_t k = 0; k < RILL_RESOLVER_ADDRESSES; k++)
        for (size_t i = 0; i < a->n_targets; i++)
            if (k < a->targets[i].n && out->n < RILL_RESOLVER_ADDRESSES)
                out->addrs[out->n++] = a->targets[i].addrs[k];
}

bool rill_resolver_answer(struct rill_resolver *x, struct rill_resolver_answer *out)
{
    for (size_t i = 0; i < RILL_RESOLVER_ASKS; i++) {
        struct ask *a = &x->asks[i];
        if (!a->used || !a->done)
            continue;
        const struct look *told = a->has_srv ? &a->targets[0] : &a->own;
        *out = (struct rill_resolver_answer){.tag = a->tag};
        if (a->has_srv)
            put_targets(out, a);
        else
            put(out, &a->own);
        if (out->n == 0)
            out->reason = a->refusal ? a->refusal : ares_strerror(told->status);
        a->used = false;
        return true;
    }
    return false;
}

bool rill_resolver_is_asking(const struct rill_resolver *x)
{
    for (size_t i = 0; i < RILL_RESOLVER_ASKS; i++)
        if (x->asks[i].used)
            return true;
    return false;
}

/* --- life ----------------------------------------------------------------------------------- */

struct rill_resolver *rill_resolver_new(struct rill_reactor *r)
{
    struct rill_resolver *x = calloc(1, sizeof *x);
    if (!x || ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
        free(x);
        return NULL;
    }
    struct ares_options options = {
        .timeout = TIMEOUT_MS, .tries = TRIES, .sock_state_cb = on_socket, .sock_state_cb_data = x};
    x->reactor = r;
    x->rng = rill_posix_rng();
    if (ares_init_options(&x->channel, &options,
                          ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB) !=
        ARES_SUCCESS) {
        ares_library_cleanup();
        free(x);
        return NULL;
    }
    return x;
}

void rill_resolver_free(struct rill_resolver *x)
{
    if (!x)
        return;
    x->closing = true;
    ares_destroy(x->channel); /* calls back for all that is asked */
    ares_library_cleanup();
    free(x);
}

int rill_resolver_wait(struct rill_reactor *r, const char *name, const char *service, uint16_t port,
                       int64_t deadline, struct rill_addr *out, size_t cap, struct rill_err *why)
{
    struct rill_resolver *x = rill_resolver_new(r);
    struct rill_resolver_answer answer = {0};
    struct rill_reactor_event e;
    int rc = x ? rill_resolver_ask(x, 0, name, service, port, why) : RILL_REACTOR_RESOLVE;
    while (rc >= 0 && !rill_resolver_answer(x, &answer)) {
        int64_t now = rill_posix_now();
        if (now >= deadline)
            break;
        rill_reactor_next(r, rill_earlier(deadline, rill_resolver_deadline(x, now)), &e);
        (void)rill_resolver_event(x, &e);
        rill_resolver_tick(x, rill_posix_now());
    }
    rill_resolver_free(x);
    if (rc >= 0 && answer.n == 0)
        return rill_err_set(&rill_reactor_errors, RILL_REACTOR_RESOLVE, 0, 0, why);
    for (size_t i = 0; rc >= 0 && i < answer.n && i < cap; i++)
        out[rc++] = answer.addrs[i];
    return rc;
}
