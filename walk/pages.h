/* walk/pages: the chapters, their generated blocks, and what they say about the code.
 *
 * The idea: a page is written by hand but for what stands between a pair of markers,
 *
 *   <!-- walk: stun-request -->
 *   … written by `make walk` …
 *   <!-- /walk -->
 *
 * and `make walk-check` fails when that is not what the call gives now. A path into the code is
 * always written `file.c` · `function`, and the check fails when the file does not define it.
 */
#ifndef RILL_WALK_PAGES_H
#define RILL_WALK_PAGES_H

#include "walk/world.h"

#include <stdio.h>

struct walk_block {
    const char *name;
    void (*show)(FILE *out, const struct walk_world *w, const struct walk_block *b);
    /* What of the record it shows, as each `show` has it. */
    enum walk_place who;
    const char *what;
    size_t nth, limit; /* limit: of the bytes that are shown */
    uint8_t deepest;   /* of the fields */
};

/* A file's blocks; the list ends with one without a name. */
extern const struct walk_block walk_state_blocks[], walk_media_blocks[], walk_sdp_blocks[],
    walk_signal_blocks[], walk_wire_blocks[], walk_ice_blocks[], walk_dtls_blocks[],
    walk_rtp_blocks[];
/* NULL: there is none of this name. */
const struct walk_block *walk_block(struct rill_view name);
/* Each block, by its number; NULL behind the last. */
const struct walk_block *walk_block_at(size_t i);

/* The whole of a file, malloced, a NUL behind it; NULL: it cannot be read. */
char *walk_read(const char *path);
/* Blocks of one page written anew, or compared. False: it cannot be read or written, names a block
 * that is not there, or (compared) a block differs; each is told on stderr. used[i] is set for
 * block i. */
bool walk_page(const char *path, const struct walk_world *w, bool write, bool *used);
/* Each `file.c` · `function` of a page; how many there are is added to *n. */
bool walk_paths(const char *path, size_t *n);

#endif
