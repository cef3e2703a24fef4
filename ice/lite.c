/* ice/lite: being a lite agent (RFC 8445 §2.5, §6.2, §7.3.2, §8.2).
 *
 * The idea: a lite agent answers and asks nothing: host candidates alone, no pairs of its own
 * making, no checks, no consent requests (RFC 7675 §1). What the peer nominates is valid and
 * selected; how long the peer has asked nothing says whether it is still there, since a full one
 * asks every 4 to 6 s.
 *
 * Two lite agents take the pair of the highest priority, which both work out alike; §8.2 leaves the
 * choice to RFC 6724 and reconciles differences by an updated exchange. Nothing is proven then, and
 * nobody notices when the peer is gone but those above.
 *
 * - rill_ice_lite_asked      an authenticated request came
 * - rill_ice_lite_agree      both are lite: is there a pair to take?
 * - rill_ice_lite_tick, rill_ice_lite_deadline */
#include "ice/agent_private.h"

#define SILENCE (5 * RILL_SECOND) /* each counts as a consent request that went unanswered */

static bool both(const struct rill_ice *x)
{
    return x->lite && x->remote_lite && rill_ice_has_credentials(x);
}

/* RFC 8445 §7.3.2: "The agent sets the nominated flag for that pair to true." */
void rill_ice_lite_asked(struct rill_ice *x, int64_t now, size_t pair, bool nominated)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    p->heard = now;
    p->missed = 0;
    p->consent_at = now + SILENCE;
    if (!nominated)
        return;
    p->valid = true;
    rill_ice_pair_set_state(x, now, pair, RILL_ICE_SUCCEEDED);
    rill_ice_nominate_accept(x, now, pair);
}

static size_t best_pair(const struct rill_ice *x)
{
    size_t best = RILL_ICE_NONE;
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (x->pairs[i].used && !rill_ice_is_framed(x, i) &&
            (best == RILL_ICE_NONE || x->pairs[i].priority > x->pairs[best].priority))
            best = i;
    return best;
}

void rill_ice_lite_agree(struct rill_ice *x, int64_t now)
{
    if (!both(x) || x->selected != RILL_ICE_NONE || !x->gathered || !x->remote_done)
        return;
    for (size_t b = 0; b < x->cap_locals; b++)
        rill_ice_pairs_for_base(x, now, b);
    size_t pair = best_pair(x);
    if (pair == RILL_ICE_NONE)
        return;
    x->pairs[pair].valid = true;
    rill_ice_pair_set_state(x, now, pair, RILL_ICE_SUCCEEDED);
    rill_ice_select(x, now, pair);
}

static bool is_watched(const struct rill_ice *x, size_t pair)
{
    return x->pairs[pair].used && x->pairs[pair].valid && !both(x);
}

bool rill_ice_lite_is_silent(const struct rill_ice *x, size_t pair, int64_t now)
{
    return is_watched(x, pair) && !rill_ice_consent_is_fresh(&x->pairs[pair], now);
}

void rill_ice_lite_tick(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->cap_pairs; i++) {
        struct rill_ice_pair *p = &x->pairs[i];
        if (!is_watched(x, i) || now < p->consent_at)
            continue;
        p->missed++;
        p->consent_at = now + SILENCE;
    }
}

int64_t rill_ice_lite_deadline(const struct rill_ice *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (is_watched(x, i))
            at = rill_earlier(
                at, rill_earlier(x->pairs[i].consent_at, x->pairs[i].heard + RILL_ICE_CONSENT));
    return at;
}
