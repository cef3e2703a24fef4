#include "stun/errors.h"

static const struct rill_err_row rows[] = {
#define RILL_ERR_ROW(name, clause, sentence) {RILL_##name, #name, clause, sentence},
#include "stun/stun_errors.def"
#undef RILL_ERR_ROW
};

const struct rill_err_table rill_stun_errors = {"stun", rows, sizeof rows / sizeof rows[0]};
