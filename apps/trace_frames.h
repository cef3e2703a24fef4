/* apps/trace_frames: the bytes of a WebSocket's stream as what they are: heads of HTTP, then frames
 * (RFC 6455 §5.2), each told whole. */
#ifndef RILL_APPS_TRACE_FRAMES_H
#define RILL_APPS_TRACE_FRAMES_H

#include "base/limits.h"
#include "base/trace.h"

/* A frame's header is 14 bytes at most. What is longer than a message may be is passed over. */
#define RILL_TRACE_FRAME_MAX (RILL_SIGNALING_MESSAGE_MAX + 14)

/* One direction of a stream; all zero before its first byte. */
struct rill_trace_frames {
    bool upgraded; /* the head is over */
    size_t n;      /* bytes of what is not whole yet */
    uint64_t skip; /* of what is too long */
    uint8_t bytes[RILL_TRACE_FRAME_MAX];
};

/* Who tells, and what is not told. */
struct rill_trace_frames_told {
    const struct rill_trace *trace;
    bool sent;
    struct rill_addr remote;
    bool secrets;              /* all is told as it is */
    struct rill_view password; /* else it is starred out, and what rill_trace_scrub() finds */
};

void rill_trace_frames_take(struct rill_trace_frames *x, int64_t now,
                            const struct rill_trace_frames_told *to, struct rill_view bytes);

#endif
