/* dtls/conn: one DTLS 1.2 association and the SRTP keys it agrees on (RFC 6347, 5764).
 *
 * The idea: mbedtls does the handshake; this machine stands around it so that it meets
 * the contract: bytes and time in, flights and events out. Three things are rill's own:
 * rejoining fragmented ClientHellos (hello), the retransmission schedule (flight), and
 * the checks mbedtls does not make (fingerprint, certificate present, SRTP profile).
 */
#ifndef RILL_DTLS_CONN_H
#define RILL_DTLS_CONN_H

#include "base/clock.h"
#include "base/limits.h"
#include "base/trace.h"
#include "dtls/cert.h"

struct rill_dtls;

enum rill_dtls_role {
    RILL_DTLS_CLIENT, /* a=setup:active */
    RILL_DTLS_SERVER, /* a=setup:passive */
};

struct rill_dtls_config {
    const struct rill_dtls_cert *cert; /* outlives the connection */
    enum rill_dtls_role role;
    size_t mtu;        /* of a datagram out [1200] */
    size_t datagram;   /* largest datagram in [RILL_DATAGRAM_IN_MAX] */
    int64_t rtt;       /* what ICE measured, µs; 0 when unknown: first retransmission (§6.6) */
    bool require_srtp; /* media is negotiated: no profile agreed means failure */
    struct rill_rng rng;
    const struct rill_trace *trace;
};

size_t rill_dtls_size(const struct rill_dtls_config *config);
/* NULL when mbedtls refuses to set up (its memory ran out). */
struct rill_dtls *rill_dtls_init(void *block, const struct rill_dtls_config *config);
/* Releases what mbedtls holds; the block is the caller's again. */
void rill_dtls_free(struct rill_dtls *x);

/* One of the peer's a=fingerprint lines (RFC 8122 §5: any one that matches is enough;
 * sha-256, sha-384 and sha-512 count, sha-1 and md5 are refused: RILL_DTLS_FINGERPRINT_HASH).
 * Errors: RILL_DTLS_FINGERPRINT_HASH, _FINGERPRINT_SYNTAX, _FINGERPRINTS_FULL (eight are kept).
 * Without one that counts the handshake may finish but fails before keys are given. A
 * fingerprint may come after the handshake: CONNECTED waits for it. */
int rill_dtls_add_fingerprint(struct rill_dtls *x, int64_t now, struct rill_view hash,
                              struct rill_view value, struct rill_err *why);

/* The client sends its first flight at the next output; the server only waits. What is not
 * connected 30 s later has failed. */
void rill_dtls_start(struct rill_dtls *x, int64_t now);

/* A datagram whose first byte is 20…63, from a validated path. Records that make no sense
 * are dropped silently (RFC 6347 §4.1.2.7); why tells of the first such record, and its row
 * is NULL when there was none. Nothing that an attacker without keys can send fails a server,
 * or either side once Finished is awaited. A client fails when a server's message with the
 * right number is forged before: DTLS 1.2 gives it no way to tell. */
void rill_dtls_input(struct rill_dtls *x, int64_t now, struct rill_view datagram,
                     struct rill_err *why);
void rill_dtls_tick(struct rill_dtls *x, int64_t now);
/* One datagram of at most config.mtu bytes; 0 when there is none, or out is too small for it.
 * Goes on after CLOSED and FAILED until the last alert is out. */
size_t rill_dtls_output(struct rill_dtls *x, int64_t now, struct rill_span out);
int64_t rill_dtls_deadline(const struct rill_dtls *x);

/* W3C RTCDtlsTransportState. */
enum rill_dtls_state {
    RILL_DTLS_NEW,
    RILL_DTLS_CONNECTING,
    RILL_DTLS_CONNECTED,
    RILL_DTLS_CLOSED,
    RILL_DTLS_FAILED,
};

/* state CONNECTED: keys are checked and can be exported. FAILED: error is a RILL_DTLS_* row.
 * CLOSED: the peer said close_notify. No event tells of NEW, CONNECTING or one's own close. */
struct rill_dtls_event {
    enum rill_dtls_state state;
    int error;
};
bool rill_dtls_event(struct rill_dtls *x, struct rill_dtls_event *out);
enum rill_dtls_state rill_dtls_state(const struct rill_dtls *x);

/* RFC 5764 §4.2, EXTRACTOR-dtls_srtp. local is what we protect with. */
#define RILL_DTLS_SRTP_KEY_MAX 32
#define RILL_DTLS_SRTP_SALT_MAX 14
struct rill_dtls_srtp_keys {
    uint16_t profile; /* RFC 5764 §4.1.2: 1 = SRTP_AES128_CM_HMAC_SHA1_80 */
    size_t key_size;
    size_t salt_size;
    uint8_t local_key[RILL_DTLS_SRTP_KEY_MAX];
    uint8_t local_salt[RILL_DTLS_SRTP_SALT_MAX];
    uint8_t remote_key[RILL_DTLS_SRTP_KEY_MAX];
    uint8_t remote_salt[RILL_DTLS_SRTP_SALT_MAX];
};
/* Errors: RILL_DTLS_NOT_CONNECTED, also when no SRTP profile was agreed. The caller wipes out
 * when done. */
int rill_dtls_export_srtp(const struct rill_dtls *x, struct rill_dtls_srtp_keys *out);

/* The texts are NULL until the handshake is done. */
struct rill_dtls_info {
    const char *version;     /* "DTLSv1.2" */
    const char *ciphersuite; /* mbedtls's name */
    const char *srtp_profile;
    enum rill_dtls_role role;
    uint32_t flights_sent;
};
void rill_dtls_info(const struct rill_dtls *x, struct rill_dtls_info *out);
/* The certificate the other side showed, DER; empty before the handshake is done. */
struct rill_view rill_dtls_peer_certificate(const struct rill_dtls *x);

/* Sends close_notify at the next output (RFC 5246 §7.2.1). */
void rill_dtls_close(struct rill_dtls *x, int64_t now);

#endif
