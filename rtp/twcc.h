/* rtp/twcc: transport-wide feedback, both ends (draft-holmer-rmcat-transport-wide-cc-extensions-01,
 * libwebrtc's transport-cc extension).
 *
 * The idea: every packet of a transport carries one number more, counted over all its streams.
 * The receiver writes down when each number came and says so every 50 ms; the sender keeps when
 * it sent each, and so learns of every packet how long its way was, or that it did not arrive.
 */
#ifndef RILL_RTP_TWCC_H
#define RILL_RTP_TWCC_H

#include "base/arena.h"
#include "base/clock.h"
#include "rtp/bwe.h"
#include "rtp/rtcp.h"

/* --- the sender ------------------------------------------------------------------------ */

struct rill_twcc_sent {
    int64_t seq; /* unwrapped; -1: none */
    int64_t at;
    uint32_t bytes, stream;
    uint8_t probe;
    bool told;  /* that it arrived */
    bool lost;  /* told as not received */
    bool again; /* it left once more under the same number */
};

struct rill_twcc_sender {
    struct rill_twcc_sent *sent; /* a ring by number */
    size_t cap;
    int64_t next;      /* the number of the next packet */
    int64_t reference; /* of the last feedback, unwrapped, 64 ms units */
    bool has_reference;
    uint8_t *symbols; /* one feedback, as it was read */
    int16_t *deltas;
};

/* cap: packets remembered, a power of two up to 32768; as many as are sent in the longest time to
 * a feedback. */
void rill_twcc_sender_init(struct rill_twcc_sender *s, struct rill_arena *arena, size_t cap);
/* The number of a packet that leaves now; bytes: of the datagram; probe: as of rill_bwe_sent(). */
uint16_t rill_twcc_sender_next(struct rill_twcc_sender *s, int64_t now, size_t bytes,
                               uint8_t probe);
/* It is of this stream, an SSRC. */
void rill_twcc_sender_is_of(struct rill_twcc_sender *s, uint16_t seq, uint32_t stream);
/* The packet with this number leaves once more, the same bytes: the other side has missed it. Its
 * arrival would be the copy's, long after the departure, so from now on it counts as lost. */
void rill_twcc_sender_again(struct rill_twcc_sender *s, uint16_t seq);
/* It was told that the packet with this number came. */
bool rill_twcc_sender_has_arrived(const struct rill_twcc_sender *s, uint16_t seq);
/* Reads a feedback: what it tells of packets that were sent and not told of before, in order of
 * number. Arrival times are the receiver's clock. Numbers that were never sent are passed over.
 * Returns how many (≤ cap of the sender, in out). Errors: those of rill_rtcp_parse_twcc. */
int rill_twcc_sender_feedback(struct rill_twcc_sender *s, struct rill_view fci,
                              struct rill_bwe_packet *out, size_t cap, struct rill_err *why);

/* --- the receiver ---------------------------------------------------------------------- */

#define RILL_TWCC_INTERVAL (50 * RILL_MS)

struct rill_twcc_receiver {
    int64_t *arrived; /* a ring by number, RILL_NEVER: not yet, or told already */
    size_t cap;
    bool started;
    int64_t lowest, highest; /* what is to be told lies in [lowest, highest] */
    int64_t due;             /* RILL_NEVER while there is nothing to tell */
    uint8_t count;           /* of feedbacks */
};

/* cap: packets between two feedbacks, a power of two up to 32768. */
void rill_twcc_receiver_init(struct rill_twcc_receiver *r, struct rill_arena *arena, size_t cap);
/* arrived: when it came, be it before other packets did that were given sooner. */
void rill_twcc_receiver_packet(struct rill_twcc_receiver *r, int64_t arrived, uint16_t seq);
/* When a feedback is due. */
int64_t rill_twcc_receiver_deadline(const struct rill_twcc_receiver *r);
/* One feedback packet with all that fits the writer; call again while the deadline has passed.
 * Nothing is written when nothing is to be told. media: any SSRC that came over the transport. */
void rill_twcc_receiver_write(struct rill_twcc_receiver *r, int64_t now, struct rill_writer *w,
                              uint32_t sender, uint32_t media);

#endif
