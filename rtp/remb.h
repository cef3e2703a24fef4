/* rtp/remb: the receiver's own estimate of what the path carries, for senders that no
 * transport-wide feedback tells of each packet (draft-ietf-rmcat-gcc-02 §5,
 * draft-alvestrand-rmcat-remb-03).
 *
 * The idea: GCC's delay-based half at the other end: packets say when they left (abs-send-time),
 * and the same filter, detector and rate controller work here. What they come to is told once a
 * second, and at once when it has fallen. */
#ifndef RILL_RTP_REMB_H
#define RILL_RTP_REMB_H

#include "rtp/gcc.h"

struct rill_remb {
    struct rill_gcc_arrival arrival;
    struct rill_gcc_overuse overuse;
    struct rill_gcc_rate rate;
    struct rill_rate_meter received;
    bool started, known; /* known: there is an estimate */
    int64_t left;        /* of the newest packet, 2^-18 s */
    uint64_t told_bps;
    int64_t told_at; /* RILL_NEVER: not yet */
    int64_t newest;  /* when a packet came last */
};

void rill_remb_init(struct rill_remb *r);
/* One packet: when it came, its abs-send-time, its datagram. rtt: µs, 0 while unknown. */
void rill_remb_packet(struct rill_remb *r, int64_t arrived, uint32_t abs_send_time, uint32_t bytes,
                      int64_t rtt);
/* 0 while there is none. */
uint64_t rill_remb_bps(const struct rill_remb *r);
/* When it is to be told; RILL_NEVER: there is nothing to tell. */
int64_t rill_remb_due(const struct rill_remb *r);
void rill_remb_told(struct rill_remb *r, int64_t now);

#endif
