/* packet_link: from a frame of some link to the payload of its UDP datagram.
 *
 *   Ethernet      to 48 | from 48 | [8100 or 88a8, tag 16]… | type 16        (IEEE 802.3, 802.1Q)
 *   Linux cooked  packet type, device type, address: 14 bytes | type 16      (LINKTYPE_LINUX_SLL)
 *   … second      type 16 | 18 bytes                                         (LINKTYPE_LINUX_SLL2)
 *   raw IP        the version says which                                     (LINKTYPE_RAW)
 */
#include "rtp/packet_file_private.h"

enum {
    LINK_ETHERNET = 1,
    LINK_RAW_BSD = 12, /* DLT_RAW of some systems, written as it is */
    LINK_RAW_OPENBSD = 14,
    LINK_RAW = 101,
    LINK_LINUX_SLL = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_LINUX_SLL2 = 276,
};

#define TYPE_IPV4 0x0800
#define TYPE_IPV6 0x86dd
#define TYPE_VLAN 0x8100
#define TYPE_SERVICE_VLAN 0x88a8
#define TAGS_MAX 4

#define PROTOCOL_UDP 17
/* RFC 8200 §4: of 8 bytes and 8 more for each unit of their length. */
#define HOP_BY_HOP 0
#define ROUTING 43
#define DESTINATION 60
#define HEADERS_MAX 8

bool rill_packet_link_is_known(uint32_t link)
{
    return link == LINK_ETHERNET || link == LINK_RAW_BSD || link == LINK_RAW_OPENBSD ||
           link == LINK_RAW || link == LINK_LINUX_SLL || link == LINK_IPV4 || link == LINK_IPV6 ||
           link == LINK_LINUX_SLL2;
}

/* RFC 768. The length counts the header; what stands behind is the link's padding. */
static bool read_udp(struct rill_reader *r, struct rill_packet_file_datagram *out)
{
    rill_r_skip(r, 4);
    size_t length = rill_r_u16(r);
    rill_r_skip(r, 2);
    if (r->bad || length < 8)
        return false;
    size_t left = rill_r_left(r);
    out->length = length - 8;
    out->bytes = rill_r_bytes(r, out->length < left ? out->length : left);
    return true;
}

/* RFC 791 §3.1. A fragment is none: its first part is not whole, the others have no ports. */
static bool read_ipv4(struct rill_reader *r, struct rill_packet_file_datagram *out)
{
    unsigned words = rill_r_u8(r) & 15;
    rill_r_skip(r, 5);
    bool fragment = rill_r_u16(r) & 0x3fff;
    rill_r_skip(r, 1);
    uint8_t protocol = rill_r_u8(r);
    rill_r_skip(r, 10);
    if (words < 5 || fragment || protocol != PROTOCOL_UDP)
        return false;
    rill_r_skip(r, ((size_t)words - 5) * 4);
    return read_udp(r, out);
}

static bool read_ipv6(struct rill_reader *r, struct rill_packet_file_datagram *out)
{
    rill_r_skip(r, 6);
    uint8_t next = rill_r_u8(r);
    rill_r_skip(r, 33);
    for (int i = 0; i < HEADERS_MAX && !r->bad; i++) {
        if (next != HOP_BY_HOP && next != ROUTING && next != DESTINATION)
            break;
        next = rill_r_u8(r);
        size_t units = rill_r_u8(r);
        rill_r_skip(r, 6 + units * 8);
    }
    return next == PROTOCOL_UDP && read_udp(r, out);
}

static bool read_ip(struct rill_reader *r, struct rill_packet_file_datagram *out)
{
    unsigned version = rill_r_left(r) ? r->p[r->at] >> 4 : 0;
    return version == 4 ? read_ipv4(r, out) : version == 6 && read_ipv6(r, out);
}

static uint16_t ethernet_type(struct rill_reader *r)
{
    rill_r_skip(r, 12);
    uint16_t type = rill_r_u16(r);
    for (int i = 0; i < TAGS_MAX && (type == TYPE_VLAN || type == TYPE_SERVICE_VLAN); i++) {
        rill_r_skip(r, 2);
        type = rill_r_u16(r);
    }
    return type;
}

bool rill_packet_link_udp(uint32_t link, struct rill_view frame,
                          struct rill_packet_file_datagram *out)
{
    struct rill_reader r = rill_reader_of(frame);
    uint16_t type = TYPE_IPV4;
    if (link == LINK_ETHERNET) {
        type = ethernet_type(&r);
    } else if (link == LINK_LINUX_SLL) {
        rill_r_skip(&r, 14);
        type = rill_r_u16(&r);
    } else if (link == LINK_LINUX_SLL2) {
        type = rill_r_u16(&r);
        rill_r_skip(&r, 18);
    } else if (!rill_packet_link_is_known(link)) {
        return false;
    }
    return (type == TYPE_IPV4 || type == TYPE_IPV6) && read_ip(&r, out);
}
