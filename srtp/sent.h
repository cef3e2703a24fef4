/* srtp/sent: which bytes went out under which index, so that none is used twice.
 *
 * The idea: a retransmission needs the engine's leave to use an index again, and with that leave
 * a mistake above (two tracks of one SSRC, a packet changed before it is resent) would encrypt
 * two texts with one keystream (RFC 3711 §9.1). Sixteen bits of digest a packet tell such a
 * mistake from a true repetition; it is a guard against slips, not against an attacker.
 */
#ifndef RILL_SRTP_SENT_H
#define RILL_SRTP_SENT_H

#include "base/bytes.h"

struct rill_srtp_sent_slot {
    uint16_t seq;
    uint16_t sum;
};

/* One SSRC's last `window` packets; slots lie at seq modulo window. */
struct rill_srtp_sent {
    uint32_t ssrc;
    bool begun; /* an RTP packet was sent, `highest` is its sequence number */
    uint16_t highest;
    struct rill_srtp_sent_slot *slots;
};

uint16_t rill_srtp_sent_sum(struct rill_view packet);

/* False when other bytes were sent under this sequence number within the window. */
bool rill_srtp_sent_may(const struct rill_srtp_sent *s, size_t window, uint16_t seq, uint16_t sum);
void rill_srtp_sent_note(struct rill_srtp_sent *s, size_t window, uint16_t seq, uint16_t sum);

#endif
