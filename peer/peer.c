/* peer: the verbs. Each says the time, hands what came to the file whose idea it is, and lets
 * the transport tell what has changed.
 *
 *   in   datagram → demux → ICE | DTLS | SRTP → RTP, RTCP
 *   out  STUN, DTLS, RTCP, RTP, in this order
 */
#include "peer/peer.h"

#include "ice/stats.h"
#include "peer/association.h"
#include "peer/connection.h"
#include "peer/demux.h"
#include "peer/inputs.h"
#include "peer/jsep.h"
#include "peer/lines.h"
#include "peer/numbers.h"
#include "peer/receive.h"
#include "peer/reports.h"
#include "peer/rtcp.h"
#include "peer/send.h"
#include "peer/states.h"
#include "peer/tones.h"
#include "peer/traced.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "peer/transports.h"
#include "srtp/srtp.h"

static const struct rill_trace_point dropped = {
    "peer",
    "datagram_dropped",
    "a datagram was not used",
    3,
    {{"class", RILL_TRACE_TEXT}, {"remote", RILL_TRACE_ADDR}, {"error", RILL_TRACE_I64}}};

/* --- one block -------------------------------------------------------------------------------- */

static size_t at_most(size_t value, size_t otherwise, size_t ceiling)
{
    size_t v = value ? value : otherwise;
    return v < ceiling ? v : ceiling;
}

static void lay_out_slots(struct rill_peer *x, struct rill_arena *arena)
{
    size_t tree = rill_sdp_arena_size(x->config.description);
    for (size_t i = 0; i < RILL_PEER_SLOTS; i++) {
        struct rill_peer_slot *s = &x->jsep.slots[i];
        s->text = rill_arena_take(arena, x->config.description, 1);
        void *block = rill_arena_take(arena, tree, 1);
        if (block)
            s->arena = rill_arena_over(block, tree);
    }
    x->jsep.pending = rill_arena_take(arena, x->config.pending_candidates, sizeof *x->jsep.pending);
    x->jsep.pending_cap = x->config.pending_candidates;
}

/* The same carving counts and hands out. x is a small one on the stack when counting. */
static void lay_out(struct rill_peer *x, const struct rill_peer_config *config,
                    struct rill_arena *arena)
{
    x->config = *config;
    x->config.tracks = at_most(config->tracks, 4, RILL_TRACKS_MAX);
    x->config.description = at_most(config->description, 16384, RILL_SDP_TEXT_MAX);
    x->config.history_packets = at_most(config->history_packets, 1024, 32768);
    x->config.jitter_packets = at_most(config->jitter_packets, 512, 32768);
    x->config.encodings_sent = at_most(config->encodings_sent, 0, RILL_TRACKS_MAX);
    x->config.encodings_received = at_most(config->encodings_received, 0, RILL_TRACKS_MAX);
    x->config.frame_bytes = at_most(config->frame_bytes, 262144, RILL_VIDEO_FRAME_MAX);
    x->config.pending_candidates = at_most(config->pending_candidates, 32, 1024);
    x->config.transports = at_most(config->transports, x->config.tracks, RILL_TRACKS_MAX);
    lay_out_slots(x, arena);
    rill_peer_tracks_init(x, arena);
    rill_peer_lines_init(x, arena);
    rill_peer_transports_init(x, arena);
}

size_t rill_peer_size(const struct rill_peer_config *config)
{
    struct rill_arena arena = rill_arena_counting();
    struct rill_peer x = {0};
    rill_arena_take(&arena, 1, sizeof x);
    lay_out(&x, config, &arena);
    return rill_arena_size(&arena);
}

struct rill_peer *rill_peer_init(void *block, const struct rill_peer_config *config)
{
    rill_peer_input_config(config);
    struct rill_arena arena = rill_arena_over(block, rill_peer_size(config));
    struct rill_peer *x = rill_arena_take(&arena, 1, sizeof *x);
    if (!x)
        return NULL;
    lay_out(x, config, &arena);
    if (arena.bad || !rill_peer_component(x, 0)->ice)
        return NULL;
    x->notes.ring.cap = RILL_PEER_NOTES;
    x->jsep.local = x->jsep.current_local = &x->jsep.slots[0];
    x->jsep.remote = x->jsep.current_remote = &x->jsep.slots[1];
    rill_peer_numbers_init(&x->config, &x->jsep.numbers);
    /* RFC 9429 §5.2.1: the session id is 64 bits, random, the highest bit zero. */
    x->jsep.session_id = rill_rng_u64(&x->config.rng) >> 2;
    x->jsep.session_version = 1;
    x->ssrc = rill_rng_u32(&x->config.rng) | 1;
    rill_rng_ice_chars(&x->config.rng, x->cname, sizeof x->cname);
    return x;
}

void rill_peer_free(struct rill_peer *x)
{
    struct rill_peer_component *c;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++)
        rill_peer_association_free(c);
    if (x->secrets.n)
        rill_wipe(x->secrets.p, x->secrets.n);
}

/* --- in ------------------------------------------------------------------------------------ */

static int take_stun(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                     const struct rill_path *path, struct rill_view datagram)
{
    struct rill_err why = {0};
    int taken = rill_ice_input_at(c->ice, now, x->arrived, path, datagram, &why);
    rill_peer_transport_pump(x, now);
    if (taken > 0)
        return 0;
    x->dropped_other++;
    return why.row ? why.row->code : RILL_PEER_NOT_OURS;
}

/* RFC 8445 §12.2 leaves it to the usage; here nothing but STUN is heard from an address that
 * has not proven that it knows our password (RFC 8826 §4.2, RFC 7675 §4). */
static int take_media_or_dtls(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                              const struct rill_path *path, enum rill_demux class,
                              struct rill_span datagram)
{
    if (!rill_ice_data_received(c->ice, now, path, datagram.n)) {
        x->dropped_unvalidated++;
        return RILL_PEER_UNVALIDATED;
    }
    c->packets_received++;
    c->bytes_received += datagram.n;
    if (class == RILL_DEMUX_DTLS)
        return rill_peer_transport_dtls(x, now, c, rill_view_at(datagram.p, datagram.n));
    if (x->closing != RILL_PEER_OPEN)
        return RILL_PEER_IS_CLOSED;
    if (class == RILL_DEMUX_RTCP)
        return rill_peer_receive_rtcp(x, now, c, datagram);
    return rill_peer_receive_rtp(x, now, c, datagram);
}

static int take(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                const struct rill_path *path, struct rill_span datagram, enum rill_demux class)
{
    if (x->closing == RILL_PEER_GONE)
        return RILL_PEER_IS_CLOSED;
    switch (class) {
    case RILL_DEMUX_STUN:
        return take_stun(x, now, c, path, rill_view_at(datagram.p, datagram.n));
    case RILL_DEMUX_DTLS:
    case RILL_DEMUX_RTP:
    case RILL_DEMUX_RTCP:
        return take_media_or_dtls(x, now, c, path, class, datagram);
    case RILL_DEMUX_ZRTP:
    case RILL_DEMUX_TURN_CHANNEL:
    case RILL_DEMUX_RTP_OR_RTCP:
    case RILL_DEMUX_DROP:
        break;
    }
    x->dropped_other++;
    return RILL_PEER_NOT_OURS;
}

static int take_datagram(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                         const struct rill_path *path, struct rill_span datagram)
{
    x->from = path->remote;
    enum rill_demux class = rill_demux_class(rill_view_at(datagram.p, datagram.n));
    x->datagrams_in++;
    x->bytes_in += datagram.n;
    int rc = take(x, now, c, path, datagram, class);
    if (rc < 0)
        RILL_TRACE(x->config.trace, now, dropped, {.view = rill_view_of(rill_demux_name(class))},
                   {.addr = &path->remote}, {.i = rc});
    return rc;
}

/* What a TURN server sent is its own talk, or holds datagrams that came to our relayed address. */
static int take_relayed(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                        const struct rill_path *path, struct rill_span bytes)
{
    struct rill_path inner_path;
    struct rill_span inner;
    int rc = 0;
    while (bytes.n) {
        size_t n = rill_ice_unwrap(c->ice, now, path, bytes, &inner_path, &inner);
        if (inner.n)
            rc = take_datagram(x, now, c, &inner_path, inner);
        bytes = (struct rill_span){bytes.p + n, bytes.n - n};
    }
    rill_peer_transport_pump(x, now);
    return rc;
}

int rill_peer_input(struct rill_peer *x, int64_t now, const struct rill_path *path,
                    struct rill_span datagram)
{
    return rill_peer_input_at(x, now, now, path, datagram);
}

int rill_peer_input_at(struct rill_peer *x, int64_t now, int64_t arrived,
                       const struct rill_path *path, struct rill_span datagram)
{
    rill_peer_input_datagram(x, now, arrived, path);
    struct rill_peer_component *c = rill_peer_component_of_socket(x, path->socket);
    x->now = now;
    x->arrived = rill_earlier(arrived, now);
    rill_peer_trace_received(x, now, c, path, rill_view_at(datagram.p, datagram.n));
    return rill_ice_is_wrapped(c->ice, path) ? take_relayed(x, now, c, path, datagram)
                                             : take_datagram(x, now, c, path, datagram);
}

void rill_peer_tick(struct rill_peer *x, int64_t now)
{
    rill_peer_input_tick(x, now);
    struct rill_peer_component *c;
    x->now = now;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++) {
        if (c->used)
            rill_ice_tick(c->ice, now);
        if (c->dtls)
            rill_dtls_tick(c->dtls, now);
    }
    rill_peer_tones_tick(x, now);
    rill_peer_transport_pump(x, now);
}

/* --- out ----------------------------------------------------------------------------------- */

static size_t ice_output(struct rill_peer *x, int64_t now, struct rill_path *path,
                         struct rill_peer_component **from, struct rill_span out)
{
    size_t n = 0;
    for (size_t k = 0; n == 0 && (*from = rill_peer_component(x, k)); k++)
        if ((*from)->used)
            n = rill_ice_output((*from)->ice, now, path, out);
    return n;
}

static size_t dtls_output(struct rill_peer *x, int64_t now, struct rill_path *path,
                          struct rill_peer_component **from, struct rill_span out)
{
    size_t n = 0;
    for (size_t k = 0; n == 0 && (*from = rill_peer_component(x, k)); k++)
        if ((*from)->dtls && rill_ice_send_path((*from)->ice, path))
            n = rill_dtls_output((*from)->dtls, now, out);
    return n;
}

static size_t media_output(struct rill_peer *x, int64_t now, struct rill_path *path,
                           struct rill_peer_component **from, struct rill_span out)
{
    size_t n = rill_peer_reports_output(x, now, from, out);
    if (n == 0 && x->closing == RILL_PEER_OPEN)
        n = rill_peer_send_output(x, now, from, out);
    return n && rill_ice_send_path((*from)->ice, path) ? n : 0;
}

static void close_all(struct rill_peer *x, int64_t now, bool dtls)
{
    struct rill_peer_component *c;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++) {
        if (dtls && c->dtls)
            rill_dtls_close(c->dtls, now);
        if (!dtls && c->used)
            rill_ice_close(c->ice, now);
    }
}

/* BYE on every line, then close_notify, then ICE and its sockets go. */
static size_t closing_output(struct rill_peer *x, int64_t now, struct rill_path *path,
                             struct rill_peer_component **from, struct rill_span out)
{
    size_t n = 0;
    if (x->closing == RILL_PEER_SAYING_BYE) {
        n = media_output(x, now, path, from, out);
        if (n)
            return n;
        close_all(x, now, true);
        x->closing = RILL_PEER_SAYING_NOTIFY;
    }
    if (x->closing == RILL_PEER_SAYING_NOTIFY) {
        n = dtls_output(x, now, path, from, out);
        if (n)
            return n;
        close_all(x, now, false);
        x->closing = RILL_PEER_GONE;
        rill_peer_transport_pump(x, now);
    }
    return ice_output(x, now, path, from, out); /* allocations are given back */
}

static size_t next_output(struct rill_peer *x, int64_t now, struct rill_path *path,
                          struct rill_peer_component **from, struct rill_span out)
{
    if (x->closing != RILL_PEER_OPEN)
        return closing_output(x, now, path, from, out);
    size_t n = ice_output(x, now, path, from, out);
    if (n)
        return n;
    n = dtls_output(x, now, path, from, out);
    n = n ? n : media_output(x, now, path, from, out);
    if (n) {
        rill_ice_data_sent((*from)->ice, now, n);
        (*from)->packets_sent++;
        (*from)->bytes_sent += n;
    }
    return n;
}

size_t rill_peer_output(struct rill_peer *x, int64_t now, struct rill_path *path,
                        struct rill_span out)
{
    rill_peer_input_output(x, now, out.n);
    struct rill_peer_component *from;
    size_t built, n = 0;
    x->now = now;
    /* What a relay has no permission for is lost, and what comes after it may go. */
    while (n == 0 && (built = next_output(x, now, path, &from, out)) > 0) {
        n = rill_ice_wrap(from->ice, now, path, out, built);
        rill_peer_trace_sent(x, now, from, path, rill_view_at(out.p, n));
    }
    if (n) {
        x->datagrams_out++;
        x->bytes_out += n;
    }
    return n;
}

int64_t rill_peer_deadline(const struct rill_peer *x)
{
    struct rill_peer_component *c;
    int64_t at = RILL_NEVER;
    if (x->closing == RILL_PEER_GONE)
        return RILL_NEVER;
    /* What is left to say is said with the next output. */
    if (x->closing != RILL_PEER_OPEN)
        return x->now;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++) {
        if (c->used)
            at = rill_earlier(at, rill_ice_deadline(c->ice));
        if (c->dtls)
            at = rill_earlier(at, rill_dtls_deadline(c->dtls));
    }
    at = rill_earlier(at, rill_peer_receive_deadline(x));
    at = rill_earlier(at, rill_peer_reports_deadline(x));
    at = rill_earlier(at, rill_peer_tones_deadline(x));
    return rill_earlier(at, rill_peer_send_deadline(x));
}

void rill_peer_close(struct rill_peer *x, int64_t now)
{
    rill_peer_input_close(x, now);
    x->now = now;
    if (x->closing != RILL_PEER_OPEN)
        return;
    for (size_t i = 0; i < x->n_lines; i++)
        x->lines[i].bye_pending =
            rill_peer_component_is_ready(rill_peer_line_component(x, &x->lines[i], true));
    x->closing = RILL_PEER_SAYING_BYE;
    rill_peer_set_signaling(x, now, RILL_PEER_SIGNALING_CLOSED);
    rill_peer_update_state(x, now);
}
