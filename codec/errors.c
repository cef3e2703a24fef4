#include "codec/errors.h"

static const struct rill_err_row rows[] = {
#define RILL_ERR_ROW(name, clause, sentence) {RILL_##name, #name, clause, sentence},
#include "codec/codec_errors.def"
#undef RILL_ERR_ROW
};

const struct rill_err_table rill_codec_errors = {"codec", rows, sizeof rows / sizeof rows[0]};
