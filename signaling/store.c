/* store: the verbs: two connections that come and go, and what is to be told. */
#include "signaling/store.h"

#include "signaling/reserve.h"
#include "signaling/store_private.h"

#include <string.h>

#define BACKOFF_LEAST (100 * RILL_MS)
#define BACKOFF_MOST (2 * RILL_SECOND)

/* --- memory -------------------------------------------------------------------------- */

static struct rill_store *carve(struct rill_arena *a)
{
    struct rill_store *x = rill_arena_take(a, 1, sizeof *x);
    struct rill_store_slot *slots = rill_arena_take(a, STORE_CALLS, sizeof *slots);
    for (size_t i = 0; i < STORE_CALLS; i++) {
        uint8_t *text = rill_reserve(a, RILL_SIGNALING_MESSAGE_MAX);
        if (slots)
            slots[i].text = text;
    }
    for (size_t i = 0; i < RILL_STORE_WIRES; i++) {
        uint8_t *out = rill_reserve(a, STORE_OUT_MAX);
        uint16_t *expect = rill_reserve(a, STORE_EXPECT_MAX * sizeof *expect);
        if (!x)
            continue;
        x->wires[i].out = out;
        x->wires[i].expect = expect;
        x->wires[i].expected.cap = STORE_EXPECT_MAX;
    }
    uint8_t *arena = rill_reserve(a, STORE_ARENA);
    uint8_t *scratch = rill_reserve(a, STORE_COMMAND_MAX);
    if (!x)
        return NULL;
    x->slots = slots;
    x->ring.cap = STORE_CALLS;
    x->arena_block = arena;
    x->scratch = scratch;
    return x;
}

size_t rill_store_size(const struct rill_store_config *config)
{
    (void)config;
    struct rill_arena a = rill_arena_counting();
    carve(&a);
    return rill_arena_size(&a);
}

static struct rill_view keep(uint8_t *to, struct rill_view v)
{
    size_t n = v.n < STORE_CREDENTIAL_MAX ? v.n : STORE_CREDENTIAL_MAX;
    if (n)
        memcpy(to, v.p, n);
    return rill_view_at(to, n);
}

static void begin_anew(struct rill_store *x)
{
    x->is_loaded = false;
    x->n_position = 1;
    x->position[0] = '0';
    x->n_servers = 0;
    x->numbers = 0;
    do {
        uint8_t random[4];
        rill_rng_fill(&x->config.rng, random, sizeof random);
        memcpy(&x->home, random, sizeof random);
    } while (x->home == 0);
}

uint32_t rill_store_home(const struct rill_store *x)
{
    return x->home;
}

struct rill_store *rill_store_init(void *block, const struct rill_store_config *config, int64_t now)
{
    struct rill_arena a = rill_arena_over(block, rill_store_size(config));
    struct rill_store *x = carve(&a);
    x->config = *config;
    x->config.user = keep(x->user, config->user);
    x->config.password = keep(x->password, config->password);
    begin_anew(x);
    x->beat_at = RILL_NEVER;
    for (size_t i = 0; i < RILL_STORE_WIRES; i++) {
        struct rill_store_conn *c = &x->wires[i];
        c->retry_at = i == RILL_STORE_WRITER ? now : RILL_NEVER;
        c->backoff = BACKOFF_LEAST;
        c->silent_at = RILL_NEVER;
    }
    return x;
}

static void drop_replies(struct rill_store *x)
{
    rill_reply_free(x->places);
    rill_reply_free(x->place);
    rill_reply_free(x->entries);
    x->places = x->place = x->entries = NULL;
    x->place_told = false;
}

void rill_store_free(struct rill_store *x)
{
    drop_replies(x);
    for (size_t i = 0; i < RILL_STORE_WIRES; i++)
        rill_reply_reader_free(x->wires[i].reader);
    rill_wipe(x->password, sizeof x->password);
}

/* --- connections --------------------------------------------------------------------- */

static void reset(struct rill_store_conn *c)
{
    rill_reply_reader_free(c->reader);
    c->reader = NULL;
    c->out_at = c->n_out = 0;
    c->expected.n = 0;
    c->silent_at = RILL_NEVER;
}

void rill_store_fail(struct rill_store *x, int64_t now, enum rill_store_wire wire, int row,
                     struct rill_view text)
{
    struct rill_store_conn *c = &x->wires[wire];
    size_t n = text.n < sizeof x->trouble_text ? text.n : sizeof x->trouble_text;
    x->counts.errors++;
    c->tell_close = c->state != STORE_DOWN;
    c->tell_open = false;
    c->state = STORE_DOWN;
    c->retry_at = now + c->backoff;
    c->backoff = 2 * c->backoff < BACKOFF_MOST ? 2 * c->backoff : BACKOFF_MOST;
    reset(c);
    if (wire == RILL_STORE_WRITER)
        x->n_sent = x->n_seen < x->ring.n ? x->n_seen : x->ring.n;
    if (wire == RILL_STORE_WRITER && !x->is_loaded) {
        rill_reply_free(x->places);
        rill_reply_free(x->place);
        x->places = x->place = NULL;
        x->place_told = false;
    }
    if (x->is_troubled)
        return;
    x->is_troubled = x->tell_trouble = true;
    x->tell_back = false;
    x->trouble = row;
    if (n)
        memcpy(x->trouble_text, text.p, n);
    x->n_trouble = n;
}

void rill_store_connected(struct rill_store *x, int64_t now, enum rill_store_wire wire)
{
    struct rill_store_conn *c = &x->wires[wire];
    if (c->state != STORE_OPENING)
        return;
    c->reader = rill_reply_reader_new();
    if (!c->reader) {
        rill_store_fail(x, now, wire, RILL_SIGNALING_NO_ROOM, (struct rill_view){0});
        return;
    }
    x->counts.connections++;
    c->state = STORE_GREETING;
    rill_store_greet(x, now, wire);
}

/* The store has taken us in. Both connections make it whole. */
void rill_store_running(struct rill_store *x, int64_t now, enum rill_store_wire wire)
{
    struct rill_store_conn *c = &x->wires[wire];
    c->state = STORE_RUNNING;
    c->backoff = BACKOFF_LEAST;
    if (wire == RILL_STORE_WRITER) {
        x->trust_at = now + STORE_TRUST;
        rill_store_beat(x, now);
    }
    if (x->is_troubled && x->wires[!wire].state == STORE_RUNNING) {
        x->is_troubled = false;
        x->tell_back = !x->tell_trouble;
        x->tell_trouble = false;
    }
}

void rill_store_closed(struct rill_store *x, int64_t now, enum rill_store_wire wire)
{
    if (x->wires[wire].state == STORE_DOWN)
        return;
    rill_store_fail(x, now, wire, RILL_SIGNALING_STORE_GONE, (struct rill_view){0});
    x->wires[wire].tell_close = false;
}

void rill_store_input(struct rill_store *x, int64_t now, enum rill_store_wire wire,
                      struct rill_view bytes)
{
    struct rill_store_conn *c = &x->wires[wire];
    struct rill_reply *reply;
    int rc = c->reader ? rill_reply_feed(c->reader, bytes, NULL) : 0;
    while (rc == 0 && c->reader && (rc = rill_reply_next(c->reader, &reply, NULL)) == 1) {
        rc = 0;
        rill_store_take_reply(x, now, wire, reply);
    }
    if (rc < 0)
        rill_store_fail(x, now, wire, rc, (struct rill_view){0});
    rill_store_flush(x, now);
}

size_t rill_store_output(struct rill_store *x, int64_t now, enum rill_store_wire wire,
                         struct rill_span out)
{
    struct rill_store_conn *c = &x->wires[wire];
    size_t n = c->n_out - c->out_at < out.n ? c->n_out - c->out_at : out.n;
    if (n == 0)
        return 0;
    memcpy(out.p, c->out + c->out_at, n);
    c->out_at += n;
    if (c->out_at == c->n_out)
        c->out_at = c->n_out = 0;
    rill_store_flush(x, now);
    return n;
}

/* --- time ---------------------------------------------------------------------------- */

static void tick_wire(struct rill_store *x, int64_t now, enum rill_store_wire wire)
{
    struct rill_store_conn *c = &x->wires[wire];
    if (now >= c->silent_at)
        rill_store_fail(x, now, wire, RILL_SIGNALING_STORE_SILENT, (struct rill_view){0});
    if (c->state != STORE_DOWN || now < c->retry_at)
        return;
    c->retry_at = RILL_NEVER;
    if (wire == RILL_STORE_READER && !x->is_loaded)
        return;
    c->state = STORE_OPENING;
    c->tell_open = true;
    c->silent_at = now + STORE_SILENT;
}

void rill_store_tick(struct rill_store *x, int64_t now)
{
    for (int i = 0; i < RILL_STORE_WIRES; i++)
        tick_wire(x, now, (enum rill_store_wire)i);
    if (now >= x->beat_at)
        rill_store_beat(x, now);
    rill_store_flush(x, now);
}

int64_t rill_store_deadline(const struct rill_store *x)
{
    int64_t next = x->beat_at;
    for (size_t i = 0; i < RILL_STORE_WIRES; i++) {
        const struct rill_store_conn *c = &x->wires[i];
        next = rill_earlier(next, c->silent_at);
        if (c->state == STORE_DOWN)
            next = rill_earlier(next, c->retry_at);
    }
    return next;
}

/* --- calls --------------------------------------------------------------------------- */

struct rill_store_server *rill_store_server_of(struct rill_store *x, uint32_t home)
{
    for (size_t i = 0; i < x->n_servers; i++)
        if (x->servers[i].home == home)
            return &x->servers[i];
    size_t i =
        x->n_servers < STORE_SERVERS_MAX ? x->n_servers++ : x->next_server++ % STORE_SERVERS_MAX;
    x->servers[i] = (struct rill_store_server){.home = home};
    return &x->servers[i];
}

int rill_store_call(struct rill_store *x, int64_t now, const struct rill_store_call *call,
                    struct rill_err *why)
{
    if (call->text.n > RILL_SIGNALING_MESSAGE_MAX)
        return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_TOO_LARGE, 0, call->text.n, why);
    if (x->ring.n - x->n_seen == x->ring.cap)
        return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_STORE_FULL, 0, x->ring.cap, why);
    if (x->ring.n == x->ring.cap) {
        rill_ring_pop(&x->ring);
        x->n_seen--;
        x->n_sent -= x->n_sent > 0;
    }
    struct rill_store_slot *s = &x->slots[rill_ring_push(&x->ring)];
    s->call = *call;
    s->number = ++x->numbers;
    s->was_sent = false;
    if (call->text.n)
        memcpy(s->text, call->text.p, call->text.n);
    s->call.text = rill_view_at(s->text, call->text.n);
    s->call.token =
        keep(s->token, rill_view_sub(call->token, 0,
                                     call->token.n < RILL_SIG_TOKEN_MAX ? call->token.n
                                                                        : RILL_SIG_TOKEN_MAX));
    x->counts.calls++;
    rill_store_flush(x, now);
    return 0;
}

/* --- events -------------------------------------------------------------------------- */

static bool take(bool *flag)
{
    bool was = *flag;
    *flag = false;
    return was;
}

static bool tell_wires(struct rill_store *x, struct rill_store_event *out)
{
    for (int i = 0; i < RILL_STORE_WIRES; i++) {
        out->wire = (enum rill_store_wire)i;
        out->type = RILL_STORE_CLOSE;
        if (take(&x->wires[i].tell_close))
            return true;
        out->type = RILL_STORE_OPEN;
        if (take(&x->wires[i].tell_open))
            return true;
    }
    return false;
}

/* Nothing of what was read is of use any more, nor what was to be said. */
static void fall_behind(struct rill_store *x, int64_t now)
{
    drop_replies(x);
    begin_anew(x);
    x->ring.n = x->n_seen = x->n_sent = 0;
    for (int i = 0; i < RILL_STORE_WIRES; i++) {
        struct rill_store_conn *c = &x->wires[i];
        c->tell_close |= c->state != STORE_DOWN;
        c->tell_open = false;
        c->state = STORE_DOWN;
        c->retry_at = i == RILL_STORE_WRITER ? now : RILL_NEVER;
        reset(c);
    }
    x->beat_at = RILL_NEVER;
}

bool rill_store_event(struct rill_store *x, int64_t now, struct rill_store_event *out)
{
    *out = (struct rill_store_event){.error = x->trouble,
                                     .text = rill_view_at(x->trouble_text, x->n_trouble)};
    out->type = RILL_STORE_TROUBLE;
    if (take(&x->tell_trouble))
        return true;
    out->type = RILL_STORE_BACK;
    if (take(&x->tell_back))
        return true;
    if (tell_wires(x, out))
        return true;
    out->type = RILL_STORE_AGAIN;
    if (take(&x->tell_again))
        return true;
    if (rill_store_tell_place(x, now, out))
        return true;
    if (take(&x->tell_ready)) {
        x->wires[RILL_STORE_READER].retry_at = now;
        out->type = RILL_STORE_READY;
        return true;
    }
    if (rill_store_tell_entry(x, now, out))
        return true;
    if (!take(&x->tell_behind))
        return false;
    fall_behind(x, now);
    out->type = RILL_STORE_BEHIND;
    return true;
}

struct rill_store_counts rill_store_counts(const struct rill_store *x)
{
    struct rill_store_counts counts = x->counts;
    counts.waiting = x->ring.n - x->n_seen;
    counts.is_connected = x->wires[RILL_STORE_WRITER].state == STORE_RUNNING &&
                          x->wires[RILL_STORE_READER].state == STORE_RUNNING;
    return counts;
}
