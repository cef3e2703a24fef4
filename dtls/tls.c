#include "dtls/tls_private.h"

#include "base/arena.h"

#include <string.h>

static const struct rill_trace_point opened = {
    "tls",
    "opened",
    "the handshake is done",
    2,
    {{"ciphersuite", RILL_TRACE_TEXT}, {"alpn", RILL_TRACE_TEXT}}};
static const struct rill_trace_point closed = {
    "tls", "closed", "the other side said close_notify", 0, {{0}}};
static const struct rill_trace_point closing = {
    "tls", "closing", "our close_notify is queued", 0, {{0}}};
static const struct rill_trace_point failed = {
    "tls",
    "failed",
    "the stream is over",
    2,
    {{"row", RILL_TRACE_TEXT}, {"value", RILL_TRACE_U64}}};

/* RFC 5246 §6.2.1, §7.4: a record of type handshake (22) and version 3.x, a client_hello (1).
 *
 *   | type 8 | major 8 | minor 8 | length 16 | msg_type 8 |
 */
bool rill_tls_is_hello(struct rill_view first)
{
    return first.n > 0 && first.p[0] == MBEDTLS_SSL_MSG_HANDSHAKE &&
           (first.n < 2 || first.p[1] == MBEDTLS_SSL_MAJOR_VERSION_3) &&
           (first.n < 6 || first.p[5] == MBEDTLS_SSL_HS_CLIENT_HELLO);
}

/* --- birth and death ------------------------------------------------------------------ */

static struct rill_tls *carve(struct rill_arena *a, const struct rill_tls_config *config,
                              struct rill_span *queue)
{
    size_t n = config->queue ? config->queue : RILL_TLS_QUEUE_DEFAULT;
    struct rill_tls *x = rill_arena_take(a, 1, sizeof *x);
    *queue = (struct rill_span){rill_arena_take(a, n, 1), n};
    return x;
}

size_t rill_tls_size(const struct rill_tls_config *config)
{
    struct rill_arena a = rill_arena_counting();
    struct rill_span queue;
    carve(&a, config, &queue);
    return rill_arena_size(&a);
}

static bool makes_sense(struct rill_tls *x)
{
    const struct rill_tls_config *c = &x->config;
    bool named = rill_tls_name_parse(c->host, &x->name);
    if (x->queue.n < RILL_TLS_QUEUE_MIN)
        return false;
    if (c->role == RILL_TLS_SERVER)
        return c->identity && c->identity->has_key;
    return c->insecure || (named && !rill_view_starts(c->host, "*"));
}

static void hold(struct rill_tls *x)
{
    if (x->config.identity)
        x->config.identity->users++;
    if (x->config.trust)
        x->config.trust->users++;
}

struct rill_tls *rill_tls_init(void *block, const struct rill_tls_config *config)
{
    struct rill_arena a = rill_arena_over(block, rill_tls_size(config));
    struct rill_span queue;
    struct rill_tls *x = carve(&a, config, &queue);
    x->config = *config;
    x->queue = queue;
    x->rng = config->rng;
    x->deadline = RILL_NEVER;
    x->told = true;
    mbedtls_ssl_init(&x->ssl);
    mbedtls_ssl_config_init(&x->conf);
    hold(x);
    if (makes_sense(x) && rill_tls_setup(x))
        return x;
    rill_tls_free(x);
    return NULL;
}

void rill_tls_free(struct rill_tls *x)
{
    mbedtls_ssl_free(&x->ssl);
    mbedtls_ssl_config_free(&x->conf);
    if (x->config.identity)
        x->config.identity->users--;
    if (x->config.trust)
        x->config.trust->users--;
}

/* --- what becomes of it --------------------------------------------------------------- */

static void end(struct rill_tls *x, enum rill_tls_state state)
{
    x->state = state;
    x->told = false;
    x->deadline = RILL_NEVER;
}

static void fail(struct rill_tls *x, int64_t now, int row, uint64_t value)
{
    rill_err_set(&rill_dtls_errors, row, 0, value, &x->why);
    RILL_TRACE(x->config.trace, now, failed, {.view = rill_view_of(x->why.row->name)},
               {.u = value});
    end(x, RILL_TLS_FAILED);
}

static struct rill_view alpn(const struct rill_tls *x)
{
    return rill_view_of(mbedtls_ssl_get_alpn_protocol(&x->ssl));
}

static void open_up(struct rill_tls *x, int64_t now)
{
    x->state = RILL_TLS_OPEN;
    x->opened = true;
    x->deadline = RILL_NEVER;
    RILL_TRACE(x->config.trace, now, opened,
               {.view = rill_view_of(mbedtls_ssl_get_ciphersuite(&x->ssl))}, {.view = alpn(x)});
}

static int row_of(const struct rill_tls *x, int rc)
{
    int verdict;
    switch (rc) {
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        return RILL_TLS_PEER_ALERT;
    case MBEDTLS_ERR_SSL_INVALID_RECORD:
    case MBEDTLS_ERR_SSL_INVALID_MAC:
    case MBEDTLS_ERR_SSL_UNEXPECTED_RECORD:
        return RILL_TLS_RECORD;
    case MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION:
        return RILL_TLS_VERSION;
    case MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN:
    case MBEDTLS_ERR_SSL_NO_USABLE_CIPHERSUITE:
        return RILL_TLS_NO_CIPHER;
    case MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED:
        return RILL_TLS_UNTRUSTED;
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
        verdict = rill_tls_verdict(mbedtls_ssl_get_verify_result(&x->ssl));
        return verdict ? verdict : RILL_TLS_HANDSHAKE;
    case MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE:
        /* What cannot be read, too; the flags are all set then. */
        verdict = rill_tls_verdict(mbedtls_ssl_get_verify_result(&x->ssl));
        return verdict == RILL_TLS_WRONG_USE ? verdict : RILL_TLS_HANDSHAKE;
    default:
        return RILL_TLS_HANDSHAKE;
    }
}

static void broke(struct rill_tls *x, int64_t now, int rc)
{
    int row = row_of(x, rc);
    /* mbedtls leaves the alert where it read it: level, description. */
    uint64_t alert = row == RILL_TLS_PEER_ALERT ? x->ssl.MBEDTLS_PRIVATE(in_msg)[1] : 0;
    fail(x, now, row, alert);
}

/* RFC 5246 §7.2.1: "The other party MUST respond with a close_notify alert of its own and close
 * down the connection immediately, discarding any pending writes." */
static void closed_by_peer(struct rill_tls *x, int64_t now)
{
    if (!x->closing)
        mbedtls_ssl_close_notify(&x->ssl);
    x->closing = true;
    RILL_TRACE(x->config.trace, now, closed, {0});
    end(x, RILL_TLS_CLOSED);
}

static bool waits(int rc)
{
    return rc == MBEDTLS_ERR_SSL_WANT_READ || rc == MBEDTLS_ERR_SSL_WANT_WRITE;
}

static void shake_hands(struct rill_tls *x, int64_t now)
{
    int rc = mbedtls_ssl_handshake(&x->ssl);
    if (rc == 0)
        open_up(x, now);
    else if (!waits(rc))
        broke(x, now, rc);
}

/* Until a record of plaintext is there, or no bytes are left. A peer that begins a handshake now
 * is refused (mbedtls says no_renegotiation), and is not worth talking to any longer. */
static void take_records(struct rill_tls *x, int64_t now)
{
    uint8_t none;
    while (x->state == RILL_TLS_OPEN && mbedtls_ssl_get_bytes_avail(&x->ssl) == 0) {
        size_t before = x->pending.n;
        x->answered = false;
        int rc = mbedtls_ssl_read(&x->ssl, &none, 0);
        if (rc == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
            closed_by_peer(x, now);
        else if (x->answered && waits(rc))
            fail(x, now, RILL_TLS_RENEGOTIATION, 0);
        else if (rc < 0 && !waits(rc))
            broke(x, now, rc);
        else if (x->pending.n == before && mbedtls_ssl_check_pending(&x->ssl) == 0)
            break;
    }
}

static void advance(struct rill_tls *x, int64_t now)
{
    if (x->state == RILL_TLS_HANDSHAKING && x->deadline != RILL_NEVER)
        shake_hands(x, now);
    if (x->state == RILL_TLS_OPEN && !x->closing)
        take_records(x, now);
}

/* --- the verbs ------------------------------------------------------------------------ */

void rill_tls_start(struct rill_tls *x, int64_t now)
{
    x->deadline = now + (x->config.timeout ? x->config.timeout : RILL_TLS_TIMEOUT_DEFAULT);
    advance(x, now);
}

int64_t rill_tls_deadline(const struct rill_tls *x)
{
    return x->deadline;
}

void rill_tls_tick(struct rill_tls *x, int64_t now)
{
    int64_t timeout = x->config.timeout ? x->config.timeout : RILL_TLS_TIMEOUT_DEFAULT;
    if (now >= x->deadline)
        fail(x, now, RILL_TLS_TIMEOUT, (uint64_t)(timeout / RILL_SECOND));
}

static bool is_over(const struct rill_tls *x)
{
    return x->closing || x->state == RILL_TLS_CLOSED || x->state == RILL_TLS_FAILED;
}

size_t rill_tls_input(struct rill_tls *x, int64_t now, struct rill_view bytes)
{
    if (is_over(x))
        return bytes.n;
    x->pending = bytes;
    advance(x, now);
    size_t left = is_over(x) ? 0 : x->pending.n;
    x->pending = (struct rill_view){0};
    return bytes.n - left;
}

void rill_tls_ended(struct rill_tls *x, int64_t now)
{
    if (!is_over(x))
        fail(x, now, RILL_TLS_TRUNCATED, 0);
}

size_t rill_tls_room(const struct rill_tls *x)
{
    size_t kept = x->state == RILL_TLS_HANDSHAKING ? RILL_TLS_ALERTS : 0;
    return x->queue.n - kept > x->n ? x->queue.n - kept - x->n : 0;
}

size_t rill_tls_output(struct rill_tls *x, int64_t now, struct rill_span out)
{
    size_t waiting = x->n - x->at;
    size_t take = waiting < out.n ? waiting : out.n;
    if (take == 0)
        return 0;
    memcpy(out.p, x->queue.p + x->at, take);
    x->at += take;
    if (x->at == x->n) {
        x->at = x->n = 0;
        /* A flight that was longer than the queue goes on. */
        if (x->state == RILL_TLS_HANDSHAKING)
            advance(x, now);
    }
    return take;
}

size_t rill_tls_read(struct rill_tls *x, int64_t now, struct rill_span out)
{
    (void)now;
    size_t there =
        is_over(x) || x->state != RILL_TLS_OPEN ? 0 : mbedtls_ssl_get_bytes_avail(&x->ssl);
    size_t take = there < out.n ? there : out.n;
    if (take == 0)
        return 0;
    int rc = mbedtls_ssl_read(&x->ssl, out.p, take);
    return rc > 0 ? (size_t)rc : 0;
}

size_t rill_tls_writable(const struct rill_tls *x)
{
    size_t kept = RILL_TLS_ALERTS + RILL_TLS_OVERHEAD, room = rill_tls_room(x);
    if (is_over(x) || x->state != RILL_TLS_OPEN || room <= kept)
        return 0;
    return room - kept < RILL_TLS_PLAINTEXT_MAX ? room - kept : RILL_TLS_PLAINTEXT_MAX;
}

size_t rill_tls_write(struct rill_tls *x, int64_t now, struct rill_view plaintext)
{
    (void)now;
    size_t room = rill_tls_writable(x);
    size_t take = plaintext.n < room ? plaintext.n : room;
    if (take == 0)
        return 0;
    int rc = mbedtls_ssl_write(&x->ssl, plaintext.p, take);
    return rc > 0 ? (size_t)rc : 0;
}

bool rill_tls_event(struct rill_tls *x, struct rill_tls_event *out)
{
    if (x->opened) {
        x->opened = false;
        *out = (struct rill_tls_event){.state = RILL_TLS_OPEN, .alpn = alpn(x)};
        return true;
    }
    if (x->told)
        return false;
    x->told = true;
    *out = (struct rill_tls_event){.state = x->state, .why = x->why};
    return true;
}

enum rill_tls_state rill_tls_state(const struct rill_tls *x)
{
    return x->state;
}

void rill_tls_close(struct rill_tls *x, int64_t now)
{
    if (is_over(x))
        return;
    if (x->state == RILL_TLS_OPEN)
        mbedtls_ssl_close_notify(&x->ssl);
    x->closing = true;
    x->deadline = RILL_NEVER;
    RILL_TRACE(x->config.trace, now, closing, {0});
}

void rill_tls_info(const struct rill_tls *x, struct rill_tls_info *out)
{
    bool done = RILL_SSL_STATE(&x->ssl) == MBEDTLS_SSL_HANDSHAKE_OVER;
    out->version = done ? mbedtls_ssl_get_version(&x->ssl) : NULL;
    out->ciphersuite = done ? mbedtls_ssl_get_ciphersuite(&x->ssl) : NULL;
}
