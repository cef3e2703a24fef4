#include "apps/url.h"

#include "base/limits.h"

#include <string.h>

static bool keep(struct rill_view v, char *out, size_t cap)
{
    if (v.n >= cap || (v.n && memchr(v.p, 0, v.n)))
        return false;
    if (v.n)
        memcpy(out, v.p, v.n);
    out[v.n] = '\0';
    return true;
}

static struct rill_view from(struct rill_view v, size_t at)
{
    return rill_view_sub(v, at, v.n - at);
}

static const char brackets[] = "an IPv6 address stands in brackets, like [::1]:8181";

/* HOST, HOST:PORT, [V6], [V6]:PORT. */
static const char *parse_authority(struct rill_view v, uint16_t port, struct rill_url *out)
{
    struct rill_view host, rest;
    uint64_t number = port;
    if (v.n && v.p[0] == '[') {
        host = rill_view_cut(from(v, 1), ']', &rest);
        if (!rest.p || (rest.n && rest.p[0] != ':'))
            return brackets;
        rest = rest.n ? from(rest, 1) : (struct rill_view){0};
    } else {
        host = rill_view_cut(v, ':', &rest);
        if (rest.n && memchr(rest.p, ':', rest.n))
            return brackets;
    }
    if (rest.p && (!rill_view_u64(rest, 65535, &number) || number == 0))
        return "the port is a number from 1 to 65535";
    if (host.n == 0 || !keep(host, out->host, sizeof out->host))
        return "the host is missing or too long";
    out->port = (uint16_t)number;
    out->has_port = rest.p != NULL;
    return NULL;
}

static const char *parse_query(struct rill_view query, struct rill_url *out)
{
    while (query.n) {
        struct rill_view rest, value;
        struct rill_view pair = rill_view_cut(query, '&', &rest);
        struct rill_view name = rill_view_cut(pair, '=', &value);
        if (rill_view_is(name, "room") &&
            (value.n > RILL_SIGNALING_NAME_MAX || !keep(value, out->room, sizeof out->room)))
            return "the name of the room is too long";
        query = rest;
    }
    return NULL;
}

const char *rill_url_parse_signaling(const char *text, struct rill_url *out)
{
    static const struct {
        const char *prefix;
        bool secure;
        uint16_t port;
    } schemes[] = {{"http://", false, 80},
                   {"ws://", false, 80},
                   {"https://", true, 443},
                   {"wss://", true, 443},
                   {"", true, 8181}};
    struct rill_view v = rill_view_of(text), query, path;
    struct rill_url url = {0};
    uint16_t port = 0;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (!rill_view_starts(v, schemes[i].prefix))
            continue;
        url.secure = schemes[i].secure;
        port = schemes[i].port;
        v = from(v, strlen(schemes[i].prefix));
        break;
    }
    v = rill_view_cut(v, '?', &query);
    (void)rill_view_cut(v, ':', &path);
    if (rill_view_starts(path, "//"))
        return "it begins with http://, https://, ws:// or wss://";
    struct rill_view authority = rill_view_cut(v, '/', &path);
    const char *wrong = parse_authority(authority, port, &url);
    if (wrong)
        return wrong;
    wrong = parse_query(query, &url);
    if (wrong)
        return wrong;
    url.path[0] = '/';
    if (!keep(path.n ? path : rill_view_of("ws"), url.path + 1, sizeof url.path - 1))
        return "the path is too long";
    *out = url;
    return NULL;
}

const char *rill_url_parse_stun(const char *text, struct rill_url *out)
{
    struct rill_view v = rill_view_of(text);
    struct rill_url url = {0};
    if (rill_view_starts(v, "stuns:") || rill_view_starts(v, "turn:") ||
        rill_view_starts(v, "turns:"))
        return "only stun: URLs are known here";
    if (rill_view_starts(v, "stun:"))
        v = from(v, 5);
    const char *wrong = parse_authority(v, 3478, &url);
    if (!wrong)
        *out = url;
    return wrong;
}
