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
 * begin, the second reads a delta for each received symbol. The symbols are drawn one by one
 * from a cursor over the chunks, so no claimed length is ever believed.
 */
#include "rtp/rtcp_private.h"

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

/* The next packet's symbol, or < 0. Call while c->left. */
static int next_symbol(struct chunks *c, struct rill_err *why)
{
    while (c->n == 0) {
        int rc = take_chunk(c, why);
        if (rc < 0)
            return rc;
    }
    c->n--;
    c->left--;
    if (!is_vector(c->chunk))
        return c->chunk >> 13 & 3;
    unsigned bits = vector_bits(c->chunk);
    return c->chunk >> (c->n * bits) & ((1 << bits) - 1);
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
    for (size_t i = 0; i < count; i++) {
        int symbol = next_symbol(&c, why);
        if (symbol < 0)
            return symbol;
        if (i < cap)
            symbols[i] = (uint8_t)symbol;
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
    for (size_t i = 0; i < count; i++) {
        int symbol = next_symbol(&c, NULL);
        /* §3.1.5: a small delta is 8 bits unsigned, a large or negative one 16 bits signed.
         * The reserved symbol has none: the examples of §3.1.3 call it "w/o recv delta". */
        if (symbol != SMALL_DELTA && symbol != LARGE_DELTA)
            continue;
        size_t at = r.at;
        int16_t delta = symbol == SMALL_DELTA ? rill_r_u8(&r) : (int16_t)rill_r_u16(&r);
        if (r.bad)
            return rill_err_set(&rill_rtp_errors, RILL_RTCP_TWCC_DELTAS, at, i, why);
        if (n < cap)
            deltas[n++] = delta;
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
