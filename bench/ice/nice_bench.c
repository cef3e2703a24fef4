/* nice_bench: the same with two agents of libnice, as its documentation has them set up for
 * RFC 8445: regular nomination, trickle, no ICE-TCP, no UPnP. */
#include "bench/ice/link.h"

#include <nice/agent.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 10000

struct side {
    NiceAgent *agent;
    guint stream;
    int valid, selected;
};

struct meeting {
    GMainContext *context;
    struct link *link;
    struct side sides[2];
    GQueue told[2]; /* candidates on their way to each side */
    int ready;      /* both gather */
    double valid_at, selected_at;
};

static int side_of(const struct meeting *m, const NiceAgent *agent)
{
    return m->sides[1].agent == agent;
}

static void on_candidate(NiceAgent *agent, NiceCandidate *c, gpointer ctx)
{
    struct meeting *m = ctx;
    char ip[INET6_ADDRSTRLEN];
    NiceCandidate *copy = nice_candidate_copy(c);
    nice_address_to_string(&c->addr, ip);
    nice_address_set_port(&copy->addr,
                          link_stand_in(m->link, ip, (uint16_t)nice_address_get_port(&c->addr)));
    g_queue_push_tail(&m->told[1 - side_of(m, agent)], copy);
}

static void on_state(NiceAgent *agent, guint stream, guint component, guint state, gpointer ctx)
{
    struct meeting *m = ctx;
    struct side *s = &m->sides[side_of(m, agent)];
    (void)stream, (void)component;
    s->valid =
        s->valid || state == NICE_COMPONENT_STATE_CONNECTED || state == NICE_COMPONENT_STATE_READY;
    s->selected = s->selected || state == NICE_COMPONENT_STATE_READY;
    if (m->sides[0].valid && m->sides[1].valid && m->valid_at == 0)
        m->valid_at = link_now_ms();
    if (m->sides[0].selected && m->sides[1].selected && m->selected_at == 0)
        m->selected_at = link_now_ms();
}

static void on_gathered(NiceAgent *agent, guint stream, gpointer ctx)
{
    struct meeting *m = ctx;
    struct side *other = &m->sides[1 - side_of(m, agent)];
    (void)stream;
    nice_agent_peer_candidate_gathering_done(other->agent, other->stream);
}

static void on_data(NiceAgent *agent, guint stream, guint component, guint n, gchar *bytes,
                    gpointer ctx)
{
    (void)agent, (void)stream, (void)component, (void)n, (void)bytes, (void)ctx;
}

static void make(struct meeting *m, int i, const struct link_scenario *s)
{
    struct side *side = &m->sides[i];
    side->agent =
        nice_agent_new_full(m->context, NICE_COMPATIBILITY_RFC5245,
                            NICE_AGENT_OPTION_REGULAR_NOMINATION | NICE_AGENT_OPTION_ICE_TRICKLE);
    g_object_set(side->agent, "controlling-mode", i == 0, "upnp", FALSE, "ice-tcp", FALSE, NULL);
    if (s->dead_server)
        g_object_set(side->agent, "stun-server", "127.0.0.1", "stun-server-port",
                     (guint)link_dead_server(), NULL);
    for (unsigned k = 0; k < s->addresses; k++) {
        NiceAddress a;
        nice_address_init(&a);
        nice_address_set_from_string(&a, k ? "127.0.0.2" : "127.0.0.1");
        nice_agent_add_local_address(side->agent, &a);
    }
    g_signal_connect(side->agent, "new-candidate-full", G_CALLBACK(on_candidate), m);
    g_signal_connect(side->agent, "component-state-changed", G_CALLBACK(on_state), m);
    g_signal_connect(side->agent, "candidate-gathering-done", G_CALLBACK(on_gathered), m);
    side->stream = nice_agent_add_stream(side->agent, 1);
    nice_agent_attach_recv(side->agent, side->stream, 1, m->context, on_data, m);
}

static void begin(struct meeting *m, const struct link_scenario *s)
{
    for (int i = 0; i < 2; i++)
        make(m, i, s);
    for (int i = 0; i < 2; i++) {
        struct side *other = &m->sides[1 - i];
        gchar *ufrag, *pwd;
        nice_agent_get_local_credentials(other->agent, other->stream, &ufrag, &pwd);
        nice_agent_set_remote_credentials(m->sides[i].agent, m->sides[i].stream, ufrag, pwd);
        g_free(ufrag);
        g_free(pwd);
    }
    for (int i = 0; i < 2; i++)
        nice_agent_gather_candidates(m->sides[i].agent, m->sides[i].stream);
}

static void deliver(struct meeting *m)
{
    for (int i = 0; i < 2; i++) {
        NiceCandidate *c;
        while ((c = g_queue_pop_head(&m->told[i])) != NULL) {
            GSList one = {c, NULL};
            nice_agent_set_remote_candidates(m->sides[i].agent, m->sides[i].stream, 1, &one);
            nice_candidate_free(c);
        }
    }
}

static gboolean wake(gpointer ctx)
{
    (void)ctx;
    return G_SOURCE_CONTINUE;
}

static int run(const struct link_scenario *s, struct link_run *out)
{
    struct meeting m = {.context = g_main_context_new(), .link = link_start(s->delay_us)};
    double from = link_now_ms(), cpu = link_cpu_ms();
    GSource *timer = g_timeout_source_new(PATIENCE_MS);
    g_source_set_callback(timer, wake, NULL, NULL);
    g_source_attach(timer, m.context);
    begin(&m, s);
    while (m.selected_at == 0 && link_now_ms() < from + PATIENCE_MS) {
        deliver(&m);
        if (m.selected_at == 0)
            g_main_context_iteration(m.context, TRUE);
    }
    *out = (struct link_run){m.valid_at - from, m.selected_at - from, link_requests(m.link),
                             link_cpu_ms() - cpu};
    for (int i = 0; i < 2; i++)
        g_object_unref(m.sides[i].agent);
    g_source_destroy(timer);
    g_source_unref(timer);
    while (g_main_context_iteration(m.context, FALSE))
        continue;
    link_stop(m.link);
    for (int i = 0; i < 2; i++)
        g_queue_clear_full(&m.told[i], (GDestroyNotify)nice_candidate_free);
    g_main_context_unref(m.context);
    return m.selected_at != 0 ? 0 : -1;
}

int main(void)
{
    return link_measure("libnice", run);
}
