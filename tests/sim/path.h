/* sim/path: a testbed of RFC 8867 §3: calls and downloads that share a narrow path, in virtual
 * time.
 *
 * The idea: each call has a network of its own whose forward and backward links lead through one
 * bottleneck each, the same for all. Time goes from event to event over all of them, so what comes
 * to a bottleneck comes in order.
 *
 *   struct rill_sim_path *p = rill_sim_path_new(&scenario);
 *   rill_sim_path_run(p);
 *   rill_sim_figures_read(p, &figures);       figures.h
 *   rill_sim_path_free(p);
 */
#ifndef RILL_SIM_PATH_H
#define RILL_SIM_PATH_H

#include "tests/sim/cross.h"
#include "tests/sim/stream.h"

#define RILL_SIM_PATH_CALLS 5
#define RILL_SIM_PATH_CROSS 10
#define RILL_SIM_PATH_STEPS 8

/* One call. Times of 0: from the beginning, to the end, never. */
struct rill_sim_path_flow {
    int64_t begin, end;
    int64_t pause, resume;
    int64_t delay; /* one way; 0: the scenario's */
};

struct rill_sim_scenario {
    const char *name;
    uint64_t seed;
    int64_t duration;
    enum rill_peer_congestion_control controller;
    uint64_t min_bps, start_bps, max_bps; /* of the target */
    /* Forward and backward: capacity over time, empty: none is short. */
    struct rill_sim_capacity capacity[2][RILL_SIM_PATH_STEPS];
    size_t n_capacity[2];
    int64_t queue; /* time that a full queue takes to empty */
    int64_t delay; /* one way */
    int64_t deviation;
    /* Of both directions, per 10,000: by itself; and in bursts, as in struct rill_sim_link. */
    uint32_t loss, to_bad, to_good, loss_bad;
    uint32_t reorder; /* so many are overtaken, and come so much later */
    int64_t delay_more;
    bool both_ways; /* the answerer sends as well */
    struct rill_sim_path_flow flows[RILL_SIM_PATH_CALLS];
    size_t n_flows;
    struct rill_sim_cross_options cross[RILL_SIM_PATH_CROSS]; /* forward */
    size_t n_cross;
};

struct rill_sim_path {
    struct rill_sim_scenario scenario;
    struct rill_sim_bottleneck bottlenecks[2];
    struct rill_sim_call *calls[RILL_SIM_PATH_CALLS];
    bool started[RILL_SIM_PATH_CALLS];
    struct rill_sim_stream streams[2 * RILL_SIM_PATH_CALLS]; /* forward, then backward ones */
    size_t n_streams;
    struct rill_sim_cross cross[RILL_SIM_PATH_CROSS];
    uint64_t *cross_bins; /* bytes of all downloads in each 100 ms */
    size_t n_bins;
    int64_t now;
    bool failed;
};

/* RFC 8867 §4.2 and §4.3: 1 Mbit/s, 50 ms, jitter up to 30 ms, 300 ms of queue, 150 to 1500 kbit/s,
 * one call. */
struct rill_sim_scenario rill_sim_scenario_defaults(void);

struct rill_sim_path *rill_sim_path_new(const struct rill_sim_scenario *s);
/* False when a call's loop gave up. */
bool rill_sim_path_run(struct rill_sim_path *p);
void rill_sim_path_free(struct rill_sim_path *p);

#endif
