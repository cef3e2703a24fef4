#include "rtp/remb.h"

#include "rtp/abs_send_time.h"

#define EVERY RILL_SECOND
/* A fall by 3 % is told at once, but not more often than this. */
#define FALL_EVERY (200 * RILL_MS)
#define FALLEN(told) ((told) / 100 * 97)
/* Nothing came for so long: nothing is told. */
#define SILENT (2 * RILL_SECOND)
#define MAX_BPS UINT64_C(1000000000)

static const struct rill_bwe_limits limits = {.min_bps = 30000, .max_bps = MAX_BPS};

void rill_remb_init(struct rill_remb *r)
{
    *r = (struct rill_remb){.told_at = RILL_NEVER};
    rill_gcc_arrival_init(&r->arrival);
    rill_gcc_overuse_init(&r->overuse);
}

static int64_t left_at(struct rill_remb *r, uint32_t abs_send_time)
{
    r->left =
        r->started ? rill_abs_send_time_unwrap(r->left, abs_send_time) : (int64_t)abs_send_time;
    r->started = true;
    return rill_abs_send_time_us(r->left);
}

void rill_remb_packet(struct rill_remb *r, int64_t arrived, uint32_t abs_send_time, uint32_t bytes,
                      int64_t rtt)
{
    struct rill_bwe_packet p = {
        .sent = left_at(r, abs_send_time), .arrived = arrived, .bytes = bytes};
    double drift;
    int64_t interval;
    unsigned groups;
    r->newest = arrived;
    rill_rate_meter_add(&r->received, arrived, bytes);
    uint64_t bps = rill_rate_meter_bps(&r->received);
    /* It begins with what comes. */
    if (!r->known && bps > 0) {
        rill_gcc_rate_init(&r->rate, bps);
        r->known = true;
    }
    if (!rill_gcc_arrival_packet(&r->arrival, &p, &drift, &interval, &groups) || !r->known)
        return;
    enum rill_gcc_signal s = rill_gcc_overuse_judge(&r->overuse, arrived, drift, interval, groups);
    rill_gcc_rate_update(&r->rate, arrived, s, bps, rtt, &limits);
}

uint64_t rill_remb_bps(const struct rill_remb *r)
{
    return r->known ? rill_bwe_clamp(&limits, r->rate.bps) : 0;
}

int64_t rill_remb_due(const struct rill_remb *r)
{
    if (!r->known)
        return RILL_NEVER;
    if (r->told_at == RILL_NEVER)
        return r->newest;
    int64_t at = r->told_at + (rill_remb_bps(r) < FALLEN(r->told_bps) ? FALL_EVERY : EVERY);
    return at - r->newest > SILENT ? RILL_NEVER : at;
}

void rill_remb_told(struct rill_remb *r, int64_t now)
{
    r->told_bps = rill_remb_bps(r);
    r->told_at = now;
}
