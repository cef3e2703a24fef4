/* client: what CLIENT1 and CLIENT2 do, in the words of the 23 steps; as apps/call_signal.c does it,
 * without its choices. */
#include "walk/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(int rc, const char *what, const struct rill_err *why)
{
    if (rc < 0)
        walk_stop(what, why && why->row ? why->row->sentence : NULL);
}

/* Steps 2 to 4, and 13 and 14. */
static void make_peer(struct walk_client *c)
{
    bool offers = c->place == WALK_CLIENT1;
    walk_make_certificate(c);
    struct rill_peer_config config = {
        .cert = c->cert,
        .wall_us = WALK_WALL_US,
        .rng = c->rng,
        .trace = &c->trace,
    };
    c->peer_block = calloc(1, rill_peer_size(&config));
    c->peer = c->peer_block ? rill_peer_init(c->peer_block, &config) : NULL;
    if (!c->peer)
        walk_stop("the peer connection", "there is no memory");
    if (offers)
        walk_step(c, 2);
    must(rill_peer_add_stun_server(c->peer, &c->world->stun_addr), "the STUN server", NULL);
    walk_step(c, offers ? 3 : 13);
    must(rill_peer_interface_up(c->peer, c->world->now, &c->address), "the interface", NULL);
    c->audio.track = rill_peer_add_track(c->peer, RILL_CODEC_OPUS, "stream", "sound");
    c->video.track = rill_peer_add_track(c->peer, RILL_CODEC_VP8, "stream", "picture");
    must(c->audio.track, "the sound", NULL);
    must(c->video.track, "the picture", NULL);
    c->audio.rtp_base = 48000u * (unsigned)(c->place + 1);
    c->video.rtp_base = 90000u * (unsigned)(c->place + 1);
    walk_step(c, offers ? 4 : 14);
}

/* Steps 1 and 12. The camera and the microphone are the two clips. */
static void capture(struct walk_client *c)
{
    walk_step(c, c->place == WALK_CLIENT1 ? 1 : 12);
}

static void keep_description(struct walk_client *c, const char *what, struct rill_view text)
{
    walk_add(&c->world->record, c->world->now, WALK_DESCRIPTION, c->place, what, text);
}

/* --- candidates ------------------------------------------------------------------------------- */

static void send_candidate(struct walk_client *c, const struct walk_candidate *k)
{
    struct rill_sig_candidate out = {
        .candidate = rill_view_of(k->text),
        .mid = rill_view_of(k->mid),
        .mline = k->mline,
        .ufrag = rill_view_of(k->ufrag),
    };
    bool offered = c->place == WALK_CLIENT1;
    must(rill_sig_client_candidate(c->signal, &out, offered), "a candidate", NULL);
    if (offered)
        walk_step(c, 9);
}

static void flush_candidates(struct walk_client *c)
{
    c->described = true;
    for (size_t i = 0; i < c->n_waiting; i++)
        send_candidate(c, &c->waiting[i]);
    c->n_waiting = 0;
}

static void on_candidate(struct walk_client *c, const struct rill_peer_event *e)
{
    struct walk_candidate k = {.mline = e->mline};
    snprintf(k.text, sizeof k.text, "%.*s", (int)e->text.n, (const char *)e->text.p);
    snprintf(k.mid, sizeof k.mid, "%.*s", (int)e->mid.n, (const char *)e->mid.p);
    snprintf(k.ufrag, sizeof k.ufrag, "%.*s", (int)e->ufrag.n, (const char *)e->ufrag.p);
    walk_add(&c->world->record, c->world->now, WALK_CANDIDATE, c->place, k.mid, e->text);
    walk_step(c, c->place == WALK_CLIENT1 ? 7 : 18);
    if (c->described) {
        send_candidate(c, &k);
        return;
    }
    if (c->n_waiting == WALK_CANDIDATES)
        walk_stop("the candidates", "there are too many");
    c->waiting[c->n_waiting++] = k;
}

static void add_candidates(struct walk_client *c, const struct rill_sig_candidate *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct rill_err why = {0};
        must(rill_peer_add_ice_candidate(c->peer, c->world->now, list[i].candidate, list[i].mid,
                                         list[i].mline, list[i].ufrag, &why),
             "a candidate", &why);
    }
}

/* --- offer and answer ------------------------------------------------------------------------- */

/* Steps 1 to 9. */
static void offer(struct walk_client *c)
{
    struct rill_err why = {0};
    capture(c);
    make_peer(c);
    int n = rill_peer_create_offer(
        c->peer, c->world->now, (struct rill_span){(uint8_t *)c->description, WALK_DESCRIPTION_MAX},
        &why);
    must(n, "the offer", &why);
    struct rill_view sdp = rill_view_at(c->description, (size_t)n);
    keep_description(c, "local offer", sdp);
    walk_step(c, 5);
    must(rill_peer_set_local_description(c->peer, c->world->now, RILL_PEER_OFFER, sdp, &why),
         "the offer", &why);
    c->gathering = true;
    walk_step(c, 6);
    walk_client_peer_events(c);
    must(rill_sig_client_offer(c->signal, sdp), "the offer", NULL);
    walk_step(c, 8);
    flush_candidates(c);
}

/* Steps 11 to 19; `held` lives until the client is called again. */
static void answer(struct walk_client *c, const struct rill_sig_offer *held)
{
    struct rill_err why = {0};
    walk_step(c, 11);
    capture(c);
    make_peer(c);
    keep_description(c, "remote offer", held->offer.sdp);
    must(rill_peer_set_remote_description(c->peer, c->world->now, RILL_PEER_OFFER, held->offer.sdp,
                                          &why),
         "the offer", &why);
    walk_step(c, 17);
    int n = rill_peer_create_answer(
        c->peer, c->world->now, (struct rill_span){(uint8_t *)c->description, WALK_DESCRIPTION_MAX},
        &why);
    must(n, "the answer", &why);
    struct rill_view sdp = rill_view_at(c->description, (size_t)n);
    keep_description(c, "local answer", sdp);
    walk_step(c, 15);
    must(rill_peer_set_local_description(c->peer, c->world->now, RILL_PEER_ANSWER, sdp, &why),
         "the answer", &why);
    c->gathering = true;
    walk_step(c, 16);
    add_candidates(c, held->offer_candidates, held->n_offer_candidates);
    walk_client_peer_events(c);
    must(rill_sig_client_answer(c->signal, held, sdp), "the answer", NULL);
    walk_step(c, 19);
    flush_candidates(c);
}

/* Steps 21 and 22. */
static void take_answer(struct walk_client *c, const struct rill_sig_offer *o)
{
    struct rill_err why = {0};
    walk_step(c, 21);
    keep_description(c, "remote answer", o->answer.sdp);
    must(rill_peer_set_remote_description(c->peer, c->world->now, RILL_PEER_ANSWER, o->answer.sdp,
                                          &why),
         "the answer", &why);
    walk_step(c, 22);
    add_candidates(c, o->answer_candidates, o->n_answer_candidates);
}

static void on_message(struct walk_client *c, const struct rill_sig_message *m)
{
    switch (m->type) {
    case RILL_SIG_AVAILABLE_OFFERS:
        answer(c, &m->offers[0]);
        break;
    case RILL_SIG_ANSWER_RESPONSE:
        take_answer(c, &m->offers[0]);
        break;
    case RILL_SIG_RECEIVED_CANDIDATE:
        add_candidates(c, &m->candidate, 1);
        break;
    case RILL_SIG_ACK: /* candidates that it has already do no harm */
        walk_step(c, 20);
        add_candidates(c, m->ack_candidates, m->n_ack_candidates);
        break;
    default:
        walk_stop("the signaling server", "it says what nobody asked for");
    }
}

void walk_client_signal_events(struct walk_client *c)
{
    struct rill_sig_client_event e;
    while (rill_sig_client_event(c->signal, &e)) {
        if (e.type == RILL_SIG_CLIENT_CLOSED)
            walk_stop("the signaling client", "the connection is closed");
        else if (e.type == RILL_SIG_CLIENT_MESSAGE)
            on_message(c, &e.message);
        else if (c->place == WALK_CLIENT1)
            offer(c);
        else
            walk_step(c, 10);
    }
}

/* --- the peer's events ------------------------------------------------------------------------ */

static void open_socket(struct walk_client *c, const struct rill_peer_event *e)
{
    struct rill_addr bound;
    uint32_t socket = rill_sim_bind(&c->world->net, (int)c->place, &e->addr, &bound);
    rill_peer_opened(c->peer, c->world->now, e->request, socket, &bound);
}

static void take_event(struct walk_client *c, const struct rill_peer_event *e)
{
    switch (e->type) {
    case RILL_PEER_EVENT_OPEN:
        open_socket(c, e);
        break;
    case RILL_PEER_EVENT_CANDIDATE:
        on_candidate(c, e);
        break;
    case RILL_PEER_EVENT_GATHERING_DONE:
        c->gathered = true;
        break;
    case RILL_PEER_EVENT_ICE_STATE:
        snprintf(c->ice, sizeof c->ice, "%.*s", (int)e->text.n, (const char *)e->text.p);
        break;
    case RILL_PEER_EVENT_CONNECTION_STATE:
        if (e->connection_state == RILL_PEER_CONNECTED)
            walk_media_begin(c);
        break;
    case RILL_PEER_EVENT_FRAME:
        walk_media_played(c, &e->frame);
        break;
    default:
        break;
    }
}

bool walk_client_peer_events(struct walk_client *c)
{
    struct rill_peer_event e;
    bool any = false;
    while (rill_peer_event(c->peer, &e)) {
        take_event(c, &e);
        any = true;
    }
    return any;
}
