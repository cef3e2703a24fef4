/* apps/trace_scrub: what opens something is starred out of texts that are kept without secrets:
 * descriptions, heads of HTTP, messages of signaling.
 *
 * - a=ice-pwd (RFC 8839 §5.4): by the letter x, since a password has no stars; a=crypto (RFC 4568
 * §4)
 * - Authorization, Proxy-Authorization, Cookie, Set-Cookie (RFC 9110 §11, RFC 6265 §4)
 * - parameters of a query and members of JSON that are named password, passwd, pwd, credential,
 *   token, access_token, secret or sid
 */
#ifndef RILL_APPS_TRACE_SCRUB_H
#define RILL_APPS_TRACE_SCRUB_H

#include "base/bytes.h"

/* In place; as long as it was. A description may stand in a string of JSON. */
void rill_trace_scrub(struct rill_span text);

#endif
