/* call_options: what the command line of `rill call` says. */
#include "apps/app.h"
#include "apps/call.h"
#include "apps/ice_tcp.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

const char *const call_congestion_names[4] = {"gcc", "nada", "off"};

static bool parse_seconds(const char *text, int64_t *out)
{
    uint64_t seconds;
    if (!rill_view_u64(rill_view_of(text), 86400, &seconds))
        return false;
    *out = (int64_t)seconds * RILL_SECOND;
    return true;
}

/* Which of the names it is; their list ends with NULL. */
static bool choose(const char *text, const char *const *names, unsigned *out)
{
    for (unsigned i = 0; names[i]; i++)
        if (!strcmp(text, names[i])) {
            *out = i;
            return true;
        }
    return false;
}

static bool push(const char **list, size_t *n, size_t cap, const char *value)
{
    if (*n == cap)
        return false;
    list[(*n)++] = value;
    return true;
}

/* --- values that say more than one thing -------------------------------------------------- */

static bool take_name(struct call_options *o, const char *value)
{
    o->name = value;
    o->named = true;
    return value[0] && strlen(value) <= RILL_SIGNALING_NAME_MAX;
}

static bool take_codecs(struct call_options *o, const char *value)
{
    o->n_codecs = call_codecs_read(value, o->codecs);
    return o->n_codecs > 0;
}

static bool take_red(struct call_options *o, const char *value)
{
    static const char *const names[] = {"auto", "on", "off", NULL};
    unsigned how = RILL_PEER_RED_ALWAYS;
    if (value && !choose(value, names, &how))
        return false;
    o->red = (enum rill_peer_red)how;
    return true;
}

static bool take_dtmf(struct call_options *o, const char *value)
{
    o->has_dtmf = true;
    return !call_dtmf_read(rill_view_of(value), &o->dtmf);
}

static bool take_output(struct call_options *o, const char *value)
{
    return push(o->outputs, &o->n_outputs, CALL_FILES, value);
}

static bool take_duration(struct call_options *o, const char *value)
{
    return parse_seconds(value, &o->duration);
}

static bool take_timeout(struct call_options *o, const char *value)
{
    if (!parse_seconds(value, &o->timeout))
        return false;
    o->timeout = o->timeout ? o->timeout : RILL_NEVER;
    return true;
}

static bool take_stun(struct call_options *o, const char *value)
{
    return push(o->stun, &o->n_stun, RILL_ICE_SERVERS_MAX, value);
}

static bool take_turn(struct call_options *o, const char *value)
{
    return push(o->turn, &o->n_turn, RILL_ICE_SERVERS_MAX, value);
}

static bool take_turn_family(struct call_options *o, const char *value)
{
    return !rill_turn_streams_family(value, &o->turn_family);
}

static bool take_policy(struct call_options *o, const char *value)
{
    o->relay_only = !strcmp(value, "relay");
    return o->relay_only || !strcmp(value, "all");
}

static bool take_ip_handling(struct call_options *o, const char *value)
{
    return !rill_ip_handling_read(value, &o->ip_handling);
}

static bool take_ice_tcp(struct call_options *o, const char *value)
{
    return rill_ice_tcp_read(value, &o->ice_tcp);
}

static bool take_seed(struct call_options *o, const char *value)
{
    o->seeded = true;
    return rill_view_u64(rill_view_of(value), UINT64_MAX, &o->seed);
}

static bool take_stats(struct call_options *o, const char *value)
{
    return parse_seconds(value, &o->stats) && o->stats > 0;
}

static bool take_orientation(struct call_options *o, const char *value)
{
    uint64_t degrees;
    if (!rill_view_u64(rill_view_of(value), 270, &degrees) || degrees % 90)
        return false;
    o->orientation = (uint16_t)degrees;
    return true;
}

/* MIN:MAX, ms. */
static bool take_playout_delay(struct call_options *o, const char *value)
{
    struct rill_view rest, min = rill_view_cut(rill_view_of(value), ':', &rest);
    uint64_t least, most;
    if (!rill_view_u64(min, 40950, &least) || !rill_view_u64(rest, 40950, &most) || least > most)
        return false;
    o->playout_delay = (struct call_playout_delay){true, (uint16_t)least, (uint16_t)most};
    return true;
}

static bool take_play(struct call_options *o, const char *value)
{
    o->play = value ? value : "default";
    return true;
}

static bool take_preview(struct call_options *o, const char *value)
{
    return rill_preview_type_read(value, &o->preview);
}

/* --- the table ------------------------------------------------------------------------------ */

enum kind {
    ELSEWHERE, /* --help, and what is of the next -i */
    FLAG,      /* a bool */
    TEXT,      /* the text itself */
    CHOICE,    /* an enum, by its names in order */
    VALUE,     /* what take makes of it */
};

/* An option, and where its value is kept. */
struct row {
    const char *name; /* NULL: a letter alone */
    int argument;     /* as getopt has it */
    enum kind kind;
    size_t at; /* of the member */
    const char *const *names;
    bool (*take)(struct call_options *o, const char *value);
    int value; /* of getopt; 0: one of its own */
};

#define AT(member) .at = offsetof(struct call_options, member)
#define FLAG(member) no_argument, FLAG, AT(member)
#define TEXT(member) required_argument, TEXT, AT(member)
#define CHOICE_OF(member, list) required_argument, CHOICE, AT(member), .names = list
#define CHOICE(member, ...) CHOICE_OF(member, ((const char *const[]){__VA_ARGS__, NULL}))
#define VALUE(function) required_argument, VALUE, .take = function
#define MAYBE(function) optional_argument, VALUE, .take = function

static const struct row rows[] = {
    {"name", VALUE(take_name)},
    {"password", TEXT(password)},
    {"as", CHOICE(role, "auto", "offerer", "answerer")},
    {"signaling", CHOICE(signaling, "auto", "ws", "socketio")},
    {"negotiation", CHOICE(negotiation, "passive", "polite", "impolite")},
    {"congestion", CHOICE_OF(congestion, call_congestion_names)},
    {"codecs", VALUE(take_codecs)},
    {"red", MAYBE(take_red)},
    {"dtx", FLAG(dtx)},
    {"dtmf", VALUE(take_dtmf)},
    {"ca", TEXT(ca)},
    {"insecure", FLAG(insecure)},
    {"timeout", VALUE(take_timeout)},
    {"stun", VALUE(take_stun)},
    {"turn", VALUE(take_turn)},
    {"turn-family", VALUE(take_turn_family)},
    {"ice-policy", VALUE(take_policy)},
    {"ice-loopback", FLAG(loopback)},
    {"ip-handling", VALUE(take_ip_handling)},
    {"mdns", FLAG(mdns)},
    {"ice-lite", FLAG(ice_lite)},
    {"ice-tcp", VALUE(take_ice_tcp)},
    {"bundle-policy", CHOICE(bundle_policy, "balanced", "max-compat", "max-bundle")},
    {"rtcp-mux-policy", CHOICE(rtcp_mux_policy, "require", "negotiate")},
    {"seed", VALUE(take_seed)},
    {"json", FLAG(json)},
    {"why", FLAG(why)},
    {"stats", VALUE(take_stats)},
    {"orientation", VALUE(take_orientation)},
    {"playout-delay", VALUE(take_playout_delay)},
    {"optional", FLAG(optional)},
    {"play", MAYBE(take_play)},
    {"preview", VALUE(take_preview)},
    {"at", required_argument, .value = CALL_INPUT_AT},
    {"changes", FLAG(changes)},
    {"b:v", required_argument, .value = CALL_INPUT_VIDEO_BITRATE},
    {"b:a", required_argument, .value = CALL_INPUT_AUDIO_BITRATE},
    {"c:v", required_argument, .value = CALL_INPUT_VIDEO_CODEC},
    {"c:a", required_argument, .value = CALL_INPUT_AUDIO_CODEC},
    {"loop", required_argument, .value = CALL_INPUT_LOOP},
    {"re", no_argument, .value = CALL_INPUT_REALTIME},
    {"sendEncodings", required_argument, .value = CALL_INPUT_ENCODINGS},
    {"trace", TEXT(trace.trace)},
    {"pcapng", TEXT(trace.pcapng)},
    {"keylog", TEXT(trace.keylog)},
    {"explain", FLAG(trace.explain)},
    {"trace-secrets", FLAG(trace.secrets)},
    {"verbose", FLAG(trace.verbose), .value = 'v'},
    {"help", no_argument, .value = 'h'},
    /* Behind the long ones: those that are letters. */
    {NULL, VALUE(take_output), .value = 'o'},
    {NULL, VALUE(take_duration), .value = 't'},
};

#define ROWS (sizeof rows / sizeof rows[0])
#define FIRST_VALUE 256

static int value_of(size_t i)
{
    return rows[i].value ? rows[i].value : FIRST_VALUE + (int)i;
}

static void list_for_getopt(struct option out[ROWS])
{
    for (size_t i = 0; i < ROWS; i++)
        out[i] = (struct option){rows[i].name, rows[i].argument, NULL, value_of(i)};
}

static const struct row *row_of(int option)
{
    for (size_t i = 0; i < ROWS; i++)
        if (value_of(i) == option)
            return &rows[i];
    return NULL;
}

_Static_assert(sizeof(enum call_role) == sizeof(unsigned), "enums are kept as unsigned");

static bool take_option(struct call_options *o, const struct row *row, const char *value)
{
    void *member = (uint8_t *)o + row->at;
    unsigned choice;
    switch (row->kind) {
    case FLAG:
        *(bool *)member = true;
        return true;
    case TEXT:
        *(const char **)member = value;
        return true;
    case CHOICE:
        if (!choose(value, row->names, &choice))
            return false;
        memcpy(member, &choice, sizeof choice);
        return true;
    case VALUE:
        return row->take(o, value);
    default:
        return false;
    }
}

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

static void complain(const struct row *row, const char *value)
{
    if (row->name)
        fprintf(stderr, "rill call: \"%s\" is no value for --%s\n", value, row->name);
    else
        fprintf(stderr, "rill call: \"%s\" is no value for -%c, or one too many\n", value,
                row->value);
}

/* -1: they have been read; or the exit status. */
static int read_options(struct call_options *o, int argc, char **argv)
{
    struct option list[ROWS];
    int option;
    list_for_getopt(list);
    /* As ffmpeg writes them, long names may have one dash. */
    while ((option = getopt_long_only(argc, argv, "i:o:t:s:r:vh", list, NULL)) != -1) {
        if (option == 'h') {
            call_usage(stdout);
            return RILL_EXIT_DONE;
        }
        if (is_of_inputs(option)) {
            const char *wrong = call_input_option(&o->inputs, option, optarg);
            if (wrong)
                return misused(wrong);
            continue;
        }
        const struct row *row = row_of(option);
        if (!row || !take_option(o, row, optarg)) {
            if (row)
                complain(row, optarg);
            call_usage(stderr);
            return RILL_EXIT_USAGE;
        }
    }
    return -1;
}

/* What no option alone can tell. -1, or the exit status. */
static int check_options(struct call_options *o, int argc, char **argv)
{
    const char *wrong;
    if (o->ice_lite && (o->relay_only || o->n_turn || o->n_stun))
        return misused(
            "--ice-lite asks no server: it takes no --stun, --turn or --ice-policy relay");
    if (o->relay_only && o->n_turn == 0) {
        fputs("rill call: --ice-policy relay needs a --turn server\n", stderr);
        return RILL_EXIT_USAGE;
    }
    if (argc - optind != 1) {
        call_usage(stderr);
        return RILL_EXIT_USAGE;
    }
    o->url = argv[optind];
    wrong = rill_url_parse_signaling(o->url, &o->server);
    if (wrong) {
        fprintf(stderr, "rill call: %s: %s\n", o->url, wrong);
        return RILL_EXIT_USAGE;
    }
    if (call_inputs_negotiate(&o->inputs) && o->negotiation == CALL_PASSIVE)
        return misused("what --at changes there takes --negotiation polite or impolite");
    wrong = call_inputs_check(&o->inputs);
    wrong = wrong ? wrong : rill_trace_options_check(&o->trace);
    return wrong ? misused(wrong) : -1;
}

int rill_app_call(int argc, char **argv)
{
    static char name[32];
    static struct call_options o;
    o = (struct call_options){.password = "",
                              .duration = RILL_NEVER,
                              .timeout = 60 * RILL_SECOND,
                              .ice_tcp = RILL_ICE_TCP_ON};
    int status = read_options(&o, argc, argv);
    if (status == -1)
        status = check_options(&o, argc, argv);
    if (status != -1)
        return status;
    if (!o.name) {
        struct rill_rng rng = rill_posix_rng();
        snprintf(name, sizeof name, "rill-%u", (unsigned)rill_rng_below(&rng, 100000));
        o.name = name;
    }
    if (o.inputs.n == 0) {
        (void)call_input_option(&o.inputs, CALL_INPUT, "testsrc");
        (void)call_input_option(&o.inputs, CALL_INPUT, "sine");
    }
    return call_run(&o);
}
