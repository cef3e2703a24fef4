/* ws_frame: one table describes the head, and reading goes through it.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-+-+-+-+-------+-+-------------+-------------------------------+
 *   |F|R|R|R| opcode|M| length (7)  | 126: 16 bits, 127: 64 bits …  |
 *   +-+-+-+-+-------+-+-------------+-------------------------------+
 *   | masking key (32), when M is set                               |
 *   +---------------------------------------------------------------+
 */
#include "signaling/ws_frame.h"

#include <string.h>

enum { FIN, RSV, OPCODE, MASK, LENGTH };

static const struct rill_field fields[] = {
    {"FIN", 0, 1, "RFC 6455 §5.2", "this is the last fragment of a message"},
    {"RSV", 1, 3, "RFC 6455 §5.2", "zero, unless an extension gives the bits a meaning"},
    {"opcode", 4, 4, "RFC 6455 §5.2", "what the payload is: text, binary, more, close, ping, pong"},
    {"MASK", 8, 1, "RFC 6455 §5.2", "the payload is masked, as all that a client sends"},
    {"Payload length", 9, 7, "RFC 6455 §5.2", "bytes; 126 and 127: the length follows"},
    {"Extended payload length", 16, 0, "RFC 6455 §5.2", "16 bits after 126, 64 bits after 127"},
    {"Masking-key", 16, 0, "RFC 6455 §5.3", "32 bits, repeated over the payload by exclusive or"},
};

const struct rill_field_table rill_ws_frame_fields = {"WebSocket frame", fields,
                                                      sizeof fields / sizeof fields[0]};

static int refuse(int code, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_signaling_errors, code, 0, value, why);
}

bool rill_ws_opcode_is_control(uint8_t opcode)
{
    return opcode & 0x8;
}

static bool opcode_is_known(uint8_t opcode)
{
    return opcode <= RILL_WS_OP_BINARY || (opcode >= RILL_WS_OP_CLOSE && opcode <= RILL_WS_OP_PONG);
}

/* What the first two bytes alone can be wrong in. */
static int judge(const struct rill_ws_frame *f, unsigned length, unsigned rsv, bool from_client,
                 struct rill_err *why)
{
    /* RFC 6455 §5.2: a nonzero reserved bit without a negotiated extension fails the connection. */
    if (rsv)
        return refuse(RILL_SIGNALING_WS_RSV, rsv, why);
    if (!opcode_is_known(f->opcode))
        return refuse(RILL_SIGNALING_WS_OPCODE, f->opcode, why);
    /* RFC 6455 §5.5: control frames are not fragmented and carry 125 bytes or less. */
    if (rill_ws_opcode_is_control(f->opcode) && (!f->fin || length > RILL_WS_CONTROL_MAX))
        return refuse(RILL_SIGNALING_WS_CONTROL, length, why);
    /* RFC 6455 §5.1: a server closes on a frame that is not masked, a client on one that is. */
    if (f->masked != from_client)
        return refuse(RILL_SIGNALING_WS_MASK, 0, why);
    return 0;
}

/* RFC 6455 §5.2: the fewest bytes, and the most significant bit of 64 is 0. */
static int read_length(struct rill_reader *r, unsigned length, uint64_t *out, struct rill_err *why)
{
    uint64_t v = length == 126 ? rill_r_u16(r) : length == 127 ? rill_r_u64(r) : length;
    if (r->bad)
        return 0;
    if ((length == 126 && v < 126) || (length == 127 && (v <= UINT16_MAX || v >> 63)))
        return refuse(RILL_SIGNALING_WS_LENGTH, v, why);
    *out = v;
    return 0;
}

int rill_ws_frame_read(struct rill_view bytes, bool from_client, struct rill_ws_frame *out,
                       struct rill_err *why)
{
    if (bytes.n < 2)
        return 0;
    struct rill_ws_frame f = {
        .fin = rill_field_get(&fields[FIN], bytes),
        .opcode = (uint8_t)rill_field_get(&fields[OPCODE], bytes),
        .masked = rill_field_get(&fields[MASK], bytes),
    };
    unsigned length = (unsigned)rill_field_get(&fields[LENGTH], bytes);
    int rc = judge(&f, length, (unsigned)rill_field_get(&fields[RSV], bytes), from_client, why);
    if (rc < 0)
        return rc;
    struct rill_reader r = rill_reader_of(bytes);
    rill_r_skip(&r, 2);
    rc = read_length(&r, length, &f.length, why);
    if (rc < 0)
        return rc;
    if (f.masked) {
        struct rill_view key = rill_r_bytes(&r, sizeof f.key);
        if (!r.bad)
            memcpy(f.key, key.p, sizeof f.key);
    }
    if (r.bad)
        return 0;
    *out = f;
    return (int)r.at;
}

size_t rill_ws_frame_write(uint8_t out[RILL_WS_HEAD_MAX], uint8_t opcode, uint64_t length,
                           const uint8_t *key)
{
    struct rill_writer w = rill_writer_of((struct rill_span){out, RILL_WS_HEAD_MAX});
    uint8_t mask = key ? 0x80 : 0;
    rill_w_u8(&w, 0x80 | opcode);
    if (length < 126) {
        rill_w_u8(&w, (uint8_t)(mask | length));
    } else if (length <= UINT16_MAX) {
        rill_w_u8(&w, mask | 126);
        rill_w_u16(&w, (uint16_t)length);
    } else {
        rill_w_u8(&w, mask | 127);
        rill_w_u64(&w, length);
    }
    if (key)
        rill_w_bytes(&w, rill_view_at(key, 4));
    return w.at;
}

void rill_ws_mask(uint8_t *bytes, size_t n, const uint8_t key[4], uint64_t at)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] ^= key[(at + i) % 4];
}
