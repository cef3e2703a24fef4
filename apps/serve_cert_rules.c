#include "apps/serve_cert_rules.h"

#include "dtls/dates.h"

#define RENEW_BEFORE (30 * RILL_DAY_S)
#define LOOK_EVERY 3600

static bool equal(const struct rill_tls_name *a, const struct rill_tls_name *b)
{
    if (a->ip.family != b->ip.family)
        return false;
    if (a->ip.family != RILL_ADDR_NONE)
        return rill_addr_same_ip(&a->ip, &b->ip);
    return rill_view_equal(a->dns, b->dns);
}

static bool holds(const struct rill_cert_names *names, const struct rill_tls_name *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (equal(&names->list[i], name))
            return true;
    return false;
}

static bool holds_all(const struct rill_cert_names *names, const struct rill_cert_names *of)
{
    for (size_t i = 0; i < of->n; i++)
        if (!holds(names, &of->list[i]))
            return false;
    return true;
}

bool serve_cert_same_names(const struct rill_cert_names *a, const struct rill_cert_names *b)
{
    return holds_all(a, b) && holds_all(b, a);
}

bool serve_cert_is_due(int64_t now_s, int64_t until_s, int64_t looked_s, bool same_names)
{
    return !same_names || (now_s > until_s - RENEW_BEFORE && now_s >= looked_s + LOOK_EVERY);
}

bool serve_cert_is_taken(int64_t now_s, int64_t old_until_s, int64_t from_s, int64_t until_s)
{
    bool valid = now_s >= from_s && now_s <= until_s;
    return valid || now_s > old_until_s;
}
