/* ice/response: the peer's responses to our checks (RFC 8445 §7.2.5).
 *
 * The idea: a response counts only when its integrity is right and it comes back the way
 * the request went; all else is as if it had never been received (RFC 8489 §9.1.4), so
 * that nobody on the way can make a pair valid, or fail. */
#include "ice/agent_private.h"

static const struct rill_trace_point valid_point = {"ice",
                                                    "pair_valid",
                                                    "the peer answered a check: this pair works",
                                                    4,
                                                    {{"local", RILL_TRACE_ADDR},
                                                     {"base", RILL_TRACE_ADDR},
                                                     {"remote", RILL_TRACE_ADDR},
                                                     {"rtt", RILL_TRACE_I64}}};

static const struct rill_trace_point error_point = {
    "ice",
    "check_refused",
    "the peer answered a check with an error",
    2,
    {{"remote", RILL_TRACE_ADDR}, {"code", RILL_TRACE_U64}}};

static int refuse(int code, struct rill_err *why)
{
    return rill_err_set(&rill_ice_errors, code, 0, 0, why);
}

static struct rill_ice_sent *sent_of(struct rill_ice *x, struct rill_view txid, size_t *pair)
{
    for (*pair = 0; *pair < x->cap_pairs; ++*pair) {
        struct rill_ice_pair *p = &x->pairs[*pair];
        for (size_t k = 0; p->used && k < RILL_ICE_SENT; k++)
            if (p->sent[k].waiting &&
                rill_view_equal(txid, rill_view_at(p->sent[k].txid, RILL_STUN_TXID)))
                return &p->sent[k];
    }
    return NULL;
}

/* RFC 8445 §7.2.5.2.1: the response comes from where the request went to, and to where it
 * came from. */
static bool is_symmetric(const struct rill_ice *x, size_t pair, const struct rill_path *path)
{
    return rill_ice_pair_of_path(x, path) == pair;
}

/* A peer that maps us to ever new addresses gets one candidate a pair for it. */
static void forget_last_mapping(struct rill_ice *x, size_t pair)
{
    size_t old = x->pairs[pair].local;
    if (x->locals[old].cand.type != RILL_ICE_PRFLX)
        return;
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (i != pair && x->pairs[i].used && x->pairs[i].local == old)
            return;
    x->locals[old].used = false;
    x->pairs[pair].local = x->bases[x->pairs[pair].base].host;
}

/* RFC 8445 §7.2.5.3.1: a mapped address that is none of our candidates is a new one. */
static size_t local_of(struct rill_ice *x, int64_t now, size_t pair, const struct rill_addr *mapped)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    size_t i = rill_ice_local_find(x, p->base, mapped);
    if (i == RILL_ICE_NONE)
        forget_last_mapping(x, pair);
    if (i == RILL_ICE_NONE)
        i = rill_ice_local_add(x, now, RILL_ICE_PRFLX, mapped, p->base, RILL_ICE_NONE);
    return i == RILL_ICE_NONE ? x->bases[p->base].host : i;
}

/* RFC 8445 §7.2.5.3.2: the valid pair is that of the mapped address. It has the base and the
 * remote candidate of the pair that was checked, so one record serves for both. */
static void become_valid(struct rill_ice *x, int64_t now, size_t pair,
                         const struct rill_addr *mapped)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    bool first = !p->valid;
    p->local = local_of(x, now, pair, mapped);
    p->valid = true;
    p->failure = RILL_ICE_NOT_FAILED;
    p->trigger = 0;
    rill_ice_pairs_prioritize(x);
    rill_ice_pair_set_state(x, now, pair, RILL_ICE_SUCCEEDED);
    rill_ice_checklist_unfreeze(x, now, pair);
    if (first)
        RILL_TRACE(x->trace, now, valid_point, {.addr = &x->locals[p->local].cand.addr},
                   {.addr = &x->bases[p->base].addr}, {.addr = &x->remotes[p->remote].cand.addr},
                   {.i = p->rtt});
}

static int success(struct rill_ice *x, int64_t now, size_t pair, struct rill_ice_sent *sent,
                   const struct rill_stun_msg *m, struct rill_err *why)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    struct rill_addr mapped;
    if (!rill_stun_get_addr(m, RILL_STUN_XOR_MAPPED_ADDRESS, &mapped))
        return refuse(RILL_ICE_RESPONSE, why);
    mapped = rill_ice_unscoped(&mapped);
    sent->waiting = false;
    p->counts.responses_received++;
    p->counts.last_response = now;
    /* Karn: of a request sent twice nobody knows which one was answered. */
    if (!sent->again) {
        p->rtt = x->arrived > sent->at ? x->arrived - sent->at : 0;
        p->counts.total_rtt += p->rtt;
    }
    bool nominating = sent->use_candidate && x->controlling && x->nominee == pair;
    bool checked = p->state != RILL_ICE_SUCCEEDED && x->nominee != pair;
    if (!p->valid || checked || nominating)
        become_valid(x, now, pair, &mapped);
    rill_ice_consent_given(x, now, pair);
    /* RFC 8445 §7.2.5.3.4 */
    if (nominating)
        rill_ice_select(x, now, pair);
    else if (!x->controlling && (p->accept || rill_ice_stream_replaces(x, pair)))
        rill_ice_nominate_accept(x, now, pair);
    return 1;
}

/* RFC 8445 §7.2.5.1: switch from the role the request claimed, take another tiebreaker, and
 * check again. */
static void role_conflict(struct rill_ice *x, int64_t now, size_t pair,
                          const struct rill_ice_sent *sent)
{
    if (sent->controlling == x->controlling) {
        rill_ice_role_switch(x, now, !x->controlling);
        x->tiebreaker = rill_rng_u64(&x->rng);
    }
    rill_ice_trigger(x, now, pair);
}

static int error(struct rill_ice *x, int64_t now, size_t pair, struct rill_ice_sent *sent,
                 const struct rill_stun_msg *m, struct rill_err *why)
{
    unsigned code;
    struct rill_view reason;
    if (!rill_stun_get_error(m, &code, &reason))
        return refuse(RILL_ICE_RESPONSE, why);
    RILL_TRACE(x->trace, now, error_point, {.addr = &x->remotes[x->pairs[pair].remote].cand.addr},
               {.u = code});
    sent->waiting = false;
    x->pairs[pair].error_code = code;
    x->pairs[pair].counts.errors_received++;
    x->pairs[pair].counts.last_response = now;
    if (code == 487) {
        x->counts.conflicts_received++;
        role_conflict(x, now, pair, sent);
        return 1;
    }
    /* RFC 7675 §5.2: an authenticated 403 revokes consent; no other error says anything about
     * a pair that consent is asked for. */
    if (x->pairs[pair].valid && code == 403)
        rill_ice_consent_revoked(x, now, pair);
    else if (!sent->consent && x->pairs[pair].state == RILL_ICE_IN_PROGRESS)
        rill_ice_pair_fail(x, now, pair, RILL_ICE_ERROR_RESPONSE);
    return 1;
}

/* RFC 8489 §6.3.3: with an unknown comprehension-required attribute "the transaction is
 * considered to have failed". */
static bool is_understood(const struct rill_stun_msg *m)
{
    static const uint16_t more[] = {RILL_STUN_PRIORITY, RILL_STUN_USE_CANDIDATE};
    uint16_t unknown;
    return rill_stun_unknown_required(m, more, sizeof more / sizeof more[0], &unknown, 1) == 0;
}

int rill_ice_response(struct rill_ice *x, int64_t now, const struct rill_path *path,
                      const struct rill_stun_msg *m, struct rill_err *why)
{
    size_t pair;
    struct rill_ice_sent *sent = sent_of(x, m->txid, &pair);
    if (!sent)
        return refuse(RILL_ICE_UNKNOWN_TRANSACTION, why);
    if (!rill_stun_check_fingerprint(m))
        return refuse(RILL_ICE_FINGERPRINT, why);
    if (!rill_stun_check_integrity(m, rill_ice_remote_pwd(x)))
        return refuse(RILL_ICE_INTEGRITY, why);
    rill_ice_stream_proves(x, now, path);
    bool failing = !x->pairs[pair].valid && rill_ice_pair_is_open(&x->pairs[pair]);
    if (!is_symmetric(x, pair, path)) {
        if (failing)
            rill_ice_pair_fail(x, now, pair, RILL_ICE_NOT_SYMMETRIC);
        rill_ice_update(x, now);
        return refuse(RILL_ICE_ASYMMETRIC, why);
    }
    if (!is_understood(m)) {
        if (failing)
            rill_ice_pair_fail(x, now, pair, RILL_ICE_NOT_UNDERSTOOD);
        return refuse(RILL_ICE_RESPONSE, why);
    }
    return m->class == RILL_STUN_SUCCESS ? success(x, now, pair, sent, m, why)
                                         : error(x, now, pair, sent, m, why);
}
