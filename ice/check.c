/* ice/check: connectivity checks going out (RFC 8445 §7.2.4).
 *
 * The idea: a request is built anew each time it is sent; what is kept of it is its
 * transaction id and what it said. The same request serves to check, to nominate and to
 * renew consent. */
#include "ice/agent_private.h"

static const struct rill_trace_point sent_point = {"ice",
                                                   "check_sent",
                                                   "a Binding request went to the peer",
                                                   5,
                                                   {{"base", RILL_TRACE_ADDR},
                                                    {"remote", RILL_TRACE_ADDR},
                                                    {"why", RILL_TRACE_TEXT},
                                                    {"attempt", RILL_TRACE_U64},
                                                    {"use_candidate", RILL_TRACE_U64}}};

bool rill_ice_txn_is_over(const struct rill_stun_txn *t, int64_t now)
{
    return t->sent == t->rc && now >= t->next;
}

/* RFC 8445 §7.2.2: the peer's fragment, a colon, ours. */
static void put_username(const struct rill_ice *x, struct rill_stun_writer *s)
{
    uint8_t text[RILL_ICE_UFRAG_MAX + 1 + RILL_ICE_OUR_UFRAG];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    rill_w_bytes(&w, rill_ice_remote_ufrag(x));
    rill_w_char(&w, ':');
    rill_w_bytes(&w, rill_ice_ufrag(x));
    rill_stun_put(s, RILL_STUN_USERNAME, rill_w_view(&w));
}

/* A request that is sent again has been counted already. */
static void count(struct rill_ice_pair *p, int64_t now)
{
    const struct rill_ice_sent *sent = &p->sent[p->last];
    struct rill_ice_pair_counts *n = &p->counts;
    if (sent->again)
        n->retransmissions_sent++;
    else if (sent->consent)
        n->consent_requests_sent++;
    else
        n->requests_sent++;
    if (n->first_request < 0)
        n->first_request = now;
    n->last_request = now;
}

static size_t build(struct rill_ice *x, int64_t now, size_t pair, const char *why,
                    struct rill_path *path, struct rill_span out)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    const struct rill_ice_sent *sent = &p->sent[p->last];
    struct rill_stun_writer s;
    rill_stun_begin(&s, out, RILL_STUN_REQUEST, RILL_STUN_BINDING, sent->txid);
    put_username(x, &s);
    rill_stun_put_u64(&s, sent->controlling ? RILL_STUN_ICE_CONTROLLING : RILL_STUN_ICE_CONTROLLED,
                      x->tiebreaker);
    rill_stun_put_u32(&s, RILL_STUN_PRIORITY, rill_ice_pair_prflx_priority(x, pair));
    if (sent->use_candidate)
        rill_stun_put(&s, RILL_STUN_USE_CANDIDATE, (struct rill_view){0});
    /* libwebrtc takes either attribute, others want both. */
    if (sent->nomination)
        rill_stun_put_u32(&s, RILL_STUN_NOMINATION, sent->nomination);
    rill_stun_put_integrity(&s, rill_ice_remote_pwd(x));
    rill_stun_put_fingerprint(&s);
    rill_ice_pair_path(x, pair, path);
    count(p, now);
    RILL_TRACE(x->trace, now, sent_point, {.addr = &x->bases[p->base].addr},
               {.addr = &path->remote}, {.view = rill_view_of(why)}, {.u = p->txn.sent},
               {.u = sent->use_candidate});
    return rill_stun_end(&s);
}

/* A new transaction takes the place of the oldest one that a response could still match. */
static void begin(struct rill_ice *x, int64_t now, struct rill_ice_pair *p, bool consent,
                  bool use_candidate)
{
    p->last = (p->last + 1) % RILL_ICE_SENT;
    struct rill_ice_sent *sent = &p->sent[p->last];
    *sent = (struct rill_ice_sent){.waiting = true,
                                   .use_candidate = use_candidate,
                                   .controlling = x->controlling,
                                   .consent = consent,
                                   .at = now};
    /* draft-thatcher-ice-renomination §4: "a 24-bit integer in the 3 least significant bytes". */
    if (use_candidate && x->renomination)
        sent->nomination = ++x->nomination & 0xffffff;
    rill_rng_fill(&x->rng, sent->txid, sizeof sent->txid);
}

/* RFC 8445 §14.3: "RTO = MAX (500ms, Ta * N * (Num-Waiting + Num-In-Progress))", here without
 * N: pacing already spreads the checks of one list over Ta × the rest. */
static int64_t check_rto(const struct rill_ice *x)
{
    int64_t n = 0;
    for (size_t i = 0; i < x->cap_pairs; i++)
        n += x->pairs[i].used && !rill_ice_is_framed(x, i) &&
             (x->pairs[i].state == RILL_ICE_WAITING || x->pairs[i].state == RILL_ICE_IN_PROGRESS);
    return n * x->ta > RILL_STUN_RTO ? n * x->ta : RILL_STUN_RTO;
}

/* RFC 6544 §7.1: "retransmissions of the STUN connectivity check messages are not needed, since TCP
 * takes care of reliable delivery". RFC 8489 §6.2.2 would wait 39.5 s for the answer; connection
 * and check together get 10 s here, four SYNs, before others have another turn. */
static size_t start_framed(struct rill_ice *x, int64_t now, size_t pair, const char *why,
                           struct rill_path *path, struct rill_span out)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    rill_stun_txn_start(&p->txn, now, RILL_ICE_TCP_RTO, 1, 1);
    rill_stun_txn_poll(&p->txn, now);
    p->unsent = !rill_ice_stream_is_open(x, pair);
    if (!p->unsent)
        return build(x, now, pair, why, path, out);
    rill_ice_stream_want(x, now, pair);
    return 0;
}

/* Its connection stands. */
static bool is_held(const struct rill_ice *x, size_t pair)
{
    const struct rill_ice_pair *p = &x->pairs[pair];
    return p->used && p->state == RILL_ICE_IN_PROGRESS && p->unsent &&
           rill_ice_stream_is_open(x, pair);
}

static size_t send_held(struct rill_ice *x, int64_t now, size_t pair, struct rill_path *path,
                        struct rill_span out)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    p->unsent = false;
    p->sent[p->last].at = now;
    return build(x, now, pair, "connected", path, out);
}

size_t rill_ice_check_start(struct rill_ice *x, int64_t now, size_t pair, struct rill_path *path,
                            struct rill_span out)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    const char *why = x->nominee == pair ? "nomination" : p->trigger ? "triggered" : "ordinary";
    bool triggered = p->trigger != 0;
    p->trigger = 0;
    begin(x, now, p, false, x->controlling && x->nominee == pair);
    p->sent[p->last].triggered = triggered;
    p->retry = false;
    if (rill_ice_is_framed(x, pair))
        return start_framed(x, now, pair, why, path, out);
    rill_stun_txn_start(&p->txn, now, check_rto(x), RILL_ICE_RC, RILL_ICE_RM);
    rill_stun_txn_poll(&p->txn, now);
    return build(x, now, pair, why, path, out);
}

/* RFC 7675 §5.1: a consent request has a new transaction id and "is transmitted once only". */
size_t rill_ice_check_consent(struct rill_ice *x, int64_t now, size_t pair, struct rill_path *path,
                              struct rill_span out)
{
    /* A nomination under way keeps the newest slot, from which it is sent again. */
    struct rill_ice_pair *p = &x->pairs[pair];
    size_t keep = p->last;
    begin(x, now, p, true, false);
    size_t n = build(x, now, pair, "consent", path, out);
    if (p->state == RILL_ICE_IN_PROGRESS) {
        struct rill_ice_sent consent = p->sent[p->last];
        p->sent[p->last] = p->sent[keep];
        p->sent[keep] = consent;
    }
    return n;
}

size_t rill_ice_check_resend(struct rill_ice *x, int64_t now, struct rill_path *path,
                             struct rill_span out)
{
    for (size_t i = 0; i < x->cap_pairs; i++) {
        struct rill_ice_pair *p = &x->pairs[i];
        if (is_held(x, i))
            return send_held(x, now, i, path, out);
        if (!p->used || p->state != RILL_ICE_IN_PROGRESS || rill_ice_txn_is_over(&p->txn, now))
            continue;
        if (rill_stun_txn_poll(&p->txn, now) == RILL_STUN_SEND) {
            p->sent[p->last].again = true;
            return build(x, now, i, "again", path, out);
        }
    }
    return 0;
}

/* RFC 8445 §7.2.5.2.3: "If the Binding request transaction times out, the ICE agent MUST set
 * the candidate pair state to Failed." With the default Rc of 7 the gaps grow to 16 s, and
 * one burst of loss outlasts a caller's patience; so a transaction sends four times (0, 0.5,
 * 1.5, 3.5 s), ends at 5.5 s, and while nothing is valid and the PAC timer runs (RFC 8863) its
 * pair is tried again when all others had their turn.
 *
 * A nomination that goes unanswered on a pair whose consent is fresh is asked for again. */
static void time_out(struct rill_ice *x, int64_t now, size_t pair)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    if (p->valid && rill_ice_consent_is_fresh(p, now)) {
        rill_ice_trigger(x, now, pair);
        return;
    }
    bool accept = p->accept;
    rill_ice_pair_fail(x, now, pair, RILL_ICE_NO_RESPONSE);
    p->retry = true;
    p->accept = accept;
}

void rill_ice_checks_tick(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->cap_pairs; i++) {
        const struct rill_ice_pair *p = &x->pairs[i];
        if (p->used && p->state == RILL_ICE_IN_PROGRESS && rill_ice_txn_is_over(&p->txn, now))
            time_out(x, now, i);
    }
}

int64_t rill_ice_checks_deadline(const struct rill_ice *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < x->cap_pairs; i++) {
        if (x->pairs[i].used && x->pairs[i].state == RILL_ICE_IN_PROGRESS)
            at = rill_earlier(at, rill_stun_txn_deadline(&x->pairs[i].txn));
        if (is_held(x, i))
            at = x->now;
    }
    return at;
}
