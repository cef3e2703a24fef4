/* signaling/client: rill's own client of the vocabulary, over a plain WebSocket or as a client of
 * Socket.IO. */
#ifndef RILL_SIGNALING_CLIENT_H
#define RILL_SIGNALING_CLIENT_H

#include "base/clock.h"
#include "base/rng.h"
#include "signaling/message.h"

struct rill_sig_client;

enum rill_sig_framing {
    RILL_SIG_OVER_WEBSOCKET,
    RILL_SIG_OVER_SOCKETIO, /* over its WebSocket, without polling before */
};

struct rill_sig_client_config {
    enum rill_sig_framing framing;
    struct rill_view host; /* "127.0.0.1:8181", for the Host header */
    struct rill_view path; /* "/ws"; of Socket.IO "/socket.io/" */
    struct rill_view user, password, room;
    size_t message; /* [RILL_SIGNALING_MESSAGE_MAX] */
    struct rill_rng rng;
};

size_t rill_sig_client_size(const struct rill_sig_client_config *config);
/* The views of config are copied. Events are to be pulled after each input. */
struct rill_sig_client *
rill_sig_client_init(void *block, const struct rill_sig_client_config *config, int64_t now);

/* Bytes of the TCP (or TLS) stream; all are taken. Errors: RILL_SIGNALING_WS_HANDSHAKE, the
 * rows of http.h and ws.h, _TOO_LARGE when more waits than two messages; then CLOSED follows. */
int rill_sig_client_input(struct rill_sig_client *x, int64_t now, struct rill_view bytes,
                          struct rill_err *why);
void rill_sig_client_stream_closed(struct rill_sig_client *x, int64_t now);
void rill_sig_client_tick(struct rill_sig_client *x, int64_t now);
size_t rill_sig_client_output(struct rill_sig_client *x, struct rill_span out);
int64_t rill_sig_client_deadline(const struct rill_sig_client *x);

/* Usable after OPEN. Errors: RILL_SIGNALING_WS_CLOSED before it and after CLOSED, _WS_FULL,
 * _TOO_LARGE. */
int rill_sig_client_offer(struct rill_sig_client *x, struct rill_view sdp);
/* held: the offer being answered, as it came; sdp: the answer. */
int rill_sig_client_answer(struct rill_sig_client *x, const struct rill_sig_offer *held,
                           struct rill_view sdp);
/* iceUserName of the course's vocabulary is our own name. */
int rill_sig_client_candidate(struct rill_sig_client *x, const struct rill_sig_candidate *c,
                              bool did_i_offer);
void rill_sig_client_close(struct rill_sig_client *x, int64_t now);

enum rill_sig_client_event_type {
    RILL_SIG_CLIENT_OPEN,    /* auth was sent; over Socket.IO: the server connected us */
    RILL_SIG_CLIENT_MESSAGE, /* .message; offers, answers, candidates, acks, errors */
    RILL_SIG_CLIENT_CLOSED,  /* .error: a row, or 0 after a clean close */
};
struct rill_sig_client_event {
    enum rill_sig_client_event_type type;
    struct rill_sig_message message; /* until the next non-const call */
    int error;
};
bool rill_sig_client_event(struct rill_sig_client *x, struct rill_sig_client_event *out);

#endif
