/* client: the verbs. */
#include "turn/client_private.h"

#include "base/arena.h"

#include <string.h>

static struct rill_turn *carve(struct rill_arena *a, const struct rill_turn_config *c)
{
    size_t cap = c->peers ? c->peers : 64;
    struct rill_turn *x = rill_arena_take(a, 1, sizeof *x);
    struct rill_turn_permit *permits = rill_arena_take(a, cap, sizeof *permits);
    struct rill_turn_channel *channels = rill_arena_take(a, cap, sizeof *channels);
    uint8_t *in = rill_arena_take(a, c->proto == RILL_PROTO_UDP ? 0 : RILL_TURN_MESSAGE_MAX, 1);
    struct rill_view username = rill_arena_copy(a, c->username);
    struct rill_view password = rill_arena_copy(a, c->password);
    if (!x || a->bad)
        return NULL;
    x->config = *c;
    x->config.username = x->credentials.username = username;
    x->config.password = x->credentials.password = password;
    x->cap = cap;
    x->permits = permits;
    x->channels = channels;
    x->in = in;
    return x;
}

size_t rill_turn_size(const struct rill_turn_config *config)
{
    struct rill_arena a = rill_arena_counting();
    carve(&a, config);
    return rill_arena_size(&a);
}

struct rill_turn *rill_turn_init(void *block, const struct rill_turn_config *config)
{
    struct rill_arena a = rill_arena_over(block, rill_turn_size(config));
    struct rill_turn *x = carve(&a, config);
    if (!x)
        return NULL;
    x->servers[0] = config->server;
    x->n_servers = 1;
    x->next_channel = RILL_TURN_CHANNEL_FIRST;
    x->not_before = INT64_MIN;
    return x;
}

void rill_turn_set_server(struct rill_turn *x, const struct rill_addr *server)
{
    x->config.server = x->servers[0] = *server;
}

void rill_turn_free(struct rill_turn *x)
{
    if (x->config.password.n)
        rill_wipe((uint8_t *)(uintptr_t)x->config.password.p, x->config.password.n);
    rill_wipe(&x->credentials, sizeof x->credentials);
}

bool rill_turn_start(struct rill_turn *x, int64_t now)
{
    x->now = now;
    if ((x->state != RILL_TURN_NEW && x->state != RILL_TURN_FAILED_STATE) || now < x->not_before)
        return false;
    x->n_servers = 1;
    x->mismatches = 0;
    x->was_allocated = false;
    x->domain[0] = '\0';
    rill_stun_longterm_reset(&x->credentials);
    rill_turn_reopen(x, now, 0);
    return true;
}

void rill_turn_opened(struct rill_turn *x, int64_t now, uint32_t socket)
{
    x->now = now;
    if (x->state != RILL_TURN_OPENING_SOCKET || x->tell_open) {
        x->close_pending = true; /* it was given up meanwhile */
        x->close_socket = socket;
        return;
    }
    x->open = true;
    x->socket = socket;
    x->n_in = x->skip = 0;
    x->state = RILL_TURN_ALLOCATING;
    rill_turn_ask(&x->main);
}

void rill_turn_open_failed(struct rill_turn *x, int64_t now)
{
    struct rill_err why = {0};
    x->now = now;
    if (x->state != RILL_TURN_OPENING_SOCKET)
        return;
    rill_turn_refuse(RILL_TURN_UNREACHABLE, 0, &why);
    rill_turn_main_error(x, now, 0, NULL, &why);
}

void rill_turn_closed(struct rill_turn *x, int64_t now)
{
    struct rill_err why = {0};
    x->now = now;
    if (x->state == RILL_TURN_OPENING_SOCKET) {
        rill_turn_open_failed(x, now);
        return;
    }
    x->open = false; /* nothing is left to be closed */
    rill_turn_refuse(RILL_TURN_UNREACHABLE, 0, &why);
    if (x->state == RILL_TURN_ALLOCATED)
        rill_turn_lose(x, now);
    else if (x->state == RILL_TURN_ALLOCATING)
        rill_turn_main_error(x, now, 0, NULL, &why);
}

/* --- input ------------------------------------------------------------------------------- */

static int message(struct rill_turn *x, int64_t now, struct rill_span bytes,
                   struct rill_turn_data *out, struct rill_err *why)
{
    struct rill_view v = rill_view_at(bytes.p, bytes.n);
    struct rill_stun_msg m;
    if (!x->open || x->state == RILL_TURN_CLOSED_STATE)
        return rill_turn_refuse(RILL_TURN_NOT_OPEN, 0, why);
    if (rill_turn_is_channel(v))
        return rill_turn_channel_data(x, now, bytes, out, why);
    int rc = rill_stun_decode(v, &m, why);
    if (rc < 0)
        return rc;
    if (m.fingerprint_at && !rill_stun_check_fingerprint(&m))
        return rill_turn_refuse(RILL_TURN_FINGERPRINT, 0, why);
    if (m.class == RILL_STUN_INDICATION && m.method == RILL_STUN_DATA_INDICATION)
        return rill_turn_data_indication(x, now, &m, bytes, out, why);
    if (m.class != RILL_STUN_SUCCESS && m.class != RILL_STUN_ERROR)
        return rill_turn_refuse(RILL_TURN_NOT_EXPECTED, m.method, why);
    return rill_turn_response(x, now, &m, why);
}

/* What belongs to a message longer than any we take is passed over. */
static size_t skip(struct rill_turn *x, struct rill_span bytes)
{
    size_t n = x->skip < bytes.n ? x->skip : bytes.n;
    x->skip -= n;
    return n;
}

/* How many more bytes the message needs, as far as can be told. RILL_TURN_STREAM. */
static long wanted(struct rill_turn *x, struct rill_err *why)
{
    long size = rill_turn_message_size(rill_view_at(x->in, x->n_in), why);
    if (size < 0)
        return size;
    return (size ? size : RILL_TURN_CHANNEL_HEADER) - (long)x->n_in;
}

/* Nobody can find the next message on a stream that lost its place. */
static size_t broken(struct rill_turn *x, int64_t now, size_t n)
{
    if (x->state == RILL_TURN_ALLOCATED) {
        rill_turn_lose(x, now);
    } else {
        struct rill_err why = {0};
        rill_turn_refuse(RILL_TURN_STREAM, x->in[0], &why);
        rill_turn_main_error(x, now, 0, NULL, &why);
    }
    x->n_in = 0;
    return n;
}

static size_t stream(struct rill_turn *x, int64_t now, struct rill_span bytes,
                     struct rill_turn_data *out, struct rill_err *why)
{
    size_t at = 0;
    while (x->open && at < bytes.n) {
        struct rill_span rest = {bytes.p + at, bytes.n - at};
        if (x->skip) {
            at += skip(x, rest);
            continue;
        }
        long more = wanted(x, why);
        if (more < 0)
            return broken(x, now, bytes.n);
        if (x->n_in + (size_t)more > RILL_TURN_MESSAGE_MAX) {
            x->skip = (size_t)more;
            x->n_in = 0;
            continue;
        }
        size_t n = (size_t)more < rest.n ? (size_t)more : rest.n;
        memcpy(x->in + x->n_in, rest.p, n);
        x->n_in += n;
        at += n;
        if (x->n_in >= RILL_TURN_CHANNEL_HEADER && wanted(x, NULL) == 0) {
            struct rill_span whole = {x->in, x->n_in};
            x->n_in = 0;
            message(x, now, whole, out, why);
            return at;
        }
    }
    return x->open ? at : bytes.n;
}

size_t rill_turn_input(struct rill_turn *x, int64_t now, struct rill_span bytes,
                       struct rill_turn_data *out, struct rill_err *why)
{
    x->now = now;
    *out = (struct rill_turn_data){0};
    if (rill_turn_is_stream(x))
        return stream(x, now, bytes, out, why);
    message(x, now, bytes, out, why);
    return bytes.n;
}

void rill_turn_probe(struct rill_turn *x, int64_t now)
{
    x->now = now;
    if (x->state == RILL_TURN_ALLOCATED && x->main.state == RILL_TURN_IDLE)
        rill_turn_ask(&x->main);
}

bool rill_turn_is_asking(const struct rill_turn *x)
{
    return x->main.state != RILL_TURN_IDLE || x->state == RILL_TURN_OPENING_SOCKET;
}

void rill_turn_unreachable(struct rill_turn *x, int64_t now)
{
    rill_turn_probe(x, now);
}

/* --- output, time, events ------------------------------------------------------------------ */

void rill_turn_tick(struct rill_turn *x, int64_t now)
{
    x->now = now;
    rill_turn_allocation_tick(x, now);
    rill_turn_peers_tick(x, now);
    rill_turn_requests_tick(x, now);
}

size_t rill_turn_output(struct rill_turn *x, int64_t now, struct rill_path *path,
                        struct rill_span out)
{
    size_t n = 0;
    x->now = now;
    if (!x->open)
        return 0;
    *path = (struct rill_path){x->socket, (uint8_t)x->config.proto, *rill_turn_server(x)};
    if (x->goodbye) {
        n = rill_turn_goodbye(x, out);
        x->goodbye = x->open = false;
        x->close_pending = true;
        x->close_socket = x->socket;
        if (x->state == RILL_TURN_CLOSED_STATE)
            rill_turn_free(x);
        return n;
    }
    return rill_turn_requests_output(x, now, out);
}

int64_t rill_turn_deadline(const struct rill_turn *x)
{
    if (x->goodbye)
        return x->now;
    int64_t at = rill_turn_allocation_deadline(x);
    at = rill_earlier(at, rill_turn_peers_deadline(x));
    return rill_earlier(at, rill_turn_requests_deadline(x));
}

static bool flagged(bool *flag, enum rill_turn_event_type type, struct rill_turn_event *out)
{
    if (!*flag)
        return false;
    *flag = false;
    *out = (struct rill_turn_event){.type = type};
    return true;
}

bool rill_turn_event(struct rill_turn *x, struct rill_turn_event *out)
{
    if (flagged(&x->close_pending, RILL_TURN_EVENT_CLOSE, out)) {
        out->socket = x->close_socket;
        return true;
    }
    if (flagged(&x->tell_lost, RILL_TURN_EVENT_LOST, out))
        return true;
    if (x->tell_open && x->now >= x->open_at && flagged(&x->tell_open, RILL_TURN_EVENT_OPEN, out)) {
        out->proto = x->config.proto;
        out->server = *rill_turn_server(x);
        out->domain = rill_view_of(x->domain);
        x->give_up_at = x->now + RILL_TURN_OPENING;
        return true;
    }
    if (flagged(&x->tell_failed, RILL_TURN_EVENT_FAILED, out)) {
        out->why = x->why;
        return true;
    }
    return flagged(&x->tell_allocated, RILL_TURN_EVENT_ALLOCATED, out);
}

void rill_turn_info(const struct rill_turn *x, struct rill_turn_info *out)
{
    *out = (struct rill_turn_info){
        .allocated = x->state == RILL_TURN_ALLOCATED,
        .server = *rill_turn_server(x),
        .mapped = x->mapped,
        .relayed = {x->relayed[0], x->relayed[1]},
        .lifetime_s = x->lifetime_s,
        .socket_open = x->open,
        .socket = x->socket,
    };
    for (size_t i = 0; i < x->cap; i++) {
        out->permissions += x->permits[i].used && x->permits[i].granted;
        out->channels += x->channels[i].used && x->channels[i].bound;
    }
}

void rill_turn_close(struct rill_turn *x, int64_t now)
{
    x->now = now;
    if (x->state == RILL_TURN_CLOSED_STATE)
        return;
    x->goodbye = x->state == RILL_TURN_ALLOCATED && x->open;
    if (x->open && !x->goodbye) {
        x->open = false;
        x->close_pending = true;
        x->close_socket = x->socket;
    }
    x->state = RILL_TURN_CLOSED_STATE;
    x->tell_open = x->tell_allocated = x->tell_lost = x->tell_failed = false;
    rill_turn_requests_drop(x);
    if (!x->goodbye)
        rill_turn_free(x);
}
