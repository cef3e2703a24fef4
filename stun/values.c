/* values: what the bytes of an attribute say (RFC 8489 §14.1, §14.2, §14.8).
 *
 * The idea: each value has a size it must have, so length is judged against what it is read
 * into, not only against the message.
 */
#include "stun/msg.h"

#include <string.h>

enum {
    FAMILY_IP4 = 1, /* RFC 8489 §14.1 */
    FAMILY_IP6 = 2,
};

/* XORs n bytes with the cookie and then the transaction ID. */
static void xor_with_header(uint8_t *p, size_t n, struct rill_view txid)
{
    uint8_t mask[4 + RILL_STUN_TXID] = {0x21, 0x12, 0xa4, 0x42};
    memcpy(mask + 4, txid.p, RILL_STUN_TXID);
    for (size_t i = 0; i < n; i++)
        p[i] ^= mask[i];
}

/*   0                   1                   2                   3
 *  |0 0 0 0 0 0 0 0|    Family     |           Port, or X-Port     |
 *  |       Address, or X-Address (32 bits or 128 bits)           … |
 */
bool rill_stun_value_addr(struct rill_view value, bool xored, struct rill_view txid,
                          struct rill_addr *out)
{
    const struct rill_field *rows = rill_stun_value_fields(RILL_STUN_ADDR)->fields;
    /* RFC 8489 §14.1: "The first 8 bits … MUST be ignored by receivers." */
    uint8_t family = (uint8_t)rill_field_get(&rows[1], value);
    uint16_t port = (uint16_t)rill_field_get(&rows[2], value);
    size_t n = family == FAMILY_IP6 ? 16 : 4;
    struct rill_view ip = rill_view_sub(value, 4, n);
    if (value.n != 4 + n || (family != FAMILY_IP4 && family != FAMILY_IP6))
        return false;
    if (xored && txid.n != RILL_STUN_TXID)
        return false;
    struct rill_addr a = {.family = family == FAMILY_IP6 ? RILL_ADDR_IP6 : RILL_ADDR_IP4,
                          .port = port};
    memcpy(a.ip, ip.p, ip.n);
    if (xored) {
        a.port ^= RILL_STUN_COOKIE >> 16;
        xor_with_header(a.ip, ip.n, txid);
    }
    *out = a;
    return true;
}

bool rill_stun_get_addr(const struct rill_stun_msg *m, uint16_t type, struct rill_addr *out)
{
    struct rill_view v;
    return rill_stun_find(m, type, &v) &&
           rill_stun_value_addr(v, rill_stun_attr_kind(type) == RILL_STUN_XOR_ADDR, m->txid, out);
}

void rill_stun_put_addr(struct rill_stun_writer *s, uint16_t type, const struct rill_addr *a)
{
    bool xored = rill_stun_attr_kind(type) == RILL_STUN_XOR_ADDR;
    uint8_t value[4 + 16], ip[16];
    size_t n = rill_addr_ip_size(a);
    if (n == 0) {
        s->w.bad = true;
        return;
    }
    memcpy(ip, a->ip, n);
    if (xored)
        xor_with_header(ip, n, rill_view_at(s->txid, RILL_STUN_TXID));
    struct rill_writer w = rill_writer_of((struct rill_span){value, sizeof value});
    rill_w_u8(&w, 0);
    rill_w_u8(&w, n == 16 ? FAMILY_IP6 : FAMILY_IP4);
    rill_w_u16(&w, (uint16_t)(a->port ^ (xored ? RILL_STUN_COOKIE >> 16 : 0)));
    rill_w_bytes(&w, rill_view_at(ip, n));
    rill_stun_put(s, type, rill_w_view(&w));
}

bool rill_stun_get_u32(const struct rill_stun_msg *m, uint16_t type, uint32_t *out)
{
    struct rill_view v;
    if (!rill_stun_find(m, type, &v) || v.n != 4)
        return false;
    struct rill_reader r = rill_reader_of(v);
    *out = rill_r_u32(&r);
    return true;
}

bool rill_stun_get_u64(const struct rill_stun_msg *m, uint16_t type, uint64_t *out)
{
    struct rill_view v;
    if (!rill_stun_find(m, type, &v) || v.n != 8)
        return false;
    struct rill_reader r = rill_reader_of(v);
    *out = rill_r_u64(&r);
    return true;
}

/*   0                   1                   2                   3
 *  |             Port              |           Padding             |
 */
bool rill_stun_get_port(const struct rill_stun_msg *m, uint16_t type, uint16_t *out)
{
    struct rill_view v;
    if (!rill_stun_find(m, type, &v) || (v.n != 2 && v.n != 4))
        return false;
    struct rill_reader r = rill_reader_of(v);
    *out = rill_r_u16(&r);
    return true;
}

void rill_stun_put_port(struct rill_stun_writer *s, uint16_t type, uint16_t port)
{
    rill_stun_put_u32(s, type, (uint32_t)port << 16);
}

void rill_stun_put_u32(struct rill_stun_writer *s, uint16_t type, uint32_t value)
{
    uint8_t b[4];
    struct rill_writer w = rill_writer_of((struct rill_span){b, sizeof b});
    rill_w_u32(&w, value);
    rill_stun_put(s, type, rill_w_view(&w));
}

void rill_stun_put_u64(struct rill_stun_writer *s, uint16_t type, uint64_t value)
{
    uint8_t b[8];
    struct rill_writer w = rill_writer_of((struct rill_span){b, sizeof b});
    rill_w_u64(&w, value);
    rill_stun_put(s, type, rill_w_view(&w));
}

/*   0                   1                   2                   3
 *  |           Reserved, should be 0         |Class|     Number    |
 *  |      Reason Phrase (variable)                                …
 */
bool rill_stun_value_error(struct rill_view value, unsigned *code, struct rill_view *reason)
{
    const struct rill_field *rows = rill_stun_value_fields(RILL_STUN_ERROR_VALUE)->fields;
    /* RFC 8489 §14.8: of the reserved bits "Receivers MUST ignore these bits." */
    unsigned class = (unsigned)rill_field_get(&rows[1], value);
    unsigned number = (unsigned)rill_field_get(&rows[2], value);
    /* RFC 8489 §14.8: the class is between 3 and 6, the number between 0 and 99. */
    if (value.n < 4 || class < 3 || class > 6 || number > 99)
        return false;
    *code = class * 100 + number;
    *reason = rill_view_sub(value, 4, value.n - 4);
    return true;
}

bool rill_stun_get_error(const struct rill_stun_msg *m, unsigned *code, struct rill_view *reason)
{
    struct rill_view v;
    return rill_stun_find(m, RILL_STUN_ERROR_CODE, &v) && rill_stun_value_error(v, code, reason);
}
