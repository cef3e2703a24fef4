/* candidates: remote candidates on their way to ICE (RFC 9429 §4.1.19, RFC 8838 §13-§14).
 *
 * The idea: which m-line's transport survives is known only when offer and answer are both
 * there. What comes before waits in a short queue; then the descriptions' own candidates go
 * first and the queue follows in its order.
 */
#include "peer/private.h"

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

/* RFC 9143 §7.1.3: all m-lines of the group share the transport of the tagged one. An offerer
 * trickles for the m-line it tagged first, which the answer may have rejected: so the lines
 * up to the tagged one count, and those behind it (ports that are given up) do not. */
static bool counts(const struct rill_peer *x, size_t mline)
{
    return mline == NO_MLINE || mline <= x->transport.tagged;
}

static int supply(struct rill_peer *x, int64_t now, struct rill_view candidate,
                  struct rill_view mid, int mline, struct rill_err *why)
{
    size_t at;
    if (!find_mline(x->jsep.remote->sdp, mid, mline, &at))
        return rill_peer_refuse(RILL_PEER_UNKNOWN_MLINE, 0, why);
    if (candidate.n == 0) {
        if (at == NO_MLINE || at == x->transport.tagged)
            rill_ice_end_of_candidates(x->transport.ice, now);
        return 0;
    }
    if (!counts(x, at)) {
        RILL_TRACE(x->config.trace, now, passed_over, {.view = candidate}, {.u = at});
        return 0;
    }
    int rc = rill_ice_add_remote_candidate(x->transport.ice, now, candidate, why);
    return rc < 0 ? rc : 0;
}

static int keep(struct rill_peer *x, struct rill_view candidate, struct rill_view mid, int mline,
                struct rill_err *why)
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
    p->n = candidate.n;
    p->mid_n = mid.n;
    p->mline = mline;
    return 0;
}

/* The candidates a description carries itself. */
static void supply_described(struct rill_peer *x, int64_t now)
{
    const struct rill_sdp *remote = x->jsep.remote->sdp;
    for (size_t i = 0; i <= x->transport.tagged && i < remote->n_media; i++) {
        const struct rill_sdp_media *m = &remote->media[i];
        for (size_t k = 0; k < m->n_candidates; k++)
            supply(x, now, m->candidates[k], rill_view_of(NULL), (int)i, NULL);
        if (m->end_of_candidates)
            supply(x, now, rill_view_of(NULL), rill_view_of(NULL), (int)i, NULL);
    }
}

void rill_peer_candidates_agreed(struct rill_peer *x, int64_t now)
{
    supply_described(x, now);
    for (size_t i = 0; i < x->jsep.n_pending; i++) {
        const struct rill_peer_pending *p = &x->jsep.pending[i];
        supply(x, now, rill_view_at(p->text, p->n), rill_view_at(p->mid, p->mid_n), p->mline, NULL);
    }
    x->jsep.n_pending = 0;
}

int rill_peer_add_ice_candidate(struct rill_peer *x, int64_t now, struct rill_view candidate,
                                struct rill_view mid, int mline, struct rill_err *why)
{
    x->now = now;
    if (x->transport.closing != RILL_PEER_OPEN)
        return rill_peer_refuse(RILL_PEER_IS_CLOSED, 0, why);
    /* RFC 9429 §4.1.19: "if both fields are null for a new remote candidate, this MUST be
     * treated as an invalid condition". */
    if (candidate.n && mid.n == 0 && mline < 0)
        return rill_peer_refuse(RILL_PEER_UNKNOWN_MLINE, 0, why);
    /* Those of a restart wait for their credentials. */
    if (!x->jsep.agreed || x->jsep.restart_asked || x->jsep.restart_begun)
        return keep(x, candidate, mid, mline, why);
    if (x->n_lines == 0)
        return 0;
    int rc = supply(x, now, candidate, mid, mline, why);
    rill_peer_transport_pump(x, now);
    return rc;
}
