#include "peer/errors.h"

static const struct rill_err_row rows[] = {
#define RILL_ERR_ROW(name, clause, sentence) {RILL_##name, #name, clause, sentence},
#include "peer/peer_errors.def"
#undef RILL_ERR_ROW
};

const struct rill_err_table rill_peer_errors = {"peer", rows, sizeof rows / sizeof rows[0]};
