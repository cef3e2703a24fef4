/* serve_print: what `rill serve` says: where it listens, and what people do there. */
#include "apps/app.h"
#include "apps/serve.h"

#include <stdio.h>

static void print_json(json_t *event)
{
    json_dumpf(event, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    fflush(stdout);
    json_decref(event);
}

void serve_print_listening(const struct serve *s, const struct rill_addr *at)
{
    struct rill_addr_text text = rill_addr_text(at);
    if (s->options.json) {
        char url[RILL_ADDR_TEXT_MAX + 16];
        snprintf(url, sizeof url, "http://%s/", text.text);
        print_json(json_pack("{s:s, s:s}", "event", "listening", "url", url));
        return;
    }
    printf("listening on http://%s/\n", text.text);
    fflush(stdout);
}

void serve_print_stun(const struct serve *s)
{
    struct rill_addr_text text = rill_addr_text(&s->stun_addr);
    if (!s->options.json) {
        printf("STUN on %s\n", text.text);
        fflush(stdout);
        return;
    }
    char ip[RILL_ADDR_TEXT_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)ip, sizeof ip});
    rill_addr_write_ip(&w, &s->stun_addr);
    rill_w_end_text(&w);
    print_json(json_pack("{s:s, s:s, s:i}", "event", "stun", "address", ip, "port",
                         (int)s->stun_addr.port));
}

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
