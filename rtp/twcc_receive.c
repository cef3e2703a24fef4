/* twcc_receive: arrivals written down, and told.
 *
 * The idea: a feedback begins behind the one before and ends with the last number that came; what
 * is between and did not come is told as missing. A number that comes late makes the next feedback
 * begin there, and what was told before is then "not received" in it (§3.1.1).
 */
#include "rtp/twcc.h"

#include "base/seq.h"
#include "rtp/rtcp_private.h"

#include <string.h>

#define REFERENCE_UNIT (64 * RILL_MS)
#define DELTA_UNIT 250
#define DELTAS_A_REFERENCE (REFERENCE_UNIT / DELTA_UNIT)
#define SMALL_MAX 255
/* Symbols in a vector chunk of one and of two bits. */
#define ONE_BIT 14
#define TWO_BITS 7
/* Packets that one feedback tells of. */
#define PACKETS_MAX 512
/* RTCP's header, two SSRCs and the fixed part; and what is worth writing, with its padding. */
#define FIXED (RTCP_HEADER + 16 + 3)
#define LEAST_ROOM (FIXED + 8)

enum symbol { MISSING, SMALL, LARGE };

void rill_twcc_receiver_init(struct rill_twcc_receiver *r, struct rill_arena *arena, size_t cap)
{
    *r = (struct rill_twcc_receiver){.cap = cap, .due = RILL_NEVER};
    r->arrived = rill_arena_take(arena, cap, sizeof *r->arrived);
    for (size_t i = 0; r->arrived && i < cap; i++)
        r->arrived[i] = RILL_NEVER;
}

static int64_t *slot(const struct rill_twcc_receiver *r, int64_t seq)
{
    return &r->arrived[(size_t)seq & (r->cap - 1)];
}

/* Nothing is remembered; the next number is the first. */
static void begin(struct rill_twcc_receiver *r, int64_t seq)
{
    for (size_t i = 0; i < r->cap; i++)
        r->arrived[i] = RILL_NEVER;
    r->started = true;
    r->lowest = r->highest = seq;
}

/* Numbers up to seq are expected; what is then older than the ring was never told. */
static void reach(struct rill_twcc_receiver *r, int64_t seq)
{
    if (seq - r->highest >= (int64_t)r->cap) {
        begin(r, seq);
        return;
    }
    while (r->highest < seq)
        *slot(r, ++r->highest) = RILL_NEVER;
    if (r->lowest <= seq - (int64_t)r->cap)
        r->lowest = seq - (int64_t)r->cap + 1;
}

void rill_twcc_receiver_packet(struct rill_twcc_receiver *r, int64_t arrived, uint16_t seq)
{
    int64_t got = r->started ? rill_seq16_unwrap(r->highest, seq) : 65536 + (int64_t)seq;
    if (!r->started)
        begin(r, got);
    if (got <= r->highest - (int64_t)r->cap)
        return;
    reach(r, got);
    if (*slot(r, got) != RILL_NEVER)
        return;
    *slot(r, got) = arrived;
    if (r->due == RILL_NEVER)
        r->due = arrived + RILL_TWCC_INTERVAL;
    r->lowest = got < r->lowest ? got : r->lowest;
}

int64_t rill_twcc_receiver_deadline(const struct rill_twcc_receiver *r)
{
    return r->due;
}

/* --- writing --------------------------------------------------------------------------- */

/* One feedback on its way: what it says of the n packets from `first` on. */
struct feedback {
    int64_t first;
    size_t n, n_deltas;
    int64_t reference; /* 64 ms units */
    uint8_t symbols[PACKETS_MAX];
    int16_t deltas[PACKETS_MAX];
};

/* As many packets as fit `room` bytes; a delta that does not fit its 16 bits ends it too. The worst
 * that can be is a large delta each, and a chunk for seven. */
static void collect(const struct rill_twcc_receiver *r, size_t room, struct feedback *f)
{
    int64_t before = f->reference * DELTAS_A_REFERENCE;
    size_t used = 2;
    for (; f->n < PACKETS_MAX && f->first + (int64_t)f->n <= r->highest && used + 3 <= room;
         f->n++) {
        int64_t at = *slot(r, f->first + (int64_t)f->n);
        if (f->n % TWO_BITS == 0)
            used += 2;
        f->symbols[f->n] = MISSING;
        if (at == RILL_NEVER)
            continue;
        int64_t delta = at / DELTA_UNIT - before;
        if (delta < INT16_MIN || delta > INT16_MAX)
            return;
        bool small = delta >= 0 && delta <= SMALL_MAX;
        f->symbols[f->n] = small ? SMALL : LARGE;
        f->deltas[f->n_deltas++] = (int16_t)delta;
        before += delta;
        used += small ? 1 : 2;
    }
}

static size_t run_at(const struct feedback *f, size_t i)
{
    size_t n = 1;
    while (i + n < f->n && f->symbols[i + n] == f->symbols[i])
        n++;
    return n;
}

/* §3.1.4: T = 1, S = the size bit, then symbols from the most significant bit on. Returns how
 * many it holds. */
static size_t write_vector(const struct feedback *f, size_t i, struct rill_writer *w)
{
    size_t left = f->n - i, n = left < ONE_BIT ? left : ONE_BIT;
    bool wide = memchr(f->symbols + i, LARGE, n) != NULL;
    if (wide && n > TWO_BITS)
        n = TWO_BITS;
    unsigned chunk = wide ? 0xc000 : 0x8000;
    for (size_t k = 0; k < n; k++)
        chunk |= (unsigned)f->symbols[i + k] << (wide ? 2 * (TWO_BITS - 1 - k) : ONE_BIT - 1 - k);
    rill_w_u16(w, (uint16_t)chunk);
    return n;
}

static void write_chunks(const struct feedback *f, struct rill_writer *w)
{
    for (size_t i = 0; i < f->n;) {
        size_t run = run_at(f, i);
        if (run < ONE_BIT && i + run < f->n) {
            i += write_vector(f, i, w);
            continue;
        }
        rill_w_u16(w, (uint16_t)((unsigned)f->symbols[i] << 13 | run)); /* §3.1.3 */
        i += run;
    }
}

/* In the order of the symbols (§3.1.5). */
static void write_deltas(const struct feedback *f, struct rill_writer *w)
{
    const int16_t *delta = f->deltas;
    for (size_t i = 0; i < f->n; i++) {
        if (f->symbols[i] == SMALL)
            rill_w_u8(w, (uint8_t)*delta++);
        else if (f->symbols[i] == LARGE)
            rill_w_u16(w, (uint16_t)*delta++);
    }
}

/* The first that came and was not told; beyond the highest when there is none. */
static int64_t first_arrived(const struct rill_twcc_receiver *r)
{
    int64_t seq = r->lowest;
    while (seq <= r->highest && *slot(r, seq) == RILL_NEVER)
        seq++;
    return seq;
}

/* What was told is forgotten; is there more? */
static void settle(struct rill_twcc_receiver *r, int64_t now, int64_t end)
{
    for (; r->lowest < end; r->lowest++)
        *slot(r, r->lowest) = RILL_NEVER;
    r->due = first_arrived(r) <= r->highest ? now : RILL_NEVER;
}

void rill_twcc_receiver_write(struct rill_twcc_receiver *r, int64_t now, struct rill_writer *w,
                              uint32_t sender, uint32_t media)
{
    struct feedback f = {.first = r->lowest};
    size_t room = w->bad ? 0 : w->cap - w->at;
    if (r->due == RILL_NEVER || room < LEAST_ROOM)
        return;
    f.reference = *slot(r, first_arrived(r)) / REFERENCE_UNIT;
    collect(r, room - FIXED, &f);
    size_t at = rill_rtcp_begin_feedback(w, RILL_RTCP_RTPFB, RILL_RTCP_TWCC, sender, media);
    rill_w_u16(w, (uint16_t)f.first);
    rill_w_u16(w, (uint16_t)f.n);
    rill_w_u24(w, (uint32_t)f.reference & 0xffffff);
    rill_w_u8(w, r->count++);
    write_chunks(&f, w);
    write_deltas(&f, w);
    rill_rtcp_pad_to_word(w, at);
    rill_rtcp_end(w, at);
    settle(r, now, f.first + (int64_t)f.n);
}
