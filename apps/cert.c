/* cert: `rill cert`: a local CA, made once, and a server's certificate that it signed.
 *
 * The idea: the command names files and says what it did; what is in them is dtls/ca, where they
 * lie is cert_files, and who trusts them is cert_trust and the user's business. */
#include "apps/app.h"
#include "apps/cert_text.h"
#include "apps/cert_trust.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    const char *out, *ca;
    bool json, install, uninstall;
    unsigned stores;
    struct rill_cert_names names;
};

static void usage(FILE *out)
{
    fputs(
        "usage: rill cert [options] [NAME|IP]...\n\n"
        "Makes a certificate for a server at these names, signed by a local CA that is made once\n"
        "(mkcert's is used when there is one). Without names: localhost, 127.0.0.1, ::1, this\n"
        "host's name and its addresses. Writes cert.crt and cert.key.\n\n"
        "  --out DIR            where they are written [.]\n"
        "  --ca DIR             where the CA lies, or is made [~/.local/share/rill]\n"
        "  --install[=STORE]    make no certificate, but have this machine trust the CA;\n"
        "                       STORE: system, nss (Chromium) [both]\n"
        "  --uninstall[=STORE]  take that back\n"
        "  --json               one JSON object instead of text\n"
        "  --help               this text\n\n"
        "example: rill cert\n"
        "         rill cert localhost 192.168.1.20 phone.test --out certs\n",
        out);
}

/* --- what is printed ------------------------------------------------------------------ */

static void print_json(json_t *o)
{
    json_dumpf(o, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    json_decref(o);
}

static json_t *ca_json(const struct rill_cert_pair *ca)
{
    return json_pack("{s:s, s:b, s:b, s:s, s:s}", "cert", ca->cert, "made", (int)ca->made, "mkcert",
                     (int)ca->mkcert, "expires", rill_cert_last_day(ca->id).text, "fingerprint",
                     rill_cert_fingerprint(ca->id).text);
}

static void print_identity_json(const struct options *o, const struct rill_app_identity *i)
{
    json_t *names = json_array();
    for (size_t k = 0; k < o->names.n; k++)
        json_array_append_new(names, json_string(rill_cert_name_text(&o->names.list[k]).text));
    print_json(json_pack("{s:s, s:s, s:o, s:s, s:s, s:o}", "cert", i->server.cert, "key",
                         i->server.key, "names", names, "expires",
                         rill_cert_last_day(i->server.id).text, "fingerprint",
                         rill_cert_fingerprint(i->server.id).text, "ca", ca_json(&i->ca)));
}

static void print_ca(const struct rill_cert_pair *ca)
{
    printf("CA           %s%s\n", ca->cert,
           ca->made     ? " (new; its key beside it signs for whoever can read it)"
           : ca->mkcert ? " (mkcert's)"
                        : "");
    printf("             until %.10s, SHA-256 %s\n", rill_cert_last_day(ca->id).text,
           rill_cert_fingerprint(ca->id).text);
}

static void print_identity(const struct options *o, const struct rill_app_identity *i)
{
    printf("certificate  %s\nkey          %s\nfor         ", i->server.cert, i->server.key);
    for (size_t k = 0; k < o->names.n; k++)
        printf(" %s", rill_cert_name_text(&o->names.list[k]).text);
    printf("\nuntil        %.10s\n", rill_cert_last_day(i->server.id).text);
    print_ca(&i->ca);
    rill_trust_explain(i->ca.cert);
}

/* --- trust ---------------------------------------------------------------------------- */

static const char *result_word(enum rill_trust_result r)
{
    return r == RILL_TRUST_DONE ? "done" : r == RILL_TRUST_ABSENT ? "absent" : "failed";
}

static void print_report(const struct options *o, const struct rill_trust_report *r)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < r->n; i++) {
        const struct rill_trust_step *s = &r->steps[i];
        if (!o->json)
            fprintf(s->result == RILL_TRUST_FAILED ? stderr : stdout, "%-7s %s\n", s->store,
                    s->sentence);
        json_array_append_new(steps, json_pack("{s:s, s:s, s:s}", "store", s->store, "result",
                                               result_word(s->result), "what", s->sentence));
    }
    if (o->json)
        print_json(
            json_pack("{s:s, s:O}", "event", o->install ? "install" : "uninstall", "steps", steps));
    json_decref(steps);
}

/* Nothing failed; and what was to be put in is in one store at least. */
static int report_exit(const struct options *o, const struct rill_trust_report *r)
{
    size_t done = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (r->steps[i].result == RILL_TRUST_FAILED)
            return RILL_EXIT_FAILED;
        done += r->steps[i].result == RILL_TRUST_DONE;
    }
    return done || o->uninstall ? RILL_EXIT_DONE : RILL_EXIT_FAILED;
}

static int install(const struct options *o)
{
    struct rill_trust_report report;
    struct rill_cert_pair ca;
    if (!rill_cert_ca(o->ca, true, &ca))
        return RILL_EXIT_FAILED;
    if (!o->json)
        print_ca(&ca);
    rill_trust_install(o->stores, ca.cert, rill_view_at(ca.pem.p, ca.pem.n), &report);
    rill_cert_pair_free(&ca);
    print_report(o, &report);
    return report_exit(o, &report);
}

static int uninstall(const struct options *o)
{
    struct rill_trust_report report;
    rill_trust_uninstall(o->stores, &report);
    print_report(o, &report);
    return report_exit(o, &report);
}

/* --- options -------------------------------------------------------------------------- */

static bool read_stores(const char *text, unsigned *out)
{
    if (!text)
        *out = RILL_TRUST_SYSTEM | RILL_TRUST_NSS;
    else if (!strcmp(text, "system"))
        *out = RILL_TRUST_SYSTEM;
    else if (!strcmp(text, "nss"))
        *out = RILL_TRUST_NSS;
    else
        return false;
    return true;
}

static bool read_names(int argc, char **argv, struct rill_cert_names *out)
{
    if (argc > RILL_CA_NAMES_MAX) {
        fprintf(stderr, "rill cert: %d names are more than %d\n", argc, RILL_CA_NAMES_MAX);
        return false;
    }
    for (int i = 0; i < argc; i++) {
        if (!rill_tls_name_parse(rill_view_of(argv[i]), &out->list[out->n++])) {
            fprintf(stderr, "rill cert: \"%s\" is neither a host's name nor an address\n", argv[i]);
            return false;
        }
    }
    if (argc == 0)
        rill_cert_names_default(out);
    return true;
}

static bool read_option(int c, struct options *o)
{
    switch (c) {
    case 'o':
        o->out = optarg;
        return *optarg != 0;
    case 'c':
        o->ca = optarg;
        return *optarg != 0;
    case 'j':
        o->json = true;
        return true;
    case 'i':
        o->install = true;
        return read_stores(optarg, &o->stores);
    case 'u':
        o->uninstall = true;
        return read_stores(optarg, &o->stores);
    default:
        return false;
    }
}

/* -1: go on; else the exit status. */
static int read_options(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {
        {"out", required_argument, NULL, 'o'},
        {"ca", required_argument, NULL, 'c'},
        {"install", optional_argument, NULL, 'i'},
        {"uninstall", optional_argument, NULL, 'u'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, status;
    while ((c = rill_app_option(argc, argv, "h", options, usage, &status)) != -1)
        if (!read_option(c, o)) {
            usage(stderr);
            return RILL_EXIT_USAGE;
        }
    if (status != -1)
        return status;
    bool trust = o->install || o->uninstall;
    if ((o->install && o->uninstall) || (trust && argc > optind)) {
        fputs("rill cert: --install and --uninstall stand alone, without names\n", stderr);
        return RILL_EXIT_USAGE;
    }
    return read_names(argc - optind, argv + optind, &o->names) ? -1 : RILL_EXIT_USAGE;
}

static int make(const struct options *o)
{
    struct rill_app_identity i;
    if (!rill_app_identity_issue(o->ca, o->out, &o->names, &i))
        return RILL_EXIT_FAILED;
    if (o->json)
        print_identity_json(o, &i);
    else
        print_identity(o, &i);
    rill_app_identity_free(&i);
    return RILL_EXIT_DONE;
}

int rill_app_cert(int argc, char **argv)
{
    struct options o = {.out = "."};
    int status = read_options(argc, argv, &o);
    if (status != -1)
        return status;
    if (o.install)
        return install(&o);
    return o.uninstall ? uninstall(&o) : make(&o);
}
