/* trace/errors: the ways this room refuses, one enum constant a row of trace_errors.def. */
#ifndef RILL_TRACE_ERRORS_H
#define RILL_TRACE_ERRORS_H

#include "base/err.h"

/* Rows count down from -RILL_ERR_TRACE - 1 in the order of the file. */
enum rill_trace_error_index {
#define RILL_ERR_ROW(name, clause, sentence) RILL_INDEX_##name,
#include "trace/trace_errors.def"
#undef RILL_ERR_ROW
};

enum rill_trace_error {
#define RILL_ERR_ROW(name, clause, sentence) RILL_##name = -RILL_ERR_TRACE - 1 - RILL_INDEX_##name,
#include "trace/trace_errors.def"
#undef RILL_ERR_ROW
};

extern const struct rill_err_table rill_trace_errors;

#endif
