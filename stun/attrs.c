/* attrs: the registries of methods and attributes (RFC 8489 §18.2, §18.3 and their extensions)
 * as tables: number, name, what the value is made of, and what it is for. */
#include "stun/msg.h"

static const struct {
    uint16_t method;
    const char *name;
} methods[] = {
    {0x001, "Binding"},           /* RFC 8489 §18.2 */
    {0x003, "Allocate"},          /* RFC 8656 §17 */
    {0x004, "Refresh"},           /* RFC 8656 §17 */
    {0x006, "Send"},              /* RFC 8656 §17 */
    {0x007, "Data"},              /* RFC 8656 §17 */
    {0x008, "CreatePermission"},  /* RFC 8656 §17 */
    {0x009, "ChannelBind"},       /* RFC 8656 §17 */
    {0x00a, "Connect"},           /* RFC 6062 §6.1 */
    {0x00b, "ConnectionBind"},    /* RFC 6062 §6.1 */
    {0x00c, "ConnectionAttempt"}, /* RFC 6062 §6.1 */
    {0x080, "GOOG-PING"},         /* registered by expert review */
};

static const struct rill_stun_attr_row attrs[] = {
    /* RFC 8489 §18.3: to be understood */
    {0x0001, RILL_STUN_ADDR, "MAPPED-ADDRESS", "RFC 8489 §14.1",
     "where the request came from, in clear, for clients of RFC 3489"},
    {0x0006, RILL_STUN_TEXT, "USERNAME", "RFC 8489 §14.3",
     "whose password seals the message; of ICE the other's ufrag, a colon, the own"},
    {0x0008, RILL_STUN_OPAQUE, "MESSAGE-INTEGRITY", "RFC 8489 §14.5",
     "HMAC-SHA1 over all that stands before it: who has the password wrote it"},
    {0x0009, RILL_STUN_ERROR_VALUE, "ERROR-CODE", "RFC 8489 §14.8", "why the request was refused"},
    {0x000a, RILL_STUN_TYPE_LIST, "UNKNOWN-ATTRIBUTES", "RFC 8489 §14.13",
     "the attributes of the request that the server must know and does not"},
    {0x0014, RILL_STUN_TEXT, "REALM", "RFC 8489 §14.9",
     "for which of a user's passwords the server asks"},
    {0x0015, RILL_STUN_TEXT, "NONCE", "RFC 8489 §14.10",
     "the server's own word, to be sent back, so that no old request counts again"},
    {0x001c, RILL_STUN_OPAQUE, "MESSAGE-INTEGRITY-SHA256", "RFC 8489 §14.6",
     "HMAC-SHA256 over all that stands before it"},
    {0x001d, RILL_STUN_ALGORITHMS, "PASSWORD-ALGORITHM", "RFC 8489 §14.12",
     "how the client made its key of the password"},
    {0x001e, RILL_STUN_OPAQUE, "USERHASH", "RFC 8489 §14.4",
     "SHA-256 of user and realm, in place of the user's name"},
    {0x0020, RILL_STUN_XOR_ADDR, "XOR-MAPPED-ADDRESS", "RFC 8489 §14.2",
     "where the request came from, as the server saw it; masked, lest a NAT rewrites it"},
    /* RFC 8656 §18: TURN */
    {0x000c, RILL_STUN_U16_VALUE, "CHANNEL-NUMBER", "RFC 8656 §18.1",
     "the channel that is bound to the peer"},
    {0x000d, RILL_STUN_U32, "LIFETIME", "RFC 8656 §18.2",
     "seconds until the server forgets the allocation; 0 gives it up"},
    {0x0012, RILL_STUN_XOR_ADDR, "XOR-PEER-ADDRESS", "RFC 8656 §18.3",
     "the peer as the server sees it, masked"},
    {0x0013, RILL_STUN_OPAQUE, "DATA", "RFC 8656 §18.4",
     "what is relayed: the datagram of the peer, or for it"},
    {0x0016, RILL_STUN_XOR_ADDR, "XOR-RELAYED-ADDRESS", "RFC 8656 §18.5",
     "the address that the server lends the client, masked"},
    {0x0017, RILL_STUN_U8_VALUE, "REQUESTED-ADDRESS-FAMILY", "RFC 8656 §18.6",
     "the family that the relayed address shall have"},
    {0x0018, RILL_STUN_EVEN, "EVEN-PORT", "RFC 8656 §18.7",
     "the relayed port shall be even; with R the next one is kept too"},
    {0x0019, RILL_STUN_U8_VALUE, "REQUESTED-TRANSPORT", "RFC 8656 §18.8",
     "how the server shall speak with peers; 17 is UDP"},
    {0x001a, RILL_STUN_FLAG, "DONT-FRAGMENT", "RFC 8656 §18.9",
     "the server sets DF on what it relays"},
    {0x0022, RILL_STUN_OPAQUE, "RESERVATION-TOKEN", "RFC 8656 §18.10",
     "names a relayed address that is kept for a later request"},
    /* RFC 7635, RFC 5780, RFC 8445, RFC 6062 */
    {0x001b, RILL_STUN_OPAQUE, "ACCESS-TOKEN", "RFC 7635 §6.2",
     "a token of an authorization server, which the TURN server alone can read"},
    {0x0003, RILL_STUN_CHANGE, "CHANGE-REQUEST", "RFC 5780 §7.2",
     "the answer shall come from another address or port"},
    {0x0026, RILL_STUN_OPAQUE, "PADDING", "RFC 5780 §7.6",
     "makes the message so long that it is fragmented"},
    {0x0027, RILL_STUN_U16_VALUE, "RESPONSE-PORT", "RFC 5780 §7.5",
     "the answer shall go to this port"},
    {0x0024, RILL_STUN_U32, "PRIORITY", "RFC 8445 §16.1",
     "what a peer-reflexive candidate would have as its priority, were one found by this check"},
    {0x0025, RILL_STUN_FLAG, "USE-CANDIDATE", "RFC 8445 §16.1",
     "the controlling agent nominates this pair"},
    {0x002a, RILL_STUN_U32, "CONNECTION-ID", "RFC 6062 §6.2.1",
     "names a TCP connection of the relay"},
    /* RFC 8489 §18.3: may be ignored */
    {0x8002, RILL_STUN_ALGORITHMS, "PASSWORD-ALGORITHMS", "RFC 8489 §14.11",
     "the ways to make a key that the server knows, best first"},
    {0x8003, RILL_STUN_TEXT, "ALTERNATE-DOMAIN", "RFC 8489 §14.16",
     "the name that the alternate server's certificate has"},
    {0x8022, RILL_STUN_TEXT, "SOFTWARE", "RFC 8489 §14.14", "who wrote the sender's program"},
    {0x8023, RILL_STUN_ADDR, "ALTERNATE-SERVER", "RFC 8489 §14.15",
     "the server that shall be tried in place of this one"},
    {0x8028, RILL_STUN_OPAQUE, "FINGERPRINT", "RFC 8489 §14.7",
     "CRC-32 of all before it, by which STUN is told from other protocols"},
    /* RFC 8656 §18, RFC 7982, RFC 5780, RFC 8445, RFC 6679, RFC 7635, RFC 8016 */
    {0x8000, RILL_STUN_U8_VALUE, "ADDITIONAL-ADDRESS-FAMILY", "RFC 8656 §18.11",
     "a relayed address of this family too"},
    {0x8001, RILL_STUN_ADDRESS_ERROR, "ADDRESS-ERROR-CODE", "RFC 8656 §18.12",
     "why there is no relayed address of one family"},
    {0x8004, RILL_STUN_ICMP_VALUE, "ICMP", "RFC 8656 §18.13",
     "the ICMP message that came back for relayed data"},
    {0x8025, RILL_STUN_COUNTERS, "TRANSACTION_TRANSMIT_COUNTER", "RFC 7982 §3.1",
     "how often the request and the answer were sent"},
    {0x8027, RILL_STUN_U32, "CACHE-TIMEOUT", "RFC 5780 §9.1",
     "reserved for an attribute that was taken out again"},
    {0x8029, RILL_STUN_U64, "ICE-CONTROLLED", "RFC 8445 §16.1",
     "the sender is the controlled agent; the larger number wins a conflict of roles"},
    {0x802a, RILL_STUN_U64, "ICE-CONTROLLING", "RFC 8445 §16.1",
     "the sender is the controlling agent; the larger number wins a conflict of roles"},
    {0xc001, RILL_STUN_U32, "NOMINATION", "draft-thatcher-ice-renomination-01 §4",
     "nominates this pair anew; the largest number counts"},
    {0x802b, RILL_STUN_ADDR, "RESPONSE-ORIGIN", "RFC 5780 §7.3", "where the answer was sent from"},
    {0x802c, RILL_STUN_ADDR, "OTHER-ADDRESS", "RFC 5780 §7.4",
     "the server's second address and port"},
    {0x802d, RILL_STUN_OPAQUE, "ECN-CHECK", "RFC 6679 §7.2.2",
     "whether ECN marks come through the path"},
    {0x802e, RILL_STUN_TEXT, "THIRD-PARTY-AUTHORIZATION", "RFC 7635 §6.1",
     "the authorization server whose tokens are taken"},
    {0x8030, RILL_STUN_OPAQUE, "MOBILITY-TICKET", "RFC 8016 §3.4",
     "lets an allocation follow its client to another address"},
    /* registered by expert review; browsers send them */
    {0xc057, RILL_STUN_OPAQUE, "GOOG-NETWORK-INFO", NULL,
     "not in an RFC: registered by expert review"},
    {0xc058, RILL_STUN_OPAQUE, "GOOG-LAST-ICE-CHECK-RECEIVED", NULL,
     "not in an RFC: registered by expert review"},
    {0xc059, RILL_STUN_OPAQUE, "GOOG-MISC-INFO", NULL,
     "not in an RFC: registered by expert review"},
    {0xc05b, RILL_STUN_OPAQUE, "GOOG-CONNECTION-ID", NULL,
     "not in an RFC: registered by expert review"},
    {0xc05c, RILL_STUN_OPAQUE, "GOOG-DELTA", NULL, "not in an RFC: registered by expert review"},
    {0xc05d, RILL_STUN_OPAQUE, "GOOG-DELTA-ACK", NULL,
     "not in an RFC: registered by expert review"},
    {0xc05e, RILL_STUN_OPAQUE, "GOOG-DELTA-SYNC-REQ", NULL,
     "not in an RFC: registered by expert review"},
    {0xc060, RILL_STUN_OPAQUE, "GOOG-MESSAGE-INTEGRITY-32", NULL,
     "not in an RFC: registered by expert review"},
    {0xc070, RILL_STUN_OPAQUE, "META-DTLS-IN-STUN", NULL,
     "not in an RFC: registered by expert review"},
    {0xc071, RILL_STUN_OPAQUE, "META-DTLS-IN-STUN-ACKNOWLEDGEMENT", NULL,
     "not in an RFC: registered by expert review"},
};

const char *rill_stun_method_name(uint16_t method)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (methods[i].method == method)
            return methods[i].name;
    return NULL;
}

const struct rill_stun_attr_row *rill_stun_attr_row(uint16_t type)
{
    for (size_t i = 0; i < sizeof attrs / sizeof attrs[0]; i++)
        if (attrs[i].type == type)
            return &attrs[i];
    return NULL;
}

const char *rill_stun_attr_name(uint16_t type)
{
    const struct rill_stun_attr_row *row = rill_stun_attr_row(type);
    return row ? row->name : NULL;
}

enum rill_stun_kind rill_stun_attr_kind(uint16_t type)
{
    const struct rill_stun_attr_row *row = rill_stun_attr_row(type);
    return row ? row->kind : RILL_STUN_OPAQUE;
}

const char *rill_stun_class_name(enum rill_stun_class class)
{
    static const char *const names[] = {"request", "indication", "success response",
                                        "error response"};
    return names[class & 3];
}

static const struct {
    unsigned code;
    const char *name;
} errors[] = {
    {300, "Try Alternate"}, /* RFC 8489 §14.8 */
    {400, "Bad Request"},
    {401, "Unauthenticated"},
    {403, "Forbidden"},          /* RFC 8656 §19 */
    {405, "Mobility Forbidden"}, /* RFC 8016 §3.5 */
    {420, "Unknown Attribute"},
    {437, "Allocation Mismatch"},
    {438, "Stale Nonce"},
    {440, "Address Family not Supported"},
    {441, "Wrong Credentials"},
    {442, "Unsupported Transport Protocol"},
    {443, "Peer Address Family Mismatch"},
    {446, "Connection Already Exists"}, /* RFC 6062 §6.3 */
    {447, "Connection Timeout or Failure"},
    {486, "Allocation Quota Reached"},
    {487, "Role Conflict"}, /* RFC 8445 §16.2 */
    {500, "Server Error"},
    {508, "Insufficient Capacity"},
};

const char *rill_stun_error_name(unsigned code)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].code == code)
            return errors[i].name;
    return NULL;
}
