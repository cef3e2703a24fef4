#include "apps/cert_roots.h"

#include "apps/app.h"
#include "apps/cert_files.h"
#include "reactor/reactor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Debian and Alpine, Fedora, openSUSE. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
};

static struct rill_span read_bundle(void)
{
    const char *own = getenv("SSL_CERT_FILE");
    struct rill_span text = {0};
    if (own && own[0])
        return rill_cert_read(own);
    for (size_t i = 0; i < sizeof bundles / sizeof bundles[0] && !text.p; i++)
        text = rill_cert_read(bundles[i]);
    return text;
}

/* The texts in a row; takes both. */
static struct rill_span join(struct rill_span a, struct rill_span b)
{
    struct rill_span out = {malloc(a.n + b.n + 1), a.n + b.n + 1};
    if (out.p) {
        if (a.n)
            memcpy(out.p, a.p, a.n);
        out.p[a.n] = '\n';
        if (b.n)
            memcpy(out.p + a.n + 1, b.p, b.n);
    }
    free(a.p);
    free(b.p);
    return out.p ? out : (struct rill_span){0};
}

static struct rill_span usual(void)
{
    struct rill_cert_pair ca;
    struct rill_span own = {0};
    if (rill_cert_ca(NULL, false, &ca)) {
        own = ca.pem;
        ca.pem = (struct rill_span){0};
        rill_cert_pair_free(&ca);
    }
    return join(read_bundle(), own);
}

bool rill_cert_roots_load(const char *file, struct rill_cert_roots *out)
{
    struct rill_rng rng = rill_posix_rng();
    struct rill_err why = {0};
    struct rill_span text = file ? rill_cert_read(file) : usual();
    *out = (struct rill_cert_roots){0};
    if (!text.p) {
        fprintf(stderr, "rill: %s: %s\n", file ? file : "certificates", strerror(errno));
        return false;
    }
    struct rill_view chain = rill_view_at(text.p, text.n), none = {0};
    out->block = malloc(rill_tls_identity_size(chain, none));
    int rc =
        out->block ? rill_tls_identity_init(out->block, &rng, chain, none, &out->id, &why) : -1;
    free(text.p);
    if (rc == 0)
        return true;
    rill_app_complain(file ? file : "no CA is known", &why);
    rill_cert_roots_free(out);
    return false;
}

void rill_cert_roots_free(struct rill_cert_roots *r)
{
    if (r->id)
        rill_tls_identity_free(r->id);
    free(r->block);
    *r = (struct rill_cert_roots){0};
}
