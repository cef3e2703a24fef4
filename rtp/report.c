/* report: the figures of one stream that a receiver reports back (RFC 3550 §A.1, §A.3, §A.8).
 *
 * The idea: sequence numbers are extended by counting their wraps; what was expected less
 * what came is lost. Integers only. There is no probation (§A.1): whoever sent the packet has
 * been authenticated by SRTP. */
#include "rtp/report.h"

#include "base/seq.h"

#include <string.h>

#define SEQ_MOD 65536u
#define MAX_DROPOUT 3000
#define MAX_MISORDER 100
#define NO_SEQ (SEQ_MOD + 1)
/* A step of the timestamps this far from the clock is a new beginning, not jitter. */
#define DISCONTINUITY_S 5

void rill_rtp_source_init(struct rill_rtp_source *s, uint32_t ssrc, uint32_t clock_hz)
{
    memset(s, 0, sizeof *s);
    s->ssrc = ssrc;
    s->clock_hz = clock_hz;
}

static void begin_sequence(struct rill_rtp_source *s, uint16_t seq)
{
    s->base_seq = seq;
    s->max_seq = seq;
    s->bad_seq = NO_SEQ;
    s->cycles = 0;
    s->received = 0;
    s->expected_prior = 0;
    s->received_prior = 0;
}

/* RFC 3550 §A.1: false when the number does not belong to the sequence. */
static bool follow_sequence(struct rill_rtp_source *s, uint16_t seq)
{
    uint16_t ahead = (uint16_t)(seq - s->max_seq);
    if (ahead < MAX_DROPOUT) {
        if (seq < s->max_seq)
            s->cycles += SEQ_MOD;
        s->max_seq = seq;
        return true;
    }
    if (ahead > SEQ_MOD - MAX_MISORDER)
        return true; /* a duplicate or reordered */
    /* §A.1: "If the next packet received carries the next higher sequence number, it is
     * considered the valid start of a new packet sequence". */
    if (seq == s->bad_seq) {
        begin_sequence(s, seq);
        return true;
    }
    s->bad_seq = (uint16_t)(seq + 1);
    return false;
}

/* A time in units of the RTP clock, modulo 2^32. */
static uint32_t rtp_units(int64_t now, uint32_t clock_hz)
{
    int64_t seconds = now / RILL_SECOND;
    int64_t rest = now % RILL_SECOND;
    if (rest < 0) {
        rest += RILL_SECOND;
        seconds--;
    }
    uint64_t units = (uint64_t)seconds * clock_hz;
    return (uint32_t)(units + (uint64_t)rest * clock_hz / (uint64_t)RILL_SECOND);
}

static void update_jitter(struct rill_rtp_source *s, int64_t now, uint32_t timestamp, bool first)
{
    uint32_t transit = rtp_units(now, s->clock_hz) - timestamp;
    int32_t d = rill_seq32_diff(transit, s->transit);
    uint32_t size = d < 0 ? 0u - (uint32_t)d : (uint32_t)d;

    s->transit = transit;
    if (first || size / DISCONTINUITY_S >= s->clock_hz)
        return;
    /* §6.4.1: J(i) = J(i-1) + (|D(i-1,i)| - J(i-1))/16, kept 16 times larger (§A.8). */
    s->jitter16 += size - ((s->jitter16 + 8) >> 4);
}

void rill_rtp_source_packet(struct rill_rtp_source *s, int64_t now, uint16_t seq,
                            uint32_t timestamp, size_t bytes)
{
    bool first = !s->started;
    if (first) {
        begin_sequence(s, seq);
        s->started = true;
    } else if (!follow_sequence(s, seq)) {
        return;
    }
    s->received++;
    s->bytes += bytes;
    update_jitter(s, now, timestamp, first || s->anew);
    s->anew = false;
}

void rill_rtp_source_clock(struct rill_rtp_source *s, uint32_t clock_hz)
{
    /* The jitter is a time: RFC 7160 §4.3 keeps its value across the change. */
    if (s->clock_hz)
        s->jitter16 = (uint32_t)((uint64_t)s->jitter16 * clock_hz / s->clock_hz);
    s->clock_hz = clock_hz;
    s->anew = true;
}

void rill_rtp_source_sr(struct rill_rtp_source *s, int64_t now,
                        const struct rill_rtcp_sender_info *info)
{
    s->have_sr = true;
    /* §6.4.1: "The middle 32 bits out of 64 in the NTP timestamp". */
    s->lsr = info->ntp_sec << 16 | info->ntp_frac >> 16;
    s->sr_ntp_sec = info->ntp_sec;
    s->sr_ntp_frac = info->ntp_frac;
    s->sr_rtp_time = info->rtp_time;
    s->sr_arrival = now;
}

static uint64_t expected(const struct rill_rtp_source *s)
{
    return s->started ? (uint64_t)s->cycles + s->max_seq - s->base_seq + 1 : 0;
}

int64_t rill_rtp_source_lost(const struct rill_rtp_source *s)
{
    return (int64_t)(expected(s) - s->received);
}

int64_t rill_rtp_source_jitter_us(const struct rill_rtp_source *s)
{
    return s->clock_hz ? (int64_t)(s->jitter16 >> 4) * RILL_SECOND / s->clock_hz : 0;
}

static int32_t clamp24(int64_t lost)
{
    /* §A.3: "it should be clamped at 0x7fffff for positive loss or 0x800000 for negative
     * loss rather than wrapping around". */
    if (lost > 0x7fffff)
        return 0x7fffff;
    return lost < -0x800000 ? -0x800000 : (int32_t)lost;
}

static uint8_t fraction_lost(struct rill_rtp_source *s)
{
    uint64_t now_expected = expected(s);
    int64_t due = (int64_t)(now_expected - s->expected_prior);
    int64_t lost = due - (int64_t)(s->received - s->received_prior);

    s->expected_prior = now_expected;
    s->received_prior = s->received;
    /* §6.4.1: "If the loss is negative due to duplicates, the fraction lost is set to zero."
     * If all were lost it would be 256; no packet means no interval, so it cannot be. */
    if (due <= 0 || lost <= 0)
        return 0;
    return (uint8_t)(lost * 256 / due);
}

static uint32_t delay_since_sr(const struct rill_rtp_source *s, int64_t now)
{
    int64_t us = now > s->sr_arrival ? now - s->sr_arrival : 0;
    int64_t seconds = us / RILL_SECOND;
    if (seconds > 0xffff)
        return UINT32_MAX;
    return (uint32_t)(seconds << 16 | (us % RILL_SECOND) * 65536 / RILL_SECOND);
}

bool rill_rtp_source_was_heard(const struct rill_rtp_source *s)
{
    return s->received != s->received_prior;
}

void rill_rtp_source_report(struct rill_rtp_source *s, int64_t now,
                            struct rill_rtcp_report_block *out)
{
    *out = (struct rill_rtcp_report_block){
        .ssrc = s->ssrc,
        .fraction_lost = fraction_lost(s),
        .cumulative_lost = clamp24(rill_rtp_source_lost(s)),
        .highest_seq = s->cycles + s->max_seq,
        .jitter = s->jitter16 >> 4,
        .lsr = s->lsr,
        .dlsr = s->have_sr ? delay_since_sr(s, now) : 0,
    };
}

int64_t rill_rtp_rtt_us(uint64_t ntp, uint32_t lsr, uint32_t dlsr)
{
    if (lsr == 0)
        return -1;
    /* §6.4.1: "the round-trip propagation delay as (A - LSR - DLSR)". */
    int32_t rtt = (int32_t)((uint32_t)(ntp >> 16) - lsr - dlsr);
    return rtt < 0 ? 0 : (int64_t)rtt * RILL_SECOND / 65536;
}
