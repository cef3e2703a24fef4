/* server_say: members and rooms, whichever way they came.
 *
 * The idea: what a member says is paid for, read, and told to the rooms; all that follows from it
 * is written before the next message is looked at. The framings only carry: a WebSocket and a
 * Socket.IO session each have a member, and the rooms know nothing else. */
#include "signaling/server_private.h"

/* A message pays with time: so much of it may be owed at once (limits.def). */
#define MESSAGE_COST (RILL_SECOND / RILL_LIMIT_RATE)
#define OFFER_COST (RILL_LIMIT_OFFER_COST * MESSAGE_COST)
#define CREDIT (RILL_LIMIT_BURST * MESSAGE_COST)

static const struct rill_trace_point heard = {
    "signaling",
    "said",
    "a client said something",
    3,
    {{"member", RILL_TRACE_U64}, {"event", RILL_TRACE_TEXT}, {"user", RILL_TRACE_TEXT}}};
static const struct rill_trace_point refused = {
    "signaling",
    "message_refused",
    "a message was answered with an error",
    2,
    {{"member", RILL_TRACE_U64}, {"row", RILL_TRACE_TEXT}}};

struct rill_sig_message rill_server_error(const struct rill_err *why, bool stays,
                                          struct rill_span sentence)
{
    struct rill_writer w = rill_writer_of(sentence);
    rill_err_write(&w, why);
    return (struct rill_sig_message){
        .type = RILL_SIG_ERROR,
        .error_name = rill_view_of(why->row->name),
        .error_sentence = rill_w_view(&w),
        .stays = stays,
    };
}

/* --- what members say ---------------------------------------------------------------- */

/* Whether the rate allows it; time not used is credit up to CREDIT. */
static bool pay(struct rill_server_member *m, int64_t now, int64_t cost)
{
    int64_t from = m->paid_until > now ? m->paid_until : now;
    if (from + cost - now > CREDIT)
        return false;
    m->paid_until = from + cost;
    return true;
}

static int say(struct rill_sig_server *x, int64_t now, struct rill_server_member *m,
               const struct rill_sig_message *said, struct rill_view text, const uint64_t *ack,
               struct rill_err *why)
{
    if (!m->joined)
        return rill_server_join(x, now, m, said, why);
    if (said->type == RILL_SIG_NEW_OFFER && !pay(m, now, OFFER_COST - MESSAGE_COST))
        return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_RATE, 0, 0, why);
    /* What no room would take is not worth the others' time, nor a password their eyes. */
    if (x->config.store && (said->type == RILL_SIG_AUTH || said->type > RILL_SIG_HANG_UP))
        return rill_err_set(&rill_signaling_errors,
                            said->type == RILL_SIG_AUTH ? RILL_SIGNALING_AUTH_TWICE
                                                        : RILL_SIGNALING_UNKNOWN,
                            0, 0, why);
    if (x->config.store) {
        const struct rill_store_call call = {.kind = RILL_STORE_SAY,
                                             .key = m->key,
                                             .text = text,
                                             .has_ack = ack != NULL,
                                             .ack = ack ? *ack : 0};
        return rill_store_call(x->config.store, now, &call, why);
    }
    int rc = rill_rooms_say(x->rooms, m->key, said, why);
    if (rc < 0)
        return rc;
    rill_server_note_said(x, m, said);
    return 0;
}

int rill_server_say(struct rill_sig_server *x, int64_t now, struct rill_server_member *m,
                    struct rill_view text, const uint64_t *ack, struct rill_err *why)
{
    rill_server_deliver(x, now); /* what followed from who left */
    struct rill_arena arena = rill_arena_over(x->arena_block, x->arena_n);
    struct rill_sig_message said = {0};
    int rc = pay(m, now, MESSAGE_COST)
                 ? rill_sig_parse(text, &arena, &said, why)
                 : rill_err_set(&rill_signaling_errors, RILL_SIGNALING_RATE, 0, 0, why);
    if (rc == 0 && ack) {
        said.has_ack = true;
        said.ack = *ack;
    }
    if (rc == 0) {
        x->counts.in[said.type]++;
        RILL_TRACE(x->config.trace, now, heard, {.u = m->id}, {.view = said.event},
                   {.view = rill_view_at(m->user, m->n_user)});
        rc = say(x, now, m, &said, text, ack, why);
    }
    if (rc < 0) {
        x->counts.hits[SERVER_HIT_RATE] += rc == RILL_SIGNALING_RATE;
        rill_server_count_row(x, rc);
        RILL_TRACE(x->config.trace, now, refused, {.u = m->id},
                   {.view = rill_view_of(why->row->name)});
    }
    return rc;
}

/* --- what rooms say ------------------------------------------------------------------ */

/* A new offer that is no more than its name and its description. */
static bool is_plain_offer(const struct rill_sig_message *m)
{
    return m->type == RILL_SIG_NEW_OFFER_AWAITING && m->offers[0].n_offer_candidates == 0 &&
           rill_view_is(m->offers[0].offer.type, "offer");
}

static void remember_texted(struct rill_sig_server *x, const struct rill_sig_message *m)
{
    struct rill_writer w = rill_writer_of((struct rill_span){x->texted, SERVER_TEXTED_MAX});
    x->n_texted = 0;
    if (!is_plain_offer(m))
        return;
    rill_w_bytes(&w, m->offers[0].offerer);
    x->n_texted_name = w.at;
    rill_w_bytes(&w, m->offers[0].offer.sdp);
    x->n_texted = w.bad ? 0 : w.at;
}

static bool is_texted(const struct rill_sig_server *x, const struct rill_sig_message *m)
{
    if (!x->n_texted || !is_plain_offer(m))
        return false;
    size_t n = x->n_texted_name;
    return rill_view_equal(m->offers[0].offerer, rill_view_at(x->texted, n)) &&
           rill_view_equal(m->offers[0].offer.sdp, rill_view_at(x->texted + n, x->n_texted - n));
}

struct rill_view rill_server_text(struct rill_sig_server *x, const struct rill_sig_message *m)
{
    struct rill_writer w = rill_writer_of((struct rill_span){x->text, x->scratch_n});
    if (!is_texted(x, m)) {
        rill_sig_write(&w, m);
        x->n_text = w.bad ? 0 : w.at;
        remember_texted(x, m);
    }
    return x->n_text ? rill_view_at(x->text, x->n_text) : (struct rill_view){0};
}

void rill_server_deliver(struct rill_sig_server *x, int64_t now)
{
    struct rill_sig_message m;
    uint64_t key;
    while (rill_rooms_next(x->rooms, &key, &m)) {
        uint32_t to = rill_server_slot_of(x, key);
        if (to == RILL_CHAIN_END)
            continue;
        if (to >= x->config.connections)
            rill_server_sio_send(x, now, &x->sessions[to - x->config.connections], &m);
        else
            rill_server_ws_send(x, now, &x->conns[to], &m);
    }
}
