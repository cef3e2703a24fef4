/* dtls/gate: which records mbedtls gets to see.
 *
 * The idea: until the keys are there anybody on the path can forge a record, and mbedtls ends
 * the handshake over some that mean nothing: a malformed handshake header, an alert in the
 * clear, a record with a bad MAC just when Finished is awaited. So each record is looked at
 * here first, and what cannot be part of an honest handshake is dropped in silence.
 *
 *                  in the clear (epoch 0)                      protected (epoch 1)
 * handshake        well-formed, in its place; ClientHellos     MAC and number are checked on a
 *                  whole (hello) and from one client           copy; Finished may come early
 * ChangeCipher     one byte of 1                               "
 * alert            never                                       "
 * data             never                                       "
 *
 * RFC 6347 §4.1.2.7: "invalid records SHOULD be silently discarded, thus preserving the
 * association". What is left to a forger: a well-formed message with the next number, in the
 * clear, breaks any DTLS 1.2 handshake; then the server begins anew.
 */
#include "dtls/conn_private.h"

#include <string.h>

/* A client that has been silent for so long makes room for another. */
#define HELLO_PATIENCE RILL_SECOND
#define RANDOM 32
#define RANDOM_AT (RILL_DTLS_RECORD_HEADER + RILL_DTLS_MESSAGE_HEADER + 2)

static const struct rill_trace_point rejoined = {
    "dtls",
    "hello_rejoined",
    "a ClientHello that came in fragments is whole",
    2,
    {{"bytes", RILL_TRACE_U64}, {"record", RILL_TRACE_U64}}};
static const struct rill_trace_point replaced = {
    "dtls",
    "hello_replaced",
    "the client of the ClientHello before fell silent; another begins",
    0,
    {{0}}};
static const struct rill_trace_point alert_ignored = {
    "dtls",
    "alert_ignored",
    "an alert in the clear may be forged: it only explains a later failure",
    2,
    {{"level", RILL_TRACE_U64}, {"description", RILL_TRACE_U64}}};

static int refuse(int code, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_dtls_errors, code, 0, value, why);
}

/* Hands on a ClientHello in one record, if it is the one being answered or none is. */
static int admit_hello(struct rill_dtls *x, int64_t now, struct rill_view record,
                       struct rill_err *why)
{
    struct rill_view random = rill_view_sub(record, RANDOM_AT, RANDOM);
    if (random.n == 0)
        return refuse(RILL_DTLS_HELLO_REFUSED, 0, why);
    bool awaited = rill_dtls_session_awaits_hello(&x->session);
    bool fresh = now - x->hello_at < HELLO_PATIENCE;
    if (awaited && fresh && x->attempts >= RILL_DTLS_ATTEMPTS_FREE)
        return refuse(RILL_DTLS_HELLO_REFUSED, 0, why);
    if (!awaited && memcmp(x->hello_random, random.p, RANDOM) != 0) {
        /* RFC 6347 §4.2.8: a forged ClientHello must not destroy what goes on. */
        if (!rill_dtls_session_unanswered(&x->session) || fresh)
            return refuse(RILL_DTLS_HELLO_OTHER, 0, why);
        RILL_TRACE(x->trace, now, replaced, {0});
        rill_dtls_begin_anew(x, now);
        awaited = true;
    }
    if (awaited) {
        memcpy(x->hello_random, random.p, RANDOM);
        x->hello_at = now;
    }
    rill_dtls_feed(x, now, record, true);
    bool refused = awaited && rill_dtls_session_awaits_hello(&x->session);
    return refused ? refuse(RILL_DTLS_HELLO_REFUSED, 0, why) : 0;
}

/* A record of its own around one message of r. */
static struct rill_view alone(struct rill_dtls *x, const struct rill_dtls_record *r,
                              const struct rill_dtls_message *m)
{
    if (m->whole.n == r->body.n)
        return r->whole;
    struct rill_writer w = rill_writer_of(x->scratch);
    rill_dtls_record_write(&w, r, m->whole);
    return rill_w_view(&w);
}

static int take_hello(struct rill_dtls *x, int64_t now, const struct rill_dtls_record *r,
                      const struct rill_dtls_message *m, struct rill_err *why)
{
    if (rill_dtls_message_is_whole(m))
        return admit_hello(x, now, alone(x, r, m), why);
    struct rill_view record;
    int rc = rill_dtls_hello_take(&x->hello, now, r, m, &record, why);
    if (rc <= 0)
        return rc;
    RILL_TRACE(x->trace, now, rejoined, {.u = record.n}, {.u = r->number});
    return admit_hello(x, now, record, why);
}

/* mbedtls loses its place in a record that holds a fragment and more; so each message goes
 * in a record of its own, all with the same number, of which only the last counts as seen. */
static int take_messages(struct rill_dtls *x, int64_t now, const struct rill_dtls_record *r,
                         struct rill_err *why)
{
    struct rill_view rest = r->body;
    int rc = 0;
    while (rest.n && rc >= 0) {
        struct rill_dtls_message m;
        rc = rill_dtls_message_read(&rest, &m, why);
        if (rc < 0)
            return rc;
        bool server = x->role == RILL_DTLS_SERVER;
        bool hello = m.type == RILL_DTLS_CLIENT_HELLO;
        if (rill_dtls_session_changes_keys(&x->session) ||
            rill_dtls_session_reads_protected(&x->session) || (hello && !server) ||
            (!hello && rill_dtls_session_awaits_hello(&x->session)))
            return refuse(RILL_DTLS_UNEXPECTED, m.type, why);
        if (hello)
            rc = take_hello(x, now, r, &m, why);
        else
            rill_dtls_feed(x, now, alone(x, r, &m), rest.n == 0);
    }
    return rc;
}

static int take_alert(struct rill_dtls *x, int64_t now, const struct rill_dtls_record *r,
                      struct rill_err *why)
{
    uint8_t level = r->body.p[0];
    uint8_t description = r->body.n > 1 ? r->body.p[1] : 0;
    RILL_TRACE(x->trace, now, alert_ignored, {.u = level}, {.u = description});
    if (level == MBEDTLS_SSL_ALERT_LEVEL_FATAL && r->body.n == 2)
        x->reason = RILL_DTLS_PEER_ALERT;
    return refuse(RILL_DTLS_ALERT_UNPROTECTED, description, why);
}

static int take_change(struct rill_dtls *x, int64_t now, const struct rill_dtls_record *r,
                       struct rill_err *why)
{
    if (r->body.n != 1 || r->body.p[0] != 1)
        return refuse(RILL_DTLS_CHANGE_CIPHER_SPEC, 0, why);
    if (rill_dtls_session_awaits_hello(&x->session) ||
        rill_dtls_session_reads_protected(&x->session))
        return refuse(RILL_DTLS_UNEXPECTED, r->type, why);
    rill_dtls_feed(x, now, r->whole, true);
    return 0;
}

static int take_protected(struct rill_dtls *x, int64_t now, const struct rill_dtls_record *r,
                          struct rill_err *why)
{
    if (!rill_dtls_session_reads_protected(&x->session)) {
        if (r->epoch == 1 && r->whole.n <= sizeof x->early) {
            memcpy(x->early, r->whole.p, r->whole.n);
            x->early_n = r->whole.n;
        }
        return refuse(RILL_DTLS_RECORD_EPOCH, r->epoch, why);
    }
    if (r->epoch != 1)
        return refuse(RILL_DTLS_RECORD_EPOCH, r->epoch, why);
    memcpy(x->scratch.p, r->whole.p, r->whole.n);
    int rc = rill_dtls_session_check(&x->session, (struct rill_span){x->scratch.p, r->whole.n});
    if (rc < 0)
        return refuse(rc, r->number, why);
    rill_dtls_feed(x, now, r->whole, true);
    return 0;
}

int rill_dtls_gate(struct rill_dtls *x, int64_t now, const struct rill_dtls_record *r,
                   struct rill_err *why)
{
    if (r->epoch != 0)
        return take_protected(x, now, r, why);
    if (rill_dtls_session_over(&x->session))
        return refuse(RILL_DTLS_RECORD_EPOCH, 0, why);
    switch (r->type) {
    case RILL_DTLS_HANDSHAKE_RECORD:
        return take_messages(x, now, r, why);
    case RILL_DTLS_CHANGE_CIPHER_SPEC_RECORD:
        return take_change(x, now, r, why);
    case RILL_DTLS_ALERT_RECORD:
        return take_alert(x, now, r, why);
    default:
        return refuse(RILL_DTLS_UNEXPECTED, r->type, why);
    }
}

void rill_dtls_gate_early(struct rill_dtls *x, int64_t now)
{
    if (x->early_n == 0 || !rill_dtls_session_reads_protected(&x->session))
        return;
    struct rill_view rest = rill_view_at(x->early, x->early_n);
    struct rill_dtls_record r;
    x->early_n = 0;
    if (rill_dtls_record_read(&rest, &r, NULL) == 0)
        take_protected(x, now, &r, NULL);
}
