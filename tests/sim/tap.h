/* sim/tap: reads along what one side of a simulated call sends, decrypted.
 *
 * The idea: a session of its own with the sender's keys, which it asks the sender's DTLS for;
 * the call itself notices nothing. */
#ifndef RILL_SIM_TAP_H
#define RILL_SIM_TAP_H

#include "srtp/srtp.h"
#include "tests/sim/call.h"

struct rill_sim_tap {
    int side;
    void *block;
    struct rill_srtp *srtp;
    _Alignas(8) uint8_t plain[RILL_SIM_DATAGRAM];
};

/* The plain RTP or RTCP packet in d, which `side` sends; empty when it is neither, or a
 * resend that the replay window has seen. */
struct rill_view rill_sim_tap_rtp(struct rill_sim_tap *t, const struct rill_sim_call *c,
                                  struct rill_span d);
struct rill_view rill_sim_tap_rtcp(struct rill_sim_tap *t, const struct rill_sim_call *c,
                                   struct rill_span d);
void rill_sim_tap_free(struct rill_sim_tap *t);

#endif
