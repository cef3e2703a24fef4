/* anew: a key frame in place of many repairs.
 *
 * The idea: a path that narrows at a stroke loses a second's packets. To have them all again takes
 * the narrow path longer than a key frame takes, and what it repairs are pictures of a second ago.
 * So where what is asked for comes to more than a key frame is long, one is made; what was sent
 * before it is not sent again, and of what still waits no picture goes out that has not begun to:
 * their numbers, which nobody has seen, are the key frame's.
 */
#include "peer/anew.h"

#include "base/seq.h"
#include "peer/congestion.h"
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/send.h"
#include "peer/tracks.h"
#include "peer/transport.h"

static const struct rill_trace_point begun = {
    "peer",
    "begun_anew",
    "a key frame is less than what is asked for again",
    3,
    {{"ssrc", RILL_TRACE_U64}, {"asked_bytes", RILL_TRACE_U64}, {"seq", RILL_TRACE_U64}}};
static const struct rill_trace_point passed_over = {
    "peer",
    "pictures_passed_over",
    "what waited was older than a key frame",
    2,
    {{"ssrc", RILL_TRACE_U64}, {"packets", RILL_TRACE_U64}}};

/* What is asked for within this time, against so much of the path's time: an encoder's key frame is
 * 200 ms of it (codec/vpx_encode.c). */
#define WINDOW (RILL_SECOND / 2)
#define WORTH (250 * RILL_MS)
#define BYTES_LEAST 8000
/* A source that makes none is not waited for, and not asked again for a while; what was lost of one
 * that came is asked for by itself. */
#define PATIENCE (400 * RILL_MS)
#define IN_VAIN (10 * RILL_SECOND)
#define LASTS (2 * RILL_SECOND)
/* A queue so short goes out as it is. */
#define WAITS_LEAST (60 * RILL_MS)

static uint64_t bytes_in(uint64_t bps, int64_t time)
{
    return bps / 8 * (uint64_t)time / RILL_SECOND;
}

bool rill_peer_anew_is_past(const struct rill_peer_anew *a, int64_t now, uint16_t seq)
{
    return now < a->until && rill_seq16_newer(a->seq, seq);
}

static bool is_barred(struct rill_peer_anew *a, int64_t now)
{
    if (a->wanted && now >= a->until) {
        a->wanted = false;
        a->barred = now + IN_VAIN;
    }
    return now < a->barred;
}

static bool is_much(struct rill_peer_anew *a, int64_t now, size_t bytes, uint64_t bps)
{
    if (now - a->since > WINDOW) {
        a->since = now;
        a->asked = 0;
    }
    a->asked += bytes;
    return a->asked > BYTES_LEAST && a->asked > bytes_in(bps, WORTH);
}

bool rill_peer_anew_instead(struct rill_peer *x, int64_t now, const struct rill_peer_track *t,
                            struct rill_peer_sender *s, size_t bytes)
{
    const struct rill_peer_line *l = rill_peer_line_of(x, t);
    const struct rill_peer_congestion *c = &x->transports[l->transport].congestion;
    struct rill_peer_anew *a = &s->anew;
    if (t->kind != RILL_VIDEO || !c->started || !(t->sending >> s->encoding & 1) ||
        is_barred(a, now) || !is_much(a, now, bytes, rill_bwe_target(&c->bwe, now)))
        return false;
    a->wanted = true;
    a->until = now + PATIENCE;
    a->seq = s->seq;
    RILL_TRACE(x->config.trace, now, begun, {.u = s->ssrc}, {.u = a->asked}, {.u = s->seq});
    a->asked = 0;
    rill_peer_want_keyframe(x, now, t, s);
    return true;
}

static bool ends_a_picture(const struct rill_peer_sender *s, uint16_t seq)
{
    struct rill_view packet = rill_rtp_history_get(&s->history, seq);
    return packet.n > 1 && packet.p[1] & 0x80;
}

/* Where the first picture begins of which nothing has left. */
static uint16_t first_unbegun(const struct rill_peer_sender *s)
{
    uint16_t at = s->next;
    if (!s->sent_any || ends_a_picture(s, (uint16_t)(at - 1)))
        return at;
    while (at != s->seq && !ends_a_picture(s, at))
        at++;
    return at == s->seq ? at : (uint16_t)(at + 1);
}

static uint64_t waiting_bytes(const struct rill_peer_sender *s)
{
    uint64_t bytes = 0;
    for (uint16_t seq = s->next; seq != s->seq; seq++)
        bytes += rill_rtp_history_get(&s->history, seq).n;
    return bytes;
}

void rill_peer_anew_keyframe(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                             struct rill_peer_sender *s)
{
    const struct rill_peer_congestion *c = &x->transports[l->transport].congestion;
    struct rill_peer_anew *a = &s->anew;
    if (c->started && waiting_bytes(s) > bytes_in(rill_bwe_target(&c->bwe, now), WAITS_LEAST)) {
        uint16_t at = first_unbegun(s);
        RILL_TRACE(x->config.trace, now, passed_over, {.u = s->ssrc},
                   {.u = (uint16_t)(s->seq - at)});
        s->seq = at;
    }
    if (!a->wanted)
        return;
    a->wanted = false;
    a->seq = s->seq;
    a->until = now + LASTS;
    while (rill_ring_pop(&s->resend_ring) != RILL_RING_NONE)
        ;
}
