#include "apps/trace_out.h"

#include "apps/trace_explain.h"
#include "trace/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *rill_trace_options_check(struct rill_trace_options *o)
{
    const char *file = getenv("SSLKEYLOGFILE");
    if (!o->keylog && file && file[0]) {
        o->keylog = file;
        o->keylog_by_environment = true;
    }
    if (o->secrets && !o->trace && !o->pcapng)
        return "--trace-secrets says what --trace and --pcapng keep: it takes one of them";
    return NULL;
}

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

static void to_keylog(struct rill_trace_out *x, const struct rill_trace_point *point, int64_t now,
                      const union rill_trace_value *values)
{
    struct rill_writer w;
    if (strcmp(point->room, "dtls") != 0 || strcmp(point->name, "secret") != 0)
        return;
    do {
        w = rill_trace_file_begin(&x->keylog);
        rill_keylog_write(&w, values[0].view, values[1].view);
    } while (!rill_trace_file_end(&x->keylog, now, &w));
    rill_trace_file_flush(&x->keylog);
}

static void emit(void *ctx, const struct rill_trace_point *point, int64_t now,
                 const union rill_trace_value *values)
{
    struct rill_trace_out *x = ctx;
    int64_t time = time_of(x, now);
    bool is_input = !strcmp(point->room, "input");
    now = x->origin + time;
    /* Without the secrets nothing can be run again. */
    if (x->json.open && (!is_input || x->options->secrets))
        to_json(x, point, now, time, values);
    if (is_input)
        return;
    if (x->options->verbose)
        to_stderr(x, point, time, values);
    if (x->options->explain)
        rill_trace_explain(stderr, x->colour, point, time, values);
    if (x->capture.file.open)
        rill_trace_capture_take(&x->capture, point, now, values);
    if (x->keylog.open)
        to_keylog(x, point, now, values);
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

static bool open_files(struct rill_trace_out *x, int64_t now, int64_t wall_us)
{
    const struct rill_trace_options *o = x->options;
    const char *keylog = o->keylog_by_environment ? "$SSLKEYLOGFILE" : "--keylog";
    return (!o->trace || rill_trace_file_open(&x->json, "--trace", o->trace, false)) &&
           (!o->keylog || rill_trace_file_open(&x->keylog, keylog, o->keylog, true)) &&
           (!o->pcapng ||
            rill_trace_capture_open(&x->capture, o->pcapng, o->secrets, now, wall_us));
}

bool rill_trace_out_open(struct rill_trace_out *x, const struct rill_trace_options *options,
                         const char *title, const char *name, int64_t now, int64_t wall_us)
{
    memset(x, 0, sizeof *x);
    x->options = options;
    x->who = name;
    x->origin = now;
    x->colour = rill_trace_may_colour(stderr);
    if (!open_files(x, now, wall_us)) {
        rill_trace_out_close(x);
        return false;
    }
    if (x->json.open)
        write_header(x, title, name, now, wall_us);
    if (options->verbose || options->explain || x->json.open || x->keylog.open ||
        x->capture.file.open)
        x->trace = (struct rill_trace){x, emit};
    return true;
}

void rill_trace_out_tick(struct rill_trace_out *x, int64_t now)
{
    rill_trace_file_tick(&x->json, now);
    rill_trace_capture_tick(&x->capture, now);
}

int64_t rill_trace_out_deadline(const struct rill_trace_out *x)
{
    return rill_earlier(rill_trace_file_deadline(&x->json),
                        rill_trace_capture_deadline(&x->capture));
}

void rill_trace_out_close(struct rill_trace_out *x)
{
    x->trace.emit = NULL;
    rill_trace_file_close(&x->json);
    rill_trace_file_close(&x->keylog);
    rill_trace_capture_close(&x->capture);
}
