/* apps/replay: a recorded call, run again (docs/trace.md).
 *
 *   replay.c        `rill replay`: the file, what was found
 *   replay_run.c    a verb with all that belongs to it: what was recorded beside what happens
 *   replay_verbs.c  the verbs, each with its arguments (replay_args.c)
 *   replay_config.c those of before there is a peer
 *
 * The idea: a verb is held until the next one is read. What stands between them is the entropy that
 * it drew and the events that it caused, in their order; it is run with the one, and what it says
 * must be the other, byte by byte as the file has it. */
#ifndef RILL_APPS_REPLAY_H
#define RILL_APPS_REPLAY_H

#include "apps/trace_read.h"
#include "peer/peer.h"

struct replay;

/* A verb of the peer, or a part of one that follows. False: its arguments are none that could have
 * been called, and replay_refuse() has said so. */
struct replay_verb {
    const char *name; /* behind "input:" */
    bool (*run)(struct replay *r, const json_t *data);
    bool is_part;
    bool is_told; /* by the peer itself, so that it is compared too */
};
/* NULL: there is none of this name. */
const struct replay_verb *replay_verb(const char *name);
const struct replay_verb *replay_config_verb(const char *name);

/* What a record said, as its text. */
struct replay_event {
    uint64_t number;
    size_t at, n; /* in the text of all */
};

enum replay_state {
    REPLAY_GOES_ON,
    REPLAY_DIFFERS,
    REPLAY_REFUSED, /* the trace cannot be run */
};

/* What is the most that a recorded peer may take. */
#define REPLAY_BLOCK_MAX ((size_t)512 << 20)

struct replay {
    enum replay_state state;
    bool lenient;    /* differences are passed over: all that can be run is run */
    uint64_t number; /* of the record that this is about */
    int64_t time;
    char sentence[256];        /* why it was refused, or what differs */
    char *recorded, *replayed; /* both sides of a difference; NULL: nothing on that side */

    uint64_t inputs, outputs, events;
    bool has_inputs, is_whole; /* something can be run; its end is there */

    /* Time. */
    bool has_clock;
    int64_t origin, wall_us, unix_s;
    int64_t now, last; /* of the verb that runs: monotonic; of what was told last: in the trace */
    int64_t behind;    /* how much earlier than its record the next verb is */

    /* The verb that is held, and what belongs to it. */
    const struct replay_verb *verb;
    json_t *data;
    int64_t verb_time, verb_now; /* of its first record; what it was given */
    int64_t verb_wall;           /* of its own record: what time() says */
    uint64_t verb_number;
    struct replay_event *expected;
    size_t n_expected, cap_expected, met;
    uint8_t *texts;
    size_t n_texts, cap_texts;
    uint8_t *entropy;
    size_t n_entropy, cap_entropy, drawn;
    bool ran_dry;
    struct rill_rng_seeded instead; /* of what was not recorded: zeros would be drawn for ever */

    /* Parts of verbs. */
    struct rill_peer_config config;
    struct rill_ice_turn_server turn[RILL_ICE_SERVERS_MAX];
    char turn_texts[2 * RILL_ICE_SERVERS_MAX][512];
    enum rill_codec_id codecs[64];
    struct rill_peer_encoding encodings[RILL_PEER_ENCODINGS_MAX];
    char rids[RILL_PEER_ENCODINGS_MAX][32];
    size_t n_encodings;

    struct rill_trace trace;
    struct rill_rng rng;
    struct rill_dtls_cert *cert;
    void *cert_block;
    struct rill_peer *peer;
    void *peer_block;
    /* Bytes of a datagram, a frame, a description. */
    uint8_t *room;
    size_t cap_room;
};

/* False: there is no memory. */
bool replay_begin(struct replay *r);
/* The next record of the trace. */
void replay_take(struct replay *r, const struct rill_trace_record *record);
/* There are no more. */
void replay_end(struct replay *r);
void replay_free(struct replay *r);

/* False, always. */
bool replay_refuse(struct replay *r, const char *sentence);
/* The bytes of the datagram that came, from the event that follows the verb. */
bool replay_datagram(struct replay *r, struct rill_view *out);

#endif
