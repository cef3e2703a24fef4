/* attrs: the registries of methods and attributes (RFC 8489 §18.2, §18.3 and their extensions)
 * as two tables: number, name, what the value is made of. */
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

static const struct {
    uint16_t type;
    enum rill_stun_kind kind;
    const char *name;
} attrs[] = {
    /* RFC 8489 §18.3: to be understood */
    {0x0001, RILL_STUN_ADDR, "MAPPED-ADDRESS"},
    {0x0006, RILL_STUN_TEXT, "USERNAME"},
    {0x0008, RILL_STUN_OPAQUE, "MESSAGE-INTEGRITY"},
    {0x0009, RILL_STUN_ERROR_VALUE, "ERROR-CODE"},
    {0x000a, RILL_STUN_TYPE_LIST, "UNKNOWN-ATTRIBUTES"},
    {0x0014, RILL_STUN_TEXT, "REALM"},
    {0x0015, RILL_STUN_TEXT, "NONCE"},
    {0x001c, RILL_STUN_OPAQUE, "MESSAGE-INTEGRITY-SHA256"},
    {0x001d, RILL_STUN_ALGORITHMS, "PASSWORD-ALGORITHM"},
    {0x001e, RILL_STUN_OPAQUE, "USERHASH"},
    {0x0020, RILL_STUN_XOR_ADDR, "XOR-MAPPED-ADDRESS"},
    /* RFC 8656 §18: TURN */
    {0x000c, RILL_STUN_U16_VALUE, "CHANNEL-NUMBER"},
    {0x000d, RILL_STUN_U32, "LIFETIME"},
    {0x0012, RILL_STUN_XOR_ADDR, "XOR-PEER-ADDRESS"},
    {0x0013, RILL_STUN_OPAQUE, "DATA"},
    {0x0016, RILL_STUN_XOR_ADDR, "XOR-RELAYED-ADDRESS"},
    {0x0017, RILL_STUN_U8_VALUE, "REQUESTED-ADDRESS-FAMILY"},
    {0x0018, RILL_STUN_OPAQUE, "EVEN-PORT"},
    {0x0019, RILL_STUN_U8_VALUE, "REQUESTED-TRANSPORT"},
    {0x001a, RILL_STUN_FLAG, "DONT-FRAGMENT"},
    {0x0022, RILL_STUN_OPAQUE, "RESERVATION-TOKEN"},
    /* RFC 7635, RFC 5780, RFC 8445, RFC 6062 */
    {0x001b, RILL_STUN_OPAQUE, "ACCESS-TOKEN"},
    {0x0003, RILL_STUN_U32, "CHANGE-REQUEST"},
    {0x0026, RILL_STUN_OPAQUE, "PADDING"},
    {0x0027, RILL_STUN_U16_VALUE, "RESPONSE-PORT"},
    {0x0024, RILL_STUN_U32, "PRIORITY"},
    {0x0025, RILL_STUN_FLAG, "USE-CANDIDATE"},
    {0x002a, RILL_STUN_U32, "CONNECTION-ID"},
    /* RFC 8489 §18.3: may be ignored */
    {0x8002, RILL_STUN_ALGORITHMS, "PASSWORD-ALGORITHMS"},
    {0x8003, RILL_STUN_TEXT, "ALTERNATE-DOMAIN"},
    {0x8022, RILL_STUN_TEXT, "SOFTWARE"},
    {0x8023, RILL_STUN_ADDR, "ALTERNATE-SERVER"},
    {0x8028, RILL_STUN_OPAQUE, "FINGERPRINT"},
    /* RFC 8656 §18, RFC 7982, RFC 5780, RFC 8445, RFC 6679, RFC 7635, RFC 8016 */
    {0x8000, RILL_STUN_U8_VALUE, "ADDITIONAL-ADDRESS-FAMILY"},
    {0x8001, RILL_STUN_OPAQUE, "ADDRESS-ERROR-CODE"},
    {0x8004, RILL_STUN_OPAQUE, "ICMP"},
    {0x8025, RILL_STUN_OPAQUE, "TRANSACTION_TRANSMIT_COUNTER"},
    {0x8027, RILL_STUN_U32, "CACHE-TIMEOUT"},
    {0x8029, RILL_STUN_U64, "ICE-CONTROLLED"},
    {0x802a, RILL_STUN_U64, "ICE-CONTROLLING"},
    {0xc001, RILL_STUN_U32, "NOMINATION"},
    {0x802b, RILL_STUN_ADDR, "RESPONSE-ORIGIN"},
    {0x802c, RILL_STUN_ADDR, "OTHER-ADDRESS"},
    {0x802d, RILL_STUN_OPAQUE, "ECN-CHECK"},
    {0x802e, RILL_STUN_TEXT, "THIRD-PARTY-AUTHORIZATION"},
    {0x8030, RILL_STUN_OPAQUE, "MOBILITY-TICKET"},
    /* registered by expert review; browsers send them */
    {0xc057, RILL_STUN_OPAQUE, "GOOG-NETWORK-INFO"},
    {0xc058, RILL_STUN_OPAQUE, "GOOG-LAST-ICE-CHECK-RECEIVED"},
    {0xc059, RILL_STUN_OPAQUE, "GOOG-MISC-INFO"},
    {0xc05b, RILL_STUN_OPAQUE, "GOOG-CONNECTION-ID"},
    {0xc05c, RILL_STUN_OPAQUE, "GOOG-DELTA"},
    {0xc05d, RILL_STUN_OPAQUE, "GOOG-DELTA-ACK"},
    {0xc05e, RILL_STUN_OPAQUE, "GOOG-DELTA-SYNC-REQ"},
    {0xc060, RILL_STUN_OPAQUE, "GOOG-MESSAGE-INTEGRITY-32"},
    {0xc070, RILL_STUN_OPAQUE, "META-DTLS-IN-STUN"},
    {0xc071, RILL_STUN_OPAQUE, "META-DTLS-IN-STUN-ACKNOWLEDGEMENT"},
};

const char *rill_stun_method_name(uint16_t method)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (methods[i].method == method)
            return methods[i].name;
    return NULL;
}

const char *rill_stun_attr_name(uint16_t type)
{
    for (size_t i = 0; i < sizeof attrs / sizeof attrs[0]; i++)
        if (attrs[i].type == type)
            return attrs[i].name;
    return NULL;
}

enum rill_stun_kind rill_stun_attr_kind(uint16_t type)
{
    for (size_t i = 0; i < sizeof attrs / sizeof attrs[0]; i++)
        if (attrs[i].type == type)
            return attrs[i].kind;
    return RILL_STUN_OPAQUE;
}
