/* store_read: what the replies say. Nothing in them is believed before it was looked at. */
#include "signaling/store_private.h"

#include <string.h>

static bool hex_number(struct rill_view v, size_t bytes, uint64_t *out)
{
    uint8_t b[8];
    if (v.n != 2 * bytes || rill_hex_decode(v, (struct rill_span){b, bytes}) != (long)bytes)
        return false;
    *out = 0;
    for (size_t i = 0; i < bytes; i++)
        *out = *out << 8 | b[i];
    return true;
}

/* An id of the stream, "ms-seq", as one number that grows with it. */
static bool stamp_of(struct rill_view id, uint64_t *out)
{
    uint64_t ms, seq;
    struct rill_view tail, head = rill_view_cut(id, '-', &tail);
    if (!tail.p || !rill_view_u64(head, UINT64_MAX >> 20, &ms) ||
        !rill_view_u64(tail, UINT64_MAX, &seq))
        return false;
    *out = ms << 20 | (seq < 0xfffff ? seq : 0xfffff);
    return true;
}

/* --- the writer's replies ------------------------------------------------------------ */

/* A store that is not the one that was: it lost what it had. */
static void take_epoch(struct rill_store *x, int64_t now, const struct rill_reply *reply)
{
    struct rill_view epoch = reply->text;
    if (reply->type != RILL_REPLY_TEXT || epoch.n > sizeof x->epoch) {
        rill_store_fail(x, now, RILL_STORE_WRITER, RILL_SIGNALING_STORE_PROTOCOL,
                        (struct rill_view){0});
        return;
    }
    bool is_same = rill_view_equal(epoch, rill_view_at(x->epoch, x->n_epoch));
    bool was_known = x->n_epoch > 0;
    memcpy(x->epoch, epoch.p, epoch.n);
    x->n_epoch = epoch.n;
    rill_store_running(x, now, RILL_STORE_WRITER);
    if (!x->is_loaded) {
        rill_store_ask_places(x, now);
        return;
    }
    if (is_same || !was_known)
        return;
    x->n_sent = 0;
    x->tell_again = true;
    x->n_position = 1;
    x->position[0] = '0';
    if (x->wires[RILL_STORE_READER].state != STORE_DOWN)
        rill_store_fail(x, now, RILL_STORE_READER, RILL_SIGNALING_STORE_GONE,
                        (struct rill_view){0});
}

static void next_place(struct rill_store *x, int64_t now)
{
    while (x->places && x->next_place < x->places->n) {
        if (x->places->items[x->next_place]->type == RILL_REPLY_TEXT &&
            x->places->items[x->next_place]->text.n <= STORE_KEY_MAX - 24) {
            rill_store_ask_next_place(x, now);
            return;
        }
        x->next_place++;
    }
    rill_reply_free(x->places);
    x->places = NULL;
    x->is_loaded = x->tell_ready = true;
}

static void take_alive(struct rill_store *x, int64_t now, size_t server, const struct rill_reply *r)
{
    struct rill_store_server *s = &x->servers[server];
    if (server >= x->n_servers || now < x->trust_at)
        return;
    s->strikes = r->type == RILL_REPLY_INTEGER && r->integer == 0 ? s->strikes + 1 : 0;
    if (s->strikes < STORE_STRIKES || s->is_dead)
        return;
    s->strikes = 0;
    const struct rill_store_call dead = {.kind = RILL_STORE_DEAD, .key = s->home};
    (void)rill_store_call(x, now, &dead, NULL);
}

/* --- the reader's -------------------------------------------------------------------- */

/* [[stream, [[id, [name, value …]] …]]], or nil when nothing came. */
static const struct rill_reply *entries_of(const struct rill_reply *reply)
{
    const struct rill_reply *stream = reply && reply->n == 1 ? reply->items[0] : NULL;
    return stream && stream->n == 2 && stream->items[1]->type == RILL_REPLY_ARRAY ? stream->items[1]
                                                                                  : NULL;
}

static bool take_entries(struct rill_store *x, int64_t now, struct rill_reply *reply)
{
    if (x->wires[RILL_STORE_READER].state == STORE_GREETING)
        rill_store_running(x, now, RILL_STORE_READER);
    if (entries_of(reply)) {
        rill_reply_free(x->entries);
        x->entries = reply;
        x->next_entry = 0;
        return true;
    }
    rill_store_ask_entries(x, now);
    return false;
}

void rill_store_take_reply(struct rill_store *x, int64_t now, enum rill_store_wire wire,
                           struct rill_reply *reply)
{
    struct rill_store_conn *c = &x->wires[wire];
    size_t slot = rill_ring_pop(&c->expected);
    bool is_kept = false;
    c->silent_at = c->expected.n ? now + STORE_SILENT : RILL_NEVER;
    if (slot == RILL_RING_NONE) {
        rill_store_fail(x, now, wire, RILL_SIGNALING_STORE_PROTOCOL, (struct rill_view){0});
    } else if (reply->type == RILL_REPLY_ERROR) {
        rill_store_fail(x, now, wire, RILL_SIGNALING_STORE_REFUSED, reply->text);
    } else {
        switch ((enum rill_store_expect)(c->expect[slot] & 0xff)) {
        case STORE_EXPECT_OK:
            break;
        case STORE_EXPECT_EPOCH:
            take_epoch(x, now, reply);
            break;
        case STORE_EXPECT_PLACES:
            rill_reply_free(x->places);
            x->places = reply;
            x->next_place = 0;
            is_kept = true;
            next_place(x, now);
            break;
        case STORE_EXPECT_PLACE:
            rill_reply_free(x->place);
            x->place = reply;
            is_kept = true;
            break;
        case STORE_EXPECT_ALIVE:
            take_alive(x, now, c->expect[slot] >> 8, reply);
            break;
        case STORE_EXPECT_XREAD:
            is_kept = take_entries(x, now, reply);
            break;
        }
    }
    if (!is_kept)
        rill_reply_free(reply);
}

/* --- places -------------------------------------------------------------------------- */

/* A list's candidates, read as the vocabulary's own reader does it. */
static bool read_candidates(struct rill_store *x, struct rill_arena *arena,
                            const struct rill_reply *list, const struct rill_sig_candidate **out,
                            size_t *n)
{
    struct rill_sig_message m;
    struct rill_writer w = rill_writer_of((struct rill_span){x->scratch, STORE_COMMAND_MAX});
    rill_w_str(&w, "[\"ack\",0,[");
    for (size_t i = 0; i < list->n; i++) {
        if (i)
            rill_w_char(&w, ',');
        rill_w_bytes(&w, list->items[i]->text);
    }
    rill_w_str(&w, "]]");
    if (w.bad || rill_sig_parse(rill_w_view(&w), arena, &m, NULL) < 0 || m.type != RILL_SIG_ACK)
        return false;
    *out = m.ack_candidates;
    *n = m.n_ack_candidates;
    return true;
}

static bool read_place(struct rill_store *x, const struct rill_reply *r, struct rill_rooms_hold *h)
{
    struct rill_arena arena = rill_arena_over(x->arena_block, STORE_ARENA);
    const struct rill_reply *f = r->n == 3 ? r->items[0] : NULL;
    struct rill_view offer = rill_reply_field(f, "offer"), answer = rill_reply_field(f, "answer");
    *h = (struct rill_rooms_hold){
        .user = rill_reply_field(f, "user"),
        .room = rill_reply_field(f, "room"),
        .token = rill_reply_field(f, "token"),
        .is_away = rill_view_is(rill_reply_field(f, "away"), "1"),
        .has_offer = offer.p != NULL,
        .is_answered = answer.p != NULL,
        .has_answerer = rill_view_is(rill_reply_field(f, "answering"), "1"),
    };
    h->offer.offer = (struct rill_sig_description){rill_view_of("offer"), offer};
    h->offer.answer = (struct rill_sig_description){rill_view_of("answer"), answer};
    h->offer.answerer = rill_reply_field(f, "answerer");
    return f && hex_number(rill_reply_field(f, "key"), 8, &h->key) && h->key >> 32 &&
           rill_view_u64(rill_reply_field(f, "at"), UINT64_MAX, &h->stamp) &&
           h->offer.answerer.n <= RILL_SIGNALING_NAME_MAX && offer.n <= RILL_SDP_TEXT_MAX &&
           answer.n <= RILL_SDP_TEXT_MAX &&
           read_candidates(x, &arena, r->items[1], &h->offer.offer_candidates,
                           &h->offer.n_offer_candidates) &&
           read_candidates(x, &arena, r->items[2], &h->offer.answer_candidates,
                           &h->offer.n_answer_candidates);
}

bool rill_store_tell_place(struct rill_store *x, int64_t now, struct rill_store_event *out)
{
    while (x->place && x->places) {
        struct rill_view name = x->places->items[x->next_place]->text;
        bool is_told = x->place_told;
        bool is_good = !is_told && read_place(x, x->place, &out->hold);
        if (is_good) {
            x->place_told = true;
            rill_store_server_of(x, (uint32_t)(out->hold.key >> 32));
            out->type = RILL_STORE_HELD;
            return true;
        }
        if (!is_told) /* its time to live is over */
            rill_store_forget_place(x, now, name);
        x->place_told = false;
        rill_reply_free(x->place);
        x->place = NULL;
        x->next_place++;
        next_place(x, now);
    }
    return false;
}

/* --- entries ------------------------------------------------------------------------- */

static bool read_entry(const struct rill_reply *fields, uint32_t *home, uint64_t *n,
                       bool *was_applied, struct rill_store_call *call)
{
    static const char kinds[] = STORE_KINDS;
    uint64_t server;
    struct rill_view kind = rill_reply_field(fields, "k"), ack = rill_reply_field(fields, "a");
    const char *at = kind.n == 1 && *kind.p ? memchr(kinds, *kind.p, sizeof kinds - 1) : NULL;
    if (!at || !hex_number(rill_reply_field(fields, "s"), 4, &server) || server == 0 ||
        !rill_view_u64(rill_reply_field(fields, "n"), UINT64_MAX, n) ||
        !hex_number(rill_reply_field(fields, "m"), 8, &call->key))
        return false;
    *home = (uint32_t)server;
    *was_applied = rill_view_is(rill_reply_field(fields, "r"), "1");
    call->kind = (enum rill_store_kind)(at - kinds);
    call->text = rill_reply_field(fields, "t");
    call->token = rill_reply_field(fields, "x");
    call->has_ack = ack.n > 0;
    return ack.n == 0 || rill_view_u64(ack, UINT64_MAX, &call->ack);
}

/* One of our own has come back. */
static void see(struct rill_store *x, uint64_t n)
{
    while (x->n_seen < x->ring.n && x->slots[(x->ring.head + x->n_seen) % x->ring.cap].number <= n)
        x->n_seen++;
}

/* True when the call is to be applied: it is the next one of its server. Who begins late finds what
 * was said again for a store that forgot, and applied before, in the places already. */
static bool judge(struct rill_store *x, uint32_t home, uint64_t n, bool was_applied,
                  const struct rill_store_call *call)
{
    struct rill_store_server *s = rill_store_server_of(x, home);
    bool is_next = !s->has_last || n == s->last + 1;
    if (s->has_last && n <= s->last)
        return false;
    if (!is_next || (call->kind == RILL_STORE_DEAD && call->key == x->home)) {
        x->tell_behind = true;
        return false;
    }
    s->is_skipping = was_applied && (s->is_skipping || !s->has_last);
    s->has_last = true;
    s->last = n;
    if (s->is_skipping)
        return false;
    if (home == x->home)
        see(x, n);
    if (call->kind == RILL_STORE_DEAD)
        rill_store_server_of(x, (uint32_t)call->key)->is_dead = true;
    return true;
}

static void move_to(struct rill_store *x, struct rill_view id)
{
    memcpy(x->position, id.p, id.n);
    x->n_position = id.n;
}

bool rill_store_tell_entry(struct rill_store *x, int64_t now, struct rill_store_event *out)
{
    const struct rill_reply *list = entries_of(x->entries);
    while (list && x->next_entry < list->n && !x->tell_behind) {
        const struct rill_reply *e = list->items[x->next_entry++];
        uint32_t home;
        uint64_t n;
        bool was_applied;
        bool has_id = e->n == 2 && e->items[0]->text.n <= sizeof x->position &&
                      stamp_of(e->items[0]->text, &out->call.stamp);
        if (has_id)
            move_to(x, e->items[0]->text);
        if (!has_id || !read_entry(e->items[1], &home, &n, &was_applied, &out->call)) {
            x->counts.malformed++;
            continue;
        }
        if (!judge(x, home, n, was_applied, &out->call))
            continue;
        x->counts.applied++;
        out->type = RILL_STORE_CALLED;
        return true;
    }
    if (!x->entries || x->tell_behind)
        return false;
    rill_reply_free(x->entries);
    x->entries = NULL;
    rill_store_ask_entries(x, now);
    return false;
}
