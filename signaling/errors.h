/* signaling/errors: the ways this room refuses, one enum constant a row of signaling_errors.def. */
#ifndef RILL_SIGNALING_ERRORS_H
#define RILL_SIGNALING_ERRORS_H

#include "base/err.h"

/* Rows count down from -RILL_ERR_SIGNALING - 1 in the order of the file. */
enum rill_signaling_error_index {
#define RILL_ERR_ROW(name, clause, sentence) RILL_INDEX_##name,
#include "signaling/signaling_errors.def"
#undef RILL_ERR_ROW
    RILL_SIGNALING_ROWS /* how many */
};

enum rill_signaling_error {
#define RILL_ERR_ROW(name, clause, sentence)                                                       \
    RILL_##name = -RILL_ERR_SIGNALING - 1 - RILL_INDEX_##name,
#include "signaling/signaling_errors.def"
#undef RILL_ERR_ROW
};

extern const struct rill_err_table rill_signaling_errors;

#endif
