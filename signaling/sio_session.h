/* signaling/sio_session: Socket.IO over one Engine.IO session, the server's side.
 *
 * The idea: messages come in, and what they mean comes out as events: somebody wants to connect
 * to a namespace, says something in it, leaves it. What is said back is written into the
 * Engine.IO session below at once, so this machine keeps no queue; it keeps which namespaces
 * are connected and a packet whose attachments have not all come.
 *
 *   namespace   NONE → ASKED      CONNECT came          → CONNECTED   rill_sio_session_accept()
 *               ASKED → NONE      rill_sio_session_refuse()
 *               CONNECTED → NONE  DISCONNECT, from either side
 */
#ifndef RILL_SIGNALING_SIO_SESSION_H
#define RILL_SIGNALING_SIO_SESSION_H

#include "signaling/eio_session.h"
#include "signaling/socketio.h"

#define RILL_SIO_NAMESPACES_MAX 4

struct rill_sio_session;

struct rill_sio_session_config {
    const char *const *namespaces; /* "/", "/custom"; they must outlive the session */
    size_t n_namespaces;
    size_t hold;             /* bytes of a packet with its attachments [1,000,000] */
    int64_t connect_timeout; /* for the first CONNECT, and again when no namespace is left [45 s] */
    struct rill_eio_session *eio;
    struct rill_rng rng;
    /* A packet that waits for its attachments lies in memory of its own, untouched until then: in
     * the block, or when it is `apart` in `hold` bytes at `far`. */
    bool apart;
    void *far;
};

size_t rill_sio_session_size(const struct rill_sio_session_config *config);
struct rill_sio_session *
rill_sio_session_init(void *block, const struct rill_sio_session_config *config, int64_t now);

/* One message of the Engine.IO session. Errors, after which the connection is to be closed: the
 * rows of socketio.h, RILL_SIGNALING_SIO_CONNECT, _SIO_ATTACHMENT, _SIO_TOO_LARGE. */
int rill_sio_session_input(struct rill_sio_session *x, int64_t now, bool binary,
                           struct rill_view message, struct rill_err *why);
/* False when the time to connect is over: close the connection. */
bool rill_sio_session_tick(struct rill_sio_session *x, int64_t now);
int64_t rill_sio_session_deadline(const struct rill_sio_session *x);

enum rill_sio_session_event_type {
    RILL_SIO_SESSION_CONNECT,    /* .json: the auth object, or empty; accept or refuse it */
    RILL_SIO_SESSION_EVENT,      /* .json: the array; .has_id: it wants to be acknowledged */
    RILL_SIO_SESSION_ACK,        /* .json, .id */
    RILL_SIO_SESSION_DISCONNECT, /* the other side left this namespace */
};
struct rill_sio_session_event {
    enum rill_sio_session_event_type type;
    size_t nsp; /* which of the configured ones */
    bool has_id;
    uint64_t id;
    struct rill_view json; /* until the next input */
    const struct rill_view *attachments;
    size_t n_attachments;
};
/* One at most after each input. */
bool rill_sio_session_event(struct rill_sio_session *x, struct rill_sio_session_event *out);
bool rill_sio_session_is_connected(const struct rill_sio_session *x, size_t nsp);

/* Each of these returns 0 or what rill_eio_session_send() does. */
int rill_sio_session_accept(struct rill_sio_session *x, size_t nsp);
/* message: plain text without quotes or backslashes. */
int rill_sio_session_refuse(struct rill_sio_session *x, int64_t now, size_t nsp,
                            const char *message);
int rill_sio_session_disconnect(struct rill_sio_session *x, int64_t now, size_t nsp);
/* Begins an EVENT in a namespace or, when ack is not NULL, the ACK to that event; attachments: how
 * many will follow. The caller writes the JSON behind it and sends it. */
void rill_sio_session_begin(const struct rill_sio_session *x, struct rill_writer *w, size_t nsp,
                            const uint64_t *ack, size_t attachments);
/* RILL_SIGNALING_EIO_FULL also when the writer is bad. */
int rill_sio_session_send(struct rill_sio_session *x, const struct rill_writer *w,
                          const struct rill_view *attachments, size_t n);

#endif
