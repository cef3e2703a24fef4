#include "mdns/errors.h"

static const struct rill_err_row rows[] = {
#define RILL_ERR_ROW(name, clause, sentence) {RILL_##name, #name, clause, sentence},
#include "mdns/mdns_errors.def"
#undef RILL_ERR_ROW
};

const struct rill_err_table rill_mdns_errors = {"mdns", rows, sizeof rows / sizeof rows[0]};
