/* peer/errors: the ways this room refuses, one enum constant a row of peer_errors.def. */
#ifndef RILL_PEER_ERRORS_H
#define RILL_PEER_ERRORS_H

#include "base/err.h"

/* Rows count down from -RILL_ERR_PEER - 1 in the order of the file. */
enum rill_peer_error_index {
#define RILL_ERR_ROW(name, clause, sentence) RILL_INDEX_##name,
#include "peer/peer_errors.def"
#undef RILL_ERR_ROW
};

enum rill_peer_error {
#define RILL_ERR_ROW(name, clause, sentence) RILL_##name = -RILL_ERR_PEER - 1 - RILL_INDEX_##name,
#include "peer/peer_errors.def"
#undef RILL_ERR_ROW
};

extern const struct rill_err_table rill_peer_errors;

/* Fills why and returns the code. */
static inline int rill_peer_refuse(int code, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_peer_errors, code, 0, value, why);
}

#endif
