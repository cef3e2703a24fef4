/* server_log: the records of the access log: a request, a WebSocket, a session.
 *
 * The idea: a record is filled while its request lives and is handed out when it is over. What
 * could hold a secret is never in it: the query, the body, an id. */
#include "signaling/server_private.h"

#include <string.h>

static uint8_t keep(uint8_t *out, struct rill_view v)
{
    size_t n = v.n < SERVER_LOG_TEXT_MAX ? v.n : SERVER_LOG_TEXT_MAX;
    if (n)
        memcpy(out, v.p, n);
    return (uint8_t)n;
}

void rill_server_log_begin(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                           const struct rill_http_head *h)
{
    struct rill_server_record *r = &c->record;
    *r = (struct rill_server_record){.kind = RILL_SIG_REQUEST, .remote = c->remote, .since = now};
    c->logged = x->config.access_log;
    if (!h || !c->logged)
        return;
    memcpy(r->method, h->method.p,
           h->method.n < sizeof r->method ? h->method.n : sizeof r->method - 1);
    r->n_path = keep(r->path, rill_http_target_path(h->target));
    r->n_agent = keep(r->agent, rill_http_find(h, "User-Agent"));
}

void rill_server_log_record(struct rill_sig_server *x, const struct rill_server_record *r)
{
    if (!x->config.access_log)
        return;
    size_t slot = rill_ring_push(&x->access_ring);
    if (slot == RILL_RING_NONE)
        x->counts.log_lost++;
    else
        x->access[slot] = *r;
}

void rill_server_log_end(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    if (!c->logged)
        return;
    c->logged = false;
    c->record.until = now;
    rill_server_log_record(x, &c->record);
}

void rill_server_log_session(int64_t now, struct rill_server_session *s,
                             const struct rill_server_conn *c)
{
    s->record = c->record;
    s->record.kind = RILL_SIG_SESSION;
    s->record.since = now;
    s->record.status = 200;
    s->record.bytes = 0;
}
