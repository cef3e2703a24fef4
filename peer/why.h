/* peer/why: why a connection is not made, or was lost (see ice/why.h, whose causes come behind
 * those of signaling and DTLS).
 *
 * The idea: what is missing first is the cause: without descriptions there is no ICE, without a
 * pair no DTLS, without DTLS no keys. So signaling is judged before ICE, and DTLS only when ICE
 * has done its part. May be asked at any time; while the connection is being made the causes are
 * what is still missing.
 */
#ifndef RILL_PEER_WHY_H
#define RILL_PEER_WHY_H

#include "base/cause.h"
#include "ice/why.h"
#include "peer/peer.h"

/* The ICE agent of a component in use, numbered as in rill_peer_stats' transports, for statistics
 * (ice/stats.h); NULL when there is none with this number. */
const struct rill_ice *rill_peer_ice(const struct rill_peer *x, size_t transport);

/* The causes that fit, the most likely first, at most cap; returns how many. None: the connection
 * stands, and nothing is wrong that can be seen from here. */
size_t rill_peer_causes(const struct rill_peer *x, struct rill_cause *out, size_t cap);

/* One line about the next server or pair, or about DTLS, without a line end; 300 bytes hold any.
 * Begin with *at 0; false at the end. */
bool rill_peer_why_line(const struct rill_peer *x, size_t *at, struct rill_writer *w);

#endif
