#include "apps/names.h"

#include "apps/url.h"

#include <stdio.h>

bool rill_names_open(struct rill_names *x, struct rill_reactor *r)
{
    *x = (struct rill_names){.resolver = rill_resolver_new(r)};
    return x->resolver != NULL;
}

void rill_names_free(struct rill_names *x)
{
    rill_resolver_free(x->resolver);
    x->resolver = NULL;
}

static const char *ask(struct rill_names *x, enum rill_name_kind kind, const char *host,
                       const char *service, uint16_t port, size_t turn)
{
    struct rill_err why = {0};
    if (x->n == sizeof x->list / sizeof x->list[0])
        return "there is no room for one server more";
    struct rill_name *n = &x->list[x->n];
    *n = (struct rill_name){.kind = kind, .turn = turn};
    snprintf(n->text, sizeof n->text, "%s", host);
    if (rill_resolver_ask(x->resolver, (uint32_t)x->n, host, service, port, &why) < 0)
        return why.row->sentence;
    x->n++;
    return NULL;
}

static size_t count(const struct rill_names *x, enum rill_name_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++)
        n += x->list[i].kind == kind;
    return n;
}

/* RFC 8489 §8.1: SRV "if there is no explicit port". */
const char *rill_names_stun(struct rill_names *x, const char *text)
{
    struct rill_url url;
    const char *wrong = rill_url_parse_stun(text, &url);
    if (wrong)
        return wrong;
    if (count(x, RILL_NAME_STUN) == RILL_ICE_SERVERS_MAX)
        return "there is no room for one server more";
    return ask(x, RILL_NAME_STUN, url.host, url.has_port ? NULL : "_stun._udp", url.port, 0);
}

/* RFC 5928 §3, steps 1, 2, 3 and 5: <secure> and <transport> make the service. */
const char *rill_names_turn(struct rill_names *x, struct rill_turn_streams *t, const char *text)
{
    static const char *const services[] = {"_turn._udp", "_turn._tcp", "_turns._tcp"};
    struct rill_err why = {0};
    if (rill_turn_streams_add(t, text, &why) < 0)
        return why.row ? why.row->sentence : "no server";
    const struct rill_turn_uri *u = &t->uris[t->n - 1];
    return ask(x, RILL_NAME_TURN, u->host, u->has_port ? NULL : services[u->proto], u->port,
               t->n - 1);
}

const char *rill_names_signaling(struct rill_names *x, const char *host, uint16_t port)
{
    return ask(x, RILL_NAME_SIGNALING, host, NULL, port, 0);
}

bool rill_names_event(struct rill_names *x, const struct rill_reactor_event *e)
{
    return rill_resolver_event(x->resolver, e);
}

void rill_names_tick(struct rill_names *x, int64_t now)
{
    struct rill_resolver_answer a;
    rill_resolver_tick(x->resolver, now);
    while (rill_resolver_answer(x->resolver, &a)) {
        struct rill_name *n = &x->list[a.tag];
        n->settled = true;
        n->n = a.n;
        n->reason = a.reason;
        for (size_t i = 0; i < a.n; i++)
            n->addrs[i] = a.addrs[i];
    }
}

int64_t rill_names_deadline(const struct rill_names *x, int64_t now)
{
    return rill_resolver_deadline(x->resolver, now);
}

const struct rill_name *rill_names_take(struct rill_names *x, bool servers)
{
    for (size_t i = 0; i < x->n; i++) {
        struct rill_name *n = &x->list[i];
        if (!n->settled || n->taken || (n->kind != RILL_NAME_SIGNALING) != servers)
            continue;
        n->taken = true;
        return n;
    }
    return NULL;
}

bool rill_names_await_servers(const struct rill_names *x)
{
    for (size_t i = 0; i < x->n; i++)
        if (x->list[i].kind != RILL_NAME_SIGNALING && !x->list[i].taken)
            return true;
    return false;
}

size_t rill_names_choose_stun(const struct rill_name *n, struct rill_addr *out, size_t cap)
{
    size_t chosen = 0, of_family[2] = {0, 0};
    for (size_t i = 0; i < n->n && chosen < cap; i++)
        if (of_family[n->addrs[i].family == RILL_ADDR_IP6]++ < 2)
            out[chosen++] = n->addrs[i];
    return chosen;
}
