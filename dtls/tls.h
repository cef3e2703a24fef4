/* dtls/tls: one end of a TLS 1.2 stream: HTTPS, WSS, TURN over TLS (RFC 5246, RFC 9325).
 *
 * The idea: bytes of the wire go in and come out, plaintext comes out and goes in; no socket, no
 * clock. mbedtls does the records and the handshake and keeps a record of each direction; that
 * and its keys are 48 KB of its own heap a connection (measured with 2.28), the block another 10
 * KB for what waits for the wire. Incoming bytes wait nowhere: while plaintext has not been read,
 * none are taken, so a reader that is slow slows the other side down.
 *
 *   wire  -> input  -> [mbedtls] -> read  -> plaintext
 *   wire  <- output <- [queue <- mbedtls] <- write <- plaintext
 */
#ifndef RILL_DTLS_TLS_H
#define RILL_DTLS_TLS_H

#include "base/clock.h"
#include "base/trace.h"
#include "dtls/identity.h"

struct rill_tls;

enum rill_tls_role {
    RILL_TLS_CLIENT,
    RILL_TLS_SERVER,
};

#define RILL_TLS_QUEUE_MIN 1024
#define RILL_TLS_QUEUE_DEFAULT 8192
#define RILL_TLS_TIMEOUT_DEFAULT (10 * RILL_SECOND)

struct rill_tls_config {
    enum rill_tls_role role;
    /* Outlive the connection; the views and texts too. */
    struct rill_tls_identity *identity; /* the server's certificate and key */
    struct rill_tls_identity *trust;    /* the client's CAs */
    struct rill_view host;              /* the client's idea of the server: name or address */
    bool insecure;                      /* the client believes anybody; for tests by hand */
    const char *const *alpn;            /* NULL-terminated, most wanted first; NULL: none */
    int64_t wall_s;  /* seconds since 1970: what the client holds against dates */
    int64_t timeout; /* of the handshake, µs [RILL_TLS_TIMEOUT_DEFAULT] */
    size_t queue;    /* bytes that may wait for the wire [RILL_TLS_QUEUE_DEFAULT] */
    struct rill_rng rng;
    const struct rill_trace *trace;
};

/* Do these first bytes of a connection begin a ClientHello? True as long as they may: one byte is
 * enough to tell HTTP from TLS. False for none. */
bool rill_tls_is_hello(struct rill_view first);

size_t rill_tls_size(const struct rill_tls_config *config);
/* NULL when mbedtls refuses to set up (its memory ran out), a server has no identity with a key,
 * a client no host though it should check one, or the queue is below RILL_TLS_QUEUE_MIN. */
struct rill_tls *rill_tls_init(void *block, const struct rill_tls_config *config);
/* Releases what mbedtls holds and the identities; the block is the caller's again. */
void rill_tls_free(struct rill_tls *x);

/* The time for the handshake begins; a client's hello is there to be sent. */
void rill_tls_start(struct rill_tls *x, int64_t now);
void rill_tls_tick(struct rill_tls *x, int64_t now);
int64_t rill_tls_deadline(const struct rill_tls *x);

/* Bytes of the wire, cut anywhere. Returns how many were taken: all, unless plaintext is there to
 * be read, or a flight of the handshake does not fit the queue; read or output, then give the
 * rest again. What comes after the end is taken and thrown away. */
size_t rill_tls_input(struct rill_tls *x, int64_t now, struct rill_view bytes);
/* The transport ended: that is a failure unless a close_notify came before, or was sent. */
void rill_tls_ended(struct rill_tls *x, int64_t now);
/* Bytes for the wire; 0 when there are none. Goes on after CLOSED and FAILED until the last
 * alert is out. */
size_t rill_tls_output(struct rill_tls *x, int64_t now, struct rill_span out);

/* Plaintext that came; 0 when there is none. */
size_t rill_tls_read(struct rill_tls *x, int64_t now, struct rill_span out);
/* Takes as much plaintext as the queue has room for (0 before OPEN and after the end); more fits
 * when output was called. */
size_t rill_tls_write(struct rill_tls *x, int64_t now, struct rill_view plaintext);
/* How much plaintext write would take now: so who fetches no more needs no buffer for the rest. */
size_t rill_tls_writable(const struct rill_tls *x);

enum rill_tls_state {
    RILL_TLS_HANDSHAKING,
    RILL_TLS_OPEN,
    RILL_TLS_CLOSED,
    RILL_TLS_FAILED,
};

/* OPEN: alpn is what was agreed, empty when nothing was (a view into the connection). CLOSED: the
 * other side said close_notify, ours is on its way. FAILED: why tells the RILL_TLS_* row. No event
 * tells of one's own close. */
struct rill_tls_event {
    enum rill_tls_state state;
    struct rill_view alpn;
    struct rill_err why;
};
bool rill_tls_event(struct rill_tls *x, struct rill_tls_event *out);
enum rill_tls_state rill_tls_state(const struct rill_tls *x);

/* Queues a close_notify behind what was written; nothing can be written or read any more. When
 * output has given all, the transport may be closed (RFC 5246 §7.2.1). */
void rill_tls_close(struct rill_tls *x, int64_t now);

/* The texts are NULL until OPEN. */
struct rill_tls_info {
    const char *version;     /* "TLSv1.2" */
    const char *ciphersuite; /* mbedtls's name */
};
void rill_tls_info(const struct rill_tls *x, struct rill_tls_info *out);

#endif
