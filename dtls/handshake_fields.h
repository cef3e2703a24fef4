/* dtls/handshake_fields: what is in the handshake's messages, in alerts and in the extensions of a
 * hello: a row a field, and the registries' names of their numbers (RFC 5246 §7, RFC 6347 §4.2).
 *
 * The idea: mbedtls reads these messages, and says little about them; the rows are for those who
 * want to see what was said. Nothing here judges.
 */
#ifndef RILL_DTLS_HANDSHAKE_FIELDS_H
#define RILL_DTLS_HANDSHAKE_FIELDS_H

#include "base/field.h"

/* RILL_DTLS_ROW(field, name, clause, sentence) */
#define RILL_DTLS_FIELDS(ROW)                                                                      \
    ROW(VERSION, "version", "RFC 5246 §7.4.1.2",                                                   \
        "the highest version the sender speaks, or the one chosen")                                \
    ROW(RANDOM, "random", "RFC 5246 §7.4.1.2",                                                     \
        "32 bytes that go into the keys, so that no two handshakes have the same")                 \
    ROW(SESSION_ID, "session_id", "RFC 5246 §7.4.1.2",                                             \
        "names a session to go on with; empty: a new one")                                         \
    ROW(COOKIE, "cookie", "RFC 6347 §4.2.1",                                                       \
        "what the server asked to have sent back, as a proof of the address")                      \
    ROW(SUITES, "cipher_suites", "RFC 5246 §7.4.1.2", "what the client can do, best first")        \
    ROW(SUITE, "cipher_suite", "RFC 5246 §7.4.1.2", "key exchange, cipher and hash")               \
    ROW(COMPRESSIONS, "compression_methods", "RFC 5246 §7.4.1.2", "0 alone: none")                 \
    ROW(COMPRESSION, "compression_method", "RFC 5246 §7.4.1.2", "0: none")                         \
    ROW(EXTENSIONS, "extensions", "RFC 5246 §7.4.1.4",                                             \
        "what is asked for beside the fixed fields")                                               \
    ROW(LENGTH, "length", "RFC 5246 §4.3", "bytes of what follows")                                \
    ROW(EXT_TYPE, "extension_type", "RFC 5246 §7.4.1.4", "which extension")                        \
    ROW(EXT_DATA, "extension_data", "RFC 5246 §7.4.1.4", "the extension's own format")             \
    ROW(PROFILES, "SRTPProtectionProfiles", "RFC 5764 §4.1.1",                                     \
        "ways to protect media, best first; an answer has one")                                    \
    ROW(PROFILE, "SRTPProtectionProfile", "RFC 5764 §4.1.2", "cipher and tag of the media")        \
    ROW(MKI, "srtp_mki", "RFC 5764 §4.1.3", "names the key in each packet; empty in WebRTC")       \
    ROW(GROUPS, "named_group_list", "RFC 8422 §5.1.1", "curves the client can do, best first")     \
    ROW(GROUP, "named_group", "RFC 8422 §5.1.1", "a curve, or another group")                      \
    ROW(POINTS, "ec_point_format_list", "RFC 8422 §5.1.2", "how points may be written")            \
    ROW(POINT, "ec_point_format", "RFC 8422 §5.1.2", "0: uncompressed, the only one left")         \
    ROW(SIGNATURES, "supported_signature_algorithms", "RFC 5246 §7.4.1.4.1",                       \
        "signatures that can be verified, best first")                                             \
    ROW(SIGNATURE, "signature_algorithm", "RFC 5246 §7.4.1.4.1", "hash and signature")             \
    ROW(SERVER_NAMES, "server_name_list", "RFC 6066 §3", "whom the client wants to speak with")    \
    ROW(NAME_TYPE, "name_type", "RFC 6066 §3", "0: a host name")                                   \
    ROW(HOST_NAME, "host_name", "RFC 6066 §3", "the name without a dot at the end")                \
    ROW(PROTOCOLS, "protocol_name_list", "RFC 7301 §3.1", "application protocols, best first")     \
    ROW(PROTOCOL, "protocol_name", "RFC 7301 §3.1", "webrtc and c-webrtc: RFC 8833")               \
    ROW(RENEGOTIATED, "renegotiated_connection", "RFC 5746 §3.2",                                  \
        "empty in the first handshake of a connection")                                            \
    ROW(VERSIONS, "versions", "RFC 8446 §4.2.1", "versions the client speaks, best first")         \
    ROW(SHARES, "client_shares", "RFC 8446 §4.2.8",                                                \
        "the client's half of the key exchange, for TLS 1.3")                                      \
    ROW(SHARE, "key_exchange", "RFC 8446 §4.2.8", "a public key")                                  \
    ROW(PSK_MODES, "ke_modes", "RFC 8446 §4.2.9", "how pre-shared keys may be used")               \
    ROW(PSK_MODE, "ke_mode", "RFC 8446 §4.2.9", "0: alone, 1: with a key exchange")                \
    ROW(CERTIFICATES, "certificate_list", "RFC 5246 §7.4.2",                                       \
        "the sender's own first, then who vouches for it")                                         \
    ROW(CERTIFICATE, "ASN.1Cert", "RFC 5246 §7.4.2",                                               \
        "X.509 in DER; its digest is the description's fingerprint")                               \
    ROW(CURVE_TYPE, "curve_type", "RFC 8422 §5.4", "3: a named curve")                             \
    ROW(CURVE, "named_curve", "RFC 8422 §5.4", "the curve chosen")                                 \
    ROW(ECDHE, "ecdh public", "RFC 8422 §5.4",                                                     \
        "a public key that is made for this handshake alone")                                      \
    ROW(SIGNED, "signature", "RFC 5246 §4.7", "proves that the certificate's owner is here")       \
    ROW(CERT_TYPES, "certificate_types", "RFC 5246 §7.4.4",                                        \
        "kinds of certificate that the server takes")                                              \
    ROW(CERT_TYPE, "certificate_type", "RFC 5246 §7.4.4", "1: RSA, 64: ECDSA")                     \
    ROW(AUTHORITIES, "certificate_authorities", "RFC 5246 §7.4.4",                                 \
        "names of CAs; empty: any certificate")                                                    \
    ROW(AUTHORITY, "DistinguishedName", "RFC 5246 §7.4.4", "the name of a CA in DER")              \
    ROW(VERIFY_DATA, "verify_data", "RFC 5246 §7.4.9",                                             \
        "a digest of the whole handshake under its keys")                                          \
    ROW(LIFETIME, "ticket_lifetime_hint", "RFC 5077 §3.3", "seconds that the ticket is good for")  \
    ROW(TICKET, "ticket", "RFC 5077 §3.3", "lets the client go on with this session later")        \
    ROW(ALERT_LEVEL, "level", "RFC 5246 §7.2", "1: warning, 2: fatal")                             \
    ROW(ALERT, "description", "RFC 5246 §7.2", "what is wrong, or that this side is done")         \
    ROW(CHANGE, "type", "RFC 5246 §7.1", "1: from here on all is encrypted")                       \
    ROW(FRAGMENT, "fragment", "RFC 6347 §4.2.3",                                                   \
        "a piece of a message that is larger than a datagram")                                     \
    ROW(ENCRYPTED, "encrypted", "RFC 5246 §6.2.3", "what it says the two ends alone can read")     \
    ROW(BODY, "body", "RFC 5246 §7.4", "the message")                                              \
    ROW(CIPHERTEXT, "DTLSCiphertext", "RFC 9147 §4", "an encrypted record of DTLS 1.3")

enum rill_dtls_field {
#define RILL_DTLS_FIELD_ENUM(field, name, clause, sentence) RILL_DTLS_FIELD_##field,
    RILL_DTLS_FIELDS(RILL_DTLS_FIELD_ENUM)
#undef RILL_DTLS_FIELD_ENUM
        RILL_DTLS_FIELD_NONE,
};
const struct rill_field *rill_dtls_field(enum rill_dtls_field f);

/* The registries' names (IANA: TLS parameters); NULL for a number that is not in them. */
const char *rill_dtls_content_name(uint64_t n);
const char *rill_dtls_message_name(uint64_t n);
const char *rill_dtls_version_name(uint64_t n);
const char *rill_dtls_suite_name(uint64_t n);
const char *rill_dtls_group_name(uint64_t n);
const char *rill_dtls_signature_name(uint64_t n);
const char *rill_dtls_profile_name(uint64_t n);
const char *rill_dtls_alert_name(uint64_t n);
const char *rill_dtls_cert_type_name(uint64_t n);

/* A message or an extension by name, with its clause and sentence; NULL when it is not known. */
const struct rill_field *rill_dtls_message_row(uint64_t n);
const struct rill_field *rill_dtls_extension_row(uint64_t n);

#endif
