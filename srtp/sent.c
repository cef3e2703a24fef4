#include "srtp/sent.h"

#include "base/seq.h"

#include <string.h>

/* Eight bytes a step; odd constants from the golden ratio, so that each bit reaches the top. */
uint16_t rill_srtp_sent_sum(struct rill_view packet)
{
    const uint64_t k = 0x9e3779b97f4a7c15u;
    uint64_t h = packet.n;
    for (size_t at = 0; at < packet.n; at += 8) {
        uint64_t word = 0;
        memcpy(&word, packet.p + at, packet.n - at < 8 ? packet.n - at : 8);
        h = (h ^ word) * k;
        h ^= h >> 29;
    }
    return (uint16_t)(h * k >> 48);
}

bool rill_srtp_sent_may(const struct rill_srtp_sent *s, size_t window, uint16_t seq, uint16_t sum)
{
    if (!s->begun || rill_seq16_newer(seq, s->highest))
        return true;
    const struct rill_srtp_sent_slot *slot = &s->slots[seq % window];
    return slot->seq != seq || slot->sum == sum;
}

void rill_srtp_sent_note(struct rill_srtp_sent *s, size_t window, uint16_t seq, uint16_t sum)
{
    if (!s->begun || rill_seq16_newer(seq, s->highest))
        s->highest = seq;
    s->begun = true;
    s->slots[seq % window] = (struct rill_srtp_sent_slot){seq, sum};
}
