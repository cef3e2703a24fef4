/* signaling/socketio: the packets of Socket.IO 5, in and out; pure codec.
 *
 *   | type '0'…'6' | [attachments '-'] | [namespace ','] | [id] | [JSON] |
 *
 * The idea: a packet is read as views into its text, and what is not exactly of this form is
 * refused; the JSON is judged (its form, and the places of the attachments), not built.
 */
#ifndef RILL_SIGNALING_SOCKETIO_H
#define RILL_SIGNALING_SOCKETIO_H

#include "signaling/errors.h"
#include "signaling/limits.h"

/* The largest number that a page can count to (2^53 - 1). */
#define RILL_SIO_ID_MAX 9007199254740991u

enum rill_sio_type {
    RILL_SIO_CONNECT,
    RILL_SIO_DISCONNECT,
    RILL_SIO_EVENT,
    RILL_SIO_ACK,
    RILL_SIO_CONNECT_ERROR,
    RILL_SIO_BINARY_EVENT,
    RILL_SIO_BINARY_ACK,
};

/* nsp: "/" when none is written. json.p NULL: there is none. */
struct rill_sio_packet {
    enum rill_sio_type type;
    size_t attachments;
    struct rill_view nsp;
    bool has_id;
    uint64_t id;
    struct rill_view json;
};

bool rill_sio_is_event(enum rill_sio_type type);
bool rill_sio_is_ack(enum rill_sio_type type);

/* text is UTF-8. Errors: RILL_SIGNALING_SIO_PACKET (offset: byte), _SIO_PAYLOAD,
 * _SIO_ATTACHMENT. */
int rill_sio_read(struct rill_view text, struct rill_sio_packet *out, struct rill_err *why);
/* Everything up to the JSON, for those who write it themselves, and with the JSON. */
void rill_sio_write_head(struct rill_writer *w, const struct rill_sio_packet *p);
void rill_sio_write(struct rill_writer *w, const struct rill_sio_packet *p);

#endif
