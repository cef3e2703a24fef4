/* apps/cert_text: what people are told of a certificate. */
#ifndef RILL_APPS_CERT_TEXT_H
#define RILL_APPS_CERT_TEXT_H

#include "apps/cert_files.h"

struct rill_cert_text {
    char text[256];
};

struct rill_cert_text rill_cert_name_text(const struct rill_tls_name *name);
/* "2028-03-02T11:22:33Z" */
struct rill_cert_text rill_cert_last_day(const struct rill_tls_identity *id);
/* "AB:CD:…", SHA-256 */
struct rill_cert_text rill_cert_fingerprint(const struct rill_tls_identity *id);

#endif
