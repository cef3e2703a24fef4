/* ice/prio: the numbers that order candidates and pairs (RFC 8445 §5.1.2, §6.1.2.3).
 *
 *  a candidate's priority:   type preference (8) | local preference (16) | 256 − component (8)
 *
 * - rill_ice_priority        a candidate's
 * - rill_ice_tcp_priority    one's of TCP
 * - rill_ice_pair_priority   a pair's, the same seen from both ends */
#include "ice/cand.h"

/* RFC 8445 §5.1.2.2: "The RECOMMENDED values for type preferences are 126 for host
 * candidates, 110 for peer-reflexive candidates, 100 for server-reflexive candidates, and 0
 * for relayed candidates." */
static uint32_t type_preference(enum rill_ice_type type)
{
    switch (type) {
    case RILL_ICE_HOST:
        return 126;
    case RILL_ICE_PRFLX:
        return 110;
    case RILL_ICE_SRFLX:
        return 100;
    case RILL_ICE_RELAY:
        return 0;
    }
    return 0;
}

uint32_t rill_ice_priority(enum rill_ice_type type, uint16_t local_preference, uint8_t component)
{
    return (type_preference(type) << 24) + ((uint32_t)local_preference << 8) + (256u - component);
}

/* RFC 6544 §4.2: "For RTP-based media streams, it is RECOMMENDED that UDP candidates are preferred
 * over TCP candidates", and relayed ones stay below all others: so these lie between. */
static uint32_t tcp_type_preference(enum rill_ice_type type)
{
    switch (type) {
    case RILL_ICE_HOST:
        return 90;
    case RILL_ICE_PRFLX:
        return 80;
    case RILL_ICE_SRFLX:
        return 70;
    case RILL_ICE_RELAY:
        return 0;
    }
    return 0;
}

/* RFC 6544 §4.2: host candidates "6 for active, 4 for passive, and 2 for S-O"; "For the
 * NAT-assisted and server reflexive candidates, the RECOMMENDED values are: 6 for S-O, 4 for
 * active, and 2 for passive." */
static uint32_t direction_preference(enum rill_ice_type type, enum rill_ice_tcptype t)
{
    if (type == RILL_ICE_SRFLX)
        return t == RILL_ICE_TCP_SO ? 6 : t == RILL_ICE_TCP_ACTIVE ? 4 : 2;
    return t == RILL_ICE_TCP_ACTIVE ? 6 : t == RILL_ICE_TCP_PASSIVE ? 4 : 2;
}

uint32_t rill_ice_tcp_priority(enum rill_ice_type type, enum rill_ice_tcptype tcptype,
                               uint16_t other_preference, uint8_t component)
{
    uint32_t local = (direction_preference(type, tcptype) << 13) + (other_preference & 0x1fff);
    return (tcp_type_preference(type) << 24) + (local << 8) + (256u - component);
}

uint64_t rill_ice_pair_priority(uint32_t controlling, uint32_t controlled)
{
    uint64_t low = controlling < controlled ? controlling : controlled;
    uint64_t high = controlling < controlled ? controlled : controlling;
    return (low << 32) + 2 * high + (controlling > controlled ? 1 : 0);
}
