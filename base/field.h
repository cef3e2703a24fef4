/* field: one table a wire format, beside its parser.
 *
 * The idea: a fixed header is described once: name, place, width, clause, sentence. The
 * parser reads through the table, `rill decode` and the documentation print from it, so
 * the three cannot drift apart.
 */
#ifndef RILL_BASE_FIELD_H
#define RILL_BASE_FIELD_H

#include "base/bytes.h"

/* bit counts from the first bit of the header in network order; bits ≤ 64, or 0 for a
 * field whose length the format decides. */
struct rill_field {
    const char *name;
    uint16_t bit;
    uint16_t bits;
    const char *clause;
    const char *sentence;
};

struct rill_field_table {
    const char *format;
    const struct rill_field *fields;
    size_t n;
};

/* The first row of this name; the table's first when there is none. */
const struct rill_field *rill_field_named(const struct rill_field_table *table, const char *name);

/* The field's value, most significant bit first; 0 when it does not lie wholly inside. */
uint64_t rill_field_get(const struct rill_field *f, struct rill_view header);

/* Overwrites the field's bits with the low bits of value; nothing when outside. */
void rill_field_put(const struct rill_field *f, struct rill_span header, uint64_t value);

#endif
