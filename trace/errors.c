#include "trace/errors.h"

static const struct rill_err_row rows[] = {
#define RILL_ERR_ROW(name, clause, sentence) {RILL_##name, #name, clause, sentence},
#include "trace/trace_errors.def"
#undef RILL_ERR_ROW
};

const struct rill_err_table rill_trace_errors = {"trace", rows, sizeof rows / sizeof rows[0]};
