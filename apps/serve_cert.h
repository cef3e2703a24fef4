/* serve_cert: the certificate that `rill serve` shows, and its successors.
 *
 * The idea: a connection holds the certificate that it began with; a newer one is for those who
 * come after, and the older goes when nobody holds it any more. */
#ifndef RILL_APPS_SERVE_CERT_H
#define RILL_APPS_SERVE_CERT_H

#include "apps/cert_files.h"
#include "apps/serve_options.h"

struct serve_cert {
    struct rill_app_identity identity;
    struct serve_cert *older;
};

struct serve_certs {
    const struct rill_serve_options *options;
    struct serve_cert *list;      /* the first is shown; NULL with --tls off */
    struct rill_cert_names names; /* --tls auto: of this machine when it was last looked for */
    int64_t looked_s;
    int64_t look_at; /* µs, monotonic */
};

enum serve_cert_news {
    SERVE_CERT_SAME,
    SERVE_CERT_NEW,
    SERVE_CERT_KEPT, /* what was found is no good, which was said on standard error */
};

/* False when there is none to be had, which is said. */
bool serve_certs_open(struct serve_certs *x, const struct rill_serve_options *options);
void serve_certs_close(struct serve_certs *x);
/* Looks for another one, in the same place. */
enum serve_cert_news serve_certs_reload(struct serve_certs *x);
/* --tls auto: looks for another one if it is due (serve_cert_rules.h). */
enum serve_cert_news serve_certs_tick(struct serve_certs *x, int64_t now);
int64_t serve_certs_deadline(const struct serve_certs *x);

#endif
