/* payload: RTX, redundant audio, keys of a telephone, and the payload formats of codecs.
 *
 * The idea: one node for the payload as a whole, named by its format; below it the descriptor's
 * bits as the format's own table has them, then the codec's data with what of it is not entropy
 * coded. */
#include "dissect/payload.h"

#include "codec/vp8_header.h"
#include "rtp/av1.h"
#include "rtp/comfort_noise.h"
#include "rtp/h264.h"
#include "rtp/opus.h"
#include "rtp/red.h"
#include "rtp/rtx.h"
#include "rtp/telephone_event.h"
#include "rtp/vp8.h"
#include "rtp/vp9.h"

static const struct rill_field unknown = {"payload", 0, 0, "RFC 3550 §5.1",
                                          "of a codec that is not known here"};
static const struct rill_field pcm = {"G.711", 0, 0, "RFC 3551 §4.5.14", "a byte a sample"};
static const struct rill_field rtx = {"RTX", 0, 0, "RFC 4588 §4", "a packet, once more"};
static const struct rill_field red = {"RED", 0, 0, "RFC 2198 §3",
                                      "sound, and what was lost perhaps"};
static const struct rill_field key = {"telephone-event", 0, 0, "RFC 4733 §2.3", "a key is held"};
static const struct rill_field noise = {"CN", 0, 0, "RFC 3389 §3", "what a pause sounds like"};
static const struct rill_field vp8 = {"VP8", 0, 0, "RFC 7741 §4.2", "a piece of a picture"};
static const struct rill_field vp9 = {"VP9", 0, 0, "RFC 9628 §4.2", "a piece of a picture"};
static const struct rill_field h264 = {"H264", 0, 0, "RFC 6184 §5.2", "a piece of a picture"};
static const struct rill_field av1 = {"AV1", 0, 0, "AV1 RTP §4.3", "a piece of a picture"};
static const struct rill_field opus = {"opus", 0, 0, "RFC 7587 §4.2", "sound"};
static const struct rill_field data = {"data", 0, 0, NULL, "what the decoder reads"};
static const struct rill_field block = {"block", 0, 0, "RFC 2198 §3", "one payload of several"};
static const struct rill_field header = {"block header", 0, 0, "RFC 2198 §3", NULL};

static const struct rill_field *row(const struct rill_field_table *table, const char *name)
{
    return rill_field_named(table, name);
}

/* The table's rows with bits in byte `byte`, at the part. */
static void byte_of(struct rill_scan *s, const struct rill_field_table *table, size_t byte)
{
    struct rill_part part = rill_scan_take(s, &table->fields[0], 1);
    for (size_t i = 0; !s->bad && i < table->n; i++)
        if (table->fields[i].bits && table->fields[i].bit / 8 == byte)
            rill_tree_bits(s->t, &table->fields[i], part, table->fields[i].bit % 8,
                           table->fields[i].bits);
}

static unsigned peek(const struct rill_scan *s)
{
    return rill_scan_left(s) ? s->p.v.p[s->at] : 0u;
}

/* Bits of one byte, one row behind the other. */
static void split(struct rill_scan *s, const struct rill_field_table *table,
                  const char *const *names, const unsigned char *bits, size_t n)
{
    struct rill_part part = rill_scan_take(s, row(table, names[0]), 1);
    size_t at = 0;
    for (size_t i = 0; !s->bad && i < n; at += bits[i], i++)
        rill_tree_bits(s->t, row(table, names[i]), part, at, bits[i]);
}

/* 7 bits, or 15 behind a bit M. */
static void picture_id(struct rill_scan *s, const struct rill_field_table *table)
{
    size_t n = peek(s) & 0x80 ? 2 : 1;
    struct rill_part part = rill_scan_take(s, row(table, "picture_id"), n);
    if (!s->bad) {
        static const struct rill_field m = {"M", 0, 1, "RFC 7741 §4.2", "15 bits follow, else 7"};
        rill_tree_field(s->t, &m, part);
        rill_tree_bits(s->t, row(table, "picture_id"), part, 1, n * 8 - 1);
    }
}

/* --- VP8 ------------------------------------------------------------------------------------- */

static void vp8_frame(struct rill_scan *s)
{
    bool keyframe = rill_scan_left(s) && !(peek(s) & 1);
    struct rill_part tag = rill_scan_take(s, &rill_vp8_header_fields.fields[0], keyframe ? 10 : 3);
    for (size_t i = 0; !s->bad && i < rill_vp8_header_fields.n; i++) {
        const struct rill_field *f = &rill_vp8_header_fields.fields[i];
        if (f->bit + f->bits > tag.v.n * 8)
            continue;
        struct rill_dissect_node *node = rill_tree_field(s->t, f, tag);
        if (rill_view_is(rill_view_of(f->name), "frame_type"))
            node->meaning = node->u ? "interframe" : "key frame";
    }
}

static int vp8_body(struct rill_scan *s, struct rill_err *why)
{
    const struct rill_field_table *table = &rill_vp8_descriptor_fields;
    static const char *const layer[] = {"tid", "Y", "keyidx"};
    static const unsigned char bits[] = {2, 1, 5};
    struct rill_vp8_descriptor d;
    unsigned first = peek(s), more = 0;
    byte_of(s, table, 0);
    if (first & 0x80) {
        more = peek(s);
        byte_of(s, table, 1);
    }
    if (more & 0x80)
        picture_id(s, table);
    if (more & 0x40)
        rill_scan_int(s, row(table, "tl0picidx"), 1);
    if (more & 0x30)
        split(s, table, layer, bits, 3);
    if (first & 0x10 && !(first & 7) && rill_scan_left(s))
        vp8_frame(s);
    return rill_vp8_parse(s->p.v, &d, why);
}

/* --- VP9 ------------------------------------------------------------------------------------- */

static void vp9_structure(struct rill_scan *s)
{
    const struct rill_field_table *table = &rill_vp9_descriptor_fields;
    static const char *const head[] = {"N_S", "Y", "G", "reserved"};
    static const unsigned char head_bits[] = {3, 1, 1, 3};
    static const char *const picture[] = {"tid", "u", "R", "reserved"};
    static const unsigned char picture_bits[] = {3, 1, 2, 2};
    unsigned bits = peek(s);
    split(s, table, head, head_bits, 4);
    for (unsigned i = 0; bits & 0x10 && i <= bits >> 5 && !s->bad; i++) {
        rill_scan_int(s, row(table, "WIDTH"), 2);
        rill_scan_int(s, row(table, "HEIGHT"), 2);
    }
    unsigned pictures = bits & 8 ? peek(s) : 0;
    if (bits & 8)
        rill_scan_int(s, row(table, "N_G"), 1);
    for (unsigned i = 0; i < pictures && !s->bad; i++) {
        unsigned references = peek(s) >> 2 & 3;
        split(s, table, picture, picture_bits, 4);
        for (unsigned k = 0; k < references && !s->bad; k++)
            rill_scan_int(s, row(table, "p_diff"), 1);
    }
}

static int vp9_body(struct rill_scan *s, struct rill_err *why)
{
    const struct rill_field_table *table = &rill_vp9_descriptor_fields;
    static const char *const layer[] = {"tid", "u", "sid", "d"};
    static const unsigned char layer_bits[] = {3, 1, 3, 1};
    static const char *const reference[] = {"p_diff", "N"};
    static const unsigned char reference_bits[] = {7, 1};
    struct rill_vp9_descriptor d;
    unsigned bits = peek(s);
    bool flexible = bits & 0x10 && bits & 0x80;
    byte_of(s, table, 0);
    if (bits & 0x80)
        picture_id(s, table);
    if (bits & 0x20)
        split(s, table, layer, layer_bits, 4);
    if (bits & 0x20 && !flexible)
        rill_scan_int(s, row(table, "tl0picidx"), 1);
    for (bool more = flexible && bits & 0x40; more && !s->bad;) {
        more = peek(s) & 1;
        split(s, table, reference, reference_bits, 2);
    }
    if (bits & 2 && !s->bad)
        vp9_structure(s);
    return rill_vp9_parse(s->p.v, &d, why);
}

/* --- H.264 ----------------------------------------------------------------------------------- */

/* The octet; what is in it of a payload or of a NAL unit. */
static unsigned h264_octet(struct rill_scan *s)
{
    unsigned type = peek(s) & 31;
    const struct rill_field_table *table = &rill_h264_fields;
    struct rill_part part = rill_scan_take(s, row(table, "type"), 1);
    if (s->bad)
        return 0;
    rill_tree_field(s->t, row(table, "F"), part);
    rill_tree_field(s->t, row(table, "NRI"), part);
    rill_tree_field(s->t, row(table, "type"), part)->meaning = rill_h264_nal_name(type);
    return type;
}

static void sps(struct rill_scan *s)
{
    if (rill_scan_left(s) < 3)
        return;
    rill_scan_int(s, row(&rill_h264_fields, "profile_idc"), 1);
    rill_scan_int(s, row(&rill_h264_fields, "profile-iop"), 1);
    rill_scan_int(s, row(&rill_h264_fields, "level_idc"), 1);
}

static void aggregate(struct rill_scan *s)
{
    while (rill_scan_left(s) && !s->bad) {
        struct rill_dissect_node *node = rill_scan_int(s, row(&rill_h264_fields, "size"), 2);
        struct rill_part unit =
            rill_scan_take(s, row(&rill_h264_fields, "NAL unit"), (size_t)node->u);
        if (s->bad || unit.v.n == 0)
            return;
        struct rill_scan in = rill_scan_of(s->t, unit);
        rill_tree_open(s->t, row(&rill_h264_fields, "NAL unit"), unit);
        if (h264_octet(&in) == RILL_H264_SPS)
            sps(&in);
        rill_scan_end(&in, &data);
        rill_tree_close(s->t);
    }
}

static int h264_body(struct rill_scan *s, struct rill_err *why)
{
    struct rill_h264_payload p;
    unsigned type = h264_octet(s);
    if (type == RILL_H264_STAP_A) {
        aggregate(s);
    } else if (type == RILL_H264_FU_A) {
        unsigned nal = peek(s) & 31;
        struct rill_part head = rill_scan_take(s, row(&rill_h264_fields, "fu_type"), 1);
        if (!s->bad) {
            rill_tree_bits(s->t, row(&rill_h264_fields, "S"), head, 0, 1);
            rill_tree_bits(s->t, row(&rill_h264_fields, "E"), head, 1, 1);
            rill_tree_bits(s->t, row(&rill_h264_fields, "R"), head, 2, 1);
            rill_tree_bits(s->t, row(&rill_h264_fields, "fu_type"), head, 3, 5)->meaning =
                rill_h264_nal_name(nal);
        }
    } else if (type == RILL_H264_SPS) {
        sps(s);
    }
    return rill_h264_parse(s->p.v, &p, why);
}

/* --- AV1 ------------------------------------------------------------------------------------- */

static void obu(struct rill_tree *t, struct rill_part p, bool begins)
{
    static const char *const head[] = {"forbidden", "obu_type", "extension_flag", "has_size_field",
                                       "reserved_1bit"};
    static const char *const layers[] = {"temporal_id", "spatial_id", "extension reserved"};
    struct rill_scan s = rill_scan_of(t, p);
    rill_tree_open(t, row(&rill_av1_fields, "OBU element"), p);
    unsigned octet = peek(&s);
    struct rill_part part =
        begins ? rill_scan_take(&s, row(&rill_av1_fields, "obu_type"), 1) : rill_part_sub(p, 0, 0);
    for (size_t i = 0; part.v.n && i < 5; i++) {
        const struct rill_field *f = row(&rill_av1_fields, head[i]);
        struct rill_dissect_node *node = rill_tree_bits(t, f, part, f->bit % 8, f->bits);
        node->meaning = i == 1 ? rill_av1_obu_name(node->u) : NULL;
    }
    if (part.v.n && octet & 4) {
        part = rill_scan_take(&s, row(&rill_av1_fields, "temporal_id"), 1);
        for (size_t i = 0; part.v.n && i < 3; i++) {
            const struct rill_field *f = row(&rill_av1_fields, layers[i]);
            rill_tree_bits(t, f, part, f->bit % 8, f->bits);
        }
    }
    rill_scan_end(&s, &data);
    rill_tree_close(t);
}

static int av1_body(struct rill_scan *s, struct rill_err *why)
{
    struct rill_av1_payload p;
    struct rill_av1_walk walk = {0};
    struct rill_view element;
    byte_of(s, &rill_av1_fields, 0);
    int rc = rill_av1_parse(s->p.v, &p, why);
    while (rc == 0 && rill_av1_element_next(&p, &walk, &element)) {
        size_t from = (size_t)(element.p - s->p.v.p);
        if (from > s->at) {
            struct rill_part size = rill_scan_take(s, &unknown, from - s->at);
            struct rill_dissect_node *node =
                rill_tree_add(s->t, row(&rill_av1_fields, "element size"), size, 0, size.v.n * 8);
            node->type = RILL_DISSECT_U64;
            node->u = element.n;
        }
        obu(s->t, rill_scan_take(s, &unknown, element.n), walk.n > 1 || !p.Z);
    }
    return rc;
}

/* --- sound ----------------------------------------------------------------------------------- */

static int opus_body(struct rill_scan *s, struct rill_err *why)
{
    const struct rill_field_table *table = &rill_opus_toc_fields;
    struct rill_opus_packet p;
    unsigned toc = peek(s);
    struct rill_part part = rill_scan_take(s, row(table, "config"), 1);
    if (!s->bad) {
        rill_tree_field(s->t, row(table, "config"), part)->meaning =
            rill_opus_config_name(toc >> 3);
        rill_tree_field(s->t, row(table, "stereo"), part);
        rill_tree_field(s->t, row(table, "code"), part);
    }
    if ((toc & 3) == 3)
        byte_of(s, table, 1);
    rill_scan_end(s, row(table, "frames"));
    return rill_opus_parse(s->p.v, &p, why);
}

static int key_body(struct rill_scan *s, struct rill_err *why)
{
    struct rill_telephone_event e;
    rill_scan_table(s, &rill_telephone_event_fields, 4);
    return rill_telephone_event_parse(s->p.v, &e, why);
}

/* The level, and as many coefficients as there are. */
static int noise_body(struct rill_scan *s, struct rill_err *why)
{
    const struct rill_field_table *table = &rill_comfort_noise_fields;
    struct rill_comfort_noise n;
    byte_of(s, table, 0);
    while (rill_scan_left(s)) {
        struct rill_part part = rill_scan_take(s, row(table, "coefficient"), 1);
        rill_tree_bits(s->t, row(table, "coefficient"), part, 0, 8);
    }
    return rill_comfort_noise_parse(s->p.v, &n, why);
}

typedef int body_fn(struct rill_scan *s, struct rill_err *why);

/* Headers and then blocks, each of which is a payload. */
static int red_body(struct rill_scan *s, struct rill_err *why)
{
    struct rill_red_block blocks[RILL_RED_BLOCKS];
    int n = rill_red_parse(s->p.v, blocks, why);
    for (int i = 0; i < n; i++) {
        size_t size = i + 1 < n ? 4 : 1;
        struct rill_part part = rill_scan_take(s, &header, size);
        rill_tree_open(s->t, &header, part);
        for (size_t k = 0; k < (size > 1 ? rill_red_fields.n : 2u); k++)
            rill_tree_field(s->t, &rill_red_fields.fields[k], part);
        rill_tree_close(s->t);
    }
    for (int i = 0; i < n; i++) {
        struct rill_part part = rill_scan_take(s, &block, blocks[i].data.n);
        if (part.v.n == 0 || s->t->nested == RILL_DISSECT_NESTED_MAX)
            continue;
        s->t->nested++;
        rill_dissect_payload(s->t, part, blocks[i].pt);
        s->t->nested--;
    }
    return n < 0 ? n : 0;
}

/* --- which of them --------------------------------------------------------------------------- */

static const struct {
    enum rill_codec_id codec;
    const struct rill_field *name;
    body_fn *body;
} codecs[] = {
    {RILL_CODEC_OPUS, &opus, opus_body}, {RILL_CODEC_VP8, &vp8, vp8_body},
    {RILL_CODEC_VP9, &vp9, vp9_body},    {RILL_CODEC_H264, &h264, h264_body},
    {RILL_CODEC_AV1, &av1, av1_body},
};

static void formatted(struct rill_tree *t, struct rill_part p, const struct rill_field *name,
                      body_fn *body)
{
    struct rill_scan s = rill_scan_of(t, p);
    struct rill_err why = {0};
    size_t first = t->out->n;
    rill_tree_open(t, name, p);
    int rc = body(&s, &why);
    rill_scan_end(&s, &data);
    if (rc < 0)
        rill_tree_blame(t, first, p, &why);
    rill_tree_close(t);
}

static void retransmitted(struct rill_tree *t, struct rill_part p, uint8_t pt)
{
    struct rill_scan s = rill_scan_of(t, p);
    rill_tree_open(t, &rtx, p);
    rill_scan_table(&s, &rill_rtx_fields, RILL_RTX_OSN);
    uint8_t original = t->hints->repairs[pt] & 0x7f;
    if (!s.bad && rill_scan_left(&s) && t->nested < RILL_DISSECT_NESTED_MAX) {
        t->nested++;
        rill_dissect_payload(t, rill_scan_rest(&s), original);
        t->nested--;
    }
    rill_scan_end(&s, &data);
    rill_tree_close(t);
}

void rill_dissect_payload(struct rill_tree *t, struct rill_part p, uint8_t pt)
{
    pt &= 0x7f;
    switch (t->hints->shapes[pt]) {
    case RILL_DISSECT_RTX:
        retransmitted(t, p, pt);
        return;
    case RILL_DISSECT_RED:
        formatted(t, p, &red, red_body);
        return;
    case RILL_DISSECT_TELEPHONE_EVENT:
        formatted(t, p, &key, key_body);
        return;
    case RILL_DISSECT_COMFORT_NOISE:
        formatted(t, p, &noise, noise_body);
        return;
    default:
        break;
    }
    enum rill_codec_id codec = t->hints->codecs[pt];
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        if (codecs[i].codec == codec) {
            formatted(t, p, codecs[i].name, codecs[i].body);
            return;
        }
    bool g711 = codec == RILL_CODEC_PCMU || codec == RILL_CODEC_PCMA;
    rill_tree_bytes(t, g711 ? &pcm : &unknown, p);
}
