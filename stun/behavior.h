/* stun/behavior: the server's side of NAT behaviour discovery (RFC 5780 §6): answers from the
 * address and port that CHANGE-REQUEST asks for, to the port that RESPONSE-PORT asks for.
 *
 * The idea: four sockets, on two addresses and the same two ports of each; number 2a + p is on
 * address a and port p. As with the basic server, the answer depends on the request alone. */
#ifndef RILL_STUN_BEHAVIOR_H
#define RILL_STUN_BEHAVIOR_H

#include "stun/msg.h"

struct rill_stun_behavior {
    struct rill_addr address[2]; /* of one family; the ports do not count */
    uint16_t port[2];
};

struct rill_stun_reply {
    unsigned socket; /* that it leaves from */
    struct rill_addr to;
};

/* The transport address of a socket, 0 to 3. */
struct rill_addr rill_stun_behavior_addr(const struct rill_stun_behavior *b, unsigned socket);

/* Bytes of the answer in out, and where it goes; 0: no answer is due, and `why` (may be NULL)
 * tells the row. Success with both mapped addresses, RESPONSE-ORIGIN and OTHER-ADDRESS, or 400
 * (RESPONSE-PORT together with PADDING, or no port in it), or 420. PADDING is answered with as much
 * of it, and the rest is 128 bytes at most: what RFC 5780 demands of an answer is more than three
 * times the smallest request, so this is for who asked for it (rill serve --stun-alternate). */
size_t rill_stun_behavior_answer(const struct rill_stun_behavior *b, struct rill_view request,
                                 const struct rill_addr *source, unsigned socket,
                                 struct rill_stun_reply *reply, struct rill_span out,
                                 struct rill_err *why);

#endif
