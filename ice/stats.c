/* ice/stats: see stats.h. */
#include "ice/stats.h"

#include "ice/agent_private.h"

const struct rill_ice_pair_counts rill_ice_no_counts = {.first_request = -1,
                                                        .last_request = -1,
                                                        .last_response = -1,
                                                        .last_packet_sent = -1,
                                                        .last_packet_received = -1};

/* --- words ---------------------------------------------------------------------------------- */

static const struct {
    const char *text, *clause;
} failures[RILL_ICE_FAILURES] = {
    [RILL_ICE_NOT_FAILED] = {"it has not failed", ""},
    [RILL_ICE_NO_RESPONSE] = {"no answer", "RFC 8445 §7.2.5.2.3"},
    [RILL_ICE_HARD_ICMP] = {"the network says unreachable", "RFC 8445 §7.2.5.2.2"},
    [RILL_ICE_ERROR_RESPONSE] = {"an error response", "RFC 8445 §7.2.5.2.4"},
    [RILL_ICE_NOT_SYMMETRIC] = {"the response took another way", "RFC 8445 §7.2.5.2.1"},
    [RILL_ICE_NOT_UNDERSTOOD] = {"the response is not understood", "RFC 8489 §6.3.3"},
    [RILL_ICE_NOT_PERMITTED] = {"the TURN server gives no permission", "RFC 8656 §9.3"},
    [RILL_ICE_CONSENT_EXPIRED] = {"30 s without a response", "RFC 7675 §5.1"},
    [RILL_ICE_NOT_CONNECTED] = {"the connection cannot be established", "RFC 6544 §7.1"},
    [RILL_ICE_CONNECTION_ENDED] = {"the connection ended", "RFC 6544 §11.1"},
    [RILL_ICE_NOT_STUN] = {"not ICE at the other end", "RFC 6544 §7.1"},
    [RILL_ICE_CONNECTION_UNUSED] = {"its connection is not needed", "RFC 6544 §8"},
    [RILL_ICE_CONSENT_REVOKED] = {"the peer revoked its consent", "RFC 7675 §5.2"},
};

const char *rill_ice_failure_text(enum rill_ice_failure failure)
{
    return failures[failure].text;
}

const char *rill_ice_failure_clause(enum rill_ice_failure failure)
{
    return failures[failure].clause;
}

const char *rill_ice_pair_state_name(enum rill_ice_pair_state state)
{
    static const char *const names[] = {"frozen", "waiting", "in-progress", "succeeded", "failed"};
    return names[state];
}

/* --- counting ------------------------------------------------------------------------------- */

/* The class is two bits of the type (RFC 8489 §5). Indications count as requests. */
static bool is_response(struct rill_view datagram)
{
    return datagram.n > 0 && (datagram.p[0] & 1) != 0;
}

void rill_ice_count_refused(struct rill_ice *x, struct rill_view datagram, int code)
{
    struct rill_ice_counts *n = &x->counts;
    if (is_response(datagram) && code == RILL_ICE_INTEGRITY)
        n->responses_wrong_password++;
    else if (is_response(datagram))
        n->responses_refused++;
    else if (code == RILL_ICE_USERNAME)
        n->requests_wrong_username++;
    else if (code == RILL_ICE_INTEGRITY)
        n->requests_wrong_password++;
    else
        n->requests_refused++;
}

/* The pair that rill_ice_send_path() names. */
static struct rill_ice_pair *sending(struct rill_ice *x)
{
    size_t pair = rill_ice_current(x);
    if (x->selected == RILL_ICE_NONE && rill_ice_previous_is_alive(x))
        return &x->previous.pair;
    return pair == RILL_ICE_NONE ? NULL : &x->pairs[pair];
}

void rill_ice_data_sent(struct rill_ice *x, int64_t now, size_t n)
{
    struct rill_ice_pair *p = sending(x);
    if (!p)
        return;
    p->counts.packets_sent++;
    p->counts.bytes_sent += n;
    p->counts.last_packet_sent = now;
}

void rill_ice_data_discarded(struct rill_ice *x, const struct rill_path *path, size_t n)
{
    size_t pair = rill_ice_pair_of_path(x, path);
    struct rill_ice_pair_counts *c = pair == RILL_ICE_NONE ? NULL : &x->pairs[pair].counts;
    if (!c || c->packets_sent == 0 || c->bytes_sent < n)
        return;
    c->packets_sent--;
    c->bytes_sent -= n;
    c->packets_discarded++;
    c->bytes_discarded += n;
}

bool rill_ice_data_received(struct rill_ice *x, int64_t now, const struct rill_path *path, size_t n)
{
    size_t pair = rill_ice_pair_of_path(x, path);
    bool ours = pair != RILL_ICE_NONE && (x->pairs[pair].valid || x->pairs[pair].asked);
    if (!ours && !rill_ice_previous_is_validated(x, path))
        return false;
    struct rill_ice_pair_counts *counts = ours ? &x->pairs[pair].counts : &x->previous.pair.counts;
    counts->packets_received++;
    counts->bytes_received += n;
    counts->last_packet_received = now;
    return true;
}

/* --- walking -------------------------------------------------------------------------------- */

static struct rill_ice_pair_stats stats_of(const struct rill_ice_pair *p,
                                           const struct rill_ice_cand *local,
                                           const struct rill_ice_cand *remote)
{
    return (struct rill_ice_pair_stats){
        .local = *local,
        .remote = *remote,
        .state = p->state,
        .valid = p->valid,
        .nominated = p->nominated,
        .failure = p->failure,
        .error_code = p->error_code,
        .priority = p->priority,
        .current_rtt = p->rtt,
        .counts = p->counts,
    };
}

bool rill_ice_next_pair(const struct rill_ice *x, size_t *at, struct rill_ice_pair_stats *out)
{
    while (*at < x->cap_pairs) {
        size_t i = (*at)++;
        const struct rill_ice_pair *p = &x->pairs[i];
        if (!p->used)
            continue;
        *out = stats_of(p, &x->locals[p->local].cand, &x->remotes[p->remote].cand);
        out->selected = i == x->selected;
        out->local_number = p->local + 1;
        out->remote_number = x->cap_locals + p->remote + 1;
        return true;
    }
    const struct rill_ice_previous *v = &x->previous;
    if (*at > x->cap_pairs || !v->active)
        return false;
    ++*at;
    *out = stats_of(&v->pair, &v->local.cand, &v->remote.cand);
    out->previous = true;
    return true;
}

/* Where a candidate of ours came from. */
static void put_server(const struct rill_ice *x, const struct rill_ice_local *l,
                       struct rill_ice_cand_stats *out)
{
    struct rill_turn_info info;
    size_t relay = x->bases[l->base].relay;
    if (l->server != RILL_ICE_NONE) {
        out->server = x->servers[l->server];
    } else if (relay) {
        rill_turn_info(x->relays[relay - 1].turn, &info);
        out->server = info.server;
        out->server_proto = x->relays[relay - 1].proto;
    }
}

bool rill_ice_next_candidate(const struct rill_ice *x, size_t *at, struct rill_ice_cand_stats *out)
{
    for (; *at < x->cap_locals; ++*at) {
        const struct rill_ice_local *l = &x->locals[*at];
        if (!l->used)
            continue;
        *out = (struct rill_ice_cand_stats){.cand = l->cand, .ufrag = rill_ice_ufrag(x)};
        put_server(x, l, out);
        ++*at;
        return true;
    }
    for (; *at < x->cap_locals + x->cap_remotes; ++*at) {
        const struct rill_ice_remote *r = &x->remotes[*at - x->cap_locals];
        if (!r->used)
            continue;
        *out = (struct rill_ice_cand_stats){
            .cand = r->cand, .remote = true, .ufrag = rill_ice_remote_ufrag(x)};
        ++*at;
        return true;
    }
    return false;
}

/* RFC 4787 §4.1: address-dependent mapping shows when two servers see one socket differently. */
static bool differs(const struct rill_ice *x, const struct rill_ice_query *q)
{
    for (size_t i = 0; i < x->cap_queries; i++) {
        const struct rill_ice_query *o = &x->queries[i];
        if (o != q && o->base == q->base && o->mapped.family == q->mapped.family &&
            !rill_addr_equal(&o->mapped, &q->mapped))
            return true;
    }
    return false;
}

static void stun_stats(const struct rill_ice *x, size_t server, struct rill_ice_server_stats *out)
{
    *out = (struct rill_ice_server_stats){.addr = x->servers[server]};
    for (size_t b = 0; b < x->cap_locals; b++) {
        const struct rill_ice_query *q = &x->queries[b * x->cap_servers + server];
        out->requests_sent += q->requests_sent;
        out->asked = out->asked || q->requests_sent > 0;
        if (q->failure) {
            out->failure = q->failure;
            out->error_code = q->error_code;
        }
        if (q->mapped.family == RILL_ADDR_NONE)
            continue;
        out->answered = true;
        out->mapped = q->mapped;
        out->mappings_differ = out->mappings_differ || differs(x, q);
    }
    if (out->answered)
        out->failure = RILL_ICE_NOT_FAILED;
}

static void turn_stats(const struct rill_ice_relay *r, struct rill_ice_server_stats *out)
{
    struct rill_turn_info info;
    rill_turn_info(r->turn, &info);
    *out = (struct rill_ice_server_stats){
        .turn = true,
        .addr = info.server,
        .proto = r->proto,
        .asked = true,
        .answered = info.allocated,
        .mapped = info.mapped,
        .relayed = info.relayed[0].family ? info.relayed[0] : info.relayed[1],
        .why = info.allocated ? (struct rill_err){0} : r->why,
    };
    if (!out->why.row)
        return;
    int code = out->why.row->code;
    out->failure = code == RILL_TURN_TIMEOUT       ? RILL_ICE_NO_RESPONSE
                   : code == RILL_TURN_UNREACHABLE ? RILL_ICE_HARD_ICMP
                                                   : RILL_ICE_ERROR_RESPONSE;
    out->error_code = code == RILL_TURN_MISMATCH ? 437 : (unsigned)out->why.value;
}

bool rill_ice_next_server(const struct rill_ice *x, size_t *at, struct rill_ice_server_stats *out)
{
    size_t i = *at;
    if (i >= x->n_servers + x->n_relays)
        return false;
    ++*at;
    if (i < x->n_servers)
        stun_stats(x, i, out);
    else
        turn_stats(&x->relays[i - x->n_servers], out);
    return true;
}

void rill_ice_session_stats(const struct rill_ice *x, struct rill_ice_session_stats *out)
{
    *out = (struct rill_ice_session_stats){
        .state = x->state,
        .controlling = x->controlling,
        .relay_only = x->policy == RILL_ICE_POLICY_RELAY,
        .loopback = x->loopback,
        .gathering = x->gathering,
        .gathered = x->gathered,
        .has_remote = rill_ice_has_credentials(x),
        .remote_done = x->remote_done,
        .remote_lite = x->remote_lite,
        .was_valid = x->told_valid || x->tell_valid,
        .patience = x->pac_at == RILL_NEVER || x->now >= x->pac_at ? 0 : x->pac_at - x->now,
        .counts = x->counts,
    };
    for (size_t i = 0; i < x->cap_locals; i++)
        out->interfaces += x->bases[i].state == RILL_ICE_BASE_OPEN && x->bases[i].relay == 0;
}
