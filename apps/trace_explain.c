#include "apps/trace_explain.h"

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

void rill_trace_explain(FILE *out, bool colour, const struct rill_trace_point *point, int64_t time,
                        const union rill_trace_value *values)
{
    char line[LINE];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)line, sizeof line});
    rill_w_str(&w, point->sentence);
    write_values(&w, point, values);
    rill_w_end_text(&w);
    fprintf(out, "%s%10.3f%s %s%-9s%s %s\n", colour ? "\x1b[2m" : "", (double)time / 1e3,
            colour ? "\x1b[0m" : "", colour ? colour_of(point->room) : "", point->room,
            colour ? "\x1b[0m" : "", line);
}
