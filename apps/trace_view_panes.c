/* trace_view_panes: the selected event from the inside: fields to the left, bytes to the right,
 * where the selected field's are marked. */
#include "apps/trace_view.h"

#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- fields ------------------------------------------------------------------------------------
 */

static void draw_field(const struct view *v, int y, int width, const struct rill_dissect_node *node,
                       bool selected)
{
    char line[1024];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)line, sizeof line});
    for (int i = 0; i < 2 * node->depth; i++)
        rill_w_char(&w, ' ');
    rill_w_str(&w, node->name);
    rill_w_str(&w, node->type == RILL_DISSECT_NONE ? "" : ": ");
    rill_dissect_write_value(&w, node);
    if (node->meaning) {
        rill_w_str(&w, " (");
        rill_dissect_write_meaning(&w, node);
        rill_w_char(&w, ')');
    }
    rill_w_end_text(&w);
    attr_t style = selected ? (v->focus == VIEW_FIELDS ? A_REVERSE : A_BOLD) : 0;
    attr_set(style | (node->depth == 0 ? A_BOLD : 0), node->bad ? VIEW_RED : 0, NULL);
    view_put(y, 0, width, line);
    attr_set(0, 0, NULL);
}

/* What the field is for, below its pane. */
static void draw_sentence(int y, int width, const struct rill_dissect_node *node)
{
    char line[1024];
    snprintf(line, sizeof line, "%s%s%s", node->clause ? node->clause : "",
             node->clause && node->sentence ? ": " : "", node->sentence ? node->sentence : "");
    attr_set(A_DIM, 0, NULL);
    view_put(y, 0, width, line);
    attr_set(0, 0, NULL);
}

static void draw_fields(struct view *v, int y, int height, int width,
                        const struct rill_dissection *d)
{
    size_t page = (size_t)(height - 1);
    if (v->field >= d->n)
        v->field = d->n - 1;
    if (v->field < v->field_top)
        v->field_top = v->field;
    if (v->field >= v->field_top + page)
        v->field_top = v->field - page + 1;
    for (size_t i = 0; i < page && v->field_top + i < d->n; i++)
        draw_field(v, y + (int)i, width, &d->nodes[v->field_top + i], v->field_top + i == v->field);
}

/* --- bytes -------------------------------------------------------------------------------------
 */

static bool is_marked(const struct rill_dissect_node *node, size_t byte)
{
    size_t from = node->bit / 8, to = (node->bit + node->bits + 7) / 8;
    return node->bits && byte >= from && byte < to;
}

static void draw_bytes(int y, int x, int height, size_t across, struct rill_view bytes,
                       const struct rill_dissect_node *node)
{
    size_t first = node->bits ? node->bit / 8 / across : 0;
    size_t lines = (bytes.n + across - 1) / across, page = (size_t)height;
    /* The field's first line in the upper third. */
    size_t top = first > page / 3 ? first - page / 3 : 0;
    top = lines > page && top > lines - page ? lines - page : lines <= page ? 0 : top;
    for (size_t i = 0; i < page && top + i < lines; i++) {
        char text[16];
        size_t from = (top + i) * across;
        snprintf(text, sizeof text, "%05zx ", from);
        attron(A_DIM);
        mvaddstr(y + (int)i, x, text);
        attroff(A_DIM);
        for (size_t k = 0; k < across && from + k < bytes.n; k++) {
            uint8_t b = bytes.p[from + k];
            attr_set(is_marked(node, from + k) ? A_REVERSE : 0, 0, NULL);
            snprintf(text, sizeof text, "%02x", b);
            mvaddstr(y + (int)i, x + 6 + 3 * (int)k + (k >= 8), text);
            mvaddch(y + (int)i, x + 7 + 3 * (int)across + 1 + (int)k,
                    b >= 0x20 && b < 0x7f ? (chtype)b : (chtype)'.');
            attr_set(0, 0, NULL);
        }
    }
}

/* --- data of an event without a packet ---------------------------------------------------------
 */

static void draw_data(const struct rill_trace_event *e, int y, int height, int width)
{
    char *text = json_dumps(e->data, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    char *line = text;
    for (int i = 0; line && i < height; i++) {
        char *end = strchr(line, '\n');
        if (end)
            *end = 0;
        view_put(y + i, 0, width, line);
        line = end ? end + 1 : NULL;
    }
    free(text);
}

void view_draw_panes(struct view *v, int y, int height, int width)
{
    struct rill_trace_event e;
    v->n_fields = 0;
    if (height < 2 || !view_selected(v, &e))
        return;
    const struct rill_dissection *d = rill_trace_lens_tree(v->lens, &e);
    if (d->n == 0) {
        draw_data(&e, y, height, width);
        return;
    }
    size_t across = width >= 150 ? 16 : 8;
    int bytes = (int)across * 4 + 9;
    int left = width - bytes - 2 > 30 ? width - bytes - 2 : width;
    v->n_fields = d->n;
    draw_fields(v, y, height, left, d);
    draw_sentence(y + height - 1, width, &d->nodes[v->field]);
    if (left < width)
        draw_bytes(y, left + 2, height - 1, across, e.bytes, &d->nodes[v->field]);
}
