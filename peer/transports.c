/* transports: a table with a row for each BUNDLE group and each m-line that is in none.
 *
 * The idea: every row always has fresh agents, so that a description can name credentials before
 * anything is gathered; a row begins to gather when a description that names it is set, and an
 * m-line's row is the one whose credentials its description has. A row that no m-line has any more
 * is closed, and made anew when its sockets are given back: until then its agent still speaks.
 */
#include "peer/transports.h"

#include "peer/association.h"
#include "peer/congestion.h"
#include "peer/connection.h"
#include "peer/early.h"
#include "peer/lines.h"
#include "peer/mlines.h"
#include "peer/restart.h"
#include "peer/transport.h"

#include <string.h>

/* --- agents ------------------------------------------------------------------------------- */

struct rill_ice_config rill_peer_ice_config(const struct rill_peer *x)
{
    return (struct rill_ice_config){
        .loopback = x->config.loopback,
        .lite = x->config.ice_lite,
        .tcp = x->config.ice_tcp,
        .policy = x->config.relay_only ? RILL_ICE_POLICY_RELAY : RILL_ICE_POLICY_ALL,
        .hosts = x->config.withhold_hosts ? RILL_ICE_HOSTS_WITHHELD
                 : x->config.name_hosts   ? RILL_ICE_HOSTS_NAMED
                                          : RILL_ICE_HOSTS_TOLD,
        .turn = x->config.turn,
        .n_turn = x->config.n_turn,
        .rng = x->config.rng,
        .trace = x->config.trace,
    };
}

/* RFC 8839 §5.4: "ice-pwd" and "ice-ufrag" are the data stream's: its components share them. */
static void make_agent(struct rill_peer *x, struct rill_peer_transport *t, size_t component)
{
    struct rill_peer_component *c = &t->components[component];
    struct rill_ice_config config = rill_peer_ice_config(x);
    config.component = (uint8_t)(component + 1);
    if (component > 0) {
        config.ufrag = rill_ice_ufrag(t->components[0].ice);
        config.pwd = rill_ice_pwd(t->components[0].ice);
    }
    c->requests_before += c->requests;
    c->requests = 0;
    c->ice = rill_ice_init(c->ice_block, &config);
    for (size_t i = 0; i < x->n_interfaces; i++)
        (void)rill_ice_interface_up(c->ice, x->now, &x->interfaces[i]);
    for (size_t i = 0; i < x->n_servers; i++)
        (void)rill_ice_add_server(c->ice, &x->servers[i]);
    if (x->awaits_servers)
        rill_ice_await_servers(c->ice, x->now, true);
    for (size_t i = 0; i < x->config.n_turn; i++)
        if (x->turn_addrs[i].n)
            rill_ice_turn_resolved(c->ice, x->now, i, x->turn_addrs[i].addrs, x->turn_addrs[i].n);
}

static void reset_component(struct rill_peer_component *c)
{
    c->used = c->gathering_done = c->has_valid = c->awaits_hello = c->said_goodbye = false;
    c->dtls_is_client = false;
    c->n_gathered = 0;
    c->ice_state = RILL_ICE_NEW;
    rill_peer_early_clear(&c->early);
}

static void make_row(struct rill_peer *x, struct rill_peer_transport *t)
{
    t->use = RILL_PEER_TRANSPORT_FREE;
    t->mline = 0;
    t->restart_begun = t->restart_asked = t->restart_undone = t->restart_answered = false;
    t->has_next = t->has_next_tls_id = t->has_remote_ice = false;
    rill_rng_ice_chars(&x->config.rng, t->tls_id, sizeof t->tls_id);
    rill_peer_congestion_reset(x, &t->congestion);
    for (size_t i = 0; i < RILL_PEER_COMPONENTS; i++) {
        reset_component(&t->components[i]);
        if (t->components[i].ice_block)
            make_agent(x, t, i);
    }
}

/* --- one block ---------------------------------------------------------------------------- */

/* Agents that are made later need them again. */
static void copy_turn(struct rill_peer *x, struct rill_arena *arena)
{
    const struct rill_ice_turn_server *from = x->config.turn;
    struct rill_ice_turn_server *to = rill_arena_take(arena, x->config.n_turn, sizeof *to);
    size_t n = 0;
    for (size_t i = 0; i < x->config.n_turn; i++)
        n += from[i].username.n + from[i].password.n;
    uint8_t *bytes = rill_arena_take(arena, n + 1, 1);
    x->turn_addrs = rill_arena_take(arena, x->config.n_turn, sizeof *x->turn_addrs);
    if (x->config.n_turn == 0 || !to || !bytes)
        return;
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, n});
    for (size_t i = 0; i < x->config.n_turn; i++) {
        to[i] = from[i];
        to[i].username = rill_view_at(bytes + w.at, from[i].username.n);
        rill_w_bytes(&w, from[i].username);
        to[i].password = rill_view_at(bytes + w.at, from[i].password.n);
        rill_w_bytes(&w, from[i].password);
    }
    x->secrets = (struct rill_span){bytes, n};
    x->config.turn = to;
}

void rill_peer_transports_init(struct rill_peer *x, struct rill_arena *arena)
{
    bool negotiable = x->config.rtcp_mux_policy == RILL_PEER_RTCP_NEGOTIATE;
    copy_turn(x, arena);
    x->interfaces = rill_arena_take(arena, RILL_PEER_INTERFACES, sizeof *x->interfaces);
    struct rill_peer_transport *rows =
        rill_arena_take(arena, x->config.transports, sizeof *x->transports);
    for (size_t i = 0; i < x->config.transports; i++) {
        struct rill_peer_transport unused = {.mline = 0};
        struct rill_peer_transport *t = rows ? &rows[i] : &unused;
        for (size_t k = 0; k < (negotiable ? RILL_PEER_COMPONENTS : 1u); k++) {
            t->components[k].of = t;
            rill_peer_component_init(x, &t->components[k], arena);
        }
        rill_peer_congestion_init(x, &t->congestion, arena);
    }
    x->transports = rows;
    for (size_t i = 0; rows && !arena->bad && i < x->config.transports; i++)
        make_row(x, &rows[i]);
}

/* --- finding one -------------------------------------------------------------------------- */

struct rill_peer_component *rill_peer_component(const struct rill_peer *x, size_t k)
{
    bool negotiable = x->config.rtcp_mux_policy == RILL_PEER_RTCP_NEGOTIATE;
    size_t each = negotiable ? RILL_PEER_COMPONENTS : 1;
    return k < x->config.transports * each ? &x->transports[k / each].components[k % each] : NULL;
}

struct rill_peer_component *rill_peer_component_of_socket(const struct rill_peer *x,
                                                          uint32_t socket)
{
    struct rill_peer_component *c;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++)
        if (c->used && rill_ice_has_socket(c->ice, socket))
            return c;
    return rill_peer_component(x, 0);
}

static size_t place_of(const struct rill_peer *x, const struct rill_peer_component *of, size_t *all)
{
    struct rill_peer_component *c;
    size_t found = 0;
    for (*all = 0; (c = rill_peer_component(x, *all)); (*all)++)
        if (c == of)
            found = *all;
    return found;
}

/* Each agent counts its requests by itself; the place in the table is what is left of a division.
 */
uint32_t rill_peer_request(const struct rill_peer *x, struct rill_peer_component *c,
                           uint32_t request)
{
    size_t all, place = place_of(x, c, &all);
    c->requests = request > c->requests ? request : c->requests;
    return (uint32_t)((c->requests_before + request) * all + place);
}

struct rill_peer_component *rill_peer_component_of_request(const struct rill_peer *x,
                                                           uint32_t *request)
{
    size_t all;
    (void)place_of(x, NULL, &all);
    struct rill_peer_component *c = rill_peer_component(x, *request % all);
    uint32_t number = (uint32_t)(*request / all) - c->requests_before;
    if (number == 0 || number > c->requests)
        return NULL;
    *request = number;
    return c;
}

struct rill_peer_transport *rill_peer_transport_of_ufrag(const struct rill_peer *x,
                                                         struct rill_view ufrag)
{
    for (size_t i = 0; i < x->config.transports; i++) {
        struct rill_peer_transport *t = &x->transports[i];
        if (t->use == RILL_PEER_TRANSPORT_CLOSING)
            continue;
        if (rill_view_equal(ufrag, rill_ice_ufrag(t->components[0].ice)) ||
            (t->has_next &&
             rill_view_equal(ufrag, rill_view_at(t->next_ufrag, sizeof t->next_ufrag))))
            return t;
    }
    return NULL;
}

/* --- the life of one ------------------------------------------------------------------------ */

void rill_peer_transport_begin(struct rill_peer *x, int64_t now, struct rill_peer_transport *t,
                               size_t mline, bool rtcp)
{
    (void)x;
    t->mline = mline;
    for (size_t i = 0; i < RILL_PEER_COMPONENTS; i++) {
        struct rill_peer_component *c = &t->components[i];
        if (c->used || !c->ice || (i > 0 && !rtcp))
            continue;
        c->used = true;
        rill_ice_gather(c->ice, now);
    }
}

void rill_peer_component_close(struct rill_peer *x, int64_t now, struct rill_peer_component *c)
{
    if (!c->used)
        return;
    rill_peer_association_forget(x, c);
    rill_ice_close(c->ice, now);
    c->gathering_done = true;
}

void rill_peer_transport_close(struct rill_peer *x, int64_t now, struct rill_peer_transport *t)
{
    for (size_t i = 0; i < RILL_PEER_COMPONENTS; i++)
        rill_peer_component_close(x, now, &t->components[i]);
    t->use = RILL_PEER_TRANSPORT_CLOSING;
}

/* Called when all events have been pulled. */
static bool is_drained(const struct rill_peer_component *c)
{
    return !c->used || rill_ice_deadline(c->ice) == RILL_NEVER;
}

void rill_peer_transports_renew(struct rill_peer *x)
{
    for (size_t i = 0; i < x->config.transports; i++) {
        struct rill_peer_transport *t = &x->transports[i];
        if (t->use == RILL_PEER_TRANSPORT_CLOSING && is_drained(&t->components[0]) &&
            is_drained(&t->components[1]))
            make_row(x, t);
    }
}

/* --- as descriptions name them --------------------------------------------------------------- */

static bool is_warm(const struct rill_peer_transport *t)
{
    return t->use == RILL_PEER_TRANSPORT_FREE && t->components[0].used;
}

void rill_peer_transports_roll_back(struct rill_peer *x, int64_t now)
{
    bool kept = x->jsep.agreed;
    for (size_t i = 0; i < x->config.transports; i++) {
        struct rill_peer_transport *t = &x->transports[i];
        if (t->use != RILL_PEER_TRANSPORT_OFFERED)
            continue;
        if (kept)
            rill_peer_transport_close(x, now, t);
        else
            t->use = RILL_PEER_TRANSPORT_FREE;
        kept = true;
    }
}

static bool is_named(const struct rill_peer *x, const struct rill_peer_transport *t,
                     const struct rill_sdp *offer)
{
    for (size_t i = 0; i < offer->n_media; i++)
        if (offer->media[i].port && rill_peer_transport_of_ufrag(x, offer->media[i].ice_ufrag) == t)
            return true;
    return false;
}

void rill_peer_transports_offered(struct rill_peer *x, int64_t now, const struct rill_sdp *offer)
{
    bool negotiable = x->config.rtcp_mux_policy == RILL_PEER_RTCP_NEGOTIATE;
    for (size_t i = 0; i < x->config.transports; i++)
        if (x->transports[i].use == RILL_PEER_TRANSPORT_OFFERED &&
            !is_named(x, &x->transports[i], offer))
            rill_peer_transport_close(x, now, &x->transports[i]);
    for (size_t i = 0; i < offer->n_media; i++) {
        struct rill_peer_transport *t =
            offer->media[i].port ? rill_peer_transport_of_ufrag(x, offer->media[i].ice_ufrag)
                                 : NULL;
        if (!t || t->use == RILL_PEER_TRANSPORT_AGREED)
            continue;
        for (size_t k = 0; k < RILL_PEER_COMPONENTS; k++)
            if (t->use == RILL_PEER_TRANSPORT_FREE && t->components[k].ice)
                rill_ice_set_controlling(t->components[k].ice, true);
        t->use = RILL_PEER_TRANSPORT_OFFERED;
        rill_peer_transport_begin(x, now, t, i, negotiable);
    }
}

/* RFC 9429 §5.2.2: "for each candidate that has been gathered during the most recent gathering
 * phase". */
static void describe_candidates(const struct rill_peer_transport *t, struct rill_arena *arena,
                                struct rill_sdp_transport *out)
{
    const struct rill_peer_component *c = t->components;
    size_t n = c[0].n_gathered + c[1].n_gathered;
    struct rill_view *list = rill_arena_take(arena, n, sizeof *list);
    for (size_t i = 0; list && i < n; i++) {
        uint8_t text[256];
        struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
        rill_ice_cand_write(
            &w, i < c[0].n_gathered ? &c[0].gathered[i] : &c[1].gathered[i - c[0].n_gathered],
            out->ufrag);
        list[out->n_candidates++] = rill_arena_copy(arena, rill_w_view(&w));
    }
    out->candidates = list;
    out->end_of_candidates = c[0].gathering_done && (!c[1].used || c[1].gathering_done);
}

/* RFC 9429 §5.3.2: "Each "a=tls-id" line MUST stay the same, unless the offerer's "a=tls-id" line
 * changed, in which case a new tls-id value MUST be created". */
static void describe_association(struct rill_peer *x, struct rill_peer_transport *t,
                                 struct rill_sdp_transport *out)
{
    const struct rill_sdp *offer = x->jsep.pending_remote ? x->jsep.pending_remote->sdp : NULL;
    out->tls_id = rill_view_at(t->tls_id, sizeof t->tls_id);
    if (!offer || t->use != RILL_PEER_TRANSPORT_AGREED)
        return;
    out->role = rill_peer_association_role(x, t, offer);
    if (out->role != RILL_SDP_SETUP_NONE)
        return;
    if (!t->has_next_tls_id)
        rill_rng_ice_chars(&x->config.rng, t->next_tls_id, sizeof t->next_tls_id);
    t->has_next_tls_id = true;
    out->tls_id = rill_view_at(t->next_tls_id, sizeof t->next_tls_id);
}

static void describe(struct rill_peer *x, struct rill_peer_transport *t, bool restarts,
                     struct rill_arena *arena, struct rill_sdp_transport *out)
{
    bool wanted = restarts && t->use == RILL_PEER_TRANSPORT_AGREED;
    *out = (struct rill_sdp_transport){
        .ufrag = rill_ice_ufrag(t->components[0].ice),
        .pwd = rill_ice_pwd(t->components[0].ice),
    };
    describe_association(x, t, out);
    if ((wanted || t->restart_asked) && !t->restart_begun)
        rill_peer_restart_words(x, t, &out->ufrag, &out->pwd);
    else
        describe_candidates(t, arena, out);
}

/* The transport that the m-line of a transceiver has by now. */
static const struct rill_peer_transport *transport_of(const struct rill_peer *x, size_t mline,
                                                      int transceiver, bool *bundled)
{
    const struct rill_peer_line *l = transceiver >= 0 ? &x->lines[transceiver] : NULL;
    *bundled = true;
    if (l && l->agreed.active) {
        *bundled = l->agreed.bundled;
        return &x->transports[l->transport];
    }
    for (size_t i = 0; i < x->config.transports; i++)
        if (x->transports[i].use == RILL_PEER_TRANSPORT_OFFERED && x->transports[i].mline == mline)
            return &x->transports[i];
    return NULL;
}

void rill_peer_transports_describe(struct rill_peer *x, struct rill_peer_wanted *wanted,
                                   bool restarts, struct rill_arena *arena,
                                   struct rill_sdp_local *out)
{
    size_t place[RILL_SDP_TRANSPORTS_MAX], n = 0, cap = x->config.transports;
    struct rill_sdp_transport *list = rill_arena_take(arena, cap, sizeof *list);
    for (int warm = 1; list && warm >= 0; warm--)
        for (size_t i = 0; i < cap; i++) {
            struct rill_peer_transport *t = &x->transports[i];
            bool first = rill_peer_transport_is_live(t) || is_warm(t);
            if (t->use == RILL_PEER_TRANSPORT_CLOSING || first != (warm == 1))
                continue;
            place[i] = n;
            describe(x, t, restarts, arena, &list[n++]);
        }
    for (size_t i = 0; i < wanted->n; i++) {
        struct rill_sdp_track *row = &wanted->rows[i];
        const struct rill_peer_transport *t = transport_of(x, i, wanted->lines[i], &row->bundled);
        row->transport = t && n ? place[t - x->transports] + 1 : 0;
    }
    out->transports = list;
    out->n_transports = n;
}
