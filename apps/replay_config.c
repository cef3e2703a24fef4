/* replay_config: the verbs of before there is a peer: its clock, its certificate, its configuration
 * part by part, and then the peer. */
#include "apps/replay.h"

#include "apps/replay_args.h"
#include "dtls/cert.h"

#include <stdlib.h>
#include <string.h>

static bool run_clock(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    int64_t most = (int64_t)1 << 52; /* 142 years */
    r->origin = replay_i(&a, "monotonic_us", most);
    r->wall_us = replay_i(&a, "wall_us", most);
    r->unix_s = replay_i(&a, "unix_s", most);
    r->has_clock = true;
    return replay_good(&a, false);
}

static bool run_certificate(struct replay *r, const json_t *data)
{
    (void)data;
    if (r->cert || !r->has_clock)
        return replay_refuse(r, "a certificate is made once, and behind the clock");
    r->cert_block = malloc(rill_dtls_cert_size());
    if (!r->cert_block || rill_dtls_cert_init(r->cert_block, &r->rng, &r->cert) < 0)
        return replay_refuse(r, "no certificate could be made of the entropy");
    return true;
}

static struct rill_view keep(struct replay_args *a, const char *name, size_t slot)
{
    struct rill_view v = {0};
    struct rill_span room = {(uint8_t *)a->r->turn_texts[slot], sizeof a->r->turn_texts[slot]};
    if (!rill_trace_get_bytes(a->data, name, room, &v))
        a->bad = true;
    return v;
}

static bool run_turn_server(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    size_t n = r->config.n_turn;
    if (n == RILL_ICE_SERVERS_MAX)
        return replay_refuse(r, "it has more TURN servers than there may be");
    r->turn[n] = (struct rill_ice_turn_server){
        .addr = replay_addr(&a, "addr"),
        .proto = (enum rill_proto)replay_u(&a, "proto", RILL_PROTO_TLS),
        .username = keep(&a, "username", 2 * n),
        .password = keep(&a, "password", 2 * n + 1),
        .ip6 = replay_u(&a, "ip6", 1),
        .both = replay_u(&a, "both", 1)};
    r->config.n_turn++;
    return replay_good(&a, false);
}

static bool run_caps(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_peer_config *c = &r->config;
    uint64_t most = UINT32_MAX;
    c->tracks = replay_u(&a, "tracks", most);
    c->transports = replay_u(&a, "transports", most);
    c->description = replay_u(&a, "description", most);
    c->history_packets = replay_u(&a, "history_packets", most);
    c->jitter_packets = replay_u(&a, "jitter_packets", most);
    c->encodings_sent = replay_u(&a, "encodings_sent", most);
    c->encodings_received = replay_u(&a, "encodings_received", most);
    c->frame_bytes = replay_u(&a, "frame_bytes", most);
    c->pending_candidates = replay_u(&a, "pending_candidates", most);
    c->min_bps = replay_u(&a, "min_bps", most);
    c->start_bps = replay_u(&a, "start_bps", most);
    c->max_bps = replay_u(&a, "max_bps", most);
    return replay_good(&a, false);
}

static bool run_media(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_peer_config *c = &r->config;
    c->codecs = r->codecs;
    c->n_codecs = replay_codecs(&a, r->codecs, sizeof r->codecs / sizeof r->codecs[0]);
    c->red = (enum rill_peer_red)replay_u(&a, "red", RILL_PEER_RED_OFF);
    c->sound_at_once = replay_u(&a, "sound_at_once", 1);
    c->dtx = replay_u(&a, "dtx", 1);
    return replay_good(&a, false);
}

static void read_config(struct replay_args *a, struct rill_peer_config *c)
{
    struct replay *r = a->r;
    c->loopback = replay_u(a, "loopback", 1);
    c->ice_lite = replay_u(a, "ice_lite", 1);
    c->ice_tcp = (enum rill_ice_tcp)replay_u(a, "ice_tcp", RILL_ICE_TCP_ONLY);
    c->bundle_policy =
        (enum rill_sdp_bundle_policy)replay_u(a, "bundle_policy", RILL_SDP_MAX_BUNDLE);
    c->rtcp_mux_policy =
        (enum rill_peer_rtcp_mux_policy)replay_u(a, "rtcp_mux_policy", RILL_PEER_RTCP_NEGOTIATE);
    c->relay_only = replay_u(a, "relay_only", 1);
    c->name_hosts = replay_u(a, "name_hosts", 1);
    c->withhold_hosts = replay_u(a, "withhold_hosts", 1);
    c->congestion =
        (enum rill_peer_congestion_control)replay_u(a, "congestion", RILL_PEER_CONGESTION_OFF);
    c->wall_us = replay_i(a, "wall_us", (int64_t)1 << 53);
    a->bad = a->bad || replay_u(a, "n_turn", RILL_ICE_SERVERS_MAX) != c->n_turn;
    c->turn = r->turn;
    c->cert = r->cert;
    c->rng = r->rng;
    c->trace = &r->trace;
}

static bool run_config(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    read_config(&a, &r->config);
    if (!replay_good(&a, false))
        return false;
    if (r->peer || !r->cert)
        return replay_refuse(r, "there is one configuration, and behind the certificate");
    size_t n = rill_peer_size(&r->config);
    r->peer_block = n > REPLAY_BLOCK_MAX ? NULL : malloc(n);
    r->peer = r->peer_block ? rill_peer_init(r->peer_block, &r->config) : NULL;
    return r->peer || replay_refuse(r, "there is no memory for such a peer connection");
}

static const struct replay_verb verbs[] = {
    {"clock", run_clock, false, false},
    {"certificate", run_certificate, false, false},
    {"turn_server", run_turn_server, true, true},
    {"caps", run_caps, true, true},
    {"media", run_media, true, true},
    {"config", run_config, false, true},
};

const struct replay_verb *replay_config_verb(const char *name)
{
    for (size_t k = 0; k < sizeof verbs / sizeof verbs[0]; k++)
        if (!strcmp(verbs[k].name, name))
            return &verbs[k];
    return NULL;
}
