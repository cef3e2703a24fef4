/* peer/redundancy: sound that is sent twice (RFC 2198). */
#ifndef RILL_PEER_REDUNDANCY_H
#define RILL_PEER_REDUNDANCY_H

#include "rtp/red.h"

struct rill_bwe_packet;
struct rill_frame;
struct rill_peer;
struct rill_peer_line;
struct rill_peer_receiver;
struct rill_peer_sender;
struct rill_rtp_packet;

/* What was sent last of sound, to be sent once more (RFC 2198). */
#define RILL_PEER_KEPT 2
struct rill_peer_redundancy {
    struct rill_peer_kept {
        uint32_t rtp_time;
        uint16_t size;
        uint8_t bytes[RILL_RED_LENGTH_MAX];
    } kept[RILL_PEER_KEPT]; /* the newest first */
    size_t n;
    bool by_loss; /* so much is lost that it is worth it */
};

void rill_peer_redundancy_report(struct rill_peer_sender *s, int64_t now, uint8_t fraction_lost);
/* What a transport-wide feedback tells of n packets. */
void rill_peer_redundancy_feedback(struct rill_peer *x, int64_t now,
                                   const struct rill_bwe_packet *told, size_t n);
/* Is the frame, of at most so many bytes with what goes with it, to be sent with those before it?
 * With a writer the payload is written if so, and the frame is kept for the next in any case. */
bool rill_peer_redundancy_write(const struct rill_peer *x, const struct rill_peer_line *l,
                                struct rill_peer_sender *s, const struct rill_frame *f, size_t room,
                                struct rill_writer *w);
/* Takes the packets before this one where they are missing; *primary is the packet without them. */
int rill_peer_redundancy_take(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                              struct rill_peer_receiver *in, const struct rill_rtp_packet *p,
                              struct rill_rtp_packet *primary);

#endif
