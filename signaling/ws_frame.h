/* signaling/ws_frame: the head of one WebSocket frame, in and out (RFC 6455 §5.2). */
#ifndef RILL_SIGNALING_WS_FRAME_H
#define RILL_SIGNALING_WS_FRAME_H

#include "signaling/ws.h"

#define RILL_WS_HEAD_MAX 14
#define RILL_WS_CONTROL_MAX 125

/* RFC 6455 §11.8. */
enum rill_ws_opcode {
    RILL_WS_OP_CONTINUATION = 0x0,
    RILL_WS_OP_TEXT = 0x1,
    RILL_WS_OP_BINARY = 0x2,
    RILL_WS_OP_CLOSE = 0x8,
    RILL_WS_OP_PING = 0x9,
    RILL_WS_OP_PONG = 0xa,
};

struct rill_ws_frame {
    bool fin;
    uint8_t opcode;
    bool masked;
    uint64_t length;
    uint8_t key[4];
};

bool rill_ws_opcode_is_control(uint8_t opcode);

/* > 0: bytes of a whole head; 0: more is needed; < 0 as soon as the bytes at hand are wrong.
 * from_client: whether the frame must be masked. */
int rill_ws_frame_read(struct rill_view bytes, bool from_client, struct rill_ws_frame *out,
                       struct rill_err *why);
/* FIN set, the length in its fewest bytes; key NULL: not masked. Returns the head's size. */
size_t rill_ws_frame_write(uint8_t out[RILL_WS_HEAD_MAX], uint8_t opcode, uint64_t length,
                           const uint8_t *key);
/* RFC 6455 §5.3: masks or unmasks; at: how many payload bytes came before these. */
void rill_ws_mask(uint8_t *bytes, size_t n, const uint8_t key[4], uint64_t at);

#endif
