/* world: see world.h. The loop of README.md, for four places at once. */
#include "walk/world.h"

#include "ice/agent.h"
#include "peer/demux.h"
#include "srtp/srtp.h"
#include "stun/server.h"
#include "tests/sim/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 23
#define BETWEEN_CLIENTS (20 * RILL_MS)
#define TO_STUN_SERVER (10 * RILL_MS)
#define CLIENT2_COMES (1 * RILL_SECOND)
#define MEDIA_TIME (2 * RILL_SECOND) /* after step 23: two sender reports and what answers them */
/* More turns at one instant than any honest run has. */
#define TURNS_AT_ONCE 10000

const struct rill_addr walk_nat_outside = {.family = RILL_ADDR_IP4, .ip = {203, 0, 113, 7}};

/* RFC 5737 gives these blocks to documentation, RFC 1918 the first one to homes. */
struct rill_addr walk_address(enum walk_place p)
{
    switch (p) {
    case WALK_CLIENT1:
        return rill_addr_ip4(192, 168, 1, 10, 0);
    case WALK_CLIENT2:
        return rill_addr_ip4(192, 0, 2, 20, 0);
    case WALK_STUN_SERVER:
        return rill_addr_ip4(198, 51, 100, 5, 3478);
    default:
        return rill_addr_ip4(198, 51, 100, 9, 8181);
    }
}

void walk_stop(const char *what, const char *sentence)
{
    fprintf(stderr, "walk: %s: %s\n", what, sentence ? sentence : "it did not go");
    exit(1);
}

/* --- steps ------------------------------------------------------------------------------------ */

static struct walk_states states_of(const struct walk_client *c)
{
    struct walk_states s = {.known = c->peer != NULL};
    if (!c->peer)
        return s;
    s.signaling = rill_peer_signaling_state(c->peer);
    s.connection = rill_peer_connection_state(c->peer);
    memcpy(s.ice, c->ice, sizeof s.ice);
    s.gathering = c->gathering;
    s.gathered = c->gathered;
    s.needs_negotiation = rill_peer_negotiation_needed(c->peer);
    return s;
}

bool walk_did(const struct walk_world *w, int step)
{
    return w->steps_done >> step & 1;
}

void walk_step(struct walk_client *c, int step)
{
    struct walk_world *w = c->world;
    if (walk_did(w, step))
        return;
    w->steps_done |= 1u << step;
    struct walk_row *row = walk_add(&w->record, w->now, WALK_STEP, c->place, "step",
                                    rill_view_of(rill_step(step)->sentence));
    row->step = step;
    walk_trace_step(c->file, w->now, rill_step(step));
    row->before = c->states;
    row->after = c->states = states_of(c);
}

/* The order that the pages have: 17 comes before 15 (chapter 17 says why). */
static bool steps_in_order(const struct walk_world *w)
{
    static const int order[RILL_STEPS] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                          13, 14, 17, 15, 16, 18, 19, 20, 21, 22, 23};
    size_t next = 0;
    for (size_t i = 0; i < w->record.n; i++) {
        const struct walk_row *row = &w->record.rows[i];
        if (row->kind != WALK_STEP)
            continue;
        if (row->step != order[next++]) {
            fprintf(stderr, "walk: step %d came where step %d was due\n", row->step,
                    order[next - 1]);
            return false;
        }
    }
    if (next < RILL_STEPS)
        fprintf(stderr, "walk: step %d never came\n", order[next]);
    return next == RILL_STEPS;
}

/* --- making it -------------------------------------------------------------------------------- */

static void make_client(struct walk_world *w, int i, bool keep_trace)
{
    struct walk_client *c = &w->clients[i];
    c->world = w;
    c->place = (enum walk_place)i;
    walk_sink_open(c, SEED, keep_trace);
    c->address = walk_address(c->place);
    c->starts_at = i ? CLIENT2_COMES : 0;
    c->stream_at = RILL_NEVER;
    c->video.track = c->audio.track = -1;
    snprintf(c->ice, sizeof c->ice, "new");
}

static void make_network(struct walk_world *w)
{
    static const struct rill_sim_nat home = {
        .mapping = RILL_SIM_ENDPOINT_INDEPENDENT,
        .filtering = RILL_SIM_ADDRESS_AND_PORT_DEPENDENT,
    };
    rill_sim_init(&w->net, SEED);
    for (int from = 0; from < RILL_SIM_ENDPOINTS; from++)
        for (int to = 0; to < RILL_SIM_ENDPOINTS; to++)
            w->net.links[from][to].delay =
                from < WALK_CLIENTS && to < WALK_CLIENTS ? BETWEEN_CLIENTS : TO_STUN_SERVER;
    w->net.realms[WALK_CLIENT1] = 1;
    rill_sim_nat_add(&w->net, 1, 0, &walk_nat_outside, &home);
    struct rill_addr at = walk_address(WALK_STUN_SERVER);
    w->stun_socket = rill_sim_bind(&w->net, WALK_STUN_SERVER, &at, &w->stun_addr);
}

void walk_world_free(struct walk_world *w)
{
    for (int i = 0; i < WALK_CLIENTS; i++) {
        struct walk_client *c = &w->clients[i];
        if (c->peer)
            rill_peer_free(c->peer);
        free(c->peer_block);
        if (c->cert)
            rill_dtls_cert_free(c->cert);
        free(c->cert_block);
        free(c->signal_block);
        if (c->file)
            fclose(c->file);
    }
    walk_server_free(w);
    rill_sim_clip_free(&w->vp8);
    rill_sim_clip_free(&w->opus);
    rill_sim_free(&w->net);
    rill_srtp_global_free();
    walk_record_free(&w->record);
}

/* --- datagrams -------------------------------------------------------------------------------- */

static void send_datagram(struct walk_world *w, enum walk_place from, uint32_t socket,
                          const struct rill_addr *to, struct rill_view d)
{
    struct walk_row *row =
        walk_add(&w->record, w->now, WALK_DATAGRAM, from, rill_demux_name(rill_demux_class(d)), d);
    row->from = w->net.sockets[socket].addr;
    row->to = *to;
    rill_sim_send(&w->net, w->now, socket, to, d);
}

static void answer_as_stun_server(struct walk_world *w, const struct rill_sim_datagram *d)
{
    uint8_t out[256];
    size_t n = rill_stun_server_answer(rill_view_at(d->bytes, d->n), &d->from,
                                       (struct rill_span){out, sizeof out}, NULL);
    if (n)
        send_datagram(w, WALK_STUN_SERVER, w->stun_socket, &d->from, rill_view_at(out, n));
}

static void drain_peer(struct walk_client *c)
{
    _Alignas(8) uint8_t bytes[RILL_DATAGRAM_OUT_MAX + 128];
    struct rill_path path;
    size_t n;
    bool again = c->peer != NULL;
    while (again) {
        again = walk_client_peer_events(c);
        while ((n = rill_peer_output(c->peer, c->world->now, &path,
                                     (struct rill_span){bytes, sizeof bytes})) > 0)
            send_datagram(c->world, c->place, path.socket, &path.remote, rill_view_at(bytes, n));
    }
}

static void take_datagrams(struct walk_world *w)
{
    static struct rill_sim_datagram d;
    while (rill_sim_receive(&w->net, w->now, &d)) {
        struct rill_view bytes = rill_view_at(d.bytes, d.n);
        struct walk_row *row = walk_add(&w->record, w->now, WALK_ARRIVED, (enum walk_place)d.to,
                                        rill_demux_name(rill_demux_class(bytes)), bytes);
        row->from = d.from;
        row->to = w->net.sockets[d.socket].addr;
        if (d.to == WALK_STUN_SERVER) {
            answer_as_stun_server(w, &d);
            continue;
        }
        struct rill_path path = {.socket = d.socket, .proto = RILL_PROTO_UDP, .remote = d.from};
        struct walk_client *c = &w->clients[d.to];
        rill_peer_input(c->peer, w->now, &path, (struct rill_span){d.bytes, d.n});
        drain_peer(c);
    }
}

/* --- the loop --------------------------------------------------------------------------------- */

static int64_t next_instant(const struct walk_world *w)
{
    int64_t at = rill_earlier(rill_sim_next(&w->net), walk_signal_next(w));
    for (int i = 0; i < WALK_CLIENTS; i++) {
        const struct walk_client *c = &w->clients[i];
        at = rill_earlier(at, c->signal ? RILL_NEVER : c->starts_at);
        if (c->peer)
            at = rill_earlier(at, rill_peer_deadline(c->peer));
        at = rill_earlier(at, walk_media_next(c));
    }
    return rill_earlier(at, w->ends_at);
}

static void turn(struct walk_world *w)
{
    walk_signal_arrive(w);
    take_datagrams(w);
    for (int i = 0; i < WALK_CLIENTS; i++) {
        struct walk_client *c = &w->clients[i];
        if (!c->signal && c->starts_at <= w->now)
            walk_signal_start(c);
        if (c->peer && rill_peer_deadline(c->peer) <= w->now)
            rill_peer_tick(c->peer, w->now);
        walk_media_send(c);
        drain_peer(c);
    }
    walk_signal_drain(w);
}

bool walk_play(struct walk_world *w, bool keep_traces)
{
    *w = (struct walk_world){.ends_at = RILL_NEVER};
    rill_sim_set_time(WALK_WALL_US / RILL_SECOND);
    if (rill_srtp_global_init() < 0)
        walk_stop("SRTP", NULL);
    make_network(w);
    rill_sim_clip_read_ivf(&w->vp8, "tests/data/call/pattern.ivf");
    rill_sim_clip_read_ogg(&w->opus, "tests/data/call/tone.ogg");
    walk_server_open(w);
    for (int i = 0; i < WALK_CLIENTS; i++)
        make_client(w, i, keep_traces);
    for (size_t turns = 0; w->now < w->ends_at; turns++) {
        int64_t next = next_instant(w);
        if (next > 60 * RILL_SECOND || turns > TURNS_AT_ONCE)
            walk_stop("the call", "it does not come to its end");
        w->now = next > w->now ? next : w->now;
        turn(w);
        if (w->ends_at == RILL_NEVER && walk_did(w, RILL_STEPS))
            w->ends_at = w->now + MEDIA_TIME;
    }
    for (int i = 0; i < WALK_CLIENTS; i++)
        walk_trace_end(w->clients[i].file, w->now);
    return steps_in_order(w);
}
