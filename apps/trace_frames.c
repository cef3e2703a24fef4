#include "apps/trace_frames.h"

#include "apps/trace_scrub.h"

#include <string.h>

static const struct rill_trace_point received = {"signaling",
                                                 "received",
                                                 "the signaling server said something",
                                                 4,
                                                 {{"proto", RILL_TRACE_TEXT},
                                                  {"local", RILL_TRACE_ADDR},
                                                  {"remote", RILL_TRACE_ADDR},
                                                  {"bytes", RILL_TRACE_BYTES}}};
static const struct rill_trace_point sent = {"signaling",
                                             "sent",
                                             "something was said to the signaling server",
                                             4,
                                             {{"proto", RILL_TRACE_TEXT},
                                              {"local", RILL_TRACE_ADDR},
                                              {"remote", RILL_TRACE_ADDR},
                                              {"bytes", RILL_TRACE_BYTES}}};

/* RFC 6455 §5.2:
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-------+-+-------------+-------------------------------+
 * |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
 * |I|S|S|S|  (4)  |A|     (7)     |           (16/64)             |
 * |N|V|V|V|       |S|             |   (if payload len==126/127)   |
 * +-+-+-+-+-------+-+-------------+-------------------------------+
 * then 4 bytes of masking key, if MASK is set, and the payload */
struct shape {
    bool known;  /* the header is there */
    size_t mask; /* where the key lies; 0: none */
    size_t payload;
    uint64_t whole;
};

static struct shape shape_of(struct rill_view v)
{
    struct rill_reader r = rill_reader_of(v);
    struct shape s = {.known = false};
    rill_r_skip(&r, 1);
    uint8_t second = rill_r_u8(&r);
    uint64_t n = second & 0x7f;
    n = n == 126 ? rill_r_u16(&r) : n == 127 ? rill_r_u64(&r) : n;
    s.mask = second & 0x80 ? r.at : 0;
    if (s.mask)
        rill_r_skip(&r, 4);
    s.payload = r.at;
    s.whole = n > UINT32_MAX ? UINT32_MAX : r.at + n;
    s.known = !r.bad;
    return s;
}

/* --- secrets ------------------------------------------------------------------------------- */

static void unmask(uint8_t *frame, const struct shape *s)
{
    for (size_t i = s->payload; s->mask && i < s->whole; i++)
        frame[i] ^= frame[s->mask + (i - s->payload) % 4];
}

static void star_out(uint8_t *p, size_t n, struct rill_view password)
{
    for (size_t i = 0; password.n && i + password.n <= n; i++)
        if (memcmp(p + i, password.p, password.n) == 0)
            memset(p + i, '*', password.n);
}

static void hide(struct rill_trace_frames *x, const struct shape *s,
                 const struct rill_trace_frames_told *to)
{
    struct rill_span payload = {x->bytes + s->payload, (size_t)s->whole - s->payload};
    if (to->secrets)
        return;
    unmask(x->bytes, s);
    star_out(payload.p, payload.n, to->password);
    rill_trace_scrub(payload);
    unmask(x->bytes, s);
}

/* --- whole ones ---------------------------------------------------------------------------- */

static void tell(const struct rill_trace_frames *x, int64_t now,
                 const struct rill_trace_frames_told *to)
{
    RILL_TRACE(to->trace, now, *(to->sent ? &sent : &received),
               {.view = rill_view_of(x->upgraded ? "ws" : "http")}, {.addr = NULL},
               {.addr = &to->remote}, {.view = rill_view_at(x->bytes, x->n)});
}

static bool ends_head(const struct rill_trace_frames *x)
{
    return x->n >= 4 && memcmp(x->bytes + x->n - 4, "\r\n\r\n", 4) == 0;
}

/* A byte of a head, or of the header of a frame. */
static void take_one(struct rill_trace_frames *x, int64_t now,
                     const struct rill_trace_frames_told *to, uint8_t byte)
{
    if (x->n == sizeof x->bytes)
        x->n = 0; /* a head that never ends */
    x->bytes[x->n++] = byte;
    if (x->upgraded || !ends_head(x))
        return;
    if (!to->secrets)
        rill_trace_scrub((struct rill_span){x->bytes, x->n});
    tell(x, now, to);
    x->upgraded = true;
    x->n = 0;
}

void rill_trace_frames_take(struct rill_trace_frames *x, int64_t now,
                            const struct rill_trace_frames_told *to, struct rill_view bytes)
{
    while (bytes.n) {
        struct shape s = shape_of(rill_view_at(x->bytes, x->n));
        size_t n = 1;
        if (x->skip) {
            n = x->skip < bytes.n ? (size_t)x->skip : bytes.n;
            x->skip -= n;
        } else if (x->upgraded && s.known && s.whole > sizeof x->bytes) {
            x->skip = s.whole - x->n;
            x->n = n = 0;
        } else if (x->upgraded && s.known && s.whole > x->n) {
            n = (size_t)s.whole - x->n < bytes.n ? (size_t)s.whole - x->n : bytes.n;
            memcpy(x->bytes + x->n, bytes.p, n);
            x->n += n;
        } else {
            take_one(x, now, to, bytes.p[0]);
        }
        bytes = rill_view_sub(bytes, n, bytes.n - n);
        s = shape_of(rill_view_at(x->bytes, x->n));
        if (x->upgraded && s.known && s.whole == x->n) {
            hide(x, &s, to);
            tell(x, now, to);
            x->n = 0;
        }
    }
}
