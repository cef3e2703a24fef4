/* bench/echo: clients of Socket.IO that each send a message when the last came back. */
#ifndef RILL_BENCH_ECHO_H
#define RILL_BENCH_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Messages there and back in this time, µs; false when a client could not connect or was lost. */
bool echo_run(uint16_t port, size_t clients, int64_t duration, uint64_t *messages);

#endif
