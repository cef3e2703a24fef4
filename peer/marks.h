/* peer/marks: header extensions that say something of a frame. */
#ifndef RILL_PEER_MARKS_H
#define RILL_PEER_MARKS_H

#include "rtp/marks.h"
#include "rtp/packet.h"
#include "sdp/offer.h"

struct rill_peer;
struct rill_peer_line;
struct rill_peer_receiver;
struct rill_peer_sender;

#define RILL_PEER_MARKS_BYTES 16
#define RILL_PEER_TURNS 8 /* rotations that are remembered */

/* What header extensions tell of the frames of a sender. */
struct rill_peer_marks {
    bool captured; /* told at captured_at */
    int64_t captured_at;
    bool turned; /* a rotation was told once */
    uint16_t rotation;
    bool has_delay, delay_is_known; /* playout delay: wanted; the other side has heard */
    bool delay_told;                /* since it changed, with delay_seq for the first time */
    uint16_t delay_seq;
    struct rill_rtp_playout_delay delay;
};

/* A rotation that was told. */
struct rill_peer_turn {
    uint32_t rtp_time;
    uint16_t rotation;
};

/* Those of one of the frame's packets; at most RILL_SDP_MARKS, whose values lie in bytes. */
size_t rill_peer_marks_write(const struct rill_peer *x, const struct rill_peer_line *l,
                             const struct rill_peer_sender *s, const struct rill_frame *f,
                             bool first, bool last, struct rill_rtp_ext exts[RILL_SDP_MARKS],
                             uint8_t bytes[RILL_PEER_MARKS_BYTES]);
/* Those of a packet that goes again as RTX. */
size_t rill_peer_marks_copy(const struct rill_peer_line *l, struct rill_view packet,
                            struct rill_rtp_ext exts[RILL_SDP_MARKS]);
/* The frame's packets have been written, the first of them as seq. */
void rill_peer_marks_written(const struct rill_peer_line *l, struct rill_peer_sender *s,
                             const struct rill_frame *f, uint16_t seq);
/* The other side has everything up to seq. */
void rill_peer_marks_heard(struct rill_peer_sender *s, uint16_t seq);
void rill_peer_marks_read(const struct rill_peer_line *l, struct rill_peer_receiver *in,
                          const struct rill_rtp_packet *p);
/* How a frame that comes out is turned. */
uint16_t rill_peer_marks_rotation(const struct rill_peer_receiver *in, uint32_t rtp_time);

#endif
