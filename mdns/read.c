/* read: a message, walked once. */
#include "mdns/message.h"

#include <string.h>

enum dns_field {
    ID,
    QR,
    OPCODE,
    AA,
    TC,
    RD,
    RA,
    Z,
    AD,
    CD,
    RCODE,
    QDCOUNT,
    ANCOUNT,
    NSCOUNT,
    ARCOUNT
};

static const struct rill_field header_fields[] = {
    [ID] = {"id", 0, 16, "RFC 1035 §4.1.1", "joins answer and question; 0 over multicast"},
    [QR] = {"qr", 16, 1, "RFC 1035 §4.1.1", "0: a query, 1: a response"},
    [OPCODE] = {"opcode", 17, 4, "RFC 6762 §18.3", "0: a standard query, the only one here"},
    [AA] = {"aa", 21, 1, "RFC 6762 §18.4", "1 in every response over multicast"},
    [TC] = {"tc", 22, 1, "RFC 6762 §18.5", "more known answers follow, or the answer was cut"},
    [RD] = {"rd", 23, 1, "RFC 6762 §18.6", "recursion desired: of no meaning here"},
    [RA] = {"ra", 24, 1, "RFC 6762 §18.7", "recursion available: of no meaning here"},
    [Z] = {"z", 25, 1, "RFC 6762 §18.8", "0"},
    [AD] = {"ad", 26, 1, "RFC 6762 §18.9", "authentic data: of no meaning here"},
    [CD] = {"cd", 27, 1, "RFC 6762 §18.10", "checking disabled: of no meaning here"},
    [RCODE] = {"rcode", 28, 4, "RFC 6762 §18.11", "0: no error, the only one here"},
    [QDCOUNT] = {"questions", 32, 16, "RFC 1035 §4.1.1", "entries in the question section"},
    [ANCOUNT] = {"answers", 48, 16, "RFC 1035 §4.1.1", "records in the answer section"},
    [NSCOUNT] = {"authorities", 64, 16, "RFC 1035 §4.1.1", "records in the authority section"},
    [ARCOUNT] = {"additionals", 80, 16, "RFC 1035 §4.1.1", "records in the additional section"},
};

const struct rill_field_table rill_dns_fields = {"dns", header_fields,
                                                 sizeof header_fields / sizeof header_fields[0]};

static const struct rill_field entry_fields[] = {
    {"question", 0, 0, "RFC 1035 §4.1.2", "what is asked"},
    {"record", 0, 0, "RFC 1035 §4.1.3", "what is told"},
    {"name", 0, 0, "RFC 1035 §3.1", "labels with their lengths, or a pointer to earlier ones"},
    {"type", 0, 16, "RFC 1035 §3.2.2", "what of the name: 1 IPv4 address, 28 IPv6 address"},
    {"unicast-response", 0, 1, "RFC 6762 §5.4", "the answer may come to the asker alone"},
    {"cache-flush", 0, 1, "RFC 6762 §10.2", "what was known of this name and type is old"},
    {"class", 1, 15, "RFC 1035 §3.2.4", "1: the Internet"},
    {"TTL", 0, 32, "RFC 1035 §4.1.3", "seconds that this may be remembered; 0: forget it"},
    {"RDLENGTH", 0, 16, "RFC 1035 §4.1.3", "bytes of the data"},
    {"RDATA", 0, 0, "RFC 1035 §4.1.3", "what is told; of A and AAAA an address"},
    {"rest", 0, 0, "RFC 1035 §4.1", "behind the last entry, or what could not be read"},
};

const struct rill_field_table rill_dns_entry_fields = {
    "dns entry", entry_fields, sizeof entry_fields / sizeof entry_fields[0]};

const char *rill_dns_type_name(uint64_t type)
{
    switch (type) {
    case RILL_DNS_A:
        return "A";
    case 5:
        return "CNAME";
    case 12:
        return "PTR";
    case 16:
        return "TXT";
    case RILL_DNS_AAAA:
        return "AAAA";
    case 33:
        return "SRV";
    case RILL_DNS_NSEC:
        return "NSEC";
    case RILL_DNS_ANY:
        return "ANY";
    default:
        return NULL;
    }
}

static uint16_t field(struct rill_view v, enum dns_field f)
{
    return (uint16_t)rill_field_get(&header_fields[f], v);
}

static int refuse(int code, size_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_mdns_errors, code, offset, value, why);
}

int rill_dns_begin(struct rill_view m, struct rill_dns_cursor *out, struct rill_dns_header *header,
                   struct rill_err *why)
{
    if (m.n < RILL_DNS_HEADER)
        return refuse(RILL_MDNS_SHORT, m.n, m.n, why);
    *header = (struct rill_dns_header){
        .id = field(m, ID),
        .response = field(m, QR),
        .truncated = field(m, TC),
        .opcode = (uint8_t)field(m, OPCODE),
        .rcode = (uint8_t)field(m, RCODE),
        .questions = field(m, QDCOUNT),
        .answers = field(m, ANCOUNT),
        .authorities = field(m, NSCOUNT),
        .additionals = field(m, ARCOUNT),
    };
    *out = (struct rill_dns_cursor){
        .message = m,
        .at = RILL_DNS_HEADER,
        .questions = header->questions,
        .records = (uint32_t)header->answers + header->authorities + header->additionals,
    };
    return 0;
}

static int append(struct rill_dns_name *name, struct rill_view label, size_t at,
                  struct rill_err *why)
{
    if (name->n + 1 + label.n > sizeof name->bytes)
        return refuse(RILL_MDNS_NAME_LONG, at, label.n, why);
    name->bytes[name->n++] = (uint8_t)label.n;
    if (label.n)
        memcpy(name->bytes + name->n, label.p, label.n);
    name->n += label.n;
    return 0;
}

/* Reads at c->at and moves it behind the name, or behind its first pointer. */
static int read_name(struct rill_dns_cursor *c, struct rill_dns_name *out, struct rill_err *why)
{
    struct rill_view m = c->message;
    size_t at = c->at, earliest = c->at, end = 0;
    out->n = 0;
    for (;;) {
        struct rill_view head = rill_view_sub(m, at, 1), low = rill_view_sub(m, at + 1, 1);
        if (head.n == 0)
            return refuse(RILL_MDNS_TRUNCATED, at, 0, why);
        unsigned n = head.p[0];
        if ((n & 0xc0) == 0xc0) {
            if (low.n == 0)
                return refuse(RILL_MDNS_TRUNCATED, at, 0, why);
            size_t to = (size_t)(n & 0x3f) << 8 | low.p[0];
            if (to >= earliest)
                return refuse(RILL_MDNS_POINTER, at, to, why);
            end = end ? end : at + 2;
            at = earliest = to;
            continue;
        }
        if (n & 0xc0)
            return refuse(RILL_MDNS_LABEL, at, n, why);
        struct rill_view label = rill_view_sub(m, at + 1, n);
        if (label.n < n)
            return refuse(RILL_MDNS_TRUNCATED, at, 0, why);
        int rc = append(out, label, at, why);
        if (rc < 0)
            return rc;
        at += 1 + n;
        if (n == 0)
            break;
    }
    c->at = end ? end : at;
    return 0;
}

static int stop(struct rill_dns_cursor *c, int rc)
{
    c->questions = c->records = 0;
    return rc;
}

/* What questions and records begin with behind their name (RFC 1035 §4.1.2, §4.1.3). */
struct head {
    uint16_t type, class;
    bool first; /* the class's first bit, which RFC 6762 §5.4 and §10.2 give a meaning of its own */
    struct rill_reader rest; /* stands behind it */
};

static int read_head(struct rill_dns_cursor *c, struct rill_dns_name *name, struct head *out,
                     struct rill_err *why)
{
    int rc = read_name(c, name, why);
    if (rc < 0)
        return rc;
    struct rill_reader r = rill_reader_of(c->message);
    rill_r_skip(&r, c->at);
    uint16_t type = rill_r_u16(&r), class = rill_r_u16(&r);
    *out = (struct head){type, class & 0x7fff, class >> 15, r};
    return 0;
}

/* What was read is whole: the cursor goes behind it. */
static int step(struct rill_dns_cursor *c, const struct rill_reader *r, uint32_t *left,
                struct rill_err *why)
{
    if (r->bad)
        return stop(c, refuse(RILL_MDNS_TRUNCATED, c->at, 0, why));
    c->at = r->at;
    (*left)--;
    return 1;
}

int rill_dns_next_question(struct rill_dns_cursor *c, struct rill_dns_question *out,
                           struct rill_err *why)
{
    struct head h;
    if (c->questions == 0)
        return 0;
    int rc = read_head(c, &out->name, &h, why);
    if (rc < 0)
        return stop(c, rc);
    out->type = h.type;
    out->class = h.class;
    out->unicast = h.first;
    return step(c, &h.rest, &c->questions, why);
}

int rill_dns_next_record(struct rill_dns_cursor *c, struct rill_dns_record *out,
                         struct rill_err *why)
{
    struct head h;
    if (c->records == 0)
        return 0;
    int rc = read_head(c, &out->name, &h, why);
    if (rc < 0)
        return stop(c, rc);
    out->type = h.type;
    out->class = h.class;
    out->flush = h.first;
    out->ttl = rill_r_u32(&h.rest);
    out->data = rill_r_bytes(&h.rest, rill_r_u16(&h.rest));
    return step(c, &h.rest, &c->records, why);
}

int rill_dns_check(struct rill_view message, struct rill_err *why)
{
    struct rill_dns_cursor c;
    struct rill_dns_header header;
    struct rill_dns_question q;
    struct rill_dns_record r;
    int rc = rill_dns_begin(message, &c, &header, why);
    if (rc < 0)
        return rc;
    while ((rc = rill_dns_next_question(&c, &q, why)) > 0)
        continue;
    while (rc == 0 && (rc = rill_dns_next_record(&c, &r, why)) > 0)
        rc = 0;
    return rc;
}

static uint8_t lower(uint8_t b)
{
    return b >= 'A' && b <= 'Z' ? (uint8_t)(b + 32) : b;
}

/* Lengths are below 64, so folding case does not touch them. */
bool rill_dns_name_equal(const struct rill_dns_name *a, const struct rill_dns_name *b)
{
    for (size_t i = 0; a->n == b->n && i < a->n; i++)
        if (lower(a->bytes[i]) != lower(b->bytes[i]))
            return false;
    return a->n == b->n;
}

int rill_dns_name_of(struct rill_view text, struct rill_dns_name *out, struct rill_err *why)
{
    struct rill_dns_name name = {.n = 0};
    struct rill_view rest = text;
    int rc = 0;
    while (rest.n && rc == 0) {
        size_t at = (size_t)(rest.p - text.p);
        struct rill_view label = rill_view_cut(rest, '.', &rest);
        if (label.n == 0 || label.n > 63)
            return refuse(RILL_MDNS_LABEL, at, label.n, why);
        rc = append(&name, label, at, why);
    }
    if (rc == 0)
        rc = append(&name, (struct rill_view){0}, text.n, why);
    if (rc == 0)
        *out = name;
    return rc;
}

void rill_dns_name_write(struct rill_writer *w, const struct rill_dns_name *name)
{
    for (size_t at = 0; at < name->n && name->bytes[at]; at += 1u + name->bytes[at]) {
        if (at)
            rill_w_char(w, '.');
        for (size_t i = at + 1; i <= at + name->bytes[at] && i < name->n; i++) {
            uint8_t b = name->bytes[i];
            if (b > 0x20 && b < 0x7f && b != '.' && b != '\\') {
                rill_w_char(w, (char)b);
                continue;
            }
            rill_w_char(w, '\\');
            rill_w_char(w, (char)('0' + b / 100));
            rill_w_char(w, (char)('0' + b / 10 % 10));
            rill_w_char(w, (char)('0' + b % 10));
        }
    }
}

bool rill_dns_record_addr(const struct rill_dns_record *r, struct rill_addr *out)
{
    bool ip4 = r->type == RILL_DNS_A && r->data.n == 4;
    bool ip6 = r->type == RILL_DNS_AAAA && r->data.n == 16;
    if (r->class != RILL_DNS_IN || (!ip4 && !ip6))
        return false;
    *out = (struct rill_addr){.family = ip4 ? RILL_ADDR_IP4 : RILL_ADDR_IP6};
    memcpy(out->ip, r->data.p, r->data.n);
    return true;
}
