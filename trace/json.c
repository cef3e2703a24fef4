/* json: an event as one record of a JSON text sequence (docs/trace.md). */
#include "base/utf8.h"
#include "trace/format.h"

static void write_escaped(struct rill_writer *w, uint8_t c)
{
    if (c == '"' || c == '\\') {
        rill_w_char(w, '\\');
        rill_w_char(w, (char)c);
    } else if (c < 0x20) {
        rill_w_str(w, "\\u00");
        rill_w_hex(w, rill_view_at(&c, 1));
    } else {
        rill_w_char(w, (char)c);
    }
}

void rill_trace_write_json_string(struct rill_writer *w, struct rill_view v)
{
    rill_w_char(w, '"');
    for (size_t i = 0; i < v.n;) {
        size_t n = rill_utf8_sequence(rill_view_at(v.p + i, v.n - i));
        if (n == 0) {
            rill_w_str(w, "\xef\xbf\xbd");
            i++;
        } else if (n == 1) {
            write_escaped(w, v.p[i++]);
        } else {
            rill_w_bytes(w, rill_view_at(v.p + i, n));
            i += n;
        }
    }
    rill_w_char(w, '"');
}

static void write_hex_string(struct rill_writer *w, struct rill_view v)
{
    rill_w_char(w, '"');
    rill_w_hex(w, v);
    rill_w_char(w, '"');
}

/* I-JSON (RFC 7493 §2.2): "an I-JSON sender cannot expect a receiver to treat an integer with an
 * absolute value greater than 9007199254740991 … as an exact value". */
#define EXACT ((uint64_t)1 << 53)

static void write_number(struct rill_writer *w, uint64_t magnitude, bool negative)
{
    bool quoted = magnitude >= EXACT;
    if (quoted)
        rill_w_char(w, '"');
    if (negative)
        rill_w_char(w, '-');
    rill_w_dec(w, magnitude);
    if (quoted)
        rill_w_char(w, '"');
}

static void write_value(struct rill_writer *w, enum rill_trace_type type,
                        const union rill_trace_value *v, bool secrets)
{
    switch (type) {
    case RILL_TRACE_U64:
        write_number(w, v->u, false);
        break;
    case RILL_TRACE_I64:
        write_number(w, v->i < 0 ? 0 - (uint64_t)v->i : (uint64_t)v->i, v->i < 0);
        break;
    case RILL_TRACE_TEXT:
        rill_trace_write_json_string(w, v->view);
        break;
    case RILL_TRACE_BYTES:
        write_hex_string(w, v->view);
        break;
    case RILL_TRACE_SECRET:
        if (secrets)
            write_hex_string(w, v->view);
        else
            rill_w_str(w, "null");
        break;
    case RILL_TRACE_ADDR:
        if (!v->addr || v->addr->family == RILL_ADDR_NONE) {
            rill_w_str(w, "null");
            break;
        }
        rill_w_char(w, '"');
        rill_addr_write(w, v->addr);
        rill_w_char(w, '"');
        break;
    }
}

/* --- JSON text sequences (RFC 7464), as qlog has them ------------------------------------- */

#define MARK 0x1e

static void write_digits(struct rill_writer *w, uint64_t value, int digits)
{
    uint64_t unit = 1;
    for (int i = 1; i < digits; i++)
        unit *= 10;
    for (; unit; unit /= 10)
        rill_w_char(w, (char)('0' + value / unit % 10));
}

/* Milliseconds with three decimals. */
static void write_ms(struct rill_writer *w, int64_t us)
{
    uint64_t magnitude = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
    if (us < 0)
        rill_w_char(w, '-');
    rill_w_dec(w, magnitude / 1000);
    rill_w_char(w, '.');
    write_digits(w, magnitude % 1000, 3);
}

static bool is_leap(uint64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* RFC 3339 §5.6, of µs since 1970. */
static void write_wall(struct rill_writer *w, int64_t wall_us)
{
    static const uint8_t months[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t us = wall_us < 0 ? 0 : (uint64_t)wall_us, s = us / 1000000, day = s / 86400;
    uint64_t year = 1970, month = 0;
    while (day >= (is_leap(year) ? 366u : 365u))
        day -= is_leap(year++) ? 366 : 365;
    for (;; month++) {
        uint64_t days = months[month] + (uint64_t)(month == 1 && is_leap(year));
        if (day < days)
            break;
        day -= days;
    }
    write_digits(w, year, 4);
    rill_w_char(w, '-');
    write_digits(w, month + 1, 2);
    rill_w_char(w, '-');
    write_digits(w, day + 1, 2);
    rill_w_char(w, 'T');
    write_digits(w, s / 3600 % 24, 2);
    rill_w_char(w, ':');
    write_digits(w, s / 60 % 60, 2);
    rill_w_char(w, ':');
    write_digits(w, s % 60, 2);
    rill_w_char(w, '.');
    write_digits(w, us % 1000000, 6);
    rill_w_char(w, 'Z');
}

void rill_trace_write_header(struct rill_writer *w, const struct rill_trace_header *h)
{
    rill_w_u8(w, MARK);
    rill_w_str(w, "{\"file_schema\":\"urn:ietf:params:qlog:file:sequential\","
                  "\"serialization_format\":\"application/qlog+json-seq\",\"title\":");
    rill_trace_write_json_string(w, h->title);
    rill_w_str(w, ",\"trace\":{\"common_fields\":{\"time_format\":\"relative_to_epoch\","
                  "\"reference_time\":{\"clock_type\":\"monotonic\",\"epoch\":\"unknown\","
                  "\"wall_clock_time\":\"");
    write_wall(w, h->wall_us);
    rill_w_str(w, "\"}},\"vantage_point\":{\"name\":");
    rill_trace_write_json_string(w, h->name);
    rill_w_str(w, ",\"type\":");
    rill_trace_write_json_string(w, h->type);
    rill_w_str(w, "},\"event_schemas\":[\"" RILL_TRACE_SCHEMA "\"]}}\n");
}

void rill_trace_write_record(struct rill_writer *w, const struct rill_trace_point *point,
                             int64_t time, const union rill_trace_value *values, bool secrets)
{
    rill_w_u8(w, MARK);
    rill_w_str(w, "{\"time\":");
    write_ms(w, time);
    rill_w_str(w, ",\"name\":\"");
    rill_w_str(w, point->room);
    rill_w_char(w, ':');
    rill_w_str(w, point->name);
    rill_w_str(w, "\",\"data\":{");
    for (size_t i = 0; i < point->n; i++) {
        rill_w_str(w, i ? ",\"" : "\"");
        rill_w_str(w, point->fields[i].name);
        rill_w_str(w, "\":");
        write_value(w, point->fields[i].type, &values[i], secrets);
    }
    rill_w_str(w, "}}\n");
}
