/* call_servers: the STUN and TURN servers of a call, from their names to the peer. */
#include "apps/app.h"
#include "apps/call.h"

static bool resolve_stun(struct call *c)
{
    for (size_t i = 0; i < c->options->n_stun; i++) {
        struct rill_url url;
        struct rill_err why = {0};
        const char *wrong = rill_url_parse_stun(c->options->stun[i], &url);
        if (wrong) {
            call_fail(c, wrong, NULL);
            return false;
        }
        /* Two addresses of a name, which may be one of IPv6 and one of IPv4. A server whose name
         * is not known is one server less, not the end of the call. */
        size_t room = RILL_ICE_SERVERS_MAX - c->n_stun;
        int n =
            rill_posix_resolve(url.host, url.port, &c->stun[c->n_stun], room < 2 ? room : 2, &why);
        if (n > 0)
            c->n_stun += (size_t)n;
        else if (room > 0)
            rill_app_complain(c->options->stun[i], &why);
    }
    return true;
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
                                         .roots = &c->roots,
                                         .sink = &sink,
                                         .ctx = c};
    for (size_t i = 0; i < c->options->n_turn; i++) {
        struct rill_err why = {0};
        if (rill_turn_streams_add(&c->turn, c->options->turn[i], &why) < 0) {
            call_fail(c, "--turn", &why);
            return false;
        }
    }
    return true;
}

bool call_name_servers(struct call *c)
{
    return resolve_stun(c) && name_turn(c);
}
