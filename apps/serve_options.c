/* serve_options: what `rill serve` is told, and what it says about itself. */
#include "apps/serve_options.h"
#include "apps/app.h"
#include "base/clock.h"
#include "signaling/message.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define PORT_DEFAULT 8181
#define STUN_PORT_DEFAULT 3478
#define PAYLOAD_LEAST 1024
#define PAYLOAD_MOST (16u << 20)
#define CONNECTIONS_DEFAULT 1024
#define ORIGIN_MOST 255
#define DRAIN_MOST 86400
#define CONNECTIONS_MOST 65000 /* sockets of the reactor, with some for the ports */

static void usage(FILE *out)
{
    fputs(
        "usage: rill serve [options]\n\n"
        "The page, the signaling server and a STUN server, until Ctrl-C. SIGHUP reads the\n"
        "certificate anew and begins a new access log; SIGTERM lets nobody new in and ends.\n\n"
        "  --listen [ADDR:]PORT  where [127.0.0.1:8181]; 0.0.0.0:8181 and [::]:8181 for phones\n"
        "                        too; port 0: any free one; off: none; may be repeated\n"
        "  --tls auto|off|CRT,KEY  auto: cert.crt and cert.key that lie here, else made as by\n"
        "                        rill cert and renewed; off: plain http; or these files [auto]\n"
        "  --ca DIR              where the CA lies, or is made [as rill cert]\n"
        "  --www DIR             the folder of the page [web]\n"
        "  --trace-dir DIR       give the traces in this folder (*.sqlog) to the page at /trace\n"
        "  --trace FILE          keep what the server decides (docs/trace.md)\n"
        "  --explain             tell it in words on standard error\n"
        "  --password TEXT       what who joins must know [nothing]\n"
        "  --stun-port PORT|off  on the same address [3478, or a free one if it is taken]\n"
        "  --stun-alternate ADDR[:PORT]  a second address and port of STUN, so that rill nat and\n"
        "                        others can find out what a NAT does (RFC 5780)\n"
        "  --allow-origin ORIGIN serve the pages of this host too, as https://host[:port]; may be\n"
        "                        repeated\n"
        "  --any-origin          serve the pages of every host\n"
        "  --echo                for testers: echo at /echo, /engine.io/ and over Socket.IO\n"
        "  --ping-interval MS    of Engine.IO [25000]\n"
        "  --ping-timeout MS     of Engine.IO [20000]\n"
        "  --grace MS            how long the place of a client is kept whose connection broke;\n"
        "                        0: not at all [10000]\n"
        "  --max-payload BYTES   of Engine.IO and /echo, up to 16 MiB [1000000]\n"
        "  --connections N       at most so many at a time [1024]\n"
        "  --connections-per-address N  of one address; when it is not given, those of this\n"
        "                        host are not counted [64]\n"
        "  --store memory|redis://[USER:PASSWORD@]HOST:PORT/N  several servers with one store\n"
        "                        behave as one [memory]\n"
        "  --access-log FILE|-   a line for each request, WebSocket and session\n"
        "  --metrics on|off      /metrics for Prometheus [on]\n"
        "  --drain SECONDS       after SIGTERM, for those who are here [0]\n"
        "  --json                one JSON object a line\n\n"
        "example: rill serve --listen 8181 --password sesame\n"
        "then open https://localhost:8181/?name=ann&password=sesame in two windows, with two "
        "names\n",
        out);
}

static bool parse_port(const char *text, uint16_t *out)
{
    uint64_t v;
    if (!rill_view_u64(rill_view_of(text), UINT16_MAX, &v))
        return false;
    *out = (uint16_t)v;
    return true;
}

/* PORT, ADDR:PORT, [ADDR6]:PORT, localhost:PORT, or an address alone. */
static bool parse_listen(const char *text, struct rill_addr *out)
{
    struct rill_view v = rill_view_of(text);
    uint16_t port;
    if (parse_port(text, &port)) {
        *out = rill_addr_ip4(127, 0, 0, 1, port);
        return true;
    }
    if (rill_view_starts(v, "localhost:") && parse_port(text + 10, &port)) {
        *out = rill_addr_ip4(127, 0, 0, 1, port);
        return true;
    }
    if (rill_addr_parse_ip(v, out)) {
        out->port = PORT_DEFAULT;
        return true;
    }
    return rill_addr_parse(v, out);
}

/* What parse_listen() reads, with "off" for a port: nothing listens for TCP there. */
static bool push_listen(const char *text, struct rill_serve_options *o)
{
    char closed[RILL_ADDR_TEXT_MAX];
    size_t n = strlen(text);
    bool off = n >= 3 && !strcmp(text + n - 3, "off") && (n == 3 || text[n - 4] == ':');
    if (o->n_listen == SERVE_LISTENERS_MAX)
        return false;
    if (off) {
        snprintf(closed, sizeof closed, "%.*s0", (int)(n - 3), text);
        text = n < sizeof closed ? closed : "";
    }
    o->no_tcp[o->n_listen] = off;
    return parse_listen(text, &o->listen[o->n_listen++]);
}

/* "CRT,KEY": the last comma parts them. */
static bool parse_tls(const char *text, struct rill_serve_options *o)
{
    const char *comma = strrchr(text, ',');
    o->tls = !strcmp(text, "auto")  ? SERVE_TLS_AUTO
             : !strcmp(text, "off") ? SERVE_TLS_OFF
                                    : SERVE_TLS_FILES;
    if (o->tls != SERVE_TLS_FILES)
        return true;
    size_t n = comma ? (size_t)(comma - text) : 0;
    if (n == 0 || n >= sizeof o->tls_cert || !comma[1] || strlen(comma + 1) >= sizeof o->tls_key)
        return false;
    memcpy(o->tls_cert, text, n);
    o->tls_cert[n] = '\0';
    strcpy(o->tls_key, comma + 1);
    return true;
}

static bool parse_range(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
    return rill_view_u64(rill_view_of(text), most, out) && *out >= least;
}

static bool parse_ms(const char *text, int64_t *out)
{
    uint64_t ms;
    if (!parse_range(text, 10, 3600000, &ms))
        return false;
    *out = (int64_t)ms * RILL_MS;
    return true;
}

static bool parse_grace(const char *text, int64_t *out)
{
    uint64_t ms;
    if (!parse_range(text, 0, 3600000, &ms))
        return false;
    *out = ms ? (int64_t)ms * RILL_MS : -1;
    return true;
}

static bool parse_payload(const char *text, size_t *out)
{
    uint64_t n;
    if (!parse_range(text, PAYLOAD_LEAST, PAYLOAD_MOST, &n))
        return false;
    *out = (size_t)n;
    return true;
}

static bool parse_connections(const char *text, size_t *out)
{
    uint64_t n;
    if (!parse_range(text, 1, CONNECTIONS_MOST, &n))
        return false;
    *out = (size_t)n;
    return true;
}

/* RFC 6454 §6.2, as a browser writes it: a scheme, a host, perhaps a port, and nothing behind. */
static bool push_origin(const char *text, struct rill_serve_options *o)
{
    struct rill_view v = rill_view_of(text);
    size_t scheme = rill_view_starts(v, "https://") ? 8 : rill_view_starts(v, "http://") ? 7 : 0;
    if (!scheme || v.n == scheme || v.n > ORIGIN_MOST || o->n_origins == SERVE_ORIGINS_MAX)
        return false;
    for (size_t i = scheme; i < v.n; i++)
        if (v.p[i] <= 0x20 || v.p[i] >= 0x7f ||
            strchr("/?#@,\\\"ABCDEFGHIJKLMNOPQRSTUVWXYZ", v.p[i]))
            return false;
    o->origins[o->n_origins++] = text;
    return true;
}

static bool parse_seconds(const char *text, int64_t *out)
{
    uint64_t n;
    if (!parse_range(text, 0, DRAIN_MOST, &n))
        return false;
    *out = (int64_t)n * RILL_SECOND;
    return true;
}

static bool parse_alternate(const char *text, struct rill_addr *out)
{
    struct rill_view v = rill_view_of(text);
    return rill_addr_parse_ip(v, out) || rill_addr_parse(v, out);
}

static bool parse_option(int c, struct rill_serve_options *o)
{
    switch (c) {
    case 'l':
        return push_listen(optarg, o);
    case 'T':
        return parse_tls(optarg, o);
    case 'C':
        o->ca = optarg;
        return *optarg != 0;
    case 'w':
        o->www = optarg;
        return true;
    case 'F':
        o->trace_dir = optarg;
        return *optarg != 0;
    case 'r':
        o->trace.trace = optarg;
        return *optarg != 0;
    case 'x':
        return o->trace.explain = true;
    case 'p':
        o->password = optarg;
        return strlen(optarg) <= RILL_SIG_PASSWORD_MAX;
    case 's':
        o->stun = strcmp(optarg, "off") != 0;
        o->stun_given = true;
        return !o->stun || parse_port(optarg, &o->stun_port);
    case 'A':
        return parse_alternate(optarg, &o->stun_alternate);
    case 'o':
        return o->any_origin = true;
    case 'e':
        return o->echo = true;
    case 'i':
        return parse_ms(optarg, &o->ping_interval);
    case 't':
        return parse_ms(optarg, &o->ping_timeout);
    case 'S':
        return serve_store_parse(optarg, &o->store);
    case 'g':
        return parse_grace(optarg, &o->grace);
    case 'm':
        return parse_payload(optarg, &o->max_payload);
    case 'c':
        return parse_connections(optarg, &o->connections);
    case 'a':
        return parse_connections(optarg, &o->per_address);
    case 'O':
        return push_origin(optarg, o);
    case 'L':
        o->access_log = optarg;
        return *optarg != 0;
    case 'M':
        o->no_metrics = !strcmp(optarg, "off");
        return o->no_metrics || !strcmp(optarg, "on");
    case 'D':
        return parse_seconds(optarg, &o->drain);
    case 'j':
        return o->json = true;
    default:
        return false;
    }
}

/* On any TCP port. */
static bool listens(const struct rill_serve_options *o)
{
    bool any = false;
    for (size_t i = 0; i < o->n_listen; i++)
        any = any || !o->no_tcp[i];
    return any;
}

static const struct option options[] = {
    {"listen", required_argument, NULL, 'l'},
    {"tls", required_argument, NULL, 'T'},
    {"ca", required_argument, NULL, 'C'},
    {"www", required_argument, NULL, 'w'},
    {"trace-dir", required_argument, NULL, 'F'},
    {"trace", required_argument, NULL, 'r'},
    {"explain", no_argument, NULL, 'x'},
    {"password", required_argument, NULL, 'p'},
    {"stun-port", required_argument, NULL, 's'},
    {"stun-alternate", required_argument, NULL, 'A'},
    {"any-origin", no_argument, NULL, 'o'},
    {"json", no_argument, NULL, 'j'},
    {"echo", no_argument, NULL, 'e'},
    {"ping-interval", required_argument, NULL, 'i'},
    {"ping-timeout", required_argument, NULL, 't'},
    {"store", required_argument, NULL, 'S'},
    {"grace", required_argument, NULL, 'g'},
    {"max-payload", required_argument, NULL, 'm'},
    {"connections", required_argument, NULL, 'c'},
    {"connections-per-address", required_argument, NULL, 'a'},
    {"allow-origin", required_argument, NULL, 'O'},
    {"access-log", required_argument, NULL, 'L'},
    {"metrics", required_argument, NULL, 'M'},
    {"drain", required_argument, NULL, 'D'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int misused(const char *what)
{
    fprintf(stderr, "rill serve: \"%s\" is not understood\n", what);
    usage(stderr);
    return RILL_EXIT_USAGE;
}

/* -1: they have been read; or the exit status. */
static int read_options(int argc, char **argv, struct rill_serve_options *o)
{
    int c, status;
    while ((c = rill_app_option(argc, argv, "h", options, usage, &status)) != -1)
        if (!parse_option(c, o))
            return misused(optarg);
    return status == -1 && optind < argc ? misused(argv[optind]) : status;
}

/* What no option alone can tell: NULL, or what is wrong with the whole. */
static const char *settle(struct rill_serve_options *o)
{
    if (o->n_listen == 0)
        o->listen[o->n_listen++] = rill_addr_ip4(127, 0, 0, 1, PORT_DEFAULT);
    if (!listens(o)) {
        o->tls = SERVE_TLS_OFF;
        if (!o->stun)
            return "--listen off and --stun-port off leave nothing to serve";
    }
    bool family = o->listen[0].family == o->stun_alternate.family;
    if (o->stun_alternate.family && (!o->stun || rill_addr_is_any(&o->listen[0]) || !family))
        return "--stun-alternate is an address beside the first one of --listen";
    return NULL;
}

int rill_serve_parse(int argc, char **argv, struct rill_serve_options *out)
{
    struct rill_serve_options o = {
        .password = "",
        .stun = true,
        .stun_port = STUN_PORT_DEFAULT,
        .connections = CONNECTIONS_DEFAULT,
    };
    int status = read_options(argc, argv, &o);
    if (status != -1)
        return status;
    const char *wrong = settle(&o);
    if (wrong) {
        fprintf(stderr, "rill serve: %s\n", wrong);
        return RILL_EXIT_USAGE;
    }
    *out = o;
    return -1;
}
