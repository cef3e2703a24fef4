/* trace_view: `rill trace view`: a trace in the terminal, while it is being written if need be.
 *
 * The idea: a loop of three: some work, a picture, a key. What is worked on is
 * trace_view_model.c's, the picture trace_view_draw.c's; here is what each key does. */
#include "apps/trace_view.h"

#include "apps/app.h"
#include "apps/trace.h"

#include "reactor/reactor.h"

#include <getopt.h>
#include <locale.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ESCAPE 27
#define TAB 9
#define RETURN 13
#define IDLE_MS 150
#define REDRAW (100 * RILL_MS) /* while there is work */

static void usage(FILE *out)
{
    fputs("usage: rill trace view [options] FILE|URL\n\n"
          "The events of a trace: a list with arrows, the fields of each packet and its bytes. A\n"
          "file that is still written, and an http: or https: URL, are followed.\n\n"
          "  -F, --filter EXPR    begin with these events alone\n"
          "  -f, --follow         stay at the newest event\n"
          "  --ca FILE            who vouches for the server of an https: URL [the system's CAs]\n"
          "  --insecure           believe whoever answers there\n\n"
          "? shows the keys. docs/trace.md has the language of filters.\n\n"
          "example: rill trace view --follow call.sqlog\n",
          out);
}

/* --- keys --------------------------------------------------------------------------------------
 */

static void move_by(struct view *v, long by)
{
    size_t *at = v->focus == VIEW_LIST ? &v->at : &v->field;
    size_t n = v->focus == VIEW_LIST ? v->n_shown : v->n_fields;
    long to = (long)*at + by;
    if (n == 0)
        return;
    to = to < 0 ? 0 : to >= (long)n ? (long)n - 1 : to;
    v->follow = v->follow && v->focus != VIEW_LIST;
    if (v->focus == VIEW_LIST)
        view_select(v, (size_t)to);
    else
        *at = (size_t)to;
}

static void begin_input(struct view *v, enum view_input input, const char *text)
{
    v->input = input;
    snprintf(v->line, sizeof v->line, "%s", text);
    v->n_line = strlen(v->line);
    v->message[0] = 0;
}

static void key_of_list(struct view *v, int c)
{
    long page = v->focus == VIEW_LIST ? (long)v->page : 10;
    switch (c) {
    case KEY_UP:
    case 'k':
        move_by(v, -1);
        break;
    case KEY_DOWN:
    case 'j':
        move_by(v, 1);
        break;
    case KEY_PPAGE:
        move_by(v, -page);
        break;
    case KEY_NPAGE:
    case ' ':
        move_by(v, page);
        break;
    case KEY_HOME:
    case 'g':
        move_by(v, -(1L << 40));
        break;
    case KEY_END:
    case 'G':
        move_by(v, 1L << 40);
        break;
    default:
        break;
    }
}

static void key(struct view *v, int c)
{
    v->message[0] = 0;
    switch (c) {
    case 'q':
        v->quit = true;
        break;
    case TAB:
    case RETURN:
    case KEY_ENTER:
        v->focus = v->focus == VIEW_LIST && v->n_fields ? VIEW_FIELDS : VIEW_LIST;
        break;
    case ESCAPE:
    case KEY_LEFT:
        v->focus = VIEW_LIST;
        break;
    case '/':
        begin_input(v, VIEW_FILTER, v->filter_text);
        break;
    case 's':
        begin_input(v, VIEW_SEARCH, v->search);
        break;
    case 'n':
    case 'N':
        view_find(v, c == 'n');
        break;
    case 'f':
        v->follow = !v->follow;
        if (v->follow && v->n_shown)
            view_select(v, v->n_shown - 1);
        break;
    case '?':
    case KEY_F(1):
        v->input = VIEW_HELP;
        break;
    default:
        key_of_list(v, c);
    }
}

static void end_input(struct view *v)
{
    if (v->input == VIEW_FILTER) {
        if (view_set_filter(v, v->line))
            v->input = VIEW_KEYS;
        return;
    }
    v->input = VIEW_KEYS;
    snprintf(v->search, sizeof v->search, "%s", v->line);
    view_find(v, true);
}

/* A line is typed: bytes of UTF-8 come one by one, and go as a character. */
static void type(struct view *v, int c)
{
    if (c == ESCAPE) {
        v->input = VIEW_KEYS;
    } else if (c == RETURN || c == KEY_ENTER) {
        end_input(v);
    } else if (c == KEY_BACKSPACE || c == 127 || c == 8) {
        while (v->n_line && ((uint8_t)v->line[v->n_line - 1] & 0xc0) == 0x80)
            v->n_line--;
        v->n_line -= v->n_line > 0;
    } else if (c == 21) { /* ^U */
        v->n_line = 0;
    } else if (c >= ' ' && c < 256 && v->n_line + 1 < sizeof v->line) {
        v->line[v->n_line++] = (char)c;
    }
    v->line[v->n_line] = 0;
}

/* --- the loop ----------------------------------------------------------------------------------
 */

static void loop(struct view *v)
{
    bool dirty = true, undrawn = false;
    int64_t drawn = 0;
    const char *trouble = NULL;
    while (!v->quit) {
        bool busy = view_pump(v);
        dirty |= trouble != rill_trace_feed_trouble(v->feed);
        trouble = rill_trace_feed_trouble(v->feed);
        int64_t now = rill_posix_now();
        dirty |= busy && now >= drawn + REDRAW;
        undrawn |= busy;
        if (dirty || (undrawn && !busy)) {
            view_draw(v);
            drawn = rill_posix_now();
            undrawn = false;
        }
        timeout(busy ? 0 : IDLE_MS);
        int c = getch();
        dirty = c != ERR;
        for (; c != ERR && !v->quit; timeout(0), c = getch()) {
            if (v->input == VIEW_HELP)
                v->input = VIEW_KEYS;
            else if (v->input == VIEW_KEYS)
                key(v, c);
            else
                type(v, c);
        }
    }
}

static void show(struct view *v)
{
    setlocale(LC_ALL, "");
    initscr();
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    set_escdelay(25);
    view_draw_begin(v);
    loop(v);
    endwin();
}

static int open_all(struct view *v)
{
    const char *why = NULL;
    v->feed = rill_trace_feed_open(v->where, &v->trust, &why);
    if (!v->feed) {
        fprintf(stderr, "rill trace view: %s: %s\n", v->where, why);
        return RILL_EXIT_FAILED;
    }
    v->reader = rill_trace_reader_new();
    v->lens = rill_trace_lens_new();
    v->store = rill_trace_store_new();
    if (v->reader && v->lens && v->store)
        return RILL_EXIT_DONE;
    fputs("rill trace view: out of memory\n", stderr);
    return RILL_EXIT_FAILED;
}

static void close_all(struct view *v)
{
    rill_trace_feed_free(v->feed);
    rill_trace_reader_free(v->reader);
    rill_trace_lens_free(v->lens);
    rill_trace_store_free(v->store);
    free(v->shown);
}

/* RILL_EXIT_DONE when the options are whole, -1 when there is nothing more to do. */
static int read_options(struct view *v, int argc, char **argv)
{
    static const struct option options[] = {
        {"filter", required_argument, NULL, 'F'}, {"follow", no_argument, NULL, 'f'},
        {"ca", required_argument, NULL, 'c'},     {"insecure", no_argument, NULL, 'i'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    int c;
    while ((c = getopt_long(argc, argv, "F:fh", options, NULL)) != -1) {
        if (c == 'h') {
            usage(stdout);
            return -1;
        }
        v->follow |= c == 'f';
        v->trust.insecure |= c == 'i';
        if (c == 'c')
            v->trust.ca = optarg;
        if (c == '?') {
            usage(stderr);
            return RILL_EXIT_USAGE;
        }
        if (c == 'F' && !view_set_filter(v, optarg)) {
            fprintf(stderr, "rill trace view: --filter: %s\n", v->message);
            return RILL_EXIT_USAGE;
        }
    }
    if (optind + 1 != argc) {
        usage(stderr);
        return RILL_EXIT_USAGE;
    }
    v->where = argv[optind];
    return RILL_EXIT_DONE;
}

int rill_app_trace_view(int argc, char **argv)
{
    static struct view v;
    int rc = read_options(&v, argc, argv);
    if (rc != RILL_EXIT_DONE)
        return rc < 0 ? RILL_EXIT_DONE : rc;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        fputs("rill trace view: this is no terminal; rill trace dump prints\n", stderr);
        return RILL_EXIT_FAILED;
    }
    rc = open_all(&v);
    if (rc == RILL_EXIT_DONE)
        show(&v);
    close_all(&v);
    return rc;
}
