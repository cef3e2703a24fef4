/* oracle: SRTP done by hand from AES and HMAC, for tests to hold the engine against.
 *
 * It follows RFC 3711 §4.1.1, §4.2, §4.3 and RFC 7714 §8, §9 to the letter and knows nothing of
 * libsrtp2; oracle_test.c proves it with the RFCs' own vectors. */
#ifndef RILL_TEST_SRTP_ORACLE_H
#define RILL_TEST_SRTP_ORACLE_H

#include "base/digest.h"
#include "tests/rill_test.h"

#include <mbedtls/aes.h>
#include <mbedtls/gcm.h>

/* RFC 3711 §4.3.1, §4.3.2: what each session key is derived for. */
enum oracle_label {
    ORACLE_RTP_KEY = 0,
    ORACLE_RTP_AUTH = 1,
    ORACLE_RTP_SALT = 2,
    ORACLE_RTCP_KEY = 3,
    ORACLE_RTCP_AUTH = 4,
    ORACLE_RTCP_SALT = 5,
};

struct oracle {
    size_t key_n, salt_n;
    uint8_t key[32], salt[14];
};

/* RFC 3711 §4.1.1: the keystream from `block`, whose last 16 bits count, XORed onto out. */
static inline void oracle_aes_cm(const uint8_t *key, size_t key_n, const uint8_t block[16],
                                 uint8_t *out, size_t n)
{
    mbedtls_aes_context aes;
    uint8_t counter[16], stream[16];
    size_t offset = 0;
    mbedtls_aes_init(&aes);
    memcpy(counter, block, 16);
    assert_int_equal(mbedtls_aes_setkey_enc(&aes, key, (unsigned)key_n * 8), 0);
    assert_int_equal(mbedtls_aes_crypt_ctr(&aes, n, &offset, counter, stream, out, out), 0);
    mbedtls_aes_free(&aes);
}

/* RFC 3711 §4.3.3, at a key derivation rate of 0; RFC 7714 §11 pads its 12-byte salt. */
static inline void oracle_derive(const struct oracle *o, enum oracle_label label, uint8_t *out,
                                 size_t n)
{
    uint8_t block[16] = {0};
    memcpy(block, o->salt, o->salt_n);
    block[7] ^= (uint8_t)label;
    memset(out, 0, n);
    oracle_aes_cm(o->key, o->key_n, block, out, n);
}

static inline void oracle_u32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* RFC 3711 §4.1.1: IV = salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16 */
static inline void oracle_cm_payload(const uint8_t key[16], const uint8_t salt[14],
                                     const uint8_t ssrc[4], uint64_t index, uint8_t *p, size_t n)
{
    uint8_t iv[16] = {0};
    memcpy(iv, salt, 14);
    for (int i = 0; i < 4; i++)
        iv[4 + i] ^= ssrc[i];
    for (int i = 0; i < 6; i++)
        iv[8 + i] ^= (uint8_t)(index >> (40 - 8 * i));
    oracle_aes_cm(key, 16, iv, p, n);
}

/* RFC 3711 §3.1, §4.2: encrypts behind the header, appends a tag over packet and ROC. */
static inline size_t oracle_cm_rtp(const struct oracle *o, uint8_t *p, size_t header, size_t n,
                                   uint32_t roc, size_t tag_n)
{
    uint8_t key[16], salt[14], auth[20], tag[20], roc_bytes[4];
    oracle_derive(o, ORACLE_RTP_KEY, key, sizeof key);
    oracle_derive(o, ORACLE_RTP_SALT, salt, sizeof salt);
    oracle_derive(o, ORACLE_RTP_AUTH, auth, sizeof auth);
    uint64_t index = (uint64_t)roc << 16 | (unsigned)p[2] << 8 | p[3];
    oracle_cm_payload(key, salt, p + 8, index, p + header, n - header);
    oracle_u32(roc_bytes, roc);
    struct rill_view pieces[] = {rill_view_at(p, n), rill_view_at(roc_bytes, 4)};
    rill_hmac_pieces(RILL_SHA1, rill_view_at(auth, 20), pieces, 2, tag);
    memcpy(p + n, tag, tag_n);
    return n + tag_n;
}

/* RFC 3711 §3.4: the E flag and the index, then a tag over all of it. */
static inline size_t oracle_cm_rtcp(const struct oracle *o, uint8_t *p, size_t n, uint32_t index)
{
    uint8_t key[16], salt[14], auth[20], tag[20];
    oracle_derive(o, ORACLE_RTCP_KEY, key, sizeof key);
    oracle_derive(o, ORACLE_RTCP_SALT, salt, sizeof salt);
    oracle_derive(o, ORACLE_RTCP_AUTH, auth, sizeof auth);
    oracle_cm_payload(key, salt, p + 4, index, p + 8, n - 8);
    oracle_u32(p + n, 0x80000000u | index);
    rill_hmac(RILL_SHA1, rill_view_at(auth, 20), rill_view_at(p, n + 4), tag);
    memcpy(p + n + 4, tag, 10);
    return n + 14;
}

static inline void oracle_gcm(const uint8_t *key, size_t key_n, const uint8_t iv[12],
                              struct rill_view aad, uint8_t *p, size_t n, uint8_t tag[16])
{
    mbedtls_gcm_context gcm;
    mbedtls_gcm_init(&gcm);
    assert_int_equal(mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, (unsigned)key_n * 8), 0);
    assert_int_equal(mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, n, iv, 12, aad.p, aad.n,
                                               p, p, 16, tag),
                     0);
    mbedtls_gcm_free(&gcm);
}

/* RFC 7714 §8.1: IV = (0 0 SSRC ROC SEQ) XOR salt */
static inline void oracle_gcm_rtp_iv(const uint8_t salt[12], const uint8_t *p, uint32_t roc,
                                     uint8_t iv[12])
{
    memset(iv, 0, 12);
    memcpy(iv + 2, p + 8, 4);
    oracle_u32(iv + 6, roc);
    memcpy(iv + 10, p + 2, 2);
    for (int i = 0; i < 12; i++)
        iv[i] ^= salt[i];
}

static inline size_t oracle_gcm_rtp(const struct oracle *o, uint8_t *p, size_t header, size_t n,
                                    uint32_t roc)
{
    uint8_t key[32], salt[12], iv[12];
    oracle_derive(o, ORACLE_RTP_KEY, key, o->key_n);
    oracle_derive(o, ORACLE_RTP_SALT, salt, sizeof salt);
    oracle_gcm_rtp_iv(salt, p, roc, iv);
    oracle_gcm(key, o->key_n, iv, rill_view_at(p, header), p + header, n - header, p + n);
    return n + 16;
}

/* RFC 7714 §9.1: IV = (0 0 SSRC 0 0 0 index) XOR salt; §9.2: the AAD is the first 8 bytes and
 * then the word of E flag and index, which stands behind the tag. */
static inline size_t oracle_gcm_rtcp(const struct oracle *o, uint8_t *p, size_t n, uint32_t index)
{
    uint8_t key[32], salt[12], iv[12] = {0}, aad[12];
    oracle_derive(o, ORACLE_RTCP_KEY, key, o->key_n);
    oracle_derive(o, ORACLE_RTCP_SALT, salt, sizeof salt);
    memcpy(iv + 2, p + 4, 4);
    oracle_u32(iv + 8, index);
    for (int i = 0; i < 12; i++)
        iv[i] ^= salt[i];
    memcpy(aad, p, 8);
    oracle_u32(aad + 8, 0x80000000u | index);
    oracle_gcm(key, o->key_n, iv, rill_view_at(aad, 12), p + 8, n - 8, p + n);
    memcpy(p + n + 16, aad + 8, 4);
    return n + 20;
}

#endif
