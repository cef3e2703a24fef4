/* apps/cert_roots: whom a client of https: and wss: believes: the CAs of this system, and the local
 * ones, rill's and mkcert's; and those of a file that the user names. */
#ifndef RILL_APPS_CERT_ROOTS_H
#define RILL_APPS_CERT_ROOTS_H

#include "dtls/identity.h"

struct rill_cert_roots {
    struct rill_tls_identity *id; /* for rill_tls_config.trust */
    void *block;
};

/* The system's ($SSL_CERT_FILE or where the distributions have it), the local ones, and those of
 * file, which may be NULL. False when file cannot be read or there is no CA at all, which is said
 * on standard error. */
bool rill_cert_roots_load(const char *file, struct rill_cert_roots *out);
/* Not before rill_tls_identity_users() is 0. */
void rill_cert_roots_free(struct rill_cert_roots *r);

#endif
