#include "media/errors.h"

static const struct rill_err_row rows[] = {
#define RILL_ERR_ROW(name, clause, sentence) {RILL_##name, #name, clause, sentence},
#include "media/media_errors.def"
#undef RILL_ERR_ROW
};

const struct rill_err_table rill_media_errors = {"media", rows, sizeof rows / sizeof rows[0]};
