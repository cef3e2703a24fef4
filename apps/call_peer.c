/* call_peer: the peer connection of a call: it is made, what it says is done, and its datagrams
 * leave. */
#include "apps/call.h"

#include <stdlib.h>

/* Encodings beyond the first that an offer may have and ask for, all tracks together: one camera in
 * three sizes, and another one. */
#define ENCODINGS_RECEIVED 4
#define ENCODINGS_ASKED 2

/* The packets of the largest frame that a file may hold, and some to spare. */
#define FRAME_PACKETS 1024

static bool make_cert(struct call *c)
{
    c->cert_block = malloc(rill_dtls_cert_size());
    struct rill_rng rng = rill_trace_out_rng(&c->trace, c->rng);
    rill_trace_out_certificate(&c->trace, rill_posix_now());
    int rc = c->cert_block ? rill_dtls_cert_init(c->cert_block, &rng, &c->cert) : -1;
    if (rc < 0)
        call_fail_code(c, "no certificate could be made", rc);
    return rc >= 0;
}

/* As many as the command line has, and what an offer may ask for. */
static size_t encodings_sent(const struct call *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_tracks; i++)
        n += c->tracks[i].encodings->n ? c->tracks[i].encodings->n - 1 : 0;
    return n > ENCODINGS_ASKED ? n : ENCODINGS_ASKED;
}

bool call_make_peer(struct call *c, int64_t now)
{
    bool offerer = c->role == CALL_OFFERER;
    if (!make_cert(c))
        return false;
    now = rill_posix_now();
    c->wall_us = rill_posix_wall() - rill_posix_now(); /* `now` is older by what came between */
    struct rill_peer_config config = {
        .cert = c->cert,
        .tracks = CALL_TRACKS,
        .description = CALL_DESCRIPTION_MAX,
        .frame_bytes = RILL_VIDEO_FRAME_MAX,
        .jitter_packets = FRAME_PACKETS,
        .encodings_sent = encodings_sent(c),
        .encodings_received = ENCODINGS_RECEIVED,
        .loopback = c->options->loopback,
        .ice_lite = c->options->ice_lite,
        .ice_tcp = c->options->ice_tcp,
        .bundle_policy = c->options->bundle_policy,
        .rtcp_mux_policy = c->options->rtcp_mux_policy,
        .relay_only = c->options->relay_only,
        .name_hosts = c->options->mdns,
        .withhold_hosts = rill_ip_handling_withholds(c->options->ip_handling),
        .turn = c->turn.servers,
        .n_turn = c->turn.n,
        .codecs = c->options->codecs,
        .n_codecs = c->options->n_codecs,
        .congestion = c->options->congestion,
        .red = c->options->red,
        .dtx = c->options->dtx,
        .sound_at_once = true,
        .wall_us = c->wall_us,
        .rng = rill_trace_out_rng(&c->trace, c->rng),
        .trace = &c->trace.trace,
    };
    c->peer_block = malloc(rill_peer_size(&config));
    c->peer = c->peer_block ? rill_peer_init(c->peer_block, &config) : NULL;
    if (!c->peer) {
        call_fail(c, "there is no memory for the peer connection", NULL);
        return false;
    }
    if (offerer)
        call_step(c, 2);
    rill_peer_await_servers(c->peer, now, rill_names_await_servers(&c->names));
    call_names(c, now);
    call_step(c, offerer ? 3 : 13);
    call_name_interfaces(c, now);
    if (!call_add_tracks(c))
        return false;
    call_step(c, offerer ? 4 : 14);
    return true;
}

static void open_socket(struct call *c, int64_t now, const struct rill_peer_event *e)
{
    struct rill_addr local;
    struct rill_err why = {0};
    uint32_t socket, request = e->request;
    bool shares = e->proto == RILL_PROTO_TCP_SO;
    int rc = 0;
    switch (e->proto) {
    case RILL_PROTO_UDP:
        rc = rill_reactor_udp(c->reactor, &e->addr, &socket, &local, &why);
        break;
    case RILL_PROTO_TCP_PASSIVE:
    case RILL_PROTO_TCP_SO:
        rc = rill_reactor_live_listen(c->reactor, &e->addr, shares, &socket, &local, &why);
        break;
    case RILL_PROTO_TCP_ACTIVE:
        if (!rill_turn_streams_connect(&c->turn, request, &e->addr, &e->to))
            rill_peer_open_failed(c->peer, now, request);
        return;
    default:
        if (!rill_turn_streams_open(&c->turn, request, e->proto, &e->addr, e->turn, e->text))
            rill_peer_open_failed(c->peer, now, request);
        return;
    }
    if (rc < 0)
        rill_peer_open_failed(c->peer, now, request);
    else
        rill_peer_opened(c->peer, now, request, socket, &local);
}

void call_accepted(struct call *c, int64_t now, const struct rill_reactor_event *e)
{
    bool wanted =
        c->peer && rill_peer_accepted(c->peer, now, e->listener, e->socket, &e->path.remote);
    if (wanted && rill_turn_streams_accepted(&c->turn, e->socket))
        return;
    rill_reactor_close(c->reactor, e->socket);
    if (wanted)
        rill_peer_stream_closed(c->peer, now, e->socket);
}

static void on_connection_state(struct call *c, int64_t now, const struct rill_peer_event *e)
{
    call_note(c, "connection", rill_peer_connection_state_name(e->connection_state));
    call_heal(c, now, e->connection_state == RILL_PEER_DISCONNECTED);
    switch (e->connection_state) {
    case RILL_PEER_CONNECTED:
        if (!c->connected)
            c->connected_at = now;
        c->connected = true;
        call_start_media(c, now);
        break;
    case RILL_PEER_FAILED:
        call_fail_code(c, "the connection failed", e->error);
        break;
    case RILL_PEER_CLOSED:
        if (c->end == CALL_RUNNING)
            c->end = CALL_PEER_LEFT;
        break;
    default:
        break;
    }
}

/* RFC 3550 §6.6: "The BYE packet indicates that one or more sources are no longer active". */
static void on_bye(struct call *c, int64_t now, const struct rill_peer_event *e)
{
    if (e->receiver >= 0 && e->receiver < RILL_TRACKS_MAX)
        c->remotes[e->receiver].left = true;
    c->bye_at = now;
}

static void on_peer_event(struct call *c, int64_t now, const struct rill_peer_event *e)
{
    switch (e->type) {
    case RILL_PEER_EVENT_OPEN:
        open_socket(c, now, e);
        break;
    case RILL_PEER_EVENT_CLOSE:
        rill_turn_streams_close(&c->turn, e->socket);
        rill_reactor_close(c->reactor, e->socket);
        break;
    case RILL_PEER_EVENT_CANDIDATE:
        call_note(c, "candidate", e->text.n ? "gathered" : "no more");
        call_signal_candidate(c, e);
        break;
    case RILL_PEER_EVENT_REGISTER:
        rill_local_names_register(&c->local, now, e->text, &e->addr);
        break;
    case RILL_PEER_EVENT_RESOLVE:
        rill_local_names_resolve(&c->local, now, e->text);
        break;
    case RILL_PEER_EVENT_CONNECTION_STATE:
        on_connection_state(c, now, e);
        break;
    case RILL_PEER_EVENT_SIGNALING_STATE:
        if (e->signaling_state == RILL_PEER_HAVE_REMOTE_OFFER)
            call_encodings_asked(c);
        if (e->signaling_state == RILL_PEER_STABLE)
            call_follow_encodings(c);
        break;
    case RILL_PEER_EVENT_TRACK:
        call_on_track(c, e);
        break;
    case RILL_PEER_EVENT_TRACK_REMOVED:
        call_on_track_removed(c, e);
        break;
    case RILL_PEER_EVENT_NEGOTIATION_NEEDED:
        if (c->options->negotiation != CALL_PASSIVE)
            c->negotiate_at = now;
        break;
    case RILL_PEER_EVENT_FRAME:
        call_on_frame(c, now, e);
        break;
    case RILL_PEER_EVENT_KEYFRAME_WANTED:
        call_want_keyframe(c, e->track, e->encoding);
        break;
    case RILL_PEER_EVENT_TONE_BEGINS:
    case RILL_PEER_EVENT_TONE:
    case RILL_PEER_EVENT_TONE_CHANGE:
        call_on_tone(c, e);
        break;
    case RILL_PEER_EVENT_TARGET:
        call_follow_target(c, e->target_bps);
        break;
    case RILL_PEER_EVENT_BYE:
        on_bye(c, now, e);
        break;
    default:
        break;
    }
}

void call_peer_events(struct call *c, int64_t now)
{
    struct rill_peer_event e;
    while (c->peer && rill_peer_event(c->peer, &e))
        on_peer_event(c, now, &e);
}

/* The time is asked anew for each: it is when it leaves that counts for the path. */
void call_send_datagrams(struct call *c)
{
    static _Alignas(8) uint8_t out[RILL_DATAGRAM_OUT_MAX + 256];
    struct rill_path path;
    size_t n;
    while (c->peer && (n = rill_peer_output(c->peer, rill_posix_now(), &path,
                                            (struct rill_span){out, sizeof out})) > 0) {
        struct rill_view datagram = rill_view_at(out, n);
        bool taken = path.proto == RILL_PROTO_UDP
                         ? rill_reactor_send(c->reactor, &path, datagram)
                         : rill_turn_streams_send(&c->turn, &path, datagram);
        if (!taken)
            rill_peer_discarded(c->peer, rill_posix_now(), &path, datagram);
    }
}
