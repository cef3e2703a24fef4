/* ice/restart: another generation of the session while the one before still carries the data
 * (RFC 8445 §9, RFC 8839 §4.4.1.1.1).
 *
 * The idea: a restart empties the checklist and takes new credentials, but "Until a valid pair is
 * found for the new session, the media goes on over the old one" is what everybody hears. So the
 * pair in use steps aside, with both sides' old credentials: requests that name them are answered,
 * its own consent is asked for (RFC 7675 is silent about restarts: the path is the same, and so is
 * the peer's consent), and data goes over it. When the new session has selected a pair the old one
 * is no longer sent on nor answered for; what is still on its way is read for 3 s.
 *
 *   session ──restart──▶ session' + previous ──selected──▶ session' (previous read for 3 s)
 *                              │ undo: the offer was rolled back
 *                              ▼
 *                           session
 *
 * - rill_ice_restart, rill_ice_restart_undo
 * - rill_ice_previous_*: what the other files ask of the pair that stepped aside
 */
#include "ice/agent_private.h"

#include <string.h>

#define READ_ON (3 * RILL_SECOND)

static const struct rill_trace_point restart_point = {
    "ice",
    "restart",
    "new credentials; the pair in use carries the data until another is selected",
    1,
    {{"ufrag", RILL_TRACE_TEXT}}};

static const struct rill_trace_point undone_point = {
    "ice", "restart_undone", "the session is again what it was before the restart", 0, {{0}}};

static const struct rill_trace_point ended_point = {
    "ice",
    "previous_ended",
    "the pair of the session before carries no data any more",
    1,
    {{"reason", RILL_TRACE_TEXT}}};

/* --- the pair that stepped aside -------------------------------------------------------------- */

static void end_previous(struct rill_ice *x, int64_t now, const char *reason)
{
    struct rill_ice_previous *v = &x->previous;
    if (!v->active)
        return;
    v->active = false;
    RILL_TRACE(x->trace, now, ended_point, {.view = rill_view_of(reason)});
}

/* If the restart is taken back, the session that comes back has failed. */
static void lose_consent(struct rill_ice *x, int64_t now, const char *reason)
{
    x->undo.was_failed = x->undo.was_failed || x->undo.moved;
    end_previous(x, now, reason);
}

bool rill_ice_previous_is_alive(const struct rill_ice *x)
{
    const struct rill_ice_previous *v = &x->previous;
    return v->active && rill_ice_consent_is_fresh(&v->pair, x->now);
}

bool rill_ice_previous_answers(const struct rill_ice *x)
{
    return x->previous.active && x->previous.pair.missed <= RILL_ICE_CONSENT_MISSED;
}

void rill_ice_previous_path(const struct rill_ice *x, struct rill_path *out)
{
    const struct rill_ice_previous *v = &x->previous;
    const struct rill_ice_base *b = &x->bases[v->pair.base];
    *out = (struct rill_path){b->socket, rill_ice_base_proto(b), v->remote.cand.addr};
    if (b->tcp != RILL_ICE_TCP_NONE)
        out->socket = rill_ice_stream_socket(x, v->pair.base, &out->remote);
}

bool rill_ice_previous_uses(const struct rill_ice *x, size_t base, const struct rill_addr *remote)
{
    const struct rill_ice_previous *v = &x->previous;
    return (v->active || x->now < v->read_until) && v->pair.base == base &&
           rill_addr_equal(&v->remote.cand.addr, remote);
}

static bool is_its_path(const struct rill_ice *x, const struct rill_path *path)
{
    struct rill_path own;
    struct rill_addr remote = rill_ice_unscoped(&path->remote);
    rill_ice_previous_path(x, &own);
    return path->proto == own.proto && path->socket == own.socket &&
           rill_addr_equal(&remote, &own.remote);
}

/* The peer chooses by itself which of the session's pairs it sends on while it restarts: Chromium
 * gives up its sockets one by one then. The newest are kept. */
static void hear(struct rill_ice_previous *v, size_t base, const struct rill_addr *remote)
{
    v->heard[v->n_heard++ % RILL_ICE_HEARD] = (struct rill_ice_heard){base, *remote};
}

static bool is_heard(const struct rill_ice_previous *v, size_t base, const struct rill_path *path)
{
    struct rill_addr remote = rill_ice_unscoped(&path->remote);
    for (size_t i = 0; i < v->n_heard && i < RILL_ICE_HEARD; i++)
        if (v->heard[i].base == base && rill_addr_equal(&v->heard[i].remote, &remote))
            return true;
    return false;
}

void rill_ice_previous_hears(struct rill_ice *x, size_t base, const struct rill_path *path)
{
    struct rill_addr remote = rill_ice_unscoped(&path->remote);
    if (!is_heard(&x->previous, base, path))
        hear(&x->previous, base, &remote);
}

bool rill_ice_previous_is_validated(const struct rill_ice *x, const struct rill_path *path)
{
    const struct rill_ice_previous *v = &x->previous;
    return (v->active || x->now < v->read_until) &&
           (is_its_path(x, path) || is_heard(v, rill_ice_base_of_path(x, path), path));
}

void rill_ice_previous_settle(struct rill_ice *x, int64_t now)
{
    if (!x->previous.active)
        return;
    x->previous.read_until = now + READ_ON;
    end_previous(x, now, "the new session has selected a pair");
    rill_wipe(&x->previous.of, sizeof x->previous.of);
    rill_wipe(&x->undo, sizeof x->undo);
}

void rill_ice_previous_base_gone(struct rill_ice *x, int64_t now, size_t base)
{
    for (size_t i = 0; i < RILL_ICE_HEARD; i++)
        if (x->previous.heard[i].base == base)
            x->previous.heard[i].remote = (struct rill_addr){0};
    if (x->previous.pair.base != base)
        return;
    x->previous.read_until = 0;
    end_previous(x, now, "its interface went");
}

void rill_ice_previous_tick(struct rill_ice *x, int64_t now)
{
    if (x->previous.active && !rill_ice_consent_is_fresh(&x->previous.pair, now))
        lose_consent(x, now, "30 s without a response");
}

/* Given up, it has a last deadline: what comes after it must find the agent's time past it. */
int64_t rill_ice_previous_deadline(const struct rill_ice *x)
{
    const struct rill_ice_previous *v = &x->previous;
    int64_t expires = v->pair.heard + RILL_ICE_CONSENT;
    if (v->active)
        return x->lite ? expires : rill_earlier(v->pair.consent_at, expires);
    return x->now < v->read_until ? v->read_until : RILL_NEVER;
}

/* --- its consent ----------------------------------------------------------------------------- */

/* The peer's old fragment, a colon, our old one. */
static void put_username(const struct rill_ice_previous *v, struct rill_stun_writer *s)
{
    uint8_t text[RILL_ICE_UFRAG_MAX + 1 + RILL_ICE_OUR_UFRAG];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    rill_w_bytes(&w, rill_view_at(v->of.remote_ufrag, v->of.n_remote_ufrag));
    rill_w_char(&w, ':');
    rill_w_bytes(&w, rill_view_at(v->of.ufrag, sizeof v->of.ufrag));
    rill_stun_put(s, RILL_STUN_USERNAME, rill_w_view(&w));
}

size_t rill_ice_previous_output(struct rill_ice *x, int64_t now, struct rill_path *path,
                                struct rill_span out)
{
    struct rill_ice_previous *v = &x->previous;
    struct rill_ice_pair *p = &v->pair;
    struct rill_stun_writer s;
    if (x->lite || !rill_ice_previous_is_alive(x) || now < p->consent_at)
        return 0;
    p->consent_at = now + rill_ice_consent_interval(x);
    p->missed++;
    p->last = (p->last + 1) % RILL_ICE_SENT;
    struct rill_ice_sent *sent = &p->sent[p->last];
    *sent = (struct rill_ice_sent){.waiting = true, .consent = true, .at = now};
    rill_rng_fill(&x->rng, sent->txid, sizeof sent->txid);
    rill_stun_begin(&s, out, RILL_STUN_REQUEST, RILL_STUN_BINDING, sent->txid);
    put_username(v, &s);
    rill_stun_put_u64(&s, x->controlling ? RILL_STUN_ICE_CONTROLLING : RILL_STUN_ICE_CONTROLLED,
                      x->tiebreaker);
    rill_stun_put_u32(&s, RILL_STUN_PRIORITY, v->prflx_priority);
    rill_stun_put_integrity(&s, rill_view_at(v->of.remote_pwd, v->of.n_remote_pwd));
    rill_stun_put_fingerprint(&s);
    rill_ice_previous_path(x, path);
    p->counts.consent_requests_sent++;
    p->counts.last_request = now;
    return rill_stun_end(&s);
}

static struct rill_ice_sent *sent_of(struct rill_ice_previous *v, struct rill_view txid)
{
    for (size_t i = 0; v->active && i < RILL_ICE_SENT; i++) {
        struct rill_ice_sent *sent = &v->pair.sent[i];
        if (sent->waiting && rill_view_equal(txid, rill_view_at(sent->txid, RILL_STUN_TXID)))
            return sent;
    }
    return NULL;
}

int rill_ice_previous_response(struct rill_ice *x, int64_t now, const struct rill_path *path,
                               const struct rill_stun_msg *m, struct rill_err *why)
{
    struct rill_ice_previous *v = &x->previous;
    struct rill_ice_sent *sent = sent_of(v, m->txid);
    unsigned code;
    struct rill_view reason;
    if (!sent)
        return 0;
    if (!rill_stun_check_fingerprint(m))
        return rill_err_set(&rill_ice_errors, RILL_ICE_FINGERPRINT, 0, 0, why);
    if (!rill_stun_check_integrity(m, rill_view_at(v->of.remote_pwd, v->of.n_remote_pwd)))
        return rill_err_set(&rill_ice_errors, RILL_ICE_INTEGRITY, 0, 0, why);
    if (!is_its_path(x, path))
        return rill_err_set(&rill_ice_errors, RILL_ICE_ASYMMETRIC, 0, 0, why);
    sent->waiting = false;
    v->pair.counts.responses_received++;
    v->pair.counts.last_response = now;
    if (m->class == RILL_STUN_SUCCESS) {
        v->pair.heard = now;
        v->pair.missed = 0;
        if (!sent->again)
            v->pair.rtt = x->arrived > sent->at ? x->arrived - sent->at : 0;
    } else if (rill_stun_get_error(m, &code, &reason) && code == 403) {
        lose_consent(x, now, "the peer revoked its consent");
    }
    return 1;
}

/* --- its requests ---------------------------------------------------------------------------- */

/* A peer that has not restarted yet knows the old credentials alone; old ones of ours beside new
 * ones of its are of no session (answer.c). */
bool rill_ice_previous_is_asked(struct rill_ice *x, int64_t now, const struct rill_stun_msg *m)
{
    struct rill_ice_previous *v = &x->previous;
    struct rill_view username, theirs;
    if (!v->active || !rill_stun_find(m, RILL_STUN_USERNAME, &username))
        return false;
    struct rill_view ours = rill_view_cut(username, ':', &theirs);
    bool authentic =
        theirs.p && rill_view_equal(ours, rill_view_at(v->of.ufrag, sizeof v->of.ufrag)) &&
        rill_view_equal(theirs, rill_view_at(v->of.remote_ufrag, v->of.n_remote_ufrag)) &&
        rill_stun_check_integrity(m, rill_view_at(v->of.pwd, sizeof v->of.pwd));
    if (authentic && x->lite) /* it has no other sign of life */
        v->pair.heard = now;
    return authentic;
}

struct rill_view rill_ice_previous_pwd(const struct rill_ice *x)
{
    return rill_view_at(x->previous.of.pwd, sizeof x->previous.of.pwd);
}

/* --- the verbs ------------------------------------------------------------------------------- */

static struct rill_ice_generation generation_of(const struct rill_ice *x)
{
    struct rill_ice_generation g = {
        .n_remote_ufrag = x->n_remote_ufrag,
        .n_remote_pwd = x->n_remote_pwd,
        .remote_lite = x->remote_lite,
        .remote_done = x->remote_done,
    };
    memcpy(g.ufrag, x->ufrag, sizeof g.ufrag);
    memcpy(g.pwd, x->pwd, sizeof g.pwd);
    memcpy(g.remote_ufrag, x->remote_ufrag, sizeof g.remote_ufrag);
    memcpy(g.remote_pwd, x->remote_pwd, sizeof g.remote_pwd);
    return g;
}

/* A restart before the last one has come to a pair leaves the one that carries the data. */
static void step_aside(struct rill_ice *x)
{
    struct rill_ice_previous *v = &x->previous;
    size_t pair = rill_ice_current(x);
    bool moves = pair != RILL_ICE_NONE && x->pairs[pair].valid && !rill_ice_is_over(x);
    x->undo = (struct rill_ice_undo){.kept = true,
                                     .moved = moves,
                                     .was_selected = x->selected != RILL_ICE_NONE,
                                     .was_failed = x->state == RILL_ICE_FAILED,
                                     .of = generation_of(x)};
    if (!moves)
        return;
    *v = (struct rill_ice_previous){
        .active = true,
        .pair = x->pairs[pair],
        .remote = x->remotes[x->pairs[pair].remote],
        .local = x->locals[x->pairs[pair].local],
        .prflx_priority = rill_ice_pair_prflx_priority(x, pair),
        .of = x->undo.of,
    };
    for (size_t i = 0; i < x->cap_pairs; i++)
        if (x->pairs[i].used && (x->pairs[i].valid || x->pairs[i].asked))
            hear(v, x->pairs[i].base, &x->remotes[x->pairs[i].remote].cand.addr);
}

static void empty(struct rill_ice *x)
{
    for (size_t i = 0; i < x->cap_pairs; i++)
        x->pairs[i].used = false;
    for (size_t i = 0; i < x->cap_remotes; i++)
        x->remotes[i].used = false;
    x->answer_ring.n = 0;
    x->n_remote_ufrag = x->n_remote_pwd = 0;
    x->remote_lite = x->remote_done = false;
    x->nominee = x->selected = RILL_ICE_NONE;
    x->settle_at = x->lost_at = x->pac_at = RILL_NEVER;
    x->tell_valid = x->told_valid = x->tell_selected = false;
}

/* RFC 8445 §9: "the candidate set for the new ICE session might include some, none, or all of the
 * candidates used in the current ICE session". The sockets and the allocations stay, so their host
 * and relayed candidates are told again; the STUN servers are asked again, since mappings that
 * nobody uses are soon forgotten, and so are the TURN servers that gave nothing. */
static void gather_again(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->cap_locals; i++) {
        struct rill_ice_local *l = &x->locals[i];
        l->used = l->used && (l->cand.type == RILL_ICE_HOST || l->cand.type == RILL_ICE_RELAY);
        l->tell = l->used && !l->withheld;
    }
    for (size_t i = 0; i < x->cap_locals; i++) {
        rill_ice_queries_drop(x, i);
        if (x->bases[i].state == RILL_ICE_BASE_OPEN)
            rill_ice_queries_for(x, i);
    }
    if (x->gathering)
        rill_ice_relays_gather(x, now);
    x->gathered = x->tell_gathered = false;
}

int rill_ice_restart(struct rill_ice *x, int64_t now, struct rill_view ufrag, struct rill_view pwd)
{
    x->now = now;
    if (x->state == RILL_ICE_CLOSED)
        return rill_err_set(&rill_ice_errors, RILL_ICE_OVER, 0, 0, NULL);
    if (ufrag.n != sizeof x->ufrag || pwd.n != sizeof x->pwd)
        return rill_err_set(&rill_ice_errors, RILL_ICE_CREDENTIALS, 0, ufrag.n, NULL);
    step_aside(x);
    empty(x);
    memmove(x->ufrag, ufrag.p, sizeof x->ufrag); /* they may be its own */
    memmove(x->pwd, pwd.p, sizeof x->pwd);
    RILL_TRACE(x->trace, now, restart_point, {.view = ufrag});
    gather_again(x, now);
    if (x->state == RILL_ICE_FAILED)
        rill_ice_to_state(x, now, RILL_ICE_NEW);
    rill_ice_update(x, now);
    return 0;
}

/* The pair in use is again one of the session's, the only one: what else was known was forgotten
 * by the restart, and the peer's checks bring it back. */
static void step_back(struct rill_ice *x)
{
    const struct rill_ice_previous *v = &x->previous;
    x->remotes[0] = v->remote;
    x->pairs[0] = v->pair;
    x->pairs[0].remote = 0;
    x->pairs[0].local = x->bases[v->pair.base].host;
    x->selected = x->undo.was_selected ? 0 : RILL_ICE_NONE;
}

static void return_to(struct rill_ice *x, int64_t now, const struct rill_ice_generation *g)
{
    memcpy(x->ufrag, g->ufrag, sizeof x->ufrag);
    memcpy(x->pwd, g->pwd, sizeof x->pwd);
    memcpy(x->remote_ufrag, g->remote_ufrag, sizeof x->remote_ufrag);
    memcpy(x->remote_pwd, g->remote_pwd, sizeof x->remote_pwd);
    x->n_remote_ufrag = g->n_remote_ufrag;
    x->n_remote_pwd = g->n_remote_pwd;
    x->remote_lite = g->remote_lite;
    x->remote_done = g->remote_done;
    if (g->n_remote_ufrag)
        x->pac_at = now + RILL_ICE_PAC;
}

void rill_ice_restart_undo(struct rill_ice *x, int64_t now)
{
    x->now = now;
    if (!x->undo.kept || x->state == RILL_ICE_CLOSED)
        return;
    empty(x);
    return_to(x, now, &x->undo.of);
    if (x->undo.moved && x->previous.active) {
        step_back(x);
        rill_wipe(&x->previous, sizeof x->previous);
    }
    RILL_TRACE(x->trace, now, undone_point, {0});
    x->told_valid = x->undo.moved;
    /* RFC 7675 §5.1: credentials that lost their consent stay without it. */
    if (x->undo.was_failed)
        rill_ice_to_state(x, now, RILL_ICE_FAILED);
    rill_wipe(&x->undo, sizeof x->undo);
    rill_ice_update(x, now);
}
