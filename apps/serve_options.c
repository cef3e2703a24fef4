/* serve_options: what `rill serve` is told, and what it says about itself. */
#include "apps/serve_options.h"
#include "apps/app.h"
#include "signaling/message.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define PORT_DEFAULT 8181
#define STUN_PORT_DEFAULT 3478

static void usage(FILE *out)
{
    fputs("usage: rill serve [options]\n\n"
          "The page, the signaling server and a STUN server, until Ctrl-C.\n\n"
          "  --listen [ADDR:]PORT  where [127.0.0.1:8181]; port 0: any free one\n"
          "  --www DIR             the folder of the page [web]\n"
          "  --password TEXT       what who joins must know [nothing]\n"
          "  --stun-port PORT|off  on the same address [3478, or a free one if it is taken]\n"
          "  --any-origin          take WebSockets from pages of other hosts too\n"
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

static bool parse_option(int c, struct rill_serve_options *o)
{
    switch (c) {
    case 'l':
        return parse_listen(optarg, &o->listen);
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
    case 'j':
        return o->json = true;
    default:
        return false;
    }
}

int rill_serve_parse(int argc, char **argv, struct rill_serve_options *out)
{
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'l'},   {"www", required_argument, NULL, 'w'},
        {"password", required_argument, NULL, 'p'}, {"stun-port", required_argument, NULL, 's'},
        {"any-origin", no_argument, NULL, 'o'},     {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0},
    };
    struct rill_serve_options o = {
        .listen = rill_addr_ip4(127, 0, 0, 1, PORT_DEFAULT),
        .password = "",
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
    *out = o;
    return -1;
}
