/* media/worker: capture and encoding beside the loop, in a thread of their own.
 *
 * The idea: between start and free the senders belong to the worker's thread alone. The two
 * sides share four things, and one lock guards them: encoded frames and events on their way
 * out, commands on their way in, and a copy of the figures. No lock is held while anything is
 * captured, encoded or waited for. Nothing waits for the other side: when the frames are not
 * fetched, what is captured is counted and dropped before it is encoded.
 *
 * Without a thread (a seeded call) the very same step is run by the caller. */
#ifndef RILL_MEDIA_WORKER_H
#define RILL_MEDIA_WORKER_H

#include "media/sender.h"

/* A source and its clones. */
#define RILL_WORKER_SENDERS_MAX 4
#define RILL_WORKER_FRAMES_MAX 32
#define RILL_WORKER_QUEUE_MAX 16
#define RILL_WORKER_TEXT_MAX 256

struct rill_worker;

struct rill_worker_config {
    bool threaded;
    int64_t (*now)(void);    /* monotonic µs; used by the thread */
    void (*wake)(void *ctx); /* from the thread: there is something to fetch; NULL for none */
    void *ctx;
};

/* NULL when memory or descriptors are out. */
struct rill_worker *rill_worker_new(const struct rill_worker_config *config);
/* Ends the thread, which may take as long as one picture takes, and frees the senders. */
void rill_worker_free(struct rill_worker *w);
/* Before the start: takes the sender over; its number from 0, or -1: there are too many. */
int rill_worker_add(struct rill_worker *w, struct rill_sender *s);
/* The senders start. False when there is no thread to be had: then it works without. */
bool rill_worker_start(struct rill_worker *w, int64_t now);

/* Without a thread: everything that is due; and when to come again. With one they do nothing
 * and RILL_NEVER. */
void rill_worker_step(struct rill_worker *w, int64_t now);
int64_t rill_worker_deadline(const struct rill_worker *w, int64_t now);

/* The next encoded frame and whose it is; of which encoding, it says itself. Its bytes live until
 * the next call. */
bool rill_worker_frame(struct rill_worker *w, int *sender, struct rill_frame *out);

enum rill_worker_event_type {
    RILL_WORKER_MUTED,
    RILL_WORKER_UNMUTED,
    RILL_WORKER_ENDED,       /* .why: no row when stopped or at a file's end */
    RILL_WORKER_REPLACED,    /* .settings of the new track */
    RILL_WORKER_CONSTRAINED, /* .settings */
    RILL_WORKER_REFUSED,     /* a command: .why */
};
struct rill_worker_event {
    enum rill_worker_event_type type;
    int sender;
    struct rill_err why;
    struct rill_settings settings;
};
/* When nobody fetches them the newest are lost. */
bool rill_worker_event(struct rill_worker *w, struct rill_worker_event *out);

enum rill_worker_command_type {
    RILL_WORKER_KEYFRAME, /* of .encoding */
    RILL_WORKER_BITRATE,  /* .value bit/s, of .encoding */
    RILL_WORKER_ENCODING, /* .encoding is .settings */
    RILL_WORKER_CODEC,    /* .value: an enum rill_codec_id */
    RILL_WORKER_SOUND,    /* .sound */
    RILL_WORKER_ENABLE,   /* .value 0 or 1 */
    RILL_WORKER_STOP,
    RILL_WORKER_REPLACE,   /* .text: a source's name */
    RILL_WORKER_CONSTRAIN, /* .text: as of rill_constraints_read() */
};
struct rill_worker_command {
    enum rill_worker_command_type type;
    int sender;
    size_t encoding;
    struct rill_encoding settings;
    struct rill_opus_wishes sound;
    uint32_t value;
    char text[RILL_WORKER_TEXT_MAX];
};
/* Done before the next picture is taken. False when too many wait. */
bool rill_worker_command(struct rill_worker *w, const struct rill_worker_command *command);

/* As of the last step. */
void rill_worker_stats(struct rill_worker *w, int sender, struct rill_sender_stats *out);

#endif
