/* stun/server: answers Binding requests (RFC 8489 §12), so that step 3 of a call works
 * with no outside network. Stateless: one datagram in, at most one out. */
#ifndef RILL_STUN_SERVER_H
#define RILL_STUN_SERVER_H

#include "stun/msg.h"

/* Bytes of the answer in out (0: no answer is due). Success with XOR-MAPPED-ADDRESS and
 * SOFTWARE, or 420 with UNKNOWN-ATTRIBUTES. RFC 8489 §16: never more than three times the
 * request. `why` (may be NULL) tells why nothing is answered. */
size_t rill_stun_server_answer(struct rill_view request, const struct rill_addr *source,
                               struct rill_span out, struct rill_err *why);

/* 0: a Binding request that wants an answer; < 0: it is dropped, with why. */
int rill_stun_server_read(struct rill_view request, struct rill_stun_msg *m, struct rill_err *why);

#endif
