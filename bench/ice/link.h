/* link: a network path of some milliseconds between two ICE agents on this machine.
 *
 * The idea: each candidate of an agent gets a socket that stands for it. What comes to that socket
 * goes on to the candidate later, from the socket that stands for whoever sent it. So both stacks
 * meet the same delay with their own sockets, and every Binding request is counted on its way. A
 * thread of its own does it, whose time counts for nobody. */
#ifndef RILL_BENCH_ICE_LINK_H
#define RILL_BENCH_ICE_LINK_H

#include <stdint.h>

struct link;

struct link *link_start(int64_t delay_us);
/* The port, on the same address, that stands for this candidate. */
uint16_t link_stand_in(struct link *l, const char *ip, uint16_t port);
/* Binding requests so far. */
unsigned link_requests(const struct link *l);
void link_stop(struct link *l);

/* A STUN server that is dead: a port that hears and says nothing. */
uint16_t link_dead_server(void);

/* --- what both programs are asked, and say ---------------------------------------------------- */

#define LINK_RUNS 15

struct link_scenario {
    const char *name;
    int64_t delay_us;
    unsigned addresses; /* of each agent: 127.0.0.1, 127.0.0.2 */
    int dead_server;
};
extern const struct link_scenario link_scenarios[];
extern const unsigned link_n_scenarios;

struct link_run {
    double valid_ms;    /* both agents have a valid pair */
    double selected_ms; /* both have agreed on one */
    unsigned requests;  /* until then */
    double cpu_ms;      /* of both agents */
};
/* All runs of all scenarios: a JSON object a line, of medians. 0: all connected. */
int link_measure(const char *stack,
                 int (*run)(const struct link_scenario *s, struct link_run *out));

double link_now_ms(void);
double link_cpu_ms(void); /* of this thread */

#endif
