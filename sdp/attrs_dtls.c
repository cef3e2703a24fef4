/* sdp/attrs_dtls: who the other is and who speaks first: a=fingerprint (RFC 8122),
 * a=setup (RFC 4145, 8842), a=tls-id (RFC 8842). */
#include "sdp/grammar.h"
#include "sdp/section.h"

/* Digest sizes of the hash functions RFC 8122 §5 names. */
static const struct {
    const char *hash;
    size_t bytes;
} hashes[] = {
    {"md2", 16},     {"md5", 16},     {"sha-1", 20},   {"sha-224", 28},
    {"sha-256", 32}, {"sha-384", 48}, {"sha-512", 64},
};

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* fingerprint = 2UHEX *(":" 2UHEX); the bytes, or 0.
 * Deviation: lower case is taken, since the digest is compared as bytes. */
static size_t fingerprint_bytes(struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++)
        if (i % 3 == 2 ? v.p[i] != ':' : !is_hex(v.p[i]))
            return 0;
    return v.n % 3 == 2 ? v.n / 3 + 1 : 0;
}

static bool fits_hash(struct rill_view hash, size_t bytes)
{
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
        if (rill_view_is_nocase(hash, hashes[i].hash))
            return bytes == hashes[i].bytes;
    return bytes > 0;
}

/* RFC 8122 §5: "fingerprint" ":" hash-func SP fingerprint */
bool rill_sdp_take_fingerprint(struct rill_sdp_section *s, struct rill_view value)
{
    struct rill_view print = value;
    struct rill_view hash = rill_sdp_word(&print);
    if (!rill_sdp_is_token(hash) || !fits_hash(hash, fingerprint_bytes(print)))
        return false;
    s->fingerprints[s->m.n_fingerprints++] =
        (struct rill_sdp_fingerprint){.hash = hash, .value = print};
    return true;
}

/* RFC 4145 §4: role = "active" / "passive" / "actpass" / "holdconn" */
bool rill_sdp_take_setup(struct rill_sdp_section *s, struct rill_view value)
{
    for (int d = RILL_SDP_SETUP_ACTPASS; d <= RILL_SDP_SETUP_HOLDCONN; d++) {
        if (rill_view_is(value, rill_sdp_setup_name((enum rill_sdp_setup)d))) {
            s->m.setup = (enum rill_sdp_setup)d;
            return true;
        }
    }
    return false;
}

/* RFC 8827 §5: identity-assertion-value, in base64, and extensions. rill asks no identity provider:
 * the value is checked and passed over. */
bool rill_sdp_take_identity(struct rill_sdp_section *s, struct rill_view value)
{
    (void)s;
    struct rill_view assertion = rill_view_cut(rill_sdp_word(&value), ';', &value);
    while (assertion.n && assertion.p[assertion.n - 1] == '=')
        assertion.n--;
    return rill_sdp_is_ice(assertion, 1, SIZE_MAX);
}

/* RFC 8842 §4: tls-id-value = 20*255(tls-id-char), letters, digits and "+/-_" */
bool rill_sdp_take_tls_id(struct rill_sdp_section *s, struct rill_view value)
{
    for (size_t i = 0; i < value.n; i++) {
        struct rill_view c = rill_view_sub(value, i, 1);
        if (!rill_sdp_is_ice(c, 1, 1) && !rill_sdp_is_rid(c))
            return false;
    }
    if (value.n < 20 || value.n > 255)
        return false;
    s->m.tls_id = value;
    return true;
}
