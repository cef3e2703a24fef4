/* reactor/errors: the ways this room refuses, one enum constant a row of reactor_errors.def. */
#ifndef RILL_REACTOR_ERRORS_H
#define RILL_REACTOR_ERRORS_H

#include "base/err.h"

/* Rows count down from -RILL_ERR_REACTOR - 1 in the order of the file. */
enum rill_reactor_error_index {
#define RILL_ERR_ROW(name, clause, sentence) RILL_INDEX_##name,
#include "reactor/reactor_errors.def"
#undef RILL_ERR_ROW
};

enum rill_reactor_error {
#define RILL_ERR_ROW(name, clause, sentence)                                                       \
    RILL_##name = -RILL_ERR_REACTOR - 1 - RILL_INDEX_##name,
#include "reactor/reactor_errors.def"
#undef RILL_ERR_ROW
};

extern const struct rill_err_table rill_reactor_errors;

#endif
