/* call_why: why a call is not connected, or how it is: each server, each pair, what was sent and
 * what came, and the causes that peer/why.c finds. */
#include "apps/app.h"
#include "apps/call.h"
#include "peer/why.h"

#include <stdio.h>

#define CAUSES 16
#define LINE 400

static const char *text_of(struct rill_writer *w)
{
    rill_w_end_text(w);
    return (const char *)w->p;
}

static bool next_line(const struct call *c, size_t *at, char line[LINE])
{
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)line, LINE});
    bool more = rill_peer_why_line(c->peer, at, &w);
    rill_w_end_text(&w);
    return more;
}

/* Of the nth transport; false when there is none. */
static bool summary(const struct call *c, size_t n, char line[LINE])
{
    const struct rill_ice *ice = rill_peer_ice(c->peer, n);
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)line, LINE});
    struct rill_ice_facts facts;
    if (!ice)
        return false;
    rill_ice_facts(ice, &facts);
    rill_ice_why_summary(&facts, &w);
    rill_w_end_text(&w);
    return true;
}

static const char *sentence(const struct rill_cause *cause, char line[LINE])
{
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)line, LINE});
    rill_cause_write(&w, cause);
    return text_of(&w);
}

static void why_json(const struct call *c, const struct rill_cause *causes, size_t n)
{
    char line[LINE];
    size_t at = 0;
    json_t *o = call_event_json(c, "why"), *list = json_array(), *lines = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            list, json_pack("{ss sI ss ss ss}", "cause", causes[i].name, "value",
                            (json_int_t)causes[i].value, "clause", causes[i].clause, "sentence",
                            sentence(&causes[i], line), "advice", causes[i].advice));
    for (size_t t = 0; summary(c, t, line); t++)
        json_array_append_new(lines, json_string(line));
    while (next_line(c, &at, line))
        json_array_append_new(lines, json_string(line));
    json_object_set_new(
        o, "connection",
        json_string(rill_peer_connection_state_name(rill_peer_connection_state(c->peer))));
    json_object_set_new(o, "causes", list);
    json_object_set_new(o, "lines", lines);
    json_object_set_new(o, "stats", call_stats_json(c));
    call_print_json(o);
}

static void why_text(const struct call *c, const struct rill_cause *causes, size_t n)
{
    char line[LINE];
    size_t at = 0;
    printf("\nwhy  [%s] %s\n", c->options->name,
           rill_peer_connection_state_name(rill_peer_connection_state(c->peer)));
    for (size_t t = 0; summary(c, t, line); t++)
        printf("  %s\n", line);
    while (next_line(c, &at, line))
        printf("  %s\n", line);
    for (size_t i = 0; i < n; i++)
        printf("  %s  %s (%s)\n         try: %s\n", i == 0 ? "cause" : " also",
               sentence(&causes[i], line), causes[i].clause, causes[i].advice);
    if (n == 0)
        printf("  nothing is wrong that can be seen from here\n");
    fflush(stdout);
}

void call_why(struct call *c)
{
    struct rill_cause causes[CAUSES];
    if (!c->peer)
        return;
    size_t n = rill_peer_causes(c->peer, causes, CAUSES);
    if (c->options->json)
        why_json(c, causes, n);
    else
        why_text(c, causes, n);
}
