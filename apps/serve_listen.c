/* serve_listen: the ports: TCP for pages and signaling, and UDP beside it for STUN. */
#include "apps/app.h"
#include "apps/serve.h"

#include <stdio.h>

/* So that who is one too many is taken and told so, and does not wait in the queue. */
#define SPARE 9

size_t serve_sockets(const struct serve *s)
{
    return s->options.connections + 2 * s->options.n_listen + RILL_STORE_WIRES + SPARE;
}

static bool complain(const char *what, const struct rill_addr *at, const struct rill_err *why)
{
    struct rill_addr_text text = rill_addr_text(at);
    char sentence[RILL_ADDR_TEXT_MAX + 64];
    snprintf(sentence, sizeof sentence, "%s %s", what, text.text);
    rill_app_complain(sentence, why);
    return false;
}

/* One socket answers for an address: that of the unspecified one for all of its family. */
static bool is_covered(const struct serve *s, size_t i)
{
    const struct rill_addr *at = s->options.listen;
    for (size_t k = 0; k < s->options.n_listen; k++) {
        bool wider = rill_addr_is_any(&at[k]) && !rill_addr_is_any(&at[i]);
        bool earlier = k < i && rill_addr_same_ip(&at[k], &at[i]);
        if (at[k].family == at[i].family && (wider || earlier))
            return true;
    }
    return false;
}

/* Pages are told one port, so it is the same on every address. */
static bool open_stun(struct serve *s, size_t i)
{
    struct rill_err why = {0};
    struct rill_addr at = s->options.listen[i], bound;
    uint32_t socket;
    if (!s->options.stun || is_covered(s, i))
        return true;
    at.port = s->stun_port ? s->stun_port : s->options.stun_port;
    int rc = rill_reactor_udp(s->reactor, &at, &socket, &bound, &why);
    /* Nobody asked for this very port: any will do, and the page is told which. */
    if (rc < 0 && !s->options.stun_given && !s->stun_port) {
        at.port = 0;
        rc = rill_reactor_udp(s->reactor, &at, &socket, &bound, &why);
    }
    if (rc < 0)
        return complain("cannot open the STUN port on", &at, &why);
    s->stun_port = bound.port;
    serve_print_stun(s, &bound);
    return i > 0 || !s->options.stun_alternate.family || serve_stun_alternate(s, socket, &bound);
}

static bool open_listener(struct serve *s, size_t i)
{
    const struct rill_addr *at = &s->options.listen[i];
    struct rill_err why = {0};
    int rc = rill_reactor_tcp_listen(s->reactor, at, &s->listeners[i], &s->bound[i], &why);
    if (rc < 0)
        return complain("cannot listen on", at, &why);
    serve_print_listening(s, &s->bound[i]);
    return true;
}

bool serve_listen(struct serve *s)
{
    for (size_t i = 0; i < s->options.n_listen; i++)
        if ((!s->options.no_tcp[i] && !open_listener(s, i)) || !open_stun(s, i))
            return false;
    return true;
}

void serve_listen_tell(struct serve *s)
{
    s->phone_told = false;
    for (size_t i = 0; i < s->options.n_listen; i++)
        if (rill_addr_is_any(&s->bound[i]))
            serve_print_listening(s, &s->bound[i]);
}

void serve_unlisten(struct serve *s)
{
    for (size_t i = 0; i < s->options.n_listen; i++)
        rill_reactor_close(s->reactor, s->listeners[i]);
}
