/* peer/anew: a key frame in place of many repairs (see anew.c). */
#ifndef RILL_PEER_ANEW_H
#define RILL_PEER_ANEW_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rill_peer;
struct rill_peer_line;
struct rill_peer_sender;
struct rill_peer_track;

/* Of one encoding that is sent. */
struct rill_peer_anew {
    int64_t since; /* `asked` counts since then */
    uint64_t asked;
    bool wanted;   /* and has not come */
    int64_t until; /* so long nothing before seq is sent again */
    uint16_t seq;
    int64_t barred; /* so long none is asked for: the last one did not come */
};

/* A key frame that is to come, or has come, takes this packet's place: it is not had again. */
bool rill_peer_anew_is_past(const struct rill_peer_anew *a, int64_t now, uint16_t seq);
/* A packet of so many bytes is to be had again: true when a key frame is made in its place. */
bool rill_peer_anew_instead(struct rill_peer *x, int64_t now, const struct rill_peer_track *t,
                            struct rill_peer_sender *s, size_t bytes);
/* A key frame is about to be stored. */
void rill_peer_anew_keyframe(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                             struct rill_peer_sender *s);

#endif
