/* Random histories of a call between two peers: tracks come and go, both sides change their minds
 * at once, messages of signaling are lost.
 *
 *   RILL_SEED   the first seed [1]
 *   RILL_SEEDS  how many [300]; 10000 is the long form
 *
 * Each side runs webrtc-pc's "perfect negotiation" over a signaling that loses messages: whoever
 * waits for an answer repeats its offer, and whoever has answered it repeats the answer. In one
 * history of four nobody knows BUNDLE, and each m-line has a transport of its own. What must hold:
 * every frame that comes out belongs to the m-line it was sent for; the one stream that nobody
 * touches loses no frame, whatever is renegotiated beside it; and when all is quiet, both sides
 * agree on m-lines, directions, payload types and ids, and media flows where both want it and
 * nowhere else. */
#include "dtls/cert.h"
#include "peer/peer.h"
#include "tests/rill_test.h"
#include "tests/sim/call.h"
#include "tests/sim/net.h"
#include "tests/sim/time.h"

#include <stdio.h>

#define TRACKS 6
#define FRAME_EVERY (40 * RILL_MS)
#define CHANGES_UNTIL (5 * RILL_SECOND)
#define QUIET_UNTIL (20 * RILL_SECOND)
#define RESEND_AFTER (300 * RILL_MS)
#define MESSAGES 256
#define WALL_US (INT64_C(1704067200) * RILL_SECOND)

enum message_type { OFFER, ANSWER, PRANSWER, CANDIDATE };

struct message {
    int64_t at;
    int to;
    enum message_type type;
    unsigned id;       /* of the offer this is, or answers */
    unsigned answered; /* the other side's offer that the sender has answered last */
    char *text;
    size_t n;
    char mid[RILL_MID_MAX + 1], ufrag[16];
    int mline;
};

struct side {
    struct rill_peer *peer;
    void *block;
    struct rill_rng_seeded generator;
    bool polite;
    bool connected;
    bool wants; /* negotiation is needed */
    unsigned offers, pending;
    int64_t resend_at;
    unsigned answered;
    char offer[16384], answer[16384];
    size_t offer_n, answer_n;
    unsigned names; /* of tracks */
    uint32_t rtp_time;
    int64_t frame_at;
    uint32_t sent_base, got_base; /* frames of the stream that nobody touches */
    uint32_t got[TRACKS];         /* frames since the last look */
};

struct history {
    struct rill_sim net;
    struct side sides[2];
    struct rill_rng_seeded generator;
    struct rill_rng rng;
    int64_t now, change_at;
    int64_t signaling_delay;
    unsigned loss; /* per 100 */
    bool changing, base_running, unbundled, negotiates_mux;
    struct message messages[MESSAGES];
    size_t n_messages;
    const char *wrong;
    int row;
};

/* What the histories were made of, so that a run shows that it tested something. */
static struct {
    uint64_t offers, ignored, rollbacks, lost, repeated, provisional, added, removed, replaced;
    uint64_t held, stopped, recycled, restarts;
    uint64_t frames;
    size_t most_mlines;
} total;

static const char *program;
static uint64_t seed_now;

static void fail_with(struct history *h, const char *wrong, int row)
{
    if (h->wrong)
        return;
    h->wrong = wrong;
    h->row = row;
}

static unsigned below(struct history *h, unsigned n)
{
    return rill_rng_below(&h->rng, n);
}

/* --- signaling ------------------------------------------------------------------------------ */

/* The other side does not know BUNDLE. */
static void drop_group(struct message *m)
{
    static const char group[] = "a=group:BUNDLE";
    size_t i = 0;
    while (i + sizeof group < m->n && memcmp(m->text + i, group, sizeof group - 1) != 0)
        i++;
    char *end = memchr(m->text + i, '\n', m->n - i);
    if (!end || i + sizeof group >= m->n)
        return;
    size_t at = (size_t)(end + 1 - m->text);
    memmove(m->text + i, m->text + at, m->n - at);
    m->n -= at - i;
}

static void say(struct history *h, int to, struct message m, struct rill_view text)
{
    m.at = h->now + h->signaling_delay;
    m.to = to;
    if (m.type != CANDIDATE && below(h, 100) < h->loss) {
        total.lost++;
        return;
    }
    if (h->n_messages == MESSAGES) {
        fail_with(h, "too many messages", 0);
        return;
    }
    m.n = text.n;
    m.text = malloc(text.n + 1);
    if (text.n)
        memcpy(m.text, text.p, text.n);
    if (h->unbundled && m.type != CANDIDATE)
        drop_group(&m);
    h->messages[h->n_messages++] = m;
}

static struct rill_view offered(const struct side *s)
{
    return rill_view_at(s->offer, s->offer_n);
}

static void send_offer(struct history *h, int i)
{
    struct side *s = &h->sides[i];
    s->resend_at = h->now + RESEND_AFTER + below(h, 100) * RILL_MS;
    say(h, 1 - i, (struct message){.type = OFFER, .id = s->pending, .answered = s->answered},
        offered(s));
}

static int create(struct history *h, int i, bool offer, char *out, size_t cap)
{
    struct rill_span span = {(uint8_t *)out, cap};
    struct rill_err why = {0};
    int n = offer ? rill_peer_create_offer(h->sides[i].peer, h->now, span, &why)
                  : rill_peer_create_answer(h->sides[i].peer, h->now, span, &why);
    if (n < 0)
        fail_with(h, offer ? "no offer could be created" : "no answer could be created", n);
    return n;
}

static bool set(struct history *h, int i, bool local, enum rill_peer_sdp_type type,
                struct rill_view text)
{
    struct rill_err why = {0};
    struct rill_peer *x = h->sides[i].peer;
    int rc = local ? rill_peer_set_local_description(x, h->now, type, text, &why)
                   : rill_peer_set_remote_description(x, h->now, type, text, &why);
    if (rc < 0)
        fail_with(h, local ? "a local description was refused" : "a remote one was refused", rc);
    return rc == 0;
}

static void make_offer(struct history *h, int i)
{
    struct side *s = &h->sides[i];
    s->wants = false;
    for (unsigned again = below(h, 3); again < 3; again++) {
        int n = create(h, i, true, s->offer, sizeof s->offer);
        if (n < 0)
            return;
        s->offer_n = (size_t)n;
        if (below(h, 6) == 0) { /* set, and thought better of */
            total.rollbacks++;
            if (!set(h, i, true, RILL_PEER_OFFER, offered(s)) ||
                !set(h, i, true, RILL_PEER_ROLLBACK, offered(s)))
                return;
        }
    }
    int n = create(h, i, true, s->offer, sizeof s->offer);
    s->offer_n = n < 0 ? 0 : (size_t)n;
    if (!set(h, i, true, RILL_PEER_OFFER, offered(s)))
        return;
    s->wants = false;
    s->pending = ++s->offers;
    total.offers++;
    send_offer(h, i);
}

static void send_answer(struct history *h, int i)
{
    struct side *s = &h->sides[i];
    say(h, 1 - i, (struct message){.type = ANSWER, .id = s->answered},
        rill_view_at(s->answer, s->answer_n));
}

static void make_answer(struct history *h, int i, const struct message *m)
{
    struct side *s = &h->sides[i];
    if (below(h, 4) == 0) {
        int n = create(h, i, false, s->answer, sizeof s->answer);
        if (n < 0 || !set(h, i, true, RILL_PEER_PRANSWER, rill_view_at(s->answer, (size_t)n)))
            return;
        total.provisional++;
        say(h, 1 - i, (struct message){.type = PRANSWER, .id = m->id},
            rill_view_at(s->answer, (size_t)n));
    }
    int n = create(h, i, false, s->answer, sizeof s->answer);
    if (n < 0 || !set(h, i, true, RILL_PEER_ANSWER, rill_view_at(s->answer, (size_t)n)))
        return;
    s->answer_n = (size_t)n;
    s->answered = m->id;
    send_answer(h, i);
}

static void take_offer(struct history *h, int i, const struct message *m)
{
    struct side *s = &h->sides[i];
    struct rill_view text = rill_view_at(m->text, m->n);
    if (m->id == s->answered) {
        total.repeated++;
        send_answer(h, i);
        return;
    }
    enum rill_peer_signaling_state state = rill_peer_signaling_state(s->peer);
    bool collision = state != RILL_PEER_STABLE;
    /* The other side has answered our offer, only we do not know yet; or it is impolite to us. */
    if (collision &&
        (!s->polite || m->answered == s->pending || state == RILL_PEER_HAVE_REMOTE_PRANSWER)) {
        total.ignored++;
        return;
    }
    total.rollbacks += collision;
    if (below(h, 8) == 0) {
        total.rollbacks++;
        if (!set(h, i, false, RILL_PEER_OFFER, text) || !set(h, i, false, RILL_PEER_ROLLBACK, text))
            return;
    }
    if (!set(h, i, false, RILL_PEER_OFFER, text))
        return;
    s->pending = 0;
    make_answer(h, i, m);
}

static void take_message(struct history *h, const struct message *m)
{
    struct side *s = &h->sides[m->to];
    struct rill_view text = rill_view_at(m->text, m->n);
    switch (m->type) {
    case CANDIDATE:
        (void)rill_peer_add_ice_candidate(s->peer, h->now, text, rill_view_of(m->mid), m->mline,
                                          rill_view_of(m->ufrag), NULL);
        break;
    case OFFER:
        take_offer(h, m->to, m);
        break;
    case ANSWER:
    case PRANSWER:
        if (m->id != s->pending)
            break;
        if (set(h, m->to, false, m->type == ANSWER ? RILL_PEER_ANSWER : RILL_PEER_PRANSWER, text) &&
            m->type == ANSWER)
            s->pending = 0;
        break;
    }
}

/* --- what the apps change ------------------------------------------------------------------------
 */

static enum rill_sdp_direction any_direction(struct history *h)
{
    return (enum rill_sdp_direction)below(h, RILL_SDP_INACTIVE + 1);
}

static void add_something(struct history *h, struct side *s)
{
    char name[24];
    enum rill_codec_id codec = below(h, 2) ? RILL_CODEC_OPUS : RILL_CODEC_VP8;
    snprintf(name, sizeof name, "track-%u", s->names++);
    int rc = below(h, 2) ? rill_peer_add_track(s->peer, codec, "s", name)
                         : rill_peer_add_transceiver(s->peer, codec, any_direction(h), "s", name);
    if (rc < 0 && rc != RILL_PEER_TOO_MANY_TRACKS)
        fail_with(h, "a track was refused", rc);
    total.added += rc >= 0;
}

/* One change to any transceiver but the first, which nobody touches; or ICE begins anew below all
 * of them. */
static void change(struct history *h, int i)
{
    struct side *s = &h->sides[i];
    int t = 1 + (int)below(h, TRACKS - 1);
    struct rill_peer_transceiver_info info;
    bool there = rill_peer_transceiver(s->peer, t, &info);
    unsigned what = below(h, 11);
    if (what == 10) {
        (void)rill_peer_restart_ice(s->peer);
        total.restarts++;
        return;
    }
    if (!there || what < 3) {
        add_something(h, s);
        return;
    }
    enum rill_codec_id codec = info.kind == RILL_VIDEO ? RILL_CODEC_VP8 : RILL_CODEC_OPUS;
    int rc = 0;
    if (what == 3)
        rc = rill_peer_remove_track(s->peer, t);
    else if (what == 4)
        rc = rill_peer_replace_track(s->peer, t, codec, below(h, 3) ? "other" : NULL);
    else if (what < 8)
        rc = rill_peer_set_direction(s->peer, t, any_direction(h));
    else if (what == 8)
        rc = rill_peer_set_codec_preferences(s->peer, t, &codec, below(h, 2));
    else
        rc = rill_peer_stop(s->peer, t);
    total.removed += what == 3 && rc == 0;
    total.replaced += what == 4 && rc == 0;
    total.held += what > 4 && what < 8 && rc == 0;
    total.stopped += what == 9 && rc == 0;
    if (rc < 0 && rc != RILL_PEER_STOPPED)
        fail_with(h, "a change was refused", rc);
}

/* --- media
 * ---------------------------------------------------------------------------------------- */

/* A key frame of VP8 (RFC 6386 §9.1), or a packet of Opus, whose last bytes tell the m-line. */
static struct rill_frame make_frame(enum rill_kind kind, struct rill_view mid, uint8_t *bytes)
{
    static const uint8_t vp8[] = {0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x10, 0x00, 0x10, 0x00};
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, 64});
    if (kind == RILL_VIDEO)
        rill_w_bytes(&w, rill_view_at(vp8, sizeof vp8));
    else
        rill_w_u8(&w, 0xf8);
    rill_w_bytes(&w, mid);
    return (struct rill_frame){
        .kind = kind,
        .codec = kind == RILL_VIDEO ? RILL_CODEC_VP8 : RILL_CODEC_OPUS,
        .bytes = rill_w_view(&w),
        .keyframe = kind == RILL_VIDEO,
    };
}

static void send_frames(struct history *h, int i)
{
    struct side *s = &h->sides[i];
    struct rill_peer_transceiver_info info;
    uint8_t bytes[64];
    s->frame_at = h->now + FRAME_EVERY;
    s->rtp_time += 3600;
    for (int t = 0; t < TRACKS; t++) {
        if (!rill_peer_transceiver(s->peer, t, &info) || !info.has_track ||
            (t == 0 && !h->base_running))
            continue;
        struct rill_frame f = make_frame(info.kind, info.mid, bytes);
        f.rtp_time = s->rtp_time;
        f.time = h->now;
        if (rill_peer_send_frame(s->peer, h->now, t, &f) == 0 && t == 0)
            s->sent_base++;
    }
}

static void take_frame(struct history *h, int i, const struct rill_peer_event *e)
{
    struct side *s = &h->sides[i];
    struct rill_peer_transceiver_info info;
    total.frames++;
    if (!rill_peer_transceiver(s->peer, e->receiver, &info) || e->kind != info.kind) {
        fail_with(h, "a frame came for a transceiver that is not there", e->receiver);
        return;
    }
    size_t head = info.kind == RILL_VIDEO ? 10 : 1;
    if (!rill_view_equal(rill_view_sub(e->frame.bytes, head, e->frame.bytes.n - head), info.mid))
        fail_with(h, "a frame came out of another m-line than it was sent for", e->receiver);
    s->got[e->receiver]++;
    s->got_base += e->receiver == 0;
}

/* --- the loop
 * -------------------------------------------------------------------------------------- */

static void take_event(struct history *h, int i, const struct rill_peer_event *e)
{
    struct side *s = &h->sides[i];
    struct message m = {.type = CANDIDATE, .mline = e->mline};
    struct rill_addr bound;
    uint32_t socket;
    switch (e->type) {
    case RILL_PEER_EVENT_OPEN:
        socket = rill_sim_bind(&h->net, i, &e->addr, &bound);
        rill_peer_opened(s->peer, h->now, e->request, socket, &bound);
        break;
    case RILL_PEER_EVENT_CANDIDATE:
        if (e->mid.n)
            memcpy(m.mid, e->mid.p, e->mid.n);
        memcpy(m.ufrag, e->ufrag.p, e->ufrag.n);
        say(h, 1 - i, m, e->text);
        break;
    case RILL_PEER_EVENT_CONNECTION_STATE:
        s->connected = e->connection_state == RILL_PEER_CONNECTED;
        if (e->connection_state == RILL_PEER_FAILED)
            fail_with(h, "the connection failed", e->error);
        break;
    case RILL_PEER_EVENT_NEGOTIATION_NEEDED:
        s->wants = true;
        break;
    case RILL_PEER_EVENT_FRAME:
        take_frame(h, i, e);
        break;
    default:
        break;
    }
}

static void drain(struct history *h, int i)
{
    struct side *s = &h->sides[i];
    _Alignas(8) uint8_t bytes[RILL_DATAGRAM_OUT_MAX + 64];
    struct rill_path path;
    struct rill_peer_event e;
    bool again = true;
    size_t n;
    while (again) {
        again = false;
        while ((n = rill_peer_output(s->peer, h->now, &path,
                                     (struct rill_span){bytes, sizeof bytes})) > 0)
            rill_sim_send(&h->net, h->now, path.socket, &path.remote, rill_view_at(bytes, n));
        while (rill_peer_event(s->peer, &e)) {
            take_event(h, i, &e);
            again = true;
        }
    }
}

static void act(struct history *h, int i)
{
    struct side *s = &h->sides[i];
    bool stable = rill_peer_signaling_state(s->peer) == RILL_PEER_STABLE;
    if (rill_peer_deadline(s->peer) <= h->now)
        rill_peer_tick(s->peer, h->now);
    if (s->wants && stable && rill_peer_negotiation_needed(s->peer))
        make_offer(h, i);
    else if (s->pending && h->now >= s->resend_at)
        send_offer(h, i);
    if (h->now >= s->frame_at)
        send_frames(h, i);
}

static void take_what_came(struct history *h)
{
    struct rill_sim_datagram d;
    while (h->n_messages && h->messages[0].at <= h->now) {
        struct message m = h->messages[0];
        memmove(h->messages, h->messages + 1, --h->n_messages * sizeof m);
        take_message(h, &m);
        free(m.text);
    }
    while (rill_sim_receive(&h->net, h->now, &d)) {
        struct rill_path path = {.socket = d.socket, .proto = RILL_PROTO_UDP, .remote = d.from};
        (void)rill_peer_input(h->sides[d.to].peer, h->now, &path, (struct rill_span){d.bytes, d.n});
        drain(h, d.to);
    }
}

static int64_t next_instant(const struct history *h)
{
    int64_t at = rill_sim_next(&h->net);
    if (h->n_messages)
        at = rill_earlier(at, h->messages[0].at);
    if (h->changing)
        at = rill_earlier(at, h->change_at);
    for (int i = 0; i < 2; i++) {
        at = rill_earlier(at, rill_peer_deadline(h->sides[i].peer));
        at = rill_earlier(at, h->sides[i].frame_at);
        if (h->sides[i].pending)
            at = rill_earlier(at, h->sides[i].resend_at);
    }
    return at;
}

static void run_until(struct history *h, int64_t until)
{
    while (!h->wrong) {
        for (int i = 0; i < 2; i++)
            drain(h, i);
        int64_t next = next_instant(h);
        if (next > until)
            break;
        h->now = next > h->now ? next : h->now;
        take_what_came(h);
        if (h->changing && h->now >= h->change_at) {
            change(h, (int)below(h, 2));
            /* Many at once, then none for a while. */
            h->change_at = h->now + (below(h, 3) ? below(h, 40) : 200 + below(h, 500)) * RILL_MS;
        }
        for (int i = 0; i < 2; i++)
            act(h, i);
    }
    h->now = until;
}

/* --- what must hold
 * -------------------------------------------------------------------------------- */

static bool is_quiet(const struct history *h)
{
    for (int i = 0; i < 2; i++) {
        const struct side *s = &h->sides[i];
        if (s->pending || !s->connected || rill_peer_negotiation_needed(s->peer) ||
            rill_peer_signaling_state(s->peer) != RILL_PEER_STABLE)
            return false;
    }
    return h->n_messages == 0;
}

static int on_mline(const struct side *s, int mline)
{
    struct rill_peer_transceiver_info info;
    for (int t = 0; t < TRACKS; t++)
        if (rill_peer_transceiver(s->peer, t, &info) && info.mline == mline)
            return t;
    return -1;
}

static bool flows(const struct rill_peer_transceiver_info *from,
                  const struct rill_peer_transceiver_info *to)
{
    return rill_sdp_sends(from->direction) && rill_sdp_receives(to->direction);
}

static const char *compare(const struct rill_peer_transceiver_info *a,
                           const struct rill_peer_transceiver_info *b)
{
    if (!rill_view_equal(a->mid, b->mid) || a->kind != b->kind)
        return "an m-line has two mids or kinds";
    if (!a->has_current || !b->has_current || a->current != rill_sdp_direction_reversed(b->current))
        return "the two sides do not agree on a direction";
    if (a->pt != b->pt || a->ext_mid != b->ext_mid || a->ext_mid != 4 ||
        a->pt != (a->kind == RILL_AUDIO ? 111 : 96))
        return "a number has changed, or is another on the other side";
    if (rill_sdp_sends(a->current) != flows(a, b) || rill_sdp_sends(b->current) != flows(b, a))
        return "what was agreed is not what both want";
    return NULL;
}

/* Frames come where they are sent and taken, and nowhere else. */
static void check_flow(struct history *h, int i, int t, const struct side *other,
                       const struct rill_peer_transceiver_info *mine)
{
    struct rill_peer_transceiver_info theirs;
    int k = on_mline(other, mine->mline);
    if (k < 0 || !rill_peer_transceiver(other->peer, k, &theirs)) {
        fail_with(h, "an m-line is in use on one side alone", mine->mline);
        return;
    }
    const char *wrong = compare(mine, &theirs);
    if (wrong)
        fail_with(h, wrong, mine->mline);
    bool expected = theirs.has_track && flows(&theirs, mine);
    if (expected != (h->sides[i].got[t] > 0))
        fail_with(h, expected ? "nothing comes, though both want it" : "frames come unwanted",
                  mine->mline);
}

static void check(struct history *h)
{
    for (int i = 0; i < 2; i++) {
        struct rill_peer_transceiver_info info;
        for (int t = 0; t < TRACKS && !h->wrong; t++)
            if (rill_peer_transceiver(h->sides[i].peer, t, &info)) {
                check_flow(h, i, t, &h->sides[1 - i], &info);
                size_t mlines = (size_t)info.mline + 1;
                total.most_mlines = mlines > total.most_mlines ? mlines : total.most_mlines;
                total.recycled +=
                    info.mid.n > 1 || (info.mid.n && info.mid.p[0] - '0' > info.mline);
            }
    }
    for (int i = 0; i < 2 && !h->wrong; i++)
        if (h->sides[i].got_base != h->sides[1 - i].sent_base || h->sides[i].got_base == 0)
            fail_with(h, "the stream that nobody touched has lost frames",
                      (int)h->sides[1 - i].sent_base - (int)h->sides[i].got_base);
}

/* --- one history
 * ----------------------------------------------------------------------------------- */

static void open_side(struct history *h, int i)
{
    struct side *s = &h->sides[i];
    struct rill_addr address = rill_addr_ip4(192, 0, 2, (uint8_t)(i + 1), 0);
    rill_rng_seeded_init(&s->generator, seed_now * 16 + (uint64_t)i + 1);
    struct rill_peer_config config = {
        .cert = rill_sim_cert(i),
        .tracks = TRACKS,
        .history_packets = 128,
        .jitter_packets = 64,
        .frame_bytes = 2048,
        .bundle_policy = (enum rill_sdp_bundle_policy)below(h, 3),
        .wall_us = WALL_US,
        .rng = rill_rng_seeded(&s->generator),
    };
    if (h->unbundled)
        config.bundle_policy = RILL_SDP_MAX_COMPAT;
    if (h->negotiates_mux)
        config.rtcp_mux_policy = RILL_PEER_RTCP_NEGOTIATE;
    s->block = malloc(rill_peer_size(&config));
    s->peer = rill_peer_init(s->block, &config);
    assert_non_null(s->peer);
    s->polite = i == 0;
    rill_peer_interface_up(s->peer, 0, &address);
    /* The first m-line: one offers, or both at once. */
    assert_int_equal(rill_peer_add_track(s->peer, RILL_CODEC_OPUS, "base", "base"), 0);
    if (i == 1 && below(h, 3))
        s->wants = false;
}

static void close_all(struct history *h)
{
    for (size_t i = 0; i < h->n_messages; i++)
        free(h->messages[i].text);
    for (int i = 0; i < 2; i++) {
        rill_peer_free(h->sides[i].peer);
        free(h->sides[i].block);
    }
    rill_sim_free(&h->net);
}

static const char *run_one(uint64_t seed, int *row)
{
    static struct history h;
    h = (struct history){.changing = true};
    seed_now = seed;
    rill_rng_seeded_init(&h.generator, seed ^ 0x415);
    h.rng = rill_rng_seeded(&h.generator);
    rill_sim_set_time(WALL_US / RILL_SECOND);
    rill_sim_init(&h.net, seed);
    h.net.links[0][1].delay = h.net.links[1][0].delay = below(&h, 80) * RILL_MS;
    h.signaling_delay = below(&h, 200) * RILL_MS;
    h.loss = below(&h, 2) ? below(&h, 40) : 0;
    h.change_at = below(&h, 400) * RILL_MS;
    /* One in four has a transport for each m-line, half of these ask for component 2 too. */
    h.unbundled = seed % 4 == 3;
    h.negotiates_mux = seed % 8 == 7;
    h.base_running = true;
    for (int i = 0; i < 2; i++)
        open_side(&h, i);
    run_until(&h, CHANGES_UNTIL);
    h.changing = false;
    for (int64_t at = h.now; !h.wrong && !is_quiet(&h) && at < QUIET_UNTIL; at += 200 * RILL_MS)
        run_until(&h, at);
    if (!h.wrong && !is_quiet(&h))
        fail_with(&h, "the two sides never come to rest", 0);
    run_until(&h, h.now + RILL_SECOND); /* what was on its way has come */
    for (int i = 0; i < 2; i++)
        memset(h.sides[i].got, 0, sizeof h.sides[i].got);
    run_until(&h, h.now + 400 * RILL_MS);
    h.base_running = false;
    run_until(&h, h.now + RILL_SECOND);
    if (!h.wrong)
        check(&h);
    close_all(&h);
    *row = h.row;
    return h.wrong;
}

/* Each of them in few histories already. */
static void tell_what_they_were_made_of(uint64_t seeds)
{
    const struct {
        const char *name;
        uint64_t n;
    } rows[] = {
        {"offers", total.offers},         {"ignored when two crossed", total.ignored},
        {"rolled back", total.rollbacks}, {"provisional answers", total.provisional},
        {"messages lost", total.lost},    {"offers repeated", total.repeated},
        {"tracks added", total.added},    {"removed", total.removed},
        {"replaced", total.replaced},     {"directions changed", total.held},
        {"stopped", total.stopped},       {"m-lines recycled", total.recycled},
        {"ICE restarts", total.restarts}, {"m-lines at most", total.most_mlines},
        {"frames", total.frames},
    };
    printf("%llu histories:", (unsigned long long)seeds);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        printf("%s %llu %s", i ? "," : "", (unsigned long long)rows[i].n, rows[i].name);
        assert_true(rows[i].n > 0 || seeds < 100);
    }
    printf("\n");
}

static void both_sides_agree_whatever_they_change(void **state)
{
    const char *text = getenv("RILL_SEEDS");
    uint64_t seeds = text ? strtoull(text, NULL, 10) : 300;
    uint64_t first = rill_test_seed(), failures = 0;
    (void)state;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        int row = 0;
        const char *wrong = run_one(seed, &row);
        if (!wrong)
            continue;
        failures++;
        fprintf(stderr, "RILL_SEED=%llu RILL_SEEDS=1 %s   # %s (%d)\n", (unsigned long long)seed,
                program, wrong, row);
    }
    tell_what_they_were_made_of(seeds);
    assert_int_equal(failures, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_agree_whatever_they_change),
    };
    program = argc ? argv[0] : "build/asan/tests/call/histories_test";
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
