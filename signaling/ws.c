/* ws: the machine between a byte stream and whole messages.
 *
 * The idea: three states, and one frame under way at most.
 *
 *   OPEN    → CLOSING  we sent a close frame         → CLOSED  its answer came, or none in time
 *   OPEN    → CLOSED   a close frame came (answered), a rule was broken, or silence
 *
 * Input stops at each event, so one slot holds what has happened. */
#include "signaling/ws.h"

#include "base/digest.h"
#include "base/utf8.h"
#include "signaling/base64.h"
#include "signaling/elastic.h"
#include "signaling/limits.h"
#include "signaling/reserve.h"
#include "signaling/utf8_stream.h"
#include "signaling/ws_frame.h"

#include <string.h>

#define CONTROL_FRAME_MAX (2 + 4 + RILL_WS_CONTROL_MAX)
/* Room behind the data for one pong or ping and for the close frame. */
#define CONTROL_RESERVE (2 * CONTROL_FRAME_MAX)

/* Longer messages, and more of them, move to the far memory. */
#define NEAR 512

enum state { OPEN, CLOSING, CLOSED };

struct rill_ws {
    struct rill_ws_config config;
    enum state state;

    uint8_t head[RILL_WS_HEAD_MAX]; /* of the frame that is coming in */
    size_t n_head;
    bool in_payload;
    struct rill_ws_frame frame;
    uint64_t at; /* payload bytes of the frame taken so far */

    struct rill_elastic message;
    size_t n_message;
    bool in_message;
    uint8_t opcode; /* of the message's first frame */
    struct rill_utf8_stream utf8;

    uint8_t control[RILL_WS_CONTROL_MAX];
    bool pong_due;
    uint8_t pong[RILL_WS_CONTROL_MAX];
    size_t n_pong;

    struct rill_elastic queue; /* frames to send: [from, to) */
    size_t from, to;

    bool has_event;
    struct rill_ws_event event;

    int64_t heard;    /* when bytes last came */
    int64_t deadline; /* of the answer to a ping or to a close; NEVER: none awaited */
};

static struct rill_ws_config with_defaults(const struct rill_ws_config *given)
{
    struct rill_ws_config c = *given;
    c.message = c.message ? c.message : RILL_SIGNALING_MESSAGE_MAX;
    c.out = c.out ? c.out : RILL_LIMIT_UNREAD_MESSAGES * c.message;
    c.pong_timeout = c.pong_timeout ? c.pong_timeout : RILL_LIMIT_PONG_MS * RILL_MS;
    c.close_timeout = c.close_timeout ? c.close_timeout : RILL_LIMIT_CLOSE_MS * RILL_MS;
    return c;
}

static struct rill_ws *carve(struct rill_arena *a, struct rill_arena *far,
                             const struct rill_ws_config *c)
{
    struct rill_ws *x = rill_arena_take(a, 1, sizeof *x);
    uint8_t *near[2] = {rill_reserve(a, NEAR), rill_reserve(a, NEAR)};
    uint8_t *message = rill_reserve(far, c->message);
    uint8_t *queue = rill_reserve(far, c->out + CONTROL_RESERVE);
    if (!x)
        return NULL;
    x->message = rill_elastic_of(near[0], NEAR, message, c->message);
    x->queue = rill_elastic_of(near[1], NEAR, queue, c->out + CONTROL_RESERVE);
    return x;
}

size_t rill_ws_size(const struct rill_ws_config *config)
{
    struct rill_ws_config c = with_defaults(config);
    struct rill_arena a = rill_arena_counting(), far = a;
    carve(&a, c.apart ? &far : &a, &c);
    return rill_arena_size(&a);
}

size_t rill_ws_far_size(const struct rill_ws_config *config)
{
    struct rill_ws_config c = with_defaults(config);
    struct rill_arena a = rill_arena_counting(), far = a;
    carve(&a, &far, &c);
    return rill_arena_size(&far);
}

struct rill_ws *rill_ws_init(void *block, const struct rill_ws_config *config, int64_t now)
{
    struct rill_ws_config c = with_defaults(config);
    struct rill_arena a = rill_arena_over(block, rill_ws_size(config));
    struct rill_arena far = rill_arena_over(c.far, c.apart ? rill_ws_far_size(config) : 0);
    struct rill_ws *x = carve(&a, c.apart ? &far : &a, &c);
    x->config = c;
    x->heard = now;
    x->deadline = RILL_NEVER;
    return x;
}

/* --- what goes out ------------------------------------------------------------------- */

/* Puts a whole frame into the queue unless more than `limit` bytes would wait. */
static bool enqueue(struct rill_ws *x, uint8_t opcode, struct rill_view payload, size_t limit)
{
    uint8_t head[RILL_WS_HEAD_MAX], key[4];
    bool masked = !x->config.server;
    if (masked)
        rill_rng_fill(&x->config.rng, key, sizeof key);
    size_t n = rill_ws_frame_write(head, opcode, payload.n, masked ? key : NULL);
    size_t waiting = x->to - x->from;
    if (payload.n > limit || n > limit - payload.n || waiting > limit - payload.n - n)
        return false;
    if (x->queue.cap - x->to < n + payload.n) {
        memmove(x->queue.p, x->queue.p + x->from, waiting);
        x->from = 0;
        x->to = waiting;
    }
    rill_elastic_reach(&x->queue, x->to, x->to + n + payload.n);
    uint8_t *at = x->queue.p + x->to;
    memcpy(at, head, n);
    if (payload.n)
        memcpy(at + n, payload.p, payload.n);
    if (masked)
        rill_ws_mask(at + n, payload.n, key, 0);
    x->to += n + payload.n;
    return true;
}

/* RFC 6455 §5.5.3: of several pings only the last needs its pong, so one that finds no room
 * waits in a slot of its own and a newer one takes its place. */
static void flush_pong(struct rill_ws *x)
{
    if (x->pong_due && x->state != CLOSED &&
        enqueue(x, RILL_WS_OP_PONG, rill_view_at(x->pong, x->n_pong),
                x->config.out + CONTROL_FRAME_MAX))
        x->pong_due = false;
}

static void send_close(struct rill_ws *x, uint16_t code, const char *reason)
{
    uint8_t payload[RILL_WS_CONTROL_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){payload, sizeof payload});
    struct rill_view text = rill_view_of(reason);
    if (code)
        rill_w_u16(&w, code);
    for (size_t i = 0; i < text.n && w.at < w.cap;) {
        struct rill_view rest = rill_view_sub(text, i, text.n - i);
        size_t n = rill_utf8_sequence(rest);
        if (n == 0 || n > w.cap - w.at)
            break;
        rill_w_bytes(&w, rill_view_sub(rest, 0, n));
        i += n;
    }
    enqueue(x, RILL_WS_OP_CLOSE, rill_w_view(&w), x->queue.n_far);
}

static int send_data(struct rill_ws *x, uint8_t opcode, struct rill_view bytes)
{
    if (x->state != OPEN)
        return RILL_SIGNALING_WS_CLOSED;
    return enqueue(x, opcode, bytes, x->config.out) ? 0 : RILL_SIGNALING_WS_FULL;
}

int rill_ws_send_text(struct rill_ws *x, struct rill_view text)
{
    if (!rill_utf8_is_valid(text))
        return RILL_SIGNALING_WS_UTF8;
    return send_data(x, RILL_WS_OP_TEXT, text);
}

int rill_ws_send_binary(struct rill_ws *x, struct rill_view bytes)
{
    return send_data(x, RILL_WS_OP_BINARY, bytes);
}

int rill_ws_close(struct rill_ws *x, int64_t now, uint16_t code, const char *reason)
{
    if (!rill_ws_code_is_valid(code))
        return RILL_SIGNALING_WS_CLOSE;
    if (x->state != OPEN)
        return RILL_SIGNALING_WS_CLOSED;
    flush_pong(x);
    send_close(x, code, reason);
    x->state = CLOSING;
    x->deadline = now + x->config.close_timeout;
    return 0;
}

size_t rill_ws_output(struct rill_ws *x, struct rill_span out)
{
    size_t waiting = x->to - x->from;
    size_t n = waiting < out.n ? waiting : out.n;
    if (n)
        memcpy(out.p, x->queue.p + x->from, n);
    x->from += n;
    if (x->from == x->to) {
        x->from = x->to = 0;
        rill_elastic_reset(&x->queue);
    }
    flush_pong(x);
    return n;
}

bool rill_ws_has_output(const struct rill_ws *x)
{
    return x->to > x->from;
}

/* --- how it ends --------------------------------------------------------------------- */

static void ended(struct rill_ws *x, uint16_t code, int error)
{
    x->state = CLOSED;
    x->deadline = RILL_NEVER;
    x->pong_due = false;
    x->has_event = true;
    x->event = (struct rill_ws_event){.type = RILL_WS_CLOSED, .code = code, .error = error};
}

bool rill_ws_code_is_valid(uint16_t code)
{
    /* RFC 6455 §7.4.1: 1004 is reserved; 1005, 1006 and 1015 are never on the wire. §7.4.2:
     * 3000-3999 are registered, 4000-4999 private. 1012-1014 came later, by IANA's register. */
    if (code >= 1000 && code <= 1014)
        return code < 1004 || code > 1006;
    return code >= 3000 && code <= 4999;
}

/* RFC 6455 §7.4.1: which code tells the other side about which fault. */
static uint16_t code_of(int row)
{
    switch (row) {
    case RILL_SIGNALING_WS_UTF8:
        return 1007;
    case RILL_SIGNALING_WS_TOO_LARGE:
        return 1009;
    default:
        return 1002;
    }
}

/* RFC 6455 §7.1.7: a close frame with the reason's code, and no more data is read. */
static int fail(struct rill_ws *x, int row, size_t offset, uint64_t value, struct rill_err *why)
{
    if (x->state == OPEN)
        send_close(x, code_of(row), NULL);
    ended(x, 1006, row);
    return rill_err_set(&rill_signaling_errors, row, offset, value, why);
}

/* --- what comes in ------------------------------------------------------------------- */

/* RFC 6455 §5.5.1: none or a code with a reason; answered with the same code. */
static int take_close(struct rill_ws *x, size_t offset, struct rill_err *why)
{
    struct rill_view payload = rill_view_at(x->control, (size_t)x->frame.length);
    struct rill_reader r = rill_reader_of(payload);
    uint16_t code = payload.n ? rill_r_u16(&r) : 0;
    if (r.bad || (payload.n && !rill_ws_code_is_valid(code)))
        return fail(x, RILL_SIGNALING_WS_CLOSE, offset, r.bad ? payload.n : code, why);
    if (payload.n && !rill_utf8_is_valid(rill_view_sub(payload, 2, payload.n - 2)))
        return fail(x, RILL_SIGNALING_WS_UTF8, offset, 0, why);
    if (x->state == OPEN)
        send_close(x, code, NULL);
    ended(x, code ? code : 1005, 0);
    return 0;
}

static int end_control(struct rill_ws *x, size_t offset, struct rill_err *why)
{
    struct rill_view payload = rill_view_at(x->control, (size_t)x->frame.length);
    if (x->frame.opcode == RILL_WS_OP_CLOSE)
        return take_close(x, offset, why);
    if (x->state != OPEN)
        return 0;
    if (x->frame.opcode == RILL_WS_OP_PING) {
        if (payload.n)
            memcpy(x->pong, payload.p, payload.n);
        x->n_pong = payload.n;
        x->pong_due = true;
        flush_pong(x);
        return 0;
    }
    x->has_event = true;
    x->event = (struct rill_ws_event){.type = RILL_WS_PONG, .bytes = payload};
    return 0;
}

static int end_data(struct rill_ws *x, size_t offset, struct rill_err *why)
{
    if (!x->frame.fin)
        return 0;
    bool text = x->opcode == RILL_WS_OP_TEXT;
    if (text && !rill_utf8_stream_is_whole(&x->utf8))
        return fail(x, RILL_SIGNALING_WS_UTF8, offset, 0, why);
    x->in_message = false;
    /* RFC 6455 §1.4: after its close frame a side discards what still comes. */
    if (x->state != OPEN)
        return 0;
    x->has_event = true;
    x->event = (struct rill_ws_event){.type = text ? RILL_WS_TEXT : RILL_WS_BINARY,
                                      .bytes = rill_view_at(x->message.p, x->n_message)};
    return 0;
}

static int end_frame(struct rill_ws *x, size_t offset, struct rill_err *why)
{
    x->in_payload = false;
    x->n_head = 0;
    return rill_ws_opcode_is_control(x->frame.opcode) ? end_control(x, offset, why)
                                                      : end_data(x, offset, why);
}

/* RFC 6455 §5.4: a message is one frame, or a beginning and its continuations; nothing but
 * control frames comes in between. */
static int begin_frame(struct rill_ws *x, size_t offset, struct rill_err *why)
{
    const struct rill_ws_frame *f = &x->frame;
    x->in_payload = true;
    x->at = 0;
    if (rill_ws_opcode_is_control(f->opcode))
        return 0;
    if ((f->opcode == RILL_WS_OP_CONTINUATION) != x->in_message)
        return fail(x, RILL_SIGNALING_WS_FRAGMENT, offset, f->opcode, why);
    if (!x->in_message) {
        x->in_message = true;
        x->opcode = f->opcode;
        x->n_message = 0;
        rill_elastic_reset(&x->message);
        x->utf8 = (struct rill_utf8_stream){0};
    }
    if (f->length > x->config.message - x->n_message)
        return fail(x, RILL_SIGNALING_WS_TOO_LARGE, offset, f->length, why);
    rill_elastic_reach(&x->message, x->n_message, x->n_message + (size_t)f->length);
    return 0;
}

/* One byte of the head at a time, so that a wrong one is told at once. */
static int take_head(struct rill_ws *x, uint8_t byte, size_t offset, struct rill_err *why)
{
    struct rill_err local = {0};
    x->head[x->n_head++] = byte;
    int rc =
        rill_ws_frame_read(rill_view_at(x->head, x->n_head), x->config.server, &x->frame, &local);
    if (rc < 0)
        return fail(x, rc, offset, local.value, why);
    return rc > 0 ? begin_frame(x, offset, why) : 0;
}

static int take_payload(struct rill_ws *x, struct rill_view bytes, size_t offset,
                        struct rill_err *why)
{
    bool control = rill_ws_opcode_is_control(x->frame.opcode);
    uint8_t *to = control ? x->control + x->at : x->message.p + x->n_message;
    if (bytes.n)
        memcpy(to, bytes.p, bytes.n);
    if (x->frame.masked)
        rill_ws_mask(to, bytes.n, x->frame.key, x->at);
    x->at += bytes.n;
    if (control)
        return 0;
    x->n_message += bytes.n;
    /* RFC 6455 §8.1: a text that is not UTF-8 fails the connection; at its first wrong byte. */
    if (x->opcode == RILL_WS_OP_TEXT && !rill_utf8_stream_feed(&x->utf8, rill_view_at(to, bytes.n)))
        return fail(x, RILL_SIGNALING_WS_UTF8, offset, 0, why);
    return 0;
}

static int take(struct rill_ws *x, struct rill_view bytes, size_t *i, struct rill_err *why)
{
    if (!x->in_payload) {
        int rc = take_head(x, bytes.p[*i], *i, why);
        *i += 1;
        if (rc < 0)
            return rc;
    }
    if (!x->in_payload)
        return 0;
    size_t left = bytes.n - *i;
    size_t n = left < x->frame.length - x->at ? left : (size_t)(x->frame.length - x->at);
    int rc = take_payload(x, rill_view_sub(bytes, *i, n), *i, why);
    *i += n;
    if (rc < 0 || x->at < x->frame.length)
        return rc;
    return end_frame(x, *i, why);
}

long rill_ws_input(struct rill_ws *x, int64_t now, struct rill_view bytes, struct rill_err *why)
{
    size_t i = 0;
    if (x->state == CLOSED)
        return (long)bytes.n;
    x->heard = now;
    if (x->state == OPEN)
        x->deadline = RILL_NEVER;
    while (i < bytes.n && !x->has_event) {
        int rc = take(x, bytes, &i, why);
        if (rc < 0)
            return rc;
    }
    return x->state == CLOSED ? (long)bytes.n : (long)i;
}

bool rill_ws_event(struct rill_ws *x, struct rill_ws_event *out)
{
    if (!x->has_event)
        return false;
    *out = x->event;
    x->has_event = false;
    return true;
}

/* --- time ---------------------------------------------------------------------------- */

void rill_ws_tick(struct rill_ws *x, int64_t now)
{
    if (now >= x->deadline) {
        ended(x, 1006, RILL_SIGNALING_WS_SILENT);
        return;
    }
    bool quiet = x->state == OPEN && x->deadline == RILL_NEVER && x->config.ping;
    if (!quiet || now - x->heard < x->config.ping)
        return;
    enqueue(x, RILL_WS_OP_PING, rill_view_at(NULL, 0), x->config.out + CONTROL_FRAME_MAX);
    x->deadline = now + x->config.pong_timeout;
}

int64_t rill_ws_deadline(const struct rill_ws *x)
{
    if (x->state != OPEN || x->deadline != RILL_NEVER || !x->config.ping)
        return x->deadline;
    return x->heard + x->config.ping;
}

/* --- the handshake's key ------------------------------------------------------------- */

void rill_ws_accept_key(struct rill_view key, char out[29])
{
    const struct rill_view pieces[] = {key, rill_view_of("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")};
    uint8_t digest[RILL_SHA1_SIZE];
    rill_digest_pieces(RILL_SHA1, pieces, 2, digest);
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)out, 29});
    rill_base64_write(&w, rill_view_at(digest, sizeof digest));
    rill_w_end_text(&w);
}
