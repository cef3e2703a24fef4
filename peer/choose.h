/* peer/choose: which of several encodings of a line is handed out. */
#ifndef RILL_PEER_CHOOSE_H
#define RILL_PEER_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rill_frame;
struct rill_peer;
struct rill_peer_event;
struct rill_peer_line;

/* Which of several encodings is handed out. */
struct rill_peer_choice {
    int wanted;     /* by the app; -1: the best */
    size_t current; /* of ins */
    bool any;       /* something was handed out */
    bool shifted;   /* RTP times have moved by offset, to be one row */
    uint32_t offset, last_rtp_time;
    int64_t last_time;
};

/* A whole frame has come on ins[k]: is it handed out? Its RTP time may be moved. */
bool rill_peer_choose(struct rill_peer *x, struct rill_peer_line *l, size_t k,
                      struct rill_frame *frame);
/* ins[k] is to be handed out as soon as it has a key frame. */
bool rill_peer_choice_awaits(const struct rill_peer *x, const struct rill_peer_line *l, size_t k,
                             int64_t now);
int64_t rill_peer_choice_deadline(const struct rill_peer *x, const struct rill_peer_line *l);
/* The next whole frame of any line. */
bool rill_peer_receive_frame(struct rill_peer *x, struct rill_peer_event *out);

#endif
