#include "rtp/av1.h"

#define HAS_SIZE 0x02
#define HAS_EXTENSION 0x04
#define SIZE_BYTES 3
#define SIZE_MAX_WRITTEN (1u << 21)
/* The smallest payload that makes headway: header, size, and something of an OBU. */
#define ROOM_MIN 8

static const struct rill_field payload_fields[] = {
    {"Z", 0, 1, "AV1 RTP §4.4", "the first OBU element goes on from the packet before"},
    {"Y", 1, 1, "AV1 RTP §4.4", "the last OBU element goes on in the next packet"},
    {"W", 2, 2, "AV1 RTP §4.4", "how many elements, the last without a size; 0: each has one"},
    {"N", 4, 1, "AV1 RTP §4.4", "a coded video sequence begins here"},
    {"reserved", 5, 3, "AV1 RTP §4.4", "0"},
    {"element size", 8, 0, "AV1 RTP §4.3", "bytes of the OBU element, leb128"},
    {"OBU element", 8, 0, "AV1 RTP §4.3", "an OBU, or a piece of one"},
    {"forbidden", 8, 1, "AV1 §5.3.2", "0"},
    {"obu_type", 9, 4, "AV1 §5.3.2", "of the first element, where it is no continuation"},
    {"extension_flag", 13, 1, "AV1 §5.3.2", "a byte with the layers follows"},
    {"has_size_field", 14, 1, "AV1 §5.3.2", "the OBU says its size itself; here it should not"},
    {"reserved_1bit", 15, 1, "AV1 §5.3.2", "0"},
    {"temporal_id", 16, 3, "AV1 §5.3.3", "the temporal layer"},
    {"spatial_id", 19, 2, "AV1 §5.3.3", "the spatial layer"},
    {"extension reserved", 21, 3, "AV1 §5.3.3", "0"},
};

const struct rill_field_table rill_av1_fields = {"AV1 payload", payload_fields,
                                                 sizeof payload_fields / sizeof payload_fields[0]};

const char *rill_av1_obu_name(uint64_t type)
{
    static const char *const names[16] = {
        [RILL_AV1_SEQUENCE_HEADER] = "sequence header",
        [RILL_AV1_TEMPORAL_DELIMITER] = "temporal delimiter",
        [3] = "frame header",
        [4] = "tile group",
        [5] = "metadata",
        [6] = "frame",
        [7] = "redundant frame header",
        [RILL_AV1_TILE_LIST] = "tile list",
        [15] = "padding",
    };
    return type < 16 ? names[type] : NULL;
}

/* AV1 §4.10.5: seven bits a byte, least significant first; the value is below 2^32. */
static uint64_t read_leb128(struct rill_reader *r)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint8_t byte = rill_r_u8(r);
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80)) {
            r->bad = r->bad || value > UINT32_MAX;
            return value;
        }
    }
    r->bad = true;
    return 0;
}

static size_t leb128_size(size_t value)
{
    size_t n = 1;
    while (value >>= 7)
        n++;
    return n;
}

static void write_leb128(struct rill_writer *w, size_t value)
{
    for (; value > 0x7f; value >>= 7)
        rill_w_u8(w, (uint8_t)(0x80 | (value & 0x7f)));
    rill_w_u8(w, (uint8_t)value);
}

/* --- reading --------------------------------------------------------------------------- */

bool rill_av1_element_next(const struct rill_av1_payload *p, struct rill_av1_walk *walk,
                           struct rill_view *out)
{
    struct rill_reader r = rill_reader_of(p->data);
    rill_r_skip(&r, walk->at);
    if (rill_r_left(&r) == 0)
        return false;
    bool is_last = p->W && walk->n + 1 == p->W;
    uint64_t n = is_last ? rill_r_left(&r) : read_leb128(&r);
    if (r.bad || n > rill_r_left(&r))
        return false;
    *out = rill_r_bytes(&r, (size_t)n);
    walk->at = r.at;
    walk->n++;
    return true;
}

int rill_av1_parse(struct rill_view payload, struct rill_av1_payload *out, struct rill_err *why)
{
    struct rill_av1_walk walk = {0};
    struct rill_view element = {0};
    if (payload.n < 2)
        return rill_err_set(&rill_rtp_errors, RILL_AV1_EMPTY, payload.n, payload.n, why);
    uint8_t bits = payload.p[0];
    struct rill_av1_payload p = {
        .Z = bits & 0x80,
        .Y = bits & 0x40,
        .W = bits >> 4 & 3,
        .N = bits & 0x08,
        .data = rill_view_sub(payload, 1, payload.n - 1),
    };
    /* "if N equals 1 then Z must equal 0" */
    if (p.N && p.Z)
        return rill_err_set(&rill_rtp_errors, RILL_AV1_NEW_SEQUENCE, 0, bits, why);
    while (rill_av1_element_next(&p, &walk, &element))
        if (element.n == 0)
            break;
    p.elements = walk.n;
    if (walk.at != p.data.n || (p.W && p.W != walk.n) || element.n == 0)
        return rill_err_set(&rill_rtp_errors, RILL_AV1_ELEMENT, 1 + walk.at, payload.n, why);
    *out = p;
    return 0;
}

/* --- putting together ------------------------------------------------------------------ */

void rill_av1_end(struct rill_av1_joiner *j, struct rill_writer *w)
{
    if (!j->open)
        return;
    j->open = false;
    size_t n = w->at - j->size_at - SIZE_BYTES;
    w->bad = w->bad || n >= SIZE_MAX_WRITTEN;
    if (w->bad)
        return;
    for (size_t i = 0; i < SIZE_BYTES; i++)
        w->p[j->size_at + i] = (uint8_t)((i + 1 < SIZE_BYTES ? 0x80 : 0) | (n >> (7 * i) & 0x7f));
}

/* An OBU begins: its header now says that a size follows. One that had a size loses it. */
static void begin(struct rill_av1_joiner *j, struct rill_view element, struct rill_writer *w)
{
    struct rill_reader r = rill_reader_of(element);
    uint8_t head = rill_r_u8(&r);
    rill_w_u8(w, head | HAS_SIZE);
    if (head & HAS_EXTENSION)
        rill_w_u8(w, rill_r_u8(&r));
    if (head & HAS_SIZE)
        (void)read_leb128(&r);
    j->open = true;
    j->size_at = w->at;
    rill_w_zeros(w, SIZE_BYTES);
    rill_w_bytes(w, rill_r_bytes(&r, rill_r_left(&r)));
}

static bool is_passed_over(struct rill_view element)
{
    uint8_t type = element.p[0] >> 3 & 15;
    /* §5: "The temporal delimiter OBU … MUST be ignored by receivers. Tile list OBUs … MUST be
     * ignored by receivers." */
    return type == RILL_AV1_TEMPORAL_DELIMITER || type == RILL_AV1_TILE_LIST;
}

void rill_av1_append(struct rill_av1_joiner *j, struct rill_view payload, struct rill_writer *w)
{
    struct rill_av1_payload p;
    struct rill_av1_walk walk = {0};
    struct rill_view element;
    if (rill_av1_parse(payload, &p, NULL) < 0)
        return;
    if (w->at == 0)
        rill_w_u16(w, 0x1200); /* a temporal delimiter of no bytes */
    while (rill_av1_element_next(&p, &walk, &element)) {
        if (walk.n == 1 && p.Z) {
            if (j->open)
                rill_w_bytes(w, element);
        } else {
            rill_av1_end(j, w);
            if (!is_passed_over(element))
                begin(j, element, w);
        }
        if (!p.Y || walk.n < p.elements)
            rill_av1_end(j, w);
    }
}

/* --- temporal units -------------------------------------------------------------------- */

uint8_t rill_av1_obu_type(const struct rill_av1_obu *o)
{
    return o->head[0] >> 3 & 15;
}

bool rill_av1_obu_next(struct rill_view unit, size_t *at, struct rill_av1_obu *out)
{
    struct rill_reader r = rill_reader_of(unit);
    struct rill_av1_obu o = {.head_n = 1};
    rill_r_skip(&r, *at);
    if (rill_r_left(&r) == 0)
        return false;
    uint8_t head = rill_r_u8(&r);
    o.head[0] = (uint8_t)(head & ~HAS_SIZE);
    if (head & HAS_EXTENSION)
        o.head[o.head_n++] = rill_r_u8(&r);
    uint64_t n = head & HAS_SIZE ? read_leb128(&r) : rill_r_left(&r);
    if (r.bad || n > rill_r_left(&r))
        return false;
    o.data = rill_r_bytes(&r, (size_t)n);
    *at = r.at;
    *out = o;
    return true;
}

/* The next one that is sent. */
static bool take_obu(struct rill_av1_cutter *c)
{
    while (rill_av1_obu_next(c->unit, &c->at, &c->obu)) {
        uint8_t type = rill_av1_obu_type(&c->obu);
        if (type == RILL_AV1_TEMPORAL_DELIMITER || type == RILL_AV1_TILE_LIST)
            continue;
        c->from = 0;
        return true;
    }
    return false;
}

static size_t left_of(const struct rill_av1_cutter *c)
{
    return c->obu.head_n + c->obu.data.n - c->from;
}

/* n bytes from c->from on, of the header and then of the data. */
static void write_part(const struct rill_av1_cutter *c, size_t from, size_t n,
                       struct rill_writer *w)
{
    for (; n > 0 && from < c->obu.head_n; n--)
        rill_w_u8(w, c->obu.head[from++]);
    rill_w_bytes(w, rill_view_sub(c->obu.data, from - c->obu.head_n, n));
}

/* --- writing --------------------------------------------------------------------------- */

static bool has_sequence_header(struct rill_view unit)
{
    struct rill_av1_obu o;
    size_t at = 0;
    while (rill_av1_obu_next(unit, &at, &o))
        if (rill_av1_obu_type(&o) == RILL_AV1_SEQUENCE_HEADER)
            return true;
    return false;
}

/* Every element has its size (W 0), so that each can be written when it comes. */
bool rill_av1_cut(struct rill_av1_cutter *c, struct rill_writer *w)
{
    size_t used = 1, head_at = w ? w->at : 0;
    uint8_t head = (uint8_t)((c->going && c->from > 0 ? 0x80 : 0) |
                             (!c->begun && has_sequence_header(c->unit) ? 0x08 : 0));
    if (c->room < ROOM_MIN || (!c->going && !(c->going = take_obu(c))))
        return false;
    if (w)
        rill_w_u8(w, head);
    while (c->going && c->room - used > 2) {
        size_t free = c->room - used, n = left_of(c);
        if (n + leb128_size(n) > free)
            n = free - leb128_size(free);
        if (w) {
            write_leb128(w, n);
            write_part(c, c->from, n, w);
        }
        used += n + leb128_size(n);
        c->from += n;
        if (left_of(c) > 0)
            break;
        c->going = take_obu(c);
    }
    if (w && !w->bad && c->going && c->from > 0)
        w->p[head_at] |= 0x40;
    c->begun = true;
    return true;
}

size_t rill_av1_pieces(struct rill_view unit, size_t room)
{
    struct rill_av1_cutter c = {.unit = unit, .room = room};
    size_t n = 0;
    while (rill_av1_cut(&c, NULL))
        n++;
    return c.at == unit.n ? n : 0;
}
