/* stun: `rill stun`: asks a STUN server under which address it sees this machine (RFC 8489 §12,
 * URLs of RFC 7064).
 *
 * The idea: one transaction a server address. The addresses that the name has, by SRV or itself,
 * are asked one after the other, IPv4 and IPv6 as the resolver orders them, until one answers or
 * the time is over. */
#include "apps/app.h"
#include "apps/trace_out.h"
#include "apps/trace_wire.h"
#include "apps/url.h"
#include "reactor/resolver.h"
#include "stun/msg.h"
#include "stun/txn.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_DEFAULT 10
#define TIMEOUT_MAX 3600
#define SERVERS_MAX 8
#define REQUEST_MAX 64

struct options {
    struct rill_url server;
    int64_t timeout;
    bool json;
    struct rill_trace_options trace;
};

/* What became of the question. RFC 8489 §6.2.1 (Karn): a round trip is told only of a question
 * that was sent once. */
struct ask {
    struct rill_reactor *reactor;
    struct rill_trace_wire *wire;
    struct rill_path path;
    struct rill_addr local;
    uint8_t request[REQUEST_MAX];
    size_t n;
    struct rill_stun_txn txn;
    int64_t sent_at, answered_at;
    struct rill_addr mapped;
    uint8_t software[128]; /* as the server wrote it */
    size_t n_software;
    const char *failure; /* a sentence, NULL when mapped holds the answer */
    unsigned error_code;
};

static void usage(FILE *out)
{
    fputs("usage: rill stun [options] HOST[:PORT] | stun:HOST[:PORT]\n\n"
          "Asks a STUN server for the address under which it sees this machine.\n\n"
          "  --timeout SECONDS  give up after this time [10]\n"
          "  --json             one JSON object instead of text\n" RILL_TRACE_OPTIONS_HELP
          "  --help             this text\n\n"
          "example: rill stun stun:stun.example.org\n"
          "         rill stun --json '[::1]:3478'\n",
          out);
}

static size_t build_request(uint8_t *out, size_t cap)
{
    uint8_t txid[RILL_STUN_TXID];
    struct rill_rng rng = rill_posix_rng();
    struct rill_stun_writer s;
    rill_rng_fill(&rng, txid, sizeof txid);
    rill_stun_begin(&s, (struct rill_span){out, cap}, RILL_STUN_REQUEST, RILL_STUN_BINDING, txid);
    rill_stun_put(&s, RILL_STUN_SOFTWARE, rill_view_of("rill"));
    rill_stun_put_fingerprint(&s);
    return rill_stun_end(&s);
}

/* RFC 8489 §6.3: the answer to this request, or nothing that concerns it. */
static bool is_answer(const struct ask *a, const struct rill_reactor_event *e,
                      struct rill_stun_msg *m)
{
    struct rill_view v = rill_view_at(e->bytes.p, e->bytes.n);
    if (!rill_path_equal(&e->path, &a->path) || rill_stun_decode(v, m, NULL) < 0)
        return false;
    if (m->method != RILL_STUN_BINDING ||
        (m->class != RILL_STUN_SUCCESS && m->class != RILL_STUN_ERROR))
        return false;
    if (m->fingerprint_at && !rill_stun_check_fingerprint(m))
        return false;
    return rill_view_equal(m->txid, rill_view_at(a->request + 8, RILL_STUN_TXID));
}

static void take_answer(struct ask *a, const struct rill_stun_msg *m)
{
    uint16_t unknown;
    struct rill_view text;
    a->failure = NULL;
    if (rill_stun_find(m, RILL_STUN_SOFTWARE, &text)) {
        a->n_software = text.n < sizeof a->software ? text.n : sizeof a->software;
        memcpy(a->software, text.p, a->n_software);
    }
    /* RFC 8489 §6.3.3, §6.3.4: an answer with such an attribute fails the transaction. */
    if (rill_stun_unknown_required(m, NULL, 0, &unknown, 1))
        a->failure = "the answer has an attribute that must be understood and is not";
    else if (m->class == RILL_STUN_ERROR)
        a->failure = rill_stun_get_error(m, &a->error_code, &text)
                         ? "the server answered with an error"
                         : "the server answered with an error and no code";
    else if (!rill_stun_get_addr(m, RILL_STUN_XOR_MAPPED_ADDRESS, &a->mapped) &&
             !rill_stun_get_addr(m, RILL_STUN_MAPPED_ADDRESS, &a->mapped))
        a->failure = "the answer has no mapped address";
}

/* One event of the loop; true when the transaction is over. */
static bool take_event(struct ask *a, const struct rill_reactor_event *e)
{
    struct rill_stun_msg m;
    if (e->type == RILL_REACTOR_UNREACHABLE && rill_path_equal(&e->path, &a->path)) {
        /* RFC 8489 §6.2.1: failed "if there has been a hard ICMP error". */
        a->failure = "no STUN server listens there";
        return true;
    }
    if (e->type != RILL_REACTOR_DATAGRAM)
        return false;
    rill_trace_wire_tell(a->wire, rill_posix_now(), false, &a->local, &e->path,
                         rill_view_at(e->bytes.p, e->bytes.n));
    if (!is_answer(a, e, &m))
        return false;
    a->answered_at = rill_posix_now();
    take_answer(a, &m);
    return true;
}

/* The whole transaction with the server at path.remote. */
static void converse(struct ask *a, int64_t deadline)
{
    struct rill_reactor_event e;
    rill_stun_txn_start(&a->txn, rill_posix_now(), RILL_STUN_RTO, 0, 0);
    a->failure = "no answer came";
    for (;;) {
        int64_t now = rill_posix_now();
        enum rill_stun_txn_due due = rill_stun_txn_poll(&a->txn, now);
        if (due == RILL_STUN_TIMED_OUT || now >= deadline)
            return;
        if (due == RILL_STUN_SEND) {
            struct rill_view v = rill_view_at(a->request, a->n);
            rill_trace_wire_tell(a->wire, now, true, &a->local, &a->path, v);
            rill_reactor_send(a->reactor, &a->path, v);
            a->sent_at = now;
        }
        rill_reactor_next(a->reactor, rill_earlier(deadline, rill_stun_txn_deadline(&a->txn)), &e);
        if (take_event(a, &e))
            return;
    }
}

static bool ask(struct ask *a, const struct rill_addr *server, int64_t deadline,
                struct rill_err *why)
{
    struct rill_addr any = {.family = server->family};
    *a = (struct ask){.reactor = a->reactor, .wire = a->wire, .path = {.remote = *server}};
    if (rill_reactor_udp(a->reactor, &any, &a->path.socket, &a->local, why) < 0) {
        a->failure = "no socket could be opened";
        return false;
    }
    a->n = build_request(a->request, sizeof a->request);
    converse(a, deadline);
    rill_reactor_close(a->reactor, a->path.socket);
    return a->failure == NULL;
}

/* Each address has its share of the time that is left. */
static bool ask_all(struct ask *a, const struct rill_addr *servers, size_t n, int64_t timeout,
                    struct rill_err *why)
{
    int64_t end = rill_posix_now() + timeout;
    for (size_t i = 0; i < n; i++) {
        int64_t now = rill_posix_now();
        int64_t share = (end - now) / (int64_t)(n - i);
        if (ask(a, &servers[i], now + share, why))
            return true;
    }
    return false;
}

static void print_json(const struct ask *a)
{
    json_t *o = json_object();
    json_object_set_new(o, "ok", json_boolean(!a->failure));
    json_object_set_new(o, "server", json_string(rill_addr_text(&a->path.remote).text));
    json_object_set_new(o, "sent", json_integer(a->txn.sent));
    if (a->failure) {
        json_object_set_new(o, "error", json_string(a->failure));
        if (a->error_code)
            json_object_set_new(o, "code", json_integer(a->error_code));
    } else {
        struct rill_addr_text text = rill_addr_text(&a->mapped);
        json_object_set_new(o, "mapped", json_string(text.text));
        json_object_set_new(o, "local_port", json_integer(a->local.port));
        json_object_set_new(o, "software",
                            rill_app_json_text(rill_view_at(a->software, a->n_software)));
        json_object_set_new(o, "rtt_ms",
                            a->txn.sent == 1
                                ? json_real((double)(a->answered_at - a->sent_at) / 1000.0)
                                : json_null());
    }
    json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    fputc('\n', stdout);
    json_decref(o);
}

/* A stranger's text on a terminal: printable ASCII, all else as "?". */
static void print_software(const struct ask *a)
{
    for (size_t i = 0; i < a->n_software; i++)
        putchar(a->software[i] >= 0x20 && a->software[i] < 0x7f ? a->software[i] : '?');
}

static void print_failure(const struct ask *a, const char *server)
{
    if (a->error_code)
        fprintf(stderr, "rill stun: %s: %s, %u\n", server, a->failure, a->error_code);
    else
        fprintf(stderr, "rill stun: %s: %s (%u sent)\n", server, a->failure, a->txn.sent);
}

static void print_text(const struct ask *a)
{
    struct rill_addr_text server = rill_addr_text(&a->path.remote);
    if (a->failure) {
        print_failure(a, server.text);
        return;
    }
    printf("mapped address  %s\n", rill_addr_text(&a->mapped).text);
    printf("local port      %u\n", a->local.port);
    printf("server          %s%s", server.text, a->n_software ? ", " : "");
    print_software(a);
    if (a->txn.sent == 1)
        printf("\nround trip      %.3f ms\n", (double)(a->answered_at - a->sent_at) / 1000.0);
    else
        printf("\nround trip      unknown, the question was sent %u times\n", a->txn.sent);
}

/* RILL_EXIT_DONE when the options are whole, -1 when there is nothing more to do. */
static int read_options(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {
        {"timeout", required_argument, NULL, 't'},
        {"json", no_argument, NULL, 'j'},
        RILL_TRACE_OPTIONS,
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    uint64_t seconds = TIMEOUT_DEFAULT;
    int c;
    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (c == 'h') {
            usage(stdout);
            return -1;
        }
        if (c == 'j') {
            o->json = true;
        } else if (rill_trace_options_take(&o->trace, c, optarg)) {
            continue;
        } else if (c != 't') {
            usage(stderr);
            return RILL_EXIT_USAGE;
        } else if (!rill_view_u64(rill_view_of(optarg), TIMEOUT_MAX, &seconds) || seconds == 0) {
            fputs("rill stun: --timeout is a number of seconds from 1 to 3600\n", stderr);
            return RILL_EXIT_USAGE;
        }
    }
    if (argc - optind != 1) {
        usage(stderr);
        return RILL_EXIT_USAGE;
    }
    const char *wrong = rill_url_parse_stun(argv[optind], &o->server);
    if (wrong) {
        fprintf(stderr, "rill stun: %s: %s\n", argv[optind], wrong);
        return RILL_EXIT_USAGE;
    }
    o->timeout = (int64_t)seconds * RILL_SECOND;
    return RILL_EXIT_DONE;
}

static int run(const struct options *o, struct rill_trace_wire *wire)
{
    struct rill_addr servers[SERVERS_MAX];
    struct rill_err why = {0};
    struct ask a = {.reactor = rill_reactor_new(1 + RILL_RESOLVER_SOCKETS), .wire = wire};
    if (!a.reactor) {
        fputs("rill stun: out of memory\n", stderr);
        return RILL_EXIT_FAILED;
    }
    int64_t end = rill_posix_now() + o->timeout;
    /* RFC 8489 §8.1: SRV, where the URI has no port. */
    int n = rill_resolver_wait(a.reactor, o->server.host, o->server.has_port ? NULL : "_stun._udp",
                               o->server.port, end, servers, SERVERS_MAX, &why);
    if (n <= 0) {
        rill_app_complain(o->server.host, &why);
        rill_reactor_free(a.reactor);
        return RILL_EXIT_FAILED;
    }
    bool answered = ask_all(&a, servers, (size_t)n, end - rill_posix_now(), &why);
    rill_reactor_free(a.reactor);
    if (why.row && !answered && !a.n)
        rill_app_complain("stun", &why);
    else if (o->json)
        print_json(&a);
    else
        print_text(&a);
    return answered ? RILL_EXIT_DONE : RILL_EXIT_FAILED;
}

int rill_app_stun(int argc, char **argv)
{
    struct options o = {0};
    static struct rill_trace_out trace;
    struct rill_trace_wire wire = {&trace.trace, 0};
    int rc = read_options(argc, argv, &o);
    if (rc < 0)
        return RILL_EXIT_DONE;
    if (rc != RILL_EXIT_DONE)
        return rc;
    if (!rill_trace_out_open(&trace, &o.trace, "rill stun", "stun", rill_posix_now(),
                             rill_posix_wall()))
        return RILL_EXIT_FAILED;
    rc = run(&o, &wire);
    rill_trace_out_close(&trace);
    return rc;
}
