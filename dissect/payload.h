/* dissect/payload (room-internal): what an RTP packet carries, by its payload type. */
#ifndef RILL_DISSECT_PAYLOAD_H
#define RILL_DISSECT_PAYLOAD_H

#include "dissect/tree.h"

void rill_dissect_payload(struct rill_tree *t, struct rill_part p, uint8_t pt);

#endif
