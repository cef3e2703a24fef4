/* ice/cand: writing a candidate line (RFC 8839 §5.1). Reading one is in cand_parse.c. */
#include "ice/cand.h"

const char *rill_ice_type_name(enum rill_ice_type type)
{
    switch (type) {
    case RILL_ICE_HOST:
        return "host";
    case RILL_ICE_SRFLX:
        return "srflx";
    case RILL_ICE_PRFLX:
        return "prflx";
    case RILL_ICE_RELAY:
        return "relay";
    }
    return "?";
}

const char *rill_ice_tcptype_name(enum rill_ice_tcptype tcptype)
{
    static const char *const names[] = {"", "active", "passive", "so"};
    return names[tcptype];
}

static void write_address(struct rill_writer *w, const struct rill_addr *a, const char *name,
                          const char *between)
{
    if (name[0])
        rill_w_str(w, name);
    else
        rill_addr_write_ip(w, a);
    rill_w_str(w, between);
    rill_w_dec(w, a->port);
}

void rill_ice_cand_write(struct rill_writer *w, const struct rill_ice_cand *c,
                         struct rill_view ufrag)
{
    rill_w_str(w, "candidate:");
    rill_w_str(w, c->foundation);
    rill_w_char(w, ' ');
    rill_w_dec(w, c->component);
    rill_w_str(w, c->proto == RILL_PROTO_UDP ? " udp " : " tcp ");
    rill_w_dec(w, c->priority);
    rill_w_char(w, ' ');
    write_address(w, &c->addr, c->name, " ");
    rill_w_str(w, " typ ");
    rill_w_str(w, rill_ice_type_name(c->type));
    /* RFC 8839 §5.1: "<rel-addr> and <rel-port> MUST be present for server-reflexive,
     * peer-reflexive, and relayed candidates." */
    if (c->related.family != RILL_ADDR_NONE) {
        rill_w_str(w, " raddr ");
        write_address(w, &c->related, "", " rport ");
    }
    /* RFC 6544 §4.5: tcp-type-ext is the first extension. */
    if (c->tcptype != RILL_ICE_TCP_NONE) {
        rill_w_str(w, " tcptype ");
        rill_w_str(w, rill_ice_tcptype_name(c->tcptype));
    }
    /* RFC 8838 §9: the fragment says which ICE session the candidate belongs to. */
    if (ufrag.n > 0) {
        rill_w_str(w, " ufrag ");
        rill_w_bytes(w, ufrag);
    }
}
