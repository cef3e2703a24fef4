/* decode: `rill decode MODULE [options] [FILE|-]`: one file in, one JSON object out.
 *
 * The idea: this file reads the input and prints the answer; what the bytes mean is said by
 * the stack's own parsers, one apps/decode_<module>.c a module. */
#include "apps/app.h"
#include "apps/decode_list.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (16u << 20)

static const struct {
    const char *name;
    const char *sentence;
    rill_decode_run *run;
} modules[] = {
    {"stun", "a STUN message (--key HEX or [--username TEXT] --password TEXT checks its integrity)",
     rill_decode_stun},
    {"turn", "a datagram taken as TURN ChannelData", rill_decode_turn},
    {"dns", "a message of DNS, multicast or not", rill_decode_dns},
    {"ice", "a candidate line", rill_decode_ice},
    {"sdp", "a session description", rill_decode_sdp},
    {"sdp-attr", "how many attribute lines of a description were refused", rill_decode_sdp_attr},
    {"rtp", "an RTP packet", rill_decode_rtp},
    {"rtcp", "an RTCP compound", rill_decode_rtcp},
    {"vp8", "the payload of an RTP packet that carries VP8", rill_decode_vp8},
    {"vp9", "the payload of an RTP packet that carries VP9", rill_decode_vp9},
    {"h264", "the payload of an RTP packet that carries H.264", rill_decode_h264},
    {"av1", "the payload of an RTP packet that carries AV1", rill_decode_av1},
    {"opus", "the payload of an RTP packet that carries Opus", rill_decode_opus},
    {"srtp", "a protected packet, or a JSON list of hex packets in order", rill_decode_srtp},
    {"dtls", "a JSON list of hex datagrams, given to a DTLS server in order", rill_decode_dtls},
    {"demux", "a JSON list of hex datagrams: which protocol each belongs to", rill_decode_demux},
    {"media", "an rtpdump, pcap or pcapng file: its RTP packets, frames and pictures",
     rill_decode_media},
};

static void usage(FILE *out)
{
    fputs("usage: rill decode MODULE [--hex] [--fields] [--key HEX | [--username TEXT] --password "
          "TEXT] "
          "[FILE|-]\n"
          "       rill decode srtp --profile NAME --master-key HEX --master-salt HEX [--rtcp] "
          "[FILE|-]\n\n",
          out);
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++)
        fprintf(out, "  %-9s %s\n", modules[i].name, modules[i].sentence);
    fputs("\n--fields: with every field, its place, its value, its clause and what it is for "
          "(docs/trace.md)\n",
          out);
    fputs(
        "\nexample: echo 'candidate:1 1 udp 2130706431 192.0.2.7 9 typ host' | rill decode ice -\n",
        out);
}

static const struct rill_err_row no_file = {-1, "DECODE_FILE", "-", "the file cannot be read"};
static const struct rill_err_row too_large = {-2, "DECODE_TOO_LARGE", "-",
                                              "the input is larger than {} bytes"};
static const struct rill_err_row not_hex = {-3, "DECODE_HEX", "RFC 4648 §8",
                                            "--hex was given, but the input is not hex"};

static int refuse(const struct rill_err_row *row, uint64_t value, struct rill_err *why)
{
    *why = (struct rill_err){row, 0, value};
    return row->code;
}

static int read_all(FILE *f, uint8_t **bytes, size_t *n, struct rill_err *why)
{
    size_t cap = 65536;
    *n = 0;
    for (;;) {
        uint8_t *more = realloc(*bytes, cap);
        if (!more)
            return refuse(&too_large, *n, why);
        *bytes = more;
        *n += fread(more + *n, 1, cap - *n, f);
        if (ferror(f)) /* a directory opens, but is not read */
            return refuse(&no_file, 0, why);
        if (*n < cap)
            return 0;
        if (cap >= INPUT_MAX)
            return refuse(&too_large, INPUT_MAX, why);
        cap *= 2;
    }
}

/* The whole input; *bytes is malloced, on failure too. */
static int read_input(const char *path, uint8_t **bytes, size_t *n, struct rill_err *why)
{
    bool standard = !path || !strcmp(path, "-");
    FILE *f = standard ? stdin : fopen(path, "rb");
    if (!f)
        return refuse(&no_file, 0, why);
    int rc = read_all(f, bytes, n, why);
    if (!standard)
        fclose(f);
    return rc;
}

/* Hex text with white space, in place. */
static int unhex(uint8_t *bytes, size_t *n, struct rill_err *why)
{
    size_t digits = 0;
    for (size_t i = 0; i < *n; i++)
        if (!strchr(" \t\r\n", bytes[i]) || bytes[i] == 0)
            bytes[digits++] = bytes[i];
    long got = rill_hex_decode(rill_view_at(bytes, digits), (struct rill_span){bytes, *n});
    if (got < 0)
        return refuse(&not_hex, 0, why);
    *n = (size_t)got;
    return 0;
}

/* tree: the fields, or NULL; given away. */
static int print(int rc, json_t *out, json_t *tree, const struct rill_err *why)
{
    if (rc < 0) {
        char text[512];
        struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
        rill_err_write(&w, why);
        rill_w_end_text(&w);
        json_object_clear(out);
        json_object_set_new(out, "ok", json_false());
        json_object_set_new(out, "error", json_string(why->row ? why->row->name : "FAILED"));
        json_object_set_new(out, "clause", json_string(why->row ? why->row->clause : ""));
        json_object_set_new(out, "offset", json_integer((json_int_t)why->offset));
        json_object_set_new(out, "message", rill_app_json_text(rill_view_of(text)));
    }
    if (tree)
        json_object_set_new(out, "fields", tree);
    json_dumpf(out, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    return rc < 0 ? RILL_EXIT_FAILED : RILL_EXIT_DONE;
}

static int decode(size_t module, const struct rill_decode_args *args, bool hex, const char *path)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct rill_err why = {0};
    json_t *out = json_object();
    json_object_set_new(out, "ok", json_true());
    int rc = read_input(path, &bytes, &n, &why);
    /* A list is of hex in any case. */
    if (rc == 0 && hex && !rill_decode_is_list(rill_view_at(bytes, n)))
        rc = unhex(bytes, &n, &why);
    if (rc == 0)
        rc = modules[module].run(args, rill_view_at(bytes, n), out, &why);
    bool read = bytes && why.row != &no_file && why.row != &too_large && why.row != &not_hex;
    json_t *tree = args->fields && read
                       ? rill_decode_fields(modules[module].name, rill_view_at(bytes, n))
                       : NULL;
    rc = print(rc, out, tree, &why);
    json_decref(out);
    free(bytes);
    return rc;
}

#define KEY_MAX 256

/* --NAME HEX into storage; false when it is not hex of at most 256 bytes. */
static bool parse_hex(const char *name, uint8_t storage[KEY_MAX], struct rill_view *out)
{
    long n = rill_hex_decode(rill_view_of(optarg), (struct rill_span){storage, KEY_MAX});
    if (n < 0) {
        fprintf(stderr, "rill decode: --%s is not hex of at most %d bytes\n", name, KEY_MAX);
        return false;
    }
    *out = rill_view_at(storage, (size_t)n);
    return true;
}

static bool parse_option(int c, struct rill_decode_args *args, bool *hex)
{
    static uint8_t key[KEY_MAX], master_key[KEY_MAX], master_salt[KEY_MAX];
    switch (c) {
    case 'x':
        return *hex = true;
    case 'k':
        return parse_hex("key", key, &args->key);
    case 'm':
        return parse_hex("master-key", master_key, &args->master_key);
    case 's':
        return parse_hex("master-salt", master_salt, &args->master_salt);
    case 'p':
        args->key = rill_view_of(optarg);
        return true;
    case 'u':
        args->username = rill_view_of(optarg);
        return true;
    case 'f':
        args->profile = rill_view_of(optarg);
        return true;
    case 'r':
        return args->rtcp = true;
    case 't':
        return args->fields = true;
    case 'j': /* as all commands take it, though there is nothing else here */
        return true;
    default:
        usage(stderr);
        return false;
    }
}

int rill_app_decode(int argc, char **argv)
{
    static const struct option options[] = {
        {"hex", no_argument, NULL, 'x'},
        {"key", required_argument, NULL, 'k'},
        {"password", required_argument, NULL, 'p'},
        {"username", required_argument, NULL, 'u'},
        {"profile", required_argument, NULL, 'f'},
        {"master-key", required_argument, NULL, 'm'},
        {"master-salt", required_argument, NULL, 's'},
        {"rtcp", no_argument, NULL, 'r'},
        {"fields", no_argument, NULL, 't'},
        {"tree", no_argument, NULL, 't'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct rill_decode_args args = {0};
    bool hex = false;
    int c;
    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (c == 'h') {
            usage(stdout);
            return RILL_EXIT_DONE;
        }
        if (!parse_option(c, &args, &hex))
            return RILL_EXIT_USAGE;
    }
    if (optind >= argc || argc - optind > 2) {
        usage(stderr);
        return RILL_EXIT_USAGE;
    }
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++)
        if (!strcmp(argv[optind], modules[i].name))
            return decode(i, &args, hex, argv[optind + 1]);
    fprintf(stderr, "rill decode: there is no module \"%s\"\n", argv[optind]);
    usage(stderr);
    return RILL_EXIT_USAGE;
}
