/* call_report: the 23 steps as they happen, and the summary that proves the call. */
#include "apps/call_report.h"

#include "apps/app.h"
#include "apps/call_stats.h"
#include "base/steps.h"
#include "peer/why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct rill_trace_point step_point = {
    "call",
    "step",
    "one of the 23 steps of a call",
    3,
    {{"number", RILL_TRACE_U64}, {"client", RILL_TRACE_U64}, {"sentence", RILL_TRACE_TEXT}}};
static const struct rill_trace_point note_point = {
    "call", "note", "something to know", 2, {{"what", RILL_TRACE_TEXT}, {"text", RILL_TRACE_TEXT}}};
static const struct rill_trace_point failed_point = {"call",
                                                     "failed",
                                                     "why the call failed",
                                                     4,
                                                     {{"text", RILL_TRACE_TEXT},
                                                      {"step", RILL_TRACE_U64},
                                                      {"clause", RILL_TRACE_TEXT},
                                                      {"try", RILL_TRACE_TEXT}}};

/* Wall-clock time, so that the lines of two processes can be laid side by side. */
static void clock_text(char out[32])
{
    int64_t wall = rill_posix_wall();
    time_t seconds = (time_t)(wall / RILL_SECOND);
    struct tm parts;
    char head[16];
    localtime_r(&seconds, &parts);
    strftime(head, sizeof head, "%H:%M:%S", &parts);
    snprintf(out, 32, "%s.%03d", head, (int)(wall / 1000 % 1000));
}

void call_print_json(json_t *o)
{
    char *text = json_dumps(o, JSON_COMPACT);
    if (text) {
        printf("%s\n", text);
        fflush(stdout);
    }
    free(text);
    json_decref(o);
}

json_t *call_event_json(const struct call *c, const char *event)
{
    json_t *o = json_object();
    json_object_set_new(o, "event", json_string(event));
    json_object_set_new(o, "time", json_integer(rill_posix_wall()));
    json_object_set_new(o, "name", rill_app_json_text(rill_view_of(c->options->name)));
    return o;
}

void call_step(struct call *c, int step)
{
    const struct rill_step *row = rill_step(step);
    if (!row || c->steps_done >> step & 1)
        return;
    c->steps_done |= 1u << step;
    RILL_TRACE(&c->trace.trace, rill_posix_now(), step_point, {.u = (uint64_t)step},
               {.u = (uint64_t)row->client}, {.view = rill_view_of(row->sentence)});
    if (c->options->json) {
        json_t *o = call_event_json(c, "step");
        json_object_set_new(o, "step", json_integer(step));
        json_object_set_new(o, "client", json_integer(row->client));
        json_object_set_new(o, "sentence", json_string(row->sentence));
        call_print_json(o);
        return;
    }
    char clock[32];
    int client = row->client ? row->client : step == 21 ? 0 : c->role == CALL_OFFERER ? 1 : 2;
    static const char *const who[] = {"SERVER", "CLIENT1", "CLIENT2"};
    clock_text(clock);
    printf("step %2d  %s  %-7s  %s", step, clock, who[client], row->sentence);
    if (client && strcmp(who[client], c->options->name) != 0)
        printf(" [%s]", c->options->name);
    printf("\n");
    fflush(stdout);
}

void call_note(struct call *c, const char *what, const char *text)
{
    RILL_TRACE(&c->trace.trace, rill_posix_now(), note_point, {.view = rill_view_of(what)},
               {.view = rill_view_of(text)});
    if (c->options->json) {
        json_t *o = call_event_json(c, what);
        json_object_set_new(o, "value", rill_app_json_text(rill_view_of(text)));
        call_print_json(o);
        return;
    }
    if (!c->options->trace.verbose)
        return;
    char clock[32];
    clock_text(clock);
    printf("         %s  [%s] %s: %s\n", clock, c->options->name, what, text);
    fflush(stdout);
}

/* The highest that was told; 0 for none. */
static int last_step(const struct call *c)
{
    int step = RILL_STEPS;
    while (step > 0 && !(c->steps_done >> step & 1))
        step--;
    return step;
}

/* With the likeliest cause that the connection knows of, as --why has it. */
static void tell_failure(const struct call *c, const struct rill_err *why)
{
    struct rill_cause cause = {.clause = why && why->row ? why->row->clause : NULL};
    if (c->peer && !cause.clause)
        (void)rill_peer_causes(c->peer, &cause, 1);
    RILL_TRACE(&c->trace.trace, rill_posix_now(), failed_point, {.view = rill_view_of(c->failure)},
               {.u = (uint64_t)last_step(c)}, {.view = rill_view_of(cause.clause)},
               {.view = rill_view_of(cause.advice)});
}

void call_fail(struct call *c, const char *what, const struct rill_err *why)
{
    char text[256] = "";
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    if (c->end == CALL_FAILED)
        return;
    c->end = CALL_FAILED;
    if (why && why->row) {
        rill_w_str(&w, ": ");
        rill_app_err_write(&w, why);
        rill_w_str(&w, " (");
        rill_w_str(&w, why->row->clause);
        rill_w_str(&w, ")");
        rill_w_end_text(&w);
    }
    snprintf(c->failure, sizeof c->failure, "%s%s", what, text);
    tell_failure(c, why);
    fprintf(stderr, "rill call: [%s] %s\n", c->options->name, c->failure);
}

void call_fail_code(struct call *c, const char *what, int code)
{
    struct rill_err why = {.row = rill_app_err_row(code)};
    call_fail(c, what, &why);
}

/* --- figures that both forms have -------------------------------------------------------- */

int64_t call_first_of(const struct call *c, enum rill_kind kind)
{
    int64_t first = 0;
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++)
        if (c->remotes[i].used && c->remotes[i].kind == kind && c->remotes[i].first)
            first = c->remotes[i].first;
    return first ? first - c->described_at : -1;
}

uint64_t call_source_dropped(const struct call *c, size_t transceiver)
{
    struct rill_sender_stats m;
    return call_stats_source(c, transceiver, &m) ? m.dropped : 0;
}

void call_tell_stats(struct call *c)
{
    struct rill_peer_stats s;
    rill_peer_stats(c->peer, &s);
    if (c->options->json)
        call_report_stats_json(c, &s);
    else
        call_report_stats_text(c, &s);
}

void call_collect(struct call *c)
{
    if (!c->peer)
        return;
    rill_peer_stats(c->peer, &c->stats);
    if (c->options->json)
        c->last_stats = call_stats_json(c);
}

bool call_summary(struct call *c)
{
    bool ok = c->end != CALL_FAILED && (c->steps_done >> 23 & 1);
    if (!ok && !c->failure[0])
        snprintf(c->failure, sizeof c->failure, "%s",
                 c->connected ? "the call ended before media had come from both sides"
                              : "the call ended before it was connected");
    if (c->options->json)
        call_report_summary_json(c, &c->stats, ok);
    else
        call_report_summary_text(c, &c->stats, ok);
    return ok;
}
