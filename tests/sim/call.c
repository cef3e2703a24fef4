/* call: see call.h. */
#include "tests/sim/call.h"

#include "ice/framing.h"
#include "srtp/srtp.h"
#include "tests/sim/tcp.h"
#include "tests/sim/time.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define VIDEO_PERIOD 33333
#define AUDIO_PERIOD (20 * RILL_MS)
/* More events at one instant than any honest run has: a machine that spins. */
#define STEPS_AT_ONCE 20000
#define WALL_US (INT64_C(1704067200) * RILL_SECOND)

/* --- certificates ------------------------------------------------------------------------- */

static struct rill_dtls_cert *certs[RILL_SIM_SIDES];
static void *cert_blocks[RILL_SIM_SIDES];

const struct rill_dtls_cert *rill_sim_cert(int side)
{
    if (!certs[side]) {
        struct rill_rng_seeded generator;
        rill_rng_seeded_init(&generator, 1000 + (uint64_t)side);
        struct rill_rng rng = rill_rng_seeded(&generator);
        cert_blocks[side] = malloc(rill_dtls_cert_size());
        int rc = rill_dtls_cert_init(cert_blocks[side], &rng, &certs[side]);
        assert(rc >= 0);
        (void)rc;
    }
    return certs[side];
}

void rill_sim_certs_free(void)
{
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        if (certs[i])
            rill_dtls_cert_free(certs[i]);
        free(cert_blocks[i]);
        certs[i] = NULL;
        cert_blocks[i] = NULL;
    }
}

int rill_sim_calls_begin(void **state)
{
    (void)state;
    return rill_srtp_global_init();
}

int rill_sim_calls_end(void **state)
{
    (void)state;
    rill_sim_certs_free();
    rill_srtp_global_free();
    return 0;
}

/* --- making a call ---------------------------------------------------------------------------- */

struct rill_sim_call_options rill_sim_call_defaults(void)
{
    struct rill_sim_call_options o = {0};
    o.seed = 1;
    o.link.delay = 20 * RILL_MS;
    o.signaling_delay = 30 * RILL_MS;
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        o.audio[i].send = true;
        o.video[i].send = true;
    }
    o.media_time = RILL_SECOND;
    return o;
}

static void add_tracks(struct rill_sim_side *s, const struct rill_sim_call_options *o, int i)
{
    s->audio.track = s->video.track = -1;
    s->audio.last_index = s->video.last_index = -1;
    if (o->audio[i].send)
        s->audio.track = rill_peer_add_track(s->peer, RILL_CODEC_OPUS, "stream", "sound");
    else if (o->audio[i].receive_only)
        rill_peer_add_receiver(s->peer, RILL_AUDIO);
    if (o->video[i].send)
        s->video.track = rill_peer_add_track(s->peer, RILL_CODEC_VP8, "stream", "picture");
    else if (o->video[i].receive_only)
        rill_peer_add_receiver(s->peer, RILL_VIDEO);
}

static void make_side(struct rill_sim_call *c, int i)
{
    struct rill_sim_side *s = &c->sides[i];
    struct rill_peer_config config = c->options.config;
    rill_rng_seeded_init(&s->generator, c->options.seed * 16 + (uint64_t)i + 1);
    config.cert = rill_sim_cert(i);
    config.ice_lite = c->options.lite[i];
    config.rng = rill_rng_seeded(&s->generator);
    if (c->options.entropy)
        config.rng = c->options.entropy(c->options.ctx, i, config.rng);
    config.wall_us = WALL_US;
    config.trace = c->options.trace[i];
    s->block = malloc(rill_peer_size(&config));
    s->peer = rill_peer_init(s->block, &config);
    assert(s->peer);
    s->alive = true;
    s->connected_at = s->disconnected_at = s->failed_at = s->closed_at = RILL_NEVER;
    s->address = rill_addr_ip4(192, 0, 2, (uint8_t)(i + 1), 0);
    s->audio.rtp_base = 1000u * (unsigned)(i + 1);
    s->video.rtp_base = 0xffff8000u + (unsigned)i; /* wraps within the call */
    add_tracks(s, &c->options, i);
    rill_peer_interface_up(s->peer, 0, &s->address);
}

struct rill_sim_call *rill_sim_call_new(const struct rill_sim_call_options *options)
{
    struct rill_sim_call *c = calloc(1, sizeof *c);
    assert(c);
    c->options = *options;
    c->both_connected_at = RILL_NEVER;
    rill_sim_set_time(WALL_US / RILL_SECOND);
    rill_sim_init(&c->net, options->seed);
    c->net.links[0][1] = c->net.links[1][0] = options->link;
    rill_sim_clip_read_ivf(&c->vp8, "tests/data/call/pattern.ivf");
    rill_sim_clip_read_ogg(&c->opus, "tests/data/call/tone.ogg");
    for (int i = 0; i < RILL_SIM_SIDES; i++)
        make_side(c, i);
    return c;
}

void rill_sim_call_free(struct rill_sim_call *c)
{
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        rill_peer_free(c->sides[i].peer);
        free(c->sides[i].block);
        for (size_t k = 0; k < c->sides[i].n_held; k++)
            free(c->sides[i].held[k]);
        free(c->sides[i].held);
    }
    for (size_t i = 0; i < c->n_messages; i++)
        free(c->messages[i].text);
    rill_sim_clip_free(&c->vp8);
    rill_sim_clip_free(&c->opus);
    rill_sim_free(&c->net);
    free(c);
}

static void give_up(struct rill_sim_call *c, const char *why)
{
    c->failed = true;
    c->failure = c->failure ? c->failure : why;
}

/* --- signaling ----------------------------------------------------------------------------------
 */

/* Every line of the retransmission's payload type, and its place in the m-line. */
static void strip_rtx(struct rill_sim_message *m)
{
    static const char *const gone[] = {" 97\r\n", "a=rtpmap:97 rtx/90000\r\n",
                                       "a=fmtp:97 apt=96\r\n"};
    m->text[m->n] = 0;
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
        size_t keep = i ? 0 : 2; /* the line's end stays */
        for (char *at; (at = strstr(m->text, gone[i])) != NULL;) {
            size_t n = strlen(gone[i]) - keep;
            memmove(at, at + n, strlen(at + n) + 1);
        }
    }
    m->n = strlen(m->text);
}

static void signal_to(struct rill_sim_call *c, int to, enum rill_sim_message_type type,
                      struct rill_view text, struct rill_view mid, int mline)
{
    assert(c->n_messages < RILL_SIM_MESSAGES && mid.n <= RILL_MID_MAX);
    struct rill_sim_message m = {.at = c->now + c->options.signaling_delay,
                                 .to = to,
                                 .type = type,
                                 .text = malloc(text.n + 256),
                                 .n = text.n,
                                 .mline = mline};
    if (text.n)
        memcpy(m.text, text.p, text.n);
    if (mid.n)
        memcpy(m.mid, mid.p, mid.n);
    if (type == RILL_SIM_OFFER && c->options.no_rtx)
        strip_rtx(&m);
    if (c->options.tamper && !c->options.tamper(c->options.ctx, &m)) {
        free(m.text);
        return;
    }
    c->messages[c->n_messages++] = m;
}

static void keep_description(struct rill_sim_side *s, int n)
{
    s->description_n = n > 0 ? (size_t)n : 0;
}

static void make_answer(struct rill_sim_call *c, int side)
{
    struct rill_sim_side *s = &c->sides[side];
    struct rill_err why = {0};
    int n = rill_peer_create_answer(
        s->peer, c->now, (struct rill_span){(uint8_t *)s->description, sizeof s->description},
        &why);
    keep_description(s, n);
    struct rill_view text = rill_view_at(s->description, s->description_n);
    if (n < 0 || rill_peer_set_local_description(s->peer, c->now, RILL_PEER_ANSWER, text, &why) < 0)
        give_up(c, "the answer was refused by its own side");
    else
        signal_to(c, 1 - side, RILL_SIM_ANSWER, text, rill_view_of(NULL), -1);
}

void rill_sim_call_start(struct rill_sim_call *c)
{
    struct rill_sim_side *s = &c->sides[RILL_SIM_OFFERER];
    struct rill_err why = {0};
    int n = rill_peer_create_offer(
        s->peer, c->now, (struct rill_span){(uint8_t *)s->description, sizeof s->description},
        &why);
    keep_description(s, n);
    struct rill_view text = rill_view_at(s->description, s->description_n);
    if (n < 0 || rill_peer_set_local_description(s->peer, c->now, RILL_PEER_OFFER, text, &why) < 0)
        give_up(c, "the offer was refused by its own side");
    else
        signal_to(c, RILL_SIM_ANSWERER, RILL_SIM_OFFER, text, rill_view_of(NULL), -1);
}

static void take_message(struct rill_sim_call *c, const struct rill_sim_message *m)
{
    struct rill_sim_side *s = &c->sides[m->to];
    struct rill_view text = rill_view_at(m->text, m->n);
    struct rill_err why = {0};
    if (!s->alive)
        return;
    if (m->type == RILL_SIM_CANDIDATE) {
        rill_peer_add_ice_candidate(s->peer, c->now, text, rill_view_of(m->mid), m->mline,
                                    rill_view_of(NULL), &why);
        return;
    }
    enum rill_peer_sdp_type type = m->type == RILL_SIM_OFFER ? RILL_PEER_OFFER : RILL_PEER_ANSWER;
    int rc = rill_peer_set_remote_description(s->peer, c->now, type, text, &why);
    if (rc < 0) {
        s->error = rc;
        give_up(c, "a description was refused by the other side");
    } else if (type == RILL_PEER_OFFER) {
        make_answer(c, m->to);
    }
}

static int64_t next_message(const struct rill_sim_call *c)
{
    return c->n_messages ? c->messages[0].at : RILL_NEVER;
}

/* Signaling keeps its order: the first message is always the next. */
static void take_messages(struct rill_sim_call *c)
{
    while (c->n_messages && c->messages[0].at <= c->now) {
        struct rill_sim_message m = c->messages[0];
        memmove(c->messages, c->messages + 1, --c->n_messages * sizeof m);
        take_message(c, &m);
        free(m.text);
    }
}

/* --- media
 * ----------------------------------------------------------------------------------------- */

static void begin_media(struct rill_sim_call *c, struct rill_sim_flow *f)
{
    if (f->track < 0 || f->running || c->options.no_clips)
        return;
    f->running = true;
    f->began = f->due = c->now;
}

/* A picture clip goes on from its second frame: a key frame comes only when one is asked for. */
static size_t clip_index(const struct rill_sim_clip *clip, size_t next, bool video)
{
    if (next < clip->n || !video || clip->n == 1)
        return next % clip->n;
    return 1 + (next - 1) % (clip->n - 1);
}

static void send_one(struct rill_sim_call *c, struct rill_sim_side *s, struct rill_sim_flow *f,
                     const struct rill_sim_clip *clip, bool video)
{
    int64_t period = video ? VIDEO_PERIOD : AUDIO_PERIOD;
    size_t count = (size_t)((f->due - f->began + period / 2) / period);
    size_t index = clip_index(clip, f->next, video);
    struct rill_frame frame = {
        .kind = video ? RILL_VIDEO : RILL_AUDIO,
        .codec = video ? RILL_CODEC_VP8 : RILL_CODEC_OPUS,
        .bytes = clip->frames[index],
        .rtp_time = f->rtp_base + (uint32_t)count * (video ? 3000u : 960u),
        .time = c->now,
        .keyframe = video && index == 0,
        .rotation = video ? f->rotation : 0,
        .has_level = !video,
        .voice = true,
        .level = 21,
    };
    int rc = rill_peer_send_frame(s->peer, c->now, f->track, &frame);
    f->due += period;
    if (rc < 0) {
        f->refused++;
        f->last_refusal = rc;
        f->next = video ? 0 : f->next;
        return;
    }
    assert(f->n_sent < RILL_SIM_SENT_MAX);
    f->sent[f->n_sent].rtp_time = frame.rtp_time;
    f->sent[f->n_sent].clip = index;
    f->n_sent++;
    f->next++;
}

static void send_media(struct rill_sim_call *c, int side)
{
    struct rill_sim_side *s = &c->sides[side];
    if (s->audio.running && s->audio.due <= c->now)
        send_one(c, s, &s->audio, &c->opus, false);
    if (s->video.running && s->video.due <= c->now)
        send_one(c, s, &s->video, &c->vp8, true);
    if (c->now - c->both_connected_at >= c->options.media_time)
        s->audio.running = s->video.running = false;
}

static int64_t next_media(const struct rill_sim_side *s)
{
    int64_t at = s->audio.running ? s->audio.due : RILL_NEVER;
    return s->video.running ? rill_earlier(at, s->video.due) : at;
}

/* The frame against what the other side has sent: the same bytes, later than the last one. */
static void check_frame(struct rill_sim_call *c, int side, const struct rill_frame *frame)
{
    bool video = frame->kind == RILL_VIDEO;
    struct rill_sim_flow *mine = video ? &c->sides[side].video : &c->sides[side].audio;
    struct rill_sim_flow *theirs = video ? &c->sides[1 - side].video : &c->sides[1 - side].audio;
    const struct rill_sim_clip *clip = video ? &c->vp8 : &c->opus;
    int64_t i = (int64_t)theirs->n_sent - 1;
    while (i >= 0 && theirs->sent[i].rtp_time != frame->rtp_time)
        i--;
    mine->received++;
    mine->last_time = c->now;
    if (i < 0 || !rill_view_equal(frame->bytes, clip->frames[theirs->sent[i].clip])) {
        mine->wrong_bytes++;
        return;
    }
    if (i <= mine->last_index) {
        mine->out_of_order++;
        return;
    }
    bool key = theirs->sent[i].clip == 0;
    mine->keyframes += video && key;
    if (video && i != mine->last_index + 1 && !key)
        mine->not_decodable++;
    if (video && frame->keyframe != key)
        mine->wrong_bytes++;
    mine->skipped += (size_t)(i - mine->last_index - 1);
    mine->last_index = i;
}

/* --- the app's loop
 * ---------------------------------------------------------------------------------- */

static void take_state(struct rill_sim_call *c, int side, const struct rill_peer_event *e)
{
    struct rill_sim_side *s = &c->sides[side];
    s->state = e->connection_state;
    s->states_seen++;
    switch (e->connection_state) {
    case RILL_PEER_CONNECTED:
        if (s->connected_at == RILL_NEVER)
            s->connected_at = c->now;
        if (c->both_connected_at == RILL_NEVER && rill_sim_call_both_connected(c))
            c->both_connected_at = c->now;
        begin_media(c, &s->audio);
        begin_media(c, &s->video);
        break;
    case RILL_PEER_DISCONNECTED:
        s->disconnected_at = c->now;
        break;
    case RILL_PEER_FAILED:
        s->failed_at = c->now;
        s->error = e->error;
        break;
    case RILL_PEER_CLOSED:
        s->closed_at = c->now;
        break;
    default:
        break;
    }
}

static void take_event(struct rill_sim_call *c, int side, const struct rill_peer_event *e)
{
    struct rill_sim_side *s = &c->sides[side];
    struct rill_addr bound;
    uint32_t socket;
    if (c->event && c->event(c, side, e))
        return;
    switch (e->type) {
    case RILL_PEER_EVENT_OPEN:
        if (e->proto == RILL_PROTO_TCP_ACTIVE) {
            rill_sim_tcp_connect(c, side, e);
            break;
        }
        socket = rill_sim_bind(&c->net, side, &e->addr, &bound);
        if (s->sockets++ == 0) {
            s->bound = bound;
            s->socket = socket;
        }
        rill_peer_opened(s->peer, c->now, e->request, socket, &bound);
        break;
    case RILL_PEER_EVENT_CLOSE:
        s->closed++;
        rill_sim_tcp_close(c, e->socket);
        break;
    case RILL_PEER_EVENT_CANDIDATE:
        s->candidates += e->text.n > 0;
        if (!c->options.no_candidates[side])
            signal_to(c, 1 - side, RILL_SIM_CANDIDATE, e->text, e->mid, e->mline);
        break;
    case RILL_PEER_EVENT_REGISTER: /* nobody here speaks multicast DNS */
        break;
    case RILL_PEER_EVENT_RESOLVE:
        rill_peer_resolved(s->peer, c->now, e->text, NULL, 0);
        break;
    case RILL_PEER_EVENT_GATHERING_DONE:
        s->gathering_done = true;
        break;
    case RILL_PEER_EVENT_CONNECTION_STATE:
        take_state(c, side, e);
        break;
    case RILL_PEER_EVENT_TRACK:
        s->tracks_seen++;
        break;
    case RILL_PEER_EVENT_FRAME:
        check_frame(c, side, &e->frame);
        break;
    case RILL_PEER_EVENT_KEYFRAME_WANTED:
        s->keyframes_wanted++;
        if (!c->options.no_repair)
            s->video.next = 0;
        break;
    case RILL_PEER_EVENT_BYE:
        s->byes++;
        break;
    case RILL_PEER_EVENT_TARGET:
        s->targets++;
        s->target_bps = e->target_bps;
        break;
    case RILL_PEER_EVENT_TONE:
        if (s->n_tones + 1 < sizeof s->tones)
            s->tones[s->n_tones++] = e->tone;
        s->tone_duration = e->duration;
        break;
    case RILL_PEER_EVENT_TONE_BEGINS:
        s->tones_begun++;
        break;
    case RILL_PEER_EVENT_TONE_CHANGE:
        s->tone_changes++;
        break;
    case RILL_PEER_EVENT_TRACK_REMOVED:
    case RILL_PEER_EVENT_NEGOTIATION_NEEDED:
    case RILL_PEER_EVENT_SIGNALING_STATE:
    case RILL_PEER_EVENT_ICE_STATE:
        break;
    }
}

static void drain(struct rill_sim_call *c, int side)
{
    struct rill_sim_side *s = &c->sides[side];
    _Alignas(8) uint8_t bytes[RILL_DATAGRAM_OUT_MAX + 128];
    struct rill_path path;
    struct rill_peer_event event;
    bool again = true;
    size_t n, steps = 0;
    while (again) {
        again = false;
        while ((n = rill_peer_output(s->peer, c->now, &path,
                                     (struct rill_span){bytes, sizeof bytes})) > 0) {
            size_t head = path.proto == RILL_PROTO_TCP ? RILL_ICE_FRAME_HEAD : 0;
            if (n > RILL_DATAGRAM_OUT_MAX + head || ++steps > STEPS_AT_ONCE) {
                give_up(c, "a datagram is too long, or there is no end of them");
                return;
            }
            if (c->watch && !c->watch(c, side, &path, (struct rill_span){bytes, n}))
                continue;
            if (head)
                rill_sim_tcp_send(c, &path, rill_view_at(bytes, n));
            else
                rill_sim_send(&c->net, c->now, path.socket, &path.remote, rill_view_at(bytes, n));
        }
        while (rill_peer_event(s->peer, &event)) {
            take_event(c, side, &event);
            again = true;
            if (++steps > STEPS_AT_ONCE) {
                give_up(c, "there is no end of events");
                return;
            }
        }
    }
}

static bool is_asleep(const struct rill_sim_call *c, int side)
{
    return c->now < c->sides[side].asleep_until;
}

static void hold(struct rill_sim_side *s, const struct rill_sim_datagram *d)
{
    s->held = realloc(s->held, (s->n_held + 1) * sizeof(*s->held));
    s->held[s->n_held] = malloc(sizeof *d);
    *s->held[s->n_held++] = *d;
}

static void hear(struct rill_sim_call *c, struct rill_sim_datagram *d)
{
    struct rill_sim_side *s = &c->sides[d->to];
    struct rill_path path = {.socket = d->socket, .proto = RILL_PROTO_UDP, .remote = d->from};
    if (rill_sim_tcp_is(c, d->socket))
        path.proto = RILL_PROTO_TCP;
    s->last_input =
        rill_peer_input_at(s->peer, c->now, d->at, &path, (struct rill_span){d->bytes, d->n});
    drain(c, d->to);
}

/* What came while they were asleep is heard first. */
static void take_held(struct rill_sim_call *c)
{
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        struct rill_sim_side *s = &c->sides[i];
        for (size_t k = 0; !is_asleep(c, i) && k < s->n_held; k++) {
            hear(c, s->held[k]);
            free(s->held[k]);
        }
        s->n_held = is_asleep(c, i) ? s->n_held : 0;
    }
}

static void take_datagrams(struct rill_sim_call *c)
{
    struct rill_sim_datagram d;
    take_held(c);
    while (rill_sim_receive(&c->net, c->now, &d)) {
        if (!c->sides[d.to].alive)
            continue;
        if (is_asleep(c, d.to))
            hold(&c->sides[d.to], &d);
        else
            hear(c, &d);
    }
}

int64_t rill_sim_call_next(const struct rill_sim_call *c)
{
    int64_t at = rill_earlier(rill_sim_next(&c->net), next_message(c));
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        if (!c->sides[i].alive)
            continue;
        if (is_asleep(c, i)) {
            at = rill_earlier(at, c->sides[i].asleep_until);
            continue;
        }
        at = rill_earlier(at, rill_peer_deadline(c->sides[i].peer));
        at = rill_earlier(at, next_media(&c->sides[i]));
    }
    return at;
}

bool rill_sim_call_run_until(struct rill_sim_call *c, int64_t until,
                             bool (*stop)(const struct rill_sim_call *c))
{
    size_t steps = 0;
    while (!c->failed && !(stop && stop(c))) {
        for (int i = 0; i < RILL_SIM_SIDES; i++)
            if (c->sides[i].alive && !is_asleep(c, i))
                drain(c, i);
        int64_t next = rill_sim_call_next(c);
        if (next > until)
            break;
        steps = next > c->now ? 0 : steps + 1;
        if (steps > STEPS_AT_ONCE)
            give_up(c, "a deadline does not move");
        c->now = next > c->now ? next : c->now;
        take_messages(c);
        take_datagrams(c);
        for (int i = 0; i < RILL_SIM_SIDES; i++) {
            if (!c->sides[i].alive || is_asleep(c, i))
                continue;
            if (rill_peer_deadline(c->sides[i].peer) <= c->now)
                rill_peer_tick(c->sides[i].peer, c->now);
            send_media(c, i);
        }
    }
    if (!c->failed && !(stop && stop(c)) && until != RILL_NEVER && c->now < until)
        c->now = until;
    return !c->failed;
}

bool rill_sim_call_run(struct rill_sim_call *c, int64_t until)
{
    return rill_sim_call_run_until(c, until, NULL);
}

bool rill_sim_call_both_connected(const struct rill_sim_call *c)
{
    return c->sides[0].state == RILL_PEER_CONNECTED && c->sides[1].state == RILL_PEER_CONNECTED;
}

void rill_sim_call_close(struct rill_sim_call *c, int side)
{
    rill_peer_close(c->sides[side].peer, c->now);
    drain(c, side);
}

void rill_sim_call_sleep(struct rill_sim_call *c, int side, int64_t until)
{
    c->sides[side].asleep_until = until;
}

void rill_sim_call_kill(struct rill_sim_call *c, int side)
{
    c->sides[side].alive = false;
}

void rill_sim_call_link(struct rill_sim_call *c, int from, const struct rill_sim_link *link)
{
    int64_t last = c->net.links[from][1 - from].last_arrival;
    c->net.links[from][1 - from] = *link;
    c->net.links[from][1 - from].last_arrival = last;
}
