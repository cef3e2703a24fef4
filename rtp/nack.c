/* nack: the list of missing packets, sorted by number, each with its next time to ask.
 *
 * The idea: a packet that jumps ahead opens entries for what it jumped over, a packet that
 * comes late closes its own. The list is short (`cap`), so plain shifting keeps it sorted. */
#include "rtp/nack.h"

#include "base/seq.h"

#include <string.h>

#define FIRST_CYCLE 65536
#define FAR_BEHIND 1000
#define NO_SEQ 65537

void rill_rtp_nack_init(struct rill_rtp_nack *k, struct rill_arena *arena, size_t cap)
{
    *k = (struct rill_rtp_nack){.cap = cap};
    rill_rtp_nack_pace_init(&k->pace);
    k->entries = rill_arena_take(arena, cap, sizeof *k->entries);
}

static void drop_oldest(struct rill_rtp_nack *k, size_t n)
{
    k->n -= n;
    memmove(k->entries, k->entries + n, k->n * sizeof *k->entries);
}

/* Where seq is, or where it would be. */
static size_t find(const struct rill_rtp_nack *k, int64_t seq)
{
    size_t low = 0, high = k->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (k->entries[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What its coming teaches. One that comes sooner than an answer can was asked for in the round
 * before, or was only overtaken. */
static void learn(struct rill_rtp_nack *k, int64_t now, const struct rill_rtp_nack_entry *e)
{
    int64_t soon = k->pace.repair * 7 / 10;
    bool known = soon > 0 || e->tries == 1;
    if (e->tries == 0)
        rill_rtp_nack_pace_overtaken(&k->pace, now - e->since);
    else if (known && now - e->asked >= soon)
        rill_rtp_nack_pace_repaired(&k->pace, now, now - e->asked);
    else if (known && e->before > 0 && now - e->before >= soon)
        rill_rtp_nack_pace_repaired(&k->pace, now, now - e->before);
}

static void close_gap(struct rill_rtp_nack *k, int64_t now, int64_t seq)
{
    size_t i = find(k, seq);
    if (i == k->n || k->entries[i].seq != seq)
        return;
    learn(k, now, &k->entries[i]);
    k->n--;
    memmove(k->entries + i, k->entries + i + 1, (k->n - i) * sizeof *k->entries);
}

static struct rill_rtp_nack_entry missed(const struct rill_rtp_nack *k, int64_t now, int64_t seq)
{
    return (struct rill_rtp_nack_entry){
        .seq = seq, .since = now, .next = now + k->pace.overtaking, .begins = true};
}

/* first…last are missing since now. */
static void open_gap(struct rill_rtp_nack *k, int64_t now, int64_t first, int64_t last)
{
    size_t missing = (size_t)(last - first + 1);
    if (missing > k->cap) {
        k->n = 0;
        k->gave_up = true;
        return;
    }
    if (missing > k->cap - k->n) {
        drop_oldest(k, missing - (k->cap - k->n));
        k->gave_up = true;
    }
    for (int64_t seq = first; seq <= last; seq++)
        k->entries[k->n++] = missed(k, now, seq);
}

static void begin_sequence(struct rill_rtp_nack *k, uint16_t seq)
{
    k->started = true;
    k->n = 0;
    k->odd = NO_SEQ;
    k->lowest = k->highest = FIRST_CYCLE + seq;
}

/* The first packet to come was not the first to be sent: what lies between them is missing too. */
static void open_gap_before(struct rill_rtp_nack *k, int64_t now, int64_t got)
{
    size_t missing = (size_t)(k->lowest - got - 1);
    if (missing > k->cap - k->n)
        return;
    memmove(k->entries + missing, k->entries, k->n * sizeof *k->entries);
    for (size_t i = 0; i < missing; i++)
        k->entries[i] = missed(k, now, got + 1 + (int64_t)i);
    k->n += missing;
    k->lowest = got;
}

/* A late packet, or the source began again at a lower number. */
static void received_behind(struct rill_rtp_nack *k, int64_t now, int64_t got, uint16_t seq)
{
    int64_t far = k->cap > FAR_BEHIND ? (int64_t)k->cap : FAR_BEHIND;
    close_gap(k, now, got);
    if (k->highest - got <= far) {
        if (got < k->lowest)
            open_gap_before(k, now, got);
        return;
    }
    if (seq == k->odd)
        begin_sequence(k, seq);
    else
        k->odd = (uint16_t)(seq + 1);
}

void rill_rtp_nack_received(struct rill_rtp_nack *k, int64_t now, uint16_t seq)
{
    if (!k->started) {
        begin_sequence(k, seq);
        return;
    }
    int64_t got = rill_seq16_unwrap(k->highest, seq);
    if (got <= k->highest) {
        received_behind(k, now, got, seq);
        return;
    }
    rill_rtp_nack_pace_came(&k->pace, got - k->highest - 1);
    if (got > k->highest + 1)
        open_gap(k, now, k->highest + 1, got - 1);
    k->highest = got;
}

static void ask(const struct rill_rtp_nack *k, int64_t now, int64_t rtt,
                struct rill_rtp_nack_entry *e)
{
    if (e->begins) {
        e->before = e->asked;
        e->asked = now;
    }
    e->tries++;
    e->next = now + rill_rtp_nack_pace_again(&k->pace, now, rtt, e->tries, &e->begins);
}

size_t rill_rtp_nack_due(struct rill_rtp_nack *k, int64_t now, int64_t rtt, uint16_t *out,
                         size_t cap)
{
    size_t asked = 0, kept = 0;
    for (size_t i = 0; i < k->n; i++) {
        struct rill_rtp_nack_entry e = k->entries[i];
        bool due = e.next <= now;
        if (due && e.tries >= RILL_RTP_NACK_TRIES) {
            k->gave_up = true;
            continue;
        }
        if (due && asked < cap) {
            out[asked++] = (uint16_t)e.seq;
            ask(k, now, rtt, &e);
        }
        k->entries[kept++] = e;
    }
    k->n = kept;
    k->requested += asked;
    return asked;
}

void rill_rtp_nack_forget_before(struct rill_rtp_nack *k, uint16_t seq)
{
    if (k->started)
        drop_oldest(k, find(k, rill_seq16_unwrap(k->highest, seq)));
}

bool rill_rtp_nack_gave_up(struct rill_rtp_nack *k)
{
    bool gave_up = k->gave_up;
    k->gave_up = false;
    return gave_up;
}

int64_t rill_rtp_nack_deadline(const struct rill_rtp_nack *k)
{
    int64_t deadline = RILL_NEVER;
    for (size_t i = 0; i < k->n; i++)
        deadline = rill_earlier(deadline, k->entries[i].next);
    return deadline;
}

int64_t rill_rtp_nack_patience(const struct rill_rtp_nack *k, int64_t now, int64_t rtt)
{
    return rill_rtp_nack_pace_patience(&k->pace, now, rtt);
}
