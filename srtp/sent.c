/* sent: a digest of 16 bits a packet, in a slot its sequence number names. */
#include "srtp/sent.h"

#include "base/seq.h"

#include <string.h>

/* Odd, from the golden ratio: multiplying carries each bit towards the top. */
#define MIX 0x9e3779b97f4a7c15u

static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * MIX;
    return h ^ h >> 29;
}

uint16_t rill_srtp_sent_sum(struct rill_view packet)
{
    uint64_t h = packet.n, word;
    size_t at = 0;
    for (; packet.n - at >= sizeof word; at += sizeof word) {
        memcpy(&word, packet.p + at, sizeof word);
        h = mix(h, word);
    }
    word = 0;
    if (at < packet.n)
        memcpy(&word, packet.p + at, packet.n - at);
    return (uint16_t)(mix(h, word) * MIX >> 48);
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
