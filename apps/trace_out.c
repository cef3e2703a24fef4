#include "apps/trace_out.h"

#include "trace/format.h"

#include <stdio.h>
#include <string.h>

/* A machine that knows of no instant speaks in that of the last event. */
static int64_t time_of(struct rill_trace_out *x, int64_t now)
{
    if (now != 0)
        x->last = now - x->origin;
    return x->last;
}

/* A line a decision; what comes and goes would bury them. */
static void to_stderr(const struct rill_trace_out *x, const struct rill_trace_point *point,
                      int64_t time, const union rill_trace_value *values)
{
    char line[4096];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)line, sizeof line});
    if (rill_trace_has_bytes(point))
        return;
    rill_trace_write_text(&w, point, time, values, false);
    fprintf(stderr, "[%s] %.*s%s", x->who, (int)w.at, line, w.bad ? "…\n" : "");
}

static void to_json(struct rill_trace_out *x, const struct rill_trace_point *point, int64_t now,
                    int64_t time, const union rill_trace_value *values)
{
    struct rill_writer w;
    do {
        w = rill_trace_file_begin(&x->json);
        rill_trace_write_record(&w, point, time, values, x->options->secrets);
    } while (!rill_trace_file_end(&x->json, now, &w));
}

static void emit(void *ctx, const struct rill_trace_point *point, int64_t now,
                 const union rill_trace_value *values)
{
    struct rill_trace_out *x = ctx;
    int64_t time = time_of(x, now);
    bool is_input = !strcmp(point->room, "input");
    if (x->options->verbose && !is_input)
        to_stderr(x, point, time, values);
    /* Without the secrets nothing can be run again. */
    if (x->json.open && (!is_input || x->options->secrets))
        to_json(x, point, x->origin + time, time, values);
}

static void write_header(struct rill_trace_out *x, const char *title, const char *name, int64_t now,
                         int64_t wall_us)
{
    struct rill_trace_header h = {.title = rill_view_of(title),
                                  .name = rill_view_of(name),
                                  .type = rill_view_of("client"),
                                  .wall_us = wall_us};
    struct rill_writer w;
    do {
        w = rill_trace_file_begin(&x->json);
        rill_trace_write_header(&w, &h);
    } while (!rill_trace_file_end(&x->json, now, &w));
}

bool rill_trace_out_open(struct rill_trace_out *x, const struct rill_trace_options *options,
                         const char *title, const char *name, int64_t now, int64_t wall_us)
{
    *x = (struct rill_trace_out){.options = options, .who = name, .origin = now};
    if (options->trace && !rill_trace_file_open(&x->json, "--trace", options->trace, false))
        return false;
    if (options->trace)
        write_header(x, title, name, now, wall_us);
    if (options->verbose || x->json.open)
        x->trace = (struct rill_trace){x, emit};
    return true;
}

void rill_trace_out_tick(struct rill_trace_out *x, int64_t now)
{
    rill_trace_file_tick(&x->json, now);
}

int64_t rill_trace_out_deadline(const struct rill_trace_out *x)
{
    return rill_trace_file_deadline(&x->json);
}

void rill_trace_out_close(struct rill_trace_out *x)
{
    x->trace.emit = NULL;
    rill_trace_file_close(&x->json);
}
