/* capture/little: fields of files whose numbers are little-endian, through the same tables
 * (base/field.h) as those of the wire: the bits lie where the table says, the bytes of a number
 * the other way round. For fields of whole bytes. */
#ifndef RILL_CAPTURE_LITTLE_H
#define RILL_CAPTURE_LITTLE_H

#include "base/field.h"

static inline uint64_t rill_little_turn(uint64_t v, unsigned bits)
{
    uint64_t turned = 0;
    for (unsigned i = 0; i < bits; i += 8)
        turned = turned << 8 | (v >> i & 0xff);
    return turned;
}

static inline uint64_t rill_little_get(const struct rill_field *f, struct rill_view header)
{
    return rill_little_turn(rill_field_get(f, header), f->bits);
}

static inline void rill_little_put(const struct rill_field *f, struct rill_span header, uint64_t v)
{
    rill_field_put(f, header, rill_little_turn(v, f->bits));
}

#endif
