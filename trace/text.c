/* text: an event as one line for people. */
#include "base/clock.h"
#include "trace/format.h"

/* Seconds with six decimals. */
static void write_time(struct rill_writer *w, int64_t now)
{
    uint64_t us = (uint64_t)(now < 0 ? -now : now);
    uint64_t fraction = us % (uint64_t)RILL_SECOND;
    if (now < 0)
        rill_w_char(w, '-');
    rill_w_dec(w, us / (uint64_t)RILL_SECOND);
    rill_w_char(w, '.');
    for (uint64_t unit = 100000; unit; unit /= 10)
        rill_w_char(w, (char)('0' + fraction / unit % 10));
}

/* Control characters would let a peer's text forge lines. */
static void write_clean(struct rill_writer *w, struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++)
        rill_w_char(w, v.p[i] < 0x20 || v.p[i] == 0x7f ? '?' : (char)v.p[i]);
}

static void write_value(struct rill_writer *w, enum rill_trace_type type,
                        const union rill_trace_value *v, bool secrets)
{
    switch (type) {
    case RILL_TRACE_U64:
        rill_w_dec(w, v->u);
        break;
    case RILL_TRACE_I64:
        rill_w_dec_signed(w, v->i);
        break;
    case RILL_TRACE_TEXT:
        write_clean(w, v->view);
        break;
    case RILL_TRACE_BYTES:
        rill_w_hex(w, v->view);
        break;
    case RILL_TRACE_SECRET:
        if (secrets)
            rill_w_hex(w, v->view);
        else
            rill_w_str(w, "(secret)");
        break;
    case RILL_TRACE_ADDR:
        if (v->addr)
            rill_addr_write(w, v->addr);
        break;
    }
}

void rill_trace_write_words(struct rill_writer *w, const struct rill_trace_point *point,
                            const union rill_trace_value *values, bool secrets)
{
    rill_w_str(w, point->room);
    rill_w_char(w, ' ');
    rill_w_str(w, point->name);
    for (size_t i = 0; i < point->n; i++) {
        rill_w_char(w, ' ');
        rill_w_str(w, point->fields[i].name);
        rill_w_char(w, '=');
        write_value(w, point->fields[i].type, &values[i], secrets);
    }
    rill_w_str(w, " (");
    rill_w_str(w, point->sentence);
    rill_w_char(w, ')');
}

void rill_trace_write_text(struct rill_writer *w, const struct rill_trace_point *point,
                           int64_t time, const union rill_trace_value *values, bool secrets)
{
    write_time(w, time);
    rill_w_char(w, ' ');
    rill_trace_write_words(w, point, values, secrets);
    rill_w_char(w, '\n');
}

bool rill_trace_has_bytes(const struct rill_trace_point *point)
{
    for (size_t i = 0; i < point->n; i++)
        if (point->fields[i].type == RILL_TRACE_BYTES)
            return true;
    return false;
}
