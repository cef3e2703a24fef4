/* ice/consent: the peer's consent to go on receiving (RFC 7675).
 *
 * The idea: each valid pair that data may be sent on is asked anew every 4 to 6 s, media or
 * not, each time in a transaction of its own that is sent once. Only a right response
 * renews consent. 30 s without one end the session. These requests are also the keepalives
 * of RFC 8445 §11.
 *
 * When a third request leaves and the two before it have gone unanswered, 8 to 12 s after
 * the first of them, the state is disconnected; a response brings it back. Other pairs are checked
 * from then on, and this one as a check would be: three more requests leave within 4 s, since on a
 * path that loses a fifth each way six in a row go unanswered once in a quarter of an hour. A peer
 * that asks on another pair may have lost this one: then the requests leave every half second,
 * until one is answered or the third has left. */
#include "ice/agent_private.h"

#define INTERVAL_MS 5000
#define SURE RILL_STUN_RTO /* what answered or brought data so lately is not in doubt yet */

static const struct rill_trace_point missed_point = {
    "ice",
    "consent_missed",
    "consent requests go unanswered",
    2,
    {{"remote", RILL_TRACE_ADDR}, {"requests", RILL_TRACE_U64}}};

static const struct rill_trace_point expired_point = {
    "ice",
    "consent_expired",
    "the peer's consent ended: nothing more is sent on this pair",
    2,
    {{"remote", RILL_TRACE_ADDR}, {"reason", RILL_TRACE_TEXT}}};

bool rill_ice_consent_is_fresh(const struct rill_ice_pair *p, int64_t now)
{
    return now - p->heard < RILL_ICE_CONSENT;
}

/* RFC 7675 §5.1: "each interval MUST be randomized from between 0.8 and 1.2 times the basic
 * period". */
int64_t rill_ice_consent_interval(const struct rill_ice *x)
{
    return (INTERVAL_MS * 8 / 10 + rill_rng_below(&x->rng, INTERVAL_MS * 4 / 10 + 1)) * RILL_MS;
}

void rill_ice_consent_given(struct rill_ice *x, int64_t now, size_t pair)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    p->heard = now;
    p->missed = 0;
    bool settled = pair == x->selected && x->doubt;
    if (settled)
        x->doubt = false;
    if (p->consent_at == 0 || settled)
        p->consent_at = now + rill_ice_consent_interval(x);
}

/* Before a pair is selected data may go on any valid one; afterwards on that one alone. */
static bool is_kept(const struct rill_ice *x, size_t pair)
{
    const struct rill_ice_pair *p = &x->pairs[pair];
    return p->used && p->valid && (x->selected == RILL_ICE_NONE || x->selected == pair);
}

void rill_ice_consent_doubt(struct rill_ice *x, int64_t now)
{
    struct rill_ice_pair *p = x->selected == RILL_ICE_NONE ? NULL : &x->pairs[x->selected];
    if (!p || x->doubt || p->missed > RILL_ICE_CONSENT_MISSED ||
        (p->counts.packets_received && now - p->counts.last_packet_received < SURE))
        return;
    int64_t sure_until = p->heard + SURE;
    x->doubt = true;
    p->consent_at = rill_earlier(p->consent_at, sure_until > now ? sure_until : now);
}

/* Requests that leave as the repetitions of a check do (RFC 8489 §6.2.1), at 0.5, 1.5 and 3.5 s. */
#define AGAIN 3

/* RFC 7675 §5.1 sets the pace of consent; a doubt is as hasty as a check is with its second try. */
static int64_t next_consent(struct rill_ice *x, size_t pair)
{
    const struct rill_ice_pair *p = &x->pairs[pair];
    unsigned more = p->missed > RILL_ICE_CONSENT_MISSED ? p->missed - RILL_ICE_CONSENT_MISSED : 0;
    if (pair == x->selected && more > 0 && more <= AGAIN)
        return RILL_STUN_RTO << (more - 1);
    if (pair != x->selected || !x->doubt || p->missed > RILL_ICE_CONSENT_MISSED)
        return rill_ice_consent_interval(x);
    return 2 * p->rtt > RILL_STUN_RTO ? 2 * p->rtt : RILL_STUN_RTO;
}

size_t rill_ice_consent_output(struct rill_ice *x, int64_t now, struct rill_path *path,
                               struct rill_span out)
{
    for (size_t i = 0; !x->lite && i < x->cap_pairs; i++) {
        struct rill_ice_pair *p = &x->pairs[i];
        if (!is_kept(x, i) || now < p->consent_at || !rill_ice_consent_is_fresh(p, now))
            continue;
        p->missed++;
        p->consent_at = now + next_consent(x, i);
        if (p->missed == RILL_ICE_CONSENT_MISSED + 1 && i == x->selected)
            rill_ice_checklist_resume(x, now);
        if (p->missed > 1)
            RILL_TRACE(x->trace, now, missed_point, {.addr = &x->remotes[p->remote].cand.addr},
                       {.u = p->missed - 1});
        if (p->missed > 1)
            rill_ice_relay_doubt(x, now, i);
        size_t n = rill_ice_check_consent(x, now, i, path, out);
        rill_ice_update(x, now);
        return n;
    }
    return 0;
}

static void end(struct rill_ice *x, int64_t now, size_t pair, enum rill_ice_failure failure)
{
    RILL_TRACE(x->trace, now, expired_point, {.addr = &x->remotes[x->pairs[pair].remote].cand.addr},
               {.view = rill_view_of(rill_ice_failure_text(failure))});
    rill_ice_pair_fail(x, now, pair, failure);
    /* RFC 7675 §5.1: "After consent is lost, the same ICE credentials MUST NOT be used on the
     * affected 5-tuple again." */
    if (rill_ice_current(x) == RILL_ICE_NONE || x->selected == pair)
        rill_ice_to_state(x, now, RILL_ICE_FAILED);
}

void rill_ice_consent_revoked(struct rill_ice *x, int64_t now, size_t pair)
{
    end(x, now, pair, RILL_ICE_CONSENT_REVOKED);
}

/* RFC 7675 §5.1: "if a valid STUN binding response has not been received from the remote
 * peer's transport address in 30 seconds, the endpoint MUST cease transmission". */
void rill_ice_consent_tick(struct rill_ice *x, int64_t now)
{
    if (x->lite)
        rill_ice_lite_tick(x, now);
    for (size_t i = 0; i < x->cap_pairs && !rill_ice_is_over(x); i++)
        if (is_kept(x, i) && (x->lite ? rill_ice_lite_is_silent(x, i, now)
                                      : !rill_ice_consent_is_fresh(&x->pairs[i], now)))
            end(x, now, i, RILL_ICE_CONSENT_EXPIRED);
}

int64_t rill_ice_consent_deadline(const struct rill_ice *x)
{
    int64_t at = x->lite ? rill_ice_lite_deadline(x) : RILL_NEVER;
    for (size_t i = 0; !x->lite && i < x->cap_pairs; i++)
        if (is_kept(x, i))
            at = rill_earlier(
                at, rill_earlier(x->pairs[i].consent_at, x->pairs[i].heard + RILL_ICE_CONSENT));
    return at;
}
