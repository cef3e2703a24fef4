/* peer/lines: what both agreed: an m-line at work, with its receiving half. */
#ifndef RILL_PEER_LINES_H
#define RILL_PEER_LINES_H

#include "peer/choose.h"
#include "peer/received.h"
#include "rtp/rtcp_timer.h"

struct rill_peer_agreement;
struct rill_peer_sender;
struct rill_peer_track;

#define RILL_PEER_GONE_MAX (2 * RILL_PEER_ENCODINGS_MAX)

struct rill_peer_line {
    size_t transport;              /* while it is active */
    struct rill_sdp_agreed agreed; /* its views point into the descriptions */
    /* As agreed.received has them, or the only one. The first lies here, further ones come from
     * the pool. */
    struct rill_peer_receiver *ins[RILL_PEER_ENCODINGS_MAX];
    size_t n_ins;
    struct rill_peer_receiver in;
    struct rill_peer_choice choice;
    bool report_started;
    struct rill_rtcp_timer rtcp;
    bool rtcp_sent;
    bool bye_pending;
    uint32_t gone[RILL_PEER_GONE_MAX]; /* SSRCs of ours that are to be said goodbye of */
    size_t n_gone;
};

void rill_peer_lines_init(struct rill_peer *x, struct rill_arena *arena);
/* Takes over what was agreed. final: an m-line that is not in use gives its row back. */
void rill_peer_lines_agreed(struct rill_peer *x, int64_t now, const struct rill_peer_agreement *a,
                            bool final);
/* The row begins to be of another transceiver. */
void rill_peer_line_begin(struct rill_peer *x, size_t i);
/* Nothing is sent or received on the row any more. */
void rill_peer_line_halt(struct rill_peer *x, size_t i);
/* It says goodbye of an SSRC of ours. */
void rill_peer_line_goodbye(struct rill_peer_line *l, uint32_t ssrc);
/* The line of a local track, NULL when nothing is sent on it. */
struct rill_peer_line *rill_peer_line_of(struct rill_peer *x, const struct rill_peer_track *t);
/* The track sent on a line, NULL when there is none. */
struct rill_peer_track *rill_peer_track_on(struct rill_peer *x, const struct rill_peer_line *l);
/* The stream of ours with this SSRC and its track; NULL when there is none. */
struct rill_peer_sender *rill_peer_sender_by_ssrc(struct rill_peer *x, uint32_t ssrc,
                                                  struct rill_peer_track **track);
/* The stream that is received with this SSRC now, and its line; NULL when there is none. */
struct rill_peer_receiver *rill_peer_receiver_by_ssrc(struct rill_peer *x, uint32_t ssrc,
                                                      struct rill_peer_line **line);

#endif
