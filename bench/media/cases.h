/* bench/media/cases: what is measured, and what is asked of it.
 *
 * RFC 8867 §5.1 to §5.8, and a grid of loss and round trips. A target of 0 is not asked. */
#ifndef RILL_BENCH_MEDIA_CASES_H
#define RILL_BENCH_MEDIA_CASES_H

#include "tests/sim/figures.h"

struct bench_wants {
    double used;       /* share of the path, at least */
    double waited_p95; /* ms, at most */
    double after_drop; /* s, at most */
    double in_time;    /* share of the frames, at least */
    double fps;        /* at least */
    double resent;     /* share of the packets, at most */
    double concealed;  /* share of the sound, at most */
    double spread;     /* between calls, at most (RFC 8868 §3: 3) */
    double share;      /* of an even part, at least (RFC 8868 §3: a third) */
};

struct bench_case {
    const char *name, *what;
    struct rill_sim_scenario scenario;
    struct bench_wants wants;
};

#define BENCH_CASES_MAX 40

size_t bench_cases(struct bench_case out[BENCH_CASES_MAX]);
/* The first want that was not met, NULL when all were. */
const char *bench_missed(const struct bench_wants *w, const struct rill_sim_figures *f);

#endif
