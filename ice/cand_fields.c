/* cand_fields: the rows. */
#include "ice/cand_fields.h"

#include "ice/cand.h"

static const struct rill_field fields[] = {
    {"foundation", 0, 0, "RFC 8839 §5.1",
     "the same for candidates that are alike in type, base and server"},
    {"component-id", 0, 0, "RFC 8839 §5.1",
     "1: RTP, and all when RTCP is on the same port; 2: RTCP"},
    {"transport", 0, 0, "RFC 8839 §5.1", "udp, or tcp (RFC 6544)"},
    {"priority", 0, 0, "RFC 8839 §5.1", "the larger, the sooner it is tried (RFC 8445 §5.1.2.1)"},
    {"connection-address", 0, 0, "RFC 8839 §5.1", "an address, or a name that multicast DNS knows"},
    {"port", 0, 0, "RFC 8839 §5.1", "with the address: where to send to"},
    {"typ", 0, 0, "RFC 8839 §5.1", "the word before the type"},
    {"cand-type", 0, 0, "RFC 8839 §5.1", "how the address was found"},
    {"raddr", 0, 0, "RFC 8839 §5.1", "the address behind it, for people who look for faults"},
    {"rport", 0, 0, "RFC 8839 §5.1", "the port behind it"},
    {"tcptype", 0, 0, "RFC 6544 §4.5", "active connects, passive waits, so does both at once"},
    {"ufrag", 0, 0, "RFC 8838 §11.3", "of which ICE generation it is"},
    {"generation", 0, 0, "RFC 8839 §5.1", "an extension: counts ICE restarts"},
    {"network-id", 0, 0, "RFC 8839 §5.1", "an extension: numbers the interfaces"},
    {"network-cost", 0, 0, "RFC 8839 §5.1", "an extension: what the interface costs"},
    {"extension", 0, 0, "RFC 8839 §5.1",
     "a pair of name and value that is not known; it is passed over"},
};

#define FIELDS (sizeof fields / sizeof fields[0])

const struct rill_field_table rill_ice_cand_fields = {"candidate", fields, FIELDS};

const struct rill_field *rill_ice_cand_pair(struct rill_view name)
{
    for (size_t i = RILL_ICE_CAND_FIXED; i + 1 < FIELDS; i++)
        if (rill_view_is_nocase(name, fields[i].name))
            return &fields[i];
    return &fields[FIELDS - 1];
}

const char *rill_ice_type_sentence(struct rill_view type)
{
    static const char *const sentences[] = {
        [RILL_ICE_HOST] = "host: an address of the machine itself",
        [RILL_ICE_SRFLX] = "server reflexive: as a STUN server saw the machine",
        [RILL_ICE_PRFLX] = "peer reflexive: as the other side saw the machine",
        [RILL_ICE_RELAY] = "relayed: an address that a TURN server lends",
    };
    for (int i = RILL_ICE_HOST; i <= RILL_ICE_RELAY; i++)
        if (rill_view_is_nocase(type, rill_ice_type_name((enum rill_ice_type)i)))
            return sentences[i];
    return NULL;
}
