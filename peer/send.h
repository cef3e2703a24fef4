/* peer/send: the next media packet. */
#ifndef RILL_PEER_SEND_H
#define RILL_PEER_SEND_H

#include "base/bytes.h"

struct rill_peer;
struct rill_peer_component;
struct rill_peer_line;
struct rill_peer_sender;
struct rill_peer_track;

/* The next media packet, protected, in out, for *to; 0 when the pacer says wait. */
size_t rill_peer_send_output(struct rill_peer *x, int64_t now, struct rill_peer_component **to,
                             struct rill_span out);
int64_t rill_peer_send_deadline(const struct rill_peer *x);
void rill_peer_send_again(struct rill_peer *x, int64_t now, const struct rill_peer_track *t,
                          struct rill_peer_sender *s, uint16_t seq);
void rill_peer_want_keyframe(struct rill_peer *x, int64_t now, const struct rill_peer_track *t,
                             struct rill_peer_sender *s);

/* The head of a packet of the RTX stream, whose number is then taken. */
void rill_peer_write_repair_header(const struct rill_peer_line *l, struct rill_peer_sender *s,
                                   struct rill_writer *w);

#endif
