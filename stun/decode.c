/* decode: is this datagram a STUN message, and what does it hold (RFC 8489 §5, §14)?
 *
 * The idea: one walk proves every attribute to lie inside; the walks after it cannot fail.
 *
 * - rill_stun_is        a cheap look for demultiplexing
 * - rill_stun_decode    the whole proof
 * - rill_stun_next      each attribute in wire order
 * - rill_stun_find      the first one that counts
 */
#include "stun/msg.h"

/* The first two bits are not part of the type; the type mixes the class (C) into the method (M):
 *
 *   0 0 M M M M M C M M M C M M M M
 *      11          7 1   4 0 3     0
 */
enum header_field { ZERO, TYPE, LENGTH, COOKIE, TXID_HIGH, TXID_LOW };

static const struct rill_field header_fields[] = {
    [ZERO] = {"zero", 0, 2, "RFC 8489 §5",
              "0 in every STUN message, so that others are told apart"},
    [TYPE] = {"type", 2, 14, "RFC 8489 §5", "the method, with the class in bits 4 and 8"},
    [LENGTH] = {"length", 16, 16, "RFC 8489 §5", "bytes of all attributes, a multiple of 4"},
    [COOKIE] = {"cookie", 32, 32, "RFC 8489 §5", "0x2112a442 in every message"},
    [TXID_HIGH] = {"txid_high", 64, 64, "RFC 8489 §5", "transaction ID, its first 64 random bits"},
    [TXID_LOW] = {"txid_low", 128, 32, "RFC 8489 §5", "transaction ID, its last 32 random bits"},
};

static const struct rill_field meaning_fields[] = {
    [RILL_STUN_FIELD_METHOD] = {"method", 2, 14, "RFC 8489 §5",
                                "what is asked; its twelve bits stand around the two of the class"},
    [RILL_STUN_FIELD_CLASS] = {"class", 7, 5, "RFC 8489 §5",
                               "request, indication, success or error: the first and the last of "
                               "these five bits"},
    [RILL_STUN_FIELD_TXID] = {"transaction ID", 64, 0, "RFC 8489 §5",
                              "96 random bits that join a response to its request"},
};
const struct rill_field_table rill_stun_meaning_fields = {
    "stun", meaning_fields, sizeof meaning_fields / sizeof meaning_fields[0]};

const struct rill_field_table rill_stun_header_fields = {
    "stun", header_fields, sizeof header_fields / sizeof header_fields[0]};

/*   0                   1                   2                   3
 *  |         Type                  |            Length             |
 *  |                         Value (variable)                ....
 */
enum attr_field { ATTR_TYPE, ATTR_LENGTH, ATTR_VALUE };

#define ATTR_HEADER 4

static const struct rill_field attr_fields[] = {
    [ATTR_TYPE] = {"type", 0, 16, "RFC 8489 §14", "below 0x8000 it must be understood"},
    [ATTR_LENGTH] = {"length", 16, 16, "RFC 8489 §14", "bytes of the value without its padding"},
    [ATTR_VALUE] = {"value", 32, 0, "RFC 8489 §14", "the value, padded to a multiple of 4 bytes"},
};

const struct rill_field_table rill_stun_attr_fields = {"stun attribute", attr_fields,
                                                       sizeof attr_fields / sizeof attr_fields[0]};

static uint32_t header(struct rill_view datagram, enum header_field f)
{
    return (uint32_t)rill_field_get(&header_fields[f], datagram);
}

bool rill_stun_is(struct rill_view datagram)
{
    return datagram.n >= RILL_STUN_HEADER && header(datagram, ZERO) == 0 &&
           header(datagram, COOKIE) == RILL_STUN_COOKIE;
}

static int refuse(int code, size_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_stun_errors, code, offset, value, why);
}

static int check_header(struct rill_view datagram, struct rill_err *why)
{
    if (datagram.n < RILL_STUN_HEADER)
        return refuse(RILL_STUN_TOO_SHORT, datagram.n, datagram.n, why);
    /* RFC 8489 §5: "The most significant 2 bits of every STUN message MUST be zeroes." */
    if (header(datagram, ZERO) != 0)
        return refuse(RILL_STUN_FIRST_BITS, 0, header(datagram, ZERO), why);
    if (header(datagram, COOKIE) != RILL_STUN_COOKIE)
        return refuse(RILL_STUN_COOKIE_WRONG, 4, header(datagram, COOKIE), why);
    uint32_t length = header(datagram, LENGTH);
    /* RFC 8489 §5: "the last 2 bits of this field are always zero." */
    if (length % 4 != 0)
        return refuse(RILL_STUN_LENGTH_UNALIGNED, 2, length, why);
    if (length != datagram.n - RILL_STUN_HEADER)
        return refuse(RILL_STUN_LENGTH_MISMATCH, 2, length, why);
    return 0;
}

/* The attribute at *at, which moves behind its padding. Length and position are multiples of 4,
 * so a value that fits has room for its padding too. */
static bool attr_at(struct rill_view raw, size_t *at, struct rill_stun_attr *out)
{
    struct rill_reader r = rill_reader_of(raw);
    rill_r_skip(&r, *at);
    struct rill_view head = rill_r_bytes(&r, ATTR_HEADER);
    size_t n = (size_t)rill_field_get(&attr_fields[ATTR_LENGTH], head);
    out->type = (uint16_t)rill_field_get(&attr_fields[ATTR_TYPE], head);
    out->offset = *at;
    out->value = rill_r_bytes(&r, n);
    rill_r_skip(&r, (4 - n % 4) % 4);
    if (r.bad)
        return false;
    *at = r.at;
    return true;
}

/* Where the three attributes lie that seal a message. */
static int check_attrs(struct rill_stun_msg *m, struct rill_err *why)
{
    size_t at = RILL_STUN_HEADER;
    struct rill_stun_attr a;
    while (at < m->raw.n) {
        size_t from = at;
        if (!attr_at(m->raw, &at, &a))
            return refuse(
                RILL_STUN_ATTR_TOO_LONG, from + 2,
                rill_field_get(&attr_fields[ATTR_LENGTH], rill_view_sub(m->raw, from, ATTR_HEADER)),
                why);
        if (a.type == RILL_STUN_MESSAGE_INTEGRITY && !m->integrity_at)
            m->integrity_at = from;
        if (a.type == RILL_STUN_MESSAGE_INTEGRITY_SHA256 && !m->integrity256_at)
            m->integrity256_at = from;
        if (a.type != RILL_STUN_FINGERPRINT)
            continue;
        /* RFC 8489 §14.7: "the FINGERPRINT attribute MUST be the last attribute in the message" */
        if (at != m->raw.n)
            return refuse(RILL_STUN_FINGERPRINT_NOT_LAST, from, m->raw.n - at, why);
        m->fingerprint_at = from;
    }
    return 0;
}

int rill_stun_decode(struct rill_view datagram, struct rill_stun_msg *out, struct rill_err *why)
{
    int rc = check_header(datagram, why);
    if (rc < 0)
        return rc;
    uint32_t type = header(datagram, TYPE);
    struct rill_stun_msg m = {
        .raw = datagram,
        .class = (enum rill_stun_class)((type >> 7 & 2) | (type >> 4 & 1)),
        .method = (uint16_t)((type >> 2 & 0xf80) | (type >> 1 & 0x70) | (type & 0xf)),
        .txid = rill_view_sub(datagram, header_fields[TXID_HIGH].bit / 8, RILL_STUN_TXID),
    };
    rc = check_attrs(&m, why);
    if (rc < 0)
        return rc;
    *out = m;
    return 0;
}

bool rill_stun_next(const struct rill_stun_msg *m, size_t *at, struct rill_stun_attr *out)
{
    if (*at < RILL_STUN_HEADER)
        *at = RILL_STUN_HEADER;
    return *at < m->raw.n && attr_at(m->raw, at, out);
}

/* RFC 8489 §9.1.1: "agents MUST ignore all attributes that follow MESSAGE-INTEGRITY, with the
 * exception of the MESSAGE-INTEGRITY-SHA256 and FINGERPRINT attributes." Without the first, the
 * same holds for MESSAGE-INTEGRITY-SHA256. */
static bool counts(const struct rill_stun_msg *m, const struct rill_stun_attr *a)
{
    size_t seal = m->integrity_at ? m->integrity_at : m->integrity256_at;
    return seal == 0 || a->offset <= seal || a->offset == m->integrity256_at ||
           a->type == RILL_STUN_FINGERPRINT;
}

bool rill_stun_find(const struct rill_stun_msg *m, uint16_t type, struct rill_view *value)
{
    struct rill_stun_attr a;
    for (size_t at = 0; rill_stun_next(m, &at, &a);) {
        if (a.type == type && counts(m, &a)) {
            *value = a.value;
            return true;
        }
    }
    return false;
}

static bool listed(const uint16_t *types, size_t n, uint16_t type)
{
    for (size_t i = 0; i < n; i++)
        if (types[i] == type)
            return true;
    return false;
}

/* RFC 8489 §18.3.1, those that this version defines. */
static const uint16_t own[] = {
    RILL_STUN_MAPPED_ADDRESS,
    RILL_STUN_USERNAME,
    RILL_STUN_MESSAGE_INTEGRITY,
    RILL_STUN_ERROR_CODE,
    RILL_STUN_UNKNOWN_ATTRIBUTES,
    RILL_STUN_REALM,
    RILL_STUN_NONCE,
    RILL_STUN_MESSAGE_INTEGRITY_SHA256,
    RILL_STUN_PASSWORD_ALGORITHM,
    RILL_STUN_USERHASH,
    RILL_STUN_XOR_MAPPED_ADDRESS,
};

size_t rill_stun_unknown_required(const struct rill_stun_msg *m, const uint16_t *more,
                                  size_t n_more, uint16_t *out, size_t cap)
{
    size_t n = 0;
    struct rill_stun_attr a;
    for (size_t at = 0; n < cap && rill_stun_next(m, &at, &a);) {
        /* RFC 8489 §14: "0x8000 and 0xFFFF are comprehension-optional attributes". What an older
         * agent ignores behind MESSAGE-INTEGRITY is no reason to refuse either. */
        bool sealed = m->integrity_at && a.offset > m->integrity_at;
        if (a.type >= 0x8000 || sealed || !counts(m, &a))
            continue;
        if (!listed(own, sizeof own / sizeof own[0], a.type) && !listed(more, n_more, a.type) &&
            !listed(out, n, a.type))
            out[n++] = a.type;
    }
    return n;
}
