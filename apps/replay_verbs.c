#include "apps/replay.h"

#include "apps/replay_args.h"

#include <string.h>

#define TRANSCEIVER 1000000
/* A datagram's time of arrival lies no further back; the time of a frame no further away. */
#define APART (100 * RILL_SECOND * 3600)

/* --- what the port tells ------------------------------------------------------------------- */

static bool run_interface_up(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_addr v = replay_addr(&a, "addr");
    return replay_good(&a, true) && (rill_peer_interface_up(r->peer, r->now, &v), true);
}

static bool run_interface_down(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_addr v = replay_addr(&a, "addr");
    return replay_good(&a, true) && (rill_peer_interface_down(r->peer, r->now, &v), true);
}

static bool run_stun_server(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_addr v = replay_addr(&a, "addr");
    return replay_good(&a, true) && (rill_peer_add_stun_server(r->peer, &v), true);
}

static bool run_await_servers(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    bool awaited = replay_u(&a, "awaited", 1);
    return replay_good(&a, true) && (rill_peer_await_servers(r->peer, r->now, awaited), true);
}

#define ADDRS 16

static bool run_turn_resolved(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_addr list[ADDRS];
    size_t n = replay_addrs(&a, list, ADDRS), turn = replay_u(&a, "turn", RILL_ICE_SERVERS_MAX);
    return replay_good(&a, true) && (rill_peer_turn_resolved(r->peer, r->now, turn, list, n), true);
}

static bool run_resolved(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_addr list[ADDRS];
    size_t n = replay_addrs(&a, list, ADDRS);
    struct rill_view name = replay_text(&a, "name");
    return replay_good(&a, true) && (rill_peer_resolved(r->peer, r->now, name, list, n), true);
}

static bool run_opened(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    uint32_t request = (uint32_t)replay_u(&a, "request", UINT32_MAX);
    uint32_t socket = (uint32_t)replay_u(&a, "socket", UINT32_MAX);
    struct rill_addr local = replay_addr(&a, "local");
    return replay_good(&a, true) &&
           (rill_peer_opened(r->peer, r->now, request, socket, &local), true);
}

static bool run_open_failed(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    uint32_t request = (uint32_t)replay_u(&a, "request", UINT32_MAX);
    return replay_good(&a, true) && (rill_peer_open_failed(r->peer, r->now, request), true);
}

static bool run_accepted(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    uint32_t listener = (uint32_t)replay_u(&a, "listener", UINT32_MAX);
    uint32_t socket = (uint32_t)replay_u(&a, "socket", UINT32_MAX);
    struct rill_addr remote = replay_addr(&a, "remote");
    return replay_good(&a, true) &&
           (rill_peer_accepted(r->peer, r->now, listener, socket, &remote), true);
}

static bool run_stream_closed(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    uint32_t socket = (uint32_t)replay_u(&a, "socket", UINT32_MAX);
    return replay_good(&a, true) && (rill_peer_stream_closed(r->peer, r->now, socket), true);
}

static bool run_unreachable(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_path from = replay_path(&a);
    return replay_good(&a, true) && (rill_peer_unreachable(r->peer, r->now, &from), true);
}

/* Its first byte and its size alone count. */
static bool run_discarded(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_path to = replay_path(&a);
    size_t n = (size_t)replay_u(&a, "bytes", RILL_DATAGRAM_OUT_MAX);
    r->room[0] = (uint8_t)replay_u(&a, "first", UINT8_MAX);
    return replay_good(&a, true) &&
           (rill_peer_discarded(r->peer, r->now, &to, rill_view_at(r->room, n)), true);
}

static bool run_datagram(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_path from = replay_path(&a);
    int64_t arrived = r->now + replay_i(&a, "arrived", APART);
    struct rill_view v;
    return replay_good(&a, true) && replay_datagram(r, &v) &&
           (rill_peer_input_at(r->peer, r->now, arrived, &from, (struct rill_span){r->room, v.n}),
            true);
}

/* --- transceivers ------------------------------------------------------------------------- */

static bool run_add_track(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    enum rill_codec_id id = replay_codec(&a);
    const char *stream = replay_word(&a, "stream"), *track = replay_word(&a, "track");
    return replay_good(&a, true) && (rill_peer_add_track(r->peer, id, stream, track), true);
}

static bool run_encoding(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_view rid = replay_text(&a, "rid");
    uint64_t bits = replay_u(&a, "scale_bits", UINT64_MAX);
    if (r->n_encodings == RILL_PEER_ENCODINGS_MAX || rid.n >= sizeof r->rids[0])
        return replay_refuse(r, "it has more encodings than there may be");
    struct rill_peer_encoding *e = &r->encodings[r->n_encodings];
    char *name = r->rids[r->n_encodings++];
    if (rid.n)
        memcpy(name, rid.p, rid.n);
    name[rid.n] = '\0';
    *e = (struct rill_peer_encoding){.rid = rid.n ? name : NULL,
                                     .active = replay_u(&a, "active", 1),
                                     .max_bitrate = replay_u(&a, "max_bitrate", UINT64_MAX)};
    memcpy(&e->scale_resolution_down_by, &bits, sizeof bits);
    return replay_good(&a, false);
}

static bool run_add_transceiver(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    enum rill_codec_id id = replay_codec(&a);
    enum rill_sdp_direction direction =
        (enum rill_sdp_direction)replay_u(&a, "direction", RILL_SDP_INACTIVE);
    const char *stream = replay_word(&a, "stream"), *track = replay_word(&a, "track");
    size_t n = r->n_encodings;
    a.bad = a.bad || replay_u(&a, "n_encodings", RILL_PEER_ENCODINGS_MAX) != n;
    r->n_encodings = 0;
    return replay_good(&a, true) && (rill_peer_add_transceiver_encodings(
                                         r->peer, id, direction, stream, track, r->encodings, n),
                                     true);
}

static bool run_set_encoding(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    int transceiver = (int)replay_i(&a, "transceiver", TRANSCEIVER);
    size_t encoding = replay_u(&a, "encoding", TRANSCEIVER);
    a.bad = a.bad || r->n_encodings != 1;
    r->n_encodings = 0;
    return replay_good(&a, true) &&
           (rill_peer_set_encoding(r->peer, r->now, transceiver, encoding, &r->encodings[0]), true);
}

static bool run_choose_encoding(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    int transceiver = (int)replay_i(&a, "transceiver", TRANSCEIVER);
    int encoding = (int)replay_i(&a, "encoding", TRANSCEIVER);
    return replay_good(&a, true) &&
           (rill_peer_choose_encoding(r->peer, transceiver, encoding), true);
}

static bool run_remove_track(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    int transceiver = (int)replay_i(&a, "transceiver", TRANSCEIVER);
    return replay_good(&a, true) && (rill_peer_remove_track(r->peer, transceiver), true);
}

static bool run_replace_track(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    int transceiver = (int)replay_i(&a, "transceiver", TRANSCEIVER);
    enum rill_codec_id id = replay_codec(&a);
    const char *track = replay_word(&a, "track");
    return replay_good(&a, true) &&
           (rill_peer_replace_track(r->peer, transceiver, id, track), true);
}

static bool run_set_direction(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    int transceiver = (int)replay_i(&a, "transceiver", TRANSCEIVER);
    enum rill_sdp_direction direction =
        (enum rill_sdp_direction)replay_u(&a, "direction", RILL_SDP_INACTIVE);
    return replay_good(&a, true) &&
           (rill_peer_set_direction(r->peer, transceiver, direction), true);
}

static bool run_stop(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    int transceiver = (int)replay_i(&a, "transceiver", TRANSCEIVER);
    return replay_good(&a, true) && (rill_peer_stop(r->peer, transceiver), true);
}

static bool run_codec_preferences(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    enum rill_codec_id list[64];
    int transceiver = (int)replay_i(&a, "transceiver", TRANSCEIVER);
    size_t n = replay_codecs(&a, list, sizeof list / sizeof list[0]);
    return replay_good(&a, true) &&
           (rill_peer_set_codec_preferences(r->peer, transceiver, list, n), true);
}

static bool run_restart_ice(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    return replay_good(&a, true) && (rill_peer_restart_ice(r->peer), true);
}

/* --- descriptions ------------------------------------------------------------------------- */

static bool run_create_offer(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_span out = {r->room, replay_u(&a, "size", r->cap_room)};
    return replay_good(&a, true) && (rill_peer_create_offer(r->peer, r->now, out, NULL), true);
}

static bool run_create_answer(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_span out = {r->room, replay_u(&a, "size", r->cap_room)};
    return replay_good(&a, true) && (rill_peer_create_answer(r->peer, r->now, out, NULL), true);
}

static bool run_set_local(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    enum rill_peer_sdp_type type =
        (enum rill_peer_sdp_type)replay_u(&a, "type", RILL_PEER_ROLLBACK);
    struct rill_view sdp = replay_text(&a, "text");
    return replay_good(&a, true) &&
           (rill_peer_set_local_description(r->peer, r->now, type, sdp, NULL), true);
}

static bool run_set_remote(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    enum rill_peer_sdp_type type =
        (enum rill_peer_sdp_type)replay_u(&a, "type", RILL_PEER_ROLLBACK);
    struct rill_view sdp = replay_text(&a, "text");
    return replay_good(&a, true) &&
           (rill_peer_set_remote_description(r->peer, r->now, type, sdp, NULL), true);
}

static bool run_add_candidate(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_view candidate = replay_text(&a, "candidate"), mid = replay_text(&a, "mid");
    struct rill_view ufrag = replay_text(&a, "ufrag");
    int mline = (int)replay_i(&a, "mline", TRANSCEIVER);
    return replay_good(&a, true) &&
           (rill_peer_add_ice_candidate(r->peer, r->now, candidate, mid, mline, ufrag, NULL), true);
}

/* --- the machine -------------------------------------------------------------------------- */

static bool run_frame(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    int track = (int)replay_i(&a, "track", TRANSCEIVER);
    struct rill_frame f = {.kind = (enum rill_kind)replay_u(&a, "kind", RILL_VIDEO),
                           .codec = replay_codec(&a),
                           .encoding = replay_u(&a, "encoding", TRANSCEIVER),
                           .rtp_time = (uint32_t)replay_u(&a, "rtp_time", UINT32_MAX),
                           .time = r->now + replay_i(&a, "time", INT64_MAX / 4),
                           .keyframe = replay_u(&a, "keyframe", 1),
                           .width = (uint32_t)replay_u(&a, "width", UINT32_MAX),
                           .height = (uint32_t)replay_u(&a, "height", UINT32_MAX),
                           .talkspurt = replay_u(&a, "talkspurt", 1),
                           .rotation = (uint16_t)replay_u(&a, "rotation", 270),
                           .has_level = replay_u(&a, "has_level", 1),
                           .voice = replay_u(&a, "voice", 1),
                           .level = (uint8_t)replay_u(&a, "level", 127),
                           .comfort_noise = replay_u(&a, "comfort_noise", 1),
                           .bytes = replay_bytes(&a, "bytes")};
    return replay_good(&a, true) && (rill_peer_send_frame(r->peer, r->now, track, &f), true);
}

static bool run_dtmf(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    int track = (int)replay_i(&a, "track", TRANSCEIVER);
    const char *tones = replay_word(&a, "tones");
    int64_t duration = replay_i(&a, "duration", APART), gap = replay_i(&a, "gap", APART);
    return replay_good(&a, true) &&
           (rill_peer_insert_dtmf(r->peer, r->now, track, tones ? tones : "", duration, gap), true);
}

static bool run_most(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    uint64_t bps = replay_u(&a, "most_bps", UINT64_MAX);
    return replay_good(&a, true) && (rill_peer_set_most(r->peer, bps), true);
}

static bool run_playout_delay(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    int transceiver = (int)replay_i(&a, "transceiver", TRANSCEIVER);
    uint16_t least = (uint16_t)replay_u(&a, "min_ms", UINT16_MAX);
    uint16_t most = (uint16_t)replay_u(&a, "max_ms", UINT16_MAX);
    return replay_good(&a, true) &&
           (rill_peer_set_playout_delay(r->peer, transceiver, least, most), true);
}

static bool run_tick(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    return replay_good(&a, true) && (rill_peer_tick(r->peer, r->now), true);
}

/* peer.h: out has room for RILL_DATAGRAM_OUT_MAX and 128 bytes more. */
static bool run_output(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_path to;
    size_t n = replay_u(&a, "size", r->cap_room);
    a.bad = a.bad || n < RILL_DATAGRAM_OUT_MAX + 128;
    return replay_good(&a, true) &&
           (rill_peer_output(r->peer, r->now, &to, (struct rill_span){r->room, n}), true);
}

static bool run_event(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    struct rill_peer_event e;
    return replay_good(&a, true) && (rill_peer_event(r->peer, &e), true);
}

static bool run_close(struct replay *r, const json_t *data)
{
    struct replay_args a = {r, data, false};
    return replay_good(&a, true) && (rill_peer_close(r->peer, r->now), true);
}

static const struct replay_verb verbs[] = {
    {"interface_up", run_interface_up, false, true},
    {"interface_down", run_interface_down, false, true},
    {"stun_server", run_stun_server, false, true},
    {"await_servers", run_await_servers, false, true},
    {"turn_resolved", run_turn_resolved, false, true},
    {"resolved", run_resolved, false, true},
    {"opened", run_opened, false, true},
    {"open_failed", run_open_failed, false, true},
    {"accepted", run_accepted, false, true},
    {"stream_closed", run_stream_closed, false, true},
    {"unreachable", run_unreachable, false, true},
    {"discarded", run_discarded, false, true},
    {"datagram", run_datagram, false, true},
    {"add_track", run_add_track, false, true},
    {"encoding", run_encoding, true, true},
    {"add_transceiver", run_add_transceiver, false, true},
    {"set_encoding", run_set_encoding, false, true},
    {"choose_encoding", run_choose_encoding, false, true},
    {"remove_track", run_remove_track, false, true},
    {"replace_track", run_replace_track, false, true},
    {"set_direction", run_set_direction, false, true},
    {"stop", run_stop, false, true},
    {"codec_preferences", run_codec_preferences, false, true},
    {"restart_ice", run_restart_ice, false, true},
    {"create_offer", run_create_offer, false, true},
    {"create_answer", run_create_answer, false, true},
    {"set_local_description", run_set_local, false, true},
    {"set_remote_description", run_set_remote, false, true},
    {"add_ice_candidate", run_add_candidate, false, true},
    {"send_frame", run_frame, false, true},
    {"insert_dtmf", run_dtmf, false, true},
    {"set_most", run_most, false, true},
    {"set_playout_delay", run_playout_delay, false, true},
    {"tick", run_tick, false, true},
    {"output", run_output, false, true},
    {"event", run_event, false, true},
    {"close", run_close, false, true},
};

const struct replay_verb *replay_verb(const char *name)
{
    for (size_t k = 0; k < sizeof verbs / sizeof verbs[0]; k++)
        if (!strcmp(verbs[k].name, name))
            return &verbs[k];
    return replay_config_verb(name);
}
