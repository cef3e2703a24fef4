#include "apps/trace_out.h"

#include "apps/time.h"
#include "apps/trace_scrub.h"
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

bool rill_trace_options_take(struct rill_trace_options *o, int letter, const char *value)
{
    if (letter == 'T')
        o->trace = value;
    else if (letter == 'P')
        o->pcapng = value;
    else if (letter == 'E')
        o->explain = true;
    else
        return false;
    return true;
}

/* A machine that knows of no instant speaks in that of the last event. Nothing is told to be
 * earlier than what was told before it: the command asks the clock between the verbs of a turn of
 * its loop, which all have the time that the turn began at. */
static int64_t time_of(struct rill_trace_out *x, int64_t now)
{
    if (now != 0 && now - x->origin > x->last)
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
    bool handshake = !strcmp(point->room, "dtls") || !strcmp(point->room, "tls");
    if (!handshake || strcmp(point->name, "secret") != 0)
        return;
    do {
        w = rill_trace_file_begin(&x->keylog);
        rill_keylog_write(&w, values[0].view, values[1].view);
    } while (!rill_trace_file_end(&x->keylog, now, &w));
    rill_trace_file_flush(&x->keylog);
}

/* The values as they are told without secrets: passwords of descriptions are starred out. */
static void scrub(struct rill_trace_out *x, const struct rill_trace_point *point,
                  const union rill_trace_value *values, union rill_trace_value *out)
{
    size_t used = 0;
    for (size_t i = 0; i < point->n; i++) {
        out[i] = values[i];
        if (point->fields[i].type != RILL_TRACE_TEXT || values[i].view.n == 0)
            continue;
        size_t room = sizeof x->scrubbed - used;
        size_t n = values[i].view.n < room ? values[i].view.n : room;
        memcpy(x->scrubbed + used, values[i].view.p, n);
        rill_trace_scrub((struct rill_span){x->scrubbed + used, n});
        out[i].view = rill_view_at(x->scrubbed + used, n);
        used += n;
    }
}

static bool keeps_inputs(const struct rill_trace_out *x)
{
    return x->json.open && x->options->secrets;
}

/* --- what a verb needs to be called again ---------------------------------------------------- */

static const struct rill_trace_point behind_point = {
    "input",
    "behind",
    "the verb that follows was given a time so much before its record's",
    1,
    {{"us", RILL_TRACE_I64}}};
static const struct rill_trace_point entropy_point = {
    "input", "entropy", "entropy was drawn", 1, {{"bytes", RILL_TRACE_SECRET}}};

static void tell_drawn(struct rill_trace_out *x)
{
    size_t n = x->n_drawn;
    x->n_drawn = 0;
    if (n)
        RILL_TRACE(&x->trace, 0, entropy_point, {.view = rill_view_at(x->drawn, n)});
    rill_wipe(x->drawn, n);
}

static void before_input(struct rill_trace_out *x, const struct rill_trace_point *point,
                         int64_t now)
{
    if (point == &behind_point || point == &entropy_point)
        return;
    tell_drawn(x);
    if (now != 0 && now - x->origin < x->last)
        RILL_TRACE(&x->trace, 0, behind_point, {.i = x->last - (now - x->origin)});
}

static void emit(void *ctx, const struct rill_trace_point *point, int64_t now,
                 const union rill_trace_value *values)
{
    struct rill_trace_out *x = ctx;
    union rill_trace_value bare[RILL_TRACE_FIELDS_MAX];
    bool is_input = !strcmp(point->room, "input");
    /* Without the secrets nothing can be run again. */
    if (is_input && !keeps_inputs(x))
        return;
    if (is_input)
        before_input(x, point, now);
    int64_t time = time_of(x, now);
    now = x->origin + time;
    if (!x->options->secrets) {
        scrub(x, point, values, bare);
        values = bare;
    }
    if (x->json.open)
        to_json(x, point, now, time, values);
    if (is_input) {
        rill_app_virtual_time(rill_trace_unix_s(x->wall_us, x->unix_s, time));
        return;
    }
    if (x->options->verbose)
        to_stderr(x, point, time, values);
    if (x->options->explain)
        rill_trace_explain(&x->explainer, point, time, values);
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
                                  .type =
                                      rill_view_of(strcmp(name, "SERVER") ? "client" : "server"),
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
    x->wall_us = wall_us;
    rill_trace_explain_to(&x->explainer, stderr);
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

/* --- what rill replay needs ---------------------------------------------------------------- */

static const struct rill_trace_point clock_point = {
    "input",
    "clock",
    "the monotonic clock and the wall's at time 0, and the time that libraries are told",
    3,
    {{"monotonic_us", RILL_TRACE_I64}, {"wall_us", RILL_TRACE_I64}, {"unix_s", RILL_TRACE_I64}}};
static const struct rill_trace_point certificate_point = {
    "input", "certificate", "the certificate is made", 0, {{NULL, RILL_TRACE_U64}}};
static const struct rill_trace_point end_point = {
    "input", "end", "nothing more is called", 0, {{NULL, RILL_TRACE_U64}}};

int64_t rill_trace_unix_s(int64_t wall_us, int64_t unix_s, int64_t time)
{
    return unix_s ? unix_s : (wall_us + time) / RILL_SECOND;
}

void rill_trace_out_begin_inputs(struct rill_trace_out *x, int64_t unix_s)
{
    x->unix_s = unix_s;
    RILL_TRACE(&x->trace, x->origin, clock_point, {.i = x->origin}, {.i = x->wall_us},
               {.i = unix_s});
}

void rill_trace_out_certificate(struct rill_trace_out *x, int64_t now)
{
    RILL_TRACE(&x->trace, now, certificate_point, {0});
}

static void draw(void *ctx, uint8_t *out, size_t n)
{
    struct rill_trace_out *x = ctx;
    rill_rng_fill(&x->entropy, out, n);
    for (size_t at = 0; at < n;) {
        size_t room = sizeof x->drawn - x->n_drawn, some = n - at < room ? n - at : room;
        memcpy(x->drawn + x->n_drawn, out + at, some);
        x->n_drawn += some;
        at += some;
        if (x->n_drawn == sizeof x->drawn)
            tell_drawn(x);
    }
}

struct rill_rng rill_trace_out_rng(struct rill_trace_out *x, struct rill_rng of)
{
    x->entropy = of;
    return keeps_inputs(x) ? (struct rill_rng){x, draw} : of;
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
    RILL_TRACE(&x->trace, 0, end_point, {0});
    x->trace.emit = NULL;
    rill_wipe(x->drawn, sizeof x->drawn);
    rill_trace_file_close(&x->json);
    rill_trace_file_close(&x->keylog);
    rill_trace_capture_close(&x->capture);
}
