/* jsep: descriptions and the signaling state (RFC 9429 §3.2, §5.5–§5.7, webrtc-pc §4.3.1).
 *
 *   stable ── set_local(offer) ──> have-local-offer ── set_remote(answer) ──> stable
 *                                    │                                          ^
 *                                    └─ set_remote(pranswer) ─> have-remote-pranswer
 *   stable ── set_remote(offer) ─> have-remote-offer ── set_local(answer) ───> stable
 *                                    │                                          ^
 *                                    └─ set_local(pranswer) ──> have-local-pranswer
 *   have-local-offer, have-remote-offer ── rollback ──> stable
 *   have-local-offer ── set_remote(offer) ──> have-remote-offer, our own rolled back
 *
 * The idea: a new description is read into a spare slot and judged there. Only when nothing more
 * can fail do the slots change places, so an error leaves all as it was. The two current slots
 * stay until an answer replaces both, so a rollback has nothing to restore.
 */
#include "peer/jsep.h"

#include "peer/agreement.h"
#include "peer/candidates.h"
#include "peer/connection.h"
#include "peer/inputs.h"
#include "peer/lines.h"
#include "peer/mlines.h"
#include "peer/negotiation.h"
#include "peer/numbers.h"
#include "peer/restart.h"
#include "peer/states.h"
#include "peer/transport.h"
#include "peer/transports.h"

#include <string.h>

static const struct rill_trace_point description = {
    "peer",
    "description",
    "a session description was set",
    3,
    {{"side", RILL_TRACE_TEXT}, {"type", RILL_TRACE_TEXT}, {"text", RILL_TRACE_TEXT}}};
static const struct rill_trace_point rolled_back = {
    "peer", "rolled_back", "the pending offer is taken back", 1, {{"side", RILL_TRACE_TEXT}}};

/* --- slots ------------------------------------------------------------------------------- */

static struct rill_peer_slot *spare(struct rill_peer *x)
{
    struct rill_peer_jsep *j = &x->jsep;
    size_t i = 0;
    /* Four at most are held, and there are five. */
    while (&j->slots[i] == j->current_local || &j->slots[i] == j->current_remote ||
           &j->slots[i] == j->pending_local || &j->slots[i] == j->pending_remote)
        i++;
    return &j->slots[i];
}

static void look(struct rill_peer_jsep *j)
{
    j->local = j->pending_local ? j->pending_local : j->current_local;
    j->remote = j->pending_remote ? j->pending_remote : j->current_remote;
}

static int read_text(struct rill_peer *x, struct rill_view text, struct rill_peer_slot *s,
                     struct rill_err *why)
{
    if (text.n > x->config.description)
        return rill_peer_refuse(RILL_PEER_NO_ROOM, x->config.description, why);
    s->sdp = NULL;
    if (text.n)
        memcpy(s->text, text.p, text.n);
    s->n = text.n;
    rill_arena_reset(&s->arena);
    int rc = rill_sdp_parse(rill_view_at(s->text, s->n), &s->arena, &s->sdp, why);
    return rc < 0 ? rc : rill_sdp_verify(s->sdp, why);
}

static void tell(struct rill_peer *x, int64_t now, bool local, enum rill_peer_sdp_type type,
                 const struct rill_peer_slot *s)
{
    static const char *const types[] = {"offer", "pranswer", "answer", "rollback"};
    RILL_TRACE(x->config.trace, now, description,
               {.view = rill_view_of(local ? "local" : "remote")},
               {.view = rill_view_of(types[type])}, {.view = rill_view_at(s->text, s->n)});
}

/* --- what we say of ourselves ----------------------------------------------------------- */

static void describe(struct rill_peer *x, struct rill_peer_wanted *wanted, bool restart,
                     struct rill_arena *arena, struct rill_sdp_local *out)
{
    struct rill_peer_jsep *j = &x->jsep;
    *out = (struct rill_sdp_local){
        .session_id = j->session_id,
        .session_version = j->session_version,
        .fingerprint = rill_dtls_cert_fingerprint(x->config.cert),
        .cname = rill_view_at(x->cname, sizeof x->cname),
        .policy = x->config.bundle_policy,
        .ice_lite = x->config.ice_lite,
        .rtcp_negotiable = x->config.rtcp_mux_policy == RILL_PEER_RTCP_NEGOTIATE,
        .agreed = j->agreed,
        .tracks = wanted->rows,
        .n_tracks = wanted->n,
        .caps = j->numbers.caps,
    };
    rill_peer_transports_describe(x, wanted, restart, arena, out);
}

/* Writes the tree as text, and remembers what was given out (RFC 9429 §5.4). */
static int give(struct rill_peer *x, const struct rill_sdp *tree, enum rill_peer_sdp_type type,
                struct rill_span out, struct rill_err *why)
{
    size_t cap = out.n < x->config.description ? out.n : x->config.description;
    struct rill_writer w = rill_writer_of((struct rill_span){out.p, cap});
    rill_sdp_write(&w, tree);
    if (w.bad)
        return rill_peer_refuse(RILL_PEER_NO_ROOM, cap, why);
    rill_digest(RILL_SHA256, rill_w_view(&w), x->jsep.created);
    x->jsep.created_type = type;
    x->jsep.has_created = true;
    /* RFC 9429 §5.2.2: "implementations MAY opt to increment <session-version> on every call." */
    x->jsep.session_version++;
    return (int)w.at;
}

int rill_peer_create_offer(struct rill_peer *x, int64_t now, struct rill_span out,
                           struct rill_err *why)
{
    rill_peer_input_create(x, now, true, out.n);
    struct rill_peer_jsep *j = &x->jsep;
    x->now = now;
    if (j->state != RILL_PEER_STABLE && j->state != RILL_PEER_HAVE_LOCAL_OFFER)
        return rill_peer_refuse(RILL_PEER_INVALID_STATE, 0, why);
    struct rill_peer_wanted wanted;
    struct rill_sdp_local local;
    const struct rill_sdp *tree;
    struct rill_arena *arena = &spare(x)->arena;
    rill_arena_reset(arena);
    rill_peer_numbers_settle(&j->numbers);
    rill_peer_want_offer(x, &wanted);
    bool restart = j->agreed && j->restart_wanted;
    describe(x, &wanted, restart, arena, &local);
    int rc = rill_sdp_create_offer(&local, arena, &tree, why);
    if (rc == 0)
        rc = give(x, tree, RILL_PEER_OFFER, out, why);
    if (rc < 0)
        return rc;
    memcpy(j->created_lines, wanted.lines, sizeof j->created_lines);
    j->created_restarts = restart;
    return rc;
}

int rill_peer_create_answer(struct rill_peer *x, int64_t now, struct rill_span out,
                            struct rill_err *why)
{
    rill_peer_input_create(x, now, false, out.n);
    struct rill_peer_jsep *j = &x->jsep;
    x->now = now;
    if (j->state != RILL_PEER_HAVE_REMOTE_OFFER && j->state != RILL_PEER_HAVE_LOCAL_PRANSWER)
        return rill_peer_refuse(RILL_PEER_INVALID_STATE, 0, why);
    struct rill_peer_wanted wanted;
    struct rill_sdp_local local;
    const struct rill_sdp *tree, *offer = j->pending_remote->sdp;
    struct rill_arena *arena = &spare(x)->arena;
    rill_arena_reset(arena);
    rill_peer_want_answer(x, &wanted);
    describe(x, &wanted, false, arena, &local);
    int rc = rill_sdp_create_answer(offer, &local, arena, &tree, why);
    return rc < 0 ? rc : give(x, tree, RILL_PEER_ANSWER, out, why);
}

/* --- answers ------------------------------------------------------------------------------ */

static void answered(struct rill_peer *x, struct rill_peer_slot *answer, bool local_is_offer,
                     bool final)
{
    struct rill_peer_jsep *j = &x->jsep;
    if (local_is_offer)
        j->pending_remote = answer;
    else
        j->pending_local = answer;
    if (final) {
        j->current_local = j->pending_local;
        j->current_remote = j->pending_remote;
        j->pending_local = j->pending_remote = NULL;
        j->local_is_offer = local_is_offer;
        j->has_created = false;
        rill_peer_restarts_end(x);
    }
    j->agreed = true;
    look(j);
}

/* Offer and answer are both there: what they come to begins to work. */
static int complete(struct rill_peer *x, int64_t now, struct rill_peer_slot *answer,
                    bool local_is_offer, bool final, struct rill_err *why)
{
    struct rill_peer_jsep *j = &x->jsep;
    struct rill_peer_agreement a;
    const struct rill_sdp *offer = local_is_offer ? j->pending_local->sdp : j->pending_remote->sdp;
    const struct rill_sdp *remote = local_is_offer ? answer->sdp : offer;
    int rc = rill_peer_numbers_check(&j->numbers, remote, why);
    if (rc == 0)
        rc = rill_peer_agree(x, offer, answer->sdp, local_is_offer, &a, why);
    if (rc == 0)
        rc = rill_peer_agreement_transports(x, now, &a, why);
    if (rc < 0)
        return rc;
    tell(x, now, !local_is_offer, final ? RILL_PEER_ANSWER : RILL_PEER_PRANSWER, answer);
    answered(x, answer, local_is_offer, final);
    rill_peer_numbers_learn(&j->numbers, offer, false);
    rill_peer_numbers_learn(&j->numbers, answer->sdp, true);
    rill_peer_lines_agreed(x, now, &a, final);
    rill_peer_set_signaling(x, now,
                            final            ? RILL_PEER_STABLE
                            : local_is_offer ? RILL_PEER_HAVE_REMOTE_PRANSWER
                                             : RILL_PEER_HAVE_LOCAL_PRANSWER);
    rill_peer_agreement_settle(x, now, &a, final);
    rill_peer_candidates_agreed(x, now);
    j->negotiation_needed &= !final;
    rill_peer_check_negotiation(x);
    rill_peer_transport_pump(x, now);
    return 0;
}

/* --- rollback ------------------------------------------------------------------------------ */

static void take_back(struct rill_peer *x, int64_t now)
{
    struct rill_peer_jsep *j = &x->jsep;
    RILL_TRACE(x->config.trace, now, rolled_back,
               {.view = rill_view_of(j->pending_local ? "local" : "remote")});
    /* Candidates that waited were of the other side's offer. */
    if (j->pending_remote)
        j->n_pending = 0;
    j->pending_local = j->pending_remote = NULL;
    rill_peer_restarts_undo(x, now);
    rill_peer_transports_roll_back(x, now);
    j->has_created = false;
    rill_peer_dissociate(x);
    look(j);
}

static int roll_back(struct rill_peer *x, int64_t now, struct rill_err *why)
{
    enum rill_peer_signaling_state s = x->jsep.state;
    if (s != RILL_PEER_HAVE_LOCAL_OFFER && s != RILL_PEER_HAVE_REMOTE_OFFER)
        return rill_peer_refuse(RILL_PEER_INVALID_STATE, 0, why);
    take_back(x, now);
    rill_peer_set_signaling(x, now, RILL_PEER_STABLE);
    x->jsep.negotiation_needed = false;
    rill_peer_check_negotiation(x);
    return 0;
}

/* --- setting ------------------------------------------------------------------------------- */

/* The states in which a description may be set: webrtc-pc §4.4.1.5. */
static bool fits(enum rill_peer_signaling_state s, bool local, enum rill_peer_sdp_type type)
{
    if (s == RILL_PEER_SIGNALING_CLOSED)
        return false;
    if (type == RILL_PEER_OFFER && local)
        return s == RILL_PEER_STABLE || s == RILL_PEER_HAVE_LOCAL_OFFER;
    if (type == RILL_PEER_OFFER)
        return s == RILL_PEER_STABLE || s == RILL_PEER_HAVE_LOCAL_OFFER ||
               s == RILL_PEER_HAVE_REMOTE_OFFER;
    if (local)
        return s == RILL_PEER_HAVE_REMOTE_OFFER || s == RILL_PEER_HAVE_LOCAL_PRANSWER;
    return s == RILL_PEER_HAVE_LOCAL_OFFER || s == RILL_PEER_HAVE_REMOTE_PRANSWER;
}

/* RFC 9429 §5.5: "its contents are identical to those generated in the last call to
 * createOffer/createAnswer … otherwise, processing MUST stop". */
static bool is_as_created(const struct rill_peer *x, enum rill_peer_sdp_type type,
                          struct rill_view text)
{
    uint8_t digest[RILL_SHA256_SIZE];
    enum rill_peer_sdp_type created = type == RILL_PEER_OFFER ? RILL_PEER_OFFER : RILL_PEER_ANSWER;
    rill_digest(RILL_SHA256, text, digest);
    return x->jsep.has_created && x->jsep.created_type == created &&
           memcmp(digest, x->jsep.created, sizeof digest) == 0;
}

/* RFC 9429 §5.9: new credentials let the agents gather anew. */
static int begin_restarts(struct rill_peer *x, int64_t now, struct rill_err *why)
{
    for (size_t i = 0; i < x->config.transports; i++) {
        struct rill_peer_transport *t = &x->transports[i];
        if (t->use != RILL_PEER_TRANSPORT_AGREED || t->restart_begun)
            continue;
        int rc = rill_peer_restart_agents(x, now, t);
        if (rc < 0)
            return rill_err_set(&rill_ice_errors, rc, 0, 0, why);
    }
    return 0;
}

static int set_local_offer(struct rill_peer *x, int64_t now, struct rill_peer_slot *s,
                           struct rill_err *why)
{
    struct rill_peer_jsep *j = &x->jsep;
    int rc = j->created_restarts ? begin_restarts(x, now, why) : 0;
    if (rc < 0)
        return rc;
    tell(x, now, true, RILL_PEER_OFFER, s);
    j->pending_local = s;
    look(j);
    rill_peer_associate_local(x, s->sdp);
    rill_peer_set_signaling(x, now, RILL_PEER_HAVE_LOCAL_OFFER);
    rill_peer_transports_offered(x, now, s->sdp);
    rill_peer_transport_pump(x, now);
    return 0;
}

int rill_peer_set_local_description(struct rill_peer *x, int64_t now, enum rill_peer_sdp_type type,
                                    struct rill_view text, struct rill_err *why)
{
    rill_peer_input_description(x, now, true, type, text);
    x->now = now;
    if (type == RILL_PEER_ROLLBACK)
        return roll_back(x, now, why);
    if (!fits(x->jsep.state, true, type))
        return rill_peer_refuse(RILL_PEER_INVALID_STATE, 0, why);
    if (!is_as_created(x, type, text))
        return rill_peer_refuse(RILL_PEER_SDP_MODIFIED, 0, why);
    struct rill_peer_slot *s = spare(x);
    int rc = read_text(x, text, s, why);
    if (rc < 0)
        return rc;
    if (type == RILL_PEER_OFFER)
        return set_local_offer(x, now, s, why);
    return complete(x, now, s, false, type == RILL_PEER_ANSWER, why);
}

static int set_remote_offer(struct rill_peer *x, int64_t now, struct rill_peer_slot *s,
                            struct rill_err *why)
{
    struct rill_peer_jsep *j = &x->jsep;
    int rc = rill_peer_check_offer(x, s->sdp, why);
    if (rc == 0)
        rc = rill_peer_numbers_check(&j->numbers, s->sdp, why);
    if (rc < 0)
        return rc;
    /* webrtc-pc §4.4.1.5: an offer in have-local-offer rolls that one back first; one in
     * have-remote-offer takes the place of the other. */
    if (j->pending_local || j->pending_remote)
        take_back(x, now);
    tell(x, now, false, RILL_PEER_OFFER, s);
    j->pending_remote = s;
    look(j);
    for (size_t i = 0; i < x->config.transports; i++) {
        struct rill_peer_transport *t = &x->transports[i];
        t->restart_asked =
            t->use == RILL_PEER_TRANSPORT_AGREED && rill_peer_restart_is_asked(x, t, s->sdp);
    }
    rill_peer_associate_remote(x, s->sdp);
    rill_peer_numbers_learn(&j->numbers, s->sdp, false);
    rill_peer_set_signaling(x, now, RILL_PEER_HAVE_REMOTE_OFFER);
    return 0;
}

int rill_peer_set_remote_description(struct rill_peer *x, int64_t now, enum rill_peer_sdp_type type,
                                     struct rill_view text, struct rill_err *why)
{
    rill_peer_input_description(x, now, false, type, text);
    x->now = now;
    if (type == RILL_PEER_ROLLBACK)
        return roll_back(x, now, why);
    if (!fits(x->jsep.state, false, type))
        return rill_peer_refuse(RILL_PEER_INVALID_STATE, 0, why);
    struct rill_peer_slot *s = spare(x);
    int rc = read_text(x, text, s, why);
    if (rc < 0)
        return rc;
    if (type == RILL_PEER_OFFER)
        return set_remote_offer(x, now, s, why);
    return complete(x, now, s, true, type == RILL_PEER_ANSWER, why);
}
