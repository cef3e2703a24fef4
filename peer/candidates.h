/* peer/candidates: remote candidates on their way to ICE. */
#ifndef RILL_PEER_CANDIDATES_H
#define RILL_PEER_CANDIDATES_H

#include <stdint.h>

struct rill_peer;

/* Offer and answer are both there: those that waited go to ICE. */
void rill_peer_candidates_agreed(struct rill_peer *x, int64_t now);

#endif
