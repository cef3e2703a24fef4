/* packet_file_ng: the blocks of pcapng (draft-ietf-opsawg-pcapng §3, §4).
 *
 *   block                 type 32 | length 32, all of it | body | length again
 *   section header        0a0d0d0a: magic 32, by which numbers are turned | version …
 *   interface description 1: link 16 | 16 spare | snaplen 32 | options: code 16, length 16, value
 *   enhanced packet       6: interface 32 | time 64, high half first | kept 32 | were 32 | bytes
 *   simple packet         3: were 32 | bytes
 */
#include "rtp/packet_file_private.h"

#include <string.h>

#define SECTION 0x0a0d0d0au
#define INTERFACE 1
#define SIMPLE 3
#define ENHANCED 6
#define BYTE_ORDER 0x1a2b3c4du
#define BLOCK 12 /* type and both lengths */
#define IF_NAME 2
#define IF_TSRESOL 9

static bool read_section(struct rill_packet_file *f)
{
    struct rill_reader r = rill_reader_of(rill_view_sub(f->bytes, f->at, 12));
    rill_r_skip(&r, 8);
    f->little = false;
    uint32_t magic = rill_r_u32(&r);
    f->little = magic == 0x4d3c2b1au;
    f->n_interfaces = 0;
    return !r.bad && (f->little || magic == BYTE_ORDER);
}

/* §4.2: "if_tsresol": with the first bit 0 a negative power of 10, with 1 of 2. */
static uint64_t ticks(uint8_t resolution)
{
    unsigned power = resolution & 0x7f;
    uint64_t n = 1;
    for (unsigned i = 0; i < power && n <= UINT32_MAX; i++)
        n *= resolution & 0x80 ? 2 : 10;
    return n > UINT32_MAX ? UINT32_MAX : n;
}

static void read_interface(struct rill_packet_file *f, struct rill_view body)
{
    struct rill_reader r = rill_reader_of(body);
    struct rill_packet_file_interface *to = &f->interfaces[f->n_interfaces];
    if (f->n_interfaces == RILL_PACKET_FILE_INTERFACES_MAX)
        return;
    *to = (struct rill_packet_file_interface){rill_packet_file_u16(f, &r), 1000000, ""};
    rill_r_skip(&r, 6);
    while (!r.bad && rill_r_left(&r) >= 4) {
        uint16_t code = rill_packet_file_u16(f, &r), n = rill_packet_file_u16(f, &r);
        struct rill_view value = rill_r_bytes(&r, n);
        rill_r_skip(&r, (4u - n % 4u) % 4u);
        if (code == 0)
            break;
        if (code == IF_NAME && value.n < sizeof to->name)
            memcpy(to->name, value.p, value.n);
        if (code == IF_TSRESOL && value.n)
            to->ticks_a_second = ticks(value.p[0]);
    }
    f->n_interfaces++;
}

static bool read_enhanced(struct rill_packet_file *f, struct rill_view body, uint32_t *link,
                          struct rill_view *frame, int64_t *time)
{
    struct rill_reader r = rill_reader_of(body);
    uint32_t interface = rill_packet_file_u32(f, &r);
    uint64_t high = rill_packet_file_u32(f, &r), low = rill_packet_file_u32(f, &r);
    size_t kept = rill_packet_file_u32(f, &r);
    (void)rill_packet_file_u32(f, &r);
    *frame = rill_r_bytes(&r, kept);
    if (r.bad || interface >= f->n_interfaces)
        return false;
    uint64_t at = high << 32 | low, a_second = f->interfaces[interface].ticks_a_second;
    f->interface = interface;
    *link = f->interfaces[interface].link;
    *time = (int64_t)(at / a_second % (1u << 31) * 1000000 + at % a_second * 1000000 / a_second);
    return true;
}

/* It has no time: that of the one before. */
static bool read_simple(struct rill_packet_file *f, struct rill_view body, uint32_t *link,
                        struct rill_view *frame)
{
    struct rill_reader r = rill_reader_of(body);
    size_t were = rill_packet_file_u32(f, &r), left = rill_r_left(&r);
    *frame = rill_r_bytes(&r, were < left ? were : left);
    f->interface = 0;
    *link = f->interfaces[0].link;
    return !r.bad && f->n_interfaces > 0;
}

/* The block at f->at; false when the file does not hold it whole. */
static bool block(struct rill_packet_file *f, uint32_t *type, struct rill_view *body, size_t *size)
{
    struct rill_reader r = rill_reader_of(rill_view_sub(f->bytes, f->at, f->bytes.n - f->at));
    *type = rill_packet_file_u32(f, &r);
    if (!r.bad && *type == SECTION && !read_section(f))
        return false;
    *size = rill_packet_file_u32(f, &r);
    if (r.bad || *size < BLOCK || *size % 4 || *size > f->bytes.n - f->at)
        return false;
    *body = rill_view_sub(f->bytes, f->at + 8, *size - BLOCK);
    return true;
}

bool rill_packet_file_ng_open(struct rill_packet_file *f)
{
    uint32_t type;
    struct rill_view body;
    size_t size;
    f->kind = RILL_PACKET_FILE_PCAPNG;
    if (!block(f, &type, &body, &size))
        return false;
    f->at = size;
    return true;
}

bool rill_packet_file_ng_next(struct rill_packet_file *f, uint32_t *link, struct rill_view *frame,
                              int64_t *time)
{
    uint32_t type;
    struct rill_view body;
    size_t size;
    *time = 0;
    while (f->at < f->bytes.n) {
        if (!block(f, &type, &body, &size)) {
            f->cut = true;
            return false;
        }
        f->at += size;
        if (type == INTERFACE)
            read_interface(f, body);
        if (type == ENHANCED && read_enhanced(f, body, link, frame, time))
            return true;
        if (type == SIMPLE && read_simple(f, body, link, frame))
            return true;
        f->passed += type == ENHANCED || type == SIMPLE;
    }
    return false;
}
