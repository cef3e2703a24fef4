/* bottleneck: see bottleneck.h. */
#include "tests/sim/bottleneck.h"

#define MICROS 1e6

static size_t step_at(const struct rill_sim_bottleneck *b, int64_t at)
{
    size_t i = 0;
    while (i + 1 < b->n && b->steps[i + 1].at <= at)
        i++;
    return i;
}

uint64_t rill_sim_bottleneck_bps(const struct rill_sim_bottleneck *b, int64_t at)
{
    return b->steps[step_at(b, at)].bps;
}

static int64_t end_of(const struct rill_sim_bottleneck *b, size_t step)
{
    return step + 1 < b->n ? b->steps[step + 1].at : RILL_NEVER;
}

/* Bits that pass between two moments. */
static double bits_between(const struct rill_sim_bottleneck *b, int64_t from, int64_t to)
{
    double bits = 0;
    for (size_t i = step_at(b, from); from < to; i++) {
        int64_t end = rill_earlier(end_of(b, i), to);
        bits += (double)(end - from) * (double)b->steps[i].bps / MICROS;
        from = end;
    }
    return bits;
}

static int64_t after_bits(const struct rill_sim_bottleneck *b, int64_t from, double bits)
{
    for (size_t i = step_at(b, from);; i++) {
        int64_t end = end_of(b, i);
        double bps = (double)b->steps[i].bps;
        if (end == RILL_NEVER || bits <= (double)(end - from) * bps / MICROS)
            return from + (int64_t)(bits * MICROS / bps) + 1;
        bits -= (double)(end - from) * bps / MICROS;
        from = end;
    }
}

int64_t rill_sim_bottleneck_pass(struct rill_sim_bottleneck *b, int who, int64_t now, size_t bytes)
{
    double bits = 8.0 * (double)bytes;
    double room = (double)b->depth * (double)rill_sim_bottleneck_bps(b, now) / MICROS;
    int64_t from = b->busy_until > now ? b->busy_until : now;
    int64_t left = RILL_NEVER;
    if (bits_between(b, now, from) + bits > room) {
        b->dropped++;
    } else {
        b->passed++;
        b->busy_until = left = after_bits(b, from, bits);
    }
    if (b->seen)
        b->seen(b->ctx, who, now, left, bytes);
    return left;
}
