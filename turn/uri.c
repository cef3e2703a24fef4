/* uri: scheme, credentials, host, port, transport, in this order. */
#include "turn/uri.h"

#include <string.h>

struct cursor {
    struct rill_view all, rest;
    struct rill_err *why;
};

static int refuse(const struct cursor *c, int code)
{
    return rill_err_set(&rill_turn_errors, code, c->all.n - c->rest.n, 0, c->why);
}

static void advance(struct cursor *c, size_t n)
{
    c->rest = rill_view_sub(c->rest, n, c->rest.n - n);
}

static bool is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 3986 §3.2.2: unreserved / sub-delims, and pct-encoded. */
static bool is_plain(uint8_t c)
{
    return is_alnum(c) || (c != 0 && strchr("-._~!$&'()*+,;=", c));
}

/* Percent-decodes; false when something is malformed, special, NUL, or too long. */
static bool decode(struct rill_view v, char out[RILL_TURN_URI_TEXT])
{
    size_t n = 0;
    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = v.p[i];
        if (c == '%') {
            if (rill_hex_decode(rill_view_sub(v, i + 1, 2), (struct rill_span){&c, 1}) != 1 || !c)
                return false;
            i += 2;
        } else if (!is_plain(c)) {
            return false;
        }
        if (n + 1 == RILL_TURN_URI_TEXT)
            return false;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return true;
}

/* RFC 3986 §3.1: "Although schemes are case-insensitive …". */
static int scheme(struct cursor *c, struct rill_turn_uri *u)
{
    static const struct {
        const char *name;
        bool turn, secure;
    } schemes[] = {{"stun", false, false},
                   {"stuns", false, true},
                   {"turn", true, false},
                   {"turns", true, true}};
    struct rill_view rest, name = rill_view_cut(c->rest, ':', &rest);
    for (size_t i = 0; rest.p && i < sizeof schemes / sizeof schemes[0]; i++) {
        if (!rill_view_is_nocase(name, schemes[i].name))
            continue;
        u->turn = schemes[i].turn;
        u->proto = schemes[i].secure ? RILL_PROTO_TLS : RILL_PROTO_UDP;
        u->port = schemes[i].secure ? 5349 : 3478;
        advance(c, name.n + 1);
        return 0;
    }
    return refuse(c, RILL_TURN_URI_SCHEME);
}

static int credentials(struct cursor *c, struct rill_turn_uri *u)
{
    struct rill_view rest, password, before = rill_view_cut(c->rest, '@', &rest);
    if (!rest.p)
        return 0;
    struct rill_view user = rill_view_cut(before, ':', &password);
    if (!u->turn || user.n == 0 || password.n == 0 || !decode(user, u->username) ||
        !decode(password, u->password))
        return refuse(c, RILL_TURN_URI_CREDENTIALS);
    advance(c, before.n + 1);
    return 0;
}

static int host_in_brackets(struct cursor *c, struct rill_turn_uri *u)
{
    struct rill_addr addr;
    struct rill_view rest,
        host = rill_view_cut(rill_view_sub(c->rest, 1, c->rest.n - 1), ']', &rest);
    bool whole = host.n + 1 < c->rest.n && c->rest.p[host.n + 1] == ']';
    if (!whole || host.n >= sizeof u->host || !rill_addr_parse_ip(host, &addr) ||
        addr.family != RILL_ADDR_IP6)
        return refuse(c, RILL_TURN_URI_HOST);
    memcpy(u->host, host.p, host.n);
    u->host[host.n] = '\0';
    advance(c, host.n + 2);
    return 0;
}

static int host(struct cursor *c, struct rill_turn_uri *u)
{
    size_t n = 0;
    if (c->rest.n && c->rest.p[0] == '[')
        return host_in_brackets(c, u);
    while (n < c->rest.n && c->rest.p[n] != ':' && c->rest.p[n] != '?')
        n++;
    if (n == 0 || !decode(rill_view_sub(c->rest, 0, n), u->host))
        return refuse(c, RILL_TURN_URI_HOST);
    advance(c, n);
    return 0;
}

static int port(struct cursor *c, struct rill_turn_uri *u)
{
    uint64_t number = u->port;
    if (c->rest.n == 0 || c->rest.p[0] != ':')
        return 0;
    advance(c, 1);
    struct rill_view rest, digits = rill_view_cut(c->rest, '?', &rest);
    if (!rill_view_u64(digits, 65535, &number) || number == 0)
        return refuse(c, RILL_TURN_URI_PORT);
    u->port = (uint16_t)number;
    u->has_port = true;
    advance(c, digits.n);
    return 0;
}

/* RFC 7065 §3.1 and RFC 5928 §3: without one, turn: is UDP and turns: is TLS over TCP. DTLS over
 * UDP (RFC 7350) is not spoken here. */
static int transport(struct cursor *c, struct rill_turn_uri *u)
{
    if (c->rest.n == 0)
        return 0;
    bool udp = rill_view_is_nocase(c->rest, "?transport=udp");
    bool tcp = rill_view_is_nocase(c->rest, "?transport=tcp");
    if (c->rest.p[0] != '?')
        return refuse(c, RILL_TURN_URI_HOST);
    if (!u->turn || (!udp && !tcp) || (udp && u->proto == RILL_PROTO_TLS))
        return refuse(c, RILL_TURN_URI_TRANSPORT);
    if (tcp && u->proto == RILL_PROTO_UDP)
        u->proto = RILL_PROTO_TCP;
    return 0;
}

int rill_turn_uri_parse(struct rill_view text, struct rill_turn_uri *out, struct rill_err *why)
{
    static int (*const parts[])(struct cursor *, struct rill_turn_uri *) = {scheme, credentials,
                                                                            host, port, transport};
    struct cursor c = {text, text, why};
    struct rill_turn_uri u = {0};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int rc = parts[i](&c, &u);
        if (rc < 0)
            return rc;
    }
    *out = u;
    return 0;
}
