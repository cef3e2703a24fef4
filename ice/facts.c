/* ice/facts: the statistics, condensed to what the rules of why.c ask for. */
#include "ice/why.h"

/* RFC 1918, RFC 4193, RFC 6598, and what is never routed. */
static bool is_private(const struct rill_addr *a)
{
    const uint8_t *ip = a->ip;
    if (rill_addr_is_loopback(a) || rill_addr_is_link_local(a))
        return true;
    if (a->family == RILL_ADDR_IP6)
        return (ip[0] & 0xfe) == 0xfc;
    return ip[0] == 10 || (ip[0] == 172 && (ip[1] & 0xf0) == 16) ||
           (ip[0] == 192 && ip[1] == 168) || (ip[0] == 100 && (ip[1] & 0xc0) == 64);
}

static void candidates(const struct rill_ice *x, struct rill_ice_facts *f)
{
    struct rill_ice_cand_stats c;
    size_t at = 0;
    f->local_private = true;
    while (rill_ice_next_candidate(x, &at, &c)) {
        bool ip4 = c.cand.addr.family == RILL_ADDR_IP4;
        if (c.cand.addr.family == RILL_ADDR_NONE)
            continue; /* a name whose address is not known (yet) */
        (c.remote ? f->remote : f->local)[c.cand.type]++;
        f->remote_ip4 = f->remote_ip4 || (c.remote && ip4);
        f->remote_ip6 = f->remote_ip6 || (c.remote && !ip4);
        f->local_ip4 = f->local_ip4 || (!c.remote && ip4);
        f->local_ip6 = f->local_ip6 || (!c.remote && !ip4);
        if (c.remote)
            f->remote_abroad = f->remote_abroad || !is_private(&c.cand.addr);
        else if (c.cand.type == RILL_ICE_HOST)
            f->local_private = f->local_private && is_private(&c.cand.addr);
    }
}

static void pairs(const struct rill_ice *x, struct rill_ice_facts *f)
{
    struct rill_ice_pair_stats p;
    size_t at = 0;
    while (rill_ice_next_pair(x, &at, &p)) {
        const struct rill_ice_pair_counts *c = &p.counts;
        uint32_t sent = c->requests_sent + c->retransmissions_sent + c->consent_requests_sent;
        if (p.previous)
            continue;
        f->pairs++;
        f->valid += p.valid;
        f->tried += sent > 0 || p.failure == RILL_ICE_NOT_CONNECTED;
        f->failed[p.failure]++;
        f->requests_sent += sent;
        f->responses_received += c->responses_received;
        f->errors_received += c->errors_received;
        f->requests_received += c->requests_received;
        f->heard_unanswered += c->requests_received > 0 && sent > 0 && c->last_response < 0;
        f->relay_tried +=
            sent > 0 && (p.local.type == RILL_ICE_RELAY || p.remote.type == RILL_ICE_RELAY);
        if (p.error_code)
            f->error_code = p.error_code;
    }
}

static void stun_server(const struct rill_ice_server_stats *s, struct rill_ice_facts *f)
{
    f->stun += s->asked;
    f->stun_answered += s->answered;
    f->stun_silent += s->failure == RILL_ICE_NO_RESPONSE || s->failure == RILL_ICE_HARD_ICMP;
    f->mappings_differ = f->mappings_differ || s->mappings_differ;
}

static void turn_server(const struct rill_ice_server_stats *s, struct rill_ice_facts *f)
{
    f->turn++;
    f->turn_answered += s->answered;
    f->turn_over_stream = f->turn_over_stream || s->proto != RILL_PROTO_UDP;
    switch (s->failure) {
    case RILL_ICE_NOT_FAILED:
        return;
    case RILL_ICE_NO_RESPONSE:
    case RILL_ICE_HARD_ICMP:
        f->turn_silent++;
        return;
    default:
        break;
    }
    f->turn_error = s->error_code;
    if (s->error_code == 401 || s->error_code == 441)
        f->turn_credentials++;
    else if (s->error_code == 486 || s->error_code == 508)
        f->turn_quota++;
    else
        f->turn_refused++;
}

static void servers(const struct rill_ice *x, struct rill_ice_facts *f)
{
    struct rill_ice_server_stats s;
    size_t at = 0;
    while (rill_ice_next_server(x, &at, &s)) {
        if (s.turn)
            turn_server(&s, f);
        else
            stun_server(&s, f);
    }
}

void rill_ice_facts(const struct rill_ice *x, struct rill_ice_facts *out)
{
    *out = (struct rill_ice_facts){0};
    rill_ice_session_stats(x, &out->session);
    candidates(x, out);
    pairs(x, out);
    servers(x, out);
}
