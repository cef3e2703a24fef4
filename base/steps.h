/* steps: the 23 steps of a call, from capture to "CONNECTED!!", as one table that the
 * command, the page's tests and the documentation print from. */
#ifndef RILL_BASE_STEPS_H
#define RILL_BASE_STEPS_H

#define RILL_STEPS 23

struct rill_step {
    int number; /* 1 … 23 */
    int client; /* 1 or 2; 0 for the signaling server or both */
    const char *sentence;
};

/* NULL unless 1 ≤ number ≤ RILL_STEPS. */
const struct rill_step *rill_step(int number);

#endif
