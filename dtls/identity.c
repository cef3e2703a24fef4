#include "dtls/identity_private.h"

#include "base/arena.h"
#include "dtls/cert_private.h"
#include "dtls/chain.h"

#include <string.h>

/* mbedtls tells PEM from DER by a final NUL, so each text is copied with one behind it. */
static struct rill_tls_identity *carve(struct rill_arena *a, struct rill_view chain,
                                       struct rill_view key, struct rill_span copies[2])
{
    struct rill_tls_identity *id = rill_arena_take(a, 1, sizeof *id);
    copies[0] = (struct rill_span){rill_arena_take(a, chain.n + 1, 1), chain.n + 1};
    copies[1] = (struct rill_span){rill_arena_take(a, key.n + 1, 1), key.n + 1};
    return id;
}

size_t rill_tls_identity_size(struct rill_view chain, struct rill_view key)
{
    struct rill_arena a = rill_arena_counting();
    struct rill_span copies[2];
    carve(&a, chain, key, copies);
    return rill_arena_size(&a);
}

static bool is_pem(struct rill_view v)
{
    static const char mark[] = "-----BEGIN ";
    for (size_t i = 0; i + sizeof mark - 1 <= v.n; i++)
        if (!memcmp(v.p + i, mark, sizeof mark - 1))
            return true;
    return false;
}

static struct rill_view as_mbedtls_takes_it(struct rill_span copy, struct rill_view text)
{
    if (text.n)
        memcpy(copy.p, text.p, text.n);
    return rill_view_at(copy.p, is_pem(text) ? copy.n : text.n);
}

/* A list to trust may hold some that mbedtls cannot read; a chain may not. */
static int read_chain(struct rill_tls_identity *id, struct rill_view text)
{
    int rc = mbedtls_x509_crt_parse(&id->chain, text.p, text.n);
    bool some = rc > 0 && !id->has_key && id->chain.raw.p;
    return rc == 0 || some ? 0 : RILL_TLS_CERTIFICATE;
}

static int read_key(struct rill_tls_identity *id, struct rill_view text, struct rill_rng *rng)
{
    int rc = RILL_PK_PARSE_KEY(&id->key, text.p, text.n, rill_dtls_rng, rng);
    if (rc == MBEDTLS_ERR_PK_PASSWORD_REQUIRED || rc == MBEDTLS_ERR_PK_PASSWORD_MISMATCH)
        return RILL_TLS_KEY_LOCKED;
    if (rc != 0)
        return RILL_TLS_KEY;
    rc = RILL_PK_CHECK_PAIR(&id->chain.pk, &id->key, rill_dtls_rng, rng);
    return rc == 0 ? 0 : RILL_TLS_KEY_MISMATCH;
}

int rill_tls_identity_init(void *block, const struct rill_rng *rng, struct rill_view chain,
                           struct rill_view key, struct rill_tls_identity **out,
                           struct rill_err *why)
{
    struct rill_arena a = rill_arena_over(block, rill_tls_identity_size(chain, key));
    struct rill_span copies[2];
    struct rill_tls_identity *id = carve(&a, chain, key, copies);
    struct rill_rng own = *rng;
    mbedtls_x509_crt_init(&id->chain);
    mbedtls_pk_init(&id->key);
    id->has_key = key.n > 0;
    int rc = read_chain(id, as_mbedtls_takes_it(copies[0], chain));
    if (rc == 0 && id->has_key)
        rc = read_key(id, as_mbedtls_takes_it(copies[1], key), &own);
    rill_wipe(copies[1].p, copies[1].n);
    if (rc != 0) {
        rill_tls_identity_free(id);
        return rill_err_set(&rill_dtls_errors, rc, 0, chain.n, why);
    }
    *out = id;
    return 0;
}

void rill_tls_identity_free(struct rill_tls_identity *id)
{
    mbedtls_x509_crt_free(&id->chain);
    mbedtls_pk_free(&id->key);
}

size_t rill_tls_identity_users(const struct rill_tls_identity *id)
{
    return id->users;
}

struct rill_view rill_tls_identity_der(const struct rill_tls_identity *id)
{
    return rill_view_at(id->chain.raw.p, id->chain.raw.len);
}

void rill_tls_identity_validity(const struct rill_tls_identity *id, int64_t *from, int64_t *until)
{
    *from = rill_tls_time(&id->chain.valid_from);
    *until = rill_tls_time(&id->chain.valid_to);
}

bool rill_tls_identity_covers(const struct rill_tls_identity *id, const struct rill_tls_name *name)
{
    return rill_tls_covers(&id->chain, name);
}

int rill_tls_identity_check_server(const struct rill_tls_identity *id, struct rill_err *why)
{
    if (rill_tls_may_serve(&id->chain))
        return 0;
    return rill_err_set(&rill_dtls_errors, RILL_TLS_WRONG_USE, 0, 0, why);
}
