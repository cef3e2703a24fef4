#include "apps/trace_read.h"

#include "trace/errors.h"
#include "trace/format.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK 0x1e
#define ROOM_LEAST 4096
#define ROOM_FIRST (64u * 1024)

struct rill_trace_reader {
    uint8_t *bytes; /* unread: [from, to) of cap */
    size_t cap, from, to;
    size_t searched;      /* of them are known to have no end of a record */
    uint64_t number, fed; /* records, bytes */
    bool has_header, over;
    json_t *json;  /* of the record handed out */
    json_t *empty; /* data of those that have none */
};

struct rill_trace_reader *rill_trace_reader_new(void)
{
    struct rill_trace_reader *r = calloc(1, sizeof *r);
    if (r && !(r->empty = json_object())) {
        free(r);
        return NULL;
    }
    return r;
}

void rill_trace_reader_free(struct rill_trace_reader *r)
{
    if (!r)
        return;
    json_decref(r->json);
    json_decref(r->empty);
    if (r->bytes)
        rill_wipe(r->bytes, r->cap); /* there may be secrets in it */
    free(r->bytes);
    free(r);
}

/* --- bytes in ----------------------------------------------------------------------------- */

static bool grow(struct rill_trace_reader *r)
{
    size_t cap = r->cap ? 2 * r->cap : ROOM_FIRST;
    uint8_t *bytes = cap > 2 * (size_t)RILL_TRACE_RECORD_MAX ? NULL : malloc(cap);
    if (!bytes)
        return false;
    if (r->to > r->from)
        memcpy(bytes, r->bytes + r->from, r->to - r->from);
    if (r->bytes)
        rill_wipe(r->bytes, r->cap);
    free(r->bytes);
    r->bytes = bytes;
    r->cap = cap;
    return true;
}

struct rill_span rill_trace_reader_room(struct rill_trace_reader *r)
{
    static const struct rill_span none = {0};
    size_t n = r->to - r->from;
    if (r->cap - r->to < ROOM_LEAST) {
        bool moved = r->cap - n >= ROOM_LEAST && n <= r->cap / 2;
        if (moved && n)
            memmove(r->bytes, r->bytes + r->from, n);
        if (!moved && !grow(r))
            return none;
        r->from = 0;
        r->to = n;
    }
    return (struct rill_span){r->bytes + r->to, r->cap - r->to};
}

void rill_trace_reader_put(struct rill_trace_reader *r, size_t n)
{
    r->to += n;
    r->fed += n;
}

uint64_t rill_trace_reader_offset(const struct rill_trace_reader *r)
{
    return r->fed - (r->to - r->from);
}

size_t rill_trace_reader_left(const struct rill_trace_reader *r)
{
    return r->to - r->from;
}

long rill_trace_reader_fill(struct rill_trace_reader *r, int fd)
{
    struct rill_span room = rill_trace_reader_room(r);
    if (room.n == 0) {
        errno = ENOMEM;
        return -1;
    }
    ssize_t n;
    do {
        n = read(fd, room.p, room.n);
    } while (n < 0 && errno == EINTR);
    if (n > 0)
        rill_trace_reader_put(r, (size_t)n);
    return (long)n;
}

/* --- records out -------------------------------------------------------------------------- */

static int refuse(const struct rill_trace_reader *r, int code, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_trace_errors, code, (size_t)r->number, value, why);
}

/* RFC 7464 §2.2: a record ends where the next begins; one that is whole has a newline there. */
enum ending { GOES_ON, WHOLE, CUT_OFF };

static enum ending find_end(struct rill_trace_reader *r, size_t *n)
{
    const uint8_t *at = r->bytes + r->from;
    size_t have = r->to - r->from, i = r->searched > 1 ? r->searched : 1;
    for (; i < have; i++)
        if (at[i] == '\n' || at[i] == MARK) {
            *n = i;
            return at[i] == '\n' ? WHOLE : CUT_OFF;
        }
    r->searched = i;
    return GOES_ON;
}

static bool is_of_rill(const json_t *trace)
{
    const json_t *schemas = json_object_get(trace, "event_schemas"), *one;
    size_t i;
    json_array_foreach(schemas, i,
                       one) if (json_is_string(one) &&
                                !strcmp(json_string_value(one), RILL_TRACE_SCHEMA)) return true;
    return false;
}

static int take_header(struct rill_trace_reader *r, struct rill_err *why)
{
    const json_t *trace = json_object_get(r->json, "trace");
    if (!json_is_string(json_object_get(r->json, "file_schema")) || !json_is_object(trace))
        return refuse(r, RILL_TRACE_NO_HEADER, 0, why);
    if (!is_of_rill(trace))
        return refuse(r, RILL_TRACE_OTHER_FORMAT, 0, why);
    r->has_header = true;
    return 1;
}

/* A time that no call reaches would overflow what is reckoned with it: ± 100 years. */
static int take_event(const struct rill_trace_reader *r, struct rill_trace_record *out,
                      struct rill_err *why)
{
    const json_t *time = json_object_get(r->json, "time"), *name = json_object_get(r->json, "name");
    json_t *data = json_object_get(r->json, "data");
    double ms = json_number_value(time);
    if (!json_is_number(time) || fabs(ms) > 3.2e12 || !json_is_string(name) ||
        (data && !json_is_object(data)))
        return refuse(r, RILL_TRACE_NOT_EVENT, 0, why);
    out->time = llround(ms * 1000);
    out->name = json_string_value(name);
    out->data = data ? data : r->empty;
    return 1;
}

static int take(struct rill_trace_reader *r, struct rill_view text, struct rill_trace_record *out,
                struct rill_err *why)
{
    json_error_t error;
    json_decref(r->json);
    r->json = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(r->json))
        return refuse(r, RILL_TRACE_NOT_JSON, r->json ? 0 : (uint64_t)error.position, why);
    *out = (struct rill_trace_record){
        .number = r->number, .text = text, .json = r->json, .is_header = !r->has_header};
    return r->has_header ? take_event(r, out, why) : take_header(r, why);
}

/* What belongs to no record: up to the next mark. */
static int pass_over(struct rill_trace_reader *r, struct rill_err *why)
{
    size_t n = 0, have = r->to - r->from;
    while (n < have && r->bytes[r->from + n] != MARK)
        n++;
    r->from += n;
    return refuse(r, RILL_TRACE_NO_MARK, n, why);
}

int rill_trace_reader_next(struct rill_trace_reader *r, struct rill_trace_record *out,
                           struct rill_err *why)
{
    size_t n;
    int rc = 0;
    while (rc == 0 && !r->over && r->to > r->from) {
        enum ending end;
        if (r->bytes[r->from] != MARK) {
            r->number += r->number == 0;
            rc = pass_over(r, why);
        } else if ((end = find_end(r, &n)) == GOES_ON) {
            if (r->to - r->from <= RILL_TRACE_RECORD_MAX)
                return 0;
            r->number++;
            r->from = r->to;
            r->searched = 0;
            rc = refuse(r, RILL_TRACE_TOO_LONG, RILL_TRACE_RECORD_MAX, why);
        } else {
            struct rill_view text = rill_view_at(r->bytes + r->from + 1, n - 1);
            r->from += end == WHOLE ? n + 1 : n;
            r->searched = 0;
            r->number++;
            rc = end == WHOLE ? take(r, text, out, why) : 0;
        }
    }
    /* Without a header nothing says what the rest would mean. */
    r->over = r->over || (rc < 0 && !r->has_header);
    return rc;
}

/* --- members ------------------------------------------------------------------------------ */

bool rill_trace_get_text(const json_t *data, const char *name, struct rill_view *out)
{
    const json_t *v = json_object_get(data, name);
    if (!json_is_string(v))
        return false;
    *out = rill_view_at(json_string_value(v), json_string_length(v));
    return true;
}

/* A number, or a string of decimal digits. */
bool rill_trace_get_i64(const json_t *data, const char *name, int64_t *out)
{
    const json_t *v = json_object_get(data, name);
    struct rill_view text;
    uint64_t u;
    if (json_is_integer(v)) {
        *out = json_integer_value(v);
        return true;
    }
    if (!rill_trace_get_text(data, name, &text))
        return false;
    bool negative = text.n && text.p[0] == '-';
    if (!rill_view_u64(rill_view_sub(text, negative, text.n - negative), INT64_MAX, &u))
        return false;
    *out = negative ? -(int64_t)u : (int64_t)u;
    return true;
}

bool rill_trace_get_u64(const json_t *data, const char *name, uint64_t *out)
{
    struct rill_view text;
    int64_t i;
    if (rill_trace_get_text(data, name, &text))
        return rill_view_u64(text, UINT64_MAX, out);
    if (!rill_trace_get_i64(data, name, &i) || i < 0)
        return false;
    *out = (uint64_t)i;
    return true;
}

/* "[fe80::1%2]:5000": the scope is no part of an address's text anywhere else (RFC 4007 §11). */
static bool parse_scoped(struct rill_view text, struct rill_addr *out)
{
    char bare[RILL_ADDR_TEXT_MAX];
    struct rill_view rest, scope, head = rill_view_cut(text, '%', &rest);
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)bare, sizeof bare});
    uint64_t id;
    if (!rest.p)
        return rill_addr_parse(text, out);
    scope = rill_view_cut(rest, ']', &rest);
    rill_w_bytes(&w, head);
    rill_w_char(&w, ']');
    rill_w_bytes(&w, rest);
    if (w.bad || !rest.p || !rill_view_u64(scope, UINT32_MAX, &id) ||
        !rill_addr_parse(rill_w_view(&w), out))
        return false;
    out->scope = (uint32_t)id;
    return true;
}

bool rill_trace_get_addr(const json_t *data, const char *name, struct rill_addr *out)
{
    struct rill_view text;
    return rill_trace_get_text(data, name, &text) && parse_scoped(text, out);
}

bool rill_trace_get_bytes(const json_t *data, const char *name, struct rill_span room,
                          struct rill_view *out)
{
    struct rill_view text;
    long n = rill_trace_get_text(data, name, &text) ? rill_hex_decode(text, room) : -1;
    if (n < 0)
        return false;
    *out = rill_view_at(room.p, (size_t)n);
    return true;
}
