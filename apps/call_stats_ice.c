/* call_stats_ice: every pair and every candidate (webrtc-stats §8.17, §8.18), under the names of
 * RTCIceCandidatePairStats and RTCIceCandidateStats; what is rill's own says so below. */
#include "apps/call_stats.h"
#include "peer/why.h"

#include <stdio.h>

static json_t *begin(struct call_report *r, const char *type, const char *prefix, size_t transport,
                     size_t number)
{
    char id[CALL_STATS_ID];
    call_stats_id(id, "%s%zu_%zu", prefix, transport, number);
    json_t *o = call_stats_add(r, type, id, rill_posix_now());
    call_stats_id(id, "T%zu", transport);
    json_object_set_new(o, "transportId", json_string(id));
    return o;
}

static void put_address(json_t *o, const char *address, const char *port, const struct rill_addr *a)
{
    char text[RILL_ADDR_TEXT_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    rill_addr_write_ip(&w, a);
    rill_w_end_text(&w);
    json_object_set_new(o, address, json_string(text));
    json_object_set_new(o, port, json_integer(a->port));
}

/* RFC 7064, RFC 7065. */
static void put_server(json_t *o, const struct rill_ice_cand_stats *c)
{
    static const char *const protocols[] = {"udp", "tcp", "tls"};
    char url[RILL_ADDR_TEXT_MAX + 32];
    bool relay = c->cand.type == RILL_ICE_RELAY;
    const char *protocol = protocols[c->server_proto < 3 ? c->server_proto : 0];
    if (c->server.family == RILL_ADDR_NONE)
        return;
    snprintf(url, sizeof url, "%s:%s%s%s",
             !relay                              ? "stun"
             : c->server_proto == RILL_PROTO_TLS ? "turns"
                                                 : "turn",
             rill_addr_text(&c->server).text, relay ? "?transport=" : "",
             !relay                              ? ""
             : c->server_proto == RILL_PROTO_UDP ? "udp"
                                                 : "tcp");
    json_object_set_new(o, "url", json_string(url));
    if (relay)
        json_object_set_new(o, "relayProtocol", json_string(protocol));
}

static void candidate(struct call_report *r, const struct rill_ice_cand_stats *c, size_t transport,
                      size_t number)
{
    const struct rill_ice_cand *cand = &c->cand;
    bool tcp = cand->proto == RILL_PROTO_TCP;
    json_t *o =
        begin(r, c->remote ? "remote-candidate" : "local-candidate", "I", transport, number);
    put_address(o, "address", "port", &cand->addr);
    if (cand->addr.family == RILL_ADDR_NONE)
        json_object_set_new(o, "address", json_string(cand->name));
    json_object_set_new(o, "protocol", json_string(tcp ? "tcp" : "udp"));
    json_object_set_new(o, "candidateType", json_string(rill_ice_type_name(cand->type)));
    json_object_set_new(o, "priority", json_integer(cand->priority));
    json_object_set_new(o, "foundation", json_string(cand->foundation));
    if (cand->related.family != RILL_ADDR_NONE)
        put_address(o, "relatedAddress", "relatedPort", &cand->related);
    if (tcp)
        json_object_set_new(o, "tcpType", json_string(rill_ice_tcptype_name(cand->tcptype)));
    if (c->ufrag.n)
        json_object_set_new(o, "usernameFragment", rill_app_json_text(c->ufrag));
    put_server(o, c);
}

static void put_id(json_t *o, const char *name, size_t transport, size_t number)
{
    char id[48];
    snprintf(id, sizeof id, "I%zu_%zu", transport, number);
    if (number)
        json_object_set_new(o, name, json_string(id));
}

static void put_counts(const struct call_report *r, json_t *o, const struct rill_ice_pair_counts *c)
{
    call_stats_put(o, "packetsSent", c->packets_sent);
    call_stats_put(o, "packetsReceived", c->packets_received);
    call_stats_put(o, "bytesSent", c->bytes_sent);
    call_stats_put(o, "bytesReceived", c->bytes_received);
    call_stats_put(o, "packetsDiscardedOnSend", c->packets_discarded);
    call_stats_put(o, "bytesDiscardedOnSend", c->bytes_discarded);
    if (c->last_packet_sent >= 0)
        json_object_set_new(o, "lastPacketSentTimestamp",
                            call_stats_timestamp(r->c, c->last_packet_sent));
    if (c->last_packet_received >= 0)
        json_object_set_new(o, "lastPacketReceivedTimestamp",
                            call_stats_timestamp(r->c, c->last_packet_received));
    call_stats_put(o, "requestsSent", c->requests_sent);
    call_stats_put(o, "responsesReceived", c->responses_received);
    call_stats_put(o, "requestsReceived", c->requests_received);
    call_stats_put(o, "responsesSent", c->responses_sent);
    call_stats_put(o, "consentRequestsSent", c->consent_requests_sent);
    call_stats_put(o, "retransmissionsSent", c->retransmissions_sent); /* rill's own, as the next */
    call_stats_put(o, "errorsReceived", c->errors_received);
}

static void pair(struct call_report *r, const struct rill_ice_pair_stats *p, size_t transport,
                 size_t number)
{
    json_t *o = begin(r, "candidate-pair", "P", transport, number);
    put_id(o, "localCandidateId", transport, p->local_number);
    put_id(o, "remoteCandidateId", transport, p->remote_number);
    json_object_set_new(o, "state", json_string(rill_ice_pair_state_name(p->state)));
    json_object_set_new(o, "nominated", json_boolean(p->nominated));
    put_counts(r, o, &p->counts);
    json_object_set_new(o, "totalRoundTripTime", json_real((double)p->counts.total_rtt / 1e6));
    if (p->current_rtt >= 0)
        json_object_set_new(o, "currentRoundTripTime", json_real((double)p->current_rtt / 1e6));
    if (p->selected && r->s->transports[transport].target_bps)
        json_object_set_new(o, "availableOutgoingBitrate",
                            json_real((double)r->s->transports[transport].target_bps));
    if (p->selected && r->s->transports[transport].incoming_bps)
        json_object_set_new(o, "availableIncomingBitrate",
                            json_real((double)r->s->transports[transport].incoming_bps));
    /* rill's own. */
    json_object_set_new(o, "selected", json_boolean(p->selected));
    if (p->failure) {
        json_object_set_new(o, "failure", json_string(rill_ice_failure_text(p->failure)));
        json_object_set_new(o, "clause", json_string(rill_ice_failure_clause(p->failure)));
    }
    if (p->error_code)
        json_object_set_new(o, "errorCode", json_integer(p->error_code));
}

void call_stats_ice(struct call_report *r, size_t transport, char selected[CALL_STATS_ID])
{
    const struct rill_ice *ice = rill_peer_ice(r->c->peer, transport);
    struct rill_ice_cand_stats cand;
    struct rill_ice_pair_stats p;
    size_t at = 0;
    while (rill_ice_next_candidate(ice, &at, &cand))
        candidate(r, &cand, transport, at);
    at = 0;
    while (rill_ice_next_pair(ice, &at, &p)) {
        pair(r, &p, transport, at);
        if (p.selected)
            call_stats_id(selected, "P%zu_%zu", transport, at);
    }
}
