/* ext: the elements of a header extension (RFC 8285), walked and written.
 *
 * The idea: the profile value says which of two element headers is used; the walk is one
 * position in the extension's bytes, and ends at the first thing that cannot be read.
 *
 *   0xBEDE:  |  ID   |  len  |  len + 1 bytes      0x100x:  |      ID       |    length     |
 */
#include "rtp/packet.h"

#define ONE_BYTE_STOP 15
#define ONE_BYTE_ID_MAX 14
#define ONE_BYTE_SIZE_MAX 16
#define TWO_BYTE_SIZE_MAX 255

static bool is_two_byte(uint16_t profile)
{
    /* RFC 8285 §4.3: the appbits "MUST be ignored by the receiver". */
    return (profile & 0xfff0) == RILL_RTP_EXT_TWO_BYTE;
}

/* Reads the header of the element at r; false ends the walk. */
static bool read_one_byte(struct rill_reader *r, uint8_t *id, size_t *n)
{
    uint8_t b = rill_r_u8(r);
    *id = b >> 4;
    *n = (size_t)(b & 15) + 1;
    /* RFC 8285 §4.2: "If the ID value 15 is encountered, its length field MUST be ignored,
     * processing of the entire extension MUST terminate at that point". */
    if (*id == ONE_BYTE_STOP)
        return false;
    /* RFC 8285 §4.1.2: with ID 0 and a length greater than 0 "processing of the entire
     * extension MUST terminate at that point"; with length 0 it is a byte of padding. */
    if (*id == 0) {
        *n = 0;
        return b == 0;
    }
    return true;
}

static bool read_two_byte(struct rill_reader *r, uint8_t *id, size_t *n)
{
    *id = rill_r_u8(r);
    /* RFC 8285 §4.1.2: "A padding byte does not supply the ID of an element, nor does it
     * supply the length field." */
    *n = *id ? rill_r_u8(r) : 0;
    return true;
}

bool rill_rtp_ext_next(const struct rill_rtp_packet *p, size_t *at, struct rill_rtp_ext *out)
{
    bool two_byte = is_two_byte(p->ext_profile);
    if (!p->extension || (!two_byte && p->ext_profile != RILL_RTP_EXT_ONE_BYTE))
        return false;
    struct rill_reader r = rill_reader_of(p->ext);
    rill_r_skip(&r, *at);
    while (rill_r_left(&r)) {
        uint8_t id;
        size_t n;
        bool go = two_byte ? read_two_byte(&r, &id, &n) : read_one_byte(&r, &id, &n);
        struct rill_view value = rill_r_bytes(&r, n);
        if (!go || r.bad)
            break;
        if (id == 0)
            continue;
        *at = r.at;
        *out = (struct rill_rtp_ext){id, value};
        return true;
    }
    *at = p->ext.n;
    return false;
}

bool rill_rtp_ext_find(const struct rill_rtp_packet *p, uint8_t id, struct rill_view *value)
{
    struct rill_rtp_ext ext;
    for (size_t at = 0; rill_rtp_ext_next(p, &at, &ext);) {
        if (ext.id != id)
            continue;
        *value = ext.value;
        return true;
    }
    return false;
}

static bool fits_one_byte(const struct rill_rtp_ext *ext)
{
    return ext->id <= ONE_BYTE_ID_MAX && ext->value.n >= 1 && ext->value.n <= ONE_BYTE_SIZE_MAX;
}

void rill_rtp_ext_write(struct rill_writer *w, const struct rill_rtp_ext *exts, size_t n)
{
    bool one_byte = true;
    for (size_t i = 0; i < n; i++) {
        one_byte = one_byte && fits_one_byte(&exts[i]);
        /* RFC 8285 §4.1.2: "The ID value 0 is reserved for padding". */
        w->bad = w->bad || exts[i].id == 0 || exts[i].value.n > TWO_BYTE_SIZE_MAX;
    }
    size_t length_at = w->at + 2;
    rill_w_u16(w, one_byte ? RILL_RTP_EXT_ONE_BYTE : RILL_RTP_EXT_TWO_BYTE);
    rill_w_u16(w, 0);
    for (size_t i = 0; i < n; i++) {
        if (one_byte) {
            rill_w_u8(w, (uint8_t)((unsigned)exts[i].id << 4 | (unsigned)(exts[i].value.n - 1)));
        } else {
            rill_w_u8(w, exts[i].id);
            rill_w_u8(w, (uint8_t)exts[i].value.n);
        }
        rill_w_bytes(w, exts[i].value);
    }
    size_t body = w->at - length_at - 2;
    rill_w_zeros(w, (4 - body % 4) % 4);
    rill_w_patch_u16(w, length_at, (uint16_t)((body + 3) / 4));
}
