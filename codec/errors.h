/* codec/errors: the ways this room refuses, one enum constant a row of codec_errors.def. */
#ifndef RILL_CODEC_ERRORS_H
#define RILL_CODEC_ERRORS_H

#include "base/err.h"

/* Rows count down from -RILL_ERR_CODEC - 1 in the order of the file. */
enum rill_codec_error_index {
#define RILL_ERR_ROW(name, clause, sentence) RILL_INDEX_##name,
#include "codec/codec_errors.def"
#undef RILL_ERR_ROW
};

enum rill_codec_error {
#define RILL_ERR_ROW(name, clause, sentence) RILL_##name = -RILL_ERR_CODEC - 1 - RILL_INDEX_##name,
#include "codec/codec_errors.def"
#undef RILL_ERR_ROW
};

extern const struct rill_err_table rill_codec_errors;

#endif
