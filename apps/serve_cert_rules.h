/* serve_cert_rules: when a server that runs looks for another certificate, and whether it takes
 * what it found. No files, no clock: seconds since 1970 come in. */
#ifndef RILL_APPS_SERVE_CERT_RULES_H
#define RILL_APPS_SERVE_CERT_RULES_H

#include "apps/cert_files.h"

/* The same names, in whatever order. */
bool serve_cert_same_names(const struct rill_cert_names *a, const struct rill_cert_names *b);

/* --tls auto: this machine has other names or addresses than before, or the certificate ends
 * within 30 days (then an hour after it was last looked for). */
bool serve_cert_is_due(int64_t now_s, int64_t until_s, int64_t looked_s, bool same_names);

/* A certificate that is not valid now takes no other's place, unless that one is not either. */
bool serve_cert_is_taken(int64_t now_s, int64_t old_until_s, int64_t from_s, int64_t until_s);

#endif
