/* mdns/message: DNS messages (RFC 1035 §4), as multicast DNS uses them (RFC 6762 §18).
 *
 *   0                   1
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
 *  |              ID               |
 *  |QR| Opcode |AA|TC|RD|RA|Z|AD|CD| RCODE |
 *  |QDCOUNT|ANCOUNT|NSCOUNT|ARCOUNT|  16 bits each
 *  then questions: name, type, class; and records: name, type, class, TTL (32), length, data
 *
 * The idea: a cursor over the message, that is moved by one question or record at a time and
 * refuses for good what it cannot read. Names are kept as on the wire, without pointers, and
 * compared without case (RFC 1035 §2.3.3). A pointer may only point before where the name it is
 * part of began to be read, so that no chain of them is a loop.
 */
#ifndef RILL_MDNS_MESSAGE_H
#define RILL_MDNS_MESSAGE_H

#include "base/addr.h"
#include "base/field.h"
#include "mdns/errors.h"

#define RILL_DNS_HEADER 12
#define RILL_DNS_NAME_MAX 255

enum rill_dns_type {
    RILL_DNS_A = 1,
    RILL_DNS_AAAA = 28,
    RILL_DNS_NSEC = 47,
    RILL_DNS_ANY = 255,
};
#define RILL_DNS_IN 1

extern const struct rill_field_table rill_dns_fields;
/* What stands behind the header, by name: of questions and records. */
extern const struct rill_field_table rill_dns_entry_fields;
/* "AAAA"; NULL for a type without a name here. */
const char *rill_dns_type_name(uint64_t type);

/* Labels with their lengths, the root's 0 at the end. */
struct rill_dns_name {
    uint8_t bytes[RILL_DNS_NAME_MAX];
    size_t n;
};

struct rill_dns_header {
    uint16_t id;
    bool response, truncated;
    uint8_t opcode, rcode;
    uint16_t questions, answers, authorities, additionals;
};

/* unicast: the top bit of the class, RFC 6762 §5.4. */
struct rill_dns_question {
    struct rill_dns_name name;
    uint16_t type, class;
    bool unicast;
};

/* flush: the top bit of the class, RFC 6762 §10.2. data: into the message. */
struct rill_dns_record {
    struct rill_dns_name name;
    uint16_t type, class;
    bool flush;
    uint32_t ttl;
    struct rill_view data;
};

struct rill_dns_cursor {
    struct rill_view message;
    size_t at;
    uint32_t questions, records; /* still to be read */
};

/* Errors: RILL_MDNS_SHORT. Opcode and rcode are the caller's to judge. */
int rill_dns_begin(struct rill_view message, struct rill_dns_cursor *out,
                   struct rill_dns_header *header, struct rill_err *why);
/* All questions before the first record. 1: one was read; 0: there is none; < 0: MDNS_TRUNCATED,
 * _LABEL, _POINTER, _NAME_LONG, and nothing more is to be read. */
int rill_dns_next_question(struct rill_dns_cursor *c, struct rill_dns_question *out,
                           struct rill_err *why);
int rill_dns_next_record(struct rill_dns_cursor *c, struct rill_dns_record *out,
                         struct rill_err *why);
/* A whole walk that proves the message. */
int rill_dns_check(struct rill_view message, struct rill_err *why);

/* "name.local", with or without a dot at the end. Errors: RILL_MDNS_NAME_LONG, RILL_MDNS_LABEL. */
int rill_dns_name_of(struct rill_view text, struct rill_dns_name *out, struct rill_err *why);
bool rill_dns_name_equal(const struct rill_dns_name *a, const struct rill_dns_name *b);
/* RFC 1035 §5.1: bytes that are no printable ASCII as \DDD. */
void rill_dns_name_write(struct rill_writer *w, const struct rill_dns_name *name);
/* The address of an A or AAAA record; false for every other. */
bool rill_dns_record_addr(const struct rill_dns_record *r, struct rill_addr *out);

/* Writing: the header first, its counts as they will be. */
void rill_dns_put_header(struct rill_writer *w, uint16_t id, bool response, uint16_t questions,
                         uint16_t answers, uint16_t additionals);
void rill_dns_put_question(struct rill_writer *w, const struct rill_dns_name *name, uint16_t type,
                           bool unicast);
void rill_dns_put_addr(struct rill_writer *w, const struct rill_dns_name *name,
                       const struct rill_addr *addr, bool flush, uint32_t ttl);
/* RFC 6762 §6.1: this name has records of this one type. */
void rill_dns_put_nsec(struct rill_writer *w, const struct rill_dns_name *name, uint16_t type,
                       bool flush, uint32_t ttl);

#endif
