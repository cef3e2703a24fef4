/* signaling/sio_client: Socket.IO from the client's side, over a WebSocket alone.
 *
 * The idea: each message of the WebSocket is one packet and means one thing; this says which, in
 * the order the two protocols allow, and counts the time to the server's next ping.
 *
 *   START → OPENED      0{…}     the client says 40{auth}
 *   OPENED → CONNECTED  40{sid}  events and acknowledgements go both ways
 *   any → GONE          1, 41, 44{message}
 */
#ifndef RILL_SIGNALING_SIO_CLIENT_H
#define RILL_SIGNALING_SIO_CLIENT_H

#include "base/clock.h"
#include "signaling/engineio.h"
#include "signaling/socketio.h"

/* What a server is asked for. */
#define RILL_SIO_CLIENT_QUERY "EIO=4&transport=websocket"

enum rill_sio_client_state {
    RILL_SIO_CLIENT_START,
    RILL_SIO_CLIENT_OPENED,
    RILL_SIO_CLIENT_CONNECTED,
    RILL_SIO_CLIENT_GONE,
};

/* All zeros is the start, but for silent_at. */
struct rill_sio_client {
    enum rill_sio_client_state state;
    uint64_t max_payload; /* the server's, 0: not known */
    int64_t patience;     /* pingInterval + pingTimeout, µs */
    int64_t silent_at;    /* when no ping has come for too long, or NEVER */
};

enum rill_sio_client_said_type {
    RILL_SIO_SAID_NOTHING,
    RILL_SIO_SAID_OPEN, /* answer with CONNECT */
    RILL_SIO_SAID_PING, /* answer with "3" */
    RILL_SIO_SAID_CONNECTED,
    RILL_SIO_SAID_REFUSED, /* .json: the text of the server's message, its quotes taken off */
    RILL_SIO_SAID_EVENT,   /* .json: the array */
    RILL_SIO_SAID_ACK,     /* .json: the array; .id: of which event */
    RILL_SIO_SAID_GONE,
};
struct rill_sio_client_said {
    enum rill_sio_client_said_type type;
    struct rill_view json;
    uint64_t id;
};

/* A text of the WebSocket. Errors: RILL_SIGNALING_EIO_PACKET, _EIO_HANDSHAKE, _EIO_UNEXPECTED,
 * the rows of socketio.h, _SIO_CONNECT. */
int rill_sio_client_take(struct rill_sio_client *x, int64_t now, struct rill_view text,
                         struct rill_sio_client_said *out, struct rill_err *why);
/* An EVENT up to its JSON; ack: the id of its acknowledgement, or NULL. */
void rill_sio_client_begin(struct rill_writer *w, enum rill_sio_type type, const uint64_t *ack);

#endif
