/* apps/serve_traces: the page of traces, and the traces of one folder, whole or by ranges, so that
 * one that is being written can be followed. */
#ifndef RILL_APPS_SERVE_TRACES_H
#define RILL_APPS_SERVE_TRACES_H

#include "apps/serve.h"

/* So much of a file is given at a time when a range is asked for (RFC 9110 §15.3.7), and so much
 * when none is: of what is longer, only ranges are given. */
#define SERVE_TRACE_PART (1u << 20)
#define SERVE_TRACE_WHOLE (64u << 20)

/* --trace-dir; -1: there is none. False: it is no folder that can be read. */
bool serve_traces_open(struct serve *s);

/* "/trace", "/trace/files" and "/trace/files/NAME.sqlog". */
bool serve_is_trace(struct rill_view path);

/* Its bytes, malloced, which out->body is too; p NULL: there is nothing. */
struct rill_span serve_trace(const struct serve *s, const struct rill_sig_server_event *e,
                             struct rill_sig_file *out);

#endif
