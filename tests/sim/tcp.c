/* tcp: see tcp.h. */
#include "tests/sim/tcp.h"

#include <assert.h>

static struct rill_sim_connection *of_socket(const struct rill_sim_call *c, uint32_t socket,
                                             int *end)
{
    for (size_t i = 0; i < c->n_connections; i++)
        for (*end = 0; *end < 2; ++*end)
            if (c->connections[i].open && c->connections[i].socket[*end] == socket)
                return (struct rill_sim_connection *)&c->connections[i];
    return NULL;
}

static const struct rill_sim_socket *listener_at(const struct rill_sim *net,
                                                 const struct rill_addr *addr)
{
    for (uint32_t i = 0; i < net->n_sockets; i++)
        if (net->sockets[i].open && rill_addr_equal(&net->sockets[i].addr, addr))
            return &net->sockets[i];
    return NULL;
}

void rill_sim_tcp_connect(struct rill_sim_call *c, int side, const struct rill_peer_event *e)
{
    const struct rill_sim_socket *listener = listener_at(&c->net, &e->to);
    struct rill_peer *peer = c->sides[side].peer;
    if (!listener) {
        rill_peer_open_failed(peer, c->now, e->request);
        return;
    }
    assert(c->n_connections < RILL_SIM_CONNECTIONS);
    struct rill_sim_connection *n = &c->connections[c->n_connections++];
    *n = (struct rill_sim_connection){
        .open = true, .side = {side, listener->endpoint}, .addr = {e->addr, e->to}};
    for (int end = 0; end < 2; end++) {
        struct rill_addr any = n->addr[end];
        any.port = 0;
        n->socket[end] = rill_sim_bind(&c->net, n->side[end], &any, &n->bound[end]);
    }
    if (e->addr.port == 0)
        n->addr[0] = n->bound[0];
    uint32_t id = (uint32_t)(listener - c->net.sockets);
    rill_peer_opened(peer, c->now, e->request, n->socket[0], &n->addr[0]);
    if (!rill_peer_accepted(c->sides[n->side[1]].peer, c->now, id, n->socket[1], &n->addr[0]))
        rill_sim_tcp_close(c, n->socket[1]);
}

void rill_sim_tcp_close(struct rill_sim_call *c, uint32_t socket)
{
    int end;
    struct rill_sim_connection *n = of_socket(c, socket, &end);
    rill_sim_unbind(&c->net, socket);
    if (!n)
        return;
    n->open = false;
    rill_sim_unbind(&c->net, n->socket[1 - end]);
    rill_peer_stream_closed(c->sides[n->side[1 - end]].peer, c->now, n->socket[1 - end]);
}

void rill_sim_tcp_break(struct rill_sim_call *c, size_t connection)
{
    struct rill_sim_connection *n = &c->connections[connection];
    n->open = false;
    for (int end = 0; end < 2; end++) {
        rill_sim_unbind(&c->net, n->socket[end]);
        rill_peer_stream_closed(c->sides[n->side[end]].peer, c->now, n->socket[end]);
    }
}

bool rill_sim_tcp_is(const struct rill_sim_call *c, uint32_t socket)
{
    int end;
    return of_socket(c, socket, &end) != NULL;
}

void rill_sim_tcp_send(struct rill_sim_call *c, const struct rill_path *path,
                       struct rill_view bytes)
{
    int end;
    const struct rill_sim_connection *n = of_socket(c, path->socket, &end);
    if (n)
        rill_sim_forge(&c->net, c->now, c->options.link.delay, &n->addr[end], &n->bound[1 - end],
                       bytes);
}
