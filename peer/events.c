/* events: what happened, pulled by the app.
 *
 * The idea: small things wait in a short ring as notes; a candidate's text is written when
 * it is handed out, and frames never wait here at all: they are pulled straight out of the
 * jitter buffers, so that no copy is made.
 */
#include "peer/events.h"

#include "peer/choose.h"
#include "peer/congestion.h"
#include "peer/connection.h"
#include "peer/inputs.h"
#include "peer/lines.h"
#include "peer/traced.h"
#include "peer/transport.h"

struct rill_peer_note *rill_peer_note(struct rill_peer *x, enum rill_peer_event_type type)
{
    static const struct rill_peer_note empty;
    size_t slot = rill_ring_push(&x->notes.ring);
    if (slot == RILL_RING_NONE)
        return NULL;
    struct rill_peer_note *note = &x->notes.slots[slot];
    *note = empty;
    note->type = type;
    return note;
}

size_t rill_peer_notes_left(const struct rill_peer *x)
{
    return x->notes.ring.cap - x->notes.ring.n;
}

/* RFC 9429 §3.5.2.1: a candidate is told with its m-line's MID and index and the ufrag. */
static void candidate(struct rill_peer *x, const struct rill_peer_note *note,
                      struct rill_peer_event *out)
{
    struct rill_writer w =
        rill_writer_of((struct rill_span){(uint8_t *)x->notes.text, sizeof x->notes.text});
    const struct rill_sdp *local = x->jsep.local->sdp;
    out->ufrag = rill_view_at(note->ufrag, sizeof note->ufrag);
    if (!note->is_last)
        rill_ice_cand_write(&w, &note->cand, out->ufrag);
    out->text = rill_w_view(&w);
    out->mline = note->index;
    if (local && (size_t)note->index < local->n_media)
        out->mid = local->media[note->index].mid;
    rill_peer_trace_candidate(x, x->now, true, out->mid, out->ufrag, out->text);
}

static void track(struct rill_peer *x, const struct rill_peer_note *note,
                  struct rill_peer_event *out)
{
    const struct rill_peer_line *l = &x->lines[note->index];
    out->receiver = note->index;
    out->kind = l->agreed.kind;
    out->codec = l->agreed.codec;
    out->mid = l->agreed.mid;
    out->mline = (int)l->agreed.mline;
    out->text = l->agreed.remote_stream;
}

static void fill(struct rill_peer *x, const struct rill_peer_note *note,
                 struct rill_peer_event *out)
{
    switch (note->type) {
    case RILL_PEER_EVENT_OPEN:
        out->request = note->request;
        out->addr = note->addr;
        out->to = note->to;
        out->proto = note->proto;
        out->turn = note->turn;
        out->text = note->domain;
        break;
    case RILL_PEER_EVENT_CLOSE:
        out->socket = note->socket;
        break;
    case RILL_PEER_EVENT_CANDIDATE:
        candidate(x, note, out);
        break;
    case RILL_PEER_EVENT_REGISTER:
    case RILL_PEER_EVENT_RESOLVE:
        out->text = rill_view_of(note->cand.name);
        out->addr = note->cand.addr;
        break;
    case RILL_PEER_EVENT_SIGNALING_STATE:
        out->signaling_state = (enum rill_peer_signaling_state)note->state;
        break;
    case RILL_PEER_EVENT_ICE_STATE:
        out->text = rill_view_of(rill_ice_state_name((enum rill_ice_state)note->state));
        break;
    case RILL_PEER_EVENT_CONNECTION_STATE:
        out->connection_state = (enum rill_peer_connection_state)note->state;
        out->error = note->error;
        break;
    case RILL_PEER_EVENT_TRACK:
        track(x, note, out);
        break;
    case RILL_PEER_EVENT_KEYFRAME_WANTED:
        out->track = note->index;
        out->encoding = note->encoding;
        break;
    case RILL_PEER_EVENT_TONE_BEGINS:
    case RILL_PEER_EVENT_TONE:
        out->receiver = note->index;
        out->tone = (char)note->state;
        out->duration = note->time;
        break;
    case RILL_PEER_EVENT_TONE_CHANGE:
        out->track = note->index;
        out->tone = (char)note->state;
        break;
    case RILL_PEER_EVENT_BYE:
    case RILL_PEER_EVENT_TRACK_REMOVED:
        out->receiver = note->index;
        break;
    case RILL_PEER_EVENT_NEGOTIATION_NEEDED:
    case RILL_PEER_EVENT_GATHERING_DONE:
    case RILL_PEER_EVENT_FRAME:
    case RILL_PEER_EVENT_TARGET:
        break;
    }
}

bool rill_peer_event(struct rill_peer *x, struct rill_peer_event *out)
{
    rill_peer_input_event(x);
    /* What did not fit into the ring has waited in ICE's own queue. */
    if (x->notes.ring.n == 0)
        rill_peer_transport_pump(x, x->now);
    static const struct rill_peer_event empty;
    struct rill_peer_event event = empty;
    size_t slot = rill_ring_pop(&x->notes.ring);
    if (slot == RILL_RING_NONE) {
        if (!rill_peer_congestion_event(x, &event) && !rill_peer_receive_frame(x, &event))
            return false;
    } else {
        event.type = x->notes.slots[slot].type;
        fill(x, &x->notes.slots[slot], &event);
    }
    *out = event;
    return true;
}
