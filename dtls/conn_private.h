/* dtls/conn_private: the association, as its verbs (conn) and its door (gate) see it. */
#ifndef RILL_DTLS_CONN_PRIVATE_H
#define RILL_DTLS_CONN_PRIVATE_H

#include "dtls/hello.h"
#include "dtls/session.h"
#include "dtls/verify.h"

/* RFC 6347 names no end to retransmission; ours comes after the time consent needs to expire. */
#define RILL_DTLS_GIVE_UP (30 * RILL_SECOND)
/* A handshake that breaks costs a key exchange. After so many a hello must wait its second. */
#define RILL_DTLS_ATTEMPTS_FREE 8
/* A Finished that overtook its ChangeCipherSpec waits here. */
#define RILL_DTLS_EARLY_RECORD_MAX 256
#define RILL_DTLS_EVENTS 4

struct rill_dtls {
    const struct rill_trace *trace;
    enum rill_dtls_state state;
    enum rill_dtls_role role;
    bool require_srtp;
    int64_t give_up;   /* RILL_NEVER unless connecting */
    int reason;        /* a row that explains best why nothing has come of it, or 0 */
    uint32_t attempts; /* that broke after the ServerHello */

    struct rill_dtls_session session;
    struct rill_dtls_flight flight;
    struct rill_dtls_hello hello;
    struct rill_dtls_verify verify;

    struct rill_span scratch; /* one datagram in */
    uint8_t early[RILL_DTLS_EARLY_RECORD_MAX];
    size_t early_n;

    /* The hello that is being answered. */
    uint8_t hello_random[32];
    int64_t hello_at;

    struct rill_ring events;
    struct rill_dtls_event event[RILL_DTLS_EVENTS];
};

/* gate: lets one record of a datagram through to mbedtls, or says by a row why not. */
int rill_dtls_gate(struct rill_dtls *x, int64_t now, const struct rill_dtls_record *r,
                   struct rill_err *why);
/* gate: a Finished that waited, once it can be read. */
void rill_dtls_gate_early(struct rill_dtls *x, int64_t now);

/* conn: mbedtls reads record (empty: only its timer), and what comes of it is done. */
void rill_dtls_feed(struct rill_dtls *x, int64_t now, struct rill_view record, bool last);
/* conn: the server waits for a ClientHello again. */
void rill_dtls_begin_anew(struct rill_dtls *x, int64_t now);

/* traced: what the trace hears of the handshake. */
void rill_dtls_trace_received(const struct rill_dtls *x, int64_t now, struct rill_view datagram);
void rill_dtls_trace_sent(const struct rill_dtls *x, int64_t now, struct rill_view datagram);
void rill_dtls_trace_secret(struct rill_dtls *x, int64_t now);

#endif
