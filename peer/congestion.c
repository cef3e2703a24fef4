/* congestion: what the path carries: numbers on what leaves, feedback for what comes, a target for
 * the app and the pacer.
 *
 * The idea: one counter for all streams of a transport, and one estimate
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2). The number is written into the history's
 * copy at the moment the packet first leaves, and stays: under AES-GCM the header is associated
 * data, and one nonce must never authenticate two texts (RFC 7714 §8.4), so a resend on the same
 * SSRC carries the old number, and the estimator is told not to learn from its arrival.
 */
#include "peer/congestion.h"

#include "peer/connection.h"
#include "peer/inputs.h"
#include "peer/lines.h"
#include "peer/redundancy.h"
#include "peer/remb.h"
#include "peer/repair.h"
#include "peer/reports.h"
#include "peer/transport.h"
#include "srtp/srtp.h"

static const struct rill_trace_point target_changed = {
    "peer",
    "target_changed",
    "what the path is thought to carry",
    2,
    {{"bps", RILL_TRACE_U64}, {"reason", RILL_TRACE_TEXT}}};

/* Packets remembered, of a power of two. */
#define LEAST 64
/* Feedback takes at most this share of what is received, and waits for that this much longer:
 * libwebrtc's 250 ms in all. */
#define FEEDBACK_SHARE 40
#define FEEDBACK_PATIENCE (200 * RILL_MS)
#define FEEDBACK_FIRST 100 /* bytes of one, IP and UDP headers included */
#define BELOW (28 + RILL_SRTP_TAIL)
/* A change of the target that is worth telling: 1/32. */
#define WORTH_TELLING 32

static void lay_out(const struct rill_peer *x, struct rill_peer_congestion *c,
                    struct rill_arena *arena)
{
    c->cap = LEAST;
    while (c->cap < x->config.history_packets)
        c->cap *= 2;
    rill_twcc_sender_init(&c->sent, arena, c->cap);
    rill_twcc_receiver_init(&c->received, arena, c->cap);
    c->news = rill_arena_take(arena, c->cap, sizeof *c->news);
}

void rill_peer_congestion_init(const struct rill_peer *x, struct rill_peer_congestion *c,
                               struct rill_arena *arena)
{
    struct rill_arena counting = rill_arena_counting();
    lay_out(x, c, &counting);
    c->block.n = rill_arena_size(&counting);
    c->block.p = rill_arena_take(arena, c->block.n, 1);
}

void rill_peer_congestion_reset(const struct rill_peer *x, struct rill_peer_congestion *c)
{
    struct rill_arena arena = rill_arena_over(c->block.p, c->block.n);
    *c = (struct rill_peer_congestion){.block = c->block, .feedback_bytes = FEEDBACK_FIRST};
    lay_out(x, c, &arena);
    rill_remb_init(&c->remb);
}

void rill_peer_congestion_start(struct rill_peer *x, int64_t now, struct rill_peer_congestion *c)
{
    struct rill_bwe_config config = {
        .algorithm =
            x->config.congestion == RILL_PEER_CONGESTION_NADA ? RILL_BWE_NADA : RILL_BWE_GCC,
        .min_bps = x->config.min_bps,
        .start_bps = x->config.start_bps,
        .max_bps = x->config.max_bps,
        .most_bps = x->most_bps,
    };
    if (c->started || x->config.congestion == RILL_PEER_CONGESTION_OFF)
        return;
    rill_bwe_init(&c->bwe, now, &config);
    c->started = true;
}

uint64_t rill_peer_congestion_target(const struct rill_peer *x,
                                     const struct rill_peer_congestion *c)
{
    uint64_t bps = c->started ? rill_bwe_target(&c->bwe, x->now) : 0;
    return rill_peer_repair_leaves(c, x->now, bps);
}

bool rill_peer_carries_video(const struct rill_peer *x, size_t transport)
{
    for (size_t i = 0; i < x->n_lines; i++)
        if (x->lines[i].agreed.send && x->lines[i].agreed.kind == RILL_VIDEO &&
            x->lines[i].transport == transport)
            return true;
    return false;
}

/* What all transports with pictures carry together, since it is pictures that follow it; those
 * without count when there is no other. */
static uint64_t together(const struct rill_peer *x, bool without_repairs)
{
    uint64_t pictures = 0, all = 0;
    for (size_t i = 0; i < x->config.transports; i++) {
        const struct rill_peer_congestion *c = &x->transports[i].congestion;
        uint64_t bps = without_repairs ? rill_peer_congestion_target(x, c)
                       : c->started    ? rill_bwe_target(&c->bwe, x->now)
                                       : 0;
        all += bps;
        if (bps && rill_peer_carries_video(x, i))
            pictures += bps;
    }
    return pictures ? pictures : all;
}

uint64_t rill_peer_target(const struct rill_peer *x)
{
    return together(x, true);
}

uint64_t rill_peer_carried(const struct rill_peer *x)
{
    return together(x, false);
}

void rill_peer_set_most(struct rill_peer *x, uint64_t most_bps)
{
    rill_peer_input_most(x, most_bps);
    x->most_bps = most_bps;
    for (size_t i = 0; i < x->config.transports; i++)
        if (x->transports[i].congestion.started)
            rill_bwe_set_most(&x->transports[i].congestion.bwe, most_bps);
}

/* --- what we send ------------------------------------------------------------------------ */

static struct rill_peer_congestion *congestion_of(const struct rill_peer *x,
                                                  const struct rill_peer_line *l)
{
    return &x->transports[l->transport].congestion;
}

/* Where the number lies in the packet; 0 when it has none. */
static size_t number_at(const struct rill_peer_line *l, struct rill_view packet)
{
    struct rill_rtp_packet p;
    struct rill_view value;
    if (!l || !l->agreed.ext_transport_cc.sent || rill_rtp_parse(packet, &p, NULL) < 0 ||
        !rill_rtp_ext_find(&p, (uint8_t)l->agreed.ext_transport_cc.sent, &value) || value.n != 2)
        return 0;
    return (size_t)(value.p - packet.p);
}

/* RFC 3550 §5.1: behind the timestamp. */
static uint32_t ssrc_of(struct rill_span packet)
{
    struct rill_reader r = rill_reader_of(rill_view_at(packet.p, packet.n));
    rill_r_skip(&r, 8);
    return rill_r_u32(&r);
}

void rill_peer_congestion_number(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                                 struct rill_span packet)
{
    size_t at = number_at(l, rill_view_at(packet.p, packet.n));
    rill_peer_stamp_departure(x, now, l, packet);
    if (at == 0)
        return;
    struct rill_peer_congestion *c = congestion_of(x, l);
    size_t bytes = packet.n + RILL_SRTP_TAIL;
    uint8_t probe = c->started ? rill_bwe_sent(&c->bwe, now, bytes, c->probes) : 0;
    uint16_t seq = rill_twcc_sender_next(&c->sent, now, bytes, probe);
    rill_twcc_sender_is_of(&c->sent, seq, l->agreed.kind == RILL_AUDIO ? ssrc_of(packet) : 0);
    packet.p[at] = (uint8_t)(seq >> 8);
    packet.p[at + 1] = (uint8_t)seq;
}

bool rill_peer_congestion_has_arrived(const struct rill_peer *x, const struct rill_peer_line *l,
                                      struct rill_view packet)
{
    size_t at = number_at(l, packet);
    return at && rill_twcc_sender_has_arrived(&congestion_of(x, l)->sent,
                                              (uint16_t)(packet.p[at] << 8 | packet.p[at + 1]));
}

void rill_peer_congestion_again(struct rill_peer *x, const struct rill_peer_line *l,
                                struct rill_view packet)
{
    size_t at = number_at(l, packet);
    if (at)
        rill_twcc_sender_again(&congestion_of(x, l)->sent,
                               (uint16_t)(packet.p[at] << 8 | packet.p[at + 1]));
}

/* --- what the other side says of it ------------------------------------------------------ */

int rill_peer_congestion_feedback(struct rill_peer *x, int64_t now,
                                  struct rill_peer_component *from, struct rill_view fci)
{
    struct rill_peer_congestion *c = &from->of->congestion;
    int n = rill_twcc_sender_feedback(&c->sent, fci, c->news, c->cap, NULL);
    if (n > 0)
        rill_peer_redundancy_feedback(x, now, c->news, (size_t)n);
    if (n <= 0 || !c->started)
        return n < 0 ? n : 0;
    c->feedbacks++;
    rill_bwe_feedback(&c->bwe, now, rill_peer_component_rtt(&from->of->components[0]), c->news,
                      (size_t)n);
    return 0;
}

/* Where packets carry numbers, the loss is known better from those. */
void rill_peer_congestion_report(struct rill_peer *x, const struct rill_peer_line *l,
                                 uint8_t fraction)
{
    struct rill_peer_congestion *c = l ? congestion_of(x, l) : NULL;
    if (c && c->started && c->feedbacks == 0)
        rill_bwe_report(&c->bwe, fraction);
}

/* Of the first transport that has an estimate; of several each has its own. */
static const char *reason(const struct rill_peer *x)
{
    for (size_t i = 0; i < x->config.transports; i++)
        if (x->transports[i].congestion.started)
            return rill_bwe_reason(&x->transports[i].congestion.bwe, x->now);
    return NULL;
}

bool rill_peer_congestion_event(struct rill_peer *x, struct rill_peer_event *out)
{
    uint64_t target = rill_peer_target(x), told = x->told_bps;
    uint64_t apart = target > told ? target - told : told - target;
    if (target == 0 || apart <= told / WORTH_TELLING)
        return false;
    x->told_bps = target;
    out->type = RILL_PEER_EVENT_TARGET;
    out->target_bps = target;
    RILL_TRACE(x->config.trace, x->now, target_changed, {.u = target},
               {.view = rill_view_of(reason(x))});
    return true;
}

/* --- what we receive --------------------------------------------------------------------- */

void rill_peer_congestion_received(struct rill_peer *x, const struct rill_peer_line *l,
                                   const struct rill_rtp_packet *p)
{
    struct rill_view value;
    rill_peer_remb_packet(x, l, p);
    if (!l->agreed.ext_transport_cc.received ||
        !rill_rtp_ext_find(p, (uint8_t)l->agreed.ext_transport_cc.received, &value) || value.n != 2)
        return;
    struct rill_peer_congestion *c = congestion_of(x, l);
    c->media = p->ssrc;
    c->heard_bytes += p->payload_offset + p->payload.n + BELOW;
    rill_twcc_receiver_packet(&c->received, x->arrived, (uint16_t)(value.p[0] << 8 | value.p[1]));
}

/* The first line of a transport that has agreed on it speaks for all of it. */
static bool speaks(const struct rill_peer *x, const struct rill_peer_line *l)
{
    const struct rill_peer_line *at = x->lines;
    while (at < l && !(at->report_started && at->agreed.ext_transport_cc.received &&
                       at->transport == l->transport))
        at++;
    return at == l && l->report_started && l->agreed.ext_transport_cc.received;
}

static int64_t due_at(const struct rill_peer_congestion *c)
{
    int64_t at = rill_twcc_receiver_deadline(&c->received);
    bool afford = c->heard_bytes >= FEEDBACK_SHARE * c->feedback_bytes;
    return at == RILL_NEVER || afford ? at : at + FEEDBACK_PATIENCE;
}

bool rill_peer_congestion_is_due(const struct rill_peer *x, int64_t now,
                                 const struct rill_peer_line *l)
{
    return l->agreed.active && due_at(congestion_of(x, l)) <= now && speaks(x, l);
}

void rill_peer_congestion_write(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                                struct rill_writer *w)
{
    struct rill_peer_congestion *c = congestion_of(x, l);
    size_t before = w->at;
    rill_twcc_receiver_write(&c->received, now, w, rill_peer_line_ssrc(x, l), c->media);
    c->feedback_bytes = w->at - before + BELOW;
    c->heard_bytes = 0;
}

int64_t rill_peer_congestion_deadline(const struct rill_peer *x, const struct rill_peer_line *l)
{
    return l->agreed.active && speaks(x, l) ? due_at(congestion_of(x, l)) : RILL_NEVER;
}
