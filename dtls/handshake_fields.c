/* handshake_fields: the rows, and the registries as tables of number and name. */
#include "dtls/handshake_fields.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct rill_field fields[] = {
#define RILL_DTLS_FIELD_ROW(field, name, clause, sentence) {name, 0, 0, clause, sentence},
    RILL_DTLS_FIELDS(RILL_DTLS_FIELD_ROW)
#undef RILL_DTLS_FIELD_ROW
};

const struct rill_field *rill_dtls_field(enum rill_dtls_field f)
{
    return &fields[f];
}

struct name {
    uint16_t n;
    const char *text;
};

static const char *find(const struct name *names, size_t count, uint64_t n)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].n == n)
            return names[i].text;
    return NULL;
}

struct row {
    uint16_t n;
    struct rill_field field;
};

static const struct rill_field *find_row(const struct row *rows, size_t count, uint64_t n)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].n == n)
            return &rows[i].field;
    return NULL;
}

static const struct name contents[] = {
    {20, "ChangeCipherSpec"}, {21, "Alert"},     {22, "Handshake"}, {23, "ApplicationData"},
    {24, "Heartbeat"},        {25, "tls12_cid"}, {26, "ACK"},
};

static const struct row messages[] = {
    {0, {"HelloRequest", 0, 0, "RFC 5246 §7.4.1.1", "the server asks for a new handshake"}},
    {1, {"ClientHello", 0, 0, "RFC 5246 §7.4.1.2", "what the client offers"}},
    {2, {"ServerHello", 0, 0, "RFC 5246 §7.4.1.3", "what the server chose of it"}},
    {3,
     {"HelloVerifyRequest", 0, 0, "RFC 6347 §4.2.1",
      "the server wants a cookie sent back before it works for anybody"}},
    {4, {"NewSessionTicket", 0, 0, "RFC 5077 §3.3", "lets the client go on later"}},
    {11, {"Certificate", 0, 0, "RFC 5246 §7.4.2", "who the sender is"}},
    {12, {"ServerKeyExchange", 0, 0, "RFC 8422 §5.4", "the server's half of the keys, signed"}},
    {13, {"CertificateRequest", 0, 0, "RFC 5246 §7.4.4", "the client is to show who it is"}},
    {14, {"ServerHelloDone", 0, 0, "RFC 5246 §7.4.5", "the server has said all"}},
    {15,
     {"CertificateVerify", 0, 0, "RFC 5246 §7.4.8", "proves that the client owns its certificate"}},
    {16, {"ClientKeyExchange", 0, 0, "RFC 8422 §5.7", "the client's half of the keys"}},
    {20,
     {"Finished", 0, 0, "RFC 5246 §7.4.9",
      "proves that both saw the same handshake; the first that is encrypted"}},
};

static const struct name versions[] = {
    {0xfeff, "DTLS 1.0"}, {0xfefd, "DTLS 1.2"}, {0xfefc, "DTLS 1.3"},
    {0x0303, "TLS 1.2"},  {0x0304, "TLS 1.3"},
};

/* RFC 5246 §A.5, RFC 5289, RFC 7905, RFC 8446 §B.4; those that hellos of browsers name. */
static const struct name suites[] = {
    {0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"},
    {0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"},
    {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"},
    {0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"},
    {0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256"},
    {0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"},
    {0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
    {0x1301, "TLS_AES_128_GCM_SHA256"},
    {0x1302, "TLS_AES_256_GCM_SHA384"},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
    {0x5600, "TLS_FALLBACK_SCSV"},
    {0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    {0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    {0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    {0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"},
    {0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"},
    {0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"},
    {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"},
    {0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM"},
    {0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"},
    {0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"},
    {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
};

static const struct name groups[] = {
    {0x0017, "secp256r1"},      {0x0018, "secp384r1"},
    {0x0019, "secp521r1"},      {0x001d, "x25519"},
    {0x001e, "x448"},           {0x0100, "ffdhe2048"},
    {0x0101, "ffdhe3072"},      {0x0102, "ffdhe4096"},
    {0x11ec, "X25519MLKEM768"}, {0x6399, "X25519Kyber768Draft00"},
};

static const struct name signatures[] = {
    {0x0201, "rsa_pkcs1_sha1"},
    {0x0203, "ecdsa_sha1"},
    {0x0401, "rsa_pkcs1_sha256"},
    {0x0403, "ecdsa_secp256r1_sha256"},
    {0x0501, "rsa_pkcs1_sha384"},
    {0x0503, "ecdsa_secp384r1_sha384"},
    {0x0601, "rsa_pkcs1_sha512"},
    {0x0603, "ecdsa_secp521r1_sha512"},
    {0x0301, "rsa_sha224"},
    {0x0303, "ecdsa_sha224"},
    {0x0202, "dsa_sha1"},
    {0x0302, "dsa_sha224"},
    {0x0402, "dsa_sha256"},
    {0x0502, "dsa_sha384"},
    {0x0602, "dsa_sha512"},
    {0x0804, "rsa_pss_rsae_sha256"},
    {0x0805, "rsa_pss_rsae_sha384"},
    {0x0806, "rsa_pss_rsae_sha512"},
    {0x0807, "ed25519"},
    {0x0808, "ed448"},
    {0x0809, "rsa_pss_pss_sha256"},
    {0x080a, "rsa_pss_pss_sha384"},
    {0x080b, "rsa_pss_pss_sha512"},
};

/* RFC 5764 §4.1.2, RFC 7714 §14.2. */
static const struct name profiles[] = {
    {1, "SRTP_AES128_CM_HMAC_SHA1_80"}, {2, "SRTP_AES128_CM_HMAC_SHA1_32"},
    {5, "SRTP_NULL_HMAC_SHA1_80"},      {6, "SRTP_NULL_HMAC_SHA1_32"},
    {7, "SRTP_AEAD_AES_128_GCM"},       {8, "SRTP_AEAD_AES_256_GCM"},
};

static const struct name alerts[] = {
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {22, "record_overflow"},
    {40, "handshake_failure"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {112, "unrecognized_name"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
};

static const struct name cert_types[] = {
    {1, "rsa_sign"}, {2, "dss_sign"}, {64, "ecdsa_sign"}, {67, "gost_sign256"}};

static const struct row extensions[] = {
    {0, {"server_name", 0, 0, "RFC 6066 §3", "the name of the server that is meant"}},
    {1, {"max_fragment_length", 0, 0, "RFC 6066 §4", "records shall be no larger"}},
    {5, {"status_request", 0, 0, "RFC 6066 §8", "asks whether the certificate was revoked"}},
    {10, {"supported_groups", 0, 0, "RFC 8422 §5.1.1", "curves for the key exchange"}},
    {11, {"ec_point_formats", 0, 0, "RFC 8422 §5.1.2", "how points are written"}},
    {13, {"signature_algorithms", 0, 0, "RFC 5246 §7.4.1.4.1", "signatures that are understood"}},
    {14, {"use_srtp", 0, 0, "RFC 5764 §4.1.1", "the keys of media shall come from here"}},
    {15, {"heartbeat", 0, 0, "RFC 6520 §2", "whether heartbeats may be sent"}},
    {16,
     {"application_layer_protocol_negotiation", 0, 0, "RFC 7301 §3.1",
      "what will be spoken inside"}},
    {18, {"signed_certificate_timestamp", 0, 0, "RFC 6962 §3.3.1", "the certificate is in a log"}},
    {21, {"padding", 0, 0, "RFC 7685 §3", "zeros"}},
    {22, {"encrypt_then_mac", 0, 0, "RFC 7366 §2", "the MAC shall be over the ciphertext"}},
    {23,
     {"extended_master_secret", 0, 0, "RFC 7627 §5.1",
      "the master secret shall depend on the whole handshake"}},
    {28, {"record_size_limit", 0, 0, "RFC 8449 §4", "records shall be no larger"}},
    {34,
     {"delegated_credentials", 0, 0, "RFC 9345 §4.1", "a short-lived key of the certificate's"}},
    {35, {"session_ticket", 0, 0, "RFC 5077 §3.2", "a ticket of an earlier session, or none yet"}},
    {41, {"pre_shared_key", 0, 0, "RFC 8446 §4.2.11", "keys that both have already"}},
    {42, {"early_data", 0, 0, "RFC 8446 §4.2.10", "data before the handshake is over"}},
    {43, {"supported_versions", 0, 0, "RFC 8446 §4.2.1", "versions the client speaks"}},
    {44, {"cookie", 0, 0, "RFC 8446 §4.2.2", "what the server asked to have sent back"}},
    {45, {"psk_key_exchange_modes", 0, 0, "RFC 8446 §4.2.9", "how pre-shared keys may be used"}},
    {49,
     {"post_handshake_auth", 0, 0, "RFC 8446 §4.2.6",
      "the client may be asked for its name later"}},
    {50, {"signature_algorithms_cert", 0, 0, "RFC 8446 §4.2.3", "signatures in certificates"}},
    {51, {"key_share", 0, 0, "RFC 8446 §4.2.8", "a half of the key exchange already"}},
    {54, {"connection_id", 0, 0, "RFC 9146 §3", "names the association when addresses change"}},
    {0xff01,
     {"renegotiation_info", 0, 0, "RFC 5746 §3.2", "ties a renegotiation to its connection"}},
};

const char *rill_dtls_content_name(uint64_t n)
{
    return find(contents, COUNT(contents), n);
}

const char *rill_dtls_message_name(uint64_t n)
{
    const struct rill_field *row = rill_dtls_message_row(n);
    return row ? row->name : NULL;
}

const char *rill_dtls_version_name(uint64_t n)
{
    return find(versions, COUNT(versions), n);
}

/* RFC 8701 §2: values that mean nothing, so that nobody chokes on what is new. */
static bool is_grease(uint64_t n)
{
    return n <= 0xffff && (n & 0x0f0f) == 0x0a0a && n >> 8 == (n & 0xff);
}

const char *rill_dtls_suite_name(uint64_t n)
{
    return is_grease(n) ? "GREASE" : find(suites, COUNT(suites), n);
}

const char *rill_dtls_group_name(uint64_t n)
{
    return is_grease(n) ? "GREASE" : find(groups, COUNT(groups), n);
}

const char *rill_dtls_signature_name(uint64_t n)
{
    return is_grease(n) ? "GREASE" : find(signatures, COUNT(signatures), n);
}

const char *rill_dtls_profile_name(uint64_t n)
{
    return find(profiles, COUNT(profiles), n);
}

const char *rill_dtls_alert_name(uint64_t n)
{
    return find(alerts, COUNT(alerts), n);
}

const char *rill_dtls_cert_type_name(uint64_t n)
{
    return find(cert_types, COUNT(cert_types), n);
}

const struct rill_field *rill_dtls_message_row(uint64_t n)
{
    return find_row(messages, COUNT(messages), n);
}

const struct rill_field *rill_dtls_extension_row(uint64_t n)
{
    return find_row(extensions, COUNT(extensions), n);
}
