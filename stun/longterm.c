/* longterm: what a challenge makes of the next request, and what seals its response. */
#include "stun/longterm.h"

#include <string.h>

/* RFC 8489 §9.2: "the string 'obMatJos2' (without quotes) concatenated with the (4 character)
 * base64 [RFC4648] encoding of the 24-bit STUN Security Features". */
#define NONCE_COOKIE "obMatJos2"
#define NONCE_FEATURES 4

static int refuse(int code, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_stun_errors, code, 0, value, why);
}

const char *rill_stun_algorithm_name(uint16_t algorithm)
{
    if (algorithm == RILL_STUN_ALGORITHM_MD5)
        return "MD5";
    return algorithm == RILL_STUN_ALGORITHM_SHA256 ? "SHA-256" : NULL;
}

/* --- the nonce cookie -------------------------------------------------------------------- */

static int base64_digit(uint8_t c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

bool rill_stun_nonce_features(struct rill_view nonce, uint32_t *features)
{
    struct rill_view text = rill_view_sub(nonce, strlen(NONCE_COOKIE), NONCE_FEATURES);
    uint32_t bits = 0;
    if (!rill_view_starts(nonce, NONCE_COOKIE) || text.n != NONCE_FEATURES)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        int digit = base64_digit(text.p[i]);
        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
    }
    *features = bits;
    return true;
}

static uint32_t features_of(struct rill_view nonce)
{
    uint32_t features = 0;
    rill_stun_nonce_features(nonce, &features);
    return features;
}

/* --- keys -------------------------------------------------------------------------------- */

/* RFC 8489 §9.2.2: "with any quotes and trailing nulls removed". */
static struct rill_view bare(struct rill_view v, bool unquote)
{
    while (v.n > 0 && v.p[v.n - 1] == 0)
        v.n--;
    if (unquote && v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"')
        v = rill_view_sub(v, 1, v.n - 2);
    return v;
}

size_t rill_stun_long_term_key(enum rill_stun_algorithm algorithm, struct rill_view username,
                               struct rill_view realm, struct rill_view password,
                               uint8_t out[RILL_DIGEST_MAX])
{
    enum rill_digest kind = algorithm == RILL_STUN_ALGORITHM_SHA256 ? RILL_SHA256 : RILL_MD5;
    const struct rill_view pieces[] = {bare(username, true), rill_view_of(":"), bare(realm, true),
                                       rill_view_of(":"), bare(password, false)};
    rill_digest_pieces(kind, pieces, 5, out);
    return rill_digest_size(kind);
}

void rill_stun_userhash(struct rill_view username, struct rill_view realm,
                        uint8_t out[RILL_SHA256_SIZE])
{
    const struct rill_view pieces[] = {username, rill_view_of(":"), realm};
    rill_digest_pieces(RILL_SHA256, pieces, 3, out);
}

/* --- PASSWORD-ALGORITHMS ------------------------------------------------------------------ */

/*   0                   1                   2                   3
 *  |         Algorithm             |      Parameters Length        |
 *  |                    Parameters, padded to 32 bits             …
 */
bool rill_stun_next_algorithm(struct rill_reader *value, struct rill_stun_algorithm_item *out)
{
    if (value->bad || rill_r_left(value) == 0)
        return false;
    struct rill_stun_algorithm_item item;
    item.algorithm = rill_r_u16(value);
    size_t n = rill_r_u16(value);
    item.parameters = rill_r_bytes(value, n);
    size_t pad = (4 - n % 4) % 4;
    rill_r_skip(value, rill_r_left(value) < pad ? rill_r_left(value) : pad);
    if (value->bad)
        return false;
    *out = item;
    return true;
}

/* RFC 8489 §9.2.5: "the first algorithm supported on the list". Both have empty parameters
 * (§18.5.1), so one with any is another algorithm. */
static uint16_t choose(struct rill_view algorithms)
{
    struct rill_reader r = rill_reader_of(algorithms);
    struct rill_stun_algorithm_item item;
    while (rill_stun_next_algorithm(&r, &item))
        if (rill_stun_algorithm_name(item.algorithm) && item.parameters.n == 0)
            return item.algorithm;
    return RILL_STUN_ALGORITHM_NONE;
}

/* --- a challenge --------------------------------------------------------------------------- */

struct challenge {
    struct rill_view realm, nonce, algorithms;
    uint16_t algorithm;
    bool lists; /* it carries PASSWORD-ALGORITHMS */
    uint32_t features;
};

static int read(const struct rill_stun_longterm *l, const struct rill_stun_msg *m, unsigned code,
                struct challenge *c, struct rill_err *why)
{
    *c = (struct challenge){.realm = rill_view_at(l->realm, l->n_realm)};
    rill_stun_find(m, RILL_STUN_REALM, &c->realm);
    if (!rill_stun_find(m, RILL_STUN_NONCE, &c->nonce) || c->realm.n == 0)
        return refuse(RILL_STUN_NO_CHALLENGE, code, why);
    c->lists = rill_stun_find(m, RILL_STUN_PASSWORD_ALGORITHMS, &c->algorithms);
    size_t most = c->realm.n > c->nonce.n ? c->realm.n : c->nonce.n;
    if (most > RILL_STUN_TEXT_MAX || c->algorithms.n > RILL_STUN_ALGORITHMS_MAX)
        return refuse(RILL_STUN_CHALLENGE_TOO_LONG,
                      most > RILL_STUN_TEXT_MAX ? most : c->algorithms.n, why);
    /* RFC 8489 §9.2.5: the bit "set to 1 but no PASSWORD-ALGORITHMS attribute is present, then
     * the client MUST NOT retry". */
    c->features = features_of(c->nonce);
    if (c->features & RILL_STUN_FEATURE_PASSWORD_ALGORITHMS && !c->lists)
        return refuse(RILL_STUN_BID_DOWN, 0, why);
    c->algorithm = choose(c->algorithms);
    if (c->lists && c->algorithm == RILL_STUN_ALGORITHM_NONE)
        return refuse(RILL_STUN_NO_ALGORITHM, 0, why);
    return 0;
}

static bool changes(const struct rill_stun_longterm *l, const struct challenge *c)
{
    bool anonymous = c->features & RILL_STUN_FEATURE_USERNAME_ANONYMITY;
    return l->n_key == 0 || c->algorithm != l->algorithm || anonymous != l->anonymous ||
           !rill_view_equal(c->realm, rill_view_at(l->realm, l->n_realm));
}

int rill_stun_longterm_challenge(struct rill_stun_longterm *l, const struct rill_stun_msg *m,
                                 struct rill_err *why)
{
    struct challenge c;
    unsigned code = 0;
    struct rill_view reason;
    rill_stun_get_error(m, &code, &reason);
    int rc = read(l, m, code, &c, why);
    if (rc < 0)
        return rc;
    if (code != 438 && !changes(l, &c))
        return refuse(RILL_STUN_CREDENTIALS_REFUSED, code, why);
    memmove(l->realm, c.realm.p, c.realm.n); /* it may be the one kept */
    l->n_realm = c.realm.n;
    if (c.nonce.n)
        memcpy(l->nonce, c.nonce.p, c.nonce.n);
    l->n_nonce = c.nonce.n;
    if (c.algorithms.n)
        memcpy(l->algorithms, c.algorithms.p, c.algorithms.n);
    l->n_algorithms = c.algorithms.n;
    l->algorithm = c.algorithm;
    l->anonymous = c.features & RILL_STUN_FEATURE_USERNAME_ANONYMITY;
    /* RFC 8489 §9.2.5: "all the subsequent requests MUST be authenticated using
     * MESSAGE-INTEGRITY-SHA256 only". */
    l->sha256 = c.lists;
    l->n_key = rill_stun_long_term_key((enum rill_stun_algorithm)c.algorithm, l->username,
                                       rill_view_at(l->realm, l->n_realm), l->password, l->key);
    return 0;
}

void rill_stun_longterm_reset(struct rill_stun_longterm *l)
{
    struct rill_view username = l->username, password = l->password;
    rill_wipe(l->key, sizeof l->key);
    memset(l, 0, sizeof *l);
    l->username = username;
    l->password = password;
}

/* --- a request and its response -------------------------------------------------------------- */

static void put_algorithms(const struct rill_stun_longterm *l, struct rill_stun_writer *s)
{
    rill_stun_put(s, RILL_STUN_PASSWORD_ALGORITHMS, rill_view_at(l->algorithms, l->n_algorithms));
    rill_stun_put_u32(s, RILL_STUN_PASSWORD_ALGORITHM, (uint32_t)l->algorithm << 16);
}

void rill_stun_longterm_put(const struct rill_stun_longterm *l, struct rill_stun_writer *s)
{
    struct rill_view realm = rill_view_at(l->realm, l->n_realm);
    uint8_t hash[RILL_SHA256_SIZE];
    if (l->n_key == 0)
        return;
    if (l->anonymous) {
        rill_stun_userhash(l->username, realm, hash);
        rill_stun_put(s, RILL_STUN_USERHASH, rill_view_at(hash, sizeof hash));
    } else {
        rill_stun_put(s, RILL_STUN_USERNAME, l->username);
    }
    rill_stun_put(s, RILL_STUN_REALM, realm);
    rill_stun_put(s, RILL_STUN_NONCE, rill_view_at(l->nonce, l->n_nonce));
    if (l->sha256)
        put_algorithms(l, s);
}

void rill_stun_longterm_seal(const struct rill_stun_longterm *l, struct rill_stun_writer *s)
{
    struct rill_view key = rill_view_at(l->key, l->n_key);
    if (l->n_key == 0)
        return;
    if (l->sha256)
        rill_stun_put_integrity256(s, key);
    else
        rill_stun_put_integrity(s, key);
}

int rill_stun_longterm_check(const struct rill_stun_longterm *l, const struct rill_stun_msg *m,
                             struct rill_err *why)
{
    struct rill_view key = rill_view_at(l->key, l->n_key), nonce = {0}, algorithms;
    bool sealed =
        l->sha256 ? rill_stun_check_integrity256(m, key) : rill_stun_check_integrity(m, key);
    /* RFC 8489 §9.2.5: "For all other responses, if the NONCE attribute starts with the 'nonce
     * cookie' … but PASSWORD-ALGORITHMS is not present, the response MUST be ignored." */
    rill_stun_find(m, RILL_STUN_NONCE, &nonce);
    if (features_of(nonce) & RILL_STUN_FEATURE_PASSWORD_ALGORITHMS &&
        !rill_stun_find(m, RILL_STUN_PASSWORD_ALGORITHMS, &algorithms))
        return refuse(RILL_STUN_BID_DOWN, 0, why);
    return l->n_key && sealed ? 0 : refuse(RILL_STUN_UNAUTHENTICATED, 0, why);
}
