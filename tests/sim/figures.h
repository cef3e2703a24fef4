/* sim/figures: what a run over a path comes to, in numbers.
 *
 * The idea: steady is what lies 10 s behind every change: of a capacity, of who sends. There the
 * use of the path and the shares are taken; waits, frames and sound are taken over all of the run.
 */
#ifndef RILL_SIM_FIGURES_H
#define RILL_SIM_FIGURES_H

#include "tests/sim/path.h"

#define RILL_SIM_STEADY (10 * RILL_SECOND)
/* A picture that comes later than this after it was made is as good as none. */
#define RILL_SIM_FRAME_LATE (400 * RILL_MS)
/* A wait in the queue that is still good. */
#define RILL_SIM_WAIT_GOOD (100 * RILL_MS)

struct rill_sim_figures {
    double used; /* of the capacity, or of what the flows can bear; the worse direction */
    double waited_p50, waited_p95; /* ms in the queue, the flow that has it worst */
    /* Seconds; -1: there was no such step, INFINITY: not before the next one. */
    double after_drop; /* the longest until the queue is short again for a second */
    double after_rise; /* the longest until 90 % is used */
    double in_time;    /* share of the frames that were there within 400 ms */
    double frame_p95;  /* ms from its making; INFINITY: that many never came */
    double frozen;     /* share of the time that the last picture stood for over 400 ms */
    double fps;        /* frames that came, a second */
    double resent;     /* packets of pictures that went again, over those that went */
    double concealed;  /* share of sound that neither came in time nor is told by the next one */
    double rebuilt;    /* share that the next one tells (RFC 6716 §2.1.7) */
    double spread;     /* the largest steady rate over the smallest, of calls; 1 of one */
    double share;      /* the least of a call's steady rates over its even part of the path */
    double cross_bps;  /* of all downloads */
    double media_bps;  /* of all calls, steady */
};

void rill_sim_figures_read(const struct rill_sim_path *p, struct rill_sim_figures *f);

#endif
