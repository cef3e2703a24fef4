#include "trace/pcapng.h"

/* draft-ietf-opsawg-pcapng §3.1:
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                          Block Type                           |
 * +---------------------------------------------------------------+
 * |                      Block Total Length                       |
 * +---------------------------------------------------------------+
 * /              Block Body, padded to 32 bits                    /
 * +---------------------------------------------------------------+
 * |                      Block Total Length                       |
 * +---------------------------------------------------------------+
 *
 * Numbers are in the order that the section's header has, here that of the network. */
#define SECTION_HEADER 0x0a0d0d0au
#define INTERFACE_DESCRIPTION 1u
#define ENHANCED_PACKET 6u
#define DECRYPTION_SECRETS 10u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define LINKTYPE_RAW 101
#define SECRETS_TLS_KEY_LOG 0x544c534bu

/* §3.5, §4.2, §4.3 */
#define OPT_END 0
#define OPT_COMMENT 1
#define IF_NAME 2
#define IF_DESCRIPTION 3
#define IF_TSRESOL 9
#define EPB_FLAGS 2
#define SHB_USERAPPL 4

/* --- blocks ------------------------------------------------------------------------------- */

static void patch_u32(struct rill_writer *w, size_t at, size_t v)
{
    rill_w_patch_u16(w, at, (uint16_t)(v >> 16));
    rill_w_patch_u16(w, at + 2, (uint16_t)v);
}

static size_t begin(struct rill_writer *w, uint32_t type)
{
    size_t at = w->at;
    rill_w_u32(w, type);
    rill_w_u32(w, 0);
    return at;
}

static void pad(struct rill_writer *w, size_t n)
{
    rill_w_zeros(w, (4 - n % 4) % 4);
}

static void end(struct rill_writer *w, size_t at)
{
    size_t n = w->at - at + 4;
    rill_w_u32(w, (uint32_t)n);
    patch_u32(w, at + 4, n);
}

static void option(struct rill_writer *w, uint16_t code, struct rill_view value)
{
    rill_w_u16(w, code);
    rill_w_u16(w, (uint16_t)value.n);
    rill_w_bytes(w, value);
    pad(w, value.n);
}

static void write_interface(struct rill_writer *w, const char *name, const char *description)
{
    static const uint8_t microseconds = 6;
    size_t at = begin(w, INTERFACE_DESCRIPTION);
    rill_w_u16(w, LINKTYPE_RAW);
    rill_w_u16(w, 0);
    rill_w_u32(w, 0); /* no limit */
    option(w, IF_NAME, rill_view_of(name));
    option(w, IF_DESCRIPTION, rill_view_of(description));
    option(w, IF_TSRESOL, rill_view_at(&microseconds, 1));
    option(w, OPT_END, rill_view_of(""));
    end(w, at);
}

void rill_pcapng_write_head(struct rill_writer *w)
{
    size_t at = begin(w, SECTION_HEADER);
    rill_w_u32(w, BYTE_ORDER_MAGIC);
    rill_w_u16(w, 1);
    rill_w_u16(w, 0);
    rill_w_u64(w, UINT64_MAX); /* a length that is not known */
    option(w, SHB_USERAPPL, rill_view_of("rill"));
    option(w, OPT_END, rill_view_of(""));
    end(w, at);
    write_interface(w, "wire", "as on the wire; IP, UDP and TCP headers are made up");
    write_interface(w, "clear",
                    "RTP (port 5004) and RTCP (5005) in clear; IP and UDP headers are made up");
}

void rill_pcapng_write_secrets(struct rill_writer *w, struct rill_view lines)
{
    size_t at = begin(w, DECRYPTION_SECRETS);
    rill_w_u32(w, SECRETS_TLS_KEY_LOG);
    rill_w_u32(w, (uint32_t)lines.n);
    rill_w_bytes(w, lines);
    pad(w, lines.n);
    end(w, at);
}

/* --- headers that nobody sent -------------------------------------------------------------- */

#define UDP 17
#define TCP 6
#define IP4_HEADER 20
#define IP6_HEADER 40
#define UDP_HEADER 8
#define TCP_HEADER 20
#define HOPS 64

/* RFC 1071 §1, of bytes that begin at an even place. */
static uint32_t sum(uint32_t so_far, struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++) {
        so_far += (uint32_t)v.p[i] << (i % 2 ? 0 : 8);
        so_far = (so_far & 0xffff) + (so_far >> 16);
    }
    return so_far;
}

static uint16_t checksum(uint32_t total)
{
    return (uint16_t)~total;
}

static struct rill_view ip_of(const struct rill_addr *a)
{
    return rill_view_at(a->ip, rill_addr_ip_size(a));
}

/* RFC 791 §3.1, RFC 8200 §3 */
static void write_ip(struct rill_writer *w, const struct rill_addr *from,
                     const struct rill_addr *to, uint8_t protocol, size_t n)
{
    size_t at = w->at;
    if (from->family == RILL_ADDR_IP6) {
        rill_w_u32(w, 6u << 28);
        rill_w_u16(w, (uint16_t)n);
        rill_w_u8(w, protocol);
        rill_w_u8(w, HOPS);
        rill_w_bytes(w, ip_of(from));
        rill_w_bytes(w, ip_of(to));
        return;
    }
    rill_w_u16(w, 0x4500);
    rill_w_u16(w, (uint16_t)(IP4_HEADER + n));
    rill_w_u16(w, 0);
    rill_w_u16(w, 0x4000); /* don't fragment */
    rill_w_u8(w, HOPS);
    rill_w_u8(w, protocol);
    rill_w_u16(w, 0);
    rill_w_bytes(w, ip_of(from));
    rill_w_bytes(w, ip_of(to));
    if (!w->bad)
        rill_w_patch_u16(w, at + 10, checksum(sum(0, rill_view_at(w->p + at, IP4_HEADER))));
}

/* RFC 768, RFC 9293 §3.1, RFC 8200 §8.1: over both addresses, protocol, length, and [at, end). */
static void put_checksum(struct rill_writer *w, const struct rill_addr *from,
                         const struct rill_addr *to, uint8_t protocol, size_t at, size_t where)
{
    if (w->bad)
        return;
    uint32_t total = (uint32_t)protocol + (uint32_t)(w->at - at);
    total = sum(sum(total, ip_of(from)), ip_of(to));
    uint16_t value = checksum(sum(total, rill_view_at(w->p + at, w->at - at)));
    rill_w_patch_u16(w, where, value == 0 && protocol == UDP ? 0xffff : value);
}

static void write_udp(struct rill_writer *w, const struct rill_addr *from,
                      const struct rill_addr *to, struct rill_view bytes)
{
    write_ip(w, from, to, UDP, UDP_HEADER + bytes.n);
    size_t at = w->at;
    rill_w_u16(w, from->port);
    rill_w_u16(w, to->port);
    rill_w_u16(w, (uint16_t)(UDP_HEADER + bytes.n));
    rill_w_u16(w, 0);
    rill_w_bytes(w, bytes);
    put_checksum(w, from, to, UDP, at, at + 6);
}

static struct rill_pcapng_stream *stream_of(struct rill_pcapng *x, const struct rill_addr *local,
                                            const struct rill_addr *remote)
{
    for (size_t i = 0; i < x->n_streams; i++)
        if (rill_addr_equal(&x->streams[i].local, local) &&
            rill_addr_equal(&x->streams[i].remote, remote))
            return &x->streams[i];
    struct rill_pcapng_stream *s = &x->streams[x->next];
    x->next = (x->next + 1) % RILL_PCAPNG_STREAMS;
    x->n_streams += x->n_streams < RILL_PCAPNG_STREAMS;
    *s = (struct rill_pcapng_stream){*local, *remote, 1, 1};
    return s;
}

/* A segment, as if all before it had arrived. */
static void write_tcp(struct rill_writer *w, const struct rill_addr *from,
                      const struct rill_addr *to, uint32_t seq, uint32_t ack,
                      struct rill_view bytes)
{
    write_ip(w, from, to, TCP, TCP_HEADER + bytes.n);
    size_t at = w->at;
    rill_w_u16(w, from->port);
    rill_w_u16(w, to->port);
    rill_w_u32(w, seq);
    rill_w_u32(w, ack);
    rill_w_u16(w, 0x5018); /* 5 words; PSH, ACK */
    rill_w_u16(w, 0xffff);
    rill_w_u32(w, 0);
    rill_w_bytes(w, bytes);
    put_checksum(w, from, to, TCP, at, at + 16);
}

static void write_stream(struct rill_pcapng *x, struct rill_writer *w,
                         const struct rill_pcapng_packet *p, const struct rill_addr *local)
{
    struct rill_pcapng_stream *s = stream_of(x, local, &p->remote);
    uint32_t n = (uint32_t)p->bytes.n;
    if (p->sent)
        write_tcp(w, local, &p->remote, s->sent, s->received, p->bytes);
    else
        write_tcp(w, &p->remote, local, s->received, s->sent, p->bytes);
    if (w->bad) /* it is tried again */
        return;
    s->sent += p->sent ? n : 0;
    s->received += p->sent ? 0 : n;
}

/* --- a packet ----------------------------------------------------------------------------- */

static void write_comments(struct rill_writer *w, struct rill_view lines)
{
    while (lines.n) {
        struct rill_view line = rill_view_cut(lines, '\n', &lines);
        if (line.n)
            option(w, OPT_COMMENT, rill_view_sub(line, 0, line.n < UINT16_MAX ? line.n : 0));
    }
}

void rill_pcapng_write_packet(struct rill_pcapng *x, struct rill_writer *w,
                              const struct rill_pcapng_packet *p)
{
    struct rill_addr local = p->local;
    uint8_t direction[4] = {0, 0, 0, p->sent ? 2 : 1}; /* §4.3.1: outbound, inbound */
    if (local.family != p->remote.family)
        local = (struct rill_addr){.family = p->remote.family, .port = p->local.port};
    /* What IP could not carry was never one packet. */
    if (p->remote.family == RILL_ADDR_NONE || p->bytes.n > UINT16_MAX - IP4_HEADER - TCP_HEADER)
        return;
    size_t at = begin(w, ENHANCED_PACKET);
    rill_w_u32(w, (uint32_t)p->interface);
    rill_w_u64(w, (uint64_t)p->wall_us);
    size_t lengths = w->at;
    rill_w_u64(w, 0);
    if (p->tcp)
        write_stream(x, w, p, &local);
    else
        write_udp(w, p->sent ? &local : &p->remote, p->sent ? &p->remote : &local, p->bytes);
    size_t n = w->at - lengths - 8;
    if (!w->bad) {
        patch_u32(w, lengths, n);
        patch_u32(w, lengths + 4, n);
    }
    pad(w, n);
    write_comments(w, p->comments);
    option(w, EPB_FLAGS, rill_view_at(direction, sizeof direction));
    option(w, OPT_END, rill_view_of(""));
    end(w, at);
}

void rill_keylog_write(struct rill_writer *w, struct rill_view client_random,
                       struct rill_view secret)
{
    rill_w_str(w, "CLIENT_RANDOM ");
    rill_w_hex(w, client_random);
    rill_w_char(w, ' ');
    rill_w_hex(w, secret);
    rill_w_char(w, '\n');
}
