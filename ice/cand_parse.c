/* ice/cand_parse: reading a candidate line (RFC 8839 §5.1).
 *
 *   candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.2 rport 46154
 *   field      1        2 3   4          5           6     7   8     then pairs of name and value
 *
 * The idea: a cursor cuts the line at single spaces; each field is judged where it is cut. */
#include "ice/cand.h"

#include <string.h>

struct cursor {
    struct rill_view line;
    size_t at;      /* of the next byte */
    unsigned field; /* number of the field last cut, from 1 */
    size_t from;    /* where it begins */
};

static int refuse(int code, const struct cursor *c, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_ice_errors, code, c->from, value, why);
}

static int refuse_field(const struct cursor *c, struct rill_err *why)
{
    return refuse(RILL_ICE_CAND_GRAMMAR, c, c->field, why);
}

/* The bytes up to the next space or the end; the space stays. */
static struct rill_view word(struct cursor *c)
{
    c->from = c->at;
    while (c->at < c->line.n && c->line.p[c->at] != ' ')
        c->at++;
    return rill_view_sub(c->line, c->from, c->at - c->from);
}

/* Steps over one space; false at the end of the line. */
static bool space(struct cursor *c)
{
    if (c->at >= c->line.n)
        return false;
    c->at++;
    return true;
}

static struct rill_view next_field(struct cursor *c)
{
    c->field++;
    if (c->field > 1 && !space(c)) {
        c->from = c->at;
        return (struct rill_view){0};
    }
    return word(c);
}

static bool is_alnum(uint8_t b)
{
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
}

/* Every byte alphanumeric or one of `more`, and at least `least` of them. */
static bool consists_of(struct rill_view v, const char *more, size_t least)
{
    for (size_t i = 0; i < v.n; i++)
        if (!is_alnum(v.p[i]) && (v.p[i] == 0 || !strchr(more, v.p[i])))
            return false;
    return v.n >= least;
}

/* RFC 3261 §25.1: token. */
static bool is_token(struct rill_view v)
{
    return consists_of(v, "-.!%*_+`'~", 1);
}

static bool is_digits(struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] < '0' || v.p[i] > '9')
            return false;
    return v.n > 0;
}

static bool is_vchar(struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] < 0x21 || v.p[i] > 0x7e)
            return false;
    return true;
}

/* Digits, at most `digits` of them, worth least…most. */
static int number(const struct cursor *c, struct rill_view v, size_t digits, uint64_t least,
                  uint64_t most, uint64_t *out, struct rill_err *why)
{
    if (!is_digits(v) || v.n > digits)
        return refuse_field(c, why);
    if (!rill_view_u64(v, UINT64_MAX, out))
        *out = UINT64_MAX;
    return *out < least || *out > most ? refuse(RILL_ICE_CAND_RANGE, c, *out, why) : 0;
}

/* RFC 8839 §5.1: "the presence of a colon indicates IPv6". A name has a letter, so what is
 * all digits and dots is IPv4 or nothing. RFC 8866 §9: FQDN is four characters or more. */
static bool read_address(struct rill_view v, struct rill_addr *out)
{
    bool letters = false;
    *out = (struct rill_addr){0};
    if (rill_addr_parse_ip(v, out))
        return true;
    for (size_t i = 0; i < v.n; i++)
        letters = letters || (v.p[i] != '.' && (v.p[i] < '0' || v.p[i] > '9'));
    return letters && v.n <= 255 && consists_of(v, "-.", 4);
}

static int read_identity(struct cursor *c, struct rill_ice_cand_line *out, struct rill_err *why)
{
    uint64_t n = 0;
    out->foundation = next_field(c);
    if (!consists_of(out->foundation, "+/", 1) || out->foundation.n > RILL_ICE_FOUNDATION_MAX)
        return refuse_field(c, why);
    /* RFC 8839 §5.1: "a positive integer between 1 and 256 (inclusive)". */
    int rc = number(c, next_field(c), 3, 1, 256, &n, why);
    if (rc < 0)
        return rc;
    out->component = (uint32_t)n;
    out->transport = next_field(c);
    if (!is_token(out->transport))
        return refuse_field(c, why);
    /* RFC 8839 §5.1: "a positive integer between 1 and (2**31 - 1) inclusive". */
    rc = number(c, next_field(c), 10, 1, INT32_MAX, &n, why);
    out->priority = (uint32_t)n;
    return rc;
}

static int read_transport_address(struct cursor *c, struct rill_ice_cand_line *out,
                                  struct rill_err *why)
{
    uint64_t port = 0;
    out->address = next_field(c);
    if (out->address.n == 0)
        return refuse_field(c, why);
    if (!read_address(out->address, &out->addr))
        return refuse(RILL_ICE_CAND_ADDRESS, c, out->address.n, why);
    int rc = number(c, next_field(c), SIZE_MAX, 0, UINT16_MAX, &port, why);
    if (rc == 0)
        out->addr.port = (uint16_t)port;
    return rc;
}

static int read_type(struct cursor *c, struct rill_ice_cand_line *out, struct rill_err *why)
{
    static const enum rill_ice_type types[] = {RILL_ICE_HOST, RILL_ICE_SRFLX, RILL_ICE_PRFLX,
                                               RILL_ICE_RELAY};
    if (!rill_view_is_nocase(next_field(c), "typ"))
        return refuse_field(c, why);
    out->type_text = next_field(c);
    if (!is_token(out->type_text))
        return refuse_field(c, why);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (rill_view_is_nocase(out->type_text, rill_ice_type_name(types[i]))) {
            out->known_type = true;
            out->type = types[i];
        }
    }
    return 0;
}

/* RFC 6544 §4.5: tcp-type = "active" / "passive" / "so". */
static enum rill_ice_tcptype tcptype(struct rill_view v)
{
    for (int t = RILL_ICE_TCP_ACTIVE; t <= RILL_ICE_TCP_SO; t++)
        if (rill_view_is_nocase(v, rill_ice_tcptype_name((enum rill_ice_tcptype)t)))
            return (enum rill_ice_tcptype)t;
    return RILL_ICE_TCP_NONE;
}

/* raddr can only be the first pair, rport only the first or the one behind raddr; anywhere
 * else the grammar makes them extensions like any other. */
static int read_pair(struct cursor *c, unsigned pair, struct rill_view name, struct rill_view value,
                     struct rill_ice_cand_line *out, struct rill_err *why)
{
    uint64_t port = 0;
    if (pair == 1 && rill_view_is_nocase(name, "raddr")) {
        out->raddr = value;
        return read_address(value, &out->related) ? 0
                                                  : refuse(RILL_ICE_CAND_ADDRESS, c, value.n, why);
    }
    bool place = pair == 1 || (pair == 2 && out->raddr.p);
    if (place && rill_view_is_nocase(name, "rport")) {
        int rc = number(c, value, SIZE_MAX, 0, UINT16_MAX, &port, why);
        out->has_rport = rc == 0;
        out->related.port = (uint16_t)port;
        return rc;
    }
    /* RFC 8839 §5.1: "An implementation MUST ignore any name/value pairs it doesn't
     * understand." */
    if (rill_view_is_nocase(name, "tcptype"))
        out->tcptype = tcptype(value);
    else if (rill_view_is_nocase(name, "ufrag") && value.n > 0)
        out->ufrag = value;
    return 0;
}

/* extension-att-value = *VCHAR, so a value may be empty; the space before it may not. */
static int read_pairs(struct cursor *c, struct rill_ice_cand_line *out, struct rill_err *why)
{
    for (unsigned pair = 1; space(c); pair++) {
        c->field++;
        struct rill_view name = word(c);
        if (!is_token(name) || !space(c))
            return refuse(RILL_ICE_CAND_EXTENSION, c, pair, why);
        struct rill_view value = word(c);
        if (!is_vchar(value))
            return refuse(RILL_ICE_CAND_EXTENSION, c, pair, why);
        int rc = read_pair(c, pair, name, value, out, why);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static size_t prefix(struct rill_view line)
{
    if (rill_view_starts(line, "a=candidate:"))
        return 12;
    return rill_view_starts(line, "candidate:") ? 10 : 0;
}

int rill_ice_cand_parse(struct rill_view line, struct rill_ice_cand_line *out, struct rill_err *why)
{
    struct rill_ice_cand_line parsed = {0};
    struct cursor c = {line, prefix(line), 0, 0};
    int rc = read_identity(&c, &parsed, why);
    if (rc == 0)
        rc = read_transport_address(&c, &parsed, why);
    if (rc == 0)
        rc = read_type(&c, &parsed, why);
    if (rc == 0)
        rc = read_pairs(&c, &parsed, why);
    if (rc == 0)
        *out = parsed;
    return rc;
}
