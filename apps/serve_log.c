/* serve_log: one line for whatever is over.
 *
 * The idea: a line is written whole and at once, and nothing in it can break out of it: what is
 * not printable is escaped. Queries, bodies and ids never come here.
 *
 *   2026-01-02T03:04:05.678Z 192.0.2.1 request "GET /index.html" 200 5120 0.002 "Mozilla/5.0 …"
 *
 * A record tells the time of its end and how long it took, in seconds. */
#include "apps/serve_log.h"
#include "apps/app.h"
#include "reactor/reactor.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static const char *const kinds[] = {
    [RILL_SIG_REQUEST] = "request",
    [RILL_SIG_WEBSOCKET] = "websocket",
    [RILL_SIG_SESSION] = "session",
};

bool serve_log_open(struct serve_log *l)
{
    if (!l->path)
        return true;
    bool out = !strcmp(l->path, "-");
    FILE *file = out ? stdout : fopen(l->path, "ae");
    if (!file) {
        fprintf(stderr, "rill: the access log %s cannot be opened: %s\n", l->path, strerror(errno));
        return false;
    }
    serve_log_close(l);
    l->file = file;
    return true;
}

void serve_log_close(struct serve_log *l)
{
    if (l->file && l->file != stdout)
        fclose(l->file);
    l->file = NULL;
}

/* RFC 3339, to the millisecond. */
static void write_time(char out[32])
{
    int64_t wall = rill_posix_wall();
    time_t seconds = (time_t)(wall / RILL_SECOND);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, 32 - n, ".%03dZ", (int)(wall % RILL_SECOND / RILL_MS));
}

static void write_ip(char out[RILL_ADDR_TEXT_MAX], const struct rill_addr *a)
{
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)out, RILL_ADDR_TEXT_MAX});
    rill_addr_write_ip(&w, a);
    rill_w_end_text(&w);
}

static void put_escaped(FILE *out, struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++) {
        bool plain = v.p[i] >= 0x20 && v.p[i] < 0x7f && v.p[i] != '"' && v.p[i] != '\\';
        if (plain)
            fputc(v.p[i], out);
        else
            fprintf(out, "\\x%02x", v.p[i]);
    }
}

static void write_text(FILE *out, const char *when, const char *remote,
                       const struct rill_sig_access *a)
{
    fprintf(out, "%s %s %s \"", when, remote, kinds[a->kind]);
    put_escaped(out, a->method);
    fputc(' ', out);
    put_escaped(out, a->path);
    fprintf(out, "\" %u %llu %.3f \"", a->status, (unsigned long long)a->bytes,
            (double)a->duration / (double)RILL_SECOND);
    put_escaped(out, a->agent);
    fputs("\"\n", out);
}

static void write_json(FILE *out, const char *when, const char *remote,
                       const struct rill_sig_access *a)
{
    json_t *line = json_pack("{s:s, s:s, s:s, s:s}", "event", "access", "time", when, "remote",
                             remote, "kind", kinds[a->kind]);
    json_object_set_new(line, "method", rill_app_json_text(a->method));
    json_object_set_new(line, "path", rill_app_json_text(a->path));
    json_object_set_new(line, "status", json_integer(a->status));
    json_object_set_new(line, "bytes", json_integer((json_int_t)a->bytes));
    json_object_set_new(line, "duration", json_real((double)a->duration / (double)RILL_SECOND));
    json_object_set_new(line, "agent", rill_app_json_text(a->agent));
    json_dumpf(line, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(line);
}

void serve_log_write(struct serve_log *l, const struct rill_sig_access *a)
{
    char when[32], remote[RILL_ADDR_TEXT_MAX];
    if (!l->file)
        return;
    write_time(when);
    write_ip(remote, a->remote);
    (l->json ? write_json : write_text)(l->file, when, remote, a);
    fflush(l->file);
}
