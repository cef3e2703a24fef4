/* rtp/nack: which packets are missing and when to ask for them (RFC 4585 §6.2.1).
 *
 * The idea: a bounded list of gaps. Each is asked for after a short wait for reordering,
 * then once a round trip, a few times; what is too old or too much gives up and wants a
 * key frame instead. A picture is of use for so long only, so where much is lost, and the path is
 * long, there are several questions a round trip (nack_pace.c): a question or its answer may be
 * lost too, and there is no time to wait and see.
 */
#ifndef RILL_RTP_NACK_H
#define RILL_RTP_NACK_H

#include "base/arena.h"
#include "base/clock.h"

struct rill_rtp_nack_entry {
    int64_t seq; /* unwrapped */
    int64_t next;
    int64_t since;         /* when it was missed */
    int64_t asked, before; /* when the last round of questions began, and the one before it */
    bool begins;           /* the next question begins one */
    uint8_t tries;
};

/* What the gaps so far have taught. */
struct rill_rtp_nack_pace {
    int64_t seen;        /* packets, up to as many as loss is taken over */
    double loss;         /* share of the last hundred packets or so that had to be asked for */
    int64_t repair;      /* from asking to its coming, smoothed; 0: not known */
    int64_t repaired_at; /* when that was learnt last */
    int64_t overtaking;  /* how long a packet may come behind the one that overtook it */
};

struct rill_rtp_nack {
    struct rill_rtp_nack_entry *entries;
    size_t cap, n;
    bool started;
    int64_t lowest, highest; /* seen */
    uint32_t odd; /* a number far behind was seen: the one after it starts anew; else > 65535 */
    bool gave_up; /* since the last rill_rtp_nack_gave_up() */
    uint64_t requested;
    struct rill_rtp_nack_pace pace;
};

#define RILL_RTP_NACK_TRIES 10

void rill_rtp_nack_init(struct rill_rtp_nack *k, struct rill_arena *arena, size_t cap);
/* Numbers it jumped over are missing from now on. Far behind (more than cap, at least 1000) two
 * in a row start anew, as in RFC 3550 §A.1. */
void rill_rtp_nack_received(struct rill_rtp_nack *k, int64_t now, uint16_t seq);
/* Sequence numbers to ask for now, ascending; returns how many (≤ cap). rtt in µs, ≤ 0 while
 * unknown. First when it is no longer likely that a packet was only overtaken (at most 20 ms), then
 * each rtt + 10 ms, or up to three times in that where loss is frequent; 10 times at most. */
size_t rill_rtp_nack_due(struct rill_rtp_nack *k, int64_t now, int64_t rtt, uint16_t *out,
                         size_t cap);
/* Packets before seq no longer matter. */
void rill_rtp_nack_forget_before(struct rill_rtp_nack *k, uint16_t seq);
/* True once after an entry was given up or the list overflowed. */
bool rill_rtp_nack_gave_up(struct rill_rtp_nack *k);
int64_t rill_rtp_nack_deadline(const struct rill_rtp_nack *k);
/* How long a gap may stay open until all but one of some thousand are closed; 500 ms to 2 s. */
int64_t rill_rtp_nack_patience(const struct rill_rtp_nack *k, int64_t now, int64_t rtt);

/* nack_pace.c. One packet came, and `missed` before it did not; one that was missed was only
 * overtaken, and came so late; one that was asked for came so long after. */
void rill_rtp_nack_pace_init(struct rill_rtp_nack_pace *p);
void rill_rtp_nack_pace_came(struct rill_rtp_nack_pace *p, int64_t missed);
void rill_rtp_nack_pace_overtaken(struct rill_rtp_nack_pace *p, int64_t late);
void rill_rtp_nack_pace_repaired(struct rill_rtp_nack_pace *p, int64_t now, int64_t took);
/* From question number `tries` to the next, and whether that one begins a round. rtt: ≤ 0 while
 * unknown. */
int64_t rill_rtp_nack_pace_again(const struct rill_rtp_nack_pace *p, int64_t now, int64_t rtt,
                                 unsigned tries, bool *begins);
int64_t rill_rtp_nack_pace_patience(const struct rill_rtp_nack_pace *p, int64_t now, int64_t rtt);

#endif
