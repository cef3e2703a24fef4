/* ice/events: what happened, for whoever pulls; and what may be asked at any time.
 *
 * The idea: an event is a mark on the thing it is about. Pulling one finds the first mark
 * and wipes it, so events need no queue of their own. */
#include "ice/agent_private.h"

static bool close_event(struct rill_ice *x, struct rill_ice_event *out)
{
    for (size_t i = 0; i < x->cap_locals; i++) {
        if (x->bases[i].state != RILL_ICE_BASE_CLOSING)
            continue;
        x->bases[i].state = RILL_ICE_BASE_FREE;
        *out = (struct rill_ice_event){.type = RILL_ICE_EVENT_CLOSE, .socket = x->bases[i].socket};
        return true;
    }
    return false;
}

static bool open_event(struct rill_ice *x, struct rill_ice_event *out)
{
    for (size_t i = 0; i < x->cap_locals; i++) {
        struct rill_ice_base *b = &x->bases[i];
        if (b->state != RILL_ICE_BASE_ASKED || !b->tell)
            continue;
        b->tell = false;
        *out =
            (struct rill_ice_event){.type = RILL_ICE_EVENT_OPEN,
                                    .request = b->request,
                                    .proto = b->tcp == RILL_ICE_TCP_NONE ? RILL_PROTO_UDP
                                             : b->tcp == RILL_ICE_TCP_SO ? RILL_PROTO_TCP_SO
                                                                         : RILL_PROTO_TCP_PASSIVE,
                                    .addr = b->addr};
        return true;
    }
    return false;
}

static bool candidate_event(struct rill_ice *x, struct rill_ice_event *out)
{
    for (size_t i = 0; i < x->cap_locals; i++) {
        struct rill_ice_local *l = &x->locals[i];
        if (!l->used || !l->tell)
            continue;
        l->tell = false;
        *out = (struct rill_ice_event){.type = RILL_ICE_EVENT_CANDIDATE, .cand = &l->cand};
        return true;
    }
    return false;
}

static bool flagged(bool *flag, enum rill_ice_event_type type, struct rill_ice_event *out)
{
    if (!*flag)
        return false;
    *flag = false;
    *out = (struct rill_ice_event){.type = type};
    return true;
}

static bool path_event(struct rill_ice *x, struct rill_ice_event *out)
{
    size_t pair = rill_ice_current(x);
    if (pair == RILL_ICE_NONE)
        return false;
    if (flagged(&x->tell_valid, RILL_ICE_EVENT_VALID, out)) {
        x->told_valid = true;
    } else if (x->selected == RILL_ICE_NONE ||
               !flagged(&x->tell_selected, RILL_ICE_EVENT_SELECTED, out)) {
        return false;
    }
    rill_ice_pair_path(x, pair, &out->path);
    return true;
}

static bool state_event(struct rill_ice *x, struct rill_ice_event *out)
{
    if (x->n_untold == 0)
        return false;
    *out = (struct rill_ice_event){.type = RILL_ICE_EVENT_STATE, .state = x->untold[0]};
    x->n_untold--;
    for (size_t i = 0; i < x->n_untold; i++)
        x->untold[i] = x->untold[i + 1];
    return true;
}

bool rill_ice_event(struct rill_ice *x, struct rill_ice_event *out)
{
    return close_event(x, out) || rill_ice_relay_event(x, out) || open_event(x, out) ||
           rill_ice_stream_event(x, out) || rill_ice_name_event(x, out) ||
           candidate_event(x, out) ||
           flagged(&x->tell_gathered, RILL_ICE_EVENT_GATHERING_DONE, out) || state_event(x, out) ||
           path_event(x, out);
}

bool rill_ice_send_path(const struct rill_ice *x, struct rill_path *out)
{
    size_t pair = rill_ice_current(x);
    if (rill_ice_is_over(x))
        return false;
    /* Until the new session has agreed on a pair, the one before carries the data. */
    if (x->selected == RILL_ICE_NONE && rill_ice_previous_is_alive(x)) {
        rill_ice_previous_path(x, out);
        return true;
    }
    if (pair == RILL_ICE_NONE || !x->pairs[pair].valid)
        return false;
    rill_ice_pair_path(x, pair, out);
    return true;
}

bool rill_ice_is_validated(const struct rill_ice *x, const struct rill_path *path)
{
    size_t pair = rill_ice_pair_of_path(x, path);
    return (pair != RILL_ICE_NONE && (x->pairs[pair].valid || x->pairs[pair].asked)) ||
           rill_ice_previous_is_validated(x, path);
}

bool rill_ice_has_socket(const struct rill_ice *x, uint32_t socket)
{
    struct rill_path path = {.socket = socket};
    for (size_t i = 0; i < x->cap_locals; i++) {
        const struct rill_ice_base *b = &x->bases[i];
        if (b->state == RILL_ICE_BASE_OPEN && b->relay == 0 && b->tcp != RILL_ICE_TCP_ACTIVE &&
            b->socket == socket)
            return true;
    }
    return rill_ice_is_wrapped(x, &path) || rill_ice_stream_base(x, socket) != RILL_ICE_NONE;
}

bool rill_ice_pair_info(const struct rill_ice *x, struct rill_ice_pair_info *out)
{
    size_t pair = rill_ice_current(x);
    bool previous = pair == RILL_ICE_NONE && x->previous.active;
    if (x->had_pair)
        *out = x->last_pair;
    if (pair == RILL_ICE_NONE && !previous)
        return x->had_pair;
    const struct rill_ice_pair *p = previous ? &x->previous.pair : &x->pairs[pair];
    *out = (struct rill_ice_pair_info){
        .local = previous ? x->previous.local.cand : x->locals[p->local].cand,
        .remote = previous ? x->previous.remote.cand : x->remotes[p->remote].cand,
        .rtt = p->rtt,
        .nominated = p->nominated,
        .requests_sent = p->counts.requests_sent + p->counts.retransmissions_sent +
                         p->counts.consent_requests_sent,
        .responses_received = p->counts.responses_received,
        .requests_received = p->counts.requests_received,
        .responses_sent = p->counts.responses_sent,
    };
    return true;
}
