/* peer/reports: the RTCP a peer sends. */
#ifndef RILL_PEER_REPORTS_H
#define RILL_PEER_REPORTS_H

#include "base/bytes.h"

struct rill_peer;
struct rill_peer_component;
struct rill_peer_line;

void rill_peer_reports_start(struct rill_peer *x, int64_t now, const struct rill_peer_component *c);
void rill_peer_reports_start_line(struct rill_peer *x, int64_t now, struct rill_peer_line *l);

/* The next RTCP datagram, protected, in out, for *to; 0 when none is due. */
size_t rill_peer_reports_output(struct rill_peer *x, int64_t now, struct rill_peer_component **to,
                                struct rill_span out);
int64_t rill_peer_reports_deadline(const struct rill_peer *x);
/* A compound of so many bytes has come, whose first packet is of this SSRC. */
void rill_peer_reports_received(struct rill_peer *x, uint32_t ssrc, size_t bytes);
/* A stream of the line has ended. */
void rill_peer_reports_left(struct rill_peer *x, int64_t now, struct rill_peer_line *l);

/* The SSRC we speak with on this line. */
uint32_t rill_peer_line_ssrc(struct rill_peer *x, const struct rill_peer_line *l);

#endif
