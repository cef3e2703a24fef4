#include "apps/serve_cert.h"

#include "apps/serve_cert_rules.h"
#include "reactor/reactor.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How often this machine's addresses are looked at. */
#define LOOK_EVERY (60 * RILL_SECOND)

static int64_t wall_s(void)
{
    return rill_posix_wall() / RILL_SECOND;
}

static bool load(struct serve_certs *x, struct rill_app_identity *out)
{
    const struct rill_serve_options *o = x->options;
    if (o->tls == SERVE_TLS_FILES)
        return rill_app_identity_files(o->ca, o->tls_cert, o->tls_key, out);
    rill_cert_names_default(&x->names);
    x->looked_s = wall_s();
    /* What lay in the current directory and still does is not passed over for a mistake in it. */
    const struct rill_cert_pair *had = x->list ? &x->list->identity.server : NULL;
    if (had && rill_cert_is_current(had) && access(had->cert, F_OK) == 0)
        return rill_app_identity_files(o->ca, had->cert, had->key, out);
    return rill_app_identity_auto(o->ca, &x->names, out);
}

static void discard(struct serve_cert *c)
{
    rill_app_identity_free(&c->identity);
    free(c);
}

/* Those that no connection holds. */
static void sweep(struct serve_certs *x)
{
    for (struct serve_cert **at = x->list ? &x->list->older : &x->list; *at;) {
        struct serve_cert *c = *at;
        if (rill_tls_identity_users(c->identity.server.id) > 0) {
            at = &c->older;
            continue;
        }
        *at = c->older;
        discard(c);
    }
}

static struct serve_cert *load_one(struct serve_certs *x)
{
    struct serve_cert *c = calloc(1, sizeof *c);
    if (c && load(x, &c->identity))
        return c;
    free(c);
    return NULL;
}

bool serve_certs_open(struct serve_certs *x, const struct rill_serve_options *options)
{
    *x = (struct serve_certs){.options = options, .look_at = RILL_NEVER};
    if (options->tls == SERVE_TLS_OFF)
        return true;
    x->list = load_one(x);
    if (x->list && options->tls == SERVE_TLS_AUTO)
        x->look_at = rill_posix_now() + LOOK_EVERY;
    if (!x->list)
        fputs("rill: there is no certificate for https; --tls CRT,KEY names one, --tls off does "
              "without\n",
              stderr);
    return x->list != NULL;
}

void serve_certs_close(struct serve_certs *x)
{
    while (x->list) {
        struct serve_cert *c = x->list;
        x->list = c->older;
        discard(c);
    }
}

/* --- successors ----------------------------------------------------------------------- */

static bool is_same(const struct serve_cert *a, const struct serve_cert *b)
{
    return rill_view_equal(rill_tls_identity_der(a->identity.server.id),
                           rill_tls_identity_der(b->identity.server.id));
}

static bool may_follow(const struct serve_cert *old, const struct serve_cert *new)
{
    int64_t old_from, old_until, from, until;
    rill_tls_identity_validity(old->identity.server.id, &old_from, &old_until);
    rill_tls_identity_validity(new->identity.server.id, &from, &until);
    if (serve_cert_is_taken(wall_s(), old_until, from, until))
        return true;
    fprintf(stderr, "rill: %s: the certificate is not valid now\n", new->identity.server.cert);
    return false;
}

enum serve_cert_news serve_certs_reload(struct serve_certs *x)
{
    if (!x->list)
        return SERVE_CERT_SAME;
    struct serve_cert *c = load_one(x);
    if (!c)
        return SERVE_CERT_KEPT;
    bool same = is_same(c, x->list);
    if (same || !may_follow(x->list, c)) {
        discard(c);
        x->list->identity.server.made = x->list->identity.ca.made = false;
        return same ? SERVE_CERT_SAME : SERVE_CERT_KEPT;
    }
    c->older = x->list;
    x->list = c;
    sweep(x);
    return SERVE_CERT_NEW;
}

int64_t serve_certs_deadline(const struct serve_certs *x)
{
    return x->look_at;
}

enum serve_cert_news serve_certs_tick(struct serve_certs *x, int64_t now)
{
    struct rill_cert_names names;
    int64_t from, until;
    if (now < x->look_at)
        return SERVE_CERT_SAME;
    x->look_at = now + LOOK_EVERY;
    sweep(x);
    rill_cert_names_default(&names);
    rill_tls_identity_validity(x->list->identity.server.id, &from, &until);
    bool due =
        serve_cert_is_due(wall_s(), until, x->looked_s, serve_cert_same_names(&names, &x->names));
    return due ? serve_certs_reload(x) : SERVE_CERT_SAME;
}
