/* call_options: what the command line of `rill call` says. */
#include "apps/app.h"
#include "apps/call.h"
#include "apps/ice_tcp.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

const char *const call_congestion_names[3] = {"gcc", "nada", "off"};

static bool parse_seconds(const char *text, int64_t *out)
{
    uint64_t seconds;
    if (!rill_view_u64(rill_view_of(text), 86400, &seconds))
        return false;
    *out = (int64_t)seconds * RILL_SECOND;
    return true;
}

static bool parse_role(const char *text, enum call_role *out)
{
    static const char *const names[] = {"auto", "offerer", "answerer"};
    for (size_t i = 0; i < 3; i++)
        if (!strcmp(text, names[i])) {
            *out = (enum call_role)i;
            return true;
        }
    return false;
}

static bool parse_signaling(const char *text, enum call_signaling *out)
{
    static const char *const names[] = {"auto", "ws", "socketio"};
    for (size_t i = 0; i < 3; i++)
        if (!strcmp(text, names[i])) {
            *out = (enum call_signaling)i;
            return true;
        }
    return false;
}

static bool parse_negotiation(const char *text, enum call_negotiation *out)
{
    static const char *const names[] = {"passive", "polite", "impolite"};
    for (size_t i = 0; i < 3; i++)
        if (!strcmp(text, names[i])) {
            *out = (enum call_negotiation)i;
            return true;
        }
    return false;
}

static bool parse_congestion(const char *text, enum rill_peer_congestion_control *out)
{
    for (size_t i = 0; i < 3; i++)
        if (!strcmp(text, call_congestion_names[i])) {
            *out = (enum rill_peer_congestion_control)i;
            return true;
        }
    return false;
}

static bool parse_bundle_policy(const char *text, enum rill_sdp_bundle_policy *out)
{
    static const char *const names[] = {"balanced", "max-compat", "max-bundle"};
    for (size_t i = 0; i < 3; i++)
        if (!strcmp(text, names[i])) {
            *out = (enum rill_sdp_bundle_policy)i;
            return true;
        }
    return false;
}

static bool parse_red(const char *text, enum rill_peer_red *out)
{
    static const char *const names[] = {"auto", "on", "off"};
    *out = RILL_PEER_RED_ALWAYS;
    for (size_t i = 0; text && i < 3; i++)
        if (!strcmp(text, names[i])) {
            *out = (enum rill_peer_red)i;
            return true;
        }
    return !text;
}

static bool parse_rtcp_mux_policy(const char *text, enum rill_peer_rtcp_mux_policy *out)
{
    bool negotiate = !strcmp(text, "negotiate");
    *out = negotiate ? RILL_PEER_RTCP_NEGOTIATE : RILL_PEER_RTCP_REQUIRE;
    return negotiate || !strcmp(text, "require");
}

static bool parse_orientation(const char *text, uint16_t *out)
{
    uint64_t degrees;
    if (!rill_view_u64(rill_view_of(text), 270, &degrees) || degrees % 90)
        return false;
    *out = (uint16_t)degrees;
    return true;
}

/* MIN:MAX, ms. */
static bool parse_playout_delay(const char *text, struct call_playout_delay *out)
{
    struct rill_view rest, min = rill_view_cut(rill_view_of(text), ':', &rest);
    uint64_t least, most;
    if (!rill_view_u64(min, 40950, &least) || !rill_view_u64(rest, 40950, &most) || least > most)
        return false;
    *out = (struct call_playout_delay){true, (uint16_t)least, (uint16_t)most};
    return true;
}

static bool push(const char **list, size_t *n, size_t cap, const char *value)
{
    if (*n == cap)
        return false;
    list[(*n)++] = value;
    return true;
}

enum {
    OPT_NAME = 256,
    OPT_PASSWORD,
    OPT_AS,
    OPT_SIGNALING,
    OPT_NEGOTIATION,
    OPT_CA,
    OPT_INSECURE,
    OPT_TIMEOUT,
    OPT_STUN,
    OPT_TURN,
    OPT_TURN_FAMILY,
    OPT_POLICY,
    OPT_LOOPBACK,
    OPT_IP_HANDLING,
    OPT_MDNS,
    OPT_ICE_TCP,
    OPT_BUNDLE_POLICY,
    OPT_RTCP_MUX_POLICY,
    OPT_ICE_LITE,
    OPT_SEED,
    OPT_JSON,
    OPT_OPTIONAL,
    OPT_PLAY,
    OPT_PREVIEW,
    OPT_CHANGES,
    OPT_WHY,
    OPT_CONGESTION,
    OPT_CODECS,
    OPT_TRACE,
    OPT_TRACE_SECRETS,
    OPT_PCAPNG,
    OPT_KEYLOG,
    OPT_EXPLAIN,
    OPT_RED,
    OPT_DTX,
    OPT_DTMF,
    OPT_STATS,
    OPT_ORIENTATION,
    OPT_PLAYOUT_DELAY,
};

static bool take_option(struct call_options *o, int option, const char *value)
{
    switch (option) {
    case OPT_NAME:
        o->name = value;
        o->named = true;
        return value[0] && strlen(value) <= RILL_SIGNALING_NAME_MAX;
    case OPT_PASSWORD:
        o->password = value;
        return true;
    case OPT_AS:
        return parse_role(value, &o->role);
    case OPT_SIGNALING:
        return parse_signaling(value, &o->signaling);
    case OPT_NEGOTIATION:
        return parse_negotiation(value, &o->negotiation);
    case OPT_CONGESTION:
        return parse_congestion(value, &o->congestion);
    case OPT_CODECS:
        o->n_codecs = call_codecs_read(value, o->codecs);
        return o->n_codecs > 0;
    case OPT_RED:
        return parse_red(value, &o->red);
    case OPT_DTX:
        o->dtx = true;
        return true;
    case OPT_DTMF:
        o->has_dtmf = true;
        return !call_dtmf_read(rill_view_of(value), &o->dtmf);
    case OPT_CA:
        o->ca = value;
        return true;
    case OPT_INSECURE:
        o->insecure = true;
        return true;
    case 'o':
        return push(o->outputs, &o->n_outputs, CALL_FILES, value);
    case 't':
        return parse_seconds(value, &o->duration);
    case OPT_TIMEOUT:
        if (!parse_seconds(value, &o->timeout))
            return false;
        o->timeout = o->timeout ? o->timeout : RILL_NEVER;
        return true;
    case OPT_STUN:
        return push(o->stun, &o->n_stun, RILL_ICE_SERVERS_MAX, value);
    case OPT_TURN:
        return push(o->turn, &o->n_turn, RILL_ICE_SERVERS_MAX, value);
    case OPT_TURN_FAMILY:
        return !rill_turn_streams_family(value, &o->turn_family);
    case OPT_POLICY:
        o->relay_only = !strcmp(value, "relay");
        return o->relay_only || !strcmp(value, "all");
    case OPT_IP_HANDLING:
        return !rill_ip_handling_read(value, &o->ip_handling);
    case OPT_MDNS:
        o->mdns = true;
        return true;
    case OPT_LOOPBACK:
        o->loopback = true;
        return true;
    case OPT_ICE_LITE:
        o->ice_lite = true;
        return true;
    case OPT_ICE_TCP:
        return rill_ice_tcp_read(value, &o->ice_tcp);
    case OPT_BUNDLE_POLICY:
        return parse_bundle_policy(value, &o->bundle_policy);
    case OPT_RTCP_MUX_POLICY:
        return parse_rtcp_mux_policy(value, &o->rtcp_mux_policy);
    case OPT_SEED:
        o->seeded = true;
        return rill_view_u64(rill_view_of(value), UINT64_MAX, &o->seed);
    case OPT_JSON:
        o->json = true;
        return true;
    case OPT_PLAY:
        o->play = value ? value : "default";
        return true;
    case OPT_PREVIEW:
        return rill_preview_type_read(value, &o->preview);
    case OPT_CHANGES:
        o->changes = true;
        return true;
    case OPT_WHY:
        o->why = true;
        return true;
    case OPT_ORIENTATION:
        return parse_orientation(value, &o->orientation);
    case OPT_PLAYOUT_DELAY:
        return parse_playout_delay(value, &o->playout_delay);
    case OPT_STATS:
        return parse_seconds(value, &o->stats) && o->stats > 0;
    case OPT_OPTIONAL:
        o->optional = true;
        return true;
    case 'v':
        o->trace.verbose = true;
        return true;
    case OPT_TRACE:
        o->trace.trace = value;
        return true;
    case OPT_PCAPNG:
        o->trace.pcapng = value;
        return true;
    case OPT_KEYLOG:
        o->trace.keylog = value;
        return true;
    case OPT_EXPLAIN:
        o->trace.explain = true;
        return true;
    case OPT_TRACE_SECRETS:
        o->trace.secrets = true;
        return true;
    default:
        return false;
    }
}

static const struct option long_options[] = {
    {"name", required_argument, NULL, OPT_NAME},
    {"password", required_argument, NULL, OPT_PASSWORD},
    {"as", required_argument, NULL, OPT_AS},
    {"signaling", required_argument, NULL, OPT_SIGNALING},
    {"negotiation", required_argument, NULL, OPT_NEGOTIATION},
    {"congestion", required_argument, NULL, OPT_CONGESTION},
    {"codecs", required_argument, NULL, OPT_CODECS},
    {"red", optional_argument, NULL, OPT_RED},
    {"dtx", no_argument, NULL, OPT_DTX},
    {"dtmf", required_argument, NULL, OPT_DTMF},
    {"ca", required_argument, NULL, OPT_CA},
    {"insecure", no_argument, NULL, OPT_INSECURE},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"stun", required_argument, NULL, OPT_STUN},
    {"turn", required_argument, NULL, OPT_TURN},
    {"turn-family", required_argument, NULL, OPT_TURN_FAMILY},
    {"ice-policy", required_argument, NULL, OPT_POLICY},
    {"ice-loopback", no_argument, NULL, OPT_LOOPBACK},
    {"ip-handling", required_argument, NULL, OPT_IP_HANDLING},
    {"mdns", no_argument, NULL, OPT_MDNS},
    {"ice-lite", no_argument, NULL, OPT_ICE_LITE},
    {"ice-tcp", required_argument, NULL, OPT_ICE_TCP},
    {"bundle-policy", required_argument, NULL, OPT_BUNDLE_POLICY},
    {"rtcp-mux-policy", required_argument, NULL, OPT_RTCP_MUX_POLICY},
    {"seed", required_argument, NULL, OPT_SEED},
    {"json", no_argument, NULL, OPT_JSON},
    {"why", no_argument, NULL, OPT_WHY},
    {"stats", required_argument, NULL, OPT_STATS},
    {"orientation", required_argument, NULL, OPT_ORIENTATION},
    {"playout-delay", required_argument, NULL, OPT_PLAYOUT_DELAY},
    {"optional", no_argument, NULL, OPT_OPTIONAL},
    {"play", optional_argument, NULL, OPT_PLAY},
    {"preview", required_argument, NULL, OPT_PREVIEW},
    {"at", required_argument, NULL, CALL_INPUT_AT},
    {"changes", no_argument, NULL, OPT_CHANGES},
    {"b:v", required_argument, NULL, CALL_INPUT_VIDEO_BITRATE},
    {"b:a", required_argument, NULL, CALL_INPUT_AUDIO_BITRATE},
    {"c:v", required_argument, NULL, CALL_INPUT_VIDEO_CODEC},
    {"c:a", required_argument, NULL, CALL_INPUT_AUDIO_CODEC},
    {"loop", required_argument, NULL, CALL_INPUT_LOOP},
    {"re", no_argument, NULL, CALL_INPUT_REALTIME},
    {"sendEncodings", required_argument, NULL, CALL_INPUT_ENCODINGS},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"pcapng", required_argument, NULL, OPT_PCAPNG},
    {"keylog", required_argument, NULL, OPT_KEYLOG},
    {"explain", no_argument, NULL, OPT_EXPLAIN},
    {"trace-secrets", no_argument, NULL, OPT_TRACE_SECRETS},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool is_of_inputs(int option)
{
    return option == CALL_INPUT || option == CALL_INPUT_SIZE || option == CALL_INPUT_RATE ||
           option >= CALL_INPUT_LOOP;
}

static int misused(const char *sentence)
{
    fprintf(stderr, "rill call: %s\n", sentence);
    call_usage(stderr);
    return RILL_EXIT_USAGE;
}

static void complain(int option, const char *value)
{
    const struct option *o = long_options;
    while (o->name && o->val != option)
        o++;
    if (o->name)
        fprintf(stderr, "rill call: \"%s\" is no value for --%s\n", value, o->name);
    else
        fprintf(stderr, "rill call: \"%s\" is no value for -%c, or one too many\n", value, option);
}

int rill_app_call(int argc, char **argv)
{
    static char name[32];
    static struct call_options o;
    const char *wrong;
    int option;
    o = (struct call_options){.password = "",
                              .duration = RILL_NEVER,
                              .timeout = 60 * RILL_SECOND,
                              .ice_tcp = RILL_ICE_TCP_ON};
    /* As ffmpeg writes them, long names may have one dash. */
    while ((option = getopt_long_only(argc, argv, "i:o:t:s:r:vh", long_options, NULL)) != -1) {
        if (option == 'h') {
            call_usage(stdout);
            return RILL_EXIT_DONE;
        }
        if (is_of_inputs(option)) {
            wrong = call_input_option(&o.inputs, option, optarg);
            if (wrong)
                return misused(wrong);
            continue;
        }
        if (!take_option(&o, option, optarg)) {
            if (option != '?')
                complain(option, optarg);
            call_usage(stderr);
            return RILL_EXIT_USAGE;
        }
    }
    if (o.ice_lite && (o.relay_only || o.n_turn || o.n_stun))
        return misused(
            "--ice-lite asks no server: it takes no --stun, --turn or --ice-policy relay");
    if (o.relay_only && o.n_turn == 0) {
        fputs("rill call: --ice-policy relay needs a --turn server\n", stderr);
        return RILL_EXIT_USAGE;
    }
    if (argc - optind != 1) {
        call_usage(stderr);
        return RILL_EXIT_USAGE;
    }
    o.url = argv[optind];
    wrong = rill_url_parse_signaling(o.url, &o.server);
    if (wrong) {
        fprintf(stderr, "rill call: %s: %s\n", o.url, wrong);
        return RILL_EXIT_USAGE;
    }
    if (!o.name) {
        struct rill_rng rng = rill_posix_rng();
        snprintf(name, sizeof name, "rill-%u", (unsigned)rill_rng_below(&rng, 100000));
        o.name = name;
    }
    if (call_inputs_negotiate(&o.inputs) && o.negotiation == CALL_PASSIVE)
        return misused("what --at changes there takes --negotiation polite or impolite");
    wrong = call_inputs_check(&o.inputs);
    wrong = wrong ? wrong : rill_trace_options_check(&o.trace);
    if (wrong)
        return misused(wrong);
    if (o.inputs.n == 0) {
        (void)call_input_option(&o.inputs, CALL_INPUT, "testsrc");
        (void)call_input_option(&o.inputs, CALL_INPUT, "sine");
    }
    return call_run(&o);
}
