#include "dtls/keys.h"

#include <string.h>

static int take_secret(void *ctx, const unsigned char *master, const unsigned char *key_block,
                       size_t mac_n, size_t key_n, size_t iv_n,
                       const unsigned char client_random[32], const unsigned char server_random[32],
                       mbedtls_tls_prf_types prf)
{
    struct rill_dtls_keys *k = ctx;
    (void)key_block, (void)mac_n, (void)key_n, (void)iv_n;
    memcpy(k->master, master, sizeof k->master);
    memcpy(k->randoms, client_random, 32);
    memcpy(k->randoms + 32, server_random, 32);
    k->prf = prf;
    k->known = true;
    k->told = false;
    return 0;
}

void rill_dtls_keys_attach(struct rill_dtls_keys *k, mbedtls_ssl_config *conf)
{
    mbedtls_ssl_conf_export_keys_ext_cb(conf, take_secret, k);
}

/* RFC 5764 §4.1.2, SRTP_AES128_CM_HMAC_SHA1_80: cipher_key_length 128, cipher_salt_length 112.
 * RFC 5764 §4.2, the exported bytes:
 *
 * +----------------------+----------------------+---------------+---------------+
 * |  client_write_key    |  server_write_key    |  client_salt  |  server_salt  |
 * |      16 bytes        |      16 bytes        |   14 bytes    |   14 bytes    |
 * +----------------------+----------------------+---------------+---------------+
 */
#define KEY 16
#define SALT 14

static void hand_out(const uint8_t *block, bool client, struct rill_dtls_srtp_keys *out)
{
    size_t ours = client ? 0 : 1;
    const uint8_t *salts = block + (size_t)2 * KEY;
    memcpy(out->local_key, block + ours * KEY, KEY);
    memcpy(out->remote_key, block + (1 - ours) * KEY, KEY);
    memcpy(out->local_salt, salts + ours * SALT, SALT);
    memcpy(out->remote_salt, salts + (1 - ours) * SALT, SALT);
}

bool rill_dtls_keys_export(const struct rill_dtls_keys *k, enum rill_dtls_role role,
                           struct rill_dtls_srtp_keys *out)
{
    uint8_t block[2 * (KEY + SALT)];
    if (!k->known || mbedtls_ssl_tls_prf(k->prf, k->master, sizeof k->master, "EXTRACTOR-dtls_srtp",
                                         k->randoms, sizeof k->randoms, block, sizeof block) != 0)
        return false;
    *out = (struct rill_dtls_srtp_keys){
        .profile = MBEDTLS_TLS_SRTP_AES128_CM_HMAC_SHA1_80,
        .key_size = KEY,
        .salt_size = SALT,
    };
    hand_out(block, role == RILL_DTLS_CLIENT, out);
    rill_wipe(block, sizeof block);
    return true;
}

void rill_dtls_keys_wipe(struct rill_dtls_keys *k)
{
    rill_wipe(k, sizeof *k);
}
