/* inputs: each verb that changes a peer, told with its arguments before anything else happens, so
 * that a recorded call can be run again (docs/trace.md, apps/replay.c).
 *
 * The idea: a peer is a function of its configuration, its entropy, and the verbs called on it, in
 * their order. What has several parts is told by several events, the verb itself last. The bytes
 * of a datagram stand in the event that follows, datagram_received.
 */
#include "peer/inputs.h"

#include "peer/connection.h"
#include "peer/numbers.h"

#include <string.h>

#define INPUT(point, name, n, ...)                                                                 \
    static const struct rill_trace_point point = {                                                 \
        "input", name, "a verb of the peer connection was called", n, {__VA_ARGS__}}
/* A field of each type: clang-format would take them for blocks. */
/* clang-format off */
#define U(name) {name, RILL_TRACE_U64}
#define I(name) {name, RILL_TRACE_I64}
#define T(name) {name, RILL_TRACE_TEXT}
#define B(name) {name, RILL_TRACE_BYTES}
#define S(name) {name, RILL_TRACE_SECRET}
#define A(name) {name, RILL_TRACE_ADDR}
/* clang-format on */
/* Of verbs that are given no time: the trace tells them at that of the event before. */
#define NO_INSTANT 0
#define TELL(point, now, ...) RILL_TRACE(x->config.trace, now, point, __VA_ARGS__)

/* --- rill_peer_init ----------------------------------------------------------------------- */

INPUT(turn_server, "turn_server", 6, A("addr"), U("proto"), S("username"), S("password"), U("ip6"),
      U("both"));
INPUT(caps, "caps", 12, U("tracks"), U("transports"), U("description"), U("history_packets"),
      U("jitter_packets"), U("encodings_sent"), U("encodings_received"), U("frame_bytes"),
      U("pending_candidates"), U("min_bps"), U("start_bps"), U("max_bps"));
INPUT(media, "media", 4, B("codecs"), U("red"), U("sound_at_once"), U("dtx"));
INPUT(config, "config", 11, U("loopback"), U("ice_lite"), U("ice_tcp"), U("bundle_policy"),
      U("rtcp_mux_policy"), U("relay_only"), U("name_hosts"), U("withhold_hosts"), U("congestion"),
      I("wall_us"), U("n_turn"));

static struct rill_view codec_ids(const enum rill_codec_id *codecs, size_t n,
                                  uint8_t room[RILL_PEER_CODECS])
{
    size_t i = 0;
    for (; i < n && i < RILL_PEER_CODECS; i++)
        room[i] = (uint8_t)codecs[i];
    return rill_view_at(room, i);
}

void rill_peer_input_config(const struct rill_peer_config *c)
{
    uint8_t codecs[RILL_PEER_CODECS];
    for (size_t i = 0; i < c->n_turn; i++) {
        const struct rill_ice_turn_server *t = &c->turn[i];
        RILL_TRACE(c->trace, 0, turn_server, {.addr = &t->addr}, {.u = t->proto},
                   {.view = t->username}, {.view = t->password}, {.u = t->ip6}, {.u = t->both});
    }
    RILL_TRACE(c->trace, 0, caps, {.u = c->tracks}, {.u = c->transports}, {.u = c->description},
               {.u = c->history_packets}, {.u = c->jitter_packets}, {.u = c->encodings_sent},
               {.u = c->encodings_received}, {.u = c->frame_bytes}, {.u = c->pending_candidates},
               {.u = c->min_bps}, {.u = c->start_bps}, {.u = c->max_bps});
    RILL_TRACE(c->trace, 0, media, {.view = codec_ids(c->codecs, c->n_codecs, codecs)},
               {.u = c->red}, {.u = c->sound_at_once}, {.u = c->dtx});
    RILL_TRACE(c->trace, 0, config, {.u = c->loopback}, {.u = c->ice_lite}, {.u = c->ice_tcp},
               {.u = c->bundle_policy}, {.u = c->rtcp_mux_policy}, {.u = c->relay_only},
               {.u = c->name_hosts}, {.u = c->withhold_hosts}, {.u = c->congestion},
               {.i = c->wall_us}, {.u = c->n_turn});
}

/* --- what the port tells ------------------------------------------------------------------- */

INPUT(interface_up, "interface_up", 1, A("addr"));
INPUT(interface_down, "interface_down", 1, A("addr"));
INPUT(stun_server, "stun_server", 1, A("addr"));
INPUT(await_servers, "await_servers", 1, U("awaited"));
INPUT(turn_resolved, "turn_resolved", 2, U("turn"), T("addrs"));
INPUT(resolved, "resolved", 2, T("name"), T("addrs"));
INPUT(opened, "opened", 3, U("request"), U("socket"), A("local"));
INPUT(open_failed, "open_failed", 1, U("request"));
INPUT(accepted, "accepted", 3, U("listener"), U("socket"), A("remote"));
INPUT(stream_closed, "stream_closed", 1, U("socket"));
INPUT(unreachable, "unreachable", 3, U("socket"), U("proto"), A("remote"));
INPUT(discarded, "discarded", 5, U("socket"), U("proto"), A("remote"), U("bytes"), U("first"));
INPUT(datagram, "datagram", 4, I("arrived"), U("socket"), U("proto"), A("remote"));

#define ADDRS 16

static struct rill_view list(const struct rill_addr *addrs, size_t n,
                             uint8_t room[ADDRS * RILL_ADDR_TEXT_MAX])
{
    struct rill_writer w =
        rill_writer_of((struct rill_span){room, (size_t)ADDRS * RILL_ADDR_TEXT_MAX});
    for (size_t i = 0; i < n && i < ADDRS; i++) {
        if (i)
            rill_w_char(&w, ' ');
        rill_addr_write(&w, &addrs[i]);
    }
    return rill_w_view(&w);
}

void rill_peer_input_interface(const struct rill_peer *x, int64_t now, const struct rill_addr *addr,
                               bool up)
{
    TELL(*(up ? &interface_up : &interface_down), now, {.addr = addr});
}

void rill_peer_input_stun_server(const struct rill_peer *x, const struct rill_addr *server)
{
    TELL(stun_server, NO_INSTANT, {.addr = server});
}

void rill_peer_input_await_servers(const struct rill_peer *x, int64_t now, bool awaited)
{
    TELL(await_servers, now, {.u = awaited});
}

void rill_peer_input_turn_resolved(const struct rill_peer *x, int64_t now, size_t turn,
                                   const struct rill_addr *addrs, size_t n)
{
    uint8_t room[ADDRS * RILL_ADDR_TEXT_MAX];
    TELL(turn_resolved, now, {.u = turn}, {.view = list(addrs, n, room)});
}

void rill_peer_input_resolved(const struct rill_peer *x, int64_t now, struct rill_view name,
                              const struct rill_addr *addrs, size_t n)
{
    uint8_t room[ADDRS * RILL_ADDR_TEXT_MAX];
    TELL(resolved, now, {.view = name}, {.view = list(addrs, n, room)});
}

void rill_peer_input_opened(const struct rill_peer *x, int64_t now, uint32_t request,
                            uint32_t socket, const struct rill_addr *local)
{
    TELL(opened, now, {.u = request}, {.u = socket}, {.addr = local});
}

void rill_peer_input_open_failed(const struct rill_peer *x, int64_t now, uint32_t request)
{
    TELL(open_failed, now, {.u = request});
}

void rill_peer_input_accepted(const struct rill_peer *x, int64_t now, uint32_t listener,
                              uint32_t socket, const struct rill_addr *remote)
{
    TELL(accepted, now, {.u = listener}, {.u = socket}, {.addr = remote});
}

void rill_peer_input_stream_closed(const struct rill_peer *x, int64_t now, uint32_t socket)
{
    TELL(stream_closed, now, {.u = socket});
}

void rill_peer_input_unreachable(const struct rill_peer *x, int64_t now,
                                 const struct rill_path *path)
{
    TELL(unreachable, now, {.u = path->socket}, {.u = path->proto}, {.addr = &path->remote});
}

void rill_peer_input_discarded(const struct rill_peer *x, int64_t now, const struct rill_path *path,
                               struct rill_view bytes)
{
    TELL(discarded, now, {.u = path->socket}, {.u = path->proto}, {.addr = &path->remote},
         {.u = bytes.n}, {.u = bytes.n ? bytes.p[0] : 0});
}

void rill_peer_input_datagram(const struct rill_peer *x, int64_t now, int64_t arrived,
                              const struct rill_path *path)
{
    TELL(datagram, now, {.i = arrived - now}, {.u = path->socket}, {.u = path->proto},
         {.addr = &path->remote});
}

/* --- transceivers ------------------------------------------------------------------------- */

INPUT(add_track, "add_track", 3, U("codec"), T("stream"), T("track"));
INPUT(encoding, "encoding", 4, T("rid"), U("active"), U("max_bitrate"), U("scale_bits"));
INPUT(add_transceiver, "add_transceiver", 5, U("codec"), U("direction"), T("stream"), T("track"),
      U("n_encodings"));
INPUT(set_encoding, "set_encoding", 2, I("transceiver"), U("encoding"));
INPUT(choose_encoding, "choose_encoding", 2, I("transceiver"), I("encoding"));
INPUT(remove_track, "remove_track", 1, I("transceiver"));
INPUT(replace_track, "replace_track", 3, I("transceiver"), U("codec"), T("track"));
INPUT(set_direction, "set_direction", 2, I("transceiver"), U("direction"));
INPUT(stop, "stop", 1, I("transceiver"));
INPUT(codec_preferences, "codec_preferences", 2, I("transceiver"), B("codecs"));
INPUT(restart_ice, "restart_ice", 0, {0});

void rill_peer_input_add_track(const struct rill_peer *x, enum rill_codec_id codec,
                               const char *stream_id, const char *track_id)
{
    TELL(add_track, NO_INSTANT, {.u = codec}, {.view = rill_view_of(stream_id)},
         {.view = rill_view_of(track_id)});
}

static void tell_encoding(const struct rill_peer *x, const struct rill_peer_encoding *e)
{
    uint64_t bits;
    memcpy(&bits, &e->scale_resolution_down_by, sizeof bits);
    TELL(encoding, NO_INSTANT, {.view = rill_view_of(e->rid)}, {.u = e->active},
         {.u = e->max_bitrate}, {.u = bits});
}

void rill_peer_input_add_transceiver(const struct rill_peer *x, enum rill_codec_id codec,
                                     enum rill_sdp_direction direction, const char *stream_id,
                                     const char *track_id,
                                     const struct rill_peer_encoding *encodings, size_t n)
{
    for (size_t i = 0; i < n; i++)
        tell_encoding(x, &encodings[i]);
    TELL(add_transceiver, NO_INSTANT, {.u = codec}, {.u = direction},
         {.view = rill_view_of(stream_id)}, {.view = rill_view_of(track_id)}, {.u = n});
}

void rill_peer_input_set_encoding(const struct rill_peer *x, int64_t now, int transceiver,
                                  size_t index, const struct rill_peer_encoding *to)
{
    tell_encoding(x, to);
    TELL(set_encoding, now, {.i = transceiver}, {.u = index});
}

void rill_peer_input_choose_encoding(const struct rill_peer *x, int transceiver, int index)
{
    TELL(choose_encoding, NO_INSTANT, {.i = transceiver}, {.i = index});
}

void rill_peer_input_remove_track(const struct rill_peer *x, int transceiver)
{
    TELL(remove_track, NO_INSTANT, {.i = transceiver});
}

void rill_peer_input_replace_track(const struct rill_peer *x, int transceiver,
                                   enum rill_codec_id codec, const char *track_id)
{
    TELL(replace_track, NO_INSTANT, {.i = transceiver}, {.u = codec},
         {.view = rill_view_of(track_id)});
}

void rill_peer_input_set_direction(const struct rill_peer *x, int transceiver,
                                   enum rill_sdp_direction direction)
{
    TELL(set_direction, NO_INSTANT, {.i = transceiver}, {.u = direction});
}

void rill_peer_input_stop(const struct rill_peer *x, int transceiver)
{
    TELL(stop, NO_INSTANT, {.i = transceiver});
}

void rill_peer_input_codec_preferences(const struct rill_peer *x, int transceiver,
                                       const enum rill_codec_id *codecs, size_t n)
{
    uint8_t room[RILL_PEER_CODECS];
    TELL(codec_preferences, NO_INSTANT, {.i = transceiver}, {.view = codec_ids(codecs, n, room)});
}

void rill_peer_input_restart_ice(const struct rill_peer *x)
{
    TELL(restart_ice, NO_INSTANT, {0});
}

/* --- descriptions ------------------------------------------------------------------------- */

INPUT(create_offer, "create_offer", 1, U("size"));
INPUT(create_answer, "create_answer", 1, U("size"));
INPUT(set_local, "set_local_description", 2, U("type"), T("text"));
INPUT(set_remote, "set_remote_description", 2, U("type"), T("text"));
INPUT(add_candidate, "add_ice_candidate", 4, T("candidate"), T("mid"), I("mline"), T("ufrag"));

void rill_peer_input_create(const struct rill_peer *x, int64_t now, bool offer, size_t size)
{
    TELL(*(offer ? &create_offer : &create_answer), now, {.u = size});
}

void rill_peer_input_description(const struct rill_peer *x, int64_t now, bool local,
                                 enum rill_peer_sdp_type type, struct rill_view text)
{
    TELL(*(local ? &set_local : &set_remote), now, {.u = type}, {.view = text});
}

void rill_peer_input_candidate(const struct rill_peer *x, int64_t now, struct rill_view candidate,
                               struct rill_view mid, int mline, struct rill_view ufrag)
{
    TELL(add_candidate, now, {.view = candidate}, {.view = mid}, {.i = mline}, {.view = ufrag});
}

/* --- the machine -------------------------------------------------------------------------- */

INPUT(frame, "send_frame", 16, I("track"), U("kind"), U("codec"), U("encoding"), U("rtp_time"),
      I("time"), U("keyframe"), U("width"), U("height"), U("talkspurt"), U("rotation"),
      U("has_level"), U("voice"), U("level"), U("comfort_noise"), B("bytes"));
INPUT(dtmf, "insert_dtmf", 4, I("track"), T("tones"), I("duration"), I("gap"));
INPUT(most, "set_most", 1, U("most_bps"));
INPUT(playout_delay, "set_playout_delay", 3, I("transceiver"), U("min_ms"), U("max_ms"));
INPUT(tick, "tick", 0, {0});
INPUT(output, "output", 1, U("size"));
INPUT(event, "event", 0, {0});
INPUT(closing, "close", 0, {0});

void rill_peer_input_frame(const struct rill_peer *x, int64_t now, int track,
                           const struct rill_frame *f)
{
    TELL(frame, now, {.i = track}, {.u = f->kind}, {.u = f->codec}, {.u = f->encoding},
         {.u = f->rtp_time}, {.i = f->time - now}, {.u = f->keyframe}, {.u = f->width},
         {.u = f->height}, {.u = f->talkspurt}, {.u = f->rotation}, {.u = f->has_level},
         {.u = f->voice}, {.u = f->level}, {.u = f->comfort_noise}, {.view = f->bytes});
}

void rill_peer_input_dtmf(const struct rill_peer *x, int64_t now, int track, const char *tones,
                          int64_t duration, int64_t gap)
{
    TELL(dtmf, now, {.i = track}, {.view = rill_view_of(tones)}, {.i = duration}, {.i = gap});
}

void rill_peer_input_most(const struct rill_peer *x, uint64_t most_bps)
{
    TELL(most, NO_INSTANT, {.u = most_bps});
}

void rill_peer_input_playout_delay(const struct rill_peer *x, int transceiver, uint16_t min_ms,
                                   uint16_t max_ms)
{
    TELL(playout_delay, NO_INSTANT, {.i = transceiver}, {.u = min_ms}, {.u = max_ms});
}

void rill_peer_input_tick(const struct rill_peer *x, int64_t now)
{
    TELL(tick, now, {0});
}

void rill_peer_input_output(const struct rill_peer *x, int64_t now, size_t size)
{
    TELL(output, now, {.u = size});
}

void rill_peer_input_event(const struct rill_peer *x)
{
    TELL(event, NO_INSTANT, {0});
}

void rill_peer_input_close(const struct rill_peer *x, int64_t now)
{
    TELL(closing, now, {0});
}
