/* store_write: commands on their way out, written by hiredis. */
#include "signaling/store_private.h"

#include <hiredis/hiredis.h>
#include <string.h>

#define ARGS_MAX (RILL_SIGNALING_CANDIDATES_MAX + 32)

struct command {
    const char *words[ARGS_MAX];
    size_t sizes[ARGS_MAX];
    int n;
};

static void add(struct command *c, struct rill_view v)
{
    c->words[c->n] = v.p ? (const char *)v.p : "";
    c->sizes[c->n++] = v.n;
}

static void add_text(struct command *c, const char *text)
{
    add(c, rill_view_of(text));
}

/* "A B C" is three words. */
static struct command command(const char *words)
{
    struct command c = {.n = 0};
    for (struct rill_view rest = rill_view_of(words); rest.p;)
        add(&c, rill_view_cut(rest, ' ', &rest));
    return c;
}

static bool has_room(const struct rill_store_conn *c)
{
    return STORE_OUT_MAX - (c->n_out - c->out_at) >= 2 * STORE_COMMAND_MAX &&
           c->expected.cap - c->expected.n >= 16;
}

/* Callers have looked for room. */
static void send(struct rill_store *x, int64_t now, enum rill_store_wire wire,
                 const struct command *words, unsigned expect)
{
    struct rill_store_conn *c = &x->wires[wire];
    char *text = NULL;
    if (c->state != STORE_GREETING && c->state != STORE_RUNNING)
        return;
    int n = redisFormatCommandArgv(&text, words->n, (const char **)words->words, words->sizes);
    size_t slot = c->n_out - c->out_at + (n > 0 ? (size_t)n : 0) <= STORE_OUT_MAX && n > 0
                      ? rill_ring_push(&c->expected)
                      : RILL_RING_NONE;
    if (slot == RILL_RING_NONE) {
        redisFreeCommand(text);
        rill_store_fail(x, now, wire, RILL_SIGNALING_NO_ROOM, (struct rill_view){0});
        return;
    }
    if ((size_t)n > STORE_OUT_MAX - c->n_out) {
        memmove(c->out, c->out + c->out_at, c->n_out - c->out_at);
        c->n_out -= c->out_at;
        c->out_at = 0;
    }
    memcpy(c->out + c->n_out, text, (size_t)n);
    c->n_out += (size_t)n;
    c->expect[slot] = (uint16_t)expect;
    if (c->silent_at == RILL_NEVER)
        c->silent_at = now + STORE_SILENT;
    redisFreeCommand(text);
}

/* --- greetings ----------------------------------------------------------------------- */

static void write_number(struct rill_writer *w, uint64_t n, size_t bytes)
{
    for (size_t i = bytes; i-- > 0;) {
        uint8_t b = (uint8_t)(n >> 8 * i);
        rill_w_hex(w, rill_view_at(&b, 1));
    }
}

void rill_store_greet(struct rill_store *x, int64_t now, enum rill_store_wire wire)
{
    uint8_t text[32];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    struct command c = command("AUTH");
    if (x->config.user.n)
        add(&c, x->config.user);
    add(&c, x->config.password);
    if (x->config.password.n)
        send(x, now, wire, &c, STORE_EXPECT_OK);
    rill_w_dec(&w, x->config.database);
    c = command("SELECT");
    add(&c, rill_w_view(&w));
    send(x, now, wire, &c, STORE_EXPECT_OK);
    if (wire == RILL_STORE_READER) {
        rill_store_ask_entries(x, now);
        return;
    }
    uint8_t random[16], hex[32];
    struct rill_writer h = rill_writer_of((struct rill_span){hex, sizeof hex});
    rill_rng_fill(&x->config.rng, random, sizeof random);
    rill_w_hex(&h, rill_view_at(random, sizeof random));
    c = command("SET " STORE_EPOCH);
    add(&c, rill_w_view(&h));
    add_text(&c, "NX");
    send(x, now, wire, &c, STORE_EXPECT_OK);
    c = command("GET " STORE_EPOCH);
    send(x, now, wire, &c, STORE_EXPECT_EPOCH);
}

/* --- reading ------------------------------------------------------------------------- */

void rill_store_ask_places(struct rill_store *x, int64_t now)
{
    struct command c = command("SMEMBERS " STORE_PLACES);
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_PLACES);
}

void rill_store_ask_entries(struct rill_store *x, int64_t now)
{
    struct command c = command("XREAD COUNT 64 BLOCK " STORE_BLOCK_MS " STREAMS " STORE_STREAM);
    add(&c, rill_view_at(x->position, x->n_position));
    send(x, now, RILL_STORE_READER, &c, STORE_EXPECT_XREAD);
}

/* "rill:place:…", or with a side "rill:candidates:…:0". */
static struct rill_view key(struct rill_writer *w, const char *kind, struct rill_view place,
                            const char *side)
{
    rill_w_str(w, kind);
    rill_w_bytes(w, place);
    rill_w_str(w, side);
    return rill_w_view(w);
}

struct keys {
    uint8_t text[3][STORE_KEY_MAX];
    struct rill_view place, candidates[2];
};

static void keys_of(struct keys *k, struct rill_view place)
{
    struct rill_writer w[3];
    for (int i = 0; i < 3; i++)
        w[i] = rill_writer_of((struct rill_span){k->text[i], sizeof k->text[i]});
    k->place = key(&w[0], "rill:place:", place, "");
    k->candidates[0] = key(&w[1], "rill:candidates:", place, ":0");
    k->candidates[1] = key(&w[2], "rill:candidates:", place, ":1");
}

void rill_store_ask_next_place(struct rill_store *x, int64_t now)
{
    static const char *const simple[] = {"MULTI", "EXEC"};
    struct keys k;
    struct command c;
    keys_of(&k, x->places->items[x->next_place]->text);
    c = command(simple[0]);
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
    c = command("HGETALL");
    add(&c, k.place);
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
    for (int i = 0; i < 2; i++) {
        c = command("LRANGE");
        add(&c, k.candidates[i]);
        add_text(&c, "0");
        add_text(&c, "127");
        send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
    }
    c = command(simple[1]);
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_PLACE);
}

/* --- signs of life ------------------------------------------------------------------- */

static struct rill_view server_key(struct rill_writer *w, uint32_t home)
{
    rill_w_str(w, "rill:server:");
    write_number(w, home, 4);
    return rill_w_view(w);
}

void rill_store_beat(struct rill_store *x, int64_t now)
{
    uint8_t text[32];
    x->beat_at = RILL_NEVER;
    if (x->wires[RILL_STORE_WRITER].state != STORE_RUNNING)
        return;
    x->beat_at = now + STORE_BEAT;
    if (STORE_EXPECT_MAX - x->wires[RILL_STORE_WRITER].expected.n < STORE_SERVERS_MAX + 16)
        return;
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    struct command c = command("SET");
    add(&c, server_key(&w, x->home));
    add_text(&c, "1");
    add_text(&c, "EX");
    add_text(&c, STORE_BEAT_TTL);
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
    for (size_t i = 0; i < x->n_servers; i++) {
        if (x->servers[i].home == x->home || x->servers[i].is_dead)
            continue;
        w = rill_writer_of((struct rill_span){text, sizeof text});
        c = command("EXISTS");
        add(&c, server_key(&w, x->servers[i].home));
        send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_ALIVE | (unsigned)i << 8);
    }
}

/* --- calls --------------------------------------------------------------------------- */

static struct rill_view number(struct rill_writer *w, uint64_t n)
{
    rill_w_dec(w, n);
    return rill_w_view(w);
}

static void send_call(struct rill_store *x, int64_t now, const struct rill_store_slot *s,
                      bool was_applied)
{
    uint8_t text[5][24];
    struct rill_writer w[5];
    for (int i = 0; i < 5; i++)
        w[i] = rill_writer_of((struct rill_span){text[i], sizeof text[i]});
    struct command c = command("XADD " STORE_STREAM " MAXLEN ~");
    add(&c, number(&w[4], RILL_LIMIT_STORE_STREAM));
    add_text(&c, "*");
    add_text(&c, "s");
    write_number(&w[0], x->home, 4);
    add(&c, rill_w_view(&w[0]));
    add_text(&c, "n");
    add(&c, number(&w[1], s->number));
    add_text(&c, "k");
    add(&c, rill_view_at(&STORE_KINDS[s->call.kind], 1));
    add_text(&c, "m");
    write_number(&w[2], s->call.key, 8);
    add(&c, rill_w_view(&w[2]));
    add_text(&c, "t");
    add(&c, s->call.text);
    add_text(&c, "x");
    add(&c, s->call.token);
    add_text(&c, "a");
    add(&c, s->call.has_ack ? number(&w[3], s->call.ack) : (struct rill_view){0});
    if (was_applied) {
        add_text(&c, "r");
        add_text(&c, "1");
    }
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
}

void rill_store_flush(struct rill_store *x, int64_t now)
{
    struct rill_store_conn *c = &x->wires[RILL_STORE_WRITER];
    while (c->state == STORE_RUNNING && x->is_loaded && x->n_sent < x->ring.n && has_room(c)) {
        bool was_applied = x->n_sent < x->n_seen;
        size_t slot = (x->ring.head + x->n_sent++) % x->ring.cap;
        x->counts.repeated += x->slots[slot].was_sent;
        x->slots[slot].was_sent = true;
        send_call(x, now, &x->slots[slot], was_applied);
    }
}

/* --- places -------------------------------------------------------------------------- */

/* The name of a place in keys: hexadecimal, so that no name can be another's. */
static struct rill_view place_of(struct rill_writer *w, struct rill_view room,
                                 struct rill_view user)
{
    rill_w_hex(w, room);
    rill_w_char(w, ':');
    rill_w_hex(w, user);
    return rill_w_view(w);
}

static void send_candidates(struct rill_store *x, int64_t now, struct rill_view key,
                            const struct rill_sig_candidate *list, size_t n)
{
    struct command c = command("RPUSH");
    struct rill_writer w = rill_writer_of((struct rill_span){x->scratch, STORE_COMMAND_MAX});
    if (n == 0)
        return;
    add(&c, key);
    for (size_t i = 0; i < n && i < RILL_SIGNALING_CANDIDATES_MAX; i++) {
        size_t from = w.at;
        rill_sig_write_candidate(&w, &list[i]);
        if (!w.bad)
            add(&c, rill_view_at(w.p + from, w.at - from));
    }
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
    c = command("EXPIRE");
    add(&c, key);
    add_text(&c, STORE_PLACE_TTL);
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
}

static void pair(struct command *c, const char *name, struct rill_view value)
{
    add_text(c, name);
    add(c, value);
}

static void send_place(struct rill_store *x, int64_t now, struct rill_view key,
                       const struct rill_rooms_hold *h)
{
    uint8_t text[2][24];
    struct rill_writer w[2];
    for (int i = 0; i < 2; i++)
        w[i] = rill_writer_of((struct rill_span){text[i], sizeof text[i]});
    struct command c = command("HSET");
    add(&c, key);
    write_number(&w[0], h->key, 8);
    pair(&c, "key", rill_w_view(&w[0]));
    pair(&c, "at", number(&w[1], h->stamp));
    pair(&c, "room", h->room);
    pair(&c, "user", h->user);
    pair(&c, "token", h->token);
    pair(&c, "away", rill_view_of(h->is_away ? "1" : "0"));
    if (h->has_offer)
        pair(&c, "offer", h->offer.offer.sdp);
    if (h->is_answered) {
        pair(&c, "answer", h->offer.answer.sdp);
        pair(&c, "answerer", h->offer.answerer);
        pair(&c, "answering", rill_view_of(h->has_answerer ? "1" : "0"));
    }
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
    c = command("EXPIRE");
    add(&c, key);
    add_text(&c, STORE_PLACE_TTL);
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
}

static void send_delete(struct rill_store *x, int64_t now, const struct keys *k)
{
    struct command c = command("DEL");
    add(&c, k->place);
    add(&c, k->candidates[0]);
    add(&c, k->candidates[1]);
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
}

static void send_member(struct rill_store *x, int64_t now, const char *how, struct rill_view place)
{
    struct command c = command(how);
    add_text(&c, STORE_PLACES);
    add(&c, place);
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
}

bool rill_store_may_put(const struct rill_store *x)
{
    const struct rill_store_conn *c = &x->wires[RILL_STORE_WRITER];
    return c->state == STORE_RUNNING && x->is_loaded && has_room(c);
}

void rill_store_put(struct rill_store *x, int64_t now, const struct rill_rooms_hold *h)
{
    uint8_t text[STORE_KEY_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    struct rill_view place = place_of(&w, h->room, h->user);
    struct keys k;
    if (!rill_store_may_put(x))
        return;
    keys_of(&k, place);
    struct command c = command("MULTI");
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
    send_delete(x, now, &k);
    send_place(x, now, k.place, h);
    send_candidates(x, now, k.candidates[0], h->offer.offer_candidates,
                    h->offer.n_offer_candidates);
    send_candidates(x, now, k.candidates[1], h->offer.answer_candidates,
                    h->offer.n_answer_candidates);
    send_member(x, now, "SADD", place);
    c = command("EXEC");
    send(x, now, RILL_STORE_WRITER, &c, STORE_EXPECT_OK);
}

void rill_store_drop(struct rill_store *x, int64_t now, struct rill_view room,
                     struct rill_view user)
{
    uint8_t text[STORE_KEY_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    struct rill_view place = place_of(&w, room, user);
    struct keys k;
    if (!rill_store_may_put(x))
        return;
    keys_of(&k, place);
    send_delete(x, now, &k);
    send_member(x, now, "SREM", place);
}

void rill_store_forget_place(struct rill_store *x, int64_t now, struct rill_view place)
{
    send_member(x, now, "SREM", place);
}
