/* blocks_wire: the datagrams between the clients, one line each. */
#include "walk/pages.h"
#include "walk/show.h"

#include <string.h>

#define MEDIA_SHOWN 2 /* datagrams of media; the rest looks alike */

/* When the datagram of row i came to the other side; RILL_NEVER: it did not. */
static int64_t arrival(const struct walk_record *r, size_t i)
{
    for (size_t k = i + 1; k < r->n; k++)
        if (r->rows[k].kind == WALK_ARRIVED && r->rows[k].who != r->rows[i].who &&
            rill_view_equal(r->rows[k].text, r->rows[i].text))
            return r->rows[k].at;
    return RILL_NEVER;
}

static void show_summary(FILE *out, struct rill_view datagram)
{
    uint8_t line[400];
    struct rill_writer w = rill_writer_of((struct rill_span){line, sizeof line});
    rill_dissect_write_summary(&w, RILL_DISSECT_DATAGRAM, datagram, NULL);
    show_text(out, rill_w_view(&w));
}

static void show_line(FILE *out, const struct walk_record *r, size_t i)
{
    const struct walk_row *row = &r->rows[i];
    int64_t at = arrival(r, i);
    fputs("| ", out);
    show_time(out, row->at);
    fprintf(out, " | %s | `", walk_place_name(row->who));
    show_addr(out, &row->to);
    fputs("` | ", out);
    if (at == RILL_NEVER)
        fputs("never", out);
    else
        show_time(out, at);
    fprintf(out, " | %zu | ", row->text.n);
    show_summary(out, row->text);
    fputs(" |\n", out);
}

static void datagrams(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    struct rill_addr server = walk_address(WALK_STUN_SERVER);
    size_t media[WALK_CLIENTS] = {0};
    (void)b;
    fputs("| sent | by | to | arrives | bytes | what |\n|---|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < w->record.n; i++) {
        const struct walk_row *row = &w->record.rows[i];
        if (row->kind != WALK_DATAGRAM || row->who >= WALK_CLIENTS ||
            rill_addr_same_ip(&row->to, &server))
            continue;
        bool is_media = row->what[0] == 'r';
        if (is_media && ++media[row->who] > MEDIA_SHOWN)
            continue;
        if (!is_media && media[0] > MEDIA_SHOWN && media[1] > MEDIA_SHOWN)
            break;
        show_line(out, &w->record, i);
    }
}

const struct walk_block walk_wire_blocks[] = {
    {.name = "datagrams", .show = datagrams},
    {.name = NULL},
};
