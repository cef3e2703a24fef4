/* rtp/shared_queue: is the queue somebody else's?
 *
 * The idea: what stands in a queue that is ours drains when we yield. One that stands for most of
 * the time, for seconds, is filled by flows that know losses alone, and to yield to it again and
 * again would be to leave the path to them. GCC's threshold then does not come down
 * (gcc_overuse.c), and NADA counts losses as those flows do (nada_loss.c).
 */
#ifndef RILL_RTP_SHARED_QUEUE_H
#define RILL_RTP_SHARED_QUEUE_H

#include "base/clock.h"

#include <stdbool.h>

struct rill_shared_queue {
    bool started;
    int64_t period;            /* when it began; of it and the one before it: */
    int64_t least[2], most[2]; /* delays, µs */
    int64_t heard;             /* the last time */
    int64_t stood;             /* µs it stood, less those it was short, between 0 and 4 s */
    int64_t since, until;      /* it is taken for shared */
};

/* delay: the least way of a feedback's packets, arrival minus departure, µs by whatever clocks. */
bool rill_shared_queue_heard(struct rill_shared_queue *q, int64_t now, int64_t delay);

#endif
