/* record: see record.h. */
#include "walk/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_stop(void *p)
{
    if (!p) {
        fputs("walk: there is no memory\n", stderr);
        exit(1);
    }
    return p;
}

struct walk_row *walk_add(struct walk_record *r, int64_t at, enum walk_kind kind,
                          enum walk_place who, const char *what, struct rill_view text)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 256;
        r->rows = or_stop(realloc(r->rows, r->cap * sizeof *r->rows));
    }
    struct walk_row *row = &r->rows[r->n++];
    *row = (struct walk_row){.at = at, .kind = kind, .who = who};
    snprintf(row->what, sizeof row->what, "%s", what);
    if (text.n) {
        uint8_t *copy = or_stop(malloc(text.n + 1));
        memcpy(copy, text.p, text.n);
        copy[text.n] = 0;
        row->text = rill_view_at(copy, text.n);
    }
    return row;
}

void walk_record_free(struct walk_record *r)
{
    for (size_t i = 0; i < r->n; i++)
        free((void *)r->rows[i].text.p);
    free(r->rows);
    *r = (struct walk_record){0};
}

static bool same(const struct walk_row *a, const struct walk_row *b)
{
    return a->at == b->at && a->kind == b->kind && a->who == b->who && a->step == b->step &&
           rill_addr_equal(&a->from, &b->from) && rill_addr_equal(&a->to, &b->to) &&
           strcmp(a->what, b->what) == 0 && rill_view_equal(a->text, b->text);
}

size_t walk_record_parts(const struct walk_record *a, const struct walk_record *b)
{
    for (size_t i = 0; i < a->n || i < b->n; i++)
        if (i >= a->n || i >= b->n || !same(&a->rows[i], &b->rows[i]))
            return i;
    return SIZE_MAX;
}

const char *walk_place_name(enum walk_place p)
{
    static const char *const names[WALK_PLACES] = {"CLIENT1", "CLIENT2", "STUN server",
                                                   "signaling server"};
    return names[p];
}

const struct walk_row *walk_next(const struct walk_record *r, size_t *at, enum walk_kind kind,
                                 enum walk_place who, const char *what)
{
    while (*at < r->n) {
        const struct walk_row *row = &r->rows[(*at)++];
        if (row->kind == kind && row->who == who &&
            (!what || strncmp(row->what, what, strlen(what)) == 0))
            return row;
    }
    return NULL;
}

const struct walk_row *walk_find(const struct walk_record *r, enum walk_kind kind,
                                 enum walk_place who, const char *what)
{
    size_t at = 0;
    return walk_next(r, &at, kind, who, what);
}
