/* media/sync: when what was received happened, on one clock for all streams (RFC 3550 §6.4.1).
 *
 * The idea: within a stream RTP time alone counts. Between streams only sender reports tell,
 * since each pairs an RTP time with the sender's wall clock. Until they come a stream stands
 * where its first frame arrived; then the pictures move to where the sound says they belong.
 * Sound itself never moves, so that it has no seams; later reports make the pictures follow
 * the clock of its sender's microphone.
 *
 * A stream that jumps further than time itself has passed (it began anew, it was held, or its
 * sender lies) stands where it arrived once more. Reports that would put a stream far from its
 * arrival are passed over. */
#ifndef RILL_MEDIA_SYNC_H
#define RILL_MEDIA_SYNC_H

#include "base/clock.h"
#include "base/frame.h"
#include "base/limits.h"

struct rill_sync_stream {
    enum rill_kind kind;
    uint32_t clock_hz;
    bool started;
    uint32_t last_rtp;               /* of the last frame … */
    int64_t last;                    /* … the same without its wrap, */
    int64_t last_time, last_arrival; /* its time, and when it came */
    int64_t anchor, anchor_time;     /* an RTP time without wrap, and its time */
    bool has_report;
    uint64_t report_ntp;
    uint32_t report_rtp;
    uint64_t jumps;
};

struct rill_sync {
    struct rill_sync_stream streams[RILL_TRACKS_MAX];
    size_t n;
    bool has_zero, has_offset;
    int64_t zero;   /* when the first frame of all came */
    int64_t offset; /* from the sender's wall clock to ours, by the stream that leads */
};

/* Zero it first. The stream's number, or -1: there are too many. */
int rill_sync_add(struct rill_sync *y, enum rill_kind kind, uint32_t clock_hz);
/* The stream goes on by another clock. */
void rill_sync_clock(struct rill_sync *y, int stream, uint32_t clock_hz);
/* The last sender report of a stream: the NTP time (32.32, RFC 3550 §4) of an RTP time. The
 * same one may be told again. */
void rill_sync_report(struct rill_sync *y, int stream, uint64_t ntp, uint32_t rtp_time);
/* Something came, whose time is asked for later: the first of all may be sound that waits to be
 * played while a picture is shown. */
void rill_sync_came(struct rill_sync *y, int64_t now);
/* The time of a frame that is complete at now, µs since the first of all streams; it never
 * falls within a stream. */
int64_t rill_sync_time(struct rill_sync *y, int stream, int64_t now, uint32_t rtp_time);

#endif
