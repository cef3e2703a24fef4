#include "apps/trace_explain.h"

#include "trace/format.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE 1024
/* Of one value; a description is no line. */
#define VALUE_MAX 160

bool rill_trace_may_colour(FILE *out)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return (!no || !no[0]) && (!term || strcmp(term, "dumb") != 0) && isatty(fileno(out));
}

static const char *colour_of(const char *room)
{
    static const struct {
        const char *room, *code;
    } colours[] = {{"call", "\x1b[1m"},  {"signaling", "\x1b[35m"}, {"ice", "\x1b[34m"},
                   {"turn", "\x1b[34m"}, {"mdns", "\x1b[34m"},      {"dtls", "\x1b[33m"},
                   {"peer", "\x1b[36m"}, {"media", "\x1b[32m"}};
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
        if (!strcmp(colours[i].room, room))
            return colours[i].code;
    return "";
}

/* No peer's text may move the cursor or begin a line. */
static void write_clean(struct rill_writer *w, struct rill_view v)
{
    for (size_t i = 0; i < v.n && i < VALUE_MAX; i++)
        rill_w_char(w, v.p[i] < 0x20 || v.p[i] == 0x7f ? ' ' : (char)v.p[i]);
    if (v.n > VALUE_MAX)
        rill_w_str(w, "…");
}

/* False: there is nothing to show. */
static bool write_value(struct rill_writer *w, enum rill_trace_type type,
                        const union rill_trace_value *v)
{
    switch (type) {
    case RILL_TRACE_U64:
        rill_w_dec(w, v->u);
        return true;
    case RILL_TRACE_I64:
        rill_w_dec_signed(w, v->i);
        return true;
    case RILL_TRACE_TEXT:
        write_clean(w, v->view);
        return v->view.n > 0;
    case RILL_TRACE_BYTES:
        rill_w_dec(w, v->view.n);
        rill_w_str(w, " bytes");
        return true;
    case RILL_TRACE_SECRET:
        rill_w_str(w, "(secret)");
        return true;
    case RILL_TRACE_ADDR:
        if (v->addr)
            rill_addr_write(w, v->addr);
        return v->addr != NULL;
    }
    return false;
}

static void write_values(struct rill_writer *w, const struct rill_trace_point *point,
                         const union rill_trace_value *values)
{
    const char *between = ": ";
    for (size_t i = 0; i < point->n; i++) {
        struct rill_writer before = *w;
        rill_w_str(w, between);
        rill_w_str(w, point->fields[i].name);
        rill_w_char(w, ' ');
        if (write_value(w, point->fields[i].type, &values[i]))
            between = ", ";
        else
            *w = before;
    }
}

/* --- what carries bytes ------------------------------------------------------------------- */

/* What a datagram of media holds is told in clear beside it. */
static bool is_media(struct rill_view bytes)
{
    return bytes.n && bytes.p[0] >= 128 && bytes.p[0] <= 191; /* RFC 7983 §7 */
}

/* False: it is nothing to be shown in this way. remote: whose value names the other side; n: none.
 */
static bool kind_of(const struct rill_trace_point *point, const union rill_trace_value *v,
                    enum rill_dissect_kind *kind, size_t *bytes, size_t *remote)
{
    static const struct {
        const char *room, *name;
        enum rill_dissect_kind kind;
        size_t bytes, remote;
    } rows[] = {
        {"peer", "datagram_", RILL_DISSECT_DATAGRAM, 4, 3},
        {"peer", "rtp_", RILL_DISSECT_RTP, 3, 9},
        {"peer", "rtcp_", RILL_DISSECT_RTCP, 1, 9},
        {"mdns", "datagram_", RILL_DISSECT_DNS, 2, 1},
        {"signaling", "", RILL_DISSECT_WEBSOCKET, 3, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].room, point->room) != 0 ||
            strncmp(rows[i].name, point->name, strlen(rows[i].name)) != 0)
            continue;
        *kind = rows[i].kind;
        *bytes = rows[i].bytes;
        *remote = rows[i].remote;
        if (*kind == RILL_DISSECT_WEBSOCKET && rill_view_is(v[0].view, "http"))
            *kind = RILL_DISSECT_HTTP;
        return true;
    }
    return false;
}

/* "→ 192.0.2.1:5000 STUN Binding request, …" */
static void write_bytes(struct rill_writer *w, const struct rill_trace_explainer *x,
                        const struct rill_trace_point *point, enum rill_dissect_kind kind,
                        struct rill_view bytes, const struct rill_addr *remote)
{
    bool sent = strstr(point->name, "sent") != NULL;
    rill_w_str(w, sent ? "→ " : "← ");
    if (remote) {
        rill_addr_write(w, remote);
        rill_w_char(w, ' ');
    }
    rill_dissect_write_summary(w, kind, bytes, &x->hints);
}

/* What the command says itself is in words already. */
static bool write_call(struct rill_writer *w, const struct rill_trace_point *point,
                       const union rill_trace_value *v)
{
    if (strcmp(point->room, "call") != 0)
        return false;
    if (!strcmp(point->name, "step")) {
        rill_w_str(w, "step ");
        rill_w_dec(w, v[0].u);
        rill_w_str(w, ": ");
        write_clean(w, v[2].view);
        return true;
    }
    if (!strcmp(point->name, "note")) {
        write_clean(w, v[0].view);
        rill_w_str(w, ": ");
        write_clean(w, v[1].view);
        return true;
    }
    return false;
}

/* False: there is no line of it. */
static bool write_line(struct rill_writer *w, struct rill_trace_explainer *x,
                       const struct rill_trace_point *point, const union rill_trace_value *v)
{
    enum rill_dissect_kind kind;
    size_t bytes, remote;
    if (!strcmp(point->room, "peer") && !strcmp(point->name, "description"))
        rill_dissect_hint(&x->hints, v[2].view);
    if (write_call(w, point, v))
        return true;
    if (!rill_trace_has_bytes(point) || !kind_of(point, v, &kind, &bytes, &remote)) {
        rill_w_str(w, point->sentence);
        write_values(w, point, v);
        return true;
    }
    if (kind == RILL_DISSECT_DATAGRAM && is_media(v[bytes].view))
        return false;
    write_bytes(w, x, point, kind, v[bytes].view, remote < point->n ? v[remote].addr : NULL);
    return true;
}

void rill_trace_explain_to(struct rill_trace_explainer *x, FILE *out)
{
    static const struct rill_dissect_hints none;
    x->out = out;
    x->colour = rill_trace_may_colour(out);
    x->hints = none;
}

void rill_trace_explain(struct rill_trace_explainer *x, const struct rill_trace_point *point,
                        int64_t time, const union rill_trace_value *values)
{
    char line[LINE];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)line, sizeof line});
    if (!write_line(&w, x, point, values))
        return;
    rill_w_end_text(&w);
    fprintf(x->out, "%s%10.3f%s %s%-9s%s %s\n", x->colour ? "\x1b[2m" : "", (double)time / 1e3,
            x->colour ? "\x1b[0m" : "", x->colour ? colour_of(point->room) : "", point->room,
            x->colour ? "\x1b[0m" : "", line);
}
