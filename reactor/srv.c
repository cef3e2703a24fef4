/* srv: which server is tried first (RFC 2782, "Usage rules"). */
#include "reactor/resolver.h"

static void swap(struct rill_srv *a, struct rill_srv *b)
{
    struct rill_srv kept = *a;
    *a = *b;
    *b = kept;
}

static void by_priority_and_weight(struct rill_srv *r, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0; k--) {
            bool before = r[k].priority < r[k - 1].priority ||
                          (r[k].priority == r[k - 1].priority && r[k].weight < r[k - 1].weight);
            if (before)
                swap(&r[k], &r[k - 1]);
        }
}

/* "choose a uniform random number between 0 and the sum computed (inclusive), and select the RR
 * whose running sum value is the first in the selected order which is greater than or equal to the
 * random number selected." Those of weight 0 come first in that order. */
static size_t pick(const struct rill_srv *r, size_t n, const struct rill_rng *rng)
{
    uint32_t sum = 0, running = 0;
    for (size_t i = 0; i < n; i++)
        sum += r[i].weight;
    uint32_t chosen = rill_rng_below(rng, sum + 1);
    for (size_t i = 0; i < n; i++) {
        running += r[i].weight;
        if (running >= chosen)
            return i;
    }
    return 0;
}

void rill_srv_order(struct rill_srv *records, size_t n, const struct rill_rng *rng)
{
    by_priority_and_weight(records, n);
    for (size_t i = 0; i < n; i++) {
        size_t same = 1;
        while (i + same < n && records[i + same].priority == records[i].priority)
            same++;
        /* The chosen one moves to the front; the order of the others stays. */
        for (size_t k = i + pick(records + i, same, rng); k > i; k--)
            swap(&records[k], &records[k - 1]);
    }
}
