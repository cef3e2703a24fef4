#include "sdp/errors.h"

static const struct rill_err_row rows[] = {
#define RILL_ERR_ROW(name, clause, sentence) {RILL_##name, #name, clause, sentence},
#include "sdp/sdp_errors.def"
#undef RILL_ERR_ROW
};

const struct rill_err_table rill_sdp_errors = {"sdp", rows, sizeof rows / sizeof rows[0]};
