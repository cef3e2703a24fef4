/* peer/feedback: the feedback that goes with reports. */
#ifndef RILL_PEER_FEEDBACK_H
#define RILL_PEER_FEEDBACK_H

#include <stdbool.h>
#include <stdint.h>

struct rill_peer;
struct rill_peer_line;
struct rill_writer;

/* Of one line, NACK, PLI, FIR or REMB: now; and when. What transport-cc has to tell goes by a clock
 * of its own (peer/congestion.h). */
bool rill_peer_feedback_is_due(struct rill_peer *x, int64_t now, struct rill_peer_line *l);
void rill_peer_feedback_write(struct rill_peer *x, int64_t now, struct rill_peer_line *l,
                              struct rill_writer *w);
int64_t rill_peer_feedback_deadline(const struct rill_peer *x, const struct rill_peer_line *l);

#endif
