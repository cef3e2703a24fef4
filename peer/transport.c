/* transport: ICE finds a path, DTLS agrees on keys over it, SRTP uses them.
 *
 * The idea: each step waits for the proof of the one below. DTLS starts on the first valid
 * pair (browsers send their ClientHello then, not after nomination), hears only from paths
 * that ICE has validated, and its keys are taken only after the certificate's fingerprint
 * was found to be the one of the description.
 */
#include "peer/transport.h"

#include "peer/agreement.h"
#include "peer/association.h"
#include "peer/congestion.h"
#include "peer/connection.h"
#include "peer/early.h"
#include "peer/events.h"
#include "peer/lines.h"
#include "peer/reports.h"
#include "peer/states.h"
#include "peer/transports.h"
#include "srtp/srtp.h"

#include <string.h>

static const struct rill_trace_point dtls_starts = {
    "peer",
    "dtls_starts",
    "a pair is valid: DTLS begins",
    2,
    {{"role", RILL_TRACE_TEXT}, {"remote", RILL_TRACE_ADDR}}};
static const struct rill_trace_point dtls_held = {
    "peer",
    "dtls_held",
    "a datagram came before DTLS may start",
    2,
    {{"bytes", RILL_TRACE_U64}, {"kept", RILL_TRACE_U64}}};
static const struct rill_trace_point srtp_keyed = {
    "peer", "srtp_keyed", "SRTP has its keys", 1, {{"profile", RILL_TRACE_TEXT}}};
static const struct rill_trace_point transport_failed = {
    "peer", "transport_failed", "DTLS or SRTP failed", 1, {{"error", RILL_TRACE_I64}}};

/* Room that ICE's events may need in the ring, so that state changes always fit. */
#define NOTES_RESERVED 24

static struct rill_dtls_config dtls_config(const struct rill_peer *x,
                                           const struct rill_peer_component *c)
{
    return (struct rill_dtls_config){
        .cert = x->config.cert,
        .role = c->dtls_is_client ? RILL_DTLS_CLIENT : RILL_DTLS_SERVER,
        .rtt = rill_peer_component_rtt(c),
        .require_srtp = true,
        .rng = x->config.rng,
        .trace = x->config.trace,
    };
}

/* All that may be sent at once, each with its repairs, who reports where nothing is sent, and some
 * that give way to others (peer/collision.h). */
static size_t streams_sent(const struct rill_peer_config *c)
{
    size_t n = 2 * (c->tracks + c->encodings_sent) + 1 + RILL_PEER_SRTP_SPARE;
    return n < RILL_SRTP_STREAMS_MAX ? n : RILL_SRTP_STREAMS_MAX;
}

/* keys NULL: as large as any keys make it. */
static struct rill_srtp_config srtp_config(const struct rill_peer *x,
                                           const struct rill_dtls_srtp_keys *keys)
{
    static const struct rill_dtls_srtp_keys largest = {
        .profile = RILL_SRTP_AES128_CM_HMAC_SHA1_80, .key_size = 16, .salt_size = 14};
    const struct rill_dtls_srtp_keys *k = keys ? keys : &largest;
    return (struct rill_srtp_config){
        .profile = k->profile,
        .local_key = rill_view_at(k->local_key, k->key_size),
        .local_salt = rill_view_at(k->local_salt, k->salt_size),
        .remote_key = rill_view_at(k->remote_key, k->key_size),
        .remote_salt = rill_view_at(k->remote_salt, k->salt_size),
        .streams = streams_sent(&x->config),
        .remote_streams = RILL_PEER_SRTP_STREAMS,
    };
}

void rill_peer_component_init(const struct rill_peer *x, struct rill_peer_component *c,
                              struct rill_arena *arena)
{
    struct rill_ice_config ice = rill_peer_ice_config(x);
    struct rill_dtls_config dtls = dtls_config(x, c);
    struct rill_srtp_config srtp = srtp_config(x, NULL);
    c->ice_block = rill_arena_take(arena, rill_ice_size(&ice), 1);
    c->dtls_block = rill_arena_take(arena, rill_dtls_size(&dtls), 1);
    c->srtp_block = rill_arena_take(arena, rill_srtp_size(&srtp), 1);
}

int64_t rill_peer_component_rtt(const struct rill_peer_component *c)
{
    struct rill_ice_pair_info info;
    if (!c->ice || !rill_ice_pair_info(c->ice, &info))
        return 0;
    return info.rtt > 0 ? info.rtt : 0;
}

bool rill_peer_component_is_ready(const struct rill_peer_component *c)
{
    struct rill_path path;
    return c && c->srtp && rill_ice_send_path(c->ice, &path);
}

struct rill_peer_component *rill_peer_line_component(const struct rill_peer *x,
                                                     const struct rill_peer_line *l, bool rtcp)
{
    if (!l || !l->agreed.active)
        return NULL;
    return &x->transports[l->transport].components[rtcp && !l->agreed.rtcp_mux];
}

int64_t rill_peer_rtt(const struct rill_peer *x, const struct rill_peer_line *l)
{
    const struct rill_peer_component *c = rill_peer_line_component(x, l, false);
    return c ? rill_peer_component_rtt(c) : 0;
}

static void fail(struct rill_peer *x, int64_t now, int error)
{
    if (x->error)
        return;
    x->error = error;
    RILL_TRACE(x->config.trace, now, transport_failed, {.i = error});
}

/* --- DTLS → SRTP ---------------------------------------------------------------------------- */

static void take_keys(struct rill_peer *x, int64_t now, struct rill_peer_component *c)
{
    struct rill_dtls_srtp_keys keys;
    int rc = rill_dtls_export_srtp(c->dtls, &keys);
    if (rc < 0) {
        fail(x, now, rc);
        return;
    }
    struct rill_srtp_config config = srtp_config(x, &keys);
    rc = rill_srtp_init(c->srtp_block, &config, &c->srtp);
    rill_wipe(&keys, sizeof keys);
    if (rc < 0) {
        c->srtp = NULL;
        fail(x, now, rc);
        return;
    }
    rill_peer_reports_start(x, now, c);
    rill_peer_congestion_start(x, now, &c->of->congestion);
    RILL_TRACE(x->config.trace, now, srtp_keyed,
               {.view = rill_view_of(rill_srtp_profile_name(config.profile))});
}

static void say_bye(struct rill_peer *x, const struct rill_peer_component *c)
{
    for (size_t i = 0; i < x->n_lines; i++) {
        bool ended =
            x->lines[i].agreed.receive && rill_peer_line_component(x, &x->lines[i], false) == c;
        struct rill_peer_note *note = ended ? rill_peer_note(x, RILL_PEER_EVENT_BYE) : NULL;
        if (note)
            note->index = (int)i;
    }
}

static bool all_said_goodbye(const struct rill_peer *x)
{
    struct rill_peer_component *c;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++)
        if (rill_peer_transport_is_live(c->of) && c->dtls && !c->said_goodbye)
            return false;
    return true;
}

/* The other side said close_notify: RFC 5246 §7.2.1 asks for ours in return. One association of
 * several may end because its m-line did; with the last of them the other side has left. */
static void closed_by_peer(struct rill_peer *x, int64_t now, struct rill_peer_component *c)
{
    if (x->closing != RILL_PEER_OPEN || c->said_goodbye)
        return;
    c->said_goodbye = true;
    say_bye(x, c);
    rill_dtls_close(c->dtls, now);
    if (!all_said_goodbye(x))
        return;
    x->closing = RILL_PEER_SAYING_NOTIFY;
    rill_peer_set_signaling(x, now, RILL_PEER_SIGNALING_CLOSED);
}

static void pump_dtls(struct rill_peer *x, int64_t now, struct rill_peer_component *c)
{
    struct rill_dtls_event event;
    while (c->dtls && rill_dtls_event(c->dtls, &event)) {
        if (event.state == RILL_DTLS_CONNECTED && !c->srtp)
            take_keys(x, now, c);
        else if (event.state == RILL_DTLS_FAILED)
            fail(x, now, event.error);
        else if (event.state == RILL_DTLS_CLOSED)
            closed_by_peer(x, now, c);
    }
}

/* --- ICE → DTLS ----------------------------------------------------------------------------- */

static void give_fingerprints(struct rill_peer *x, int64_t now, struct rill_peer_component *c)
{
    const struct rill_sdp *remote = rill_peer_agreed_remote(x);
    const struct rill_sdp_media *m = &remote->media[c->of->mline];
    for (size_t i = 0; i < m->n_fingerprints; i++)
        rill_dtls_add_fingerprint(c->dtls, now, m->fingerprints[i].hash, m->fingerprints[i].value,
                                  NULL);
}

static void feed_early(struct rill_peer_component *c, int64_t now)
{
    struct rill_view datagram;
    size_t at = 0;
    while (rill_peer_early_next(&c->early, now, &at, &datagram))
        rill_dtls_input(c->dtls, now, datagram, NULL);
    rill_peer_early_clear(&c->early);
}

static void start_dtls(struct rill_peer *x, int64_t now, struct rill_peer_component *c)
{
    struct rill_dtls_config config = dtls_config(x, c);
    struct rill_path path = {0};
    if (c->dtls || x->error || !c->has_valid || c->of->use != RILL_PEER_TRANSPORT_AGREED ||
        x->closing != RILL_PEER_OPEN || rill_ice_state(c->ice) == RILL_ICE_CLOSED)
        return;
    c->dtls = rill_dtls_init(c->dtls_block, &config);
    if (!c->dtls) {
        fail(x, now, RILL_DTLS_HANDSHAKE);
        return;
    }
    rill_ice_send_path(c->ice, &path);
    RILL_TRACE(x->config.trace, now, dtls_starts,
               {.view = rill_view_of(c->dtls_is_client ? "client" : "server")},
               {.addr = &path.remote});
    give_fingerprints(x, now, c);
    rill_dtls_start(c->dtls, now);
    feed_early(c, now);
}

static void note_candidate(struct rill_peer *x, const struct rill_peer_component *c,
                           const struct rill_ice_cand *cand)
{
    struct rill_peer_note *note = rill_peer_note(x, RILL_PEER_EVENT_CANDIDATE);
    struct rill_view ufrag = rill_ice_ufrag(c->ice);
    note->is_last = !cand;
    if (cand)
        note->cand = *cand;
    note->index = (int)c->of->mline;
    memcpy(note->ufrag, ufrag.p, sizeof note->ufrag);
}

/* RFC 8838 §13: end-of-candidates is told for each transport. */
static void gathered(struct rill_peer *x, struct rill_peer_component *c)
{
    const struct rill_peer_component *both = c->of->components;
    c->gathering_done = true;
    if (both[0].gathering_done && (!both[1].used || both[1].gathering_done))
        note_candidate(x, c, NULL);
}

static void take_ice_event(struct rill_peer *x, struct rill_peer_component *c,
                           const struct rill_ice_event *event)
{
    struct rill_peer_note *note = NULL;
    switch (event->type) {
    case RILL_ICE_EVENT_OPEN:
        note = rill_peer_note(x, RILL_PEER_EVENT_OPEN);
        note->request = rill_peer_request(x, c, event->request);
        note->addr = event->addr;
        note->to = event->to;
        note->proto = event->proto;
        note->turn = event->turn;
        note->domain = event->domain;
        break;
    case RILL_ICE_EVENT_CLOSE:
        note = rill_peer_note(x, RILL_PEER_EVENT_CLOSE);
        note->socket = event->socket;
        break;
    case RILL_ICE_EVENT_CANDIDATE:
        note_candidate(x, c, event->cand);
        if (c->n_gathered < RILL_PEER_GATHERED)
            c->gathered[c->n_gathered++] = *event->cand;
        break;
    case RILL_ICE_EVENT_REGISTER:
    case RILL_ICE_EVENT_RESOLVE:
        note = rill_peer_note(x, event->type == RILL_ICE_EVENT_RESOLVE ? RILL_PEER_EVENT_RESOLVE
                                                                       : RILL_PEER_EVENT_REGISTER);
        note->cand = *event->cand;
        break;
    case RILL_ICE_EVENT_GATHERING_DONE:
        gathered(x, c);
        break;
    case RILL_ICE_EVENT_STATE:
        c->ice_state = event->state;
        rill_peer_update_ice_state(x);
        break;
    case RILL_ICE_EVENT_VALID:
        c->has_valid = true;
        break;
    case RILL_ICE_EVENT_SELECTED:
        c->pair_changes++;
        break;
    }
}

void rill_peer_transport_pump(struct rill_peer *x, int64_t now)
{
    struct rill_ice_event event;
    struct rill_peer_component *c;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++) {
        while (c->used && rill_peer_notes_left(x) > NOTES_RESERVED &&
               rill_ice_event(c->ice, &event))
            take_ice_event(x, c, &event);
        start_dtls(x, now, c);
        pump_dtls(x, now, c);
    }
    if (rill_peer_notes_left(x) > NOTES_RESERVED && x->closing == RILL_PEER_OPEN)
        rill_peer_transports_renew(x);
    rill_peer_update_gathering(x);
    rill_peer_update_ice_state(x);
    rill_peer_update_state(x, now);
}

/* --- DTLS datagrams ------------------------------------------------------------------------- */

int rill_peer_transport_dtls(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                             struct rill_view datagram)
{
    struct rill_err why = {0};
    bool anew = rill_peer_association_hello(x, c, datagram);
    if (!c->dtls) {
        bool kept = rill_peer_early_keep(&c->early, now, datagram);
        RILL_TRACE(x->config.trace, now, dtls_held, {.u = datagram.n}, {.u = kept});
        if (anew)
            rill_peer_transport_pump(x, now);
        return kept ? 0 : RILL_PEER_EARLY_FULL;
    }
    rill_dtls_input(c->dtls, now, datagram, &why);
    rill_peer_transport_pump(x, now);
    return why.row ? why.row->code : 0;
}
