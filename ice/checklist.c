/* ice/checklist: which pair is checked next (RFC 8445 §6.1.2.6, §6.1.4; RFC 8838 §12).
 *
 *     Frozen ──unfreeze──▶ Waiting ──check──▶ In-Progress ──▶ Succeeded or Failed
 *                             ▲                    │ a request from the peer, or a 487
 *                             └────────────────────┘
 *
 * The idea: pairs that share a foundation are likely to share their fate, so one of each
 * foundation is tried first. A request from the peer puts its pair into a queue that goes
 * before all others. */
#include "ice/agent_private.h"

#include <string.h>

static const struct rill_trace_point state_point = {"ice",
                                                    "pair_state",
                                                    "a pair went from one state to another",
                                                    4,
                                                    {{"base", RILL_TRACE_ADDR},
                                                     {"remote", RILL_TRACE_ADDR},
                                                     {"from", RILL_TRACE_TEXT},
                                                     {"to", RILL_TRACE_TEXT}}};

static const struct rill_trace_point triggered_point = {
    "ice",
    "check_triggered",
    "a pair goes to the front of the queue",
    2,
    {{"base", RILL_TRACE_ADDR}, {"remote", RILL_TRACE_ADDR}}};

static struct rill_view name_of(enum rill_ice_pair_state s)
{
    return rill_view_of(rill_ice_pair_state_name(s));
}

void rill_ice_pair_set_state(struct rill_ice *x, int64_t now, size_t pair,
                             enum rill_ice_pair_state to)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    if (p->state == to)
        return;
    RILL_TRACE(x->trace, now, state_point, {.addr = &x->bases[p->base].addr},
               {.addr = &x->remotes[p->remote].cand.addr}, {.view = name_of(p->state)},
               {.view = name_of(to)});
    p->state = to;
}

/* RFC 8445 §6.1.2.6: a pair's foundation is "the combination of the foundations of the local
 * and remote candidates". */
static bool same_foundation(const struct rill_ice *x, size_t a, size_t b)
{
    const struct rill_ice_pair *p = &x->pairs[a];
    const struct rill_ice_pair *q = &x->pairs[b];
    const char *local_p = x->locals[x->bases[p->base].host].cand.foundation;
    const char *local_q = x->locals[x->bases[q->base].host].cand.foundation;
    return strcmp(local_p, local_q) == 0 && strcmp(x->remotes[p->remote].cand.foundation,
                                                   x->remotes[q->remote].cand.foundation) == 0;
}

void rill_ice_checklist_place(struct rill_ice *x, int64_t now, size_t pair)
{
    bool topmost = true;
    bool proven = false;
    for (size_t i = 0; i < x->cap_pairs; i++) {
        const struct rill_ice_pair *o = &x->pairs[i];
        if (i == pair || !o->used || !same_foundation(x, i, pair))
            continue;
        topmost = topmost && o->priority < x->pairs[pair].priority;
        proven = proven || o->state == RILL_ICE_SUCCEEDED;
    }
    /* RFC 8838 §12: rule 1, topmost of its foundation; rule 2, a pair of it has Succeeded;
     * rule 3, "In all other cases, set the state to Frozen". */
    rill_ice_pair_set_state(x, now, pair, topmost || proven ? RILL_ICE_WAITING : RILL_ICE_FROZEN);
}

/* RFC 8445 §6.1.2.6: all Frozen, then "For each foundation, the agent sets the state of
 * exactly one candidate pair to the Waiting state": the one of the highest priority. */
void rill_ice_checklist_begin(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->cap_pairs; i++) {
        bool topmost = x->pairs[i].used && x->pairs[i].trigger == 0;
        for (size_t k = 0; topmost && k < x->cap_pairs; k++) {
            const struct rill_ice_pair *o = &x->pairs[k];
            if (k == i || !o->used || !same_foundation(x, i, k))
                continue;
            topmost = o->priority < x->pairs[i].priority ||
                      (o->priority == x->pairs[i].priority && i < k);
        }
        if (x->pairs[i].used && x->pairs[i].trigger == 0)
            rill_ice_pair_set_state(x, now, i, topmost ? RILL_ICE_WAITING : RILL_ICE_FROZEN);
    }
}

/* RFC 8445 §7.2.5.3.3: "The agent MUST set the states for all other Frozen candidate pairs
 * … with the same foundation to Waiting." */
void rill_ice_checklist_unfreeze(struct rill_ice *x, int64_t now, size_t pair)
{
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (x->pairs[i].used && x->pairs[i].state == RILL_ICE_FROZEN && same_foundation(x, i, pair))
            rill_ice_pair_set_state(x, now, i, RILL_ICE_WAITING);
}

void rill_ice_trigger(struct rill_ice *x, int64_t now, size_t pair)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    if (x->lite)
        return;
    if (p->trigger == 0) {
        p->trigger = ++x->next_trigger;
        RILL_TRACE(x->trace, now, triggered_point, {.addr = &x->bases[p->base].addr},
                   {.addr = &x->remotes[p->remote].cand.addr});
    }
    rill_ice_pair_set_state(x, now, pair, RILL_ICE_WAITING);
}

/* First in, first out (RFC 8445 §6.1.4.2), but for the nomination: a peer that starts DTLS only
 * then, as Firefox does, would wait Ta for every pair its own checks have triggered. */
size_t rill_ice_triggered(const struct rill_ice *x)
{
    size_t first = RILL_ICE_NONE;
    if (!rill_ice_has_credentials(x))
        return first;
    if (x->nominee != RILL_ICE_NONE && x->pairs[x->nominee].trigger != 0)
        return x->nominee;
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (x->pairs[i].used && x->pairs[i].trigger != 0 &&
            (first == RILL_ICE_NONE || x->pairs[i].trigger < x->pairs[first].trigger))
            first = i;
    return first;
}

/* RFC 8445 §8.1.2 ends the checks of all pairs but the selected one. They go on when that falters,
 * and, of better ones, where renomination lets the controlling side change its mind. */
static bool is_wanted(const struct rill_ice *x, size_t pair)
{
    if (x->selected == RILL_ICE_NONE || rill_ice_is_faltering(x))
        return true;
    return x->controlling && x->renomination &&
           x->pairs[pair].priority > x->pairs[x->selected].priority;
}

static size_t best_in(const struct rill_ice *x, enum rill_ice_pair_state state)
{
    size_t best = RILL_ICE_NONE;
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (x->pairs[i].used && x->pairs[i].state == state && x->pairs[i].trigger == 0 &&
            is_wanted(x, i) && !rill_ice_relay_is_waiting(x, i) &&
            (best == RILL_ICE_NONE || x->pairs[i].priority > x->pairs[best].priority))
            best = i;
    return best;
}

static bool foundation_is_busy(const struct rill_ice *x, size_t pair)
{
    for (size_t i = 0; i < x->cap_pairs; i++) {
        const struct rill_ice_pair *o = &x->pairs[i];
        if (o->used && (o->state == RILL_ICE_WAITING || o->state == RILL_ICE_IN_PROGRESS) &&
            same_foundation(x, i, pair))
            return true;
    }
    return false;
}

/* RFC 8445 §6.1.4.2 step 2: a foundation nobody waits for or checks gets its next pair. */
static size_t best_thawable(const struct rill_ice *x)
{
    size_t best = RILL_ICE_NONE;
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (x->pairs[i].used && x->pairs[i].state == RILL_ICE_FROZEN && is_wanted(x, i) &&
            (best == RILL_ICE_NONE || x->pairs[i].priority > x->pairs[best].priority) &&
            !rill_ice_relay_is_waiting(x, i) && !foundation_is_busy(x, i))
            best = i;
    return best;
}

/* A pair that timed out, when no other is left to be tried (check.c). */
static size_t best_retry(const struct rill_ice *x)
{
    size_t best = RILL_ICE_NONE;
    if (x->now >= x->pac_at || rill_ice_current(x) != RILL_ICE_NONE)
        return best;
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (x->pairs[i].used && x->pairs[i].retry &&
            (best == RILL_ICE_NONE || x->pairs[i].priority > x->pairs[best].priority))
            best = i;
    return best;
}

static size_t next_ordinary(const struct rill_ice *x)
{
    if (x->lite || !rill_ice_has_credentials(x))
        return RILL_ICE_NONE;
    size_t pair = best_in(x, RILL_ICE_WAITING);
    if (pair == RILL_ICE_NONE)
        pair = best_thawable(x);
    return pair != RILL_ICE_NONE ? pair : best_retry(x);
}

bool rill_ice_triggered_yields(const struct rill_ice *x)
{
    return x->triggered_row >= RILL_ICE_TRIGGERED_ROW && x->nominee == RILL_ICE_NONE;
}

size_t rill_ice_checklist_next(struct rill_ice *x, int64_t now)
{
    size_t pair = RILL_ICE_NONE;
    if (rill_ice_triggered_yields(x))
        pair = next_ordinary(x);
    if (pair == RILL_ICE_NONE)
        pair = rill_ice_triggered(x);
    if (pair == RILL_ICE_NONE)
        pair = next_ordinary(x);
    x->triggered_row = pair != RILL_ICE_NONE && x->pairs[pair].trigger ? x->triggered_row + 1 : 0;
    if (pair != RILL_ICE_NONE)
        rill_ice_pair_set_state(x, now, pair, RILL_ICE_IN_PROGRESS);
    return pair;
}

bool rill_ice_checklist_waits(const struct rill_ice *x)
{
    return rill_ice_triggered(x) != RILL_ICE_NONE || next_ordinary(x) != RILL_ICE_NONE;
}

/* RFC 7675 §5.1: "After consent is lost, the same ICE credentials MUST NOT be used on the affected
 * 5-tuple again." */
static bool is_lost_for_good(const struct rill_ice_pair *p)
{
    return p->state == RILL_ICE_PAIR_FAILED &&
           (p->failure == RILL_ICE_CONSENT_EXPIRED || p->failure == RILL_ICE_CONSENT_REVOKED);
}

void rill_ice_checklist_resume(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->cap_pairs; i++) {
        const struct rill_ice_pair *p = &x->pairs[i];
        if (p->used && i != x->selected && p->state != RILL_ICE_IN_PROGRESS && !is_lost_for_good(p))
            rill_ice_pair_set_state(x, now, i, RILL_ICE_WAITING);
    }
}

void rill_ice_checklist_stop(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->cap_pairs; i++) {
        struct rill_ice_pair *p = &x->pairs[i];
        if (!p->used || i == x->selected)
            continue;
        p->trigger = 0;
        if (rill_ice_pair_is_open(p))
            rill_ice_pair_set_state(x, now, i, p->valid ? RILL_ICE_SUCCEEDED : RILL_ICE_FROZEN);
    }
}
