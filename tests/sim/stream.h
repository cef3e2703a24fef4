/* sim/stream: what one side of a simulated call sends, and what the other side sees of it.
 *
 * The idea: an encoder without pictures follows the peer's target, sound is a frame each 20 ms; of
 * each frame it is kept when it was made and when the other side had it, and of each 100 ms what
 * left the bottleneck. All figures are read from that afterwards (figures.h). */
#ifndef RILL_SIM_STREAM_H
#define RILL_SIM_STREAM_H

#include "tests/sim/call.h"
#include "tests/sim/encoder.h"

#define RILL_SIM_BIN (100 * RILL_MS)
#define RILL_SIM_QUEUE_MS 4000 /* longer waits count as this one */

struct rill_sim_sent_frame {
    uint32_t rtp_time;
    int64_t made;
    int64_t had; /* RILL_NEVER: not at all */
    bool refused;
};

struct rill_sim_frames {
    struct rill_sim_sent_frame *list;
    size_t n, cap;
    size_t found; /* where to look for the next one that comes */
    int track;
    int64_t due;
};

/* 100 ms. */
struct rill_sim_bin {
    uint64_t bytes;  /* that left the bottleneck */
    uint64_t lost;   /* datagrams that it dropped */
    int64_t waited;  /* the longest */
    uint64_t target; /* bit/s */
    uint32_t frames; /* of video that the other side had */
    int64_t slowest; /* of them, from when it was made */
};

struct rill_sim_stream {
    struct rill_sim_call *call;
    int from;
    uint64_t most_bps; /* of video */
    struct rill_sim_encoder encoder;
    struct rill_sim_frames video, audio;
    int64_t begin, end; /* of media; it begins when both are connected, if that is later */
    int64_t pause, resume;
    struct rill_sim_bin *bins;
    size_t n_bins;
    uint64_t waits[RILL_SIM_QUEUE_MS]; /* datagrams by the milliseconds in the queue */
    uint64_t n_waits;
};

void rill_sim_stream_init(struct rill_sim_stream *s, struct rill_sim_call *call, int from,
                          int64_t duration, uint64_t seed);
void rill_sim_stream_free(struct rill_sim_stream *s);
/* Is media to be sent at this time? */
bool rill_sim_stream_runs(const struct rill_sim_stream *s, int64_t at);
int64_t rill_sim_stream_next(const struct rill_sim_stream *s);
/* Sends what is due. True when it was something. */
bool rill_sim_stream_step(struct rill_sim_stream *s, int64_t now);
/* The other side has a frame; a datagram of ours came to the bottleneck. */
void rill_sim_stream_had(struct rill_sim_stream *s, int64_t now, const struct rill_frame *f);
void rill_sim_stream_passed(struct rill_sim_stream *s, int64_t came, int64_t left, size_t bytes);

#endif
