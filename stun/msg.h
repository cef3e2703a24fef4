/* stun/msg: a STUN message on the wire (RFC 8489 §5, §14).
 *
 *   0                   1                   2                   3
 *  |0 0|     STUN Message Type     |         Message Length        |
 *  |                         Magic Cookie 0x2112A442               |
 *  |                     Transaction ID (96 bits)                  |
 *  |  attributes: Type (16) Length (16) Value, padded to 4 bytes … |
 *
 * The idea: decoding checks the whole walk once and keeps only views; attributes are
 * then read by type. Encoding writes straight into the caller's buffer, and the last two
 * calls seal it (integrity, then fingerprint).
 *
 * - rill_stun_decode, rill_stun_next, rill_stun_find     reading
 * - rill_stun_get_*                                      values by type
 * - rill_stun_check_integrity, rill_stun_check_integrity256, rill_stun_check_fingerprint
 * - rill_stun_begin, rill_stun_put_*, rill_stun_end      writing
 */
#ifndef RILL_STUN_MSG_H
#define RILL_STUN_MSG_H

#include "base/addr.h"
#include "base/err.h"
#include "base/field.h"
#include "stun/errors.h"

#define RILL_STUN_COOKIE 0x2112A442u
#define RILL_STUN_HEADER 20
#define RILL_STUN_TXID 12
#define RILL_STUN_INTEGRITY256_LEAST 16 /* RFC 8489 §14.6 */

/* RFC 8489 §5: the two class bits. */
enum rill_stun_class {
    RILL_STUN_REQUEST = 0,
    RILL_STUN_INDICATION = 1,
    RILL_STUN_SUCCESS = 2,
    RILL_STUN_ERROR = 3,
};

enum rill_stun_method {
    RILL_STUN_BINDING = 1,
    RILL_STUN_ALLOCATE = 3, /* RFC 8656 §17 */
    RILL_STUN_REFRESH = 4,
    RILL_STUN_SEND_INDICATION = 6,
    RILL_STUN_DATA_INDICATION = 7,
    RILL_STUN_CREATE_PERMISSION = 8,
    RILL_STUN_CHANNEL_BIND = 9,
};

/* RFC 8489 §18.3, RFC 8656 §18, RFC 8445 §20.1, RFC 5780 §7. The registry's names are in attrs.c.
 */
enum rill_stun_type {
    RILL_STUN_MAPPED_ADDRESS = 0x0001,
    RILL_STUN_CHANGE_REQUEST = 0x0003,
    RILL_STUN_USERNAME = 0x0006,
    RILL_STUN_MESSAGE_INTEGRITY = 0x0008,
    RILL_STUN_ERROR_CODE = 0x0009,
    RILL_STUN_UNKNOWN_ATTRIBUTES = 0x000a,
    RILL_STUN_CHANNEL_NUMBER = 0x000c,
    RILL_STUN_LIFETIME = 0x000d,
    RILL_STUN_XOR_PEER_ADDRESS = 0x0012,
    RILL_STUN_DATA = 0x0013,
    RILL_STUN_REALM = 0x0014,
    RILL_STUN_NONCE = 0x0015,
    RILL_STUN_XOR_RELAYED_ADDRESS = 0x0016,
    RILL_STUN_REQUESTED_ADDRESS_FAMILY = 0x0017,
    RILL_STUN_REQUESTED_TRANSPORT = 0x0019,
    RILL_STUN_MESSAGE_INTEGRITY_SHA256 = 0x001c,
    RILL_STUN_PASSWORD_ALGORITHM = 0x001d,
    RILL_STUN_USERHASH = 0x001e,
    RILL_STUN_XOR_MAPPED_ADDRESS = 0x0020,
    RILL_STUN_PRIORITY = 0x0024,
    RILL_STUN_RESERVATION_TOKEN = 0x0022,
    RILL_STUN_USE_CANDIDATE = 0x0025,
    RILL_STUN_PADDING = 0x0026,
    RILL_STUN_RESPONSE_PORT = 0x0027,
    RILL_STUN_ADDITIONAL_ADDRESS_FAMILY = 0x8000,
    RILL_STUN_ADDRESS_ERROR_CODE = 0x8001,
    RILL_STUN_PASSWORD_ALGORITHMS = 0x8002,
    RILL_STUN_ALTERNATE_DOMAIN = 0x8003,
    RILL_STUN_SOFTWARE = 0x8022,
    RILL_STUN_ALTERNATE_SERVER = 0x8023,
    RILL_STUN_FINGERPRINT = 0x8028,
    RILL_STUN_ICE_CONTROLLED = 0x8029,
    RILL_STUN_ICE_CONTROLLING = 0x802a,
    RILL_STUN_RESPONSE_ORIGIN = 0x802b,
    RILL_STUN_OTHER_ADDRESS = 0x802c,
    RILL_STUN_NOMINATION = 0xc001, /* draft-thatcher-ice-renomination §4, with libwebrtc's number */
};

/* RFC 5780 §7.2: the flags of CHANGE-REQUEST. */
#define RILL_STUN_CHANGE_IP 0x04u
#define RILL_STUN_CHANGE_PORT 0x02u

/* All views point into the datagram that was decoded. */
struct rill_stun_msg {
    struct rill_view raw;
    enum rill_stun_class class;
    uint16_t method;
    struct rill_view txid;  /* 12 bytes */
    size_t integrity_at;    /* offset of MESSAGE-INTEGRITY's attribute header, 0 when absent */
    size_t integrity256_at; /* the same of MESSAGE-INTEGRITY-SHA256 */
    size_t fingerprint_at;  /* the same of FINGERPRINT */
};

struct rill_stun_attr {
    uint16_t type;
    size_t offset; /* of the attribute header in the datagram */
    struct rill_view value;
};

extern const struct rill_field_table rill_stun_header_fields;
extern const struct rill_field_table rill_stun_attr_fields;
/* What the header's bits come to: method, class, transaction ID. */
enum { RILL_STUN_FIELD_METHOD, RILL_STUN_FIELD_CLASS, RILL_STUN_FIELD_TXID };
extern const struct rill_field_table rill_stun_meaning_fields;

/* RFC 7983 §7: a first byte 0…3, the cookie and a whole header; cheap enough for a demux. */
bool rill_stun_is(struct rill_view datagram);

/* Reads and checks one datagram: first two bits 0, cookie, length a multiple of 4 and
 * equal to what is there, every attribute inside, FINGERPRINT last.
 * Errors: RILL_STUN_* rows; out is untouched then. */
int rill_stun_decode(struct rill_view datagram, struct rill_stun_msg *out, struct rill_err *why);

/* Walks the attributes in wire order, those after MESSAGE-INTEGRITY included. Start with
 * *at = 0; false at the end. */
bool rill_stun_next(const struct rill_stun_msg *m, size_t *at, struct rill_stun_attr *out);

/* The first attribute of this type that counts. RFC 8489 §9.1.1: what follows
 * MESSAGE-INTEGRITY is ignored, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT excepted. */
bool rill_stun_find(const struct rill_stun_msg *m, uint16_t type, struct rill_view *value);

/* Values; false when absent or malformed (RFC 8489 §14: an address of a wrong family or
 * length is as if it were not there). XOR is undone where the type is an XOR type. */
bool rill_stun_get_addr(const struct rill_stun_msg *m, uint16_t type, struct rill_addr *out);
bool rill_stun_get_u32(const struct rill_stun_msg *m, uint16_t type, uint32_t *out);
bool rill_stun_get_u64(const struct rill_stun_msg *m, uint16_t type, uint64_t *out);
/* The 16 bits of RESPONSE-PORT, with or without its two bytes of padding (RFC 5780 §7.5 counts them
 * as the value, some servers do not). */
bool rill_stun_get_port(const struct rill_stun_msg *m, uint16_t type, uint16_t *out);
/* code 300…699; reason is UTF-8 as sent (RFC 8489 §14.8). */
bool rill_stun_get_error(const struct rill_stun_msg *m, unsigned *code, struct rill_view *reason);

/* Decodes one attribute's value; for rill_stun_next() walkers. */
bool rill_stun_value_addr(struct rill_view value, bool xored, struct rill_view txid,
                          struct rill_addr *out);
bool rill_stun_value_error(struct rill_view value, unsigned *code, struct rill_view *reason);

/* RFC 8489 §14.5, in constant time. False when absent. key: the password for short-term
 * credentials, MD5(user:realm:password) for long-term ones. */
bool rill_stun_check_integrity(const struct rill_stun_msg *m, struct rill_view key);
/* RFC 8489 §14.6, the whole 32 bytes: neither ICE nor TURN permits a truncated one. */
bool rill_stun_check_integrity256(const struct rill_stun_msg *m, struct rill_view key);
/* The same where the usage permits truncation to `least` bytes or more (16 at the least). */
bool rill_stun_check_integrity256_cut(const struct rill_stun_msg *m, struct rill_view key,
                                      size_t least);
/* Where the first of the two begins: what lies before is under it. SIZE_MAX without either. */
size_t rill_stun_sealed(const struct rill_stun_msg *m);
/* RFC 8489 §14.7. False when absent. */
bool rill_stun_check_fingerprint(const struct rill_stun_msg *m);

/* RFC 8489 §6.3.1: the comprehension-required types that count and are neither RFC 8489's own nor
 * in `more`, those of the usage; each once; fills out with the first cap of them and returns how
 * many that are. */
size_t rill_stun_unknown_required(const struct rill_stun_msg *m, const uint16_t *more,
                                  size_t n_more, uint16_t *out, size_t cap);

/* The registry's name of a method or attribute type; NULL when there is none. */
const char *rill_stun_method_name(uint16_t method);
const char *rill_stun_attr_name(uint16_t type);

/* What the value of an attribute is made of. */
enum rill_stun_kind {
    RILL_STUN_OPAQUE, /* bytes, or a format of its own */
    RILL_STUN_TEXT,   /* UTF-8 */
    RILL_STUN_ADDR,
    RILL_STUN_XOR_ADDR,
    RILL_STUN_U32,
    RILL_STUN_U64,
    RILL_STUN_FLAG, /* present or not, no value */
    RILL_STUN_ERROR_VALUE,
    RILL_STUN_TYPE_LIST,  /* attribute types, 16 bits each */
    RILL_STUN_U8_VALUE,   /* one byte and three reserved ones (RFC 8656 §18.6) */
    RILL_STUN_U16_VALUE,  /* two bytes and two reserved ones (RFC 8656 §18.1) */
    RILL_STUN_ALGORITHMS, /* password algorithms, see stun/longterm.h */
    RILL_STUN_CHANGE,     /* two flags in 32 bits (RFC 5780 §7.2) */
    RILL_STUN_EVEN,       /* one flag in a byte (RFC 8656 §18.7) */
    RILL_STUN_ICMP_VALUE,
    RILL_STUN_ADDRESS_ERROR,
    RILL_STUN_COUNTERS, /* RFC 7982 §3.1 */
};
/* RILL_STUN_OPAQUE for a type that is not registered. */
enum rill_stun_kind rill_stun_attr_kind(uint16_t type);

struct rill_stun_attr_row {
    uint16_t type;
    enum rill_stun_kind kind;
    const char *name;
    const char *clause, *sentence; /* clause NULL: no RFC has it */
};
/* NULL for a type that is not registered. */
const struct rill_stun_attr_row *rill_stun_attr_row(uint16_t type);
/* How the bytes of such a value lie; a last field of 0 bits takes what is left. Of algorithms and
 * type lists it is one entry. NULL for OPAQUE, TEXT and FLAG. */
const struct rill_field_table *rill_stun_value_fields(enum rill_stun_kind kind);
const char *rill_stun_class_name(enum rill_stun_class class);
/* "Unauthenticated" of 401; NULL when it is not registered. */
const char *rill_stun_error_name(unsigned code);

/* Writing: begin, put …, optionally integrity and fingerprint in this order, end. A
 * buffer too small shows at the end as 0. */
struct rill_stun_writer {
    struct rill_writer w;
    uint8_t txid[RILL_STUN_TXID];
};

void rill_stun_begin(struct rill_stun_writer *s, struct rill_span out, enum rill_stun_class class,
                     uint16_t method, const uint8_t txid[RILL_STUN_TXID]);
void rill_stun_put(struct rill_stun_writer *s, uint16_t type, struct rill_view value);
/* An attribute whose n bytes lie already in the buffer, 4 behind where this one begins. */
void rill_stun_put_here(struct rill_stun_writer *s, uint16_t type, size_t n);
void rill_stun_put_u32(struct rill_stun_writer *s, uint16_t type, uint32_t value);
void rill_stun_put_u64(struct rill_stun_writer *s, uint16_t type, uint64_t value);
void rill_stun_put_port(struct rill_stun_writer *s, uint16_t type, uint16_t port);
/* XORed when the type is an XOR type; an address of no family spoils the message. */
void rill_stun_put_addr(struct rill_stun_writer *s, uint16_t type, const struct rill_addr *a);
/* code 300…699, else the message is spoilt. */
void rill_stun_put_error(struct rill_stun_writer *s, unsigned code, const char *reason);
void rill_stun_put_unknown(struct rill_stun_writer *s, const uint16_t *types, size_t n);
void rill_stun_put_integrity(struct rill_stun_writer *s, struct rill_view key);
void rill_stun_put_integrity256(struct rill_stun_writer *s, struct rill_view key);
/* RFC 8489 §14.6: the first n bytes alone, n a multiple of 4 from 16 to 32, else the message is
 * spoilt; for usages that allow it. */
void rill_stun_put_integrity256_cut(struct rill_stun_writer *s, struct rill_view key, size_t n);
void rill_stun_put_fingerprint(struct rill_stun_writer *s);
/* Bytes of the finished message, or 0 when it did not fit. */
size_t rill_stun_end(struct rill_stun_writer *s);

#endif
