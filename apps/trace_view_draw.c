/* trace_view_draw: the screen: a title, the list with its arrows, the panes, a line for keys. */
#include "apps/trace_view.h"

#include "base/utf8.h"

#include <langinfo.h>
#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#define TIME_WIDTH 11
#define LANE_WIDTH 9
#define LANES (3 * LANE_WIDTH + 2)
#define NAME_WIDTH 24
#define NARROW 100 /* without arrows */

int view_put(int y, int x, int width, const char *text)
{
    struct rill_view v = rill_view_of(text);
    size_t at = 0;
    int n = 0;
    while (at < v.n && n < width) {
        size_t size = rill_utf8_sequence(rill_view_sub(v, at, v.n - at));
        at += size ? size : 1;
        n++;
    }
    mvaddnstr(y, x, text, (int)at);
    return n;
}

void view_draw_begin(struct view *v)
{
    static const short colours[] = {COLOR_BLUE, COLOR_YELLOW,  COLOR_GREEN,
                                    COLOR_CYAN, COLOR_MAGENTA, COLOR_RED};
    v->unicode = !strcmp(nl_langinfo(CODESET), "UTF-8");
    if (!has_colors())
        return;
    start_color();
    use_default_colors();
    for (short i = 0; i < 6; i++)
        init_pair((short)(i + 1), colours[i], -1);
}

/* --- the list ----------------------------------------------------------------------------------
 */

static const struct {
    const char *word;
    int pair;
} colours[] = {
    {"STUN", VIEW_BLUE},       {"TURN", VIEW_BLUE},         {"DTLS", VIEW_YELLOW},
    {"SRTCP", VIEW_CYAN},      {"RTCP", VIEW_CYAN},         {"SRTP", VIEW_GREEN},
    {"RTP", VIEW_GREEN},       {"WebSocket", VIEW_MAGENTA}, {"HTTP", VIEW_MAGENTA},
    {"call:failed", VIEW_RED}, {"(bad", VIEW_RED},
};

static int colour_of(const char *name, const char *line)
{
    int pair = VIEW_PLAIN;
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
        if ((!pair || colours[i].pair == VIEW_RED) &&
            (strstr(line, colours[i].word) || !strcmp(name, colours[i].word)))
            pair = colours[i].pair;
    return pair;
}

/* me |----->|      |      | */
static void draw_arrow(const struct view *v, int y, int x, const struct rill_trace_row *row)
{
    const char *post = v->unicode ? "│" : "|", *bar = v->unicode ? "─" : "-";
    const char *tip = row->sent ? (v->unicode ? "▶" : ">") : v->unicode ? "◀" : "<";
    int to = row->lane * LANE_WIDTH;
    for (int lane = 0; lane <= 3; lane++)
        mvaddstr(y, x + lane * LANE_WIDTH, post);
    for (int i = 1; i < to; i++)
        mvaddstr(y, x + i, bar);
    if (to)
        mvaddstr(y, row->sent ? x + to - 1 : x + 1, tip);
}

static void draw_row(struct view *v, int y, int width, size_t at)
{
    struct rill_trace_event e;
    const struct rill_trace_row *row = rill_trace_store_row(v->store, v->shown[at]);
    char line[1024], text[64];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)line, sizeof line});
    int x = TIME_WIDTH + 1;
    if (!view_event(v, v->shown[at], &e))
        return;
    rill_trace_lens_write(v->lens, &e, &w);
    rill_w_end_text(&w);
    int pair = colour_of(e.name, line);
    attr_t style = at == v->at ? (v->focus == VIEW_LIST ? A_REVERSE : A_BOLD) : 0;
    style |= !strcmp(e.name, "call:step") ? A_BOLD : 0;
    attr_set(style, (short)pair, NULL);
    mvhline(y, 0, ' ', width);
    snprintf(text, sizeof text, "%10.3f", (double)row->time / 1e3);
    mvaddstr(y, 0, text);
    if (width >= NARROW) {
        draw_arrow(v, y, x, row);
        x += LANES;
    }
    view_put(y, x, NAME_WIDTH - 1, e.name);
    view_put(y, x + NAME_WIDTH, width - x - NAME_WIDTH, line);
    attr_set(0, 0, NULL);
}

static void draw_list(struct view *v, int y, int height, int width)
{
    v->page = (size_t)height;
    if (v->at < v->top)
        v->top = v->at;
    if (v->at >= v->top + v->page)
        v->top = v->at - v->page + 1;
    for (int i = 0; i < height; i++) {
        move(y + i, 0);
        clrtoeol();
        if (v->top + (size_t)i < v->n_shown)
            draw_row(v, y + i, width, v->top + (size_t)i);
    }
    if (v->n_shown == 0 && view_is_idle(v))
        view_put(y, 2, width - 2,
                 rill_trace_store_count(v->store) ? "no event is as the filter wants it"
                                                  : "there are no events yet");
}

/* --- around it ---------------------------------------------------------------------------------
 */

static void draw_title(struct view *v, int width)
{
    char line[1024];
    const char *trouble = rill_trace_feed_trouble(v->feed);
    snprintf(line, sizeof line, " %s%s%s  %zu of %zu events%s%s%s%s%s%s", v->who,
             v->who[0] ? "  " : "", v->where, v->n_shown, rill_trace_store_count(v->store),
             view_is_idle(v) ? "" : " …", v->follow ? "  follow" : "",
             v->filter_text[0] ? "  filter: " : "", v->filter_text, trouble ? "  " : "",
             trouble ? trouble : "");
    attron(A_REVERSE);
    mvhline(0, 0, ' ', width);
    view_put(0, 0, width, line);
    attroff(A_REVERSE);
    move(1, 0);
    clrtoeol();
    attron(A_UNDERLINE);
    mvhline(1, 0, ' ', width);
    mvaddstr(1, 7, "ms");
    if (width >= NARROW) {
        static const char *const lanes[] = {"me", "signal.", "STUN/TURN", "other"};
        for (int i = 0; i < 4; i++)
            mvaddstr(1, TIME_WIDTH + 1 + i * LANE_WIDTH - (i ? (int)strlen(lanes[i]) / 2 : 0),
                     lanes[i]);
    }
    mvaddstr(1, (width >= NARROW ? LANES : 0) + TIME_WIDTH + 8, "event");
    attroff(A_UNDERLINE);
}

static void draw_bottom(struct view *v, int y, int width)
{
    char line[1024];
    move(y, 0);
    clrtoeol();
    curs_set(v->input == VIEW_FILTER || v->input == VIEW_SEARCH);
    if (v->input == VIEW_FILTER || v->input == VIEW_SEARCH) {
        const char *label = v->input == VIEW_FILTER ? "filter: " : "search: ";
        struct rill_filter f;
        struct rill_err why;
        mvaddstr(y, 0, label);
        int x = (int)strlen(label);
        int n = view_put(y, x, width - x - 1, v->line);
        if (v->input == VIEW_FILTER && rill_filter_compile(&f, rill_view_of(v->line), &why) < 0) {
            snprintf(line, sizeof line, "   column %zu: %s", why.offset, why.row->sentence);
            attr_set(0, VIEW_RED, NULL);
            view_put(y, x + n, width - x - n - 1, line);
            attr_set(0, 0, NULL);
        }
        move(y, x + n);
        return;
    }
    attron(A_DIM);
    view_put(y, 0, width,
             v->message[0] ? v->message
                           : " / filter  s search  n next  N before  Tab fields  f follow  ? keys  "
                             "q end");
    attroff(A_DIM);
}

static void draw_help(int height, int width)
{
    static const char *const lines[] = {
        "Up Down PgUp PgDn Home End   to another event, or field",
        "Tab, Enter                   from the list to the fields, and back",
        "/                            filter: stun, rtp.seq > 100, step == 7, ip == 192.0.2.1 …",
        "s n N                        search a text; the next; the one before",
        "f                            follow: stay at the newest event",
        "Esc                          back to the list",
        "q                            end",
    };
    int n = sizeof lines / sizeof lines[0];
    for (int i = 0; i < n && i < height - 4; i++) {
        move(3 + i, 0);
        clrtoeol();
        view_put(3 + i, 4, width - 4, lines[i]);
    }
}

void view_draw(struct view *v)
{
    int height, width;
    getmaxyx(stdscr, height, width);
    erase();
    if (height < 6 || width < 40) {
        view_put(0, 0, width, "too small");
        refresh();
        return;
    }
    int list = height < 14 ? height - 3 : (height - 4) * 11 / 20;
    draw_title(v, width);
    draw_list(v, 2, list, width);
    if (height >= 14) {
        mvhline(2 + list, 0, v->unicode ? 0 : '-', width);
        view_draw_panes(v, 3 + list, height - 4 - list, width);
    }
    if (v->input == VIEW_HELP)
        draw_help(height, width);
    draw_bottom(v, height - 1, width);
    refresh();
}
