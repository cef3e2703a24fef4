/* rtp/rtcp_timer: when one m-line between two parties sends RTCP: its regular reports (RFC 3550
 * §6.3) and its early feedback (RFC 4585 §3.5).
 *
 * The idea: two clocks side by side. The reports' clock has the minimum of RFC 3550 §6.2, is
 * randomised, and is asked again when it runs out (reconsideration). The feedback's clock ticks as
 * fast as the bandwidth allows, with no minimum: one packet may go before its tick, and then none
 * until the tick after the next. It is wound up only when somebody asks, so an idle call costs no
 * wake-up.
 */
#ifndef RILL_RTP_RTCP_TIMER_H
#define RILL_RTP_RTCP_TIMER_H

#include "rtp/report.h"

struct rill_rtcp_load {
    uint64_t bandwidth_bps;    /* of the session's media; RTCP gets 5 % of it */
    unsigned members, senders; /* SSRCs; the senders are members, too */
    bool we_send;
};

struct rill_rtcp_timer {
    int64_t tp, tn;       /* RFC 3550 §6.3: the last report, and the next before reconsideration */
    int64_t before;       /* the report before the last */
    bool reported;        /* one has been sent */
    size_t average;       /* avg_rtcp_size, bytes, IP and UDP headers included */
    unsigned members;     /* pmembers */
    int64_t trr_interval; /* RFC 4585 §3.4 m), µs; 0: none. Set by the owner. */
    int64_t full;         /* t_rr_last */
    struct {
        bool closed;    /* allow_early is FALSE */
        bool waits;     /* for the tick */
        int64_t tp, tn; /* the ticks around now, or those that an early packet has moved */
    } early;
};

/* What was in it is forgotten but trr_interval. */
void rill_rtcp_timer_start(struct rill_rtcp_timer *t, int64_t now, const struct rill_rng *rng,
                           const struct rill_rtcp_load *load);
/* A compound of so many bytes, IP and UDP headers included, has gone or come (RFC 3550 §6.3.3);
 * sources: of how many SSRCs it told (RFC 8108 §5.3.1), at least 1. */
void rill_rtcp_timer_sized(struct rill_rtcp_timer *t, size_t bytes, size_t sources);
/* RFC 3550 §6.3.4: there are fewer members than there were. */
void rill_rtcp_timer_left(struct rill_rtcp_timer *t, int64_t now, unsigned members);

/* Is a report to go now? When not, the next time to ask is t->tn. */
bool rill_rtcp_timer_report_due(struct rill_rtcp_timer *t, int64_t now, const struct rill_rng *rng,
                                const struct rill_rtcp_load *load);
/* A report has gone. */
void rill_rtcp_timer_reported(struct rill_rtcp_timer *t, int64_t now, const struct rill_rng *rng,
                              const struct rill_rtcp_load *load);

/* There is something to say at once: may it go? When not, it waits until
 * rill_rtcp_timer_early_at(). */
bool rill_rtcp_timer_may_feed(struct rill_rtcp_timer *t, int64_t now, const struct rill_rng *rng,
                              const struct rill_rtcp_load *load);
/* It has gone, not with a report. */
void rill_rtcp_timer_fed(struct rill_rtcp_timer *t);
/* From when on feedback may go; INT64_MIN: now. */
int64_t rill_rtcp_timer_early_at(const struct rill_rtcp_timer *t);

#endif
