/* mdns/errors: the ways this room refuses, one enum constant a row of mdns_errors.def. */
#ifndef RILL_MDNS_ERRORS_H
#define RILL_MDNS_ERRORS_H

#include "base/err.h"

/* Rows count down from -RILL_ERR_MDNS - 1 in the order of the file. */
enum rill_mdns_error_index {
#define RILL_ERR_ROW(name, clause, sentence) RILL_INDEX_##name,
#include "mdns/mdns_errors.def"
#undef RILL_ERR_ROW
};

enum rill_mdns_error {
#define RILL_ERR_ROW(name, clause, sentence) RILL_##name = -RILL_ERR_MDNS - 1 - RILL_INDEX_##name,
#include "mdns/mdns_errors.def"
#undef RILL_ERR_ROW
};

extern const struct rill_err_table rill_mdns_errors;

#endif
