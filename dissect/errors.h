/* dissect/errors: the ways this room refuses, one enum constant a row of dissect_errors.def. */
#ifndef RILL_DISSECT_ERRORS_H
#define RILL_DISSECT_ERRORS_H

#include "base/err.h"

/* Rows count down from -RILL_ERR_DISSECT - 1 in the order of the file. */
enum rill_dissect_error_index {
#define RILL_ERR_ROW(name, clause, sentence) RILL_INDEX_##name,
#include "dissect/dissect_errors.def"
#undef RILL_ERR_ROW
};

enum rill_dissect_error {
#define RILL_ERR_ROW(name, clause, sentence)                                                       \
    RILL_##name = -RILL_ERR_DISSECT - 1 - RILL_INDEX_##name,
#include "dissect/dissect_errors.def"
#undef RILL_ERR_ROW
};

extern const struct rill_err_table rill_dissect_errors;

#endif
