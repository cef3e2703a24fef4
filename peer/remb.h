/* peer/remb: receiver's estimates, both ways. */
#ifndef RILL_PEER_REMB_H
#define RILL_PEER_REMB_H

#include "base/bytes.h"

struct rill_peer;
struct rill_peer_component;
struct rill_peer_line;
struct rill_rtp_packet;

/* Writes the time into a packet that leaves now. */
void rill_peer_stamp_departure(const struct rill_peer *x, int64_t now,
                               const struct rill_peer_line *l, struct rill_span packet);
int rill_peer_remb_received(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                            struct rill_view fci);
void rill_peer_remb_packet(struct rill_peer *x, const struct rill_peer_line *l,
                           const struct rill_rtp_packet *p);
/* When the line has an estimate to tell. */
int64_t rill_peer_remb_due(const struct rill_peer *x, const struct rill_peer_line *l);
void rill_peer_remb_write(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                          struct rill_writer *w);

#endif
