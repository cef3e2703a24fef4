/* twcc_send: the sender's memory of what left when. */
#include "rtp/twcc.h"

#include "base/seq.h"

/* The receiver's clock counts 64 ms in 24 bits (§3.1). */
#define REFERENCE_CYCLE ((int64_t)1 << 24)
#define REFERENCE_UNIT (64 * RILL_MS)
#define DELTA_UNIT 250

void rill_twcc_sender_init(struct rill_twcc_sender *s, struct rill_arena *arena, size_t cap)
{
    *s = (struct rill_twcc_sender){.cap = cap};
    s->sent = rill_arena_take(arena, cap, sizeof *s->sent);
    s->symbols = rill_arena_take(arena, cap, 1);
    s->deltas = rill_arena_take(arena, cap, sizeof *s->deltas);
    for (size_t i = 0; s->sent && i < cap; i++)
        s->sent[i].seq = -1;
}

static struct rill_twcc_sent *slot(const struct rill_twcc_sender *s, int64_t seq)
{
    return &s->sent[(size_t)seq & (s->cap - 1)];
}

uint16_t rill_twcc_sender_next(struct rill_twcc_sender *s, int64_t now, size_t bytes, uint8_t probe)
{
    int64_t seq = s->next++;
    *slot(s, seq) =
        (struct rill_twcc_sent){.seq = seq, .at = now, .bytes = (uint32_t)bytes, .probe = probe};
    return (uint16_t)seq;
}

/* NULL: it was never sent, or long ago. */
static struct rill_twcc_sent *find(const struct rill_twcc_sender *s, uint16_t seq)
{
    int64_t number = rill_seq16_unwrap(s->next - 1, seq);
    struct rill_twcc_sent *p = number < 0 || number >= s->next ? NULL : slot(s, number);
    return p && p->seq == number ? p : NULL;
}

void rill_twcc_sender_is_of(struct rill_twcc_sender *s, uint16_t seq, uint32_t stream)
{
    struct rill_twcc_sent *p = find(s, seq);
    if (p)
        p->stream = stream;
}

void rill_twcc_sender_again(struct rill_twcc_sender *s, uint16_t seq)
{
    struct rill_twcc_sent *p = find(s, seq);
    if (p)
        p->again = true;
}

bool rill_twcc_sender_has_arrived(const struct rill_twcc_sender *s, uint16_t seq)
{
    const struct rill_twcc_sent *p = find(s, seq);
    return p && p->told;
}

/* The nearest reference time to the last one that ends in these 24 bits. */
static int64_t unwrap_reference(struct rill_twcc_sender *s, int32_t reference)
{
    int64_t ahead = (reference - s->reference) & (REFERENCE_CYCLE - 1);
    if (!s->has_reference)
        ahead = reference - s->reference;
    else if (ahead >= REFERENCE_CYCLE / 2)
        ahead -= REFERENCE_CYCLE;
    s->has_reference = true;
    s->reference += ahead;
    return s->reference;
}

/* What a symbol says of packet seq, when that is news: true, and in out. */
static bool tell(struct rill_twcc_sender *s, int64_t seq, int64_t arrived,
                 struct rill_bwe_packet *out)
{
    struct rill_twcc_sent *p = seq < 0 || seq >= s->next ? NULL : slot(s, seq);
    if (p && p->again)
        arrived = RILL_NEVER;
    if (!p || p->seq != seq || p->told || (arrived == RILL_NEVER && p->lost))
        return false;
    *out = (struct rill_bwe_packet){p->at, arrived, p->bytes, p->probe, p->lost, p->stream};
    p->told = arrived != RILL_NEVER;
    p->lost = !p->told;
    return true;
}

int rill_twcc_sender_feedback(struct rill_twcc_sender *s, struct rill_view fci,
                              struct rill_bwe_packet *out, size_t cap, struct rill_err *why)
{
    struct rill_rtcp_twcc t;
    size_t n_deltas, n = 0, delta = 0;
    int rc = rill_rtcp_parse_twcc(fci, &t, s->symbols, s->deltas, s->cap, &n_deltas, why);
    if (rc < 0)
        return rc;
    int64_t first = rill_seq16_unwrap(s->next - 1, t.base_seq);
    int64_t at = unwrap_reference(s, t.reference_time) * REFERENCE_UNIT;
    size_t count = t.status_count < s->cap ? t.status_count : s->cap;
    for (size_t i = 0; i < count && n < cap; i++) {
        bool came = s->symbols[i] == 1 || s->symbols[i] == 2;
        if (came && delta < n_deltas)
            at += s->deltas[delta++] * (int64_t)DELTA_UNIT;
        /* The reserved symbol says that it came, but not when: nothing to learn from. */
        if (s->symbols[i] != 3)
            n += tell(s, first + (int64_t)i, came ? at : RILL_NEVER, &out[n]);
    }
    return (int)n;
}
