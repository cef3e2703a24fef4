/* apps/cert_trust: putting the CA where this machine's programs look for whom to trust, and taking
 * it out again. Nothing here runs unless the user asked for it.
 *
 *   system   /usr/local/share/ca-certificates/rill-local-ca.crt and update-ca-certificates
 *            (Debian and its kin; curl, Node, Python …); needs root
 *   nss      ~/.pki/nssdb, with certutil (Chromium, Chrome)
 */
#ifndef RILL_APPS_CERT_TRUST_H
#define RILL_APPS_CERT_TRUST_H

#include "base/bytes.h"

enum {
    RILL_TRUST_SYSTEM = 1,
    RILL_TRUST_NSS = 2,
};

enum rill_trust_result {
    RILL_TRUST_DONE,
    RILL_TRUST_ABSENT, /* this machine has no such store, or nothing was in it */
    RILL_TRUST_FAILED,
};

/* One thing that was done, or not, as a sentence. */
struct rill_trust_step {
    const char *store; /* "system", "nss" */
    enum rill_trust_result result;
    char sentence[512];
};

#define RILL_TRUST_STEPS_MAX 8

struct rill_trust_report {
    struct rill_trust_step steps[RILL_TRUST_STEPS_MAX];
    size_t n;
};

/* stores: bits. ca: path of the certificate, and its text. */
void rill_trust_install(unsigned stores, const char *ca, struct rill_view pem,
                        struct rill_trust_report *out);
void rill_trust_uninstall(unsigned stores, struct rill_trust_report *out);

/* How to trust it by hand, for people. */
void rill_trust_explain(const char *ca);

#endif
