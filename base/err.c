#include "base/err.h"

const struct rill_err_row *rill_err_find(const struct rill_err_table *table, int code)
{
    for (size_t i = 0; i < table->n; i++)
        if (table->rows[i].code == code)
            return &table->rows[i];
    return NULL;
}

int rill_err_set(const struct rill_err_table *table, int code, size_t offset, uint64_t value,
                 struct rill_err *why)
{
    if (why)
        *why = (struct rill_err){rill_err_find(table, code), offset, value};
    return code;
}

void rill_err_write(struct rill_writer *w, const struct rill_err *why)
{
    if (!why->row)
        return;
    for (const char *s = why->row->sentence; *s; s++) {
        if (s[0] == '{' && s[1] == '}') {
            rill_w_dec(w, why->value);
            s++;
        } else {
            rill_w_char(w, *s);
        }
    }
}
