/* rtp/report: what a receiver reports of a stream, and when (RFC 3550 §6.2–§6.4, §A.1, §A.3,
 * §A.8). */
#ifndef RILL_RTP_REPORT_H
#define RILL_RTP_REPORT_H

#include "base/clock.h"
#include "base/rng.h"
#include "rtp/rtcp.h"

/* One remote SSRC. Zero it, then init with the clock. */
struct rill_rtp_source {
    uint32_t ssrc;
    uint32_t clock_hz;
    bool started;
    uint16_t base_seq, max_seq;
    uint32_t cycles; /* of 65536, shifted */
    uint32_t bad_seq;
    uint64_t received, bytes;
    uint64_t expected_prior, received_prior;
    uint32_t transit;
    bool anew;         /* the next packet's transit is the first by this clock */
    uint32_t jitter16; /* jitter × 16, RFC 3550 §A.8 */
    bool have_sr;
    uint32_t lsr; /* middle 32 bits of the last SR's NTP time */
    uint32_t sr_ntp_sec, sr_ntp_frac, sr_rtp_time;
    int64_t sr_arrival;
};

void rill_rtp_source_init(struct rill_rtp_source *s, uint32_t ssrc, uint32_t clock_hz);
/* Counts one packet that has passed SRTP. bytes: payload. */
void rill_rtp_source_packet(struct rill_rtp_source *s, int64_t now, uint16_t seq,
                            uint32_t timestamp, size_t bytes);
/* RFC 7160 §4.3: the stream goes on by another clock; what was counted stays. */
void rill_rtp_source_clock(struct rill_rtp_source *s, uint32_t clock_hz);
void rill_rtp_source_sr(struct rill_rtp_source *s, int64_t now,
                        const struct rill_rtcp_sender_info *info);
/* Something has come since the last report: RFC 3550 §6.4.2 has no block of any other. */
bool rill_rtp_source_was_heard(const struct rill_rtp_source *s);
/* Fills a report block and begins the next interval. Of a source without packets: zeros. */
void rill_rtp_source_report(struct rill_rtp_source *s, int64_t now,
                            struct rill_rtcp_report_block *out);
int64_t rill_rtp_source_lost(const struct rill_rtp_source *s);
int64_t rill_rtp_source_jitter_us(const struct rill_rtp_source *s);

/* RFC 3550 §6.4.1: RTT = now − LSR − DLSR, in µs; -1 when lsr is 0, 0 when
 * the clocks' grain makes it negative. ntp: now's NTP time. */
int64_t rill_rtp_rtt_us(uint64_t ntp, uint32_t lsr, uint32_t dlsr);

/* How long until the next regular report, before reconsideration (RFC 3550 §6.3.1), µs; the mean of
 * what comes of both (rtp/rtcp_timer.h) is the interval that the bandwidth and the minimum give.
 * first: none was sent yet.
 * bandwidth_bps: of the session's media; RTCP gets 5 % of it. average_size: bytes of a compound,
 * UDP and IP headers included. The shortest mean is 360 s / kbit/s (§6.2), but between 1 and 5 s:
 * about 1 s for video, 5 s for audio; random in 0.5…1.5 of it, divided by 1.21828. */
int64_t rill_rtcp_interval_us(const struct rill_rng *rng, bool first, uint64_t bandwidth_bps,
                              size_t average_size, unsigned members, unsigned senders,
                              bool we_send);
/* The same without a minimum: how far feedback's turns lie apart (RFC 4585 §3.4: "After the first
 * RTCP packet is sent, Tmin is set to 0"). Those are not reconsidered, so there is nothing to
 * divide by; the mean is what the bandwidth allows. */
int64_t rill_rtcp_early_interval_us(const struct rill_rng *rng, uint64_t bandwidth_bps,
                                    size_t average_size, unsigned members, unsigned senders,
                                    bool we_send);

#endif
