/* server_store: rooms that several servers share.
 *
 * The idea: what a member does is appended to the store's stream instead of being done, and done
 * when it comes back, here as in every other server. Each delivers to its own members alone. */
#include "signaling/server_private.h"

#include <string.h>

/* What changes again and again while a call is made is put down once. */
#define PUT_AFTER (100 * RILL_MS)
#define PUT_AGAIN (10 * RILL_SECOND)

static bool is_own(const struct rill_sig_server *x, uint64_t key)
{
    return key >> 32 == rill_store_home(x->config.store);
}

static void put_soon(struct rill_sig_server *x, int64_t now)
{
    x->put_at = rill_earlier(x->put_at, now + PUT_AFTER);
}

/* --- what came back ------------------------------------------------------------------ */

/* An answer to what was said a while ago: an error, and the acknowledgement that was asked for. */
static void tell_refusal(struct rill_sig_server *x, int64_t now, uint32_t slot,
                         const struct rill_store_call *call, const struct rill_err *why)
{
    uint8_t sentence[RILL_SIG_SENTENCE_MAX];
    size_t conns = x->config.connections;
    struct rill_sig_message m = rill_server_error(why, call->kind == RILL_STORE_SAY,
                                                  (struct rill_span){sentence, sizeof sentence});
    rill_server_count_row(x, why->row->code);
    if (slot < conns) {
        rill_server_ws_send(x, now, &x->conns[slot], &m);
        return;
    }
    struct rill_server_session *s = &x->sessions[slot - conns];
    rill_server_sio_send(x, now, s, &m);
    m = (struct rill_sig_message){.type = RILL_SIG_ACK, .ack = call->ack};
    if (call->has_ack)
        rill_server_sio_send(x, now, s, &m);
}

static void apply_said(struct rill_sig_server *x, int64_t now, const struct rill_store_call *call)
{
    struct rill_arena arena = rill_arena_over(x->arena_block, x->arena_n);
    struct rill_sig_message said;
    struct rill_err why = {0};
    uint32_t slot = rill_server_slot_of(x, call->key);
    int rc = rill_sig_parse(call->text, &arena, &said, &why);
    if (rc == 0 && call->has_ack) {
        said.has_ack = true;
        said.ack = call->ack;
    }
    if (rc == 0 && call->kind == RILL_STORE_JOIN)
        rc = said.type == RILL_SIG_AUTH
                 ? rill_rooms_admit_name(&said, &why)
                 : rill_err_set(&rill_signaling_errors, RILL_SIGNALING_NO_AUTH, 0, 0, &why);
    if (rc == 0)
        rc = call->kind == RILL_STORE_JOIN
                 ? rill_rooms_join(x->rooms, call->key, &said, call->token, &why)
                 : rill_rooms_say(x->rooms, call->key, &said, &why);
    if (slot == RILL_CHAIN_END)
        return;
    if (rc < 0)
        tell_refusal(x, now, slot, call, &why);
    else if (call->kind == RILL_STORE_JOIN)
        rill_server_note(x, rill_server_member_of(x, slot), rc ? "back" : "join",
                         (struct rill_view){0});
    else
        rill_server_note_said(x, rill_server_member_of(x, slot), &said);
}

static void leave(struct rill_sig_server *x, const struct rill_store_call *call)
{
    struct rill_rooms_hold h;
    if (!rill_rooms_find(x->rooms, call->key, &h))
        return;
    struct rill_server_away gone = {.n_user = (uint8_t)h.user.n, .n_room = (uint8_t)h.room.n};
    memcpy(gone.user, h.user.p, h.user.n);
    if (h.room.n)
        memcpy(gone.room, h.room.p, h.room.n);
    if (!rill_rooms_leave(x->rooms, call->key, call->kind == RILL_STORE_LOST) ||
        !is_own(x, call->key))
        return;
    size_t slot = rill_ring_push(&x->drops_ring);
    if (slot != RILL_RING_NONE)
        x->drops[slot] = gone;
    if (call->kind == RILL_STORE_LOST)
        rill_server_note_gone(x, &gone);
}

static void apply(struct rill_sig_server *x, int64_t now, const struct rill_store_call *call)
{
    rill_rooms_stamp(x->rooms, call->stamp);
    switch (call->kind) {
    case RILL_STORE_JOIN:
    case RILL_STORE_SAY:
        apply_said(x, now, call);
        break;
    case RILL_STORE_AWAY:
        rill_rooms_away(x->rooms, call->key);
        break;
    case RILL_STORE_LEAVE:
    case RILL_STORE_LOST:
        leave(x, call);
        break;
    case RILL_STORE_DEAD:
        rill_rooms_lose_home(x->rooms, (uint32_t)call->key);
        break;
    }
    rill_server_deliver(x, now);
    put_soon(x, now);
}

/* --- what is put down ---------------------------------------------------------------- */

static void put(struct rill_sig_server *x, int64_t now)
{
    struct rill_store *store = x->config.store;
    struct rill_rooms_hold h;
    if (now >= x->put_again_at) {
        rill_rooms_change_all(x->rooms, rill_store_home(store));
        x->put_again_at = now + PUT_AGAIN;
    }
    x->put_at = x->put_again_at;
    while (rill_store_may_put(store) && x->drops_ring.n) {
        const struct rill_server_away *gone = &x->drops[rill_ring_pop(&x->drops_ring)];
        struct rill_view room = rill_view_at(gone->room, gone->n_room);
        struct rill_view user = rill_view_at(gone->user, gone->n_user);
        if (!rill_rooms_has(x->rooms, room, user))
            rill_store_drop(store, now, room, user);
    }
    while (rill_store_may_put(store) &&
           rill_rooms_next_changed(x->rooms, rill_store_home(store), &h))
        rill_store_put(store, now, &h);
    if (!rill_store_may_put(store))
        put_soon(x, now);
}

/* --- the store's events -------------------------------------------------------------- */

/* Others took this server for dead, or calls are missing: its members come again, as they would to
 * another server. */
static void begin_anew(struct rill_sig_server *x, int64_t now)
{
    x->is_beginning_anew = true;
    for (size_t i = 0; i < x->config.connections; i++)
        if (x->conns[i].member.joined)
            rill_server_ws_dismiss(x, now, &x->conns[i], 1012, "SIGNALING_STORE_GONE");
    for (size_t i = 0; i < x->config.sessions; i++) {
        struct rill_server_session *s = &x->sessions[i];
        if (!s->member.joined)
            continue;
        rill_server_leave(x, now, &s->member);
        rill_eio_session_drop(s->eio, now);
        rill_server_touch(x, &s->member);
    }
    x->is_beginning_anew = false;
    x->away_ring.n = x->drops_ring.n = 0;
    x->rooms = rill_rooms_init(x->rooms_block, &x->config.rooms);
}

static bool take(struct rill_sig_server *x, int64_t now, const struct rill_store_event *e)
{
    switch (e->type) {
    case RILL_STORE_HELD:
        if (!is_own(x, e->hold.key))
            rill_rooms_restore(x->rooms, &e->hold);
        return true;
    case RILL_STORE_READY:
        rill_rooms_restored(x->rooms);
        return true;
    case RILL_STORE_CALLED:
        apply(x, now, &e->call);
        return true;
    case RILL_STORE_AGAIN:
        rill_rooms_forget_stamps(x->rooms);
        x->put_again_at = x->put_at = now;
        return true;
    case RILL_STORE_BEHIND:
        begin_anew(x, now);
        return true;
    default:
        return false;
    }
}

bool rill_sig_server_store(struct rill_sig_server *x, int64_t now, struct rill_store_event *out)
{
    bool is_told;
    while ((is_told = rill_store_event(x->config.store, now, out)) && take(x, now, out))
        continue;
    rill_server_settle(x, now);
    return is_told;
}

void rill_server_store_tick(struct rill_sig_server *x, int64_t now)
{
    if (!x->config.store)
        return;
    if (now >= rill_store_deadline(x->config.store))
        rill_store_tick(x->config.store, now);
    if (now >= x->put_at)
        put(x, now);
}

int64_t rill_server_store_deadline(const struct rill_sig_server *x)
{
    if (!x->config.store)
        return RILL_NEVER;
    return rill_earlier(x->put_at, rill_store_deadline(x->config.store));
}
