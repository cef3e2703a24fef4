/* rate_meter: see rate_meter.h. */
#include "rtp/rate_meter.h"

#define LEAST_SLICES 5
/* So far behind no path leaves a packet. */
#define ABSURD (3 * RILL_SECOND / RILL_RATE_SLICE)

static size_t index_of(int64_t slice)
{
    int64_t i = slice % RILL_RATE_SLICES;
    return (size_t)(i < 0 ? i + RILL_RATE_SLICES : i);
}

static void forget(struct rill_rate_meter *m, int64_t slice)
{
    uint32_t *b = &m->bytes[index_of(slice)];
    m->sum -= *b;
    *b = 0;
}

/* Slices up to `to` are begun; those they take the place of are forgotten. */
static void advance(struct rill_rate_meter *m, int64_t to)
{
    if (to - m->newest >= RILL_RATE_SLICES) {
        *m = (struct rill_rate_meter){.started = 1, .first = to, .newest = to};
        return;
    }
    while (m->newest < to)
        forget(m, ++m->newest);
}

void rill_rate_meter_add(struct rill_rate_meter *m, int64_t at, uint32_t bytes)
{
    int64_t slice = at / RILL_RATE_SLICE;
    if (!m->started)
        *m = (struct rill_rate_meter){.started = 1, .first = slice, .newest = slice};
    if (slice > m->newest)
        advance(m, slice);
    /* The clock jumped, or somebody lied about it: what counts is what comes now. */
    if (m->newest - slice >= ABSURD)
        *m = (struct rill_rate_meter){.started = 1, .first = slice, .newest = slice};
    if (m->newest - slice >= RILL_RATE_SLICES)
        return;
    m->bytes[index_of(slice)] += bytes;
    m->sum += bytes;
}

uint64_t rill_rate_meter_bps(const struct rill_rate_meter *m)
{
    int64_t slices = m->newest - m->first + 1;
    if (!m->started || slices < LEAST_SLICES)
        return 0;
    if (slices > RILL_RATE_SLICES)
        slices = RILL_RATE_SLICES;
    return m->sum * 8 * (uint64_t)RILL_SECOND / (uint64_t)(slices * RILL_RATE_SLICE);
}
