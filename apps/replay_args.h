/* apps/replay_args: the arguments of a recorded verb, out of its record. */
#ifndef RILL_APPS_REPLAY_ARGS_H
#define RILL_APPS_REPLAY_ARGS_H

#include "apps/replay.h"

/* Reads the members of one verb; bad: one was missing, or nothing that could be called. */
struct replay_args {
    struct replay *r;
    const json_t *data;
    bool bad;
};

uint64_t replay_u(struct replay_args *a, const char *name, uint64_t most);
/* Between -most and most. */
int64_t replay_i(struct replay_args *a, const char *name, int64_t most);
struct rill_view replay_text(struct replay_args *a, const char *name);
/* As a string of C; NULL for an empty one. */
const char *replay_word(struct replay_args *a, const char *name);
/* Family NONE where the file has null. */
struct rill_addr replay_addr(struct replay_args *a, const char *name);
/* The list of the member addrs. */
size_t replay_addrs(struct replay_args *a, struct rill_addr *out, size_t cap);
/* In the room of the replay. */
struct rill_view replay_bytes(struct replay_args *a, const char *name);
size_t replay_codecs(struct replay_args *a, enum rill_codec_id *out, size_t cap);
enum rill_codec_id replay_codec(struct replay_args *a);
struct rill_path replay_path(struct replay_args *a);
/* True when the verb may be called. */
bool replay_good(const struct replay_args *a, bool needs_peer);

#endif
