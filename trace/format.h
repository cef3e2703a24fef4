/* trace/format: events as lines: one for people, one for programs.
 *
 * The idea: a sink is a pure formatter: a point, a time and its values go in, bytes come
 * out. Who owns the file or the terminal writes them. Secrets are left out unless asked for.
 *
 *   text   12.345678 ice nominated local=192.0.2.1:5000 remote=192.0.2.2:6000 (the sentence)
 *   JSON   RS{"time":12345.678,"name":"ice:nominated","data":{"local":"192.0.2.1:5000",…}}
 */
#ifndef RILL_TRACE_FORMAT_H
#define RILL_TRACE_FORMAT_H

#include "base/trace.h"

/* Times are µs since where the trace begins. The writer's bad flag tells that it did not fit. */

/* A line, with its '\n'. */
void rill_trace_write_text(struct rill_writer *w, const struct rill_trace_point *point,
                           int64_t time, const union rill_trace_value *values, bool secrets);

/* The same without its time and its end. */
void rill_trace_write_words(struct rill_writer *w, const struct rill_trace_point *point,
                            const union rill_trace_value *values, bool secrets);

/* A record of a JSON text sequence (RFC 7464), as docs/trace.md has it. */
void rill_trace_write_record(struct rill_writer *w, const struct rill_trace_point *point,
                             int64_t time, const union rill_trace_value *values, bool secrets);

#define RILL_TRACE_SCHEMA "urn:rill:trace:1"
/* The first record of all. */
struct rill_trace_header {
    struct rill_view title, name, type; /* "rill call"; who traces: "CLIENT1", "client" */
    int64_t wall_us;                    /* µs since 1970, of time 0 */
};
void rill_trace_write_header(struct rill_writer *w, const struct rill_trace_header *h);

/* A JSON string with its quotes (RFC 8259 §7); bytes that are not UTF-8 become U+FFFD. */
void rill_trace_write_json_string(struct rill_writer *w, struct rill_view v);

/* It has bytes among its values: a datagram, a packet. */
bool rill_trace_has_bytes(const struct rill_trace_point *point);

#endif
