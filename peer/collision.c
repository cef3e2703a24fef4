/* collision: an SSRC of ours that the other side has chosen too (RFC 3550 §8.2).
 *
 * The idea: numbers are random, so it hardly ever happens; when it does, our stream gets another
 * number, and the old one is said goodbye of. An address that has once sent one of our numbers is
 * remembered: when it does so again without a CNAME that is not ours, our own packets come back to
 * us (a loop), and they are dropped.
 */
#include "peer/collision.h"

#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/send.h"
#include "peer/tracks.h"

static const struct rill_trace_point ssrc_collides = {
    "peer",
    "ssrc_collides",
    "the other side has an SSRC of ours: ours is another one from now on",
    2,
    {{"old", RILL_TRACE_U64}, {"new", RILL_TRACE_U64}}};

/* "… if it has been inactive for 10 RTCP report intervals": of 5 s. */
#define FORGET (50 * RILL_SECOND)

static struct rill_peer_conflict *find(struct rill_peer *x, int64_t now)
{
    for (size_t i = 0; i < RILL_PEER_CONFLICTS; i++) {
        struct rill_peer_conflict *c = &x->conflicts[i];
        if (c->addr.family != RILL_ADDR_NONE && now - c->at < FORGET &&
            rill_addr_equal(&c->addr, &x->from))
            return c;
    }
    return NULL;
}

static void remember(struct rill_peer *x, int64_t now)
{
    struct rill_peer_conflict *oldest = &x->conflicts[0];
    for (size_t i = 1; i < RILL_PEER_CONFLICTS; i++)
        if (x->conflicts[i].at < oldest->at)
            oldest = &x->conflicts[i];
    *oldest = (struct rill_peer_conflict){x->from, now};
}

static void say_goodbye_of(struct rill_peer *x, const struct rill_peer_track *t, uint32_t ssrc)
{
    struct rill_peer_line *l = rill_peer_line_of(x, t);
    if (l)
        rill_peer_line_goodbye(l, ssrc);
}

/* One of ours with this number has another one now; false when there is none. */
static bool renew(struct rill_peer *x, int64_t now, struct rill_peer_track *t,
                  struct rill_peer_sender *s, uint32_t ssrc)
{
    if (s->ssrc != ssrc && s->rtx.ssrc != ssrc)
        return false;
    bool sent = s->ssrc == ssrc ? s->sent_any : s->rtx_packets > 0;
    if (s->ssrc == ssrc)
        rill_peer_sender_renew(x, s);
    else
        rill_peer_sender_renew_rtx(x, s);
    if (sent)
        say_goodbye_of(x, t, ssrc);
    rill_peer_want_keyframe(x, now, t, s);
    RILL_TRACE(x->config.trace, now, ssrc_collides, {.u = ssrc}, {.u = s->ssrc});
    return true;
}

static bool is_ours(const struct rill_peer *x, uint32_t ssrc)
{
    bool ours = ssrc == x->ssrc;
    for (size_t i = 0; i < x->n_tracks; i++)
        for (size_t k = 0; k < x->tracks[i].n_senders; k++)
            ours |=
                x->tracks[i].senders[k]->ssrc == ssrc || x->tracks[i].senders[k]->rtx.ssrc == ssrc;
    return ours;
}

static void renew_all(struct rill_peer *x, int64_t now, uint32_t ssrc)
{
    for (size_t i = 0; i < x->n_tracks; i++)
        for (size_t k = 0; k < x->tracks[i].n_senders; k++)
            (void)renew(x, now, &x->tracks[i], x->tracks[i].senders[k], ssrc);
    if (x->ssrc == ssrc)
        x->ssrc = rill_peer_new_ssrc(x);
}

int rill_peer_collide(struct rill_peer *x, int64_t now, uint32_t ssrc,
                      const struct rill_view *cname)
{
    if (!is_ours(x, ssrc))
        return 0;
    bool own = cname && rill_view_equal(*cname, rill_view_at(x->cname, sizeof x->cname));
    struct rill_peer_conflict *known = find(x, now);
    /* "source identifier is not from an RTCP SDES chunk containing a CNAME item or CNAME is the
     * participant's own" */
    if (own || (known && !cname)) {
        if (known)
            known->at = now;
        else
            remember(x, now);
        return RILL_PEER_LOOPED;
    }
    if (!known)
        remember(x, now);
    renew_all(x, now, ssrc);
    return 0;
}
