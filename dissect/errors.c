#include "dissect/errors.h"

static const struct rill_err_row rows[] = {
#define RILL_ERR_ROW(name, clause, sentence) {RILL_##name, #name, clause, sentence},
#include "dissect/dissect_errors.def"
#undef RILL_ERR_ROW
};

const struct rill_err_table rill_dissect_errors = {"dissect", rows, sizeof rows / sizeof rows[0]};
