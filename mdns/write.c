/* write: messages of ours. They are short: no name is ever compressed but a record's own. */
#include "mdns/message.h"

#define TOP 0x8000

void rill_dns_put_header(struct rill_writer *w, uint16_t id, bool response, uint16_t questions,
                         uint16_t answers, uint16_t additionals)
{
    rill_w_u16(w, id);
    rill_w_u16(w, response ? 0x8400 : 0); /* QR and AA: RFC 6762 §18.2, §18.4 */
    rill_w_u16(w, questions);
    rill_w_u16(w, answers);
    rill_w_u16(w, 0);
    rill_w_u16(w, additionals);
}

static void put_name(struct rill_writer *w, const struct rill_dns_name *name)
{
    rill_w_bytes(w, rill_view_at(name->bytes, name->n));
}

void rill_dns_put_question(struct rill_writer *w, const struct rill_dns_name *name, uint16_t type,
                           bool unicast)
{
    put_name(w, name);
    rill_w_u16(w, type);
    rill_w_u16(w, unicast ? TOP | RILL_DNS_IN : RILL_DNS_IN);
}

static void put_record(struct rill_writer *w, const struct rill_dns_name *name, uint16_t type,
                       bool flush, uint32_t ttl, size_t n)
{
    put_name(w, name);
    rill_w_u16(w, type);
    rill_w_u16(w, flush ? TOP | RILL_DNS_IN : RILL_DNS_IN);
    rill_w_u32(w, ttl);
    rill_w_u16(w, (uint16_t)n);
}

void rill_dns_put_addr(struct rill_writer *w, const struct rill_dns_name *name,
                       const struct rill_addr *addr, bool flush, uint32_t ttl)
{
    bool ip4 = addr->family == RILL_ADDR_IP4;
    put_record(w, name, ip4 ? RILL_DNS_A : RILL_DNS_AAAA, flush, ttl, rill_addr_ip_size(addr));
    rill_w_bytes(w, rill_view_at(addr->ip, rill_addr_ip_size(addr)));
}

/* RFC 6762 §6.1: "The Next Domain Name field contains the record's own name", "a single window
 * block 0", whose bitmap is as long as its last bit needs (RFC 4034 §4.1.2). */
void rill_dns_put_nsec(struct rill_writer *w, const struct rill_dns_name *name, uint16_t type,
                       bool flush, uint32_t ttl)
{
    size_t bitmap = type / 8u + 1;
    put_record(w, name, RILL_DNS_NSEC, flush, ttl, name->n + 2 + bitmap);
    put_name(w, name);
    rill_w_u8(w, 0);
    rill_w_u8(w, (uint8_t)bitmap);
    rill_w_zeros(w, bitmap - 1);
    rill_w_u8(w, (uint8_t)(0x80 >> type % 8));
}
