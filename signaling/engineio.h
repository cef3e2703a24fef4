/* signaling/engineio: the packets of Engine.IO 4, in and out; pure codec.
 *
 * The idea: a packet is one digit and its data. Over a WebSocket each is a message of its own,
 * over HTTP several stand in one body, and there bytes travel as base64.
 *
 *   packet    | type '0'…'6' | data …                      a binary WebSocket message is data alone
 *   payload   | packet | 0x1e | packet | 0x1e | 'b' base64 …
 *   request   /socket.io/?EIO=4&transport=polling&sid=…
 */
#ifndef RILL_SIGNALING_ENGINEIO_H
#define RILL_SIGNALING_ENGINEIO_H

#include "base/rng.h"
#include "signaling/errors.h"

#define RILL_EIO_SID_SIZE 20

enum rill_eio_type {
    RILL_EIO_OPEN,
    RILL_EIO_CLOSE,
    RILL_EIO_PING,
    RILL_EIO_PONG,
    RILL_EIO_MESSAGE,
    RILL_EIO_UPGRADE,
    RILL_EIO_NOOP,
};

/* binary: a MESSAGE whose data are bytes. */
struct rill_eio_packet {
    enum rill_eio_type type;
    bool binary;
    struct rill_view data;
};

/* One packet as text. Errors: RILL_SIGNALING_EIO_PACKET. */
int rill_eio_read(struct rill_view text, struct rill_eio_packet *out, struct rill_err *why);
void rill_eio_write(struct rill_writer *w, const struct rill_eio_packet *p);

/* The next packet of a payload, which is decoded in its own place; *rest moves on and has p NULL
 * behind the last. Errors: RILL_SIGNALING_EIO_PACKET, _EIO_BASE64. */
int rill_eio_payload_next(struct rill_span *rest, struct rill_eio_packet *out,
                          struct rill_err *why);
/* The same judged without a change: 0, or the first fault. */
int rill_eio_payload_check(struct rill_view payload, struct rill_err *why);
/* Adds a packet, behind a separator when it is not the first. */
void rill_eio_payload_add(struct rill_writer *w, const struct rill_eio_packet *p);
/* Bytes that it takes there. */
size_t rill_eio_payload_size(const struct rill_eio_packet *p);

/* Times in ms. */
struct rill_eio_handshake {
    struct rill_view sid;
    bool upgrades; /* ["websocket"] or [] */
    uint64_t ping_interval, ping_timeout, max_payload;
};
void rill_eio_write_handshake(struct rill_writer *w, const struct rill_eio_handshake *h);
/* What a client reads; members that it does not know are passed over.
 * Errors: RILL_SIGNALING_EIO_HANDSHAKE. */
int rill_eio_read_handshake(struct rill_view json, struct rill_eio_handshake *out,
                            struct rill_err *why);

/* 120 random bits in letters that need no escape. */
void rill_eio_make_sid(const struct rill_rng *rng, char out[RILL_EIO_SID_SIZE]);

enum rill_eio_transport { RILL_EIO_NO_TRANSPORT, RILL_EIO_POLLING, RILL_EIO_WEBSOCKET };

struct rill_eio_query {
    bool version_4;
    enum rill_eio_transport transport;
    bool has_sid;
    uint8_t sid[RILL_EIO_SID_SIZE]; /* zeros when it cannot be one of ours */
};
/* Whether the target asks for this path ("/engine.io/"), with or without the last slash; then
 * *query is what stands behind the question mark. */
bool rill_eio_target(struct rill_view target, const char *path, struct rill_view *query);
void rill_eio_read_query(struct rill_view query, struct rill_eio_query *out);

/* The reasons a request is refused with, as the reference server numbers them. */
enum rill_eio_refusal {
    RILL_EIO_UNKNOWN_TRANSPORT,
    RILL_EIO_UNKNOWN_SID,
    RILL_EIO_BAD_METHOD,
    RILL_EIO_BAD_REQUEST,
    RILL_EIO_FORBIDDEN,
    RILL_EIO_BAD_VERSION,
};
/* {"code":1,"message":"Session ID unknown"} */
void rill_eio_write_refusal(struct rill_writer *w, enum rill_eio_refusal r);

#endif
