/* ice/cand: candidates: their grammar, their numbers (RFC 8445 §5.1, RFC 8839 §5.1).
 *
 *   candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.2 rport 46154
 */
#ifndef RILL_ICE_CAND_H
#define RILL_ICE_CAND_H

#include "base/addr.h"
#include "base/limits.h"
#include "ice/errors.h"

enum rill_ice_type {
    RILL_ICE_HOST,
    RILL_ICE_SRFLX,
    RILL_ICE_PRFLX,
    RILL_ICE_RELAY,
};

enum rill_ice_tcptype {
    RILL_ICE_TCP_NONE,
    RILL_ICE_TCP_ACTIVE,
    RILL_ICE_TCP_PASSIVE,
    RILL_ICE_TCP_SO,
};

/* As on the line. The views point into the text that was parsed; addr.family is NONE when
 * the connection address is a name (a `.local` one, or an FQDN), and related.family NONE
 * when there is no raddr. */
struct rill_ice_cand_line {
    struct rill_view foundation;
    uint32_t component;
    struct rill_view transport; /* as sent; compare without case */
    uint32_t priority;
    struct rill_view address;
    struct rill_addr addr;
    struct rill_view type_text;
    bool known_type;
    enum rill_ice_type type;
    struct rill_view raddr; /* p == NULL when absent */
    bool has_rport;
    struct rill_addr related;
    enum rill_ice_tcptype tcptype;
    struct rill_view ufrag; /* extension "ufrag", p == NULL when absent */
};

/* One line, with or without "a=" and "candidate:", no line end. Errors: RILL_ICE_CAND_*
 * with the byte offset. Unknown extension pairs are passed over (RFC 8839 §5.1). */
int rill_ice_cand_parse(struct rill_view line, struct rill_ice_cand_line *out,
                        struct rill_err *why);

#define RILL_ICE_NAME_MAX 42 /* a UUID and ".local" */

/* A candidate as the agent keeps it. */
struct rill_ice_cand {
    enum rill_ice_type type;
    uint8_t component;
    uint8_t proto;                 /* RILL_PROTO_UDP or _TCP */
    enum rill_ice_tcptype tcptype; /* of TCP; an active one has port 9 */
    uint32_t priority;
    struct rill_addr addr;
    struct rill_addr base;    /* local: what it is sent from; remote: unused */
    struct rill_addr related; /* family NONE when it has none */
    uint32_t socket;          /* local: the port layer's socket of the base */
    char foundation[RILL_ICE_FOUNDATION_MAX + 1];
    char name[RILL_ICE_NAME_MAX + 1]; /* told in place of its address; empty: it has none */
};

/* "candidate:…" without "a=" and line end; ufrag may be empty. */
void rill_ice_cand_write(struct rill_writer *w, const struct rill_ice_cand *c,
                         struct rill_view ufrag);

/* RFC 8445 §5.1.2.1: 2^24 × type preference + 2^8 × local preference + (256 − component). */
uint32_t rill_ice_priority(enum rill_ice_type type, uint16_t local_preference, uint8_t component);
/* RFC 6544 §4.2: the same, the local preference being 2^13 × direction + other preference, which is
 * at most 8191. Below every candidate of UDP but the relayed ones. */
uint32_t rill_ice_tcp_priority(enum rill_ice_type type, enum rill_ice_tcptype tcptype,
                               uint16_t other_preference, uint8_t component);

/* RFC 8445 §6.1.2.3: 2^32 × min(G, D) + 2 × max(G, D) + (G > D). */
uint64_t rill_ice_pair_priority(uint32_t controlling, uint32_t controlled);

const char *rill_ice_type_name(enum rill_ice_type type);
/* "active", "passive", "so"; "" for NONE. */
const char *rill_ice_tcptype_name(enum rill_ice_tcptype tcptype);

#endif
