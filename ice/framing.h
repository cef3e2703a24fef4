/* ice/framing: datagrams in a stream (RFC 4571): what ICE-TCP puts STUN, DTLS and SRTP into.
 *
 *      0                   1
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
 *     +-------------------------------+
 *     |            LENGTH             |   then so many bytes; 0 is allowed and means nothing
 *     +-------------------------------+
 *
 * - rill_ice_frame      puts the length before a datagram
 * - rill_ice_deframe    takes whatever bytes came and gives whole frames
 */
#ifndef RILL_ICE_FRAMING_H
#define RILL_ICE_FRAMING_H

#include "base/bytes.h"
#include "base/limits.h"

#define RILL_ICE_FRAME_HEAD 2

/* One frame under way. All zero: at the beginning of a stream. */
struct rill_ice_deframer {
    _Alignas(8) uint8_t bytes[RILL_DATAGRAM_IN_MAX];
    uint8_t head[RILL_ICE_FRAME_HEAD];
    size_t at; /* bytes of head and frame that have come */
};

/* In place: n bytes of out become the frame; its bytes, or 0 when there is no room. */
size_t rill_ice_frame(struct rill_span out, size_t n);
/* Takes bytes, at least one of those there are; returns how many. frame->n > 0: a whole frame, at a
 * multiple of 8, the caller's to overwrite until the next call. One longer than
 * RILL_DATAGRAM_IN_MAX is passed over: a stream holds no more memory than its deframer. */
size_t rill_ice_deframe(struct rill_ice_deframer *d, struct rill_view bytes,
                        struct rill_span *frame);

#endif
