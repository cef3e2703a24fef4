/* sdp: `rill sdp`: says what is wrong with a description, what rill would answer to it and why, and
 * whether an answer fits its offer. */
#include "apps/sdp.h"
#include "apps/app.h"
#include "dtls/cert.h"
#include "ice/cand.h"
#include "peer/peer.h"
#include "reactor/reactor.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINDINGS 4096

static void usage(FILE *out)
{
    fputs(
        "usage: rill sdp lint FILE|-            every departure from the RFCs, by line and clause\n"
        "       rill sdp answer FILE|-          the answer rill would give; why, on standard "
        "error\n"
        "       rill sdp diff OFFER ANSWER      what of an answer does not fit its offer\n"
        "\n"
        "  --json   one object a finding or decision, one a line\n"
        "\n"
        "example: rill sdp lint offer.sdp\n"
        "Exit status: 0 nothing to say against it, 1 something, 2 wrong usage.\n",
        out);
}

/* --- texts -------------------------------------------------------------------------------------
 */

struct text {
    uint8_t *bytes;
    size_t n;
    void *block;
    struct rill_arena arena;
    const struct rill_sdp *s;
};

static bool read_text(const char *path, struct text *t)
{
    bool standard = !strcmp(path, "-");
    FILE *f = standard ? stdin : fopen(path, "rb");
    *t = (struct text){.bytes = malloc(RILL_SDP_TEXT_MAX + 1)};
    if (!f || !t->bytes) {
        fprintf(stderr, "rill sdp: %s: %s\n", path, strerror(errno));
        return false;
    }
    /* One byte more than is read, so that rill_sdp_parse can say that it is too long. */
    t->n = fread(t->bytes, 1, RILL_SDP_TEXT_MAX + 1, f);
    bool bad = ferror(f);
    if (!standard)
        fclose(f);
    if (bad)
        fprintf(stderr, "rill sdp: %s cannot be read\n", path);
    size_t arena = 2 * rill_sdp_arena_size(t->n);
    t->block = malloc(arena);
    t->arena = rill_arena_over(t->block, t->block ? arena : 0);
    return !bad && t->block;
}

static void release(struct text *t)
{
    free(t->bytes);
    free(t->block);
}

static struct rill_view view_of(const struct text *t)
{
    return rill_view_at(t->bytes, t->n);
}

/* --- findings ------------------------------------------------------------------------------------
 */

static void sentence(const struct rill_sdp_finding *f, char *out, size_t cap)
{
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)out, cap});
    rill_err_write(&w, &f->err);
    rill_w_end_text(&w);
}

static void print_json(const char *name, const struct rill_sdp_finding *f, const char *text)
{
    json_t *o = json_object();
    json_object_set_new(o, "file", rill_app_json_text(rill_view_of(name)));
    json_object_set_new(o, "line", json_integer((json_int_t)f->err.offset));
    json_object_set_new(o, "error", json_string(f->err.row->name));
    json_object_set_new(o, "clause", json_string(f->clause));
    json_object_set_new(o, "message", rill_app_json_text(rill_view_of(text)));
    json_object_set_new(o, "text", f->what.p ? rill_app_json_text(f->what) : json_null());
    json_dumpf(o, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    json_decref(o);
}

static void print_finding(const char *name, const struct rill_sdp_finding *f, bool json)
{
    char text[512];
    sentence(f, text, sizeof text);
    if (json) {
        print_json(name, f, text);
        return;
    }
    if (f->err.offset)
        printf("%s:%zu: %s (%s, %s)\n", name, f->err.offset, text, f->err.row->name, f->clause);
    else
        printf("%s: %s (%s, %s)\n", name, text, f->err.row->name, f->clause);
    if (f->what.n)
        printf("    %.*s\n", (int)(f->what.n < 200 ? f->what.n : 200), (const char *)f->what.p);
}

static size_t print_all(const char *name, const struct rill_sdp_finding *f, size_t n, bool json)
{
    for (size_t i = 0; i < n; i++)
        print_finding(name, &f[i], json);
    return n;
}

/* ice owns the grammar of a candidate, so sdp has nothing to say of it. */
static size_t print_candidates(const char *name, const struct text *t, bool json)
{
    struct rill_view rest = view_of(t);
    size_t n = 0;
    for (size_t number = 1; rest.p; number++) {
        struct rill_ice_cand_line parsed;
        struct rill_sdp_finding f = {.what = rill_view_cut(rest, '\n', &rest)};
        if (f.what.n && f.what.p[f.what.n - 1] == '\r')
            f.what.n--;
        if (!rill_view_starts(f.what, "a=candidate:"))
            continue;
        struct rill_view value = rill_view_sub(f.what, 2, f.what.n - 2);
        if (rill_ice_cand_parse(value, &parsed, &f.err) >= 0 || !f.err.row)
            continue;
        f.err.offset = number;
        f.clause = f.err.row->clause;
        print_finding(name, &f, json);
        n++;
    }
    return n;
}

/* --- the three commands
 * ---------------------------------------------------------------------------- */

static int lint(const char *path, bool json)
{
    static struct rill_sdp_finding found[FINDINGS];
    struct text t;
    size_t n = 1;
    if (read_text(path, &t)) {
        n = rill_sdp_lint(view_of(&t), &t.arena, found, FINDINGS);
        print_all(path, found, n, json);
        n += print_candidates(path, &t, json);
    }
    release(&t);
    return n ? RILL_EXIT_FAILED : RILL_EXIT_DONE;
}

static bool parse(const char *path, struct text *t)
{
    struct rill_err why = {0};
    if (!read_text(path, t))
        return false;
    if (rill_sdp_parse(view_of(t), &t->arena, &t->s, &why) == 0)
        return true;
    fprintf(stderr, "rill sdp: line %zu of it:\n", why.offset);
    rill_app_complain(path, &why);
    return false;
}

static int diff(const char *offer, const char *answer, bool json)
{
    static struct rill_sdp_finding found[FINDINGS];
    struct text o = {0}, a = {0};
    size_t n = 1;
    if (parse(offer, &o) && parse(answer, &a))
        n = print_all(answer, found, rill_sdp_compare(o.s, a.s, found, FINDINGS), json);
    release(&o);
    release(&a);
    return n ? RILL_EXIT_FAILED : RILL_EXIT_DONE;
}

/* A peer with a microphone and a camera, as `rill call` has by itself. */
static int answer_of(struct text *offer, struct rill_span out, struct rill_err *why)
{
    struct rill_rng rng = rill_posix_rng();
    struct rill_dtls_cert *cert = NULL;
    void *cert_block = malloc(rill_dtls_cert_size());
    struct rill_peer_config config = {
        .tracks = RILL_TRACKS_MAX,
        .description = RILL_SDP_TEXT_MAX,
        .history_packets = 64,
        .jitter_packets = 64,
        .frame_bytes = 4096,
        .rng = rng,
    };
    void *block = malloc(rill_peer_size(&config));
    struct rill_peer *peer = NULL;
    int rc = -1;
    if (cert_block && block)
        rc = rill_dtls_cert_init(cert_block, &rng, &cert);
    config.cert = cert;
    if (rc >= 0)
        peer = rill_peer_init(block, &config);
    if (peer) {
        rill_peer_add_track(peer, RILL_CODEC_OPUS, "rill", "audio");
        rill_peer_add_track(peer, RILL_CODEC_VP8, "rill", "video");
        rc = rill_peer_set_remote_description(peer, 0, RILL_PEER_OFFER, view_of(offer), why);
        rc = rc < 0 ? rc : rill_peer_create_answer(peer, 0, out, why);
        rill_peer_free(peer);
    }
    if (cert)
        rill_dtls_cert_free(cert);
    free(cert_block);
    free(block);
    return rc;
}

static void decision(size_t mline, const char *what, const char *clause, bool json)
{
    if (!json) {
        fprintf(stderr, "m-line %zu: %s (%s)\n", mline, what, clause);
        return;
    }
    json_t *o = json_object();
    json_object_set_new(o, "mline", json_integer((json_int_t)mline));
    json_object_set_new(o, "decision", json_string(what));
    json_object_set_new(o, "clause", json_string(clause));
    json_dumpf(o, stderr, JSON_COMPACT);
    fputc('\n', stderr);
    json_decref(o);
}

static void explain(const struct rill_sdp *offer, const struct rill_sdp *answer, bool json)
{
    for (size_t i = 0; i < offer->n_media && i < answer->n_media; i++) {
        struct sdp_decision list[SDP_DECISIONS];
        size_t n = sdp_explain(offer, answer, i, list);
        for (size_t k = 0; k < n; k++)
            decision(i, list[k].sentence, list[k].clause, json);
    }
}

static int answer(const char *path, bool json)
{
    static uint8_t out[RILL_SDP_TEXT_MAX];
    struct text o, a = {0};
    struct rill_err why = {0};
    int status = RILL_EXIT_FAILED;
    if (parse(path, &o)) {
        int n = answer_of(&o, (struct rill_span){out, sizeof out}, &why);
        if (n < 0) {
            rill_app_complain(path, &why);
        } else {
            fwrite(out, 1, (size_t)n, stdout);
            size_t arena = rill_sdp_arena_size((size_t)n);
            a.block = malloc(arena);
            a.arena = rill_arena_over(a.block, a.block ? arena : 0);
            if (rill_sdp_parse(rill_view_at(out, (size_t)n), &a.arena, &a.s, &why) == 0)
                explain(o.s, a.s, json);
            status = RILL_EXIT_DONE;
        }
    }
    release(&o);
    release(&a);
    return status;
}

int rill_app_sdp(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool json = false;
    int status;
    while (rill_app_option(argc, argv, "h", options, usage, &status) == 'j')
        json = true;
    if (status != -1)
        return status;
    char **left = argv + optind;
    int n = argc - optind;
    if (n == 2 && !strcmp(left[0], "lint"))
        return lint(left[1], json);
    if (n == 2 && !strcmp(left[0], "answer"))
        return answer(left[1], json);
    if (n == 3 && !strcmp(left[0], "diff"))
        return diff(left[1], left[2], json);
    usage(stderr);
    return RILL_EXIT_USAGE;
}
