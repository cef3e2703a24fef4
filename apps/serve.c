/* serve: `rill serve`: the page over HTTPS, the signaling server behind it, and a STUN server
 * beside it, so that a call needs nothing from outside.
 *
 * The idea: three machines and one loop. The reactor says what came; the signaling server and
 * the STUN server say what goes; this file carries events between them. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "apps/serve.h"
#include "apps/app.h"
#include "apps/serve_files.h"
#include "apps/serve_traces.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* After a signal, for what is being written and the goodbyes. */
#define GOODBYE (5 * RILL_SECOND)
/* Folders, files that are read, the terminal. */
#define DESCRIPTORS_BESIDE 32
/* Rooms that several servers share hold what the clients of all of them do. */
#define SHARED_MEMBERS 16384
#define SHARED_OFFERS 4096

/* --- the loop ------------------------------------------------------------------------ */

static void on_server_event(struct serve *s, const struct rill_sig_server_event *e)
{
    struct serve_conn *c = serve_conn_find(s, e->conn);
    if (e->type == RILL_SIG_SERVER_FILE)
        serve_conn_give_file(s, e);
    else if (e->type == RILL_SIG_SERVER_SAID)
        serve_print_said(s, e);
    else if (e->type == RILL_SIG_SERVER_ACCESS)
        serve_log_write(&s->log, &e->access);
    else if (c)
        serve_conn_end(s, c, e->at_once);
}

/* Everything that can be done now. */
static void pump(struct serve *s)
{
    struct rill_sig_server_event e;
    uint32_t id;
    for (bool more = true; more;) {
        more = serve_store_pump(s);
        while (rill_sig_server_event(s->server, &e)) {
            more = true;
            on_server_event(s, &e);
        }
        while (rill_sig_server_next_output(s->server, &id)) {
            more = true;
            struct serve_conn *c = serve_conn_find(s, id);
            if (c)
                serve_conn_drain(s, c);
        }
    }
}

static void handle(struct serve *s, const struct rill_reactor_event *e)
{
    struct serve_conn *c = serve_conn_find(s, e->socket);
    if (serve_store_handle(s, e))
        return;
    if (e->type == RILL_REACTOR_DATAGRAM)
        serve_stun_answer(s, e);
    else if (e->type == RILL_REACTOR_ACCEPTED)
        serve_conn_accepted(s, e);
    else if (e->type == RILL_REACTOR_READ && c)
        serve_conn_read(s, c, rill_view_at(e->bytes.p, e->bytes.n));
    else if (e->type == RILL_REACTOR_WRITABLE && c)
        serve_conn_writable(s, c);
    else if (e->type == RILL_REACTOR_CLOSED && c)
        serve_conn_closed(s, c);
}

static void tell(struct serve *s, enum serve_cert_news news, const char *why)
{
    if (news == SERVE_CERT_KEPT)
        serve_print_kept(s);
    else if (news == SERVE_CERT_NEW)
        serve_print_certificate(s, why);
}

/* SIGHUP is answered in any case, so that whoever sent it knows. */
static void reload(struct serve *s)
{
    serve_log_open(&s->log);
    enum serve_cert_news news = serve_certs_reload(&s->certs);
    tell(s, news == SERVE_CERT_SAME && s->certs.list ? SERVE_CERT_NEW : news, "reload");
}

/* In another network a server has other URLs, too. */
static void look_around(struct serve *s, int64_t now)
{
    enum serve_cert_news news = serve_certs_tick(&s->certs, now);
    tell(s, news, "renewal");
    if (news == SERVE_CERT_NEW)
        serve_listen_tell(s);
}

/* One turn; false when `until` has come. */
static bool turn(struct serve *s, int64_t until)
{
    struct rill_reactor_event e;
    pump(s);
    int64_t deadline = rill_earlier(rill_sig_server_deadline(s->server), until);
    deadline = rill_earlier(deadline, rill_trace_out_deadline(&s->trace));
    rill_reactor_next(s->reactor, rill_earlier(deadline, serve_certs_deadline(&s->certs)), &e);
    handle(s, &e);
    int64_t now = rill_posix_now();
    if (now >= rill_sig_server_deadline(s->server))
        rill_sig_server_tick(s->server, now);
    look_around(s, now);
    rill_trace_out_tick(&s->trace, now);
    if (serve_signals_reload())
        reload(s);
    return now < until;
}

/* A second signal does not wait. */
static void run(struct serve *s)
{
    while (!serve_signals_stop())
        turn(s, RILL_NEVER);
    int64_t until = rill_posix_now() + s->options.drain;
    rill_sig_server_drain(s->server);
    while (rill_sig_server_members(s->server) && serve_signals_stop() < 2 && turn(s, until))
        continue;
    until = rill_posix_now() + GOODBYE;
    serve_unlisten(s);
    rill_sig_server_close(s->server, rill_posix_now());
    pump(s);
    while ((s->n_conns || serve_store_waits(s)) && serve_signals_stop() < 2 && turn(s, until))
        continue;
}

/* --- beginning ----------------------------------------------------------------------- */

/* Address space for the server's worst case, most of which it never touches: not memory that has
 * to be there, so that a small machine can promise much. */
void *serve_reserve(size_t n)
{
    void *p =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void serve_release(void *p, size_t n)
{
    munmap(p, n);
}

static bool open_server(struct serve *s)
{
    struct rill_sig_server_config config = {
        .connections = s->options.connections,
        .per_address = s->options.per_address,
        .origins = s->options.origins,
        .n_origins = s->options.n_origins,
        .metrics = !s->options.no_metrics,
        .access_log = s->options.access_log != NULL,
        .version = RILL_VERSION,
        .began = rill_posix_now(),
        .sessions = s->options.connections,
        .any_origin = s->options.any_origin,
        .echo = s->options.echo,
        .ping_interval = s->options.ping_interval,
        .ping_timeout = s->options.ping_timeout,
        .grace = s->options.grace,
        .max_payload = s->options.max_payload,
        .rooms.password = rill_view_of(s->options.password),
        .rooms.offers = s->store.machine ? SHARED_OFFERS : s->options.connections,
        .rooms.members = s->store.machine ? SHARED_MEMBERS : 0,
        .store = s->store.machine,
        .rng = rill_posix_rng(),
        .trace = s->trace.trace.emit ? &s->trace.trace : NULL,
    };
    s->server_size = rill_sig_server_size(&config);
    s->server_block = serve_reserve(s->server_size);
    s->reactor = rill_reactor_new(serve_sockets(s));
    if (!s->server_block || !s->reactor || !serve_conns_open(s)) {
        rill_app_complain("there is not enough memory", NULL);
        return false;
    }
    s->server = rill_sig_server_init(s->server_block, &config);
    return true;
}

static bool open_folders(struct serve *s)
{
    const char *www = s->options.www;
    s->socketio = rill_serve_open_socketio();
    s->root = rill_serve_open_root(www);
    if (s->root < 0)
        rill_app_complain(www ? "--www is no folder that can be read"
                              : "the folder web/ was not found; --www DIR tells where it is",
                          NULL);
    return s->root >= 0;
}

/* Each connection takes a descriptor; a shell allows 1024 unless more is asked for. */
static void want_descriptors(size_t n)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= n)
        return;
    limit.rlim_cur = limit.rlim_max < n ? limit.rlim_max : n;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < n)
        fprintf(stderr, "rill: only %llu files may be open: fewer connections than asked for\n",
                (unsigned long long)limit.rlim_cur);
}

static bool begin(struct serve *s)
{
    want_descriptors(serve_sockets(s) + DESCRIPTORS_BESIDE);
    if (!rill_trace_out_open(&s->trace, &s->options.trace, "rill serve", "SERVER", rill_posix_now(),
                             rill_posix_wall()))
        return false;
    if (!open_folders(s) || !serve_traces_open(s) || !serve_store_open(s) || !open_server(s))
        return false;
    s->rng = rill_posix_rng();
    s->log = (struct serve_log){.path = s->options.access_log, .json = s->options.json};
    if (!serve_log_open(&s->log))
        return false;
    serve_signals_catch(s->reactor);
    if (!serve_certs_open(&s->certs, &s->options))
        return false;
    if (s->certs.list)
        serve_print_certificate(s, "start");
    return serve_listen(s);
}

static void end(struct serve *s)
{
    serve_conns_close(s);
    if (s->server)
        pump(s); /* the last lines of the log */
    serve_log_close(&s->log);
    rill_trace_out_close(&s->trace);
    serve_certs_close(&s->certs);
    serve_signals_forget();
    rill_reactor_free(s->reactor);
    if (s->server_block)
        serve_release(s->server_block, s->server_size);
    serve_store_close(s);
    if (s->socketio >= 0)
        close(s->socketio);
    if (s->root >= 0)
        close(s->root);
    if (s->traces >= 0)
        close(s->traces);
}

int rill_app_serve(int argc, char **argv)
{
    static struct serve s = {.traces = -1};
    int rc = rill_serve_parse(argc, argv, &s.options);
    if (rc >= 0)
        return rc;
    bool good = begin(&s);
    if (good)
        run(&s);
    end(&s);
    return good ? RILL_EXIT_DONE : RILL_EXIT_FAILED;
}
