/* room_notes: what is to be sent, as notes; a note becomes a message when it is pulled. */
#include "signaling/room_private.h"

/* The ring holds what one call can note at most, and each call begins with it empty. */
void rill_room_note(struct rill_rooms *x, struct rill_room_note n)
{
    size_t slot = rill_ring_push(&x->ring);
    if (slot != RILL_RING_NONE)
        x->notes[slot] = n;
}

struct rill_room_note rill_room_about(const struct rill_rooms *x, enum rill_sig_type type,
                                      size_t member, size_t offer)
{
    return (struct rill_room_note){.type = type,
                                   .to = x->members[member].id,
                                   .offer = offer,
                                   .generation =
                                       offer == NO_SLOT ? 0 : x->offers[offer].generation};
}

static struct rill_sig_offer view_of(const struct rill_room_offer *o)
{
    return (struct rill_sig_offer){
        .offerer = rill_room_name_view(&o->offerer_name),
        .offer = o->offer,
        .offer_candidates = o->candidates[OFFERER],
        .n_offer_candidates = o->n_candidates[OFFERER],
        .answerer = o->is_answered ? rill_room_name_view(&o->answerer_name) : (struct rill_view){0},
        .answer = o->answer,
        /* The answerer's travel one by one behind the answer. */
        .answer_candidates = NULL,
        .n_answer_candidates = 0,
    };
}

/* The offers of a list that are still there and still open. */
static void fill_list(struct rill_rooms *x, const struct rill_room_note *n,
                      struct rill_sig_message *out)
{
    for (size_t i = 0; i < n->n; i++) {
        const struct rill_room_offer *o = &x->offers[x->list[n->first + i]];
        if (o->used && !o->is_answered)
            x->view[out->n_offers++] = view_of(o);
    }
    out->offers = x->view;
}

static void fill_replaced(struct rill_sig_message *out)
{
    const struct rill_err_row *row = rill_err_find(&rill_signaling_errors, RILL_SIGNALING_REPLACED);
    out->error_name = rill_view_of(row->name);
    out->error_sentence = rill_view_of(row->sentence);
    out->stays = false;
}

/* False when there is nothing left to say. */
static bool fill(struct rill_rooms *x, const struct rill_room_note *n, struct rill_sig_message *out)
{
    *out = (struct rill_sig_message){.type = n->type, .candidate.mline = -1};
    const struct rill_room_offer *o = n->offer == NO_SLOT ? NULL : &x->offers[n->offer];
    if (o && (!o->used || o->generation != n->generation))
        return false;
    switch (n->type) {
    case RILL_SIG_ERROR:
        fill_replaced(out);
        return true;
    case RILL_SIG_PLACE:
        out->token = rill_view_at(x->members[n->member].token, x->members[n->member].n_token);
        out->resumed = n->is_resumed;
        return true;
    case RILL_SIG_HUNG_UP:
        out->reason = rill_view_of(n->is_lost ? "lost" : "left");
        out->user = rill_room_name_view(&n->user);
        return true;
    case RILL_SIG_OFFER_WITHDRAWN:
        out->user = rill_room_name_view(&n->user);
        return true;
    case RILL_SIG_AVAILABLE_OFFERS:
        fill_list(x, n, out);
        return out->n_offers > 0;
    case RILL_SIG_ACK:
        out->ack = n->ack;
        out->ack_candidates = o ? o->candidates[OFFERER] : NULL;
        out->n_ack_candidates = n->n;
        return true;
    case RILL_SIG_RECEIVED_CANDIDATE:
        out->candidate = o->candidates[n->side][n->first];
        return true;
    default:
        x->view[0] = view_of(o);
        out->offers = x->view;
        out->n_offers = 1;
        return true;
    }
}

bool rill_rooms_next(struct rill_rooms *x, uint64_t *member, struct rill_sig_message *out)
{
    for (;;) {
        size_t slot = rill_ring_pop(&x->ring);
        if (slot == RILL_RING_NONE && x->n_leaving == 0)
            return false;
        if (slot == RILL_RING_NONE) {
            rill_room_leave_next(x);
            continue;
        }
        *member = x->notes[slot].to;
        if (fill(x, &x->notes[slot], out))
            return true;
    }
}
