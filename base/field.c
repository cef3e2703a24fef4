#include "base/field.h"

static bool inside(const struct rill_field *f, size_t n)
{
    return f->bits <= 64 && ((size_t)f->bit + f->bits + 7) / 8 <= n;
}

const struct rill_field *rill_field_named(const struct rill_field_table *table, const char *name)
{
    for (size_t i = 0; i < table->n; i++)
        if (rill_view_is(rill_view_of(table->fields[i].name), name))
            return &table->fields[i];
    return &table->fields[0];
}

uint64_t rill_field_get(const struct rill_field *f, struct rill_view header)
{
    uint64_t v = 0;
    if (!inside(f, header.n))
        return 0;
    for (size_t i = f->bit; i < (size_t)f->bit + f->bits; i++)
        v = v << 1 | ((uint64_t)header.p[i / 8] >> (7 - i % 8) & 1);
    return v;
}

void rill_field_put(const struct rill_field *f, struct rill_span header, uint64_t value)
{
    if (!inside(f, header.n))
        return;
    for (size_t k = 0; k < f->bits; k++) {
        size_t i = (size_t)f->bit + f->bits - 1 - k;
        uint8_t mask = (uint8_t)(1u << (7 - i % 8));
        uint8_t *byte = &header.p[i / 8];
        *byte = (uint8_t)(value >> k & 1 ? *byte | mask : *byte & ~mask);
    }
}
