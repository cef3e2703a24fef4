/* call_signal: what comes from the signaling server and goes to it; steps 5 to 11 and 15 to 22. */
#include "apps/app.h"
#include "apps/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long `--as auto` waits for an offer that is already there, and how much longer at most: two
 * that come at the same moment would both offer, and wait for each other. */
#define DECIDE_AFTER (300 * RILL_MS)
#define DECIDE_SPREAD RILL_SECOND

/* A connection to the server, and a client that speaks over it as c->framing says. */
static bool open_client(struct call *c, int64_t now)
{
    const struct rill_url *url = &c->signal_url;
    if (!call_stream_open(c))
        return false;
    char host[300];
    snprintf(host, sizeof host, strchr(url->host, ':') ? "[%s]:%u" : "%s:%u", url->host, url->port);
    bool socketio = c->framing == RILL_SIG_OVER_SOCKETIO;
    bool no_path = !strcmp(url->path, "/ws");
    struct rill_sig_client_config config = {
        .framing = c->framing,
        .host = rill_view_of(host),
        .path = rill_view_of(socketio && no_path ? "/socket.io/" : url->path),
        .user = rill_view_of(c->options->name),
        .password = rill_view_of(c->options->password),
        .room = rill_view_of(url->room),
        .rng = c->rng,
    };
    c->signal_block = malloc(rill_sig_client_size(&config));
    c->signal = c->signal_block ? rill_sig_client_init(c->signal_block, &config, now) : NULL;
    if (!c->signal)
        call_fail(c, "there is no memory for the signaling client", NULL);
    return c->signal != NULL;
}

bool call_signal_connect(struct call *c, int64_t now)
{
    c->signal_url = c->options->server;
    if (c->options->signaling == CALL_SIGNALING_SOCKETIO)
        c->framing = RILL_SIG_OVER_SOCKETIO;
    return open_client(c, now);
}

/* Whether a connection that failed is no end yet: the server may speak Socket.IO alone. */
static bool may_fall_back(const struct call *c)
{
    return c->options->signaling == CALL_SIGNALING_AUTO && c->framing == RILL_SIG_OVER_WEBSOCKET &&
           !c->signal_open;
}

static void fall_back(struct call *c, int64_t now)
{
    call_note(c, "signaling", "no WebSocket at this path; trying Socket.IO");
    call_stream_close(c);
    free(c->signal_block);
    c->signal_block = c->signal = NULL;
    c->framing = RILL_SIG_OVER_SOCKETIO;
    c->signal_gone = !open_client(c, now);
}

void call_signal_write(struct call *c)
{
    if (!c->signal_gone)
        call_stream_write(c);
}

void call_signal_free(struct call *c)
{
    call_stream_close(c);
    rill_cert_roots_free(&c->roots);
    free(c->signal_block);
}

static void send_candidate(struct call *c, const struct call_candidate *k)
{
    struct rill_sig_candidate out = {
        .candidate = rill_view_of(k->text),
        .mid = rill_view_of(k->mid),
        .mline = k->mline,
        .ufrag = rill_view_of(k->ufrag),
    };
    if (c->signal_gone || rill_sig_client_candidate(c->signal, &out, c->offered) < 0)
        return;
    if (c->role == CALL_OFFERER)
        call_step(c, 9);
}

static void flush_candidates(struct call *c)
{
    for (size_t i = 0; i < c->n_waiting; i++)
        send_candidate(c, &c->waiting[i]);
    c->n_waiting = 0;
}

void call_signal_candidate(struct call *c, const struct rill_peer_event *e)
{
    if (c->n_waiting == CALL_WAITING)
        return;
    struct call_candidate *k = &c->waiting[c->n_waiting++];
    snprintf(k->text, sizeof k->text, "%.*s", (int)e->text.n, (const char *)e->text.p);
    snprintf(k->mid, sizeof k->mid, "%.*s", (int)e->mid.n, (const char *)e->mid.p);
    snprintf(k->ufrag, sizeof k->ufrag, "%.*s", (int)e->ufrag.n, (const char *)e->ufrag.p);
    k->mline = e->mline;
    if (k->text[0])
        call_step(c, c->role == CALL_OFFERER ? 7 : 18);
    if (c->described)
        flush_candidates(c);
}

/* Steps 5 to 8. */
static void offer(struct call *c, int64_t now)
{
    static uint8_t text[CALL_DESCRIPTION_MAX];
    struct rill_err why = {0};
    c->role = CALL_OFFERER;
    c->offered = true;
    c->decide_at = RILL_NEVER;
    if (!call_open_sources(c))
        return;
    call_step(c, 1);
    if (!call_make_peer(c, now))
        return;
    now = rill_posix_now();
    int n = rill_peer_create_offer(c->peer, now, (struct rill_span){text, sizeof text}, &why);
    if (n < 0) {
        call_fail(c, "no offer could be created", &why);
        return;
    }
    call_step(c, 5);
    struct rill_view sdp = rill_view_at(text, (size_t)n);
    if (rill_peer_set_local_description(c->peer, now, RILL_PEER_OFFER, sdp, &why) < 0) {
        call_fail(c, "the offer could not be set", &why);
        return;
    }
    call_step(c, 6);
    call_peer_events(c, now);
    int rc = rill_sig_client_offer(c->signal, sdp);
    if (rc < 0) {
        call_fail_code(c, "the offer could not be sent", rc);
        return;
    }
    c->described = true;
    call_step(c, 8);
    flush_candidates(c);
}

static void add_candidates(struct call *c, int64_t now, const struct rill_sig_candidate *list,
                           size_t n)
{
    for (size_t i = 0; c->peer && i < n; i++) {
        struct rill_err why = {0};
        int rc = rill_peer_add_ice_candidate(c->peer, now, list[i].candidate, list[i].mid,
                                             list[i].mline, list[i].ufrag, &why);
        if (rc < 0)
            call_note(c, "candidate", why.row ? why.row->sentence : "not taken");
    }
}

static void remember_other(struct call *c, struct rill_view name)
{
    snprintf(c->other, sizeof c->other, "%.*s", (int)name.n, (const char *)name.p);
}

/* Steps 11 to 19; `held` lives until the client is called again. */
static void answer(struct call *c, int64_t now, const struct rill_sig_offer *held)
{
    static uint8_t text[CALL_DESCRIPTION_MAX];
    struct rill_err why = {0};
    c->role = CALL_ANSWERER;
    c->decide_at = RILL_NEVER;
    call_step(c, 10);
    call_step(c, 11);
    if (!call_open_sources(c))
        return;
    call_step(c, 12);
    if (!call_make_peer(c, now))
        return;
    now = rill_posix_now();
    if (rill_peer_set_remote_description(c->peer, now, RILL_PEER_OFFER, held->offer.sdp, &why) <
        0) {
        call_fail(c, "the offer cannot be answered", &why);
        return;
    }
    call_step(c, 17);
    c->described_at = now;
    remember_other(c, held->offerer);
    int n = rill_peer_create_answer(c->peer, now, (struct rill_span){text, sizeof text}, &why);
    if (n < 0) {
        call_fail(c, "no answer could be created", &why);
        return;
    }
    call_step(c, 15);
    struct rill_view sdp = rill_view_at(text, (size_t)n);
    if (rill_peer_set_local_description(c->peer, now, RILL_PEER_ANSWER, sdp, &why) < 0) {
        call_fail(c, "the answer could not be set", &why);
        return;
    }
    call_step(c, 16);
    call_tell_unfilled(c);
    add_candidates(c, now, held->offer_candidates, held->n_offer_candidates);
    call_peer_events(c, now);
    int rc = rill_sig_client_answer(c->signal, held, sdp);
    if (rc < 0) {
        call_fail_code(c, "the answer could not be sent", rc);
        return;
    }
    c->described = true;
    call_step(c, 19);
    flush_candidates(c);
}

static const struct rill_sig_offer *first_open(const struct rill_sig_message *m)
{
    for (size_t i = 0; i < m->n_offers; i++)
        if (!m->offers[i].answer.sdp.p && m->offers[i].offer.sdp.p)
            return &m->offers[i];
    return NULL;
}

/* RFC 3264 §6: an answer may refuse each stream; who is passive will not ask again. */
static bool is_all_refused(const struct call *c)
{
    struct rill_peer_transceiver_info t;
    for (int i = 0; i < RILL_TRACKS_MAX; i++)
        if (rill_peer_transceiver(c->peer, i, &t) && t.has_current && !t.stopping)
            return false;
    return c->options->negotiation == CALL_PASSIVE;
}

static void on_answer(struct call *c, int64_t now, const struct rill_sig_offer *o)
{
    struct rill_err why = {0};
    if (!c->peer || rill_peer_signaling_state(c->peer) != RILL_PEER_HAVE_LOCAL_OFFER)
        return;
    if (c->described_at) {
        call_take_answer_again(c, now, o);
        return;
    }
    call_step(c, 21);
    if (rill_peer_set_remote_description(c->peer, now, RILL_PEER_ANSWER, o->answer.sdp, &why) < 0) {
        call_fail(c, "the answer cannot be taken", &why);
        return;
    }
    c->described_at = now;
    remember_other(c, o->answerer);
    call_step(c, 22);
    if (is_all_refused(c)) {
        call_fail(c, "the other side takes nothing that was offered: have both a codec in common?",
                  NULL);
        return;
    }
    call_tell_rejected(c);
    call_tell_unfilled(c);
    add_candidates(c, now, o->answer_candidates, o->n_answer_candidates);
}

static void on_error(struct call *c, const struct rill_sig_message *m)
{
    char text[300];
    snprintf(text, sizeof text, "the signaling server says %.*s: %.*s", (int)m->error_name.n,
             (const char *)m->error_name.p, (int)m->error_sentence.n,
             (const char *)m->error_sentence.p);
    /* Once the descriptions are exchanged the call no longer needs the server. */
    if (c->described_at && m->stays)
        call_note(c, "signaling", text);
    else
        call_fail(c, text, NULL);
}

/* Who was merely lost to the server may still be heard: then the connection decides. */
static void on_hung_up(struct call *c, const struct rill_sig_message *m)
{
    char text[200];
    bool left = rill_view_is(m->reason, "left");
    snprintf(text, sizeof text, "%.*s %s", (int)m->user.n, (const char *)m->user.p,
             left ? "has hung up" : "has lost the signaling server");
    call_note(c, "signaling", text);
    if (!left)
        return;
    if (c->connected)
        c->end = CALL_PEER_LEFT;
    else
        call_fail(c, text, NULL);
}

static void on_message(struct call *c, int64_t now, const struct rill_sig_message *m)
{
    switch (m->type) {
    case RILL_SIG_AVAILABLE_OFFERS:
    case RILL_SIG_NEW_OFFER_AWAITING: {
        const struct rill_sig_offer *o = first_open(m);
        if (o && c->role != CALL_OFFERER && !c->peer)
            answer(c, now, o);
        else if (o && c->peer && c->described_at && rill_view_is(o->offerer, c->other))
            call_answer_again(c, now, o);
        break;
    }
    case RILL_SIG_ANSWER_RESPONSE:
        if (m->n_offers && m->offers[0].answer.sdp.p)
            on_answer(c, now, &m->offers[0]);
        break;
    case RILL_SIG_RECEIVED_CANDIDATE:
        add_candidates(c, now, &m->candidate, 1);
        break;
    case RILL_SIG_ACK:
        call_step(c, 20);
        add_candidates(c, now, m->ack_candidates, m->n_ack_candidates);
        break;
    case RILL_SIG_HUNG_UP:
        on_hung_up(c, m);
        break;
    case RILL_SIG_ERROR:
        on_error(c, m);
        break;
    default:
        break;
    }
}

void call_signal_events(struct call *c, int64_t now)
{
    struct rill_sig_client_event e;
    while (c->end == CALL_RUNNING && rill_sig_client_event(c->signal, &e)) {
        if (e.type == RILL_SIG_CLIENT_OPEN) {
            c->signal_open = true;
            if (c->role == CALL_OFFERER)
                offer(c, now);
            else if (c->role == CALL_AUTO)
                c->decide_at = now + DECIDE_AFTER + rill_rng_below(&c->rng, DECIDE_SPREAD);
        } else if (e.type == RILL_SIG_CLIENT_MESSAGE) {
            on_message(c, now, &e.message);
        } else if (may_fall_back(c)) {
            fall_back(c, now);
        } else {
            c->signal_gone = true;
            if (!c->described_at)
                call_fail_code(c, "the signaling server closed the connection", e.error);
        }
    }
}

void call_signal_read(struct call *c, int64_t now, struct rill_view bytes)
{
    struct rill_err why = {0};
    int rc = call_stream_read(c, now, bytes, &why);
    if (rc < 0 && !c->described_at && !may_fall_back(c))
        call_fail(c,
                  c->signal_open || c->tls ? "the signaling server"
                                           : "the signaling server (https:// if it speaks TLS)",
                  &why);
}

void call_signal_closed(struct call *c, int64_t now)
{
    if (!call_stream_closed(c, now))
        return;
    rill_sig_client_stream_closed(c->signal, now);
    call_signal_events(c, now);
    c->signal_gone = c->signal_socket == RILL_REACTOR_NO_SOCKET;
}

void call_signal_tick(struct call *c, int64_t now)
{
    if (!c->signal_gone) {
        call_stream_tick(c, now);
        rill_sig_client_tick(c->signal, now);
    }
    if (now >= c->decide_at && c->role == CALL_AUTO)
        offer(c, now);
    call_negotiation_tick(c, now);
}

int64_t call_signal_deadline(const struct call *c)
{
    if (c->signal_gone)
        return c->decide_at;
    int64_t next = rill_earlier(call_stream_deadline(c), rill_sig_client_deadline(c->signal));
    return rill_earlier(rill_earlier(c->decide_at, call_negotiation_deadline(c)), next);
}
