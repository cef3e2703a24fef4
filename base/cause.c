/* cause: see cause.h. */
#include "base/cause.h"

#include "base/err.h"

void rill_cause_write(struct rill_writer *w, const struct rill_cause *cause)
{
    struct rill_err_row row = {.sentence = cause->sentence};
    struct rill_err err = {.row = &row, .value = cause->value};
    rill_err_write(w, &err);
}
