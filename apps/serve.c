/* serve: `rill serve`: the page over HTTP, the signaling server behind it, and a STUN server
 * beside it, so that a call needs nothing from outside.
 *
 * The idea: three machines and one loop. The reactor says what came; the signaling server and
 * the STUN server say what goes; this file carries bytes between them and prints a line for
 * what people do. */
#include "apps/app.h"
#include "apps/serve_files.h"
#include "apps/serve_options.h"
#include "reactor/reactor.h"
#include "signaling/http.h"
#include "signaling/server.h"
#include "stun/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECTIONS 128
#define CHUNK 16384
/* After a signal, for the goodbyes to be written. */
#define GOODBYE (1 * RILL_SECOND)

/* What one connection still has to be sent. */
struct conn {
    uint32_t id; /* RILL_REACTOR_NO_SOCKET: free */
    uint8_t *file;
    uint8_t chunk[CHUNK];
    size_t n, at;
    bool closing;
};

struct serve {
    struct rill_serve_options options;
    struct rill_reactor *reactor;
    struct rill_sig_server *server;
    void *server_block;
    int root, socketio; /* folders of the page, and of socket.io-client or -1 */
    uint32_t listener, stun;
    struct rill_addr stun_addr;
    struct conn *conns;
};

/* --- stopping ------------------------------------------------------------------------ */

static volatile sig_atomic_t stopping;
static struct rill_reactor *volatile to_wake;

static void on_signal(int number)
{
    (void)number;
    stopping = 1;
    if (to_wake)
        rill_reactor_wake(to_wake);
}

static void catch_signals(struct rill_reactor *r)
{
    struct sigaction stop = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    to_wake = r;
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

/* --- what is printed ----------------------------------------------------------------- */

static void print_json(json_t *event)
{
    json_dumpf(event, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    fflush(stdout);
    json_decref(event);
}

static void print_listening(const struct serve *s, const struct rill_addr *at)
{
    struct rill_addr_text text = rill_addr_text(at);
    if (s->options.json) {
        char url[RILL_ADDR_TEXT_MAX + 16];
        snprintf(url, sizeof url, "http://%s/", text.text);
        print_json(json_pack("{s:s, s:s}", "event", "listening", "url", url));
        return;
    }
    printf("listening on http://%s/\n", text.text);
    fflush(stdout);
}

static void print_stun(const struct serve *s)
{
    struct rill_addr_text text = rill_addr_text(&s->stun_addr);
    if (!s->options.json) {
        printf("STUN on %s\n", text.text);
        fflush(stdout);
        return;
    }
    char ip[RILL_ADDR_TEXT_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)ip, sizeof ip});
    rill_addr_write_ip(&w, &s->stun_addr);
    rill_w_end_text(&w);
    print_json(json_pack("{s:s, s:s, s:i}", "event", "stun", "address", ip, "port",
                         (int)s->stun_addr.port));
}

static void print_said_json(const struct rill_sig_server_event *e)
{
    json_t *event = json_object();
    json_object_set_new(event, "event", rill_app_json_text(e->what));
    json_object_set_new(event, "user", rill_app_json_text(e->user));
    json_object_set_new(event, "room", rill_app_json_text(e->room));
    if (e->peer.n)
        json_object_set_new(event, "offerer", rill_app_json_text(e->peer));
    print_json(event);
}

static void print_said(const struct serve *s, const struct rill_sig_server_event *e)
{
    static const struct {
        const char *what, *verb;
    } verbs[] = {
        {"join", "came"}, {"leave", "left"}, {"newOffer", "offered"}, {"newAnswer", "answered"}};
    const char *verb = "";
    if (s->options.json) {
        print_said_json(e);
        return;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (rill_view_is(e->what, verbs[i].what))
            verb = verbs[i].verb;
    printf("%.*s %s", (int)e->user.n, (const char *)e->user.p, verb);
    if (e->peer.n)
        printf(" %.*s", (int)e->peer.n, (const char *)e->peer.p);
    if (e->room.n)
        printf(" in room %.*s", (int)e->room.n, (const char *)e->room.p);
    putchar('\n');
    fflush(stdout);
}

/* --- connections --------------------------------------------------------------------- */

static struct conn *find(struct serve *s, uint32_t id)
{
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (s->conns[i].id == id)
            return &s->conns[i];
    return NULL;
}

static void forget(struct serve *s, struct conn *c)
{
    rill_sig_server_closed(s->server, rill_posix_now(), c->id);
    free(c->file);
    c->file = NULL;
    c->id = RILL_REACTOR_NO_SOCKET;
}

static void drop(struct serve *s, struct conn *c)
{
    rill_reactor_close(s->reactor, c->id);
    forget(s, c);
}

static void accepted(struct serve *s, const struct rill_reactor_event *e)
{
    struct conn *c = find(s, RILL_REACTOR_NO_SOCKET);
    int rc = c ? rill_sig_server_accept(s->server, rill_posix_now(), e->socket, &e->path.remote)
               : RILL_SIGNALING_FULL;
    if (rc < 0) {
        rill_reactor_close(s->reactor, e->socket);
        return;
    }
    c->id = e->socket;
    c->n = c->at = 0;
    c->closing = false;
}

/* Writes until the server has no more or the socket takes no more. */
static void drain(struct serve *s, struct conn *c)
{
    for (;;) {
        if (c->at == c->n) {
            c->at = 0;
            c->n = rill_sig_server_output(s->server, rill_posix_now(), c->id,
                                          (struct rill_span){c->chunk, CHUNK});
        }
        if (c->n == 0)
            break;
        long took =
            rill_reactor_write(s->reactor, c->id, rill_view_at(c->chunk + c->at, c->n - c->at));
        if (took < 0) {
            drop(s, c);
            return;
        }
        c->at += (size_t)took;
        if (c->at < c->n)
            return;
    }
    if (c->closing)
        drop(s, c);
}

/* --- files --------------------------------------------------------------------------- */

/* What the page asks before a call: where the STUN server is. */
static struct rill_span config_json(const struct serve *s)
{
    char *text = malloc(32);
    int n = 0;
    if (text && s->stun)
        n = snprintf(text, 32, "{\"stun\":%u}\n", (unsigned)s->stun_addr.port);
    else if (text)
        n = snprintf(text, 32, "{\"stun\":null}\n");
    return (struct rill_span){(uint8_t *)text, (size_t)n};
}

static struct rill_span read_file(const struct serve *s, struct rill_view path)
{
    if (rill_view_is(path, "/config.json"))
        return config_json(s);
    if (rill_view_starts(path, "/socket.io/"))
        return rill_serve_socketio(s->socketio, (const char *)path.p);
    return rill_serve_read(s->root, (const char *)path.p);
}

static void give_file(struct serve *s, const struct rill_sig_server_event *e)
{
    struct conn *c = find(s, e->conn);
    if (!c)
        return;
    struct rill_span file = read_file(s, e->path);
    const char *type = rill_http_content_type(e->path);
    free(c->file);
    c->file = file.p;
    rill_sig_server_file(s->server, rill_posix_now(), e->conn, rill_view_at(file.p, file.n), type);
}

/* --- the loop ------------------------------------------------------------------------ */

static void end(struct serve *s, const struct rill_sig_server_event *e)
{
    struct conn *c = find(s, e->conn);
    if (!c)
        return;
    c->closing = true;
    if (e->at_once)
        drop(s, c);
    else
        drain(s, c);
}

/* Everything that can be done now. */
static void pump(struct serve *s)
{
    struct rill_sig_server_event e;
    uint32_t id;
    for (bool more = true; more;) {
        more = false;
        while (rill_sig_server_event(s->server, &e)) {
            more = true;
            if (e.type == RILL_SIG_SERVER_FILE)
                give_file(s, &e);
            else if (e.type == RILL_SIG_SERVER_CLOSE)
                end(s, &e);
            else
                print_said(s, &e);
        }
        while (rill_sig_server_next_output(s->server, &id)) {
            more = true;
            struct conn *c = find(s, id);
            if (c)
                drain(s, c);
        }
    }
}

static void answer_stun(struct serve *s, const struct rill_reactor_event *e)
{
    uint8_t out[RILL_DATAGRAM_OUT_MAX];
    size_t n = rill_stun_server_answer(rill_view_at(e->bytes.p, e->bytes.n), &e->path.remote,
                                       (struct rill_span){out, sizeof out}, NULL);
    if (n)
        rill_reactor_send(s->reactor, &e->path, rill_view_at(out, n));
}

static void handle(struct serve *s, const struct rill_reactor_event *e)
{
    struct conn *c = e->socket ? find(s, e->socket) : NULL;
    switch (e->type) {
    case RILL_REACTOR_DATAGRAM:
        answer_stun(s, e);
        break;
    case RILL_REACTOR_ACCEPTED:
        accepted(s, e);
        break;
    case RILL_REACTOR_READ:
        rill_sig_server_input(s->server, rill_posix_now(), e->socket,
                              rill_view_at(e->bytes.p, e->bytes.n));
        break;
    case RILL_REACTOR_WRITABLE:
        if (c)
            drain(s, c);
        break;
    case RILL_REACTOR_CLOSED:
        if (c)
            forget(s, c);
        break;
    default:
        break;
    }
}

/* One turn; false when `until` has come. */
static bool turn(struct serve *s, int64_t until)
{
    struct rill_reactor_event e;
    pump(s);
    int64_t deadline = rill_earlier(rill_sig_server_deadline(s->server), until);
    rill_reactor_next(s->reactor, deadline, &e);
    handle(s, &e);
    int64_t now = rill_posix_now();
    if (now >= rill_sig_server_deadline(s->server))
        rill_sig_server_tick(s->server, now);
    return now < until;
}

static bool has_conns(const struct serve *s)
{
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (s->conns[i].id != RILL_REACTOR_NO_SOCKET)
            return true;
    return false;
}

static void run(struct serve *s)
{
    while (!stopping)
        turn(s, RILL_NEVER);
    int64_t until = rill_posix_now() + GOODBYE;
    rill_sig_server_close(s->server, rill_posix_now());
    pump(s);
    while (has_conns(s) && turn(s, until))
        continue;
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (s->conns[i].id != RILL_REACTOR_NO_SOCKET)
            drop(s, &s->conns[i]);
}

/* --- beginning ----------------------------------------------------------------------- */

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

static bool open_ports(struct serve *s)
{
    struct rill_err why = {0};
    struct rill_addr at;
    if (s->options.tcp &&
        rill_reactor_tcp_listen(s->reactor, &s->options.listen, &s->listener, &at, &why) < 0) {
        struct rill_addr_text text = rill_addr_text(&s->options.listen);
        char what[RILL_ADDR_TEXT_MAX + 32];
        snprintf(what, sizeof what, "cannot listen on %s", text.text);
        rill_app_complain(what, &why);
        return false;
    }
    if (!open_stun(s))
        return false;
    if (s->options.tcp)
        print_listening(s, &at);
    if (s->stun)
        print_stun(s);
    return true;
}

static bool open_server(struct serve *s)
{
    struct rill_sig_server_config config = {
        .connections = CONNECTIONS,
        .any_origin = s->options.any_origin,
        .echo = s->options.echo,
        .ping_interval = s->options.ping_interval,
        .ping_timeout = s->options.ping_timeout,
        .max_payload = s->options.max_payload,
        .rooms.password = rill_view_of(s->options.password),
        .rng = rill_posix_rng(),
    };
    s->server_block = malloc(rill_sig_server_size(&config));
    s->conns = calloc(CONNECTIONS, sizeof *s->conns);
    s->reactor = rill_reactor_new(CONNECTIONS + 8);
    if (!s->server_block || !s->conns || !s->reactor) {
        rill_app_complain("there is not enough memory", NULL);
        return false;
    }
    s->server = rill_sig_server_init(s->server_block, &config);
    return true;
}

static int serve(const struct rill_serve_options *options)
{
    struct serve s = {.options = *options};
    s.root = rill_serve_open_root(options->www);
    if (s.root < 0) {
        rill_app_complain(options->www
                              ? "--www is no folder that can be read"
                              : "the folder web/ was not found; --www DIR tells where it is",
                          NULL);
        return RILL_EXIT_FAILED;
    }
    s.socketio = rill_serve_open_socketio();
    bool good = open_server(&s);
    if (good)
        catch_signals(s.reactor);
    good = good && open_ports(&s);
    if (good)
        run(&s);
    to_wake = NULL; /* a second signal may come */
    if (s.reactor)
        rill_reactor_free(s.reactor);
    free(s.conns);
    free(s.server_block);
    if (s.socketio >= 0)
        close(s.socketio);
    close(s.root);
    return good ? RILL_EXIT_DONE : RILL_EXIT_FAILED;
}

int rill_app_serve(int argc, char **argv)
{
    struct rill_serve_options options;
    int rc = rill_serve_parse(argc, argv, &options);
    return rc < 0 ? serve(&options) : rc;
}
