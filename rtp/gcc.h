/* rtp/gcc: Google's congestion control, both halves at the sender
 * (draft-ietf-rmcat-gcc-02; Carlucci et al., "Analysis and Design of the Google Congestion
 * Control for Web Real-time Communication", 2016).
 *
 * The idea: a queue that grows shows before it overflows: each group of packets then arrives a
 * little later, after its departure, than the one before. That drift is measured over 20 groups,
 * a detector calls it over-use when it stays above a threshold that adapts, and the rate falls
 * below what really arrives; with no sign of a queue it rises again. Loss has a rate of its own,
 * and the smaller of both is the target.
 *
 *   packets → gcc_arrival.c → gcc_overuse.c → gcc_rate.c ─┐
 *          shared_queue.c ────^                             ├→ gcc_drain.c → target
 *   losses  → gcc_loss.c ─────────────────────────────────┘
 */
#ifndef RILL_RTP_GCC_H
#define RILL_RTP_GCC_H

#include "rtp/bwe_packet.h"
#include "rtp/rate_meter.h"
#include "rtp/shared_queue.h"

/* --- §5.1 to §5.3: groups of packets, and the drift of their delay ---------------------- */

struct rill_gcc_group {
    bool used;
    int64_t first_sent, last_sent;       /* departures */
    int64_t first_arrived, last_arrived; /* arrivals */
};

#define RILL_GCC_TREND 20  /* groups that the drift is taken from */
#define RILL_GCC_GROUPS 60 /* counted so far, at most */

struct rill_gcc_point {
    double at, delay; /* ms */
};

struct rill_gcc_arrival {
    struct rill_gcc_group current, before;
    double delay, smoothed; /* since the first group, ms */
    int64_t began;
    struct rill_gcc_point points[RILL_GCC_TREND];
    unsigned n_groups, next_point;
};

/* --- §5.4 -------------------------------------------------------------------------------- */

enum rill_gcc_signal {
    RILL_GCC_NORMAL,
    RILL_GCC_OVERUSE,
    RILL_GCC_UNDERUSE,
};

struct rill_gcc_overuse {
    double threshold; /* del_var_th, ms */
    double over_ms;   /* how long the drift has been above it */
    unsigned over_groups;
    double before; /* the drift of the group before */
    int64_t updated;
    enum rill_gcc_signal signal;
    bool shared; /* by flows that fill the queue: the threshold does not come down */
};

/* --- §5.5 -------------------------------------------------------------------------------- */

enum rill_gcc_state {
    RILL_GCC_INCREASE,
    RILL_GCC_DECREASE,
    RILL_GCC_HOLD,
};

struct rill_gcc_rate {
    enum rill_gcc_state state;
    double bps; /* A_hat */
    bool has_average;
    double average, variance; /* of what arrived when the rate had to fall, kbit/s */
    int64_t updated, fell;    /* fell: when it last decreased */
    bool bounded;             /* it has, or a burst has shown what the path carries */
    bool started;
};

/* --- a queue that stands ------------------------------------------------------------------ */

struct rill_gcc_drain {
    bool drains;
    double share; /* of the rate that is sent meanwhile */
    int64_t since, barred_until;
};

/* --- §6 ----------------------------------------------------------------------------------- */

struct rill_gcc_losses {
    double lost, seen, runs; /* packets; runs: of packets lost one after another */
};

struct rill_gcc_loss {
    double bps;                          /* As_hat */
    double reported;                     /* the last ratio of a receiver report */
    double inherent;                     /* the ratio that the path loses whatever is sent */
    struct rill_gcc_losses window, past; /* past: some seconds of windows, the older the less */
    bool losing;
    bool shared; /* the queue, with flows that fill it */
    int64_t since;
    /* A step down was made to learn whose the loss is: below `between` it is ours. */
    bool asking;
    struct rill_gcc_losses before;
    double between;
    int64_t asked, was_ours;
};

/* --- all of it ---------------------------------------------------------------------------- */

struct rill_gcc {
    struct rill_bwe_limits limits;
    struct rill_gcc_arrival arrival;
    struct rill_gcc_overuse overuse;
    struct rill_shared_queue queue;
    struct rill_gcc_rate rate;
    struct rill_gcc_drain drain;
    struct rill_rate_meter received; /* R_hat, by the receiver's clock */
    struct rill_gcc_loss loss;
    int64_t waited; /* the least of the last feedback's packets, in a queue */
};

/* gcc_arrival.c. True when a group is complete: *drift is what the delay grows by in ms a ms,
 * *interval the time between the two groups' arrivals in µs, *n the groups measured so far, up to
 * 60. */
bool rill_gcc_arrival_packet(struct rill_gcc_arrival *a, const struct rill_bwe_packet *p,
                             double *drift, int64_t *interval, unsigned *n);
void rill_gcc_arrival_init(struct rill_gcc_arrival *a);

/* gcc_overuse.c. A group's drift, judged. */
void rill_gcc_overuse_init(struct rill_gcc_overuse *o);
enum rill_gcc_signal rill_gcc_overuse_judge(struct rill_gcc_overuse *o, int64_t arrived,
                                            double drift, int64_t interval, unsigned n);

/* gcc_rate.c. received_bps: R_hat, 0 while unknown. */
void rill_gcc_rate_init(struct rill_gcc_rate *r, uint64_t start_bps);
void rill_gcc_rate_update(struct rill_gcc_rate *r, int64_t now, enum rill_gcc_signal signal,
                          uint64_t received_bps, int64_t rtt, const struct rill_bwe_limits *l);

/* gcc_drain.c. Once a feedback, behind the rate, which fell last at `fell` (0: never). waited: the
 * least that a packet of this feedback has. shared: the queue, with flows that fill it. */
void rill_gcc_drain_init(struct rill_gcc_drain *d);
void rill_gcc_drain_update(struct rill_gcc_drain *d, int64_t now, int64_t fell, int64_t waited,
                           bool shared);

/* gcc_loss.c. One packet's fate; then, once a feedback, the rate by it. delay_bps: what the
 * delay allows. ratio: of a receiver report, where there is no feedback. */
void rill_gcc_loss_init(struct rill_gcc_loss *l, int64_t now, uint64_t start_bps);
void rill_gcc_loss_packet(struct rill_gcc_loss *l, const struct rill_bwe_packet *p);
void rill_gcc_loss_update(struct rill_gcc_loss *l, int64_t now, double delay_bps,
                          const struct rill_bwe_limits *limits);
void rill_gcc_loss_report(struct rill_gcc_loss *l, double ratio,
                          const struct rill_bwe_limits *limits);
/* The receiver says what the path carries. */
void rill_gcc_loss_remb(struct rill_gcc_loss *l, double bps, const struct rill_bwe_limits *limits);

/* gcc.c: the verbs of bwe.h. */
void rill_gcc_init(struct rill_gcc *g, int64_t now, uint64_t start_bps,
                   const struct rill_bwe_limits *limits);
void rill_gcc_feedback(struct rill_gcc *g, int64_t now, int64_t rtt,
                       const struct rill_bwe_packet *packets, size_t n);
/* The loss that a receiver report tells; nothing once there is transport-wide feedback. */
void rill_gcc_report(struct rill_gcc *g, double ratio);
/* The receiver's estimate of the delay's half, which it computes in our place. */
void rill_gcc_remb(struct rill_gcc *g, uint64_t bps);
/* A burst has shown that the path carries this, and all or not all that was asked: it counts when
 * it is more, and nothing says that a queue grows. */
void rill_gcc_probed(struct rill_gcc *g, uint64_t bps, bool all);
/* Nothing waited on the path of late. */
bool rill_gcc_is_quiet(const struct rill_gcc *g);
uint64_t rill_gcc_target(const struct rill_gcc *g);

#endif
