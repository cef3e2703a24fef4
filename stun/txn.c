/* txn: the schedule of one request, as times. */
#include "stun/txn.h"

/* Far enough for any schedule, and no sum with a clock overflows. */
#define INTERVAL_MAX (RILL_NEVER / 4)

void rill_stun_txn_start(struct rill_stun_txn *t, int64_t now, int64_t rto, uint8_t rc, uint8_t rm)
{
    *t = (struct rill_stun_txn){
        .rto = rto,
        .next = now,
        .rc = rc ? rc : RILL_STUN_RC,
        .rm = rm ? rm : RILL_STUN_RM,
    };
}

/* RFC 8489 §6.2.1: "starting with an interval of RTO …, doubling after each retransmission", and
 * Rm times RTO after the last request. */
static int64_t interval(const struct rill_stun_txn *t)
{
    int64_t d = t->rto;
    if (t->sent == t->rc)
        return d < INTERVAL_MAX / t->rm ? d * t->rm : INTERVAL_MAX;
    for (unsigned i = 1; i < t->sent && d < INTERVAL_MAX; i++)
        d *= 2;
    return d;
}

enum rill_stun_txn_due rill_stun_txn_poll(struct rill_stun_txn *t, int64_t now)
{
    if (now < t->next || t->next == RILL_NEVER)
        return RILL_STUN_WAIT;
    if (t->sent == t->rc) {
        t->next = RILL_NEVER;
        return RILL_STUN_TIMED_OUT;
    }
    t->sent++;
    t->next = now + interval(t);
    return RILL_STUN_SEND;
}

int64_t rill_stun_txn_deadline(const struct rill_stun_txn *t)
{
    return t->next;
}
