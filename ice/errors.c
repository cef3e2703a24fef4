#include "ice/errors.h"

static const struct rill_err_row rows[] = {
#define RILL_ERR_ROW(name, clause, sentence) {RILL_##name, #name, clause, sentence},
#include "ice/ice_errors.def"
#undef RILL_ERR_ROW
};

const struct rill_err_table rill_ice_errors = {"ice", rows, sizeof rows / sizeof rows[0]};
