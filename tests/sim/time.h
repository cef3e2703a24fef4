/* tests/sim/time: the wall clock of a simulated run.
 *
 * The idea: mbedtls asks time() for its hello randoms. A test program that links this answers
 * it with a time of its own choice, so that two runs of one seed are equal byte for byte. */
#ifndef RILL_TESTS_SIM_TIME_H
#define RILL_TESTS_SIM_TIME_H

#include <stdint.h>

/* Seconds since 1970; until it is called, time() answers 2024-01-01. */
void rill_sim_set_time(int64_t unix_s);

#endif
