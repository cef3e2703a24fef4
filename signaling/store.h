/* signaling/store: the one store that several servers share: Redis, spoken to over two connections.
 *
 * The idea: all servers append what their members do to one stream (XADD), and each applies the
 * stream (XREAD) to rooms of its own: the same calls in the same order, so the same rooms
 * everywhere, and the first answer wins everywhere. What places hold is put down beside it (a hash
 * and two lists a member, with a time to live), where who comes late begins. A call that has not
 * come back in the stream is said again, with its number: nobody applies a number twice.
 *
 *   writer   AUTH, SELECT, the epoch → LOADING (the first time) → appends, puts down, heartbeats
 *   reader   AUTH, SELECT → XREAD BLOCK, again and again
 *
 * docs/signaling.md has the keys and fields.
 */
#ifndef RILL_SIGNALING_STORE_H
#define RILL_SIGNALING_STORE_H

#include "base/clock.h"
#include "base/rng.h"
#include "signaling/room.h"

struct rill_store;

enum rill_store_wire { RILL_STORE_WRITER, RILL_STORE_READER, RILL_STORE_WIRES };

struct rill_store_config {
    struct rill_view user, password; /* copied; empty: none. Up to 256 bytes each */
    unsigned database;
    struct rill_rng rng;
};

size_t rill_store_size(const struct rill_store_config *config);
/* NULL when there is no memory for hiredis' readers. */
struct rill_store *rill_store_init(void *block, const struct rill_store_config *config,
                                   int64_t now);
void rill_store_free(struct rill_store *x);

/* What became of an OPEN; bytes; the connection is over. */
void rill_store_connected(struct rill_store *x, int64_t now, enum rill_store_wire wire);
void rill_store_closed(struct rill_store *x, int64_t now, enum rill_store_wire wire);
void rill_store_input(struct rill_store *x, int64_t now, enum rill_store_wire wire,
                      struct rill_view bytes);
size_t rill_store_output(struct rill_store *x, int64_t now, enum rill_store_wire wire,
                         struct rill_span out);
void rill_store_tick(struct rill_store *x, int64_t now);
int64_t rill_store_deadline(const struct rill_store *x);

enum rill_store_kind {
    RILL_STORE_JOIN,
    RILL_STORE_SAY,
    RILL_STORE_AWAY,
    RILL_STORE_LEAVE,
    RILL_STORE_LOST,
    RILL_STORE_DEAD, /* key: a home that gives no sign of life */
};

/* This server's name among the others, never 0; another one after BEHIND. Keys of its members have
 * it as their upper half. */
uint32_t rill_store_home(const struct rill_store *x);

/* What a member did. */
struct rill_store_call {
    enum rill_store_kind kind;
    uint64_t key;
    uint64_t stamp;         /* of the stream; in what came back */
    struct rill_view text;  /* JOIN, SAY: the message */
    struct rill_view token; /* JOIN: a fresh one, up to RILL_SIG_TOKEN_MAX */
    bool has_ack;           /* SAY: it is acknowledged with this, whatever the text says */
    uint64_t ack;
};

/* To be applied when it comes back. Errors: RILL_SIGNALING_STORE_FULL, _TOO_LARGE. */
int rill_store_call(struct rill_store *x, int64_t now, const struct rill_store_call *call,
                    struct rill_err *why);
/* Whether there is room for a place on its way out; without it, nothing is put or dropped. */
bool rill_store_may_put(const struct rill_store *x);
/* A place of this home as it is now. */
void rill_store_put(struct rill_store *x, int64_t now, const struct rill_rooms_hold *h);
/* Nothing is held under this name any more. */
void rill_store_drop(struct rill_store *x, int64_t now, struct rill_view room,
                     struct rill_view user);

enum rill_store_event_type {
    RILL_STORE_OPEN,    /* .wire: a connection is wanted */
    RILL_STORE_CLOSE,   /* .wire: is to be closed */
    RILL_STORE_HELD,    /* .hold: a place of another home; before any CALL */
    RILL_STORE_READY,   /* all that was held has been told */
    RILL_STORE_CALLED,  /* .call is to be applied */
    RILL_STORE_AGAIN,   /* the store has forgotten all: put down again what is held here */
    RILL_STORE_BEHIND,  /* calls are missing: begin anew, with empty rooms */
    RILL_STORE_BACK,    /* for the log: it can be reached */
    RILL_STORE_TROUBLE, /* for the log: it cannot; .error why, .text what it said */
};
struct rill_store_event {
    enum rill_store_event_type type;
    enum rill_store_wire wire;
    struct rill_rooms_hold hold; /* views of events live until the next non-const call */
    struct rill_store_call call;
    int error;
    struct rill_view text;
};
bool rill_store_event(struct rill_store *x, int64_t now, struct rill_store_event *out);

/* All that only grows, and how much waits. */
struct rill_store_counts {
    uint64_t calls, applied, repeated, malformed, connections, errors;
    size_t waiting;
    bool is_connected;
};
struct rill_store_counts rill_store_counts(const struct rill_store *x);

#endif
