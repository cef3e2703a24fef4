/* transport: ICE finds a path, DTLS agrees on keys over it, SRTP uses them.
 *
 * The idea: each step waits for the proof of the one below. DTLS starts on the first valid
 * pair (browsers send their ClientHello then, not after nomination), hears only from paths
 * that ICE has validated, and its keys are taken only after the certificate's fingerprint
 * was found to be the one of the description.
 */
#include "peer/private.h"

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

static struct rill_ice_config ice_config(const struct rill_peer *x)
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

static struct rill_dtls_config dtls_config(const struct rill_peer *x)
{
    return (struct rill_dtls_config){
        .cert = x->config.cert,
        .role = x->transport.dtls_is_client ? RILL_DTLS_CLIENT : RILL_DTLS_SERVER,
        .rtt = rill_peer_rtt(x),
        .require_srtp = true,
        .rng = x->config.rng,
        .trace = x->config.trace,
    };
}

/* keys NULL: as large as any keys make it. */
static struct rill_srtp_config srtp_config(const struct rill_dtls_srtp_keys *keys)
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
        .streams = RILL_PEER_SRTP_STREAMS,
    };
}

void rill_peer_transport_init(struct rill_peer *x, struct rill_arena *arena)
{
    struct rill_peer_transport *t = &x->transport;
    struct rill_ice_config ice = ice_config(x);
    struct rill_dtls_config dtls = dtls_config(x);
    struct rill_srtp_config srtp = srtp_config(NULL);
    void *ice_block = rill_arena_take(arena, rill_ice_size(&ice), 1);
    t->dtls_block = rill_arena_take(arena, rill_dtls_size(&dtls), 1);
    t->srtp_block = rill_arena_take(arena, rill_srtp_size(&srtp), 1);
    if (ice_block)
        t->ice = rill_ice_init(ice_block, &ice);
}

int64_t rill_peer_rtt(const struct rill_peer *x)
{
    struct rill_ice_pair_info info;
    if (!x->transport.ice || !rill_ice_pair_info(x->transport.ice, &info))
        return 0;
    return info.rtt > 0 ? info.rtt : 0;
}

bool rill_peer_media_path(const struct rill_peer *x, struct rill_path *out)
{
    return x->transport.srtp && rill_ice_send_path(x->transport.ice, out);
}

static void fail(struct rill_peer *x, int64_t now, int error)
{
    if (x->error)
        return;
    x->error = error;
    RILL_TRACE(x->config.trace, now, transport_failed, {.i = error});
}

/* --- DTLS → SRTP ---------------------------------------------------------------------------- */

static void take_keys(struct rill_peer *x, int64_t now)
{
    struct rill_peer_transport *t = &x->transport;
    struct rill_dtls_srtp_keys keys;
    int rc = rill_dtls_export_srtp(t->dtls, &keys);
    if (rc < 0) {
        fail(x, now, rc);
        return;
    }
    struct rill_srtp_config config = srtp_config(&keys);
    rc = rill_srtp_init(t->srtp_block, &config, &t->srtp);
    rill_wipe(&keys, sizeof keys);
    if (rc < 0) {
        t->srtp = NULL;
        fail(x, now, rc);
        return;
    }
    rill_peer_reports_start(x, now);
    rill_peer_congestion_start(x, now);
    RILL_TRACE(x->config.trace, now, srtp_keyed,
               {.view = rill_view_of(rill_srtp_profile_name(config.profile))});
}

/* The other side said close_notify: RFC 5246 §7.2.1 asks for ours in return. */
static void closed_by_peer(struct rill_peer *x, int64_t now)
{
    if (x->transport.closing != RILL_PEER_OPEN)
        return;
    for (size_t i = 0; i < x->n_lines; i++) {
        struct rill_peer_note *note =
            x->lines[i].agreed.receive ? rill_peer_note(x, RILL_PEER_EVENT_BYE) : NULL;
        if (note)
            note->index = (int)i;
    }
    rill_dtls_close(x->transport.dtls, now);
    x->transport.closing = RILL_PEER_SAYING_NOTIFY;
    rill_peer_set_signaling(x, now, RILL_PEER_SIGNALING_CLOSED);
}

static void pump_dtls(struct rill_peer *x, int64_t now)
{
    struct rill_dtls_event event;
    while (x->transport.dtls && rill_dtls_event(x->transport.dtls, &event)) {
        if (event.state == RILL_DTLS_CONNECTED && !x->transport.srtp)
            take_keys(x, now);
        else if (event.state == RILL_DTLS_FAILED)
            fail(x, now, event.error);
        else if (event.state == RILL_DTLS_CLOSED)
            closed_by_peer(x, now);
    }
}

/* --- ICE → DTLS ----------------------------------------------------------------------------- */

static void give_fingerprints(struct rill_peer *x, int64_t now)
{
    const struct rill_sdp *remote = rill_peer_agreed_remote(x);
    const struct rill_sdp_media *m = &remote->media[x->transport.tagged];
    for (size_t i = 0; i < m->n_fingerprints; i++)
        rill_dtls_add_fingerprint(x->transport.dtls, now, m->fingerprints[i].hash,
                                  m->fingerprints[i].value, NULL);
}

static void feed_early(struct rill_peer *x, int64_t now)
{
    struct rill_view datagram;
    size_t at = 0;
    while (rill_peer_early_next(&x->transport.early, now, &at, &datagram))
        rill_dtls_input(x->transport.dtls, now, datagram, NULL);
    rill_peer_early_clear(&x->transport.early);
}

static void start_dtls(struct rill_peer *x, int64_t now)
{
    struct rill_peer_transport *t = &x->transport;
    struct rill_dtls_config config = dtls_config(x);
    struct rill_path path = {0};
    if (t->dtls || x->error || !t->has_valid || !x->jsep.agreed || x->n_lines == 0 ||
        t->closing != RILL_PEER_OPEN)
        return;
    t->dtls = rill_dtls_init(t->dtls_block, &config);
    if (!t->dtls) {
        fail(x, now, RILL_DTLS_HANDSHAKE);
        return;
    }
    rill_ice_send_path(t->ice, &path);
    RILL_TRACE(x->config.trace, now, dtls_starts,
               {.view = rill_view_of(t->dtls_is_client ? "client" : "server")},
               {.addr = &path.remote});
    give_fingerprints(x, now);
    rill_dtls_start(t->dtls, now);
    feed_early(x, now);
}

static void take_ice_event(struct rill_peer *x, const struct rill_ice_event *event)
{
    struct rill_peer_note *note = NULL;
    switch (event->type) {
    case RILL_ICE_EVENT_OPEN:
        note = rill_peer_note(x, RILL_PEER_EVENT_OPEN);
        note->request = event->request;
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
        note = rill_peer_note(x, RILL_PEER_EVENT_CANDIDATE);
        note->cand = *event->cand;
        if (x->jsep.n_gathered < RILL_PEER_GATHERED)
            x->jsep.gathered[x->jsep.n_gathered++] = *event->cand;
        break;
    case RILL_ICE_EVENT_REGISTER:
    case RILL_ICE_EVENT_RESOLVE:
        note = rill_peer_note(x, event->type == RILL_ICE_EVENT_RESOLVE ? RILL_PEER_EVENT_RESOLVE
                                                                       : RILL_PEER_EVENT_REGISTER);
        note->cand = *event->cand;
        break;
    case RILL_ICE_EVENT_GATHERING_DONE:
        rill_peer_note(x, RILL_PEER_EVENT_GATHERING_DONE);
        x->jsep.gathering_done = true;
        break;
    case RILL_ICE_EVENT_STATE:
        note = rill_peer_note(x, RILL_PEER_EVENT_ICE_STATE);
        note->state = (int)event->state;
        break;
    case RILL_ICE_EVENT_VALID:
        x->transport.has_valid = true;
        break;
    case RILL_ICE_EVENT_SELECTED:
        break;
    }
}

void rill_peer_transport_pump(struct rill_peer *x, int64_t now)
{
    struct rill_ice_event event;
    while (rill_peer_notes_left(x) > NOTES_RESERVED && rill_ice_event(x->transport.ice, &event))
        take_ice_event(x, &event);
    start_dtls(x, now);
    pump_dtls(x, now);
    rill_peer_update_state(x, now);
}

/* --- DTLS datagrams ------------------------------------------------------------------------- */

int rill_peer_transport_dtls(struct rill_peer *x, int64_t now, struct rill_view datagram)
{
    struct rill_peer_transport *t = &x->transport;
    struct rill_err why = {0};
    bool anew = rill_peer_association_hello(x, datagram);
    if (!t->dtls) {
        bool kept = rill_peer_early_keep(&t->early, now, datagram);
        RILL_TRACE(x->config.trace, now, dtls_held, {.u = datagram.n}, {.u = kept});
        if (anew)
            rill_peer_transport_pump(x, now);
        return kept ? 0 : RILL_PEER_EARLY_FULL;
    }
    rill_dtls_input(t->dtls, now, datagram, &why);
    rill_peer_transport_pump(x, now);
    return why.row ? why.row->code : 0;
}
