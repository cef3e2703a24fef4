/* ice/nominate: which valid pair data is sent on (RFC 8445 §8.1.1).
 *
 * Policy of the controlling side, regular nomination: the best valid pair is nominated at
 * once when it is the best there can be (no pair above it can still succeed, and it joins two
 * host candidates or no candidate can come any more), else 100 ms after the first pair became
 * valid, 1 s when all that are valid are of TCP, 2 s when the best is relayed: where one side's
 * NAT maps anew for each peer and the other's filters by address, the first direct check is always
 * lost, and only its repetition opens the way. Waiting longer would delay every call for the few
 * where a better pair is slow, and data may flow on any valid pair meanwhile (§12.1).
 *
 * The controlled side takes what USE-CANDIDATE names, of several the one of the highest
 * priority (§8.1.1); but when the selected pair no longer answers, another that was nominated.
 *
 * With renomination (draft-thatcher-ice-renomination) the controlling side nominates again when a
 * better pair became valid, and the controlled one takes the last nomination, by its value. */
#include "ice/agent_private.h"

static const struct rill_trace_point nominating_point = {
    "ice",
    "nominating",
    "the controlling agent asks the peer to agree on this pair",
    2,
    {{"base", RILL_TRACE_ADDR}, {"remote", RILL_TRACE_ADDR}}};

static const struct rill_trace_point selected_point = {
    "ice",
    "selected",
    "data is sent on this pair from now on",
    3,
    {{"local", RILL_TRACE_ADDR}, {"base", RILL_TRACE_ADDR}, {"remote", RILL_TRACE_ADDR}}};

static bool falters(const struct rill_ice_pair *p)
{
    return p->missed > RILL_ICE_CONSENT_MISSED;
}

static bool is_better(const struct rill_ice_pair *p, const struct rill_ice_pair *than)
{
    return falters(p) != falters(than) ? falters(than) : p->priority > than->priority;
}

/* One that goes unanswered only when there is no other. */
static size_t best_valid(const struct rill_ice *x)
{
    size_t best = RILL_ICE_NONE;
    for (size_t i = 0; i < x->cap_pairs; i++) {
        const struct rill_ice_pair *p = &x->pairs[i];
        if (p->used && p->valid && (best == RILL_ICE_NONE || is_better(p, &x->pairs[best])))
            best = i;
    }
    return best;
}

bool rill_ice_is_faltering(const struct rill_ice *x)
{
    return x->selected == RILL_ICE_NONE || falters(&x->pairs[x->selected]);
}

/* Where the selected pair falters, one that answered later will do, on the controlled side if it
 * was nominated; where it does not, renomination may prefer a better one. */
static bool may_follow(const struct rill_ice *x, const struct rill_ice_pair *p)
{
    const struct rill_ice_pair *s = &x->pairs[x->selected];
    if (rill_ice_is_faltering(x))
        return p->heard > s->heard && (x->controlling || p->nominated);
    return x->controlling && x->renomination && p->priority > s->priority;
}

static size_t best_other(const struct rill_ice *x, int64_t now)
{
    size_t best = RILL_ICE_NONE;
    for (size_t i = 0; i < x->cap_pairs; i++) {
        const struct rill_ice_pair *p = &x->pairs[i];
        if (i != x->selected && p->used && p->valid && rill_ice_consent_is_fresh(p, now) &&
            may_follow(x, p) && (best == RILL_ICE_NONE || p->priority > x->pairs[best].priority))
            best = i;
    }
    return best;
}

size_t rill_ice_current(const struct rill_ice *x)
{
    return x->selected != RILL_ICE_NONE ? x->selected : best_valid(x);
}

static bool better_is_open(const struct rill_ice *x, size_t pair)
{
    for (size_t i = 0; i < x->cap_pairs; i++) {
        const struct rill_ice_pair *p = &x->pairs[i];
        if (p->used && !p->valid && rill_ice_pair_is_open(p) &&
            p->priority > x->pairs[pair].priority)
            return true;
    }
    return false;
}

static bool is_best_possible(const struct rill_ice *x, size_t pair)
{
    const struct rill_ice_pair *p = &x->pairs[pair];
    bool hosts = x->locals[p->local].cand.type == RILL_ICE_HOST &&
                 x->remotes[p->remote].cand.type == RILL_ICE_HOST;
    return (hosts || (x->gathered && x->remote_done)) && !better_is_open(x, pair);
}

/* RFC 8445 §8.1.1: nomination "repeats the connectivity check that produced this valid pair …
 * this time with the USE-CANDIDATE attribute". */
static void nominate(struct rill_ice *x, int64_t now, size_t pair)
{
    const struct rill_ice_pair *p = &x->pairs[pair];
    RILL_TRACE(x->trace, now, nominating_point, {.addr = &x->bases[p->base].addr},
               {.addr = &x->remotes[p->remote].cand.addr});
    x->nominee = pair;
    x->settle_at = RILL_NEVER;
    rill_ice_trigger(x, now, pair);
}

/* A nomination goes unanswered when it is to be sent for the third time, and meanwhile another pair
 * gave an answer: the peer's address has changed. */
static bool is_in_vain(const struct rill_ice *x, int64_t now, size_t pair)
{
    const struct rill_ice_pair *p = &x->pairs[pair];
    if (p->state != RILL_ICE_IN_PROGRESS || now - p->sent[p->last].at < 3 * RILL_STUN_RTO)
        return false;
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (i != pair && x->pairs[i].used && x->pairs[i].valid &&
            x->pairs[i].heard > p->sent[p->last].at)
            return true;
    return false;
}

static void give_up(struct rill_ice *x, int64_t now, size_t pair)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    x->nominee = RILL_ICE_NONE;
    rill_ice_pair_set_state(x, now, pair, RILL_ICE_SUCCEEDED);
    if (!falters(p))
        p->missed = RILL_ICE_CONSENT_MISSED + 1;
}

static void reconsider(struct rill_ice *x, int64_t now)
{
    size_t other = best_other(x, now);
    if (other == RILL_ICE_NONE)
        return;
    if (x->controlling)
        nominate(x, now, other);
    else
        rill_ice_select(x, now, other);
}

static int64_t patience(const struct rill_ice *x, size_t pair)
{
    const struct rill_ice_pair *p = &x->pairs[pair];
    bool relayed = x->bases[p->base].relay || x->remotes[p->remote].cand.type == RILL_ICE_RELAY;
    if (relayed && x->policy != RILL_ICE_POLICY_RELAY)
        return RILL_ICE_SETTLE_RELAY;
    return rill_ice_is_framed(x, pair) ? RILL_ICE_SETTLE_TCP : RILL_ICE_SETTLE;
}

/* Deviation: when a nomination fails, or the selected pair goes away or unanswered, another
 * valid pair is nominated, where RFC 8445 §7.2.5.3.4 would fail the session at once. */
void rill_ice_nominate_poll(struct rill_ice *x, int64_t now)
{
    if (x->nominee != RILL_ICE_NONE && is_in_vain(x, now, x->nominee))
        give_up(x, now, x->nominee);
    if (x->nominee != RILL_ICE_NONE)
        return;
    if (x->selected != RILL_ICE_NONE) {
        reconsider(x, now);
        return;
    }
    if (!x->controlling || x->lite)
        return;
    size_t pair = best_valid(x);
    if (pair == RILL_ICE_NONE) {
        x->settle_at = RILL_NEVER;
        return;
    }
    x->settle_at = rill_earlier(x->settle_at, now + patience(x, pair));
    if (now >= x->settle_at || is_best_possible(x, pair))
        nominate(x, now, pair);
}

int64_t rill_ice_nominate_deadline(const struct rill_ice *x)
{
    return x->settle_at;
}

void rill_ice_select(struct rill_ice *x, int64_t now, size_t pair)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    p->nominated = true;
    p->accept = false;
    x->nominee = RILL_ICE_NONE;
    x->settle_at = RILL_NEVER;
    if (x->selected == pair)
        return;
    x->selected = pair;
    x->doubt = false;
    x->tell_selected = true;
    RILL_TRACE(x->trace, now, selected_point, {.addr = &x->locals[p->local].cand.addr},
               {.addr = &x->bases[p->base].addr}, {.addr = &x->remotes[p->remote].cand.addr});
    rill_ice_checklist_stop(x, now);
    rill_ice_previous_settle(x, now);
}

/* The draft's §3, "last nomination wins", and §4: "The controlled side MUST select the nomination
 * with the largest value … Any value included takes precedence over the lack of a value." */
static bool wins(const struct rill_ice *x, const struct rill_ice_pair *p)
{
    const struct rill_ice_pair *s = &x->pairs[x->selected];
    if (falters(s))
        return true;
    if (!x->renomination)
        return p->priority > s->priority;
    return p->nomination > s->nomination || (p->nomination == 0 && s->nomination == 0);
}

void rill_ice_nominate_accept(struct rill_ice *x, int64_t now, size_t pair)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    p->accept = false;
    p->nominated = true;
    if (x->selected == RILL_ICE_NONE || wins(x, p))
        rill_ice_select(x, now, pair);
}
