/* apps/trace_capture: the events that a capture file has packets for.
 *
 * The idea: a packet is held until the next comes, so that what was decided because of it can be
 * written at it, and so that the secret of a handshake stands in the file before the packet that
 * it opens. */
#ifndef RILL_APPS_TRACE_CAPTURE_H
#define RILL_APPS_TRACE_CAPTURE_H

#include "apps/trace_file.h"
#include "base/trace.h"
#include "trace/pcapng.h"

/* The longest that IP can carry; of media in clear, and of all comments at one packet. */
#define RILL_TRACE_WIRE_MAX 65536
#define RILL_TRACE_CLEAR_MAX 4096
#define RILL_TRACE_COMMENTS_MAX 16384

struct rill_trace_held {
    bool used;
    struct rill_pcapng_packet packet;
};

struct rill_trace_capture {
    struct rill_trace_file file;
    bool secrets;
    int64_t wall; /* µs since 1970 at monotonic time 0 */
    struct rill_pcapng out;
    struct rill_trace_held wire, clear;
    uint64_t number;       /* of the packet held */
    uint64_t clear_number; /* of what is about to leave, in clear; 0: none */
    bool clear_is_rtcp;
    int64_t held_since;
    uint8_t wire_bytes[RILL_TRACE_WIRE_MAX], clear_bytes[RILL_TRACE_CLEAR_MAX];
    uint8_t comments[RILL_TRACE_COMMENTS_MAX];
    size_t n_comments;
};

bool rill_trace_capture_open(struct rill_trace_capture *x, const char *path, bool secrets,
                             int64_t now, int64_t wall_us);
void rill_trace_capture_take(struct rill_trace_capture *x, const struct rill_trace_point *point,
                             int64_t now, const union rill_trace_value *values);
void rill_trace_capture_tick(struct rill_trace_capture *x, int64_t now);
int64_t rill_trace_capture_deadline(const struct rill_trace_capture *x);
void rill_trace_capture_close(struct rill_trace_capture *x);

#endif
