#include "rtp/rtcp_timer.h"

#define FIRST_AVERAGE                                                                              \
    128 /* bytes; RFC 3550 §6.3.2: "the probable size of the first RTCP packet"                   \
         */

static int64_t report_interval(const struct rill_rtcp_timer *t, const struct rill_rng *rng,
                               const struct rill_rtcp_load *load)
{
    return rill_rtcp_interval_us(rng, !t->reported, load->bandwidth_bps, t->average, load->members,
                                 load->senders, load->we_send);
}

static int64_t tick(const struct rill_rtcp_timer *t, const struct rill_rng *rng,
                    const struct rill_rtcp_load *load)
{
    return rill_rtcp_early_interval_us(rng, load->bandwidth_bps, t->average, load->members,
                                       load->senders, load->we_send);
}

void rill_rtcp_timer_start(struct rill_rtcp_timer *t, int64_t now, const struct rill_rng *rng,
                           const struct rill_rtcp_load *load)
{
    *t = (struct rill_rtcp_timer){
        .tp = now,
        .before = now,
        .average = FIRST_AVERAGE,
        .members = load->members,
        .trr_interval = t->trr_interval,
        .early = {.tp = now, .tn = now},
    };
    t->tn = now + report_interval(t, rng, load);
}

void rill_rtcp_timer_sized(struct rill_rtcp_timer *t, size_t bytes, size_t sources)
{
    /* RFC 3550 §6.3.3: "avg_rtcp_size = (1/16) * packet_size + (15/16) * avg_rtcp_size". */
    t->average = (bytes / sources + 15 * t->average) / 16;
}

void rill_rtcp_timer_left(struct rill_rtcp_timer *t, int64_t now, unsigned members)
{
    if (members >= t->members)
        return;
    /* §6.3.4: "tn = tc + (members/pmembers) * (tn - tc)", and tp likewise. */
    t->tn = now + (t->tn - now) * members / t->members;
    t->tp = now - (now - t->tp) * members / t->members;
    t->members = members;
}

/* RFC 4585 §3.5.3: "T_rr_current_interval = RND*T_rr_interval", RND between 0.5 and 1.5. */
static bool is_suppressed(const struct rill_rtcp_timer *t, const struct rill_rng *rng)
{
    if (!t->reported || t->trr_interval == 0)
        return false;
    uint64_t most = (uint64_t)t->trr_interval;
    uint64_t current = most / 2 + (most * rill_rng_u32(rng) >> 32);
    return t->full + (int64_t)current > t->tn;
}

static void move_on(struct rill_rtcp_timer *t, int64_t now, const struct rill_rng *rng,
                    const struct rill_rtcp_load *load)
{
    t->before = t->tp;
    t->tp = now;
    t->tn = now + report_interval(t, rng, load);
    t->members = load->members;
}

bool rill_rtcp_timer_report_due(struct rill_rtcp_timer *t, int64_t now, const struct rill_rng *rng,
                                const struct rill_rtcp_load *load)
{
    if (now < t->tn)
        return false;
    /* RFC 3550 §6.3.6: "If tp + T is less than or equal to tc, an RTCP packet is transmitted. …
     * If tp + T is greater than tc, tn is set to tp + T." */
    int64_t again = t->tp + report_interval(t, rng, load);
    t->members = load->members;
    if (again > now) {
        t->tn = again;
        return false;
    }
    if (!is_suppressed(t, rng))
        return true;
    move_on(t, now, rng, load);
    return false;
}

void rill_rtcp_timer_reported(struct rill_rtcp_timer *t, int64_t now, const struct rill_rng *rng,
                              const struct rill_rtcp_load *load)
{
    t->reported = true;
    t->full = now;
    move_on(t, now, rng, load);
    /* What waited went with it (RFC 4585 §3.5.3: "allow_early MUST be set to TRUE"). */
    t->early.waits = false;
    t->early.closed = false;
}

/* --- early -------------------------------------------------------------------------------- */

/* Ticks that have passed. Of a long silence the last two are made up: they are as likely here as
 * anywhere. */
static void catch_up(struct rill_rtcp_timer *t, int64_t now, const struct rill_rng *rng,
                     const struct rill_rtcp_load *load)
{
    if (now < t->early.tn)
        return;
    int64_t interval = tick(t, rng, load), since = now - t->early.tn;
    /* One that waited goes at the tick itself; one tick later nothing waits any more. */
    if (!t->early.closed || since > interval)
        t->early.waits = false;
    t->early.closed = false;
    t->early.tp = interval > 0 ? now - since % interval : now;
    t->early.tn = t->early.tp + interval;
}

bool rill_rtcp_timer_may_feed(struct rill_rtcp_timer *t, int64_t now, const struct rill_rng *rng,
                              const struct rill_rtcp_load *load)
{
    catch_up(t, now, rng, load);
    t->early.waits |= t->early.closed;
    return !t->early.closed;
}

void rill_rtcp_timer_fed(struct rill_rtcp_timer *t)
{
    /* RFC 4585 §3.5.3 2b): it went at its tick, as feedback "awaiting transmission". */
    if (t->early.waits) {
        t->early.waits = false;
        return;
    }
    /* §3.5.2 6.: "R then MUST set allow_early = FALSE, MUST recalculate tn = tp + 2*T_rr, and MUST
     * set tp to the previous tn." */
    int64_t previous = t->early.tn, interval = t->early.tn - t->early.tp;
    t->early.closed = true;
    t->early.tn = t->early.tp + 2 * interval;
    t->early.tp = previous;
}

int64_t rill_rtcp_timer_early_at(const struct rill_rtcp_timer *t)
{
    return t->early.closed ? t->early.tn : INT64_MIN;
}
