/* signaling/eio_session: one Engine.IO session of a server as a machine of the contract.
 *
 * The idea: HTTP requests and a WebSocket are the caller's; here is what they mean together. A
 * GET waits until there is something to say, a POST and a WebSocket's messages say something,
 * and a WebSocket that has proven itself takes the place of the requests:
 *
 *   POLLING   → PROBING    a WebSocket came with this session's id
 *   PROBING   → PROBED     "2probe" came; it is answered, and every GET is sent home with "6"
 *   PROBED    → WEBSOCKET  "5" came: from here everything travels there
 *   PROBING, PROBED → POLLING   that WebSocket went, or was too slow
 *
 *   OPEN → CLOSING   we close: what waits is still said, then "1"
 *   any  → CLOSED    the other side closed, broke a rule or was silent; or all is said
 */
#ifndef RILL_SIGNALING_EIO_SESSION_H
#define RILL_SIGNALING_EIO_SESSION_H

#include "base/clock.h"
#include "base/trace.h"
#include "signaling/engineio.h"

struct rill_eio_session;

struct rill_eio_session_config {
    bool websocket;          /* opened by a WebSocket without any polling */
    size_t max_payload;      /* bytes of one packet and of one POST [1,000,000] */
    size_t queue;            /* bytes waiting to be sent [max_payload + 64 KiB] */
    int64_t ping_interval;   /* [25 s] */
    int64_t ping_timeout;    /* [20 s] */
    int64_t upgrade_timeout; /* for a WebSocket to be probed and taken [10 s] */
    struct rill_rng rng;
    const struct rill_trace *trace;
    /* What is longer than a few hundred bytes lies in memory of its own, untouched until then: in
     * the block, or when it is `apart` in rill_eio_session_far_size() bytes at `far`. */
    bool apart;
    void *far;
};

size_t rill_eio_session_size(const struct rill_eio_session_config *config);
size_t rill_eio_session_far_size(const struct rill_eio_session_config *config);
/* The open packet waits to be sent. */
struct rill_eio_session *
rill_eio_session_init(void *block, const struct rill_eio_session_config *config, int64_t now);
struct rill_view rill_eio_session_sid(const struct rill_eio_session *x);

/* A GET came: rill_eio_session_answer() has its answer, at once or later.
 * Errors: RILL_SIGNALING_EIO_BUSY (there is one already: the session is closed, answer 400),
 * _EIO_TRANSPORT (the session does not poll: answer 400, nothing else happens). */
int rill_eio_session_get(struct rill_eio_session *x, int64_t now, struct rill_err *why);
/* A POST begins; the same errors. */
int rill_eio_session_post_begin(struct rill_eio_session *x, int64_t now, struct rill_err *why);
/* Its body is whole. It is decoded in its place and must stay there until all events are pulled.
 * Errors, after which the session is closed: RILL_SIGNALING_EIO_PACKET, _EIO_BASE64,
 * _EIO_UNEXPECTED, _WS_UTF8. */
int rill_eio_session_post(struct rill_eio_session *x, int64_t now, struct rill_span body,
                          struct rill_err *why);
/* The connection of the waiting GET, or of the POST under way, is gone: so is the session. */
void rill_eio_session_broken(struct rill_eio_session *x, int64_t now);

/* A WebSocket came with this session's id. Errors: RILL_SIGNALING_EIO_BUSY: close it. */
int rill_eio_session_ws_open(struct rill_eio_session *x, int64_t now, struct rill_err *why);
/* One message of it. Errors, after which the session is closed, or while the WebSocket is being
 * probed the WebSocket alone: RILL_SIGNALING_EIO_PACKET, _EIO_UNEXPECTED. */
int rill_eio_session_ws_input(struct rill_eio_session *x, int64_t now, bool binary,
                              struct rill_view message, struct rill_err *why);
void rill_eio_session_ws_closed(struct rill_eio_session *x, int64_t now);

/* A message for the other side. Errors: RILL_SIGNALING_EIO_FULL (a slow reader is the caller's to
 * drop), _EIO_TRANSPORT when the session is closing or closed. */
int rill_eio_session_send(struct rill_eio_session *x, bool binary, struct rill_view data);
void rill_eio_session_close(struct rill_eio_session *x, int64_t now);
/* Closed at once; nothing more is said. */
void rill_eio_session_drop(struct rill_eio_session *x, int64_t now);

/* The body that answers the waiting GET, as many packets as fit into out (at least 4/3 of
 * max_payload and a few bytes); 0: it waits on. */
size_t rill_eio_session_answer(struct rill_eio_session *x, int64_t now, struct rill_span out);
/* The next packet for the WebSocket, which stays until _ws_sent(); false when there is none. */
bool rill_eio_session_ws_next(const struct rill_eio_session *x, struct rill_eio_packet *out);
void rill_eio_session_ws_sent(struct rill_eio_session *x);
/* The WebSocket is to be closed: the session is over, or goes on without it. */
bool rill_eio_session_ws_done(const struct rill_eio_session *x);
/* Nobody can reach it any more, and nothing is left to say. */
bool rill_eio_session_is_over(const struct rill_eio_session *x);
/* Neither closing nor closed. */
bool rill_eio_session_is_open(const struct rill_eio_session *x);
/* It answers to its id. */
bool rill_eio_session_is_known(const struct rill_eio_session *x);

void rill_eio_session_tick(struct rill_eio_session *x, int64_t now);
int64_t rill_eio_session_deadline(const struct rill_eio_session *x);

enum rill_eio_session_event_type {
    RILL_EIO_SESSION_MESSAGE,
    RILL_EIO_SESSION_CLOSED, /* .error: the row that ended it, or 0 */
};
struct rill_eio_session_event {
    enum rill_eio_session_event_type type;
    bool binary;
    struct rill_view data; /* until the next non-const call but _send() and _close() */
    int error;
};
bool rill_eio_session_event(struct rill_eio_session *x, struct rill_eio_session_event *out);

#endif
