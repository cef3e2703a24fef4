/* rtp/nada: Network-Assisted Dynamic Adaptation, all of it at the sender (RFC 8698; §6.4 allows
 * the receiver's half to be computed from per-packet feedback).
 *
 * The idea: delay above its least, and loss as if it were delay, are one number, x; the rate goes
 * where x is what a flow of its size should bear. Without any queue or loss it ramps up by what
 * really arrives.
 */
#ifndef RILL_RTP_NADA_H
#define RILL_RTP_NADA_H

#include "rtp/bwe_packet.h"
#include "rtp/nada_path_loss.h"
#include "rtp/rate_meter.h"
#include "rtp/shared_queue.h"

#define RILL_NADA_INTERVALS 9 /* of loss: the current one and 8 before it (RFC 5348 §5.4) */
#define RILL_NADA_SAMPLES 64  /* of the minimum filter (§5.1.1) */
#define RILL_NADA_SLICES 10   /* LOGWIN in slices of 50 ms */
#define RILL_NADA_SLICE (50 * RILL_MS)
#define RILL_NADA_LEAST_OF 4 /* slices in which a queue that stands is seen */

struct rill_nada_slice {
    uint32_t lost, seen;
    uint32_t bare, bare_packets; /* of lost, those that met no queue; each packet of them */
    int64_t least_queued;        /* µs; RILL_NEVER: nothing came */
};

struct rill_nada_sample {
    int64_t sent, queued; /* µs */
};

struct rill_nada {
    struct rill_bwe_limits limits;
    double r_ref;  /* bps */
    double x_prev; /* ms */
    bool started;
    int64_t updated;
    /* §4.2, §5.1: delay */
    bool has_base;
    int64_t d_base;                /* µs, receiver's clock minus ours */
    int64_t next_base, base_since; /* the least since then takes its place in time */
    struct rill_nada_sample filter[RILL_NADA_SAMPLES];
    unsigned n_filter;
    int64_t d_queue; /* µs, filtered */
    /* loss */
    struct rill_nada_slice slices[RILL_NADA_SLICES];
    int64_t slice; /* the current one, since the clock began */
    double p_loss;
    double p_bare; /* lost though there was no queue, each packet */
    struct rill_nada_path_loss path;
    uint64_t intervals[RILL_NADA_INTERVALS]; /* [0] the current one, in packets */
    uint64_t forgotten;                      /* what the last loss has pushed out of them */
    unsigned n_intervals;                    /* before the current one */
    uint64_t losing_for;                     /* packets since losses count (§4.2) */
    int64_t loss_event; /* when the last one began; losses soon after join it */
    struct rill_shared_queue queue;
    bool shared; /* by flows that fill it */
    struct rill_rate_meter received;
};

void rill_nada_init(struct rill_nada *x, int64_t now, uint64_t start_bps,
                    const struct rill_bwe_limits *limits);
void rill_nada_feedback(struct rill_nada *x, int64_t now, int64_t rtt,
                        const struct rill_bwe_packet *packets, size_t n);
/* A burst has shown that the path carries this: it counts when it is more, and there is neither
 * queue nor loss (§4.3: then the rate may ramp up). */
void rill_nada_probed(struct rill_nada *x, uint64_t bps);
uint64_t rill_nada_target(const struct rill_nada *x);

/* nada_signal.c: what the receiver of §4.2 would compute. */
void rill_nada_packet(struct rill_nada *x, int64_t rtt, const struct rill_bwe_packet *p);
/* x_curr, ms; of it, what is lost. */
double rill_nada_congestion(struct rill_nada *x);
double rill_nada_of_loss(const struct rill_nada *x);
/* Within LOGWIN no queue, and no loss but the path's own: the sender may ramp up. */
bool rill_nada_may_ramp_up(const struct rill_nada *x);

/* nada_loss.c. A packet's fate, counted; p_inst (§5.1.2); how far the delay is warped, 0 to 1
 * (§4.2); the slice of LOGWIN in which a packet left. */
void rill_nada_count(struct rill_nada *x, int64_t rtt, const struct rill_bwe_packet *p);
double rill_nada_ratio_lost(const struct rill_nada *x);
double rill_nada_ratio_bare(const struct rill_nada *x);
/* The part of what was lost without a queue that is not the path's own, 0 to 1. */
double rill_nada_share_excess(const struct rill_nada *x);
double rill_nada_share_warped(const struct rill_nada *x);
struct rill_nada_slice *rill_nada_slice_at(struct rill_nada *x, int64_t at);

#endif
