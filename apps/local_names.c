#include "apps/local_names.h"

#include <stdlib.h>
#include <string.h>

#define TAKEN (sizeof((struct rill_local_names *)0)->resolved / sizeof(struct rill_mdns_event))

static bool has_addr(const struct rill_interface *all, size_t n, const struct rill_addr *addr)
{
    for (size_t i = 0; i < n; i++)
        if (rill_addr_same_ip(&all[i].addr, addr))
            return true;
    return false;
}

static bool has_link(const struct rill_interface *all, size_t n, const struct rill_interface *link)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].index == link->index && all[i].addr.family == link->addr.family)
            return true;
    return false;
}

/* What went goes first: a slot of the machine may be of use to what came. */
void rill_local_names_interfaces(struct rill_local_names *x, int64_t now)
{
    struct rill_interface all[RILL_LOCAL_NAMES_LINKS];
    if (!x->mdns)
        return;
    size_t n = rill_posix_links(all, RILL_LOCAL_NAMES_LINKS);
    for (size_t i = 0; i < x->n_links; i++) {
        const struct rill_interface *l = &x->links[i];
        if (!has_addr(all, n, &l->addr))
            rill_mdns_address_down(x->mdns, now, &l->addr);
        if (!has_link(all, n, l))
            rill_mdns_link_down(x->mdns, now, l->index, (enum rill_family)l->addr.family);
    }
    for (size_t i = 0; i < n; i++)
        if (all[i].multicast)
            (void)rill_mdns_link_up(x->mdns, now, all[i].index,
                                    (enum rill_family)all[i].addr.family);
    memcpy(x->links, all, n * sizeof all[0]);
    x->n_links = n;
}

static bool start(struct rill_local_names *x, int64_t now)
{
    struct rill_mdns_config config = {.rng = rill_posix_rng(), .trace = x->trace};
    if (x->mdns)
        return true;
    void *block = malloc(rill_mdns_size(&config));
    x->mdns = block ? rill_mdns_init(block, &config) : NULL;
    if (x->mdns)
        rill_local_names_interfaces(x, now);
    return x->mdns != NULL;
}

void rill_local_names_resolve(struct rill_local_names *x, int64_t now, struct rill_view name)
{
    struct rill_mdns_event none = {.type = RILL_MDNS_EVENT_RESOLVED};
    struct rill_writer w =
        rill_writer_of((struct rill_span){(uint8_t *)none.name, sizeof none.name});
    if (start(x, now) && rill_mdns_resolve(x->mdns, now, name) >= 0)
        return;
    /* No room: as if nobody answered. */
    rill_w_bytes(&w, name);
    rill_w_end_text(&w);
    if (x->n_resolved < TAKEN)
        x->resolved[x->n_resolved++] = none;
}

void rill_local_names_register(struct rill_local_names *x, int64_t now, struct rill_view name,
                               const struct rill_addr *addr)
{
    if (!start(x, now))
        return;
    rill_local_names_interfaces(x, now); /* the address may have come this moment */
    for (size_t i = 0; i < x->n_links; i++)
        if (rill_addr_same_ip(&x->links[i].addr, addr))
            (void)rill_mdns_register(x->mdns, now, name, addr, x->links[i].index);
}

static uint32_t join(struct rill_local_names *x, const struct rill_addr *group, bool member)
{
    uint32_t socket;
    if (x->n_sockets == RILL_LOCAL_NAMES_SOCKETS ||
        rill_reactor_udp_group(x->reactor, group, member, &socket, NULL) < 0)
        return RILL_MDNS_NO_SOCKET;
    x->sockets[x->n_sockets++] = socket;
    return socket;
}

static void leave(struct rill_local_names *x, uint32_t socket)
{
    rill_reactor_close(x->reactor, socket);
    for (size_t i = 0; i < x->n_sockets; i++)
        if (x->sockets[i] == socket)
            x->sockets[i] = x->sockets[--x->n_sockets];
}

static void take_event(struct rill_local_names *x, int64_t now, const struct rill_mdns_event *e)
{
    if (e->type == RILL_MDNS_EVENT_JOIN) {
        uint32_t group = join(x, &e->addr, true), own = join(x, &e->addr, false);
        rill_mdns_joined(x->mdns, now, e->request, group, own);
    } else if (e->type == RILL_MDNS_EVENT_CLOSE) {
        leave(x, e->socket);
    } else {
        x->resolved[x->n_resolved++] = *e;
    }
}

void rill_local_names_run(struct rill_local_names *x, int64_t now)
{
    static uint8_t out[RILL_MDNS_SENT_MAX];
    struct rill_mdns_event e;
    struct rill_path path;
    size_t n;
    if (!x->mdns)
        return;
    rill_mdns_tick(x->mdns, now);
    while (x->n_resolved < TAKEN && rill_mdns_event(x->mdns, &e))
        take_event(x, now, &e);
    while ((n = rill_mdns_output(x->mdns, now, &path, (struct rill_span){out, sizeof out})) > 0)
        rill_reactor_send(x->reactor, &path, rill_view_at(out, n));
}

bool rill_local_names_event(struct rill_local_names *x, int64_t now,
                            const struct rill_reactor_event *e)
{
    for (size_t i = 0; i < x->n_sockets; i++) {
        if (x->sockets[i] != e->socket)
            continue;
        if (e->type == RILL_REACTOR_DATAGRAM)
            (void)rill_mdns_input(x->mdns, now, &e->path, rill_view_at(e->bytes.p, e->bytes.n),
                                  NULL);
        return true;
    }
    return false;
}

int64_t rill_local_names_deadline(const struct rill_local_names *x)
{
    return x->mdns ? rill_mdns_deadline(x->mdns) : RILL_NEVER;
}

bool rill_local_names_take(struct rill_local_names *x, struct rill_mdns_event *out)
{
    if (x->n_resolved == 0)
        return false;
    *out = x->resolved[0];
    x->n_resolved--;
    for (size_t i = 0; i < x->n_resolved; i++)
        x->resolved[i] = x->resolved[i + 1];
    return true;
}

void rill_local_names_free(struct rill_local_names *x)
{
    if (!x->mdns)
        return;
    rill_mdns_close(x->mdns, rill_posix_now());
    rill_local_names_run(x, rill_posix_now());
    for (size_t i = 0; i < x->n_sockets; i++)
        rill_reactor_close(x->reactor, x->sockets[i]);
    free(x->mdns);
    x->mdns = NULL;
}
