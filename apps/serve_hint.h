/* serve_hint: what somebody is told who speaks plain HTTP to a port of HTTPS. */
#ifndef RILL_APPS_SERVE_HINT_H
#define RILL_APPS_SERVE_HINT_H

#include "base/bytes.h"

#define SERVE_HINT_MAX 4096 /* beside the CA's certificate */

/* May these first bytes of a connection begin a request? */
bool serve_hint_is_request(struct rill_view first);

/* request: all that came so far. Writes the whole answer, after which the connection is closed:
 * 400 and a page that names the https: URL; for /ca.crt the CA's certificate (PEM; p NULL: there is
 * none), which nobody can fetch in a trusted way before it is trusted. False while the head of the
 * request is not whole and room is left for it. */
bool serve_hint(struct rill_view request, struct rill_view ca, struct rill_writer *out);

#endif
