/* gather: `rill gather`: the candidates a call from here would have (RFC 8445 §5.1), each when it
 * is found, and the servers that gave none.
 *
 * The idea: the agent of a call without a peer. Failures of servers are no events of the agent,
 * since nobody waits for them; they are read off its trace. */
#include "apps/app.h"
#include "apps/ice_tcp.h"
#include "apps/ip_handling.h"
#include "apps/local_names.h"
#include "apps/names.h"
#include "apps/trace_out.h"
#include "apps/trace_wire.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOCKETS 64

struct gather {
    struct rill_turn_streams turn;
    struct rill_names names;
    const char *turn_urls[RILL_ICE_SERVERS_MAX];
    size_t n_turn;
    struct rill_local_names local;
    enum rill_ip_handling ip_handling;
    bool mdns;
    const char *ca;
    bool json, insecure, loopback, relay_only;
    enum rill_ice_tcp tcp;

    struct rill_reactor *reactor;
    struct rill_cert_roots roots;
    struct rill_trace trace; /* what is read off it; and where it all goes */
    struct rill_trace_options trace_options;
    struct rill_trace_out trace_out;
    struct rill_trace_wire wire;
    struct rill_ice *ice;
    int64_t from;
    unsigned candidates;
    bool done;
};

static void usage(FILE *out)
{
    fputs("usage: rill gather [options]\n\n"
          "  --stun URL        a STUN server, stun:HOST[:PORT]; repeat for more\n"
          "  --turn URL        a TURN server, turn:[USER:PASS@]HOST[:PORT][?transport=udp|tcp] or\n"
          "                    turns:; credentials also from $RILL_TURN_USERNAME and\n"
          "                    $RILL_TURN_PASSWORD; repeat for more\n" RILL_TURN_FAMILY_HELP "\n"
          "  --ice-policy P    all, or relay\n"
          "  --ice-loopback    use loopback addresses too\n" RILL_ICE_TCP_HELP
          "\n" RILL_IP_HANDLING_HELP "\n"
          "  --ca FILE         CAs to believe, beside the system's, rill's own and mkcert's\n"
          "  --insecure        do not ask who a turns: server is\n"
          "  --json            one event a line, as JSON\n" RILL_TRACE_OPTIONS_HELP
          "\nA priority is 2^24 x type preference + 2^8 x local preference + 256 - component.\n\n"
          "example: rill gather --stun stun:127.0.0.1:3478 --ice-loopback\n",
          out);
}

/* --- what is shown ------------------------------------------------------------------------ */

static const char *protocol(const struct rill_ice_cand *c)
{
    return c->proto == RILL_PROTO_UDP ? "udp" : "tcp";
}

static struct rill_addr_text ip_text(const struct rill_addr *a)
{
    struct rill_addr_text t = {"-"};
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)t.text, sizeof t.text});
    if (a->family != RILL_ADDR_NONE)
        rill_addr_write_ip(&w, a);
    rill_w_end_text(&w);
    return t;
}

/* What the other side would be told: a name, where it has one. */
static struct rill_addr_text shown(const struct rill_ice_cand *c)
{
    struct rill_addr_text t;
    if (!c->name[0])
        return ip_text(&c->addr);
    snprintf(t.text, sizeof t.text, "%s", c->name);
    return t;
}

static void print_json(json_t *o)
{
    json_dumpf(o, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    json_decref(o);
}

static void show_json(const struct rill_ice_cand *c, int64_t at)
{
    json_t *o = json_pack("{ss sI ss ss ss ss si sI si si si}", "event", "candidate", "time_us",
                          (json_int_t)at, "type", rill_ice_type_name(c->type), "foundation",
                          c->foundation, "protocol", protocol(c), "address", shown(c).text, "port",
                          (int)c->addr.port, "priority", (json_int_t)c->priority, "type_preference",
                          (int)(c->priority >> 24), "local_preference",
                          (int)(c->priority >> 8 & 0xffff), "component", (int)c->component);
    if (c->related.family != RILL_ADDR_NONE) {
        json_object_set_new(o, "related_address", json_string(ip_text(&c->related).text));
        json_object_set_new(o, "related_port", json_integer(c->related.port));
    }
    if (c->tcptype != RILL_ICE_TCP_NONE)
        json_object_set_new(o, "tcptype", json_string(rill_ice_tcptype_name(c->tcptype)));
    print_json(o);
}

static void show_text(const struct rill_ice_cand *c, int64_t at, bool first)
{
    if (first)
        printf("%9s  %-5s %-10s %-4s %-39s %5s  %-10s = %4s %6s %4s  %s\n", "ms", "type",
               "foundation", "prot", "address", "port", "priority", "type", "local", "comp",
               "related");
    printf("%9.3f  %-5s %-10s %-4s %-39s %5u  %-10u = %4u %6u %4u  ", (double)at / 1000,
           rill_ice_type_name(c->type), c->foundation, protocol(c), shown(c).text, c->addr.port,
           c->priority, c->priority >> 24, c->priority >> 8 & 0xffff, c->component);
    fputs(c->related.family == RILL_ADDR_NONE ? "-" : rill_addr_text(&c->related).text, stdout);
    printf("%s%s\n", c->tcptype == RILL_ICE_TCP_NONE ? "" : "  ",
           c->tcptype == RILL_ICE_TCP_NONE ? "" : rill_ice_tcptype_name(c->tcptype));
}

static void show(struct gather *g, const struct rill_ice_cand *c)
{
    int64_t at = rill_posix_now() - g->from;
    if (g->json)
        show_json(c, at);
    else
        show_text(c, at, g->candidates == 0);
    g->candidates++;
    fflush(stdout);
}

static void show_failure(struct gather *g, int64_t now, const char *kind, const char *server,
                         struct rill_view reason)
{
    const char *text = (const char *)reason.p;
    if (g->json)
        print_json(json_pack("{ss sI ss ss ss%}", "event", "server", "time_us",
                             (json_int_t)(now - g->from), "kind", kind, "server", server, "failure",
                             text, reason.n));
    else
        printf("%9.3f  no candidate from %s:%s: %.*s\n", (double)(now - g->from) / 1000, kind,
               server, (int)reason.n, text);
    fflush(stdout);
}

/* The agent's word that a server gave nothing: points with a server and a reason. */
static void on_trace(void *ctx, const struct rill_trace_point *point, int64_t now,
                     const union rill_trace_value *values)
{
    struct gather *g = ctx;
    const struct rill_trace *out = &g->trace_out.trace;
    if (out->emit)
        out->emit(out->ctx, point, now, values);
    bool stun = !strcmp(point->room, "ice") && !strcmp(point->name, "server_given_up");
    bool turn = !strcmp(point->room, "ice") && !strcmp(point->name, "relay_failed");
    if (!stun && !turn)
        return;
    show_failure(g, now, stun ? "stun" : "turn", rill_addr_text(values[0].addr).text,
                 values[1].view);
}

/* --- the agent's sockets ---------------------------------------------------------------------- */

static void turn_opened(void *ctx, int64_t now, uint32_t request, uint32_t socket)
{
    static const struct rill_addr unknown = {0};
    rill_ice_opened(((struct gather *)ctx)->ice, now, request, socket, &unknown);
}

static void turn_open_failed(void *ctx, int64_t now, uint32_t request)
{
    rill_ice_open_failed(((struct gather *)ctx)->ice, now, request);
}

static void turn_closed(void *ctx, int64_t now, uint32_t socket)
{
    rill_ice_stream_closed(((struct gather *)ctx)->ice, now, socket);
}

static void turn_input(void *ctx, int64_t now, const struct rill_path *path, struct rill_span bytes)
{
    struct gather *g = ctx;
    struct rill_path inner_path;
    struct rill_span inner;
    while (bytes.n) {
        size_t n = rill_ice_unwrap(g->ice, now, path, bytes, &inner_path, &inner);
        bytes = (struct rill_span){bytes.p + n, bytes.n - n};
    }
}

static void turn_note(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "rill gather: %s\n", text);
}

/* A candidate of ICE-TCP has a listener; who comes is not heard, since there is no peer. */
static void open_socket(struct gather *g, int64_t now, const struct rill_ice_event *e)
{
    struct rill_addr local;
    uint32_t socket, request = e->request;
    bool udp = e->proto == RILL_PROTO_UDP, shares = e->proto == RILL_PROTO_TCP_SO;
    bool listens = shares || e->proto == RILL_PROTO_TCP_PASSIVE;
    int rc = 0;
    if (udp)
        rc = rill_reactor_udp(g->reactor, &e->addr, &socket, &local, NULL);
    else if (listens)
        rc = rill_reactor_live_listen(g->reactor, &e->addr, shares, &socket, &local, NULL);
    else if (!rill_turn_streams_open(&g->turn, request, e->proto, &e->addr, e->turn, e->domain))
        rc = -1;
    if (rc < 0)
        rill_ice_open_failed(g->ice, now, request);
    else if (udp || listens)
        rill_ice_opened(g->ice, now, request, socket, &local);
}

static void events(struct gather *g, int64_t now)
{
    struct rill_ice_event e;
    while (rill_ice_event(g->ice, &e)) {
        if (e.type == RILL_ICE_EVENT_OPEN) {
            open_socket(g, now, &e);
        } else if (e.type == RILL_ICE_EVENT_CLOSE) {
            rill_turn_streams_close(&g->turn, e.socket);
            rill_reactor_close(g->reactor, e.socket);
        } else if (e.type == RILL_ICE_EVENT_CANDIDATE) {
            show(g, e.cand);
        } else if (e.type == RILL_ICE_EVENT_REGISTER) {
            rill_local_names_register(&g->local, now, rill_view_of(e.cand->name), &e.cand->addr);
        } else if (e.type == RILL_ICE_EVENT_GATHERING_DONE) {
            g->done = true;
        }
    }
}

static void outputs(struct gather *g, int64_t now)
{
    static _Alignas(8) uint8_t out[RILL_DATAGRAM_OUT_MAX];
    struct rill_path path;
    size_t n;
    while ((n = rill_ice_output(g->ice, now, &path, (struct rill_span){out, sizeof out})) > 0) {
        rill_trace_wire_tell(&g->wire, now, true, rill_ice_path_local(g->ice, &path), &path,
                             rill_view_at(out, n));
        if (path.proto == RILL_PROTO_UDP)
            rill_reactor_send(g->reactor, &path, rill_view_at(out, n));
        else
            rill_turn_streams_send(&g->turn, &path, rill_view_at(out, n));
    }
}

/* Names that have become addresses; what is asked of them is not waited for by anything else. */
static void named(struct gather *g, int64_t now)
{
    const struct rill_name *n;
    struct rill_addr stun[RILL_RESOLVER_ADDRESSES];
    while ((n = rill_names_take(&g->names, true))) {
        size_t k = n->kind == RILL_NAME_STUN
                       ? rill_names_choose_stun(n, stun, RILL_RESOLVER_ADDRESSES)
                       : 0;
        if (n->reason)
            show_failure(g, now, n->kind == RILL_NAME_STUN ? "stun" : "turn", n->text,
                         rill_view_of(n->reason));
        else if (n->kind == RILL_NAME_TURN)
            rill_ice_turn_resolved(g->ice, now, n->turn, n->addrs, n->n);
        for (size_t i = 0; i < k; i++)
            (void)rill_ice_add_server(g->ice, &stun[i]);
    }
    rill_ice_await_servers(g->ice, now, rill_names_await_servers(&g->names));
}

static void input(struct gather *g, int64_t now, const struct rill_path *from, struct rill_view v)
{
    rill_trace_wire_tell(&g->wire, now, false, rill_ice_path_local(g->ice, from), from, v);
    rill_ice_input(g->ice, now, from, v, NULL);
}

static void feed(struct gather *g, const struct rill_reactor_event *e)
{
    int64_t now = rill_posix_now();
    if (rill_names_event(&g->names, e) || rill_local_names_event(&g->local, now, e) ||
        rill_turn_streams_event(&g->turn, now, e))
        return;
    if (e->type == RILL_REACTOR_ACCEPTED)
        rill_reactor_close(g->reactor, e->socket);
    else if (e->type == RILL_REACTOR_UNREACHABLE)
        rill_ice_unreachable(g->ice, now, &e->path);
    else if (e->type == RILL_REACTOR_DATAGRAM && rill_ice_is_wrapped(g->ice, &e->path))
        turn_input(g, now, &e->path, e->bytes);
    else if (e->type == RILL_REACTOR_DATAGRAM)
        input(g, now, &e->path, rill_view_at(e->bytes.p, e->bytes.n));
}

static void run(struct gather *g)
{
    struct rill_reactor_event e;
    while (!g->done) {
        int64_t now = rill_posix_now();
        rill_names_tick(&g->names, now);
        named(g, now);
        rill_turn_streams_tick(&g->turn, now);
        rill_ice_tick(g->ice, now);
        events(g, now);
        outputs(g, now);
        events(g, now);
        rill_local_names_run(&g->local, now);
        if (g->done)
            break;
        int64_t next =
            rill_earlier(rill_ice_deadline(g->ice), rill_turn_streams_deadline(&g->turn));
        next = rill_earlier(next, rill_names_deadline(&g->names, now));
        next = rill_earlier(next, rill_local_names_deadline(&g->local));
        rill_trace_out_tick(&g->trace_out, now);
        next = rill_earlier(next, rill_trace_out_deadline(&g->trace_out));
        rill_reactor_next(g->reactor, next, &e);
        feed(g, &e);
    }
    /* Allocations are given back, so that the next one has its quota. */
    rill_ice_close(g->ice, rill_posix_now());
    outputs(g, rill_posix_now());
    events(g, rill_posix_now());
}

/* --- the command line ---------------------------------------------------------------------------
 */

static void *start(struct gather *g)
{
    struct rill_addr addrs[32];
    struct rill_ice_config config = {
        .loopback = g->loopback,
        .tcp = g->tcp,
        .policy = g->relay_only ? RILL_ICE_POLICY_RELAY : RILL_ICE_POLICY_ALL,
        .hosts = rill_ip_handling_withholds(g->ip_handling) ? RILL_ICE_HOSTS_WITHHELD
                 : g->mdns                                  ? RILL_ICE_HOSTS_NAMED
                                                            : RILL_ICE_HOSTS_TOLD,
        .turn = g->turn.servers,
        .n_turn = g->turn.n,
        .servers = RILL_ICE_SERVERS_MAX,
        .local_candidates = RILL_ICE_LOCAL_CANDIDATES_MAX,
        .rng = rill_posix_rng(),
        .trace = &g->trace,
    };
    void *block = malloc(rill_ice_size(&config));
    g->from = rill_posix_now();
    g->ice = block ? rill_ice_init(block, &config) : NULL;
    if (!g->ice)
        return block;
    size_t n =
        rill_ip_handling_addresses(g->ip_handling, NULL, 0, addrs, sizeof addrs / sizeof addrs[0]);
    for (size_t i = 0; i < n; i++)
        (void)rill_ice_interface_up(g->ice, g->from, &addrs[i]);
    rill_ice_await_servers(g->ice, g->from, rill_names_await_servers(&g->names));
    rill_ice_gather(g->ice, g->from);
    return block;
}

/* NULL, or what is wrong with the option's value. */
static const char *take_option(struct gather *g, int option, const char *value)
{
    switch (option) {
    case 's':
        return rill_names_stun(&g->names, value);
    case 't':
        if (g->n_turn == RILL_ICE_SERVERS_MAX)
            return "there is no room for one server more";
        g->turn_urls[g->n_turn++] = value;
        return NULL;
    case 'p':
        g->relay_only = !strcmp(value, "relay");
        return g->relay_only || !strcmp(value, "all") ? NULL : "a policy is all or relay";
    case 'l':
        g->loopback = true;
        return NULL;
    case 'f':
        return rill_turn_streams_family(value, &g->turn.family);
    case 'o':
        return rill_ice_tcp_read(value, &g->tcp) ? NULL : "ICE-TCP is off, on, so or only";
    case 'a':
        return rill_ip_handling_read(value, &g->ip_handling);
    case 'm':
        g->mdns = true;
        return NULL;
    case 'c':
        g->ca = value;
        return NULL;
    case 'i':
        g->insecure = true;
        return NULL;
    case 'j':
        g->json = true;
        return NULL;
    default:
        return rill_trace_options_take(&g->trace_options, option, value) ? NULL : "";
    }
}

/* -1: go on; else the exit status. */
static int read_options(int argc, char **argv, struct gather *g)
{
    static const struct option options[] = {
        {"stun", required_argument, NULL, 's'},
        {"turn", required_argument, NULL, 't'},
        {"ice-policy", required_argument, NULL, 'p'},
        {"ice-loopback", no_argument, NULL, 'l'},
        {"turn-family", required_argument, NULL, 'f'},
        {"ice-tcp", required_argument, NULL, 'o'},
        {"ip-handling", required_argument, NULL, 'a'},
        {"mdns", no_argument, NULL, 'm'},
        {"ca", required_argument, NULL, 'c'},
        {"insecure", no_argument, NULL, 'i'},
        {"json", no_argument, NULL, 'j'},
        RILL_TRACE_OPTIONS,
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, status;
    while ((c = rill_app_option(argc, argv, "h", options, usage, &status)) != -1) {
        const char *wrong = take_option(g, c, optarg);
        if (wrong && wrong[0])
            fprintf(stderr, "rill gather: %s: %s\n", optarg, wrong);
        else if (wrong)
            usage(stderr);
        if (wrong)
            return RILL_EXIT_USAGE;
    }
    if (status != -1)
        return status;
    for (size_t i = 0; i < g->n_turn; i++) {
        const char *wrong = rill_names_turn(&g->names, &g->turn, g->turn_urls[i]);
        if (!wrong)
            continue;
        fprintf(stderr, "rill gather: --turn: %s\n", wrong);
        return RILL_EXIT_USAGE;
    }
    if (argc == optind)
        return -1;
    usage(stderr);
    return RILL_EXIT_USAGE;
}

int rill_app_gather(int argc, char **argv)
{
    static const struct rill_turn_sink sink = {turn_opened, turn_open_failed, turn_closed,
                                               turn_input, turn_note};
    static struct gather g = {.tcp = RILL_ICE_TCP_ON};
    g.reactor = rill_reactor_new(SOCKETS);
    if (!g.reactor || !rill_names_open(&g.names, g.reactor)) {
        fputs("rill gather: out of memory\n", stderr);
        return RILL_EXIT_FAILED;
    }
    int rc = read_options(argc, argv, &g);
    if (rc < 0 && !rill_trace_out_open(&g.trace_out, &g.trace_options, "rill gather", "gather",
                                       rill_posix_now(), rill_posix_wall()))
        rc = RILL_EXIT_FAILED;
    if (rc >= 0) {
        rill_names_free(&g.names);
        rill_reactor_free(g.reactor);
        return rc;
    }
    g.trace = (struct rill_trace){&g, on_trace};
    g.wire.trace = &g.trace_out.trace;
    g.local = (struct rill_local_names){.reactor = g.reactor, .trace = &g.trace};
    g.turn.reactor = g.reactor;
    g.turn.ca = g.ca;
    g.turn.insecure = g.insecure;
    g.turn.roots = &g.roots;
    g.turn.sink = &sink;
    g.turn.ctx = &g;
    void *block = start(&g);
    if (g.ice)
        run(&g);
    else
        fputs("rill gather: out of memory\n", stderr);
    if (g.ice && g.json)
        print_json(json_pack("{ss sI si}", "event", "done", "time_us",
                             (json_int_t)(rill_posix_now() - g.from), "candidates",
                             (int)g.candidates));
    rill_turn_streams_free(&g.turn);
    if (g.roots.id)
        rill_cert_roots_free(&g.roots);
    rill_local_names_free(&g.local);
    rill_names_free(&g.names);
    rill_reactor_free(g.reactor);
    rill_trace_out_close(&g.trace_out);
    free(block);
    return g.candidates ? RILL_EXIT_DONE : RILL_EXIT_FAILED;
}
