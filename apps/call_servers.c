/* call_servers: the STUN and TURN servers of a call, from their names to the peer. */
#include "apps/call.h"

#include <stdio.h>

static bool name_stun(struct call *c)
{
    for (size_t i = 0; i < c->options->n_stun; i++) {
        const char *wrong = rill_names_stun(&c->names, c->options->stun[i]);
        if (wrong) {
            call_fail(c, wrong, NULL);
            return false;
        }
    }
    return true;
}

/* A server whose name is not known is one server less, not the end of the call. */
static void give(struct call *c, int64_t now, const struct rill_name *n)
{
    struct rill_addr stun[RILL_RESOLVER_ADDRESSES];
    size_t k =
        n->kind == RILL_NAME_STUN ? rill_names_choose_stun(n, stun, RILL_RESOLVER_ADDRESSES) : 0;
    if (n->reason)
        fprintf(stderr, "rill call: [%s] no candidate from %s:%s: %s\n", c->options->name,
                n->kind == RILL_NAME_STUN ? "stun" : "turn", n->text, n->reason);
    else if (n->kind == RILL_NAME_TURN)
        rill_peer_turn_resolved(c->peer, now, n->turn, n->addrs, n->n);
    for (size_t i = 0; i < k; i++)
        (void)rill_peer_add_stun_server(c->peer, &stun[i]);
}

void call_names(struct call *c, int64_t now)
{
    const struct rill_name *n;
    bool awaited = rill_names_await_servers(&c->names);
    rill_names_tick(&c->names, now);
    while ((n = rill_names_take(&c->names, false)))
        call_stream_named(c, n);
    while (c->peer && (n = rill_names_take(&c->names, true)))
        give(c, now, n);
    if (c->peer && awaited && !rill_names_await_servers(&c->names))
        rill_peer_await_servers(c->peer, now, false);
}

/* --- the streams to TURN servers, as the peer sees them ----------------------------------- */

static void turn_opened(void *ctx, int64_t now, uint32_t request, uint32_t socket)
{
    static const struct rill_addr unknown = {0};
    rill_peer_opened(((struct call *)ctx)->peer, now, request, socket, &unknown);
}

static void turn_open_failed(void *ctx, int64_t now, uint32_t request)
{
    rill_peer_open_failed(((struct call *)ctx)->peer, now, request);
}

static void turn_closed(void *ctx, int64_t now, uint32_t socket)
{
    rill_peer_stream_closed(((struct call *)ctx)->peer, now, socket);
}

static void turn_input(void *ctx, int64_t now, const struct rill_path *path, struct rill_span bytes)
{
    (void)rill_peer_input(((struct call *)ctx)->peer, now, path, bytes);
}

static void turn_note(void *ctx, const char *text)
{
    call_note(ctx, "turn", text);
}

static bool name_turn(struct call *c)
{
    static const struct rill_turn_sink sink = {turn_opened, turn_open_failed, turn_closed,
                                               turn_input, turn_note};
    c->turn = (struct rill_turn_streams){.reactor = c->reactor,
                                         .ca = c->options->ca,
                                         .insecure = c->options->insecure,
                                         .family = c->options->turn_family,
                                         .roots = &c->roots,
                                         .trace = &c->trace.trace,
                                         .sink = &sink,
                                         .ctx = c};
    for (size_t i = 0; i < c->options->n_turn; i++) {
        const char *wrong = rill_names_turn(&c->names, &c->turn, c->options->turn[i]);
        if (wrong) {
            call_fail(c, wrong, NULL);
            return false;
        }
    }
    return true;
}

bool call_name_servers(struct call *c)
{
    return name_stun(c) && name_turn(c);
}
