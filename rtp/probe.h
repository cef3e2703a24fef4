/* rtp/probe: what the path carries beyond what is sent on it, asked by short bursts at a known
 * rate.
 *
 * The idea: a controller learns from what is sent, so where little is sent it learns little. A
 * cluster is some packets at a rate above the target, for 15 ms; how they arrive says whether the
 * path carries that rate, and if not, what it does carry. A burst is too short to build a queue
 * that anyone would hear. What there is to send goes in it, and padding for the rest.
 *
 *   probe_ask       a cluster at this rate waits
 *   probe_due       when its next packet is to leave
 *   probe_sent      a packet leaves because of that: the cluster that it belongs to
 *   probe_feedback  what became of packets: the rate that was found
 */
#ifndef RILL_RTP_PROBE_H
#define RILL_RTP_PROBE_H

#include "rtp/bwe_packet.h"

#define RILL_PROBE_CLUSTERS 4
#define RILL_PROBE_TIME (15 * RILL_MS)
#define RILL_PROBE_PACKETS 5

struct rill_probe_cluster {
    uint8_t id;    /* 0: free */
    bool complete; /* all its packets have left */
    uint64_t bps;
    int64_t began, ended; /* departures; began RILL_NEVER: none has left yet */
    uint64_t bytes;
    uint32_t packets;
    /* What is known of them. */
    uint32_t told, arrived;
    uint64_t arrived_bytes;
    int64_t first_sent, last_sent, first_arrived, last_arrived;
    uint32_t last_sent_bytes, first_arrived_bytes;
};

struct rill_probe {
    struct rill_probe_cluster clusters[RILL_PROBE_CLUSTERS]; /* the oldest first */
    size_t n;
    uint8_t last_id;
};

struct rill_probe_found {
    uint64_t bps;   /* what the path carries, as far as the cluster asked */
    uint64_t asked; /* the cluster's rate */
    bool all;       /* it carries what was asked, and perhaps more */
};

/* False when as many wait as there may be. */
bool rill_probe_ask(struct rill_probe *p, uint64_t bps);
/* RILL_NEVER: no cluster is to be sent; else the time may have passed. */
int64_t rill_probe_due(const struct rill_probe *p, int64_t now);
/* A cluster has begun to leave: whatever leaves now is a part of it, since it takes its time on the
 * path too. */
bool rill_probe_is_leaving(const struct rill_probe *p);
/* The id for rill_bwe_packet; 0 while no cluster is sent. */
uint8_t rill_probe_sent(struct rill_probe *p, int64_t now, size_t bytes);
/* True when a cluster is known to its end, and says something. One whose feedback does not come is
 * forgotten after a second. */
bool rill_probe_feedback(struct rill_probe *p, int64_t now, const struct rill_bwe_packet *packets,
                         size_t n, struct rill_probe_found *out);

#endif
