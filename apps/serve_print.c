/* serve_print: what `rill serve` says: where it listens, and what people do there. */
#include "apps/app.h"
#include "apps/cert_text.h"
#include "apps/serve.h"
#include "apps/serve_qr.h"
#include "apps/serve_urls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_json(json_t *event)
{
    json_dumpf(event, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    fflush(stdout);
    json_decref(event);
}

/* --- where --------------------------------------------------------------------------- */

/* On a terminal, and there in colours and blocks when it knows them. */
static void print_qr(const struct serve_url *url)
{
    const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM"), *locale = NULL;
    bool plain = (no_color && no_color[0]) || !term || !strcmp(term, "dumb");
    for (size_t i = 0; i < 3 && !(locale && locale[0]); i++)
        locale = getenv(names[i]);
    bool utf8 = locale && (strstr(locale, "UTF-8") || strstr(locale, "utf8"));
    if (!isatty(STDOUT_FILENO))
        return;
    serve_qr_print(stdout, url->text, plain ? SERVE_QR_PLAIN : SERVE_QR_COLOUR, utf8);
}

/* A browser will warn at what the certificate does not name. */
static bool is_named(const struct serve *s, const struct serve_url *url)
{
    struct rill_tls_name name;
    return !s->certs.list || !rill_tls_name_parse(rill_view_of(url->host), &name) ||
           rill_tls_identity_covers(s->certs.list->identity.server.id, &name);
}

static void print_url_text(const struct serve *s, const struct serve_url *url, bool first)
{
    printf("%s %s%s\n", first ? "listening on" : "            ", url->text,
           is_named(s, url) ? "" : "  (the certificate is for other names)");
}

static void print_phone(struct serve *s, const struct serve_url *url)
{
    if (s->phone_told)
        return;
    s->phone_told = true;
    if (s->certs.list && s->certs.list->identity.ca.id)
        printf("a phone trusts it when %sca.crt is installed there\n", url->text);
    print_qr(url);
}

static void print_urls_text(struct serve *s, const struct serve_url *urls, size_t n)
{
    for (size_t i = 0; i < n; i++)
        print_url_text(s, &urls[i], i == 0);
    for (size_t i = 0; i < n; i++)
        if (urls[i].network)
            print_phone(s, &urls[i]);
    fflush(stdout);
}

void serve_print_listening(struct serve *s, const struct rill_addr *at)
{
    struct rill_addr local[SERVE_URLS_MAX];
    struct serve_url urls[SERVE_URLS_MAX];
    size_t n = rill_posix_interfaces(local, SERVE_URLS_MAX);
    n = serve_urls(at, s->certs.list != NULL, local, n, urls, SERVE_URLS_MAX);
    if (!s->options.json) {
        print_urls_text(s, urls, n);
        return;
    }
    print_json(json_pack("{s:s, s:s}", "event", "listening", "url", urls[0].text));
    for (size_t i = 0; i < n; i++)
        print_json(json_pack("{s:s, s:s, s:b, s:b}", "event", "url", "url", urls[i].text, "network",
                             (int)urls[i].network, "named", (int)is_named(s, &urls[i])));
}

void serve_print_stun(const struct serve *s, const struct rill_addr *at)
{
    struct rill_addr_text text = rill_addr_text(at);
    if (!s->options.json) {
        printf("STUN on %s\n", text.text);
        fflush(stdout);
        return;
    }
    char ip[RILL_ADDR_TEXT_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)ip, sizeof ip});
    rill_addr_write_ip(&w, at);
    rill_w_end_text(&w);
    print_json(json_pack("{s:s, s:s, s:i}", "event", "stun", "address", ip, "port", (int)at->port));
}

/* --- the certificate ------------------------------------------------------------------ */

static json_t *path_json(const char *path)
{
    return rill_app_json_text(rill_view_of(path));
}

static void print_certificate_json(const struct rill_app_identity *i, const char *why)
{
    json_t *ca =
        i->ca.id ? json_pack("{s:o, s:b, s:s}", "cert", path_json(i->ca.cert), "made",
                             (int)i->ca.made, "fingerprint", rill_cert_fingerprint(i->ca.id).text)
                 : json_null();
    print_json(json_pack("{s:s, s:s, s:o, s:o, s:b, s:s, s:s, s:o}", "event", "certificate", "why",
                         why, "cert", path_json(i->server.cert), "key", path_json(i->server.key),
                         "made", (int)i->server.made, "expires",
                         rill_cert_last_day(i->server.id).text, "fingerprint",
                         rill_cert_fingerprint(i->server.id).text, "ca", ca));
}

void serve_print_certificate(const struct serve *s, const char *why)
{
    const struct rill_app_identity *i = &s->certs.list->identity;
    if (s->options.json) {
        print_certificate_json(i, why);
        return;
    }
    printf("certificate %s%s, until %.10s", i->server.cert, i->server.made ? " (made now)" : "",
           rill_cert_last_day(i->server.id).text);
    if (i->ca.id)
        printf(", signed by %s%s", i->ca.cert, i->ca.made ? " (made now)" : "");
    printf("%s\n", i->ca.made ? "; rill cert --install has this machine trust it" : "");
    fflush(stdout);
}

void serve_print_kept(const struct serve *s)
{
    if (s->options.json) {
        print_json(json_pack("{s:s}", "event", "certificate_kept"));
        return;
    }
    puts("the certificate stays as it was");
    fflush(stdout);
}

/* --- what people do ------------------------------------------------------------------- */

static void print_said_json(const struct rill_sig_server_event *e)
{
    json_t *event = json_object();
    json_object_set_new(event, "event", rill_app_json_text(e->what));
    json_object_set_new(event, "user", rill_app_json_text(e->user));
    json_object_set_new(event, "room", rill_app_json_text(e->room));
    if (e->peer.n)
        json_object_set_new(event, "offerer", rill_app_json_text(e->peer));
    print_json(event);
}

void serve_print_said(const struct serve *s, const struct rill_sig_server_event *e)
{
    static const struct {
        const char *what, *verb;
    } verbs[] = {
        {"join", "came"}, {"leave", "left"}, {"newOffer", "offered"}, {"newAnswer", "answered"}};
    const char *verb = "";
    if (s->options.json) {
        print_said_json(e);
        return;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (rill_view_is(e->what, verbs[i].what))
            verb = verbs[i].verb;
    printf("%.*s %s", (int)e->user.n, (const char *)e->user.p, verb);
    if (e->peer.n)
        printf(" %.*s", (int)e->peer.n, (const char *)e->peer.p);
    if (e->room.n)
        printf(" in room %.*s", (int)e->room.n, (const char *)e->room.p);
    putchar('\n');
    fflush(stdout);
}
