/* trace_view_model: rows, the filter over them, and what is selected; nothing of the screen. */
#include "apps/trace_view.h"

#include "reactor/reactor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The keyboard is asked so often. */
#define SLICE (20 * RILL_MS)

bool view_event(struct view *v, size_t row, struct rill_trace_event *out)
{
    struct rill_trace_record r;
    if (!rill_trace_store_read(v->store, row, &r))
        return false;
    rill_trace_lens_again(v->lens, &r, rill_trace_store_row(v->store, row)->step, out);
    return true;
}

bool view_selected(struct view *v, struct rill_trace_event *out)
{
    return v->at < v->n_shown && view_event(v, v->shown[v->at], out);
}

/* --- reading -----------------------------------------------------------------------------------
 */

static void take_header(struct view *v, const struct rill_trace_record *r)
{
    const json_t *trace = json_object_get(r->json, "trace");
    const json_t *who = json_object_get(json_object_get(trace, "vantage_point"), "name");
    if (json_is_string(who))
        snprintf(v->who, sizeof v->who, "%s", json_string_value(who));
}

static void take_record(struct view *v, const struct rill_trace_record *r)
{
    struct rill_trace_event e;
    if (r->is_header) {
        take_header(v, r);
        return;
    }
    rill_trace_lens_event(v->lens, r, &e);
    if (!rill_trace_store_add(v->store, r, &e))
        snprintf(v->message, sizeof v->message, "out of memory: the rest is not shown");
}

static void complain(struct view *v, const struct rill_err *why)
{
    struct rill_writer w =
        rill_writer_of((struct rill_span){(uint8_t *)v->message, sizeof v->message});
    v->faults++;
    rill_w_str(&w, "record ");
    rill_w_dec(&w, why->offset);
    rill_w_str(&w, ": ");
    rill_err_write(&w, why);
    rill_w_end_text(&w);
}

/* Whether there was anything to read. */
static bool read_some(struct view *v)
{
    struct rill_trace_record r;
    struct rill_err why;
    size_t n = rill_trace_feed_poll(v->feed, v->reader);
    int rc = 1;
    while (rc != 0) {
        rc = rill_trace_reader_next(v->reader, &r, &why);
        if (rc > 0)
            take_record(v, &r);
        else if (rc < 0)
            complain(v, &why);
    }
    return n > 0;
}

/* --- filtering ---------------------------------------------------------------------------------
 */

static bool show(struct view *v, size_t row)
{
    if (v->n_shown == v->shown_cap) {
        size_t cap = v->shown_cap ? 2 * v->shown_cap : 4096;
        size_t *more = realloc(v->shown, cap * sizeof *more);
        if (!more)
            return false;
        v->shown = more;
        v->shown_cap = cap;
    }
    if (row <= v->wanted)
        v->at = v->n_shown;
    v->shown[v->n_shown++] = row;
    return true;
}

static bool filter_some(struct view *v, int64_t until)
{
    size_t n = rill_trace_store_count(v->store), from = v->scanned;
    struct rill_trace_event e;
    for (; v->scanned < n; v->scanned++) {
        size_t row = v->scanned;
        bool wanted = v->filter.n_steps == 0;
        if (!wanted && view_event(v, row, &e))
            wanted = rill_trace_lens_match(v->lens, &e, rill_trace_store_text(v->store, row),
                                           &v->filter);
        if (wanted && !show(v, row))
            break;
        if (v->filter.n_steps && row % 64 == 0 && rill_posix_now() >= until)
            break;
    }
    return v->scanned > from;
}

bool view_pump(struct view *v)
{
    int64_t until = rill_posix_now() + SLICE;
    bool any = false, more = true;
    while (more && rill_posix_now() < until) {
        more = read_some(v);
        any |= more;
    }
    any |= filter_some(v, rill_posix_now() + SLICE);
    if (v->follow && any && v->n_shown)
        view_select(v, v->n_shown - 1);
    return any;
}

bool view_is_idle(const struct view *v)
{
    return v->scanned == rill_trace_store_count(v->store);
}

bool view_set_filter(struct view *v, const char *text)
{
    struct rill_filter good;
    struct rill_err why;
    if (rill_filter_compile(&good, rill_view_of(text), &why) < 0) {
        snprintf(v->message, sizeof v->message, "column %zu: %s", why.offset, why.row->sentence);
        return false;
    }
    if (v->at < v->n_shown)
        v->wanted = v->shown[v->at];
    (void)rill_filter_compile(&v->filter, rill_view_of(text), NULL);
    snprintf(v->filter_text, sizeof v->filter_text, "%s", text);
    v->n_shown = v->scanned = v->at = v->top = v->field = v->field_top = 0;
    v->message[0] = 0;
    return true;
}

/* --- selecting ---------------------------------------------------------------------------------
 */

void view_select(struct view *v, size_t at)
{
    v->at = at < v->n_shown ? at : v->n_shown ? v->n_shown - 1 : 0;
    v->wanted = v->n_shown ? v->shown[v->at] : 0;
    v->field = v->field_top = 0;
}

static bool has(struct rill_view v, const char *what)
{
    size_t n = strlen(what);
    for (size_t i = 0; i + n <= v.n; i++)
        if (rill_view_is_nocase(rill_view_sub(v, i, n), what))
            return true;
    return false;
}

static bool holds(struct view *v, size_t row)
{
    uint8_t line[2048];
    struct rill_writer w = rill_writer_of((struct rill_span){line, sizeof line});
    struct rill_trace_event e;
    if (has(rill_trace_store_text(v->store, row), v->search))
        return true;
    if (!rill_trace_store_row(v->store, row)->has_packet || !view_event(v, row, &e))
        return false;
    rill_trace_lens_write(v->lens, &e, &w);
    return has(rill_w_view(&w), v->search);
}

void view_find(struct view *v, bool forward)
{
    size_t at = v->at;
    while (v->search[0] && (forward ? at + 1 < v->n_shown : at > 0)) {
        at += forward ? 1 : (size_t)-1;
        if (holds(v, v->shown[at])) {
            view_select(v, at);
            return;
        }
    }
    snprintf(v->message, sizeof v->message, "nothing %s this has \"%.200s\"",
             forward ? "behind" : "before", v->search);
}
