/* rill_bench: two of rill's ICE agents meet over a link, from gathering to the selected pair. */
#include "bench/ice/link.h"
#include "ice/agent.h"
#include "reactor/reactor.h"

#include <stdio.h>
#include <stdlib.h>

#define PATIENCE (10 * RILL_SECOND)

struct side {
    struct rill_ice *ice;
    void *block;
    bool valid, selected;
};

struct meeting {
    struct rill_reactor *reactor;
    struct link *link;
    struct side sides[2];
    int of_socket[64]; /* side, by the reactor's number of the socket; -1 */
    uint32_t sockets[64];
    size_t n_sockets;
    double valid_at, selected_at;
};

static int side_of(const struct meeting *m, uint32_t socket)
{
    for (size_t i = 0; i < m->n_sockets; i++)
        if (m->sockets[i] == socket)
            return m->of_socket[i];
    return -1;
}

static void open_socket(struct meeting *m, int side, const struct rill_ice_event *e)
{
    struct rill_addr local;
    uint32_t socket;
    if (rill_reactor_udp(m->reactor, &e->addr, &socket, &local, NULL) < 0)
        abort();
    m->sockets[m->n_sockets] = socket;
    m->of_socket[m->n_sockets++] = side;
    rill_ice_opened(m->sides[side].ice, rill_posix_now(), e->request, socket, &local);
}

static void tell(struct meeting *m, int side, const struct rill_ice_cand *cand)
{
    uint8_t text[256];
    char ip[RILL_ADDR_TEXT_MAX];
    struct rill_ice_cand stand_in = *cand;
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)ip, sizeof ip});
    rill_addr_write_ip(&w, &cand->addr);
    rill_w_end_text(&w);
    stand_in.addr.port = link_stand_in(m->link, ip, cand->addr.port);
    w = rill_writer_of((struct rill_span){text, sizeof text});
    rill_ice_cand_write(&w, &stand_in, rill_ice_ufrag(m->sides[side].ice));
    rill_ice_add_remote_candidate(m->sides[1 - side].ice, rill_posix_now(), rill_w_view(&w), NULL);
}

static void events(struct meeting *m, int side)
{
    struct side *s = &m->sides[side];
    struct rill_ice_event e;
    while (rill_ice_event(s->ice, &e)) {
        if (e.type == RILL_ICE_EVENT_OPEN)
            open_socket(m, side, &e);
        else if (e.type == RILL_ICE_EVENT_CLOSE)
            rill_reactor_close(m->reactor, e.socket);
        else if (e.type == RILL_ICE_EVENT_CANDIDATE)
            tell(m, side, e.cand);
        else if (e.type == RILL_ICE_EVENT_GATHERING_DONE)
            rill_ice_end_of_candidates(m->sides[1 - side].ice, rill_posix_now());
        else if (e.type == RILL_ICE_EVENT_VALID)
            s->valid = true;
        else if (e.type == RILL_ICE_EVENT_SELECTED)
            s->selected = true;
    }
    if (m->sides[0].valid && m->sides[1].valid && m->valid_at == 0)
        m->valid_at = link_now_ms();
    if (m->sides[0].selected && m->sides[1].selected && m->selected_at == 0)
        m->selected_at = link_now_ms();
}

static void drain(struct meeting *m)
{
    static _Alignas(8) uint8_t out[RILL_DATAGRAM_OUT_MAX];
    struct rill_path path;
    size_t n;
    for (int i = 0; i < 2; i++)
        events(m, i);
    for (int i = 0; i < 2; i++)
        while ((n = rill_ice_output(m->sides[i].ice, rill_posix_now(), &path,
                                    (struct rill_span){out, sizeof out})) > 0)
            rill_reactor_send(m->reactor, &path, rill_view_at(out, n));
    for (int i = 0; i < 2; i++)
        events(m, i);
}

static void meet(struct meeting *m, int64_t until)
{
    while (m->selected_at == 0 && rill_posix_now() < until) {
        struct rill_reactor_event e;
        int64_t now = rill_posix_now();
        for (int i = 0; i < 2; i++)
            rill_ice_tick(m->sides[i].ice, now);
        drain(m);
        if (m->selected_at != 0)
            return;
        int64_t at =
            rill_earlier(rill_ice_deadline(m->sides[0].ice), rill_ice_deadline(m->sides[1].ice));
        rill_reactor_next(m->reactor, rill_earlier(at, until), &e);
        int side = side_of(m, e.path.socket);
        if (e.type == RILL_REACTOR_DATAGRAM && side >= 0)
            rill_ice_input(m->sides[side].ice, rill_posix_now(), &e.path,
                           rill_view_at(e.bytes.p, e.bytes.n), NULL);
    }
}

static void begin(struct meeting *m, const struct link_scenario *s)
{
    struct rill_ice_config config = {.loopback = true, .rng = rill_posix_rng()};
    struct rill_addr server = rill_addr_ip4(127, 0, 0, 1, link_dead_server());
    for (int i = 0; i < 2; i++) {
        struct side *side = &m->sides[i];
        side->block = malloc(rill_ice_size(&config));
        side->ice = rill_ice_init(side->block, &config);
        rill_ice_set_controlling(side->ice, i == 0);
        if (s->dead_server)
            rill_ice_add_server(side->ice, &server);
        for (uint8_t k = 0; k < s->addresses; k++) {
            struct rill_addr a = rill_addr_ip4(127, 0, 0, (uint8_t)(k + 1), 0);
            rill_ice_interface_up(side->ice, rill_posix_now(), &a);
        }
    }
    for (int i = 0; i < 2; i++) {
        struct rill_ice *other = m->sides[1 - i].ice;
        rill_ice_gather(m->sides[i].ice, rill_posix_now());
        rill_ice_set_remote_credentials(m->sides[i].ice, rill_posix_now(), rill_ice_ufrag(other),
                                        rill_ice_pwd(other), false);
    }
}

static int run(const struct link_scenario *s, struct link_run *out)
{
    struct meeting m = {.reactor = rill_reactor_new(64), .link = link_start(s->delay_us)};
    double from = link_now_ms(), cpu = link_cpu_ms();
    begin(&m, s);
    meet(&m, rill_posix_now() + PATIENCE);
    *out = (struct link_run){m.valid_at - from, m.selected_at - from, link_requests(m.link),
                             link_cpu_ms() - cpu};
    link_stop(m.link);
    rill_reactor_free(m.reactor);
    for (int i = 0; i < 2; i++)
        free(m.sides[i].block);
    return m.selected_at != 0 ? 0 : -1;
}

int main(void)
{
    return link_measure("rill", run);
}
