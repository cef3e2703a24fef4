/* utf8: what is well-formed text (RFC 3629 §4). */
#ifndef RILL_BASE_UTF8_H
#define RILL_BASE_UTF8_H

#include "base/bytes.h"

/* Bytes (1 … 4) of the well-formed sequence that v begins with; 0 when there is none that is
 * whole, shortest and no surrogate. */
size_t rill_utf8_sequence(struct rill_view v);

bool rill_utf8_is_valid(struct rill_view v);

#endif
