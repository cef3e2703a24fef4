/* sim/tcp: the connections of ICE-TCP between the two sides of a simulated call. */
#ifndef RILL_SIM_TCP_H
#define RILL_SIM_TCP_H

#include "tests/sim/call.h"

/* Answers OPEN for a connection: both ends stand at once, or there is no listener. */
void rill_sim_tcp_connect(struct rill_sim_call *c, int side, const struct rill_peer_event *e);
/* The socket is given back by its owner; the other end hears of it when it was a connection's. */
void rill_sim_tcp_close(struct rill_sim_call *c, uint32_t socket);
/* Neither side asked for it: both ends hear that the connection broke. */
void rill_sim_tcp_break(struct rill_sim_call *c, size_t connection);
bool rill_sim_tcp_is(const struct rill_sim_call *c, uint32_t socket);
void rill_sim_tcp_send(struct rill_sim_call *c, const struct rill_path *path,
                       struct rill_view bytes);

#endif
