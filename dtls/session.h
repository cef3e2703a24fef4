/* dtls/session: mbedtls, configured for WebRTC and driven by hand.
 *
 * The idea: one record goes in, mbedtls runs until it wants more, and what came of it is one
 * word. mbedtls's own checks of chains and names are off: verify does what WebRTC asks.
 */
#ifndef RILL_DTLS_SESSION_H
#define RILL_DTLS_SESSION_H

#include "dtls/flight.h"
#include "dtls/keys.h"

struct rill_dtls_session {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config conf;
    struct rill_dtls_keys keys;
    struct rill_dtls_flight *flight;
    struct rill_rng rng;
    enum rill_dtls_role role;
    struct rill_view pending; /* the record mbedtls may fetch */
};

enum rill_dtls_outcome {
    RILL_DTLS_WANTS_MORE,
    RILL_DTLS_CLOSED_BY_PEER, /* close_notify, authenticated */
    RILL_DTLS_ALERTED,        /* a fatal alert, authenticated */
    RILL_DTLS_NO_COMMON,      /* the ClientHello has nothing that is allowed */
    RILL_DTLS_RAN_OUT,        /* of retransmissions */
    RILL_DTLS_BROKEN,
};

/* False when mbedtls refuses; free is right in either case. */
bool rill_dtls_session_open(struct rill_dtls_session *s, const struct rill_dtls_config *config,
                            struct rill_dtls_flight *flight);
/* As if no ClientHello had ever come. */
bool rill_dtls_session_restart(struct rill_dtls_session *s);
void rill_dtls_session_free(struct rill_dtls_session *s);

/* record: one record, or empty to let the timer act. last: no other part of the same record
 * follows, so that its number counts as seen. */
enum rill_dtls_outcome rill_dtls_session_run(struct rill_dtls_session *s, struct rill_view record,
                                             bool last);
/* 0 when this record was made with the keys in use and is new; else a row. The copy is
 * overwritten. */
int rill_dtls_session_check(const struct rill_dtls_session *s, struct rill_span copy);

/* Where the handshake stands. */
bool rill_dtls_session_over(const struct rill_dtls_session *s);
bool rill_dtls_session_awaits_hello(const struct rill_dtls_session *s);
/* The server has answered a hello and heard nothing since. */
bool rill_dtls_session_unanswered(const struct rill_dtls_session *s);
/* Of all that is in the clear only a ChangeCipherSpec is awaited. */
bool rill_dtls_session_changes_keys(const struct rill_dtls_session *s);
/* What comes in is encrypted from here on. */
bool rill_dtls_session_reads_protected(const struct rill_dtls_session *s);

/* RFC 5764 §4.1.2; 0 when none was agreed. */
uint16_t rill_dtls_session_profile(const struct rill_dtls_session *s);

#endif
