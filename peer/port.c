/* port: what the port tells of the world: addresses that come and go, servers that have one,
 * sockets that were asked for. Each agent hears of it, and so do those that begin later. */
#include "ice/stats.h"
#include "peer/connection.h"
#include "peer/events.h"
#include "peer/inputs.h"
#include "peer/traced.h"
#include "peer/transport.h"
#include "peer/transports.h"

static size_t find_interface(const struct rill_peer *x, const struct rill_addr *addr)
{
    size_t i = 0;
    while (i < x->n_interfaces && !rill_addr_same_ip(&x->interfaces[i], addr))
        i++;
    return i;
}

int rill_peer_interface_up(struct rill_peer *x, int64_t now, const struct rill_addr *addr)
{
    rill_peer_input_interface(x, now, addr, true);
    struct rill_peer_component *c;
    int rc = 0;
    x->now = now;
    if (find_interface(x, addr) == x->n_interfaces && x->n_interfaces < RILL_PEER_INTERFACES) {
        x->interfaces[x->n_interfaces++] = *addr;
        rill_peer_trace_interface(x, now, addr, true);
    }
    for (size_t k = 0; (c = rill_peer_component(x, k)) && rc >= 0; k++)
        rc = rill_ice_interface_up(c->ice, now, addr);
    rill_peer_transport_pump(x, now);
    return rc;
}

int rill_peer_interface_down(struct rill_peer *x, int64_t now, const struct rill_addr *addr)
{
    rill_peer_input_interface(x, now, addr, false);
    struct rill_peer_component *c;
    size_t i = find_interface(x, addr);
    int rc = 0;
    x->now = now;
    if (i < x->n_interfaces) {
        x->interfaces[i] = x->interfaces[--x->n_interfaces];
        rill_peer_trace_interface(x, now, addr, false);
    }
    for (size_t k = 0; (c = rill_peer_component(x, k)) && rc >= 0; k++)
        rc = rill_ice_interface_down(c->ice, now, addr);
    rill_peer_transport_pump(x, now);
    return rc;
}

int rill_peer_add_stun_server(struct rill_peer *x, const struct rill_addr *server)
{
    rill_peer_input_stun_server(x, server);
    struct rill_peer_component *c;
    int rc = 0;
    if (x->n_servers < RILL_PEER_SERVERS)
        x->servers[x->n_servers++] = *server;
    for (size_t k = 0; (c = rill_peer_component(x, k)) && rc >= 0; k++)
        rc = rill_ice_add_server(c->ice, server);
    return rc;
}

void rill_peer_await_servers(struct rill_peer *x, int64_t now, bool awaited)
{
    rill_peer_input_await_servers(x, now, awaited);
    x->now = now;
    struct rill_peer_component *c;
    x->awaits_servers = awaited;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++)
        rill_ice_await_servers(c->ice, now, awaited);
    rill_peer_transport_pump(x, now);
}

void rill_peer_turn_resolved(struct rill_peer *x, int64_t now, size_t turn,
                             const struct rill_addr *addrs, size_t n)
{
    rill_peer_input_turn_resolved(x, now, turn, addrs, n);
    x->now = now;
    struct rill_peer_component *c;
    if (turn < x->config.n_turn) {
        struct rill_peer_turn_addrs *known = &x->turn_addrs[turn];
        for (known->n = 0; known->n < n && known->n < RILL_ICE_TURN_ADDRESSES; known->n++)
            known->addrs[known->n] = addrs[known->n];
    }
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++)
        rill_ice_turn_resolved(c->ice, now, turn, addrs, n);
    rill_peer_transport_pump(x, now);
}

void rill_peer_resolved(struct rill_peer *x, int64_t now, struct rill_view name,
                        const struct rill_addr *addrs, size_t n)
{
    rill_peer_input_resolved(x, now, name, addrs, n);
    x->now = now;
    struct rill_peer_component *c;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++)
        if (c->used)
            rill_ice_resolved(c->ice, now, name, addrs, n);
    rill_peer_transport_pump(x, now);
}

void rill_peer_opened(struct rill_peer *x, int64_t now, uint32_t request, uint32_t socket,
                      const struct rill_addr *local)
{
    rill_peer_input_opened(x, now, request, socket, local);
    struct rill_peer_component *c = rill_peer_component_of_request(x, &request);
    struct rill_peer_note *note = NULL;
    x->now = now;
    if (c)
        rill_ice_opened(c->ice, now, request, socket, local);
    else /* whoever asked for it is gone */
        note = rill_peer_note(x, RILL_PEER_EVENT_CLOSE);
    if (note)
        note->socket = socket;
    rill_peer_transport_pump(x, now);
}

void rill_peer_open_failed(struct rill_peer *x, int64_t now, uint32_t request)
{
    rill_peer_input_open_failed(x, now, request);
    struct rill_peer_component *c = rill_peer_component_of_request(x, &request);
    x->now = now;
    if (c)
        rill_ice_open_failed(c->ice, now, request);
    rill_peer_transport_pump(x, now);
}

bool rill_peer_accepted(struct rill_peer *x, int64_t now, uint32_t listener, uint32_t socket,
                        const struct rill_addr *remote)
{
    rill_peer_input_accepted(x, now, listener, socket, remote);
    x->now = now;
    return rill_ice_accepted(rill_peer_component_of_socket(x, listener)->ice, now, listener, socket,
                             remote);
}

void rill_peer_stream_closed(struct rill_peer *x, int64_t now, uint32_t socket)
{
    rill_peer_input_stream_closed(x, now, socket);
    x->now = now;
    rill_ice_stream_closed(rill_peer_component_of_socket(x, socket)->ice, now, socket);
    rill_peer_transport_pump(x, now);
}

void rill_peer_discarded(struct rill_peer *x, int64_t now, const struct rill_path *path,
                         struct rill_view datagram)
{
    rill_peer_input_discarded(x, now, path, datagram);
    /* RFC 7983 §7: checks are not of what a pair has sent. */
    if (datagram.n > 0 && datagram.p[0] > 3)
        rill_ice_data_discarded(rill_peer_component_of_socket(x, path->socket)->ice, path,
                                datagram.n);
}

void rill_peer_unreachable(struct rill_peer *x, int64_t now, const struct rill_path *path)
{
    rill_peer_input_unreachable(x, now, path);
    x->now = now;
    rill_ice_unreachable(rill_peer_component_of_socket(x, path->socket)->ice, now, path);
    rill_peer_transport_pump(x, now);
}
