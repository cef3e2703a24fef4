#include "dtls/conn_private.h"

#include <string.h>

#define MTU_MIN 256

static const struct rill_trace_point state_changed = {
    "dtls",
    "state",
    "the association is new, connecting, connected, closed or failed",
    2,
    {{"state", RILL_TRACE_TEXT}, {"why", RILL_TRACE_TEXT}}};
static const struct rill_trace_point dropped = {
    "dtls",
    "dropped",
    "a record is dropped in silence",
    2,
    {{"why", RILL_TRACE_TEXT}, {"value", RILL_TRACE_U64}}};
static const struct rill_trace_point begun_anew = {
    "dtls",
    "begun_anew",
    "the handshake broke; the server waits for another ClientHello",
    1,
    {{"attempts", RILL_TRACE_U64}}};
static const struct rill_trace_point agreed = {
    "dtls",
    "agreed",
    "the handshake is done; the certificate is checked next",
    2,
    {{"ciphersuite", RILL_TRACE_TEXT}, {"srtp_profile", RILL_TRACE_U64}}};
static const struct rill_trace_point sent = {
    "dtls",
    "sent",
    "datagrams of a flight wait to be sent",
    2,
    {{"datagrams", RILL_TRACE_U64}, {"flight", RILL_TRACE_U64}}};
static const struct rill_trace_point resent = {"dtls",
                                               "timer",
                                               "no answer came in time: the flight is sent again",
                                               1,
                                               {{"flight", RILL_TRACE_U64}}};

static struct rill_view row_name(int code)
{
    const struct rill_err_row *row = rill_err_find(&rill_dtls_errors, code);
    return rill_view_of(row ? row->name : NULL);
}

/* NEW -> CONNECTING -> CONNECTED -> CLOSED or FAILED; CONNECTING too may fail or be closed. */
static void to_state(struct rill_dtls *x, int64_t now, enum rill_dtls_state state, int error)
{
    static const char *const names[] = {"new", "connecting", "connected", "closed", "failed"};
    if (x->state == state)
        return;
    x->state = state;
    x->give_up = RILL_NEVER;
    RILL_TRACE(x->trace, now, state_changed, {.view = rill_view_of(names[state])},
               {.view = row_name(error)});
    size_t slot = state == RILL_DTLS_CONNECTING ? RILL_RING_NONE : rill_ring_push(&x->events);
    if (slot != RILL_RING_NONE)
        x->event[slot] = (struct rill_dtls_event){state, error};
    if (state == RILL_DTLS_FAILED || state == RILL_DTLS_CLOSED) {
        x->flight.due = RILL_NEVER;
        rill_dtls_keys_wipe(&x->session.keys);
    }
}

static bool is_open(const struct rill_dtls *x)
{
    return x->state == RILL_DTLS_CONNECTING || x->state == RILL_DTLS_CONNECTED;
}

/* alert: RFC 5246 §7.2, or 0. Before the handshake is over it would go out in the clear, and
 * mbedtls has said what there is to say. */
static void fail(struct rill_dtls *x, int64_t now, int error, uint8_t alert)
{
    if (alert && rill_dtls_session_over(&x->session))
        mbedtls_ssl_send_alert_message(&x->session.ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL, alert);
    to_state(x, now, RILL_DTLS_FAILED, error);
}

/* What mbedtls leaves to us, before any key is used. */
static void judge(struct rill_dtls *x, int64_t now)
{
    if (x->state != RILL_DTLS_CONNECTING || !rill_dtls_session_over(&x->session))
        return;
    /* RFC 5764 §4.1.1: without the extension in both hellos DTLS goes on, but no media can. */
    if (x->require_srtp && rill_dtls_session_profile(&x->session) == MBEDTLS_TLS_SRTP_UNSET) {
        fail(x, now, RILL_DTLS_NO_SRTP_PROFILE, MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
        return;
    }
    int rc = rill_dtls_verify_cert(&x->verify, mbedtls_ssl_get_peer_cert(&x->session.ssl));
    /* RFC 8122 §6.2: the handshake may outrace the answer; its fingerprint is waited for. */
    if (rc == RILL_DTLS_NO_FINGERPRINT)
        return;
    /* RFC 8122 §6.2: "the server endpoint MUST terminate the media connection with a
     * bad_certificate error"; the client likewise. */
    if (rc < 0)
        fail(x, now, rc, MBEDTLS_SSL_ALERT_MSG_BAD_CERT);
    else
        to_state(x, now, RILL_DTLS_CONNECTED, 0);
}

void rill_dtls_begin_anew(struct rill_dtls *x, int64_t now)
{
    RILL_TRACE(x->trace, now, begun_anew, {.u = x->attempts});
    rill_dtls_hello_forget(&x->hello);
    x->early_n = 0;
    if (!rill_dtls_session_restart(&x->session))
        fail(x, now, RILL_DTLS_HANDSHAKE, 0);
}

/* The server outlives a handshake that breaks: its first messages can be forged. queued: what
 * the queue held before, since whatever mbedtls said last must not reach the honest client.
 * Only the refusal of a well-formed hello is told. */
static void recover(struct rill_dtls *x, int64_t now, enum rill_dtls_outcome what, bool in_hello,
                    size_t queued)
{
    x->reason = what == RILL_DTLS_NO_COMMON ? RILL_DTLS_NO_CIPHER : RILL_DTLS_HANDSHAKE;
    x->attempts += !in_hello;
    if (what != RILL_DTLS_NO_COMMON)
        rill_dtls_flight_cut(&x->flight, queued);
    rill_dtls_begin_anew(x, now);
}

static void settle(struct rill_dtls *x, int64_t now, enum rill_dtls_outcome what, bool in_hello,
                   size_t queued)
{
    switch (what) {
    case RILL_DTLS_WANTS_MORE:
        break;
    case RILL_DTLS_CLOSED_BY_PEER:
        /* RFC 5246 §7.2.1: "The other party MUST respond with a close_notify alert of its own
         * and close down the connection immediately". */
        mbedtls_ssl_close_notify(&x->session.ssl);
        to_state(x, now, RILL_DTLS_CLOSED, 0);
        break;
    case RILL_DTLS_ALERTED:
        fail(x, now, RILL_DTLS_PEER_ALERT, 0);
        break;
    case RILL_DTLS_RAN_OUT:
        fail(x, now, RILL_DTLS_TIMEOUT, 0);
        break;
    default:
        if (x->role == RILL_DTLS_SERVER && !rill_dtls_session_over(&x->session))
            recover(x, now, what, in_hello, queued);
        else
            fail(x, now, RILL_DTLS_HANDSHAKE, 0);
        break;
    }
}

void rill_dtls_feed(struct rill_dtls *x, int64_t now, struct rill_view record, bool last)
{
    if (!is_open(x))
        return;
    bool was_over = rill_dtls_session_over(&x->session);
    bool in_hello = rill_dtls_session_awaits_hello(&x->session);
    size_t queued = x->flight.ring.n;
    enum rill_dtls_outcome what = rill_dtls_session_run(&x->session, record, last);
    rill_dtls_trace_secret(x, now);
    if (!was_over && rill_dtls_session_over(&x->session)) {
        x->reason = 0;
        RILL_TRACE(x->trace, now, agreed,
                   {.view = rill_view_of(mbedtls_ssl_get_ciphersuite(&x->session.ssl))},
                   {.u = rill_dtls_session_profile(&x->session)});
    }
    settle(x, now, what, in_hello, queued);
    judge(x, now);
    if (x->flight.ring.n > queued)
        RILL_TRACE(x->trace, now, sent, {.u = x->flight.ring.n - queued}, {.u = x->flight.flights});
}

static size_t or_default(size_t asked, size_t otherwise, size_t min, size_t max)
{
    size_t n = asked ? asked : otherwise;
    return n < min ? min : n > max ? max : n;
}

static struct rill_dtls *carve(struct rill_arena *a, const struct rill_dtls_config *config,
                               struct rill_dtls *counting)
{
    struct rill_dtls *x = rill_arena_take(a, 1, sizeof *x);
    struct rill_dtls *to = x ? x : counting;
    size_t mtu = or_default(config->mtu, RILL_DATAGRAM_OUT_MAX, MTU_MIN, RILL_DATAGRAM_OUT_MAX);
    to->scratch.n = or_default(config->datagram, RILL_DATAGRAM_IN_MAX, MTU_MIN, UINT16_MAX);
    to->scratch.p = rill_arena_take(a, to->scratch.n, 1);
    rill_dtls_flight_init(&to->flight, a, mtu, config->rtt);
    rill_dtls_hello_init(&to->hello, a);
    return x;
}

size_t rill_dtls_size(const struct rill_dtls_config *config)
{
    struct rill_dtls nobody;
    struct rill_arena a = rill_arena_counting();
    carve(&a, config, &nobody);
    return rill_arena_size(&a);
}

struct rill_dtls *rill_dtls_init(void *block, const struct rill_dtls_config *config)
{
    struct rill_arena a = rill_arena_over(block, rill_dtls_size(config));
    struct rill_dtls *x = carve(&a, config, NULL);
    x->trace = config->trace;
    x->role = config->role;
    x->require_srtp = config->require_srtp;
    x->give_up = RILL_NEVER;
    x->events.cap = RILL_DTLS_EVENTS;
    if (rill_dtls_session_open(&x->session, config, &x->flight))
        return x;
    rill_dtls_session_free(&x->session);
    return NULL;
}

void rill_dtls_free(struct rill_dtls *x)
{
    rill_dtls_session_free(&x->session);
}

int rill_dtls_add_fingerprint(struct rill_dtls *x, int64_t now, struct rill_view hash,
                              struct rill_view value, struct rill_err *why)
{
    int rc = rill_dtls_verify_add(&x->verify, hash, value, why);
    rill_dtls_flight_at(&x->flight, now);
    if (rc == 0)
        judge(x, now);
    return rc;
}

void rill_dtls_start(struct rill_dtls *x, int64_t now)
{
    if (x->state != RILL_DTLS_NEW)
        return;
    to_state(x, now, RILL_DTLS_CONNECTING, 0);
    x->give_up = now + RILL_DTLS_GIVE_UP;
    rill_dtls_flight_at(&x->flight, now);
    rill_dtls_feed(x, now, (struct rill_view){0}, true);
}

static void drop(struct rill_dtls *x, int64_t now, size_t offset, struct rill_err *one,
                 struct rill_err *why)
{
    RILL_TRACE(x->trace, now, dropped, {.view = rill_view_of(one->row ? one->row->name : NULL)},
               {.u = one->value});
    one->offset = offset;
    if (why && !why->row)
        *why = *one;
}

void rill_dtls_input(struct rill_dtls *x, int64_t now, struct rill_view datagram,
                     struct rill_err *why)
{
    struct rill_err one = {0};
    if (why)
        *why = one;
    int rc = 0;
    if (!is_open(x))
        rc = rill_err_set(&rill_dtls_errors, RILL_DTLS_NOT_OPEN, 0, 0, &one);
    else if (datagram.n > x->scratch.n)
        rc = rill_err_set(&rill_dtls_errors, RILL_DTLS_DATAGRAM_TOO_LARGE, 0, datagram.n, &one);
    if (rc < 0) {
        drop(x, now, 0, &one, why);
        return;
    }
    rill_dtls_trace_received(x, now, datagram);
    rill_dtls_flight_at(&x->flight, now);
    struct rill_view rest = datagram;
    while (rest.n && is_open(x)) {
        size_t offset = datagram.n - rest.n;
        struct rill_dtls_record r;
        rc = rill_dtls_record_read(&rest, &r, &one);
        if (rc == 0)
            rc = rill_dtls_gate(x, now, &r, &one);
        if (rc < 0)
            drop(x, now, offset, &one, why);
        rill_dtls_gate_early(x, now);
    }
}

void rill_dtls_tick(struct rill_dtls *x, int64_t now)
{
    if (now >= x->give_up) {
        bool over = rill_dtls_session_over(&x->session);
        int error = over ? RILL_DTLS_NO_FINGERPRINT : x->reason ? x->reason : RILL_DTLS_TIMEOUT;
        rill_dtls_flight_at(&x->flight, now);
        fail(x, now, error, MBEDTLS_SSL_ALERT_MSG_BAD_CERT);
    } else if (now >= x->flight.due) {
        RILL_TRACE(x->trace, now, resent, {.u = x->flight.flights});
        rill_dtls_flight_at(&x->flight, now);
        rill_dtls_feed(x, now, (struct rill_view){0}, true);
    }
}

size_t rill_dtls_output(struct rill_dtls *x, int64_t now, struct rill_span out)
{
    size_t n = rill_dtls_flight_pop(&x->flight, out);
    if (n)
        rill_dtls_trace_sent(x, now, rill_view_at(out.p, n));
    return n;
}

int64_t rill_dtls_deadline(const struct rill_dtls *x)
{
    return rill_earlier(x->flight.due, x->give_up);
}

bool rill_dtls_event(struct rill_dtls *x, struct rill_dtls_event *out)
{
    size_t slot = rill_ring_pop(&x->events);
    if (slot == RILL_RING_NONE)
        return false;
    *out = x->event[slot];
    return true;
}

enum rill_dtls_state rill_dtls_state(const struct rill_dtls *x)
{
    return x->state;
}

int rill_dtls_export_srtp(const struct rill_dtls *x, struct rill_dtls_srtp_keys *out)
{
    if (x->state != RILL_DTLS_CONNECTED ||
        rill_dtls_session_profile(&x->session) == MBEDTLS_TLS_SRTP_UNSET ||
        !rill_dtls_keys_export(&x->session.keys, x->role, out))
        return RILL_DTLS_NOT_CONNECTED;
    return 0;
}

void rill_dtls_info(const struct rill_dtls *x, struct rill_dtls_info *out)
{
    *out = (struct rill_dtls_info){.role = x->role, .flights_sent = x->flight.flights};
    if (!rill_dtls_session_over(&x->session))
        return;
    out->version = mbedtls_ssl_get_version(&x->session.ssl);
    out->ciphersuite = mbedtls_ssl_get_ciphersuite(&x->session.ssl);
    if (rill_dtls_session_profile(&x->session) != MBEDTLS_TLS_SRTP_UNSET)
        out->srtp_profile = "SRTP_AES128_CM_HMAC_SHA1_80";
}

struct rill_view rill_dtls_peer_certificate(const struct rill_dtls *x)
{
    const mbedtls_x509_crt *cert =
        rill_dtls_session_over(&x->session) ? mbedtls_ssl_get_peer_cert(&x->session.ssl) : NULL;
    return cert ? rill_view_at(cert->raw.p, cert->raw.len) : (struct rill_view){0};
}

void rill_dtls_close(struct rill_dtls *x, int64_t now)
{
    if (x->state == RILL_DTLS_FAILED || x->state == RILL_DTLS_CLOSED)
        return;
    rill_dtls_flight_at(&x->flight, now);
    mbedtls_ssl_close_notify(&x->session.ssl);
    to_state(x, now, RILL_DTLS_CLOSED, 0);
    x->events.n = 0;
}
