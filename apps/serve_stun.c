/* serve_stun: STUN: the basic server (RFC 8489 §12), and with --stun-alternate what NAT behaviour
 * discovery asks of it (RFC 5780 §6): two addresses, and the same two ports on each. */
#include "apps/app.h"
#include "apps/serve.h"
#include "stun/server.h"

#include <stdio.h>

#define TRIES 8 /* to find a port that is free on both addresses */

/* 0, or what went wrong with the address in *at. */
static int open_three(struct serve *s, uint16_t port, struct rill_addr *at, struct rill_err *why)
{
    struct serve_stun *u = &s->stun;
    u->behavior.port[1] = port;
    for (unsigned i = 1; i < 4; i++) {
        struct rill_addr bound;
        *at = rill_stun_behavior_addr(&u->behavior, i);
        int rc = rill_reactor_udp(s->reactor, at, &u->sockets[i], &bound, why);
        if (rc < 0) {
            while (--i > 0)
                rill_reactor_close(s->reactor, u->sockets[i]);
            return rc;
        }
        if (i == 1)
            u->behavior.port[1] = bound.port;
    }
    return 0;
}

bool serve_stun_alternate(struct serve *s, uint32_t socket, const struct rill_addr *bound)
{
    struct serve_stun *u = &s->stun;
    const struct rill_addr *other = &s->options.stun_alternate;
    struct rill_err why = {0};
    struct rill_addr at;
    int rc = -1;
    u->behavior = (struct rill_stun_behavior){{*bound, *other}, {bound->port, 0}};
    u->sockets[0] = socket;
    for (int i = 0; rc < 0 && i < (other->port ? 1 : TRIES); i++)
        rc = open_three(s, other->port, &at, &why);
    if (rc < 0) {
        char sentence[RILL_ADDR_TEXT_MAX + 64];
        snprintf(sentence, sizeof sentence, "cannot open the alternate STUN port on %s",
                 rill_addr_text(&at).text);
        rill_app_complain(sentence, &why);
        return false;
    }
    u->alternate = true;
    at = rill_stun_behavior_addr(&u->behavior, 3);
    serve_print_stun(s, &at);
    return true;
}

static void answer_behavior(struct serve *s, unsigned number, const struct rill_reactor_event *e)
{
    static uint8_t out[RILL_DATAGRAM_IN_MAX + 256];
    struct rill_stun_reply reply;
    size_t n = rill_stun_behavior_answer(&s->stun.behavior, rill_view_at(e->bytes.p, e->bytes.n),
                                         &e->path.remote, number, &reply,
                                         (struct rill_span){out, sizeof out}, NULL);
    struct rill_path path = {s->stun.sockets[reply.socket & 3], RILL_PROTO_UDP, reply.to};
    if (n)
        rill_reactor_send(s->reactor, &path, rill_view_at(out, n));
}

void serve_stun_answer(struct serve *s, const struct rill_reactor_event *e)
{
    uint8_t out[RILL_DATAGRAM_OUT_MAX];
    for (unsigned i = 0; s->stun.alternate && i < 4; i++) {
        if (s->stun.sockets[i] != e->path.socket)
            continue;
        answer_behavior(s, i, e);
        return;
    }
    size_t n = rill_stun_server_answer(rill_view_at(e->bytes.p, e->bytes.n), &e->path.remote,
                                       (struct rill_span){out, sizeof out}, NULL);
    if (n)
        rill_reactor_send(s->reactor, &e->path, rill_view_at(out, n));
}
