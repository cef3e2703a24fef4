/* addr: transport addresses as values, and the path a datagram takes.
 *
 * The idea: an address is plain data that can be copied, compared and written; no
 * sockaddr, no byte order to remember, no resolver. RFC 5952 gives the text of IPv6.
 */
#ifndef RILL_BASE_ADDR_H
#define RILL_BASE_ADDR_H

#include "base/bytes.h"

enum rill_family {
    RILL_ADDR_NONE = 0,
    RILL_ADDR_IP4 = 4,
    RILL_ADDR_IP6 = 6,
};

/* ip holds 4 or 16 bytes in network order, the rest is zero; scope is the interface
 * index of a link-local IPv6 address, else 0. */
struct rill_addr {
    uint8_t family;
    uint16_t port;
    uint32_t scope;
    uint8_t ip[16];
};

enum rill_proto {
    RILL_PROTO_UDP = 0,
    RILL_PROTO_TCP = 1,
    RILL_PROTO_TLS = 2,
    RILL_PROTO_RELAY = 3, /* through a TURN allocation: seen inside the ICE agent and peer alone */
    /* RFC 6544, as the agent asks for sockets: */
    RILL_PROTO_TCP_ACTIVE = 4,  /* a connection */
    RILL_PROTO_TCP_PASSIVE = 5, /* a listener */
    RILL_PROTO_TCP_SO = 6,      /* a listener from whose port connections are made as well */
    RILL_PROTO_FRAMED = 7,      /* a frame on such a connection: seen inside agent and peer alone */
};

/* Where a datagram came from or goes to: the port layer's id of the local socket and
 * the address at the other end. */
struct rill_path {
    uint32_t socket;
    uint8_t proto;
    struct rill_addr remote;
};

/* Longest text: "[" 45 "%" 10 "]:" 5 and a NUL. */
#define RILL_ADDR_TEXT_MAX 72

size_t rill_addr_ip_size(const struct rill_addr *a);
bool rill_addr_equal(const struct rill_addr *a, const struct rill_addr *b);
bool rill_addr_same_ip(const struct rill_addr *a, const struct rill_addr *b);
bool rill_path_equal(const struct rill_path *a, const struct rill_path *b);

bool rill_addr_is_loopback(const struct rill_addr *a);
bool rill_addr_is_link_local(const struct rill_addr *a);
bool rill_addr_is_any(const struct rill_addr *a);
bool rill_addr_is_multicast(const struct rill_addr *a);

/* ::ffff:a.b.c.d becomes a.b.c.d, all else stays (THREATS: normalise before any filter). */
struct rill_addr rill_addr_unmapped(const struct rill_addr *a);

/* "192.0.2.1", "2001:db8::1"; no brackets, no port, no name. Strict: four decimal parts
 * without leading zeros, at most one "::". Port and scope become 0. */
bool rill_addr_parse_ip(struct rill_view text, struct rill_addr *out);

/* "192.0.2.1:3478", "[2001:db8::1]:3478". */
bool rill_addr_parse(struct rill_view text, struct rill_addr *out);

struct rill_addr rill_addr_ip4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port);

/* IPv6 as RFC 5952 §4 writes it: lower case, longest run of zeros shortened. */
void rill_addr_write_ip(struct rill_writer *w, const struct rill_addr *a);
void rill_addr_write(struct rill_writer *w, const struct rill_addr *a);

struct rill_addr_text {
    char text[RILL_ADDR_TEXT_MAX];
};
struct rill_addr_text rill_addr_text(const struct rill_addr *a);

#endif
