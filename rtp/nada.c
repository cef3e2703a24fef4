/* nada: the sender's half (RFC 8698 §4.3). */
#include "rtp/nada.h"

#define PRIO 1.0
#define XREF 10.0 /* ms */
#define KAPPA 0.5
#define ETA 2.0
#define TAU 500.0   /* ms */
#define DELTA 100.0 /* ms */
#define QBOUND 50.0 /* ms */
/* Deviation: (3) sums up what passes until the sender sees the queue it makes, and leaves the time
 * out that the encoder takes to follow, and its pictures to leave. */
#define FOLLOWS 200.0 /* ms */
#define GAMMA_MAX 0.5

void rill_nada_init(struct rill_nada *x, int64_t now, uint64_t start_bps,
                    const struct rill_bwe_limits *limits)
{
    /* Deviation: §4.3 begins at RMIN; where to begin is the caller's to say. */
    *x = (struct rill_nada){.limits = *limits, .r_ref = (double)start_bps, .updated = now};
    rill_nada_path_loss_init(&x->path, now);
}

/* Equations (3) and (4). */
static void ramp_up(struct rill_nada *x, double rtt_ms)
{
    double dfilt_ms = RILL_NADA_LEAST_OF * (double)RILL_NADA_SLICE / (double)RILL_MS;
    double gamma = QBOUND / (rtt_ms + DELTA + dfilt_ms + FOLLOWS);
    double received = (double)rill_rate_meter_bps(&x->received);
    double rate = (1 + (gamma < GAMMA_MAX ? gamma : GAMMA_MAX)) * received;
    if (rate > x->r_ref)
        x->r_ref = rate;
}

/* What r_ref bears, ms: where x_curr is that, it rests (5). */
static double x_at_rest(const struct rill_nada *x)
{
    return PRIO * XREF * (double)x->limits.max_bps / x->r_ref;
}

/* Equations (5) to (7). */
static void update_gradually(struct rill_nada *x, double x_curr, double delta_ms)
{
    double x_offset = x_curr - x_at_rest(x);
    double x_diff = x_curr - x->x_prev;
    double change = KAPPA * delta_ms / TAU * x_offset / TAU + KAPPA * ETA * x_diff / TAU;
    x->r_ref -= change * x->r_ref;
}

/* Is the rate held to learn whose the losses are? It is asked where by the letter they alone would
 * take the rate down, and where they were found to be the path's own, whether they still are. */
static bool asks_for_own(struct rill_nada *x, int64_t now)
{
    bool may_ask = !x->shared && (x->path.own > 0 || rill_nada_of_loss(x) > x_at_rest(x));
    return rill_nada_path_loss_update(&x->path, now, may_ask,
                                      (double)rill_rate_meter_bps(&x->received),
                                      (double)x->limits.min_bps, &x->r_ref);
}

void rill_nada_feedback(struct rill_nada *x, int64_t now, int64_t rtt,
                        const struct rill_bwe_packet *packets, size_t n)
{
    int64_t way = RILL_NEVER;
    for (size_t i = 0; i < n; i++) {
        rill_nada_packet(x, rtt, &packets[i]);
        if (packets[i].arrived != RILL_NEVER)
            way = rill_earlier(way, packets[i].arrived - packets[i].sent);
    }
    if (way != RILL_NEVER)
        x->shared = rill_shared_queue_heard(&x->queue, now, way);
    double delta = (double)(now - x->updated) / 1000.0;
    /* Feedback may come more often than NADA's own would. */
    if (x->started && delta < DELTA)
        return;
    bool held = asks_for_own(x, now);
    double x_curr = rill_nada_congestion(x);
    if (!held && rill_nada_may_ramp_up(x))
        ramp_up(x, (double)rtt / 1000.0);
    else if (!held)
        /* §4.3 says TAU bounds the loop's time; a longer silence is no reason for a larger step. */
        update_gradually(x, x_curr, delta < TAU ? delta : TAU);
    x->r_ref = (double)rill_bwe_clamp(&x->limits, x->r_ref);
    x->x_prev = x_curr;
    x->updated = now;
    x->started = true;
}

void rill_nada_probed(struct rill_nada *x, uint64_t bps)
{
    double found = (double)rill_bwe_clamp(&x->limits, (double)bps);
    bool held = x->path.step != RILL_NADA_PATH_WATCHES;
    if (!held && rill_nada_may_ramp_up(x) && found > x->r_ref)
        x->r_ref = found;
}

uint64_t rill_nada_target(const struct rill_nada *x)
{
    return rill_bwe_clamp(&x->limits, x->r_ref);
}
