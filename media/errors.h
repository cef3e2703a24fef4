/* media/errors: the ways this room refuses, one enum constant a row of media_errors.def. */
#ifndef RILL_MEDIA_ERRORS_H
#define RILL_MEDIA_ERRORS_H

#include "base/err.h"

/* Rows count down from -RILL_ERR_MEDIA - 1 in the order of the file. */
enum rill_media_error_index {
#define RILL_ERR_ROW(name, clause, sentence) RILL_INDEX_##name,
#include "media/media_errors.def"
#undef RILL_ERR_ROW
};

enum rill_media_error {
#define RILL_ERR_ROW(name, clause, sentence) RILL_##name = -RILL_ERR_MEDIA - 1 - RILL_INDEX_##name,
#include "media/media_errors.def"
#undef RILL_ERR_ROW
};

extern const struct rill_err_table rill_media_errors;

#endif
