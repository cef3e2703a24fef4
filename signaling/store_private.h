/* signaling/store_private: what the files of the store share.
 *
 *   store.c         the verbs: connections, time, events
 *   store_write.c   commands on their way out
 *   store_read.c    what the replies say
 */
#ifndef RILL_SIGNALING_STORE_PRIVATE_H
#define RILL_SIGNALING_STORE_PRIVATE_H

#include "base/ring.h"
#include "signaling/store.h"
#include "signaling/store_reply.h"

#define STORE_OUT_MAX (4u << 20)
/* Any one command fits into so much: a place with its descriptions and candidates, a message. */
#define STORE_COMMAND_MAX (512u << 10)
#define STORE_EXPECT_MAX 16384
#define STORE_SERVERS_MAX 64
#define STORE_CALLS RILL_LIMIT_STORE_WAITING
#define STORE_CREDENTIAL_MAX 256
#define STORE_ARENA (1u << 20)
#define STORE_KEY_MAX (4 * RILL_SIGNALING_NAME_MAX + 32)

#define STORE_STREAM "rill:stream"
#define STORE_PLACES "rill:places"
#define STORE_EPOCH "rill:epoch"
#define STORE_BEAT (2 * RILL_SECOND)
#define STORE_BEAT_TTL "6"   /* seconds */
#define STORE_PLACE_TTL "30" /* seconds; put down again every STORE_PUT_AGAIN */
#define STORE_PUT_AGAIN (10 * RILL_SECOND)
#define STORE_BLOCK_MS "2000"
#define STORE_STRIKES 2
/* After a connection to the store was made, the others may still be on their way to it. */
#define STORE_TRUST (8 * RILL_SECOND)
#define STORE_SILENT (RILL_LIMIT_STORE_SILENT_MS * RILL_MS)

/* The kinds of calls in the stream, in the order of enum rill_store_kind. */
#define STORE_KINDS "jsalxd"

/* What a reply is the answer to. */
enum rill_store_expect {
    STORE_EXPECT_OK,
    STORE_EXPECT_EPOCH,
    STORE_EXPECT_PLACES,
    STORE_EXPECT_PLACE,
    STORE_EXPECT_ALIVE, /* and the server's number above it */
    STORE_EXPECT_XREAD,
};

/* DOWN → OPENING → GREETING → RUNNING; any → DOWN */
enum rill_store_wire_state { STORE_DOWN, STORE_OPENING, STORE_GREETING, STORE_RUNNING };

struct rill_store_conn {
    enum rill_store_wire_state state;
    int64_t retry_at, backoff;
    int64_t silent_at; /* when a reply is overdue */
    struct rill_reply_reader *reader;
    uint8_t *out; /* STORE_OUT_MAX: [out_at, n_out) */
    size_t out_at, n_out;
    uint16_t *expect; /* STORE_EXPECT_MAX */
    struct rill_ring expected;
    bool tell_open, tell_close;
};

struct rill_store_server {
    uint32_t home;
    bool has_last, is_dead;
    bool is_skipping; /* calls that were applied before this server began */
    uint64_t last;    /* the number of its last call that was applied */
    unsigned strikes;
};

/* A call that was made here: kept when it has come back, too, for a store that forgets. */
struct rill_store_slot {
    struct rill_store_call call; /* text and token lie beside it */
    uint64_t number;
    bool was_sent;
    uint8_t token[RILL_SIG_TOKEN_MAX];
    uint8_t *text; /* RILL_SIGNALING_MESSAGE_MAX */
};

struct rill_store {
    struct rill_store_config config;
    uint32_t home;
    uint8_t user[STORE_CREDENTIAL_MAX], password[STORE_CREDENTIAL_MAX];
    struct rill_store_conn wires[RILL_STORE_WIRES];
    bool is_loaded, tell_ready, tell_again, tell_behind;
    struct rill_reply *places; /* that are to be loaded, from next_place on */
    size_t next_place;
    struct rill_reply *place; /* the one that is to be told */
    bool place_told;
    struct rill_reply *entries; /* of the stream, from next_entry on */
    size_t next_entry;
    uint8_t position[48]; /* in the stream: an id */
    size_t n_position;
    uint8_t epoch[48];
    size_t n_epoch;
    struct rill_store_server servers[STORE_SERVERS_MAX];
    size_t n_servers, next_server;
    struct rill_store_slot *slots;
    struct rill_ring ring; /* of slots: all that are kept */
    size_t n_seen, n_sent; /* of them: have come back; were sent on this connection */
    uint64_t numbers;      /* given so far */
    int64_t beat_at, trust_at;
    uint8_t *arena_block; /* STORE_ARENA */
    uint8_t *scratch;     /* STORE_COMMAND_MAX */
    bool is_troubled, tell_trouble, tell_back;
    int trouble;
    uint8_t trouble_text[160];
    size_t n_trouble;
    struct rill_store_counts counts;
};

/* store.c: the connection is given up, and tried again later. */
void rill_store_fail(struct rill_store *x, int64_t now, enum rill_store_wire wire, int row,
                     struct rill_view text);
struct rill_store_server *rill_store_server_of(struct rill_store *x, uint32_t home);

void rill_store_running(struct rill_store *x, int64_t now, enum rill_store_wire wire);

/* store_write.c */
void rill_store_greet(struct rill_store *x, int64_t now, enum rill_store_wire wire);
void rill_store_ask_places(struct rill_store *x, int64_t now);
void rill_store_ask_next_place(struct rill_store *x, int64_t now);
void rill_store_ask_entries(struct rill_store *x, int64_t now);
void rill_store_forget_place(struct rill_store *x, int64_t now, struct rill_view place);
void rill_store_beat(struct rill_store *x, int64_t now);
/* Calls that were not sent yet, as many as there is room for. */
void rill_store_flush(struct rill_store *x, int64_t now);

/* store_read.c: takes the reply over. */
void rill_store_take_reply(struct rill_store *x, int64_t now, enum rill_store_wire wire,
                           struct rill_reply *reply);
bool rill_store_tell_place(struct rill_store *x, int64_t now, struct rill_store_event *out);
bool rill_store_tell_entry(struct rill_store *x, int64_t now, struct rill_store_event *out);

#endif
