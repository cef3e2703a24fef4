/* signaling/ws: WebSocket frames and messages, both sides (RFC 6455).
 *
 *   |FIN|RSV|opcode(4)|MASK|length(7)| 16 or 64 more bits | masking key | payload …
 *
 * The idea: a stream machine of the contract after the opening handshake (http owns that).
 * Bytes in any cut go in; whole messages, pings and the closing handshake come out.
 */
#ifndef RILL_SIGNALING_WS_H
#define RILL_SIGNALING_WS_H

#include "base/clock.h"
#include "base/field.h"
#include "base/rng.h"
#include "signaling/errors.h"

struct rill_ws;

struct rill_ws_config {
    bool server;           /* true: frames in are masked, out are not */
    size_t message;        /* largest message in [RILL_SIGNALING_MESSAGE_MAX] */
    size_t out;            /* bytes waiting to be sent [4 × message] */
    int64_t ping;          /* silence before a ping of ours, µs; 0: none */
    int64_t pong_timeout;  /* for a pong, µs [20 s] */
    int64_t close_timeout; /* for the answer to our close frame [3 s] */
    struct rill_rng rng;   /* masking keys */
    /* What is longer than a few hundred bytes lies in memory of its own, untouched until then: in
     * the block, or when it is `apart` in rill_ws_far_size() bytes at `far`. */
    bool apart;
    void *far;
};

extern const struct rill_field_table rill_ws_frame_fields;

size_t rill_ws_size(const struct rill_ws_config *config);
size_t rill_ws_far_size(const struct rill_ws_config *config);
struct rill_ws *rill_ws_init(void *block, const struct rill_ws_config *config, int64_t now);

/* Returns how many of bytes were taken: all of them, or those up to an event, which is to be
 * pulled before the rest is fed. When the connection has failed it returns the row; then a
 * close frame with the right code (RFC 6455 §7.4.1) waits in the output and CLOSED among the
 * events. After CLOSED everything is taken and nothing read.
 * Errors: RILL_SIGNALING_WS_MASK, _RSV, _OPCODE, _LENGTH, _CONTROL, _FRAGMENT, _UTF8, _CLOSE,
 * _TOO_LARGE; why->offset counts from the start of bytes. */
long rill_ws_input(struct rill_ws *x, int64_t now, struct rill_view bytes, struct rill_err *why);
void rill_ws_tick(struct rill_ws *x, int64_t now);
/* Bytes to write to the stream now; returns how many were put into out. */
size_t rill_ws_output(struct rill_ws *x, struct rill_span out);
bool rill_ws_has_output(const struct rill_ws *x);
int64_t rill_ws_deadline(const struct rill_ws *x);

/* Errors: RILL_SIGNALING_WS_FULL (the slow reader is the caller's to drop), _WS_CLOSED,
 * _WS_UTF8 for a text that is none. */
int rill_ws_send_text(struct rill_ws *x, struct rill_view text);
int rill_ws_send_binary(struct rill_ws *x, struct rill_view bytes);
/* Starts the closing handshake. code: one that may be sent (RFC 6455 §7.4), else _WS_CLOSE;
 * reason (may be NULL) is cut to 123 bytes. */
int rill_ws_close(struct rill_ws *x, int64_t now, uint16_t code, const char *reason);

enum rill_ws_event_type {
    RILL_WS_TEXT,
    RILL_WS_BINARY,
    RILL_WS_PONG,
    RILL_WS_CLOSED, /* the stream may be closed once the output is drained */
};
struct rill_ws_event {
    enum rill_ws_event_type type;
    struct rill_view bytes; /* until the next non-const call */
    uint16_t code;          /* CLOSED: 1005 none given, 1006 no closing handshake */
    int error;              /* CLOSED: the row that ended it, or 0 */
};
bool rill_ws_event(struct rill_ws *x, struct rill_ws_event *out);

/* RFC 6455 §7.4: a code that a close frame may carry. */
bool rill_ws_code_is_valid(uint16_t code);

/* RFC 6455 §4.2.2: base64(SHA-1(key + GUID)), 28 characters and a NUL. */
void rill_ws_accept_key(struct rill_view key, char out[29]);

#endif
