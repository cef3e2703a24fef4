/* ice/role: who controls, and what happens when both think they do (RFC 8445 §7.3.1.1).
 *
 *    we            request says   our tiebreaker ≥ theirs   otherwise
 *    controlling   CONTROLLING    487, stay                 become controlled
 *    controlled    CONTROLLED     become controlling        487, stay
 */
#include "ice/agent_private.h"

static const struct rill_trace_point switched_point = {
    "ice", "role", "the role of this agent changed", 1, {{"controlling", RILL_TRACE_U64}}};

void rill_ice_set_controlling(struct rill_ice *x, bool controlling)
{
    if (controlling != x->controlling)
        rill_ice_role_switch(x, x->now, controlling);
}

void rill_ice_set_renomination(struct rill_ice *x, bool both)
{
    x->renomination = both;
}

bool rill_ice_is_controlling(const struct rill_ice *x)
{
    return x->controlling;
}

/* RFC 8445 §7.3.1.1: "A change in roles will require an agent to recompute pair priorities". */
void rill_ice_role_switch(struct rill_ice *x, int64_t now, bool controlling)
{
    x->controlling = controlling;
    x->nominee = RILL_ICE_NONE;
    x->settle_at = RILL_NEVER;
    rill_ice_pairs_prioritize(x);
    RILL_TRACE(x->trace, now, switched_point, {.u = controlling});
}

bool rill_ice_role_settle(struct rill_ice *x, int64_t now, const struct rill_stun_msg *m)
{
    uint64_t theirs;
    uint16_t ours = x->controlling ? RILL_STUN_ICE_CONTROLLING : RILL_STUN_ICE_CONTROLLED;
    if (!rill_stun_get_u64(m, ours, &theirs))
        return true;
    /* RFC 8445 §6.1.1: "the lite agent MUST take the controlled role": it is the peer that errs. */
    bool we_control = x->lite ? x->controlling : x->tiebreaker >= theirs;
    if (we_control == x->controlling)
        return false;
    rill_ice_role_switch(x, now, we_control);
    return true;
}
