/* server_members: members come, go, and come back.
 *
 * The idea: in the rooms a member is a key that no other ever has, so that a connection's slot can
 * be another's while the place of who had it is still kept. */
#include "signaling/server_private.h"

#include <string.h>

#define TOKEN_BYTES 16

void rill_server_note(struct rill_sig_server *x, const struct rill_server_member *m,
                      const char *what, struct rill_view peer)
{
    size_t slot = rill_ring_push(&x->said_ring);
    if (slot == RILL_RING_NONE)
        return;
    struct rill_server_said *s = &x->said[slot];
    *s = (struct rill_server_said){
        .n_user = m->n_user, .n_room = m->n_room, .n_peer = peer.n, .what = what};
    memcpy(s->user, m->user, sizeof s->user);
    memcpy(s->room, m->room, sizeof s->room);
    if (peer.n)
        memcpy(s->peer, peer.p, peer.n);
}

void rill_server_note_said(struct rill_sig_server *x, const struct rill_server_member *m,
                           const struct rill_sig_message *said)
{
    if (said->type == RILL_SIG_NEW_OFFER)
        rill_server_note(x, m, "newOffer", (struct rill_view){0});
    if (said->type == RILL_SIG_NEW_ANSWER)
        rill_server_note(x, m, "newAnswer", said->offers[0].offerer);
}

/* --- rooms, counted ------------------------------------------------------------------ */

static struct rill_view room_of(const struct rill_server_member *m)
{
    return rill_view_at(m->room, m->n_room);
}

struct rill_server_member *rill_server_member_of(const struct rill_sig_server *x, uint32_t slot)
{
    size_t conns = x->config.connections;
    return slot < conns ? &x->conns[slot].member : &x->sessions[slot - conns].member;
}

/* Somebody but m is in m's room. */
static bool has_company(const struct rill_sig_server *x, const struct rill_server_member *m,
                        uint64_t key)
{
    uint32_t i = rill_chain_first(&x->by_room, key);
    while (i != RILL_CHAIN_END &&
           (i == m->id || !rill_view_equal(room_of(rill_server_member_of(x, i)), room_of(m))))
        i = rill_chain_next(&x->by_room, i);
    return i != RILL_CHAIN_END;
}

static void count_in(struct rill_sig_server *x, const struct rill_server_member *m)
{
    uint64_t key = rill_chain_key(x->seed, room_of(m));
    x->n_members++;
    x->n_rooms += !has_company(x, m, key);
    rill_chain_add(&x->by_room, key, m->id);
}

static void count_out(struct rill_sig_server *x, const struct rill_server_member *m)
{
    uint64_t key = rill_chain_key(x->seed, room_of(m));
    x->n_members--;
    rill_chain_remove(&x->by_room, key, m->id);
    x->n_rooms -= !has_company(x, m, key);
}

uint32_t rill_server_slot_of(const struct rill_sig_server *x, uint64_t key)
{
    uint32_t i = rill_chain_first(&x->by_key, key);
    while (i != RILL_CHAIN_END && rill_server_member_of(x, i)->key != key)
        i = rill_chain_next(&x->by_key, i);
    return i;
}

/* --- coming -------------------------------------------------------------------------- */

static void remember(struct rill_server_member *m, const struct rill_sig_message *auth)
{
    m->joined = true;
    m->n_user = auth->user.n;
    memcpy(m->user, auth->user.p, auth->user.n);
    m->n_room = auth->room.n;
    if (auth->room.n)
        memcpy(m->room, auth->room.p, auth->room.n);
}

/* A query's value: + is a space, %XX a byte (WHATWG URL, application/x-www-form-urlencoded). */
static size_t decode(struct rill_view v, struct rill_span out)
{
    size_t n = 0;
    for (size_t i = 0; i < v.n && n < out.n; i++, n++) {
        out.p[n] = v.p[i] == '+' ? ' ' : v.p[i];
        if (v.p[i] == '%' && i + 2 < v.n &&
            rill_hex_decode(rill_view_sub(v, i + 1, 2), (struct rill_span){&out.p[n], 1}) == 1)
            i += 2;
    }
    return n;
}

void rill_server_ask_room(struct rill_server_member *m, struct rill_view query)
{
    m->n_asked_room = 0;
    for (struct rill_view rest = query; rest.p;) {
        struct rill_view value, name = rill_view_cut(rill_view_cut(rest, '&', &rest), '=', &value);
        if (rill_view_is(name, "room") && value.n)
            m->n_asked_room =
                decode(value, (struct rill_span){m->asked_room, sizeof m->asked_room});
    }
}

/* 128 bits that nobody can guess, as text. */
static struct rill_view fresh_token(struct rill_sig_server *x, struct rill_writer *w)
{
    uint8_t random[TOKEN_BYTES];
    rill_rng_fill(&x->config.rng, random, sizeof random);
    rill_w_hex(w, rill_view_at(random, sizeof random));
    return rill_w_view(w);
}

/* The password stays here: who joins was admitted. */
static int call_join(struct rill_sig_server *x, int64_t now, uint64_t key,
                     const struct rill_sig_message *auth, struct rill_view token,
                     struct rill_err *why)
{
    uint8_t text[RILL_SIG_SENTENCE_MAX + 6 * (2 * RILL_SIGNALING_NAME_MAX + RILL_SIG_TOKEN_MAX)];
    struct rill_sig_message open = *auth;
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    open.password = (struct rill_view){0};
    open.has_ack = false;
    rill_sig_write(&w, &open);
    const struct rill_store_call call = {
        .kind = RILL_STORE_JOIN, .key = key, .text = rill_w_view(&w), .token = token};
    return rill_store_call(x->config.store, now, &call, why);
}

int rill_server_join(struct rill_sig_server *x, int64_t now, struct rill_server_member *m,
                     const struct rill_sig_message *said, struct rill_err *why)
{
    struct rill_sig_message copy = *said;
    const struct rill_sig_message *auth = &copy;
    uint8_t text[2 * TOKEN_BYTES];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    if (auth->type != RILL_SIG_AUTH)
        return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_NO_AUTH, 0, 0, why);
    if (!copy.room.p)
        copy.room = rill_view_at(m->asked_room, m->n_asked_room);
    int rc = rill_rooms_admit(x->rooms, auth, why);
    if (rc < 0)
        return rc;
    uint64_t key = ++x->keys;
    if (x->config.store)
        key = (uint64_t)rill_store_home(x->config.store) << 32 | (uint32_t)key;
    struct rill_view token = {0};
    if (auth->token.p)
        token = fresh_token(x, &w);
    rc = x->config.store ? call_join(x, now, key, auth, token, why)
                         : rill_rooms_join(x->rooms, key, auth, token, why);
    if (rc < 0)
        return rc;
    m->key = key;
    rill_chain_add(&x->by_key, key, m->id);
    remember(m, auth);
    count_in(x, m);
    if (!x->config.store)
        rill_server_note(x, m, rc ? "back" : "join", (struct rill_view){0});
    return 0;
}

/* --- going --------------------------------------------------------------------------- */

static void part(struct rill_sig_server *x, struct rill_server_member *m, const char *what)
{
    m->joined = false;
    count_out(x, m);
    rill_chain_remove(&x->by_key, m->key, m->id);
    rill_server_note(x, m, what, (struct rill_view){0});
}

static bool keep_place(struct rill_sig_server *x, int64_t now, const struct rill_server_member *m)
{
    size_t slot =
        x->config.grace < 0 || x->closing ? RILL_RING_NONE : rill_ring_push(&x->away_ring);
    if (slot == RILL_RING_NONE)
        return false;
    struct rill_server_away *a = &x->away[slot];
    *a = (struct rill_server_away){.key = m->key,
                                   .until = now + x->config.grace,
                                   .n_user = (uint8_t)m->n_user,
                                   .n_room = (uint8_t)m->n_room};
    memcpy(a->user, m->user, sizeof a->user);
    memcpy(a->room, m->room, sizeof a->room);
    return true;
}

/* What the store has no room for now is tried again: it is away until then. */
static void call(struct rill_sig_server *x, int64_t now, enum rill_store_kind kind,
                 const struct rill_server_member *m)
{
    const struct rill_store_call c = {.kind = kind, .key = m->key};
    if (rill_store_call(x->config.store, now, &c, NULL) < 0)
        (void)keep_place(x, now, m);
}

void rill_server_leave(struct rill_sig_server *x, int64_t now, struct rill_server_member *m)
{
    if (!m->joined)
        return;
    part(x, m, "leave");
    if (x->is_beginning_anew)
        return;
    if (x->config.store)
        call(x, now, RILL_STORE_LEAVE, m);
    else
        rill_rooms_leave(x->rooms, m->key, false);
}

/* A server that goes leaves the places to the others, who miss it before long. */
static void call_away(struct rill_sig_server *x, int64_t now, struct rill_server_member *m)
{
    bool is_kept = x->config.grace >= 0 && (x->closing || keep_place(x, now, m));
    part(x, m, is_kept ? "away" : "leave");
    call(x, now, is_kept ? RILL_STORE_AWAY : RILL_STORE_LOST, m);
}

void rill_server_away(struct rill_sig_server *x, int64_t now, struct rill_server_member *m)
{
    if (!m->joined)
        return;
    if (x->config.store) {
        call_away(x, now, m);
        return;
    }
    bool is_kept = keep_place(x, now, m);
    part(x, m, is_kept ? "away" : "leave");
    if (is_kept)
        rill_rooms_away(x->rooms, m->key);
    else
        rill_rooms_leave(x->rooms, m->key, true);
}

void rill_server_note_gone(struct rill_sig_server *x, const struct rill_server_away *a)
{
    struct rill_server_member m = {.n_user = a->n_user, .n_room = a->n_room};
    memcpy(m.user, a->user, sizeof m.user);
    memcpy(m.room, a->room, sizeof m.room);
    rill_server_note(x, &m, "leave", (struct rill_view){0});
}

/* Who came back has another key, and nobody is left under this one. */
void rill_server_away_tick(struct rill_sig_server *x, int64_t now)
{
    for (size_t n = x->away_ring.n; n && rill_server_away_deadline(x) <= now; n--) {
        const struct rill_server_away a = x->away[rill_ring_pop(&x->away_ring)];
        const struct rill_server_member m = {.key = a.key};
        if (x->config.store)
            call(x, now, RILL_STORE_LOST, &m);
        else if (rill_rooms_leave(x->rooms, a.key, true))
            rill_server_note_gone(x, &a);
    }
}

int64_t rill_server_away_deadline(const struct rill_sig_server *x)
{
    return x->away_ring.n ? x->away[x->away_ring.head].until : RILL_NEVER;
}
