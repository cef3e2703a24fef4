/* bench/crowd: many clients of one signaling server, over one reactor.
 *
 * The idea: a slot a client, found by its socket's number; whoever measures pulls what the
 * clients were told, one message at a time.
 */
#ifndef RILL_BENCH_CROWD_H
#define RILL_BENCH_CROWD_H

#include "reactor/reactor.h"
#include "signaling/client.h"

struct crowd_client {
    struct rill_sig_client *x;
    uint32_t socket;
    bool open, gone;
    uint8_t left[4096]; /* what the socket did not take yet */
    size_t n_left;
};

struct crowd {
    struct rill_reactor *reactor;
    struct rill_addr server;
    enum rill_sig_framing framing;
    struct crowd_client *clients;
    size_t n, cap, n_open, n_gone;
    uint32_t *of_socket; /* the client of a socket's number */
    int64_t tick_at;
};

bool crowd_init(struct crowd *c, uint16_t port, enum rill_sig_framing framing, size_t cap);
/* One more client, "c<number>" in this room. */
bool crowd_add(struct crowd *c, const char *room);
/* Drains what client i wants to say. */
void crowd_flush(struct crowd *c, size_t i);
/* Waits for one thing to happen, until the deadline; the client it happened to, or SIZE_MAX. Its
 * messages are pulled with crowd_message(). */
size_t crowd_turn(struct crowd *c, int64_t deadline);
/* The next message of client i; false when there is none. */
bool crowd_message(struct crowd *c, size_t i, struct rill_sig_message *out);
/* Adds clients until n are open; false when some could not. */
bool crowd_grow(struct crowd *c, size_t n, const char *room);
void crowd_free(struct crowd *c);

#endif
