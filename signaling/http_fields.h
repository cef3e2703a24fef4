/* signaling/http_fields: what stands in a head, a row a thing (RFC 9112, RFC 9110, RFC 6455). */
#ifndef RILL_SIGNALING_HTTP_FIELDS_H
#define RILL_SIGNALING_HTTP_FIELDS_H

#include "base/field.h"

/* By name: "request line", "method", "request-target", "HTTP-version", "status line",
 * "status-code", "reason-phrase", "body". */
extern const struct rill_field_table rill_http_fields;
/* A header by its name without case; never NULL. */
const struct rill_field *rill_http_header_row(struct rill_view name);

#endif
