/* files: see files.h. */
#include "walk/files.h"

#include "trace/format.h"
#include "trace/pcapng.h"

#include <string.h>
#include <sys/stat.h>

#define RECORD_MAX (256 << 10)

/* --- traces ----------------------------------------------------------------------------------- */

/* As `rill call --trace` has it. */
static const struct rill_trace_point step_point = {
    "call",
    "step",
    "one of the 23 steps",
    3,
    {{"number", RILL_TRACE_U64}, {"client", RILL_TRACE_U64}, {"sentence", RILL_TRACE_TEXT}}};
#define FRAME_FIELDS                                                                               \
    {                                                                                              \
        {"proto", RILL_TRACE_TEXT}, {"local", RILL_TRACE_ADDR}, {"remote", RILL_TRACE_ADDR},       \
        {                                                                                          \
            "bytes", RILL_TRACE_BYTES                                                              \
        }                                                                                          \
    }
static const struct rill_trace_point frame_points[2] = {
    {"signaling", "received", "the signaling server said something", 4, FRAME_FIELDS},
    {"signaling", "sent", "something was said to the signaling server", 4, FRAME_FIELDS}};
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
static const struct rill_trace_point entropy_point = {
    "input", "entropy", "entropy was drawn", 1, {{"bytes", RILL_TRACE_SECRET}}};

static FILE *open_file(const char *path)
{
    mkdir("out", 0777); /* it may be there */
    FILE *f = fopen(path, "wb");
    if (!f)
        fprintf(stderr, "walk: %s cannot be written\n", path);
    return f;
}

static struct rill_writer room(void)
{
    static uint8_t bytes[RECORD_MAX];
    return rill_writer_of((struct rill_span){bytes, sizeof bytes});
}

static bool put(FILE *f, const struct rill_writer *w)
{
    return !w->bad && fwrite(w->p, 1, w->at, f) == w->at;
}

FILE *walk_trace_open(enum walk_place who, int64_t wall_us)
{
    char path[40];
    snprintf(path, sizeof path, "out/walk-client%d.sqlog", (int)who + 1);
    FILE *f = open_file(path);
    struct rill_trace_header h = {.title = rill_view_of("walk"),
                                  .name = rill_view_of(walk_place_name(who)),
                                  .type = rill_view_of("client"),
                                  .wall_us = wall_us};
    struct rill_writer w = room();
    rill_trace_write_header(&w, &h);
    if (f)
        put(f, &w);
    return f;
}

void walk_trace_point(FILE *f, const struct rill_trace_point *p, int64_t now,
                      const union rill_trace_value *values)
{
    struct rill_writer w = room();
    if (!f)
        return;
    rill_trace_write_record(&w, p, now, values, true);
    put(f, &w);
}

void walk_trace_clock(FILE *f, int64_t wall_us)
{
    walk_trace_point(
        f, &clock_point, 0,
        (union rill_trace_value[]){{.i = 0}, {.i = wall_us}, {.i = wall_us / RILL_SECOND}});
}

void walk_trace_certificate(FILE *f, int64_t now)
{
    walk_trace_point(f, &certificate_point, now, NULL);
}

void walk_trace_end(FILE *f, int64_t now)
{
    walk_trace_point(f, &end_point, now, NULL);
}

void walk_trace_entropy(FILE *f, int64_t now, struct rill_view drawn)
{
    walk_trace_point(f, &entropy_point, now, &(union rill_trace_value){.view = drawn});
}

void walk_trace_frame(FILE *f, int64_t now, bool sent, bool head, const struct rill_addr *local,
                      const struct rill_addr *remote, struct rill_view bytes)
{
    walk_trace_point(f, &frame_points[sent], now,
                     (union rill_trace_value[]){{.view = rill_view_of(head ? "http" : "ws")},
                                                {.addr = local},
                                                {.addr = remote},
                                                {.view = bytes}});
}

void walk_trace_step(FILE *f, int64_t now, const struct rill_step *s)
{
    union rill_trace_value values[] = {{.u = (uint64_t)s->number},
                                       {.u = (uint64_t)s->client},
                                       {.view = rill_view_of(s->sentence)}};
    walk_trace_point(f, &step_point, now, values);
}

/* --- the capture ------------------------------------------------------------------------------ */

/* The key log's line first: it helps what comes behind it. */
static void write_secret(FILE *f, const struct walk_record *r)
{
    const struct walk_row *hello = walk_find(r, WALK_DATAGRAM, WALK_CLIENT2, "dtls");
    const struct walk_row *secret = walk_find(r, WALK_SECRET, WALK_CLIENT1, NULL);
    uint8_t line[300];
    struct rill_writer w = room(), l = rill_writer_of((struct rill_span){line, sizeof line});
    /* RFC 6347 §4.1, §4.2.2, RFC 5246 §7.4.1.2: two headers, the version, then 32 random bytes. */
    rill_keylog_write(&l, rill_view_sub(hello->text, 13 + 12 + 2, 32), secret->text);
    rill_pcapng_write_secrets(&w, rill_w_view(&l));
    put(f, &w);
}

static void write_row(FILE *f, struct rill_pcapng *x, const struct walk_row *row, int64_t wall_us)
{
    bool sent = row->kind == WALK_DATAGRAM;
    struct rill_writer w = room();
    struct rill_pcapng_packet p = {
        .interface = RILL_PCAPNG_WIRE,
        .wall_us = wall_us + row->at,
        .sent = sent,
        .local = sent ? row->from : row->to,
        .remote = sent ? row->to : row->from,
        .bytes = row->text,
    };
    rill_pcapng_write_packet(x, &w, &p);
    put(f, &w);
}

static bool write_capture(const struct walk_record *r, int64_t wall_us)
{
    FILE *f = open_file("out/walk.pcapng");
    struct rill_pcapng x = {0};
    struct rill_writer w = room();
    if (!f)
        return false;
    rill_pcapng_write_head(&w);
    put(f, &w);
    write_secret(f, r);
    for (size_t i = 0; i < r->n; i++)
        if (r->rows[i].who == WALK_CLIENT1 &&
            (r->rows[i].kind == WALK_DATAGRAM || r->rows[i].kind == WALK_ARRIVED))
            write_row(f, &x, &r->rows[i], wall_us);
    return fclose(f) == 0;
}

static bool write_text(const char *path, struct rill_view text)
{
    FILE *f = open_file(path);
    bool ok = f && fwrite(text.p, 1, text.n, f) == text.n;
    return f && fclose(f) == 0 && ok;
}

bool walk_files_write(const struct walk_record *r, int64_t wall_us)
{
    return write_capture(r, wall_us) &&
           write_text("out/walk-offer.sdp",
                      walk_find(r, WALK_DESCRIPTION, WALK_CLIENT1, "local offer")->text) &&
           write_text("out/walk-answer.sdp",
                      walk_find(r, WALK_DESCRIPTION, WALK_CLIENT2, "local answer")->text);
}
