/* rtcp_twcc: when each packet of the transport arrived
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
 *
 *  |      base sequence number     |      packet status count      |
 *  |                 reference time                | fb pkt. count |
 *  |          packet chunk         |         packet chunk          | …
 *  |  recv delta (1 or 2 bytes each) …
 *
 *  run length:     |0| S |       run length        |
 *  status vector:  |1|0| 14 symbols of 1 bit |    |1|1| 7 symbols of 2 bits |
 *
 * The idea: two passes over the chunks: the first fills symbols and finds where the deltas
 * begin, the second reads a delta for each received symbol. Symbols are drawn from a cursor over
 * the chunks, a run at a time, so twenty bytes that claim 65535 packets cost twenty bytes' work.
 */
#include "rtp/rtcp_private.h"

#include <string.h>

#define FIXED 8

enum symbol {
    SMALL_DELTA = 1,
    LARGE_DELTA = 2,
};

struct chunks {
    struct rill_reader r;
    size_t left; /* packets whose status is still to come */
    uint16_t chunk;
    unsigned n; /* symbols left in this chunk */
};

static bool is_vector(uint16_t chunk)
{
    return chunk & 0x8000;
}

static unsigned vector_bits(uint16_t chunk)
{
    return chunk & 0x4000 ? 2 : 1;
}

/* The next chunk into c; refuses one that cannot be. */
static int take_chunk(struct chunks *c, struct rill_err *why)
{
    size_t at = c->r.at;
    c->chunk = rill_r_u16(&c->r);
    if (c->r.bad)
        return rill_err_set(&rill_rtp_errors, RILL_RTCP_TWCC_CHUNKS, at, c->left, why);
    c->n = is_vector(c->chunk) ? 14 / vector_bits(c->chunk) : c->chunk & 0x1fff;
    /* The last vector has symbols to spare; a run says its length, and a longer one than the
     * "number of packets this feedback contains status for" (§3.1) is a lie. */
    if (!is_vector(c->chunk) && c->n > c->left)
        return rill_err_set(&rill_rtp_errors, RILL_RTCP_TWCC_RUN, at, c->n, why);
    return 0;
}

/* Packets in a row that share a symbol. */
struct run {
    uint8_t symbol;
    size_t n;
};

/* The next run: a whole run length chunk, or one symbol of a vector. Call while c->left. */
static int next_run(struct chunks *c, struct run *out, struct rill_err *why)
{
    while (c->n == 0) {
        int rc = take_chunk(c, why);
        if (rc < 0)
            return rc;
    }
    if (is_vector(c->chunk)) {
        unsigned bits = vector_bits(c->chunk);
        c->n--;
        unsigned symbol = (unsigned)c->chunk >> (c->n * bits) & ((1u << bits) - 1);
        *out = (struct run){(uint8_t)symbol, 1};
    } else {
        *out = (struct run){c->chunk >> 13 & 3, c->n};
        c->n = 0;
    }
    c->left -= out->n;
    return 0;
}

static struct chunks chunks_of(struct rill_view fci, size_t count)
{
    struct chunks c = {.r = rill_reader_of(fci), .left = count};
    rill_r_skip(&c.r, FIXED);
    return c;
}

/* Fills symbols; returns where the deltas begin, or < 0. */
static int read_symbols(struct rill_view fci, size_t count, uint8_t *symbols, size_t cap,
                        struct rill_err *why)
{
    struct chunks c = chunks_of(fci, count);
    struct run run;
    for (size_t i = 0; c.left; i += run.n) {
        int rc = next_run(&c, &run, why);
        if (rc < 0)
            return rc;
        if (i < cap)
            memset(symbols + i, run.symbol, run.n < cap - i ? run.n : cap - i);
    }
    return (int)c.r.at;
}

static int read_deltas(struct rill_view fci, size_t from, size_t count, int16_t *deltas, size_t cap,
                       size_t *n_deltas, struct rill_err *why)
{
    struct chunks c = chunks_of(fci, count);
    struct rill_reader r = rill_reader_of(fci);
    size_t n = 0;
    rill_r_skip(&r, from);
    while (c.left) {
        struct run run;
        size_t at = count - c.left;
        (void)next_run(&c, &run, NULL); /* read_symbols() has judged them */
        /* §3.1.5: a small delta is 8 bits unsigned, a large or negative one 16 bits signed.
         * The reserved symbol has none: the examples of §3.1.3 call it "w/o recv delta". */
        if (run.symbol != SMALL_DELTA && run.symbol != LARGE_DELTA)
            continue;
        for (size_t i = 0; i < run.n; i++) {
            size_t byte = r.at;
            int16_t delta = run.symbol == SMALL_DELTA ? rill_r_u8(&r) : (int16_t)rill_r_u16(&r);
            if (r.bad)
                return rill_err_set(&rill_rtp_errors, RILL_RTCP_TWCC_DELTAS, byte, at + i, why);
            if (n < cap)
                deltas[n++] = delta;
        }
    }
    *n_deltas = n;
    return 0;
}

int rill_rtcp_parse_twcc(struct rill_view fci, struct rill_rtcp_twcc *out, uint8_t *symbols,
                         int16_t *deltas, size_t cap, size_t *n_deltas, struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(fci);
    struct rill_rtcp_twcc t;
    t.base_seq = rill_r_u16(&r);
    t.status_count = rill_r_u16(&r);
    uint32_t time = rill_r_u24(&r);
    /* §3.1: the reference time is a "Signed integer". */
    t.reference_time = time & 0x800000 ? (int32_t)time - 0x1000000 : (int32_t)time;
    t.fb_count = rill_r_u8(&r);
    if (r.bad)
        return rill_err_set(&rill_rtp_errors, RILL_RTCP_TWCC_SHORT, fci.n, fci.n, why);

    int rc = read_symbols(fci, t.status_count, symbols, cap, why);
    if (rc < 0)
        return rc;
    rc = read_deltas(fci, (size_t)rc, t.status_count, deltas, cap, n_deltas, why);
    if (rc < 0)
        return rc;
    *out = t;
    return 0;
}
