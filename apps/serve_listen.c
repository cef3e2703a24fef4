/* serve_listen: the ports: TCP for pages and signaling, and UDP beside it for STUN. */
#include "apps/app.h"
#include "apps/serve.h"

#include <stdio.h>

#define PORTS 2
/* So that who is one too many is taken and told so, and does not wait in the queue. */
#define SPARE 6

static bool open_stun(struct serve *s)
{
    struct rill_err why = {0};
    struct rill_addr at = s->options.listen;
    if (!s->options.stun)
        return true;
    at.port = s->options.stun_port;
    int rc = rill_reactor_udp(s->reactor, &at, &s->stun, &s->stun_addr, &why);
    /* Nobody asked for this very port: any will do, and the page is told which. */
    if (rc < 0 && !s->options.stun_given) {
        at.port = 0;
        rc = rill_reactor_udp(s->reactor, &at, &s->stun, &s->stun_addr, &why);
    }
    if (rc < 0)
        rill_app_complain("cannot open the STUN port", &why);
    return rc >= 0;
}

bool serve_listen(struct serve *s)
{
    struct rill_err why = {0};
    struct rill_addr at;
    int rc = rill_reactor_tcp_listen(s->reactor, &s->options.listen, &s->listener, &at, &why);
    if (rc < 0) {
        struct rill_addr_text text = rill_addr_text(&s->options.listen);
        char what[RILL_ADDR_TEXT_MAX + 32];
        snprintf(what, sizeof what, "cannot listen on %s", text.text);
        rill_app_complain(what, &why);
        return false;
    }
    if (!open_stun(s))
        return false;
    serve_print_listening(s, &at);
    if (s->stun)
        serve_print_stun(s);
    return true;
}

size_t serve_sockets(const struct serve *s)
{
    return s->options.connections + PORTS + SPARE;
}

void serve_unlisten(struct serve *s)
{
    rill_reactor_close(s->reactor, s->listener);
}
