/* ice/cand_fields: the words of a candidate line, by their place and by their names (RFC 8839
 * §5.1). */
#ifndef RILL_ICE_CAND_FIELDS_H
#define RILL_ICE_CAND_FIELDS_H

#include "base/field.h"

/* foundation, component-id, transport, priority, connection-address, port, "typ", its value; then
 * those that stand in pairs of name and value, and last any other pair's. */
extern const struct rill_field_table rill_ice_cand_fields;
#define RILL_ICE_CAND_FIXED 8
/* The row of a pair by its name. */
const struct rill_field *rill_ice_cand_pair(struct rill_view name);
/* What a type means, in words; NULL for one that is not known. */
const char *rill_ice_type_sentence(struct rill_view type);

#endif
