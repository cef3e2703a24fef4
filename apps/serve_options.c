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

static void usage(FILE *out)
{
    fputs("usage: rill serve [options]\n\n"
          "The page, the signaling server and a STUN server, until Ctrl-C.\n\n"
          "  --listen [ADDR:]PORT  where [127.0.0.1:8181]; port 0: any free one; off: STUN alone\n"
          "  --www DIR             the folder of the page [web]\n"
          "  --password TEXT       what who joins must know [nothing]\n"
          "  --stun-port PORT|off  on the same address [3478, or a free one if it is taken]\n"
          "  --any-origin          serve the pages of other hosts too\n"
          "  --echo                for testers: echo at /echo, /engine.io/ and over Socket.IO\n"
          "  --ping-interval MS    of Engine.IO [25000]\n"
          "  --ping-timeout MS     of Engine.IO [20000]\n"
          "  --max-payload BYTES   of Engine.IO and /echo, up to 16 MiB [1000000]\n"
          "  --json                one JSON object a line\n\n"
          "example: rill serve --listen 8181 --password sesame\n"
          "then open http://127.0.0.1:8181/?name=ann&password=sesame in two windows, with two "
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

/* What parse_listen() reads, with "off" for a port: nothing listens for TCP. */
static bool parse_listen_option(const char *text, struct rill_serve_options *o)
{
    char closed[RILL_ADDR_TEXT_MAX];
    size_t n = strlen(text);
    o->tcp = n < 3 || strcmp(text + n - 3, "off") || (n > 3 && text[n - 4] != ':');
    if (o->tcp)
        return parse_listen(text, &o->listen);
    snprintf(closed, sizeof closed, "%.*s0", (int)(n - 3), text);
    return n < sizeof closed && parse_listen(closed, &o->listen);
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

static bool parse_payload(const char *text, size_t *out)
{
    uint64_t n;
    if (!parse_range(text, PAYLOAD_LEAST, PAYLOAD_MOST, &n))
        return false;
    *out = (size_t)n;
    return true;
}

static bool parse_option(int c, struct rill_serve_options *o)
{
    switch (c) {
    case 'l':
        return parse_listen_option(optarg, o);
    case 'w':
        o->www = optarg;
        return true;
    case 'p':
        o->password = optarg;
        return strlen(optarg) <= RILL_SIG_PASSWORD_MAX;
    case 's':
        o->stun = strcmp(optarg, "off") != 0;
        o->stun_given = true;
        return !o->stun || parse_port(optarg, &o->stun_port);
    case 'o':
        return o->any_origin = true;
    case 'e':
        return o->echo = true;
    case 'i':
        return parse_ms(optarg, &o->ping_interval);
    case 't':
        return parse_ms(optarg, &o->ping_timeout);
    case 'm':
        return parse_payload(optarg, &o->max_payload);
    case 'j':
        return o->json = true;
    default:
        return false;
    }
}

int rill_serve_parse(int argc, char **argv, struct rill_serve_options *out)
{
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'l'},
        {"www", required_argument, NULL, 'w'},
        {"password", required_argument, NULL, 'p'},
        {"stun-port", required_argument, NULL, 's'},
        {"any-origin", no_argument, NULL, 'o'},
        {"json", no_argument, NULL, 'j'},
        {"echo", no_argument, NULL, 'e'},
        {"ping-interval", required_argument, NULL, 'i'},
        {"ping-timeout", required_argument, NULL, 't'},
        {"max-payload", required_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct rill_serve_options o = {
        .listen = rill_addr_ip4(127, 0, 0, 1, PORT_DEFAULT),
        .password = "",
        .tcp = true,
        .stun = true,
        .stun_port = STUN_PORT_DEFAULT,
    };
    int c;
    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (c == 'h') {
            usage(stdout);
            return RILL_EXIT_DONE;
        }
        if (parse_option(c, &o))
            continue;
        if (c != '?')
            fprintf(stderr, "rill serve: \"%s\" is not understood\n", optarg);
        usage(stderr);
        return RILL_EXIT_USAGE;
    }
    if (optind < argc) {
        fprintf(stderr, "rill serve: \"%s\" is not understood\n", argv[optind]);
        usage(stderr);
        return RILL_EXIT_USAGE;
    }
    if (!o.tcp && !o.stun) {
        fputs("rill serve: --listen off and --stun-port off leave nothing to serve\n", stderr);
        return RILL_EXIT_USAGE;
    }
    *out = o;
    return -1;
}
