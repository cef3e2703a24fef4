/* candidates: remote candidates on their way to ICE (RFC 9429 §4.1.19, RFC 8838 §13-§14).
 *
 * The idea: which m-line's transport survives is known only when offer and answer are both
 * there. What comes before waits in a short queue; then the descriptions' own candidates go
 * first and the queue follows in its order.
 */
#include "peer/candidates.h"

#include "peer/connection.h"
#include "peer/inputs.h"
#include "peer/lines.h"
#include "peer/mlines.h"
#include "peer/restart.h"
#include "peer/traced.h"
#include "peer/transport.h"

#include <string.h>

static const struct rill_trace_point passed_over = {
    "peer",
    "candidate_passed_over",
    "a remote candidate of an m-line whose transport is not in use",
    2,
    {{"candidate", RILL_TRACE_TEXT}, {"mline", RILL_TRACE_U64}}};

#define NO_MLINE SIZE_MAX

/* The m-line a candidate is of. RFC 9429 §3.5.2.1: the MID counts, the index where there is
 * none. */
static bool find_mline(const struct rill_sdp *remote, struct rill_view mid, int mline, size_t *out)
{
    if (mid.n) {
        *out = rill_sdp_find_mid(remote, mid);
        return *out != SIZE_MAX;
    }
    *out = mline < 0 ? NO_MLINE : (size_t)mline;
    return mline < 0 || *out < remote->n_media;
}

static struct rill_peer_transport *transport_of(const struct rill_peer *x, size_t mline)
{
    for (size_t i = 0; i < x->config.transports; i++)
        if (x->transports[i].use == RILL_PEER_TRANSPORT_AGREED && x->transports[i].mline == mline)
            return &x->transports[i];
    return NULL;
}

/* The m-lines of the other side's BUNDLE group before the tagged one: an offerer trickles for the
 * one it tagged first, which the answer may have rejected. */
static struct rill_peer_transport *transport_of_group(const struct rill_peer *x, size_t mline)
{
    const struct rill_sdp *remote = x->jsep.remote->sdp;
    for (size_t g = 0; g < remote->n_groups; g++) {
        bool passed = false;
        for (size_t k = 0;
             rill_view_is(remote->groups[g].semantics, "BUNDLE") && k < remote->groups[g].n; k++) {
            size_t i = rill_sdp_find_mid(remote, remote->groups[g].mids[k]);
            struct rill_peer_transport *t = passed ? transport_of(x, i) : NULL;
            passed |= i == mline;
            if (t)
                return t;
        }
    }
    return NULL;
}

static bool is_active(const struct rill_peer *x, size_t mline)
{
    int t = rill_peer_mline_transceiver(x, mline);
    return t >= 0 && x->lines[t].agreed.active;
}

/* RFC 9143 §7.1.3: all m-lines of a group share the transport of the tagged one. What those behind
 * it have gathered was for ports that are given up. */
static struct rill_peer_transport *receiver_of(const struct rill_peer *x, size_t mline)
{
    struct rill_peer_transport *t = transport_of(x, mline);
    return t || is_active(x, mline) ? t : transport_of_group(x, mline);
}

static int give(int64_t now, struct rill_peer_transport *t, struct rill_view candidate,
                struct rill_err *why)
{
    int rc = 0;
    for (size_t i = 0; i < RILL_PEER_COMPONENTS && rc >= 0; i++) {
        struct rill_peer_component *c = &t->components[i];
        if (!c->used)
            continue;
        if (candidate.n == 0)
            rill_ice_end_of_candidates(c->ice, now);
        else /* the agent of another component passes it over */
            rc = rill_ice_add_remote_candidate(c->ice, now, candidate, why);
    }
    return rc < 0 ? rc : 0;
}

static void end_all(struct rill_peer *x, int64_t now)
{
    for (size_t i = 0; i < x->config.transports; i++)
        if (x->transports[i].use == RILL_PEER_TRANSPORT_AGREED)
            give(now, &x->transports[i], rill_view_of(NULL), NULL);
}

static int supply(struct rill_peer *x, int64_t now, struct rill_view candidate,
                  struct rill_view mid, int mline, struct rill_view ufrag, struct rill_err *why)
{
    const struct rill_sdp *remote = x->jsep.remote->sdp;
    size_t at;
    if (!find_mline(remote, mid, mline, &at))
        return rill_peer_refuse(RILL_PEER_UNKNOWN_MLINE, 0, why);
    if (at == NO_MLINE) {
        end_all(x, now);
        return 0;
    }
    struct rill_peer_transport *t = candidate.n ? receiver_of(x, at) : transport_of(x, at);
    struct rill_view current = remote->media[at].ice_ufrag;
    if (t && ufrag.n && current.p && !rill_view_equal(ufrag, current))
        return 0;
    if (t)
        return give(now, t, candidate, why);
    if (candidate.n)
        RILL_TRACE(x->config.trace, now, passed_over, {.view = candidate}, {.u = at});
    return 0;
}

static int keep(struct rill_peer *x, struct rill_view candidate, struct rill_view mid, int mline,
                struct rill_view ufrag, struct rill_err *why)
{
    struct rill_peer_jsep *j = &x->jsep;
    struct rill_ice_cand_line line;
    int rc = candidate.n ? rill_ice_cand_parse(candidate, &line, why) : 0;
    if (rc < 0)
        return rc;
    if (candidate.n > sizeof j->pending->text || mid.n > sizeof j->pending->mid)
        return rill_peer_refuse(RILL_PEER_CANDIDATE_TOO_LONG, sizeof j->pending->text, why);
    if (j->n_pending == j->pending_cap)
        return rill_peer_refuse(RILL_PEER_TOO_MANY_CANDIDATES, j->pending_cap, why);
    struct rill_peer_pending *p = &j->pending[j->n_pending++];
    if (candidate.n)
        memcpy(p->text, candidate.p, candidate.n);
    if (mid.n)
        memcpy(p->mid, mid.p, mid.n);
    p->ufrag_n = ufrag.n <= sizeof p->ufrag ? ufrag.n : 0;
    if (p->ufrag_n)
        memcpy(p->ufrag, ufrag.p, p->ufrag_n);
    p->n = candidate.n;
    p->mid_n = mid.n;
    p->mline = mline;
    return 0;
}

/* The candidates a description carries itself. */
static void supply_described(struct rill_peer *x, int64_t now)
{
    const struct rill_sdp *remote = x->jsep.remote->sdp;
    const struct rill_view none = {0};
    for (size_t i = 0; i < remote->n_media; i++) {
        const struct rill_sdp_media *m = &remote->media[i];
        for (size_t k = 0; k < m->n_candidates; k++)
            supply(x, now, m->candidates[k], none, (int)i, none, NULL);
        if (m->end_of_candidates)
            supply(x, now, none, none, (int)i, none, NULL);
    }
}

void rill_peer_candidates_agreed(struct rill_peer *x, int64_t now)
{
    supply_described(x, now);
    for (size_t i = 0; i < x->jsep.n_pending; i++) {
        const struct rill_peer_pending *p = &x->jsep.pending[i];
        supply(x, now, rill_view_at(p->text, p->n), rill_view_at(p->mid, p->mid_n), p->mline,
               rill_view_at(p->ufrag, p->ufrag_n), NULL);
    }
    x->jsep.n_pending = 0;
}

int rill_peer_add_ice_candidate(struct rill_peer *x, int64_t now, struct rill_view candidate,
                                struct rill_view mid, int mline, struct rill_view ufrag,
                                struct rill_err *why)
{
    rill_peer_input_candidate(x, now, candidate, mid, mline, ufrag);
    x->now = now;
    if (x->closing != RILL_PEER_OPEN)
        return rill_peer_refuse(RILL_PEER_IS_CLOSED, 0, why);
    /* RFC 9429 §4.1.19: "if both fields are null for a new remote candidate, this MUST be
     * treated as an invalid condition". */
    if (candidate.n && mid.n == 0 && mline < 0)
        return rill_peer_refuse(RILL_PEER_UNKNOWN_MLINE, 0, why);
    rill_peer_trace_candidate(x, now, false, mid, ufrag, candidate);
    /* Those of a restart wait for their credentials. */
    if (!x->jsep.agreed || rill_peer_restart_is_pending(x))
        return keep(x, candidate, mid, mline, ufrag, why);
    if (x->n_lines == 0)
        return 0;
    int rc = supply(x, now, candidate, mid, mline, ufrag, why);
    rill_peer_transport_pump(x, now);
    return rc;
}
