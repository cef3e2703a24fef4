/* nat: `rill nat`: what the NAT between here and a STUN server does, in the terms of RFC 4787, and
 * what that means for calls (RFC 5780). */
#include "stun/nat.h"
#include "apps/app.h"
#include "apps/url.h"
#include "reactor/resolver.h"
#include "trace/format.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define LIFETIME_MOST 3600
#define ADDRESSES 32
#define RESOLVE (15 * RILL_SECOND)

struct nat {
    struct rill_url server;
    int64_t lifetime_max;
    bool json, fragments, verbose;
    struct rill_trace trace;
    int64_t from;
    struct rill_reactor *reactor;
    uint32_t sockets[RILL_NAT_SOCKETS];
    struct rill_addr addresses[ADDRESSES];
    struct rill_nat_config config;
    struct rill_nat *machine;
};

static void usage(FILE *out)
{
    fputs("usage: rill nat [options] HOST[:PORT] | stun:HOST[:PORT]\n\n"
          "Finds out what the NAT between here and this STUN server does: mapping, filtering,\n"
          "hairpinning, fragments, the life of a binding (RFC 5780, in the words of RFC 4787).\n"
          "The server needs two addresses: coturn with two -L, or rill serve --stun-alternate.\n\n"
          "  --lifetime SECONDS  watch a binding for so long at most; it may take three times as\n"
          "                      long, since each try begins anew [not at all]\n"
          "  --no-fragments      send nothing larger than the MTU\n"
          "  --json              one JSON object instead of text\n"
          "  -v, --verbose       each test as it is sent and told, on standard error\n"
          "  --help              this text\n\n"
          "example: rill nat stun.example.org --lifetime 180\n",
          out);
}

static void to_stderr(void *ctx, const struct rill_trace_point *point, int64_t now,
                      const union rill_trace_value *values)
{
    char line[1024];
    const struct nat *n = ctx;
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)line, sizeof line});
    rill_trace_write_text(&w, point, now - n->from, values, false);
    fprintf(stderr, "%.*s", (int)w.at, line);
}

/* --- the sockets -------------------------------------------------------------------------------
 */

static bool open_sockets(struct nat *n)
{
    struct rill_addr any = {.family = n->config.server.family};
    for (size_t i = 0; i < RILL_NAT_SOCKETS; i++) {
        struct rill_err why = {0};
        if (rill_reactor_udp(n->reactor, &any, &n->sockets[i], &n->config.local[i], &why) >= 0)
            continue;
        rill_app_complain("nat", &why);
        return false;
    }
    return true;
}

static bool number_of(const struct nat *n, uint32_t socket, uint32_t *out)
{
    for (uint32_t i = 0; i < RILL_NAT_SOCKETS; i++)
        if (n->sockets[i] == socket) {
            *out = i;
            return true;
        }
    return false;
}

static void outputs(struct nat *n, int64_t now)
{
    static uint8_t out[RILL_NAT_DATAGRAM_MAX];
    struct rill_path path;
    size_t size;
    while ((size = rill_nat_output(n->machine, now, &path, (struct rill_span){out, sizeof out})) >
           0) {
        path.socket = n->sockets[path.socket];
        rill_reactor_send(n->reactor, &path, rill_view_at(out, size));
    }
}

static void run(struct nat *n)
{
    struct rill_reactor_event e;
    while (!rill_nat_is_done(n->machine)) {
        int64_t now = rill_posix_now();
        outputs(n, now);
        rill_reactor_next(n->reactor, rill_nat_deadline(n->machine), &e);
        now = rill_posix_now();
        struct rill_path path = e.path;
        bool datagram = e.type == RILL_REACTOR_DATAGRAM;
        if ((datagram || e.type == RILL_REACTOR_UNREACHABLE) &&
            number_of(n, e.path.socket, &path.socket)) {
            if (datagram)
                rill_nat_input(n->machine, now, &path, rill_view_at(e.bytes.p, e.bytes.n));
            else
                rill_nat_unreachable(n->machine, now, &path);
        }
        rill_nat_tick(n->machine, now);
    }
}

/* --- what is shown ------------------------------------------------------------------------------
 */

static json_t *addr_json(const struct rill_addr *a)
{
    return a->family ? json_string(rill_addr_text(a).text) : json_null();
}

static json_t *seconds_json(int64_t us)
{
    return us <= 0 || us == RILL_NEVER ? json_null() : json_real((double)us / RILL_SECOND);
}

static json_t *fact_json(enum rill_nat_fact f)
{
    return f == RILL_NAT_UNTOLD ? json_null() : json_boolean(f == RILL_NAT_YES);
}

static void show_json(const struct nat *n, const struct rill_nat_result *r)
{
    json_t *o = json_object(), *words = json_array();
    const char *sentence;
    json_object_set_new(o, "ok", json_boolean(r->answered));
    json_object_set_new(o, "server", addr_json(&n->config.server));
    json_object_set_new(o, "error", r->error ? json_integer(r->error) : json_null());
    json_object_set_new(o, "mapped", addr_json(&r->mapped));
    json_object_set_new(o, "response_origin", addr_json(&r->origin));
    json_object_set_new(o, "other_address", addr_json(&r->other));
    json_object_set_new(o, "nat", fact_json(r->natted));
    json_object_set_new(o, "mapping", json_string(rill_nat_behavior_name(r->mapping)));
    json_object_set_new(o, "filtering", json_string(rill_nat_behavior_name(r->filtering)));
    json_object_set_new(o, "hairpinning", fact_json(r->hairpin));
    json_object_set_new(o, "hairpinning_external_source", fact_json(r->hairpin_external));
    json_object_set_new(o, "port_preservation", fact_json(r->ports_kept));
    json_object_set_new(o, "paired_address_pooling", fact_json(r->paired));
    json_object_set_new(o, "fragments", fact_json(r->fragments));
    json_object_set_new(o, "lifetime_least_s", seconds_json(r->lifetime_least));
    json_object_set_new(o, "lifetime_most_s", seconds_json(r->lifetime_most));
    json_object_set_new(o, "rtt_ms", r->rtt < 0 ? json_null() : json_real((double)r->rtt / 1000));
    for (size_t at = 0; (sentence = rill_nat_sentence(r, &at)) != NULL;)
        json_array_append_new(words, json_string(sentence));
    json_object_set_new(o, "words", words);
    json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    fputc('\n', stdout);
    json_decref(o);
}

static void show_lifetime(const struct nat *n, const struct rill_nat_result *r)
{
    printf("lifetime        ");
    if (n->lifetime_max == 0)
        printf("not watched (--lifetime SECONDS)\n");
    else if (r->lifetime_refused)
        printf("unknown: the server knows no RESPONSE-PORT\n");
    else if (r->lifetime_most == RILL_NEVER)
        printf("more than %.0f s\n", (double)r->lifetime_least / RILL_SECOND);
    else if (r->lifetime_most > 0)
        printf("%.0f to %.0f s\n", (double)r->lifetime_least / RILL_SECOND,
               (double)r->lifetime_most / RILL_SECOND);
    else
        printf("unknown\n");
}

static void show_text(const struct nat *n, const struct rill_nat_result *r)
{
    const char *sentence;
    printf("server          %s\n", rill_addr_text(&n->config.server).text);
    if (r->error)
        printf("error           %u\n", r->error);
    if (r->answered) {
        printf("mapped address  %s\n", rill_addr_text(&r->mapped).text);
        printf("other address   %s\n",
               r->other.family ? rill_addr_text(&r->other).text : "none: it has one alone");
        printf("NAT             %s\n", rill_nat_fact_name(r->natted));
        printf("mapping         %s\n", rill_nat_behavior_name(r->mapping));
        printf("filtering       %s\n", rill_nat_behavior_name(r->filtering));
        printf("hairpinning     %s%s\n", rill_nat_fact_name(r->hairpin),
               r->hairpin_external == RILL_NAT_NO ? ", with the internal source" : "");
        printf("ports kept      %s\n", rill_nat_fact_name(r->ports_kept));
        printf("paired pooling  %s\n", rill_nat_fact_name(r->paired));
        printf("fragments       %s\n", rill_nat_fact_name(r->fragments));
        show_lifetime(n, r);
    }
    for (size_t at = 0; (sentence = rill_nat_sentence(r, &at)) != NULL;)
        printf("\n%s\n", sentence);
}

/* --- the command line ----------------------------------------------------------------------------
 */

/* -1: go on; else the exit status. */
static int read_options(int argc, char **argv, struct nat *n)
{
    static const struct option options[] = {
        {"lifetime", required_argument, NULL, 'l'}, {"no-fragments", no_argument, NULL, 'f'},
        {"verbose", no_argument, NULL, 'v'},        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0},
    };
    uint64_t seconds;
    int c, status;
    n->fragments = true;
    while ((c = rill_app_option(argc, argv, "hv", options, usage, &status)) != -1) {
        if (c == 'j') {
            n->json = true;
        } else if (c == 'f') {
            n->fragments = false;
        } else if (c == 'v') {
            n->verbose = true;
        } else if (!rill_view_u64(rill_view_of(optarg), LIFETIME_MOST, &seconds) || seconds == 0) {
            fputs("rill nat: --lifetime is a number of seconds from 1 to 3600\n", stderr);
            return RILL_EXIT_USAGE;
        } else {
            n->lifetime_max = (int64_t)seconds * RILL_SECOND;
        }
    }
    if (status != -1)
        return status;
    const char *wrong = argc - optind == 1 ? rill_url_parse_stun(argv[optind], &n->server) : "";
    if (!wrong)
        return -1;
    if (wrong[0])
        fprintf(stderr, "rill nat: %s: %s\n", argv[optind], wrong);
    else
        usage(stderr);
    return RILL_EXIT_USAGE;
}

/* True when the server answered. */
static bool discover(struct nat *n)
{
    struct rill_nat_result r;
    n->config.addresses = n->addresses;
    n->config.n_addresses = rill_posix_interfaces(n->addresses, ADDRESSES);
    n->config.fragments = n->fragments;
    n->config.lifetime_max = n->lifetime_max;
    n->config.rng = rill_posix_rng();
    n->trace = (struct rill_trace){n, to_stderr};
    n->config.trace = n->verbose ? &n->trace : NULL;
    n->from = rill_posix_now();
    void *block = malloc(rill_nat_size());
    if (!block || !open_sockets(n)) {
        free(block);
        return false;
    }
    n->machine = rill_nat_init(block, rill_posix_now(), &n->config);
    run(n);
    rill_nat_result(n->machine, &r);
    free(block);
    if (n->json)
        show_json(n, &r);
    else
        show_text(n, &r);
    return r.answered;
}

int rill_app_nat(int argc, char **argv)
{
    static struct nat n;
    struct rill_err why = {0};
    int rc = read_options(argc, argv, &n);
    if (rc >= 0)
        return rc;
    n.reactor = rill_reactor_new(RILL_NAT_SOCKETS + RILL_RESOLVER_SOCKETS);
    if (!n.reactor) {
        fputs("rill nat: out of memory\n", stderr);
        return RILL_EXIT_FAILED;
    }
    /* RFC 5780 §7.1: "the service name is "stun-behavior" for UDP". */
    bool known = rill_resolver_wait(n.reactor, n.server.host,
                                    n.server.has_port ? NULL : "_stun-behavior._udp", n.server.port,
                                    rill_posix_now() + RESOLVE, &n.config.server, 1, &why) > 0;
    if (!known)
        rill_app_complain(n.server.host, &why);
    bool told = known && discover(&n);
    rill_reactor_free(n.reactor);
    return told ? RILL_EXIT_DONE : RILL_EXIT_FAILED;
}
