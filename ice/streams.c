/* ice/streams: the connections of ICE-TCP (RFC 6544).
 *
 * The idea: a connection is known by its base and the address at its other end, as a pair is, so
 * neither needs to name the other. Who has a check to send asks for one; whoever comes to one of
 * our listeners has a little time to prove that it knows our password. Its datagrams pass through
 * wrap() and unwrap() as frames of RFC 4571, and checks, answers and consent do not know.
 *
 *     ASKED ──opened──▶ OPEN ──▶ CLOSING ──told──▶ free        accepted ──▶ OPEN
 *       └──the other end came itself──▶ ABANDONED ──opened──▶ CLOSING
 *
 * A connection that is lost under the selected pair is like loss on the way: what is sent is gone,
 * whoever opened it opens it again, and consent judges how long that may take (§11.1).
 */
#include "ice/agent_private.h"

#define PROVE_WITHIN (10 * RILL_SECOND) /* a stranger's connection may take up a slot so long */
#define IDLE_OURS (3 * RILL_SECOND)     /* one that is not needed, after a pair was selected */
#define IDLE_THEIRS (30 * RILL_SECOND)
#define CONNECT_GAP RILL_SECOND /* between attempts on the selected pair */

static const struct rill_trace_point stream_point = {
    "ice",
    "connection",
    "a TCP connection to the peer",
    3,
    {{"base", RILL_TRACE_ADDR}, {"remote", RILL_TRACE_ADDR}, {"what", RILL_TRACE_TEXT}}};

/* x NULL: only counts. One slot more than may be in use: a newcomer takes it while the connection
 * that it displaced waits to be closed. */
void rill_ice_streams_init(struct rill_ice *x, struct rill_arena *a,
                           const struct rill_ice_config *c)
{
    size_t cap = c->streams ? c->streams : 8;
    size_t slots = c->tcp == RILL_ICE_TCP_OFF ? 0 : cap + 1;
    struct rill_ice_stream *streams = rill_arena_take(a, slots, sizeof *streams);
    if (!x || a->bad)
        return;
    x->streams = streams;
    x->n_streams = slots;
}

static void say(const struct rill_ice *x, int64_t now, const struct rill_ice_stream *s,
                const char *what)
{
    RILL_TRACE(x->trace, now, stream_point, {.addr = &x->bases[s->base].addr}, {.addr = &s->remote},
               {.view = rill_view_of(what)});
}

/* --- finding one --------------------------------------------------------------------------------
 */

static struct rill_ice_stream *of_ends(const struct rill_ice *x, size_t base,
                                       const struct rill_addr *remote,
                                       enum rill_ice_stream_state state)
{
    for (size_t i = 0; i < x->n_streams; i++) {
        struct rill_ice_stream *s = &x->streams[i];
        if (s->state == state && s->base == base && rill_addr_equal(&s->remote, remote))
            return s;
    }
    return NULL;
}

static struct rill_ice_stream *of_socket(const struct rill_ice *x, uint32_t socket)
{
    for (size_t i = 0; i < x->n_streams; i++)
        if (x->streams[i].state == RILL_ICE_STREAM_OPEN && x->streams[i].socket == socket)
            return &x->streams[i];
    return NULL;
}

static struct rill_ice_stream *of_pair(const struct rill_ice *x, size_t pair,
                                       enum rill_ice_stream_state state)
{
    const struct rill_ice_pair *p = &x->pairs[pair];
    return of_ends(x, p->base, &x->remotes[p->remote].cand.addr, state);
}

static size_t pair_of(const struct rill_ice *x, const struct rill_ice_stream *s)
{
    size_t remote = rill_ice_remote_find(x, RILL_PROTO_TCP, &s->remote);
    return remote == RILL_ICE_NONE ? remote : rill_ice_pair_find(x, s->base, remote);
}

bool rill_ice_is_framed(const struct rill_ice *x, size_t pair)
{
    return x->bases[x->pairs[pair].base].tcp != RILL_ICE_TCP_NONE;
}

bool rill_ice_stream_is_open(const struct rill_ice *x, size_t pair)
{
    return of_pair(x, pair, RILL_ICE_STREAM_OPEN) != NULL;
}

uint32_t rill_ice_stream_socket(const struct rill_ice *x, size_t base,
                                const struct rill_addr *remote)
{
    const struct rill_ice_stream *s = of_ends(x, base, remote, RILL_ICE_STREAM_OPEN);
    return s ? s->socket : 0;
}

size_t rill_ice_stream_base(const struct rill_ice *x, uint32_t socket)
{
    const struct rill_ice_stream *s = of_socket(x, socket);
    return s ? s->base : RILL_ICE_NONE;
}

/* --- opening and closing ------------------------------------------------------------------------
 */

static void shut(struct rill_ice *x, int64_t now, struct rill_ice_stream *s, const char *why)
{
    if (s->state != RILL_ICE_STREAM_OPEN && s->state != RILL_ICE_STREAM_ASKED)
        return;
    say(x, now, s, why);
    if (s->state == RILL_ICE_STREAM_OPEN)
        s->state = RILL_ICE_STREAM_CLOSING;
    else
        s->state = s->tell ? RILL_ICE_STREAM_FREE : RILL_ICE_STREAM_ABANDONED;
}

/* A free slot. Where all are in use the stranger that has been silent for longest gives way. */
static struct rill_ice_stream *free_slot(struct rill_ice *x, int64_t now)
{
    struct rill_ice_stream *found = NULL, *stranger = NULL;
    size_t in_use = 0;
    for (size_t i = 0; i < x->n_streams; i++) {
        struct rill_ice_stream *s = &x->streams[i];
        in_use += s->state != RILL_ICE_STREAM_FREE && s->state != RILL_ICE_STREAM_CLOSING;
        if (s->state == RILL_ICE_STREAM_FREE)
            found = s;
        if (s->state == RILL_ICE_STREAM_OPEN && s->accepted && !s->proven &&
            (!stranger || s->heard < stranger->heard))
            stranger = s;
    }
    if (found && in_use + 1 < x->n_streams)
        return found;
    if (stranger)
        shut(x, now, stranger, "displaced before it proved itself");
    return stranger ? found : NULL;
}

/* RFC 6544 §7.1: "it first opens a TCP connection, if none yet exists, for the 5-tuple". */
void rill_ice_stream_want(struct rill_ice *x, int64_t now, size_t pair)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    if (of_pair(x, pair, RILL_ICE_STREAM_OPEN) || of_pair(x, pair, RILL_ICE_STREAM_ASKED) ||
        x->bases[p->base].tcp == RILL_ICE_TCP_PASSIVE || now < p->connect_at)
        return;
    struct rill_ice_stream *s = free_slot(x, now);
    p->connect_at = now + CONNECT_GAP;
    if (!s)
        return;
    *s = (struct rill_ice_stream){.state = RILL_ICE_STREAM_ASKED,
                                  .tell = true,
                                  .base = p->base,
                                  .request = ++x->next_request,
                                  .remote = x->remotes[p->remote].cand.addr,
                                  .heard = now};
    say(x, now, s, "wanted");
}

/* The connection that carried the selected pair is gone: the controlling side nominates it again
 * with the check that follows, since to a listener it will be another pair. */
static void lost_selected(struct rill_ice *x, int64_t now, size_t pair)
{
    struct rill_ice_pair *p = &x->pairs[pair];
    if (p->missed <= RILL_ICE_CONSENT_MISSED) {
        p->missed = RILL_ICE_CONSENT_MISSED + 1;
        rill_ice_checklist_resume(x, now);
    }
    if (x->bases[p->base].tcp == RILL_ICE_TCP_PASSIVE || p->state == RILL_ICE_IN_PROGRESS)
        return;
    if (x->controlling && x->nominee == RILL_ICE_NONE)
        x->nominee = pair;
    rill_ice_trigger(x, now, pair);
}

/* RFC 6544 §7.1: "If the TCP connection cannot be established, the check is considered to have
 * failed". */
static void lost(struct rill_ice *x, int64_t now, struct rill_ice_stream *s,
                 enum rill_ice_failure failure)
{
    size_t pair = pair_of(x, s);
    say(x, now, s, rill_ice_failure_text(failure));
    s->state = RILL_ICE_STREAM_FREE;
    if (pair == RILL_ICE_NONE || rill_ice_stream_is_open(x, pair))
        return;
    if (pair == x->selected)
        lost_selected(x, now, pair);
    else if (x->pairs[pair].valid || rill_ice_pair_is_open(&x->pairs[pair]))
        rill_ice_pair_fail(x, now, pair, failure);
}

static struct rill_ice_stream *of_request(struct rill_ice *x, uint32_t request)
{
    for (size_t i = 0; i < x->n_streams; i++)
        if ((x->streams[i].state == RILL_ICE_STREAM_ASKED ||
             x->streams[i].state == RILL_ICE_STREAM_ABANDONED) &&
            x->streams[i].request == request)
            return &x->streams[i];
    return NULL;
}

bool rill_ice_stream_opened(struct rill_ice *x, int64_t now, uint32_t request, uint32_t socket)
{
    struct rill_ice_stream *s = of_request(x, request);
    if (!s)
        return false;
    s->socket = socket;
    s->heard = now;
    s->state =
        s->state == RILL_ICE_STREAM_ABANDONED ? RILL_ICE_STREAM_CLOSING : RILL_ICE_STREAM_OPEN;
    say(x, now, s, "stands");
    return true;
}

bool rill_ice_stream_open_failed(struct rill_ice *x, int64_t now, uint32_t request)
{
    struct rill_ice_stream *s = of_request(x, request);
    if (s && s->state == RILL_ICE_STREAM_ABANDONED)
        s->state = RILL_ICE_STREAM_FREE;
    else if (s)
        lost(x, now, s, RILL_ICE_NOT_CONNECTED);
    return s != NULL;
}

bool rill_ice_stream_ended(struct rill_ice *x, int64_t now, uint32_t socket)
{
    struct rill_ice_stream *s = of_socket(x, socket);
    if (s)
        lost(x, now, s, RILL_ICE_CONNECTION_ENDED);
    return s != NULL;
}

static size_t base_of_listener(const struct rill_ice *x, uint32_t listener)
{
    for (size_t i = 0; i < x->cap_locals; i++) {
        const struct rill_ice_base *b = &x->bases[i];
        if (b->state == RILL_ICE_BASE_OPEN && b->socket == listener &&
            (b->tcp == RILL_ICE_TCP_PASSIVE || b->tcp == RILL_ICE_TCP_SO))
            return i;
    }
    return RILL_ICE_NONE;
}

/* RFC 6544 §7.2: "When the connection request is received, the agent MUST accept it." */
bool rill_ice_accepted(struct rill_ice *x, int64_t now, uint32_t listener, uint32_t socket,
                       const struct rill_addr *remote)
{
    struct rill_addr from = rill_ice_unscoped(remote);
    size_t base = base_of_listener(x, listener);
    x->now = now;
    if (rill_ice_is_over(x) || base == RILL_ICE_NONE)
        return false;
    struct rill_ice_stream *ours = of_ends(x, base, &from, RILL_ICE_STREAM_ASKED);
    struct rill_ice_stream *s = free_slot(x, now);
    if (!s)
        return false;
    if (ours)
        shut(x, now, ours, "the other end came itself");
    *s = (struct rill_ice_stream){.state = RILL_ICE_STREAM_OPEN,
                                  .accepted = true,
                                  .base = base,
                                  .socket = socket,
                                  .remote = from,
                                  .heard = now};
    say(x, now, s, "accepted");
    return true;
}

void rill_ice_streams_drop(struct rill_ice *x, int64_t now, size_t base)
{
    for (size_t i = 0; i < x->n_streams; i++)
        if (x->streams[i].base == base)
            shut(x, now, &x->streams[i], "its interface went, or all is over");
}

bool rill_ice_stream_event(struct rill_ice *x, struct rill_ice_event *out)
{
    for (size_t i = 0; i < x->n_streams; i++) {
        struct rill_ice_stream *s = &x->streams[i];
        if (s->state == RILL_ICE_STREAM_CLOSING) {
            s->state = RILL_ICE_STREAM_FREE;
            *out = (struct rill_ice_event){.type = RILL_ICE_EVENT_CLOSE, .socket = s->socket};
            return true;
        }
        if (s->state != RILL_ICE_STREAM_ASKED || !s->tell)
            continue;
        s->tell = false;
        *out = (struct rill_ice_event){.type = RILL_ICE_EVENT_OPEN,
                                       .request = s->request,
                                       .proto = RILL_PROTO_TCP_ACTIVE,
                                       .addr = x->bases[s->base].addr,
                                       .to = s->remote};
        if (x->bases[s->base].tcp == RILL_ICE_TCP_ACTIVE)
            out->addr.port = 0;
        if (rill_addr_is_link_local(&out->to))
            out->to.scope = out->addr.scope;
        return true;
    }
    return false;
}

/* --- their use ----------------------------------------------------------------------------------
 */

void rill_ice_stream_proves(struct rill_ice *x, int64_t now, const struct rill_path *path)
{
    struct rill_ice_stream *s =
        path->proto == RILL_PROTO_FRAMED ? of_socket(x, path->socket) : NULL;
    if (!s)
        return;
    s->proven = true;
    s->heard = now;
}

bool rill_ice_stream_replaces(const struct rill_ice *x, size_t pair)
{
    size_t old = x->selected;
    return old != RILL_ICE_NONE && old != pair && rill_ice_is_framed(x, old) &&
           x->pairs[old].base == x->pairs[pair].base && !rill_ice_stream_is_open(x, old) &&
           rill_addr_same_ip(&x->remotes[x->pairs[old].remote].cand.addr,
                             &x->remotes[x->pairs[pair].remote].cand.addr);
}

size_t rill_ice_stream_wrap(const struct rill_ice *x, struct rill_path *path, struct rill_span out,
                            size_t n)
{
    if (!of_socket(x, path->socket))
        return 0;
    path->proto = RILL_PROTO_TCP;
    return rill_ice_frame(out, n);
}

bool rill_ice_stream_is(const struct rill_ice *x, const struct rill_path *path)
{
    return path->proto == RILL_PROTO_TCP && of_socket(x, path->socket);
}

/* RFC 6544 §7.1: what does not begin with STUN is none of the peer's, "and the agent SHOULD close
 * the connection". */
size_t rill_ice_stream_unwrap(struct rill_ice *x, int64_t now, const struct rill_path *path,
                              struct rill_span bytes, struct rill_path *inner_path,
                              struct rill_span *inner)
{
    struct rill_ice_stream *s = of_socket(x, path->socket);
    *inner_path = (struct rill_path){path->socket, RILL_PROTO_FRAMED, s->remote};
    size_t n = rill_ice_deframe(&s->in, rill_view_at(bytes.p, bytes.n), inner);
    if (inner->n == 0 || s->proven || rill_stun_is(rill_view_at(inner->p, inner->n))) {
        if (inner->n && s->proven)
            s->heard = now;
        return n;
    }
    *inner = (struct rill_span){0};
    size_t pair = pair_of(x, s);
    if (pair != RILL_ICE_NONE && pair != x->selected)
        rill_ice_pair_fail(x, now, pair, RILL_ICE_NOT_STUN);
    shut(x, now, s, "not ICE at the other end");
    return bytes.n;
}

/* --- time ---------------------------------------------------------------------------------------
 */

/* RFC 6544 §8: "each agent SHOULD close all TCP connections (that were opened due to this ICE
 * session) except the ones between the candidate pairs selected by ICE." The peer's own are left to
 * it for a while: it may have a use for them. */
static int64_t ends_at(const struct rill_ice *x, const struct rill_ice_stream *s)
{
    if (s->state != RILL_ICE_STREAM_OPEN)
        return RILL_NEVER;
    if (s->accepted && !s->proven)
        return s->heard + PROVE_WITHIN;
    size_t pair = pair_of(x, s);
    bool used = pair != RILL_ICE_NONE && (pair == x->selected || pair == x->nominee ||
                                          x->pairs[pair].state == RILL_ICE_IN_PROGRESS);
    if (x->selected == RILL_ICE_NONE || used || rill_ice_previous_uses(x, s->base, &s->remote))
        return RILL_NEVER;
    return s->heard + (s->accepted ? IDLE_THEIRS : IDLE_OURS);
}

static bool waits_for_connection(const struct rill_ice *x, size_t pair)
{
    const struct rill_ice_pair *p = &x->pairs[pair];
    return p->used && p->state == RILL_ICE_IN_PROGRESS && p->unsent &&
           x->bases[p->base].tcp != RILL_ICE_TCP_PASSIVE &&
           !of_pair(x, pair, RILL_ICE_STREAM_OPEN) && !of_pair(x, pair, RILL_ICE_STREAM_ASKED);
}

void rill_ice_streams_tick(struct rill_ice *x, int64_t now)
{
    for (size_t i = 0; i < x->n_streams; i++) {
        struct rill_ice_stream *s = &x->streams[i];
        if (now < ends_at(x, s))
            continue;
        size_t pair = pair_of(x, s);
        if (pair != RILL_ICE_NONE)
            rill_ice_pair_fail(x, now, pair, RILL_ICE_CONNECTION_UNUSED);
        shut(x, now, s, s->proven || !s->accepted ? "not needed" : "it did not prove itself");
    }
    for (size_t i = 0; x->n_streams && i < x->cap_pairs; i++)
        if (waits_for_connection(x, i))
            rill_ice_stream_want(x, now, i);
}

int64_t rill_ice_streams_deadline(const struct rill_ice *x)
{
    int64_t at = RILL_NEVER;
    for (size_t i = 0; i < x->n_streams; i++)
        at = rill_earlier(at, ends_at(x, &x->streams[i]));
    for (size_t i = 0; x->n_streams && i < x->cap_pairs; i++)
        if (waits_for_connection(x, i))
            at = rill_earlier(at, x->pairs[i].connect_at);
    return at;
}
