/* rtp: header, contributing sources, header extensions, payload, padding (RFC 3550 §5.1); in clear,
 * and as SRTP leaves it, the payload encrypted (RFC 3711 §3.1). */
#include "dissect/payload.h"

#include "rtp/ext_known.h"
#include "rtp/packet.h"

static const struct rill_field rtp = {"RTP", 0, 0, "RFC 3550 §5.1", "media, in clear"};
static const struct rill_field srtp = {"SRTP", 0, 0, "RFC 3711 §3.1",
                                       "media; the header can be read by everybody"};
static const struct rill_field csrc = {"CSRC", 0, 0, "RFC 3550 §5.1",
                                       "a source that a mixer put into this packet"};
static const struct rill_field extension = {"header extension", 0, 0, "RFC 3550 §5.3.1",
                                            "small things about the packet"};
static const struct rill_field profile = {
    "profile", 0, 16, "RFC 8285 §4.2", "0xbede: elements with a head of one byte, 0x100x: of two"};
static const struct rill_field words = {"length", 16, 16, "RFC 3550 §5.3.1",
                                        "32-bit words that follow"};
static const struct rill_field element = {"element", 0, 0, "RFC 8285 §5",
                                          "the description says what its ID means"};
static const struct rill_field id_4 = {"ID", 0, 4, "RFC 8285 §4.2", "as a=extmap has it"};
static const struct rill_field length_4 = {"len", 4, 4, "RFC 8285 §4.2", "bytes less one"};
static const struct rill_field id_8 = {"ID", 0, 8, "RFC 8285 §4.3", "as a=extmap has it"};
static const struct rill_field length_8 = {"length", 8, 8, "RFC 8285 §4.3", "bytes"};
static const struct rill_field value = {"value", 0, 0, "RFC 8285 §5", "the element's own format"};
static const struct rill_field rest = {"rest of the value", 0, 0, "RFC 8285 §5", NULL};
static const struct rill_field filler = {"padding", 0, 0, "RFC 8285 §4.1.2", "bytes of 0"};
static const struct rill_field ignored = {"not read", 0, 0, "RFC 8285 §4.1.2",
                                          "behind an ID that ends the extension"};
static const struct rill_field encrypted = {"encrypted payload and tag", 0, 0, "RFC 3711 §3.1",
                                            "the keys are needed to read it"};
static const struct rill_field padding = {"padding bytes", 0, 0, "RFC 3550 §5.1",
                                          "the last byte counts them all"};

/* --- header extensions ----------------------------------------------------------------------- */

static void known_fields(struct rill_tree *t, const struct rill_rtp_ext_known *k,
                         struct rill_part p)
{
    size_t bits = 0;
    for (size_t i = 0; i < k->fields.n; i++) {
        const struct rill_field *f = &k->fields.fields[i];
        if ((size_t)f->bit + f->bits > p.v.n * 8)
            break;
        rill_tree_field(t, f, p);
        bits = (size_t)f->bit + f->bits;
    }
    if (bits / 8 < p.v.n)
        rill_tree_bytes(t, &rest, rill_part_from(p, (bits + 7) / 8));
}

static void one_element(struct rill_tree *t, struct rill_part p, bool two_byte)
{
    size_t head = two_byte ? 2 : 1;
    uint8_t id = (uint8_t)rill_field_get(two_byte ? &id_8 : &id_4, p.v);
    uint8_t number = id >= 1 && id <= 15 ? t->hints->extensions[id - 1] : 0;
    const struct rill_rtp_ext_known *k = rill_rtp_ext_known(number);
    struct rill_field row = element;
    if (k)
        row = (struct rill_field){k->name, 0, 0, k->clause, k->sentence};
    struct rill_part v = rill_part_from(p, head);
    struct rill_dissect_node *node = rill_tree_open(t, &row, p);
    node->type = k && k->text ? RILL_DISSECT_TEXT : RILL_DISSECT_BYTES;
    node->view = v.v;
    if (k && k->fields.n == 1) {
        node->type = RILL_DISSECT_U64;
        node->u = rill_field_get(&k->fields.fields[0], v.v);
    }
    rill_tree_field(t, two_byte ? &id_8 : &id_4, p);
    rill_tree_field(t, two_byte ? &length_8 : &length_4, p);
    if (k && k->text)
        rill_tree_text(t, &value, v);
    else if (k && k->fields.n)
        known_fields(t, k, v);
    else if (v.v.n)
        rill_tree_bytes(t, &value, v);
    rill_tree_close(t);
}

/* The bytes of 0 from at on. */
static size_t zeros(struct rill_view v, size_t at)
{
    size_t n = 0;
    while (at + n < v.n && v.p[at + n] == 0)
        n++;
    return n;
}

static void elements(struct rill_scan *s, bool two_byte)
{
    while (rill_scan_left(s) && !s->bad) {
        size_t n = zeros(s->p.v, s->at);
        if (n) {
            rill_scan_bytes(s, &filler, n);
            continue;
        }
        struct rill_view head = rill_part_sub(s->p, s->at, 2).v;
        uint8_t id = (uint8_t)(head.p[0] >> 4);
        if (!two_byte && (id == 15 || id == 0)) {
            rill_scan_end(s, &ignored);
            return;
        }
        n = two_byte ? 2u + (head.n > 1 ? head.p[1] : 0u) : 2u + (head.p[0] & 15u);
        struct rill_part part = rill_scan_take(s, &element, n);
        if (!s->bad)
            one_element(s->t, part, two_byte);
    }
}

static void extensions(struct rill_scan *s)
{
    struct rill_view head = rill_part_sub(s->p, s->at, 4).v;
    size_t n = (size_t)rill_field_get(&words, head) * 4;
    uint16_t form = (uint16_t)rill_field_get(&profile, head);
    struct rill_part whole = rill_scan_take(s, &extension, 4 + n);
    if (s->bad)
        return;
    rill_tree_open(s->t, &extension, whole);
    struct rill_dissect_node *node = rill_tree_field(s->t, &profile, whole);
    rill_tree_field(s->t, &words, whole);
    struct rill_scan in = rill_scan_of(s->t, rill_part_from(whole, 4));
    bool two_byte = (form & 0xfff0) == RILL_RTP_EXT_TWO_BYTE;
    if (two_byte || form == RILL_RTP_EXT_ONE_BYTE)
        elements(&in, two_byte);
    else
        rill_scan_end(&in, &value);
    (void)node;
    rill_tree_close(s->t);
}

/* --- packets --------------------------------------------------------------------------------- */

static bool header(struct rill_scan *s)
{
    struct rill_part head = rill_scan_table(s, &rill_rtp_header_fields, RILL_RTP_HEADER);
    if (s->bad)
        return false;
    for (unsigned i = 0; i < (head.v.p[0] & 15u) && !s->bad; i++)
        rill_scan_int(s, &csrc, 4);
    if (head.v.p[0] & 0x10 && !s->bad)
        extensions(s);
    return !s->bad;
}

void rill_dissect_rtp(struct rill_tree *t, struct rill_part p)
{
    struct rill_scan s = rill_scan_of(t, p);
    struct rill_rtp_packet packet;
    struct rill_err why;
    size_t first = t->out->n;
    rill_tree_open(t, &rtp, p);
    bool whole = header(&s);
    int rc = rill_rtp_parse(p.v, &packet, &why);
    if (whole) {
        size_t pad = rc == 0 ? packet.padding_size : 0;
        if (rill_scan_left(&s) > pad)
            rill_dissect_payload(t, rill_scan_take(&s, &padding, rill_scan_left(&s) - pad),
                                 p.v.p[1] & 0x7f);
        rill_scan_end(&s, &padding);
    }
    if (rc < 0)
        rill_tree_blame(t, first, p, &why);
    rill_tree_close(t);
}

void rill_dissect_srtp(struct rill_tree *t, struct rill_part p)
{
    struct rill_scan s = rill_scan_of(t, p);
    rill_tree_open(t, &srtp, p);
    if (header(&s))
        rill_scan_end(&s, &encrypted);
    rill_tree_close(t);
}
