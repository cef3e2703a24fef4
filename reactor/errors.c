#include "reactor/errors.h"

static const struct rill_err_row rows[] = {
#define RILL_ERR_ROW(name, clause, sentence) {RILL_##name, #name, clause, sentence},
#include "reactor/reactor_errors.def"
#undef RILL_ERR_ROW
};

const struct rill_err_table rill_reactor_errors = {"reactor", rows, sizeof rows / sizeof rows[0]};
