#include "base/addr.h"

#include <string.h>

size_t rill_addr_ip_size(const struct rill_addr *a)
{
    switch (a->family) {
    case RILL_ADDR_IP4:
        return 4;
    case RILL_ADDR_IP6:
        return 16;
    default:
        return 0;
    }
}

bool rill_addr_same_ip(const struct rill_addr *a, const struct rill_addr *b)
{
    return a->family == b->family && a->scope == b->scope &&
           memcmp(a->ip, b->ip, rill_addr_ip_size(a)) == 0;
}

bool rill_addr_equal(const struct rill_addr *a, const struct rill_addr *b)
{
    return a->port == b->port && rill_addr_same_ip(a, b);
}

bool rill_path_equal(const struct rill_path *a, const struct rill_path *b)
{
    return a->socket == b->socket && a->proto == b->proto &&
           rill_addr_equal(&a->remote, &b->remote);
}

static bool all_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

bool rill_addr_is_loopback(const struct rill_addr *a)
{
    if (a->family == RILL_ADDR_IP4)
        return a->ip[0] == 127;
    return a->family == RILL_ADDR_IP6 && all_zero(a->ip, 15) && a->ip[15] == 1;
}

bool rill_addr_is_link_local(const struct rill_addr *a)
{
    if (a->family == RILL_ADDR_IP4)
        return a->ip[0] == 169 && a->ip[1] == 254;
    return a->family == RILL_ADDR_IP6 && a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

bool rill_addr_is_any(const struct rill_addr *a)
{
    return all_zero(a->ip, rill_addr_ip_size(a));
}

bool rill_addr_is_multicast(const struct rill_addr *a)
{
    if (a->family == RILL_ADDR_IP4)
        return a->ip[0] >= 224 && a->ip[0] <= 239;
    return a->family == RILL_ADDR_IP6 && a->ip[0] == 0xff;
}

/* RFC 4291 §2.5.5.2: ::ffff:0:0/96 */
static bool is_mapped(const uint8_t ip[16])
{
    return all_zero(ip, 10) && ip[10] == 0xff && ip[11] == 0xff;
}

struct rill_addr rill_addr_unmapped(const struct rill_addr *a)
{
    struct rill_addr out = *a;
    if (a->family != RILL_ADDR_IP6 || !is_mapped(a->ip))
        return out;
    memset(&out, 0, sizeof out);
    out.family = RILL_ADDR_IP4;
    out.port = a->port;
    memcpy(out.ip, a->ip + 12, 4);
    return out;
}

static bool parse_ip4(struct rill_view text, uint8_t out[4])
{
    for (int i = 0; i < 4; i++) {
        uint64_t part;
        bool last = i == 3;
        struct rill_view rest;
        struct rill_view head = rill_view_cut(text, '.', &rest);
        if (head.n > 3 || (head.n > 1 && head.p[0] == '0') || !rill_view_u64(head, 255, &part))
            return false;
        if (last != (rest.p == NULL))
            return false;
        out[i] = (uint8_t)part;
        text = rest;
    }
    return true;
}

static bool parse_group(struct rill_view v, uint8_t out[2])
{
    uint8_t digits[4] = {'0', '0', '0', '0'};
    if (v.n == 0 || v.n > 4)
        return false;
    memcpy(digits + 4 - v.n, v.p, v.n);
    return rill_hex_decode(rill_view_at(digits, 4), (struct rill_span){out, 2}) == 2;
}

/* Groups on one side of "::" into out; returns bytes written or -1. Only the last of an
 * address may be dotted (RFC 4291 §2.2). */
static int parse_groups(struct rill_view v, bool last_side, uint8_t *out, size_t cap)
{
    size_t n = 0;
    while (v.p && v.n) {
        struct rill_view rest;
        struct rill_view head = rill_view_cut(v, ':', &rest);
        if (last_side && !rest.p && head.n && memchr(head.p, '.', head.n)) {
            if (n + 4 > cap || !parse_ip4(head, out + n))
                return -1;
            return (int)(n + 4);
        }
        if (n + 2 > cap || !parse_group(head, out + n))
            return -1;
        n += 2;
        if (rest.p && rest.n == 0)
            return -1;
        v = rest;
    }
    return (int)n;
}

static const uint8_t *find_double_colon(struct rill_view v)
{
    for (size_t i = 0; i + 1 < v.n; i++)
        if (v.p[i] == ':' && v.p[i + 1] == ':')
            return v.p + i;
    return NULL;
}

static bool parse_ip6(struct rill_view text, uint8_t out[16])
{
    uint8_t tail[16];
    const uint8_t *gap = find_double_colon(text);
    memset(out, 0, 16);
    if (!gap)
        return parse_groups(text, true, out, 16) == 16;
    size_t head_n = (size_t)(gap - text.p);
    struct rill_view after = rill_view_at(gap + 2, text.n - head_n - 2);
    int head = parse_groups(rill_view_at(text.p, head_n), false, out, 14);
    int end = parse_groups(after, true, tail, 14);
    if (head < 0 || end < 0 || head + end > 14)
        return false;
    memcpy(out + 16 - end, tail, (size_t)end);
    return true;
}

bool rill_addr_parse_ip(struct rill_view text, struct rill_addr *out)
{
    struct rill_addr a = {0};
    if (text.n == 0 || text.n > 45)
        return false;
    if (memchr(text.p, ':', text.n)) {
        a.family = RILL_ADDR_IP6;
        if (!parse_ip6(text, a.ip))
            return false;
    } else {
        a.family = RILL_ADDR_IP4;
        if (!parse_ip4(text, a.ip))
            return false;
    }
    *out = a;
    return true;
}

bool rill_addr_parse(struct rill_view text, struct rill_addr *out)
{
    struct rill_addr a;
    uint64_t port;
    struct rill_view ip, port_text;
    if (text.n && text.p[0] == '[') {
        struct rill_view rest;
        ip = rill_view_cut(rill_view_at(text.p + 1, text.n - 1), ']', &rest);
        if (!rest.p || rest.n == 0 || rest.p[0] != ':')
            return false;
        port_text = rill_view_at(rest.p + 1, rest.n - 1);
    } else {
        ip = rill_view_cut(text, ':', &port_text);
    }
    if (!rill_addr_parse_ip(ip, &a) || !rill_view_u64(port_text, 65535, &port))
        return false;
    a.port = (uint16_t)port;
    *out = a;
    return true;
}

struct rill_addr rill_addr_ip4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port)
{
    return (struct rill_addr){.family = RILL_ADDR_IP4, .port = port, .ip = {a, b, c, d}};
}

static void write_ip4(struct rill_writer *w, const uint8_t ip[4])
{
    for (int i = 0; i < 4; i++) {
        if (i)
            rill_w_char(w, '.');
        rill_w_dec(w, ip[i]);
    }
}

static void write_group(struct rill_writer *w, const uint8_t g[2])
{
    static const char digits[] = "0123456789abcdef";
    unsigned v = (unsigned)g[0] << 8 | g[1];
    bool started = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
        unsigned d = v >> shift & 15;
        started = started || d || shift == 0;
        if (started)
            rill_w_char(w, digits[d]);
    }
}

/* RFC 5952 §4.2.3: the longest run of zero groups, the first when equal, never one alone. */
static void longest_zero_run(const uint8_t ip[16], int *start, int *length)
{
    *start = -1;
    *length = 1;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && ip[2 * (i + n)] == 0 && ip[2 * (i + n) + 1] == 0)
            n++;
        if (n > *length) {
            *start = i;
            *length = n;
        }
        if (n)
            i += n - 1;
    }
}

static void write_ip6(struct rill_writer *w, const uint8_t ip[16])
{
    int start, length;
    /* RFC 5952 §5: "mixed notation is RECOMMENDED if … the address can be distinguished as
     * having IPv4 addresses embedded in the lower 32 bits solely from the address field". */
    if (is_mapped(ip)) {
        rill_w_str(w, "::ffff:");
        write_ip4(w, ip + 12);
        return;
    }
    longest_zero_run(ip, &start, &length);
    for (int i = 0; i < 8; i++) {
        if (i == start) {
            rill_w_str(w, "::");
            i += length - 1;
            continue;
        }
        bool after_gap = start >= 0 && i == start + length;
        if (i && !after_gap)
            rill_w_char(w, ':');
        write_group(w, ip + 2 * i);
    }
}

void rill_addr_write_ip(struct rill_writer *w, const struct rill_addr *a)
{
    if (a->family == RILL_ADDR_IP4) {
        write_ip4(w, a->ip);
    } else if (a->family == RILL_ADDR_IP6) {
        write_ip6(w, a->ip);
        if (a->scope) {
            rill_w_char(w, '%');
            rill_w_dec(w, a->scope);
        }
    } else {
        rill_w_char(w, '-');
    }
}

void rill_addr_write(struct rill_writer *w, const struct rill_addr *a)
{
    bool six = a->family == RILL_ADDR_IP6;
    if (six)
        rill_w_char(w, '[');
    rill_addr_write_ip(w, a);
    rill_w_str(w, six ? "]:" : ":");
    rill_w_dec(w, a->port);
}

struct rill_addr_text rill_addr_text(const struct rill_addr *a)
{
    struct rill_addr_text out;
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)out.text, sizeof out.text});
    rill_addr_write(&w, a);
    rill_w_end_text(&w);
    return out;
}
