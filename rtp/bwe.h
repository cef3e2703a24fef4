/* rtp/bwe: bandwidth estimation: how much may be sent (draft-ietf-rmcat-gcc-02, RFC 8698).
 *
 * The idea: a controller is told what was sent and what became of it, and says one number, the
 * target rate; what sends and what encodes follow it. Two controllers stand behind the same
 * verbs: GCC, which browsers use, and NADA.
 *
 *   bwe_sent       a packet leaves
 *   bwe_feedback   transport-wide feedback: each packet's departure and arrival
 *   bwe_report     a receiver report's loss, from peers without transport-wide feedback
 *   bwe_remb       the receiver's own estimate
 *   bwe_target     bits a second, of datagrams
 *   bwe_probe_due  more than the target is to be sent for a moment, to learn what the path carries
 */
#ifndef RILL_RTP_BWE_H
#define RILL_RTP_BWE_H

#include "base/clock.h"
#include "rtp/bwe_seek.h"
#include "rtp/gcc.h"
#include "rtp/nada.h"

enum rill_bwe_algorithm {
    RILL_BWE_GCC,
    RILL_BWE_NADA,
};

struct rill_bwe_config {
    enum rill_bwe_algorithm algorithm;
    uint64_t min_bps, start_bps, max_bps; /* [30,000; 300,000; 10,000,000] */
    uint64_t most_bps; /* what the app could use: probes ask for no more [max_bps] */
};

struct rill_bwe {
    enum rill_bwe_algorithm algorithm;
    struct rill_bwe_limits limits;
    union {
        struct rill_gcc gcc;
        struct rill_nada nada;
    } as;
    struct rill_bwe_seek seek;
    uint64_t remb_bps; /* 0: none was told */
    int64_t remb_at;
};

void rill_bwe_init(struct rill_bwe *x, int64_t now, const struct rill_bwe_config *config);
/* What the app could use has changed; 0: as much as there may be. */
void rill_bwe_set_most(struct rill_bwe *x, uint64_t most_bps);
/* A packet with a number leaves, whose feedback will come; probes: it leaves now because
 * rill_bwe_probe_due() says so. Returns what rill_bwe_packet calls probe. */
uint8_t rill_bwe_sent(struct rill_bwe *x, int64_t now, size_t bytes, bool probes);
/* When a packet is to leave beyond what the target allows, be it padding: now or earlier;
 * RILL_NEVER: none. */
int64_t rill_bwe_probe_due(const struct rill_bwe *x, int64_t now);
/* packets: in order of departure. rtt: µs, 0 while unknown. */
void rill_bwe_feedback(struct rill_bwe *x, int64_t now, int64_t rtt,
                       const struct rill_bwe_packet *packets, size_t n);
/* fraction: lost of the last interval, /256 (RFC 3550 §6.4.1). */
void rill_bwe_report(struct rill_bwe *x, uint8_t fraction);
/* An estimate is an upper limit until the next one, but not longer than 10 s. alone: there is no
 * feedback on each packet, so as long as hardly anything is lost the target is what it says. */
void rill_bwe_remb(struct rill_bwe *x, int64_t now, uint64_t bps, bool alone);
uint64_t rill_bwe_target(const struct rill_bwe *x, int64_t now);
/* Why it is what it is, in words. */
const char *rill_bwe_reason(const struct rill_bwe *x, int64_t now);

#endif
