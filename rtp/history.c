/* history: a ring of packets as they were sent, found again by sequence number.
 *
 * The idea: numbers are unwrapped before the remainder is taken, so a ring of any size keeps
 * its last `cap` packets across the wrap too. */
#include "rtp/history.h"

#include "base/seq.h"

/* The unwrapped numbers stay positive, whatever is asked for. */
#define FIRST_CYCLE 65536

void rill_rtp_history_init(struct rill_rtp_history *h, struct rill_arena *arena, size_t cap,
                           size_t slot)
{
    *h = (struct rill_rtp_history){.cap = cap, .slot = slot};
    h->sizes = rill_arena_take(arena, cap, sizeof *h->sizes);
    h->seqs = rill_arena_take(arena, cap, sizeof *h->seqs);
    h->sent = rill_arena_take(arena, cap, sizeof *h->sent);
    h->queued = rill_arena_take(arena, cap, sizeof *h->queued);
    h->resends = rill_arena_take(arena, cap, sizeof *h->resends);
    h->bytes = rill_arena_take_room(arena, cap, slot);
}

static size_t slot_of(const struct rill_rtp_history *h, uint16_t seq)
{
    return (size_t)rill_seq16_unwrap(h->newest, seq) % h->cap;
}

static bool holds(const struct rill_rtp_history *h, uint16_t seq)
{
    if (!h->started)
        return false;
    size_t i = slot_of(h, seq);
    return h->sizes[i] && h->seqs[i] == seq;
}

struct rill_span rill_rtp_history_reserve(struct rill_rtp_history *h, uint16_t seq)
{
    h->newest = h->started ? rill_seq16_unwrap(h->newest, seq) : FIRST_CYCLE + seq;
    if (h->newest < FIRST_CYCLE)
        h->newest += FIRST_CYCLE;
    h->started = true;
    size_t i = slot_of(h, seq);
    h->sizes[i] = 0;
    h->seqs[i] = seq;
    h->sent[i] = 0;
    h->queued[i] = 0;
    h->resends[i] = 0;
    return (struct rill_span){h->bytes + i * h->slot, h->slot};
}

void rill_rtp_history_commit(struct rill_rtp_history *h, uint16_t seq, size_t n)
{
    if (!h->started || n == 0 || n > h->slot)
        return;
    size_t i = slot_of(h, seq);
    if (h->seqs[i] != seq)
        return;
    h->sizes[i] = (uint16_t)n;
    h->stored++;
}

struct rill_view rill_rtp_history_get(const struct rill_rtp_history *h, uint16_t seq)
{
    if (!holds(h, seq))
        return (struct rill_view){0};
    size_t i = slot_of(h, seq);
    return rill_view_at(h->bytes + i * h->slot, h->sizes[i]);
}

struct rill_span rill_rtp_history_edit(struct rill_rtp_history *h, uint16_t seq)
{
    if (!holds(h, seq) || h->sent[slot_of(h, seq)])
        return (struct rill_span){0};
    size_t i = slot_of(h, seq);
    return (struct rill_span){h->bytes + i * h->slot, h->sizes[i]};
}

void rill_rtp_history_mark_queued(struct rill_rtp_history *h, uint16_t seq, int64_t now)
{
    if (holds(h, seq))
        h->queued[slot_of(h, seq)] = now;
}

int64_t rill_rtp_history_waited(const struct rill_rtp_history *h, uint16_t seq, int64_t now)
{
    int64_t since = holds(h, seq) ? h->queued[slot_of(h, seq)] : 0;
    return since ? now - since : 0;
}

void rill_rtp_history_mark_sent(struct rill_rtp_history *h, uint16_t seq, int64_t now)
{
    if (holds(h, seq))
        h->sent[slot_of(h, seq)] = now ? now : 1;
}

bool rill_rtp_history_may_resend(struct rill_rtp_history *h, uint16_t seq, int64_t now, int64_t gap)
{
    if (!holds(h, seq))
        return false;
    size_t i = slot_of(h, seq);
    /* One that never went out is still the pacer's to send. */
    if (h->sent[i] == 0 || now - h->sent[i] < gap || h->resends[i] >= RILL_RTP_HISTORY_RESENDS)
        return false;
    h->resends[i]++;
    h->sent[i] = now ? now : 1;
    return true;
}
