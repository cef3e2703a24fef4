/* apps/trace_view: what the files of `rill trace view` share: one struct, and who draws it. */
#ifndef RILL_APPS_TRACE_VIEW_H
#define RILL_APPS_TRACE_VIEW_H

#include "apps/trace_feed.h"
#include "apps/trace_store.h"

#define VIEW_INPUT_MAX 512

enum view_focus { VIEW_LIST, VIEW_FIELDS };
enum view_input { VIEW_KEYS, VIEW_FILTER, VIEW_SEARCH, VIEW_HELP };

struct view {
    const char *where;
    struct rill_trace_trust trust;
    char who[80]; /* of the header */
    struct rill_trace_feed *feed;
    struct rill_trace_reader *reader;
    struct rill_trace_lens *lens;
    struct rill_trace_store *store;
    /* What the filter wants: numbers of rows, of those below `scanned`. */
    struct rill_filter filter;
    char filter_text[VIEW_INPUT_MAX];
    size_t *shown, n_shown, shown_cap, scanned;
    size_t wanted;  /* the row that is to be selected again */
    size_t at, top; /* of shown */
    size_t page;    /* rows of the list on the screen */
    bool follow, quit, unicode;
    enum view_focus focus;
    size_t field, field_top, n_fields;
    enum view_input input;
    char line[VIEW_INPUT_MAX]; /* being typed */
    size_t n_line;
    char search[VIEW_INPUT_MAX];
    char message[256];
    size_t faults;
};

/* trace_view_model.c */
/* Some milliseconds' work: reading, filtering; whether anything came of it. */
bool view_pump(struct view *v);
/* Nothing is left to be read or filtered now. */
bool view_is_idle(const struct view *v);
/* The message says what is wrong with it, if anything. */
bool view_set_filter(struct view *v, const char *text);
void view_select(struct view *v, size_t at);
/* The next event, or the one before, that has v->search in its line or in its data. */
void view_find(struct view *v, bool forward);
/* The selected event; false when there is none. */
bool view_selected(struct view *v, struct rill_trace_event *out);
bool view_event(struct view *v, size_t row, struct rill_trace_event *out);

/* trace_view_draw.c */
void view_draw_begin(struct view *v);
void view_draw(struct view *v);
/* trace_view_panes.c: fields and bytes of the selected event. */
void view_draw_panes(struct view *v, int y, int height, int width);
/* At most width characters of the text; how many. */
int view_put(int y, int x, int width, const char *text);

/* Pairs of colours. */
enum { VIEW_PLAIN, VIEW_BLUE, VIEW_YELLOW, VIEW_GREEN, VIEW_CYAN, VIEW_MAGENTA, VIEW_RED };

#endif
