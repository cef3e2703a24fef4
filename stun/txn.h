/* stun/txn: when a request is sent again (RFC 8489 §6.2.1).
 *
 * The idea: a value that knows only times. Who owns it builds the request anew or keeps
 * its bytes, and asks here whether one is due.
 *
 *   send at 0, RTO, 3 RTO, 7 RTO, … (Rc sends in all), give up Rm × RTO after the last.
 */
#ifndef RILL_STUN_TXN_H
#define RILL_STUN_TXN_H

#include "base/clock.h"

#include <stdbool.h>

#define RILL_STUN_RTO (500 * RILL_MS) /* RFC 8489 §6.2.1: SHOULD be at least 500 ms */
#define RILL_STUN_RC 7
#define RILL_STUN_RM 16

struct rill_stun_txn {
    int64_t rto;
    int64_t next; /* the next send, or the moment of giving up after the last */
    uint8_t sent;
    uint8_t rc;
    uint8_t rm;
};

/* rto in µs; rc and rm 0 take the defaults above. */
void rill_stun_txn_start(struct rill_stun_txn *t, int64_t now, int64_t rto, uint8_t rc, uint8_t rm);

enum rill_stun_txn_due {
    RILL_STUN_WAIT,
    RILL_STUN_SEND,
    RILL_STUN_TIMED_OUT,
};

/* What is due at now. RILL_STUN_SEND counts the send and sets the next time, from now: a late
 * poll does not bunch the sends. RILL_STUN_TIMED_OUT is said once; then nothing is due. */
enum rill_stun_txn_due rill_stun_txn_poll(struct rill_stun_txn *t, int64_t now);
int64_t rill_stun_txn_deadline(const struct rill_stun_txn *t);

#endif
