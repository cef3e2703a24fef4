/* layouts: how the bytes of each kind of value lie, a table a kind. */
#include "stun/msg.h"

static const struct rill_field addr[] = {
    {"zero", 0, 8, "RFC 8489 §14.1", "0, not looked at"},
    {"family", 8, 8, "RFC 8489 §14.1", "1: IPv4, 2: IPv6"},
    {"port", 16, 16, "RFC 8489 §14.1", "the port"},
    {"address", 32, 0, "RFC 8489 §14.1", "32 or 128 bits"},
};
static const struct rill_field xor_addr[] = {
    {"zero", 0, 8, "RFC 8489 §14.2", "0, not looked at"},
    {"family", 8, 8, "RFC 8489 §14.2", "1: IPv4, 2: IPv6"},
    {"X-Port", 16, 16, "RFC 8489 §14.2", "the port, with the upper half of the magic cookie"},
    {"X-Address", 32, 0, "RFC 8489 §14.2",
     "the address, with the magic cookie and behind it the transaction ID"},
};
static const struct rill_field u32[] = {{"value", 0, 32, "RFC 8489 §14", "a number"}};
static const struct rill_field u64[] = {{"value", 0, 64, "RFC 8489 §14", "a number"}};
static const struct rill_field error[] = {
    {"reserved", 0, 21, "RFC 8489 §14.8", "0, not looked at"},
    {"class", 21, 3, "RFC 8489 §14.8", "the hundreds of the error code, 3 to 6"},
    {"number", 24, 8, "RFC 8489 §14.8", "the rest of the error code, 0 to 99"},
    {"reason phrase", 32, 0, "RFC 8489 §14.8", "the same in words, UTF-8"},
};
static const struct rill_field types[] = {
    {"attribute type", 0, 16, "RFC 8489 §14.13", "one that the server must know and does not"}};
static const struct rill_field u8_value[] = {
    {"value", 0, 8, "RFC 8656 §18.6", "a protocol, or a family: 1 IPv4, 2 IPv6"},
    {"RFFU", 8, 24, "RFC 8656 §18.6", "reserved for future use, 0"},
};
static const struct rill_field u16_value[] = {
    {"value", 0, 16, "RFC 8656 §18.1", "a channel, or a port"},
    {"RFFU", 16, 16, "RFC 8656 §18.1", "reserved for future use, 0"},
};
static const struct rill_field algorithm[] = {
    {"algorithm", 0, 16, "RFC 8489 §18.5", "1: MD5, 2: SHA-256"},
    {"parameters length", 16, 16, "RFC 8489 §14.12", "bytes of the parameters without padding"},
    {"parameters", 32, 0, "RFC 8489 §14.12", "what the algorithm needs; of those two nothing"},
};
static const struct rill_field change[] = {
    {"zero", 0, 29, "RFC 5780 §7.2", "0"},
    {"change IP", 29, 1, "RFC 5780 §7.2", "the answer shall come from the other address"},
    {"change port", 30, 1, "RFC 5780 §7.2", "the answer shall come from the other port"},
    {"zero", 31, 1, "RFC 5780 §7.2", "0"},
};
static const struct rill_field even[] = {
    {"R", 0, 1, "RFC 8656 §18.7", "the next port is to be kept too"},
    {"RFFU", 1, 7, "RFC 8656 §18.7", "reserved for future use, 0"},
};
static const struct rill_field icmp[] = {
    {"reserved", 0, 16, "RFC 8656 §18.13", "0"},
    {"ICMP type", 16, 7, "RFC 8656 §18.13", "of the message that came back"},
    {"ICMP code", 23, 9, "RFC 8656 §18.13", "of the message that came back"},
    {"error data", 32, 32, "RFC 8656 §18.13", "of Packet Too Big the MTU, else 0"},
};
static const struct rill_field address_error[] = {
    {"family", 0, 8, "RFC 8656 §18.12", "1: IPv4, 2: IPv6"},
    {"reserved", 8, 13, "RFC 8656 §18.12", "0"},
    {"class", 21, 3, "RFC 8656 §18.12", "the hundreds of the error code"},
    {"number", 24, 8, "RFC 8656 §18.12", "the rest of the error code"},
    {"reason phrase", 32, 0, "RFC 8656 §18.12", "the same in words, UTF-8"},
};
static const struct rill_field counters[] = {
    {"reserved", 0, 16, "RFC 7982 §3.1", "0"},
    {"Req", 16, 8, "RFC 7982 §3.1", "how often the request was sent"},
    {"Resp", 24, 8, "RFC 7982 §3.1", "how often the response was sent"},
};

#define TABLE(rows)                                                                                \
    {                                                                                              \
        "stun value", rows, sizeof rows / sizeof rows[0]                                           \
    }

static const struct rill_field_table tables[] = {
    [RILL_STUN_ADDR] = TABLE(addr),
    [RILL_STUN_XOR_ADDR] = TABLE(xor_addr),
    [RILL_STUN_U32] = TABLE(u32),
    [RILL_STUN_U64] = TABLE(u64),
    [RILL_STUN_ERROR_VALUE] = TABLE(error),
    [RILL_STUN_TYPE_LIST] = TABLE(types),
    [RILL_STUN_U8_VALUE] = TABLE(u8_value),
    [RILL_STUN_U16_VALUE] = TABLE(u16_value),
    [RILL_STUN_ALGORITHMS] = TABLE(algorithm),
    [RILL_STUN_CHANGE] = TABLE(change),
    [RILL_STUN_EVEN] = TABLE(even),
    [RILL_STUN_ICMP_VALUE] = TABLE(icmp),
    [RILL_STUN_ADDRESS_ERROR] = TABLE(address_error),
    [RILL_STUN_COUNTERS] = TABLE(counters),
};

const struct rill_field_table *rill_stun_value_fields(enum rill_stun_kind kind)
{
    return (size_t)kind < sizeof tables / sizeof tables[0] && tables[kind].n ? &tables[kind] : NULL;
}
