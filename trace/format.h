/* trace/format: events as lines: one for people, one for programs.
 *
 * The idea: a sink is a pure formatter: a point, a time and its values go in, bytes come
 * out. Who owns the file or the terminal writes them. Secrets are left out unless asked for.
 *
 *   text   12.345678 ice nominated local=192.0.2.1:5000 remote=192.0.2.2:6000 (the sentence)
 *   JSON   {"time":12345678,"room":"ice","name":"nominated","local":"192.0.2.1:5000",…}
 */
#ifndef RILL_TRACE_FORMAT_H
#define RILL_TRACE_FORMAT_H

#include "base/trace.h"

/* Both end their line with '\n'. The writer's bad flag tells that it did not fit. */
void rill_trace_write_text(struct rill_writer *w, const struct rill_trace_point *point, int64_t now,
                           const union rill_trace_value *values, bool secrets);
void rill_trace_write_json(struct rill_writer *w, const struct rill_trace_point *point, int64_t now,
                           const union rill_trace_value *values, bool secrets);

/* A JSON string with its quotes (RFC 8259 §7); bytes that are not UTF-8 become U+FFFD. */
void rill_trace_write_json_string(struct rill_writer *w, struct rill_view v);

#endif
