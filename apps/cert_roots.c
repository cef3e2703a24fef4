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

/* Both texts in a row; takes them. */
static struct rill_span join(struct rill_span a, struct rill_span b)
{
    if (!a.p || !b.p)
        return a.p ? a : b;
    struct rill_span out = {malloc(a.n + b.n + 1), a.n + b.n + 1};
    if (out.p) {
        memcpy(out.p, a.p, a.n);
        out.p[a.n] = '\n';
        memcpy(out.p + a.n + 1, b.p, b.n);
    }
    free(a.p);
    free(b.p);
    return out.p ? out : (struct rill_span){0};
}

static struct rill_span read_local(void)
{
    char places[2][RILL_CERT_PATH];
    struct rill_span out = {0};
    size_t n = rill_cert_ca_places(NULL, places);
    for (size_t i = 0; i < n; i++)
        out = join(out, rill_cert_read(places[i]));
    return out;
}

static int read_list(struct rill_view text, struct rill_cert_roots *out, struct rill_err *why)
{
    struct rill_rng rng = rill_posix_rng();
    struct rill_view none = {0};
    *out = (struct rill_cert_roots){.block = malloc(rill_tls_identity_size(text, none))};
    int rc = out->block ? rill_tls_identity_init(out->block, &rng, text, none, &out->id, why) : -1;
    if (rc < 0)
        rill_cert_roots_free(out);
    return rc;
}

/* What the user named is read alone first: in a long list a part that makes no sense would be
 * passed over. */
static bool read_named(const char *file, struct rill_span *out)
{
    struct rill_cert_roots alone;
    struct rill_err why = {0};
    *out = rill_cert_read(file);
    if (!out->p) {
        fprintf(stderr, "rill: %s: %s\n", file, strerror(errno));
        return false;
    }
    if (read_list(rill_view_at(out->p, out->n), &alone, &why) == 0) {
        rill_cert_roots_free(&alone);
        return true;
    }
    rill_app_complain(file, &why);
    free(out->p);
    return false;
}

bool rill_cert_roots_load(const char *file, struct rill_cert_roots *out)
{
    struct rill_err why = {0};
    struct rill_span text = {0};
    *out = (struct rill_cert_roots){0};
    if (file && !read_named(file, &text))
        return false;
    text = join(join(text, read_local()), read_bundle());
    if (!text.p) {
        fputs("rill: no CA is known here: --ca FILE names one\n", stderr);
        return false;
    }
    int rc = read_list(rill_view_at(text.p, text.n), out, &why);
    free(text.p);
    if (rc < 0)
        rill_app_complain("no CA is known", &why);
    return rc == 0;
}

void rill_cert_roots_free(struct rill_cert_roots *r)
{
    if (r->id)
        rill_tls_identity_free(r->id);
    free(r->block);
    *r = (struct rill_cert_roots){0};
}
