/* show: see show.h. */
#include "walk/show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINE 110 /* characters of a long text, so that it can be read */

void show_time(FILE *out, int64_t at)
{
    fprintf(out, "%" PRId64 ".%03" PRId64 " s", at / RILL_SECOND, at % RILL_SECOND / RILL_MS);
}

void show_text(FILE *out, struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] == '|')
            fputs("\\|", out);
        else
            fputc(v.p[i] < 0x20 || v.p[i] > 0x7e ? '.' : v.p[i], out);
    }
}

/* --- bytes ------------------------------------------------------------------------------------ */

void show_bytes(FILE *out, struct rill_view v, size_t limit)
{
    size_t n = limit && v.n > limit ? limit : v.n;
    for (size_t i = 0; i < n; i++)
        fprintf(out, i ? " %02x" : "%02x", v.p[i]);
    if (n < v.n)
        fprintf(out, " … (%zu bytes)", v.n);
}

static void hex_line(FILE *out, struct rill_view v, size_t at)
{
    fprintf(out, "%04zx ", at);
    for (size_t i = 0; i < 16; i++) {
        fputs(i == 8 ? "  " : " ", out);
        if (i < v.n)
            fprintf(out, "%02x", v.p[i]);
        else
            fputs("  ", out);
    }
    fputs("  ", out);
    for (size_t i = 0; i < v.n; i++)
        fputc(v.p[i] < 0x20 || v.p[i] > 0x7e ? '.' : v.p[i], out);
    fputc('\n', out);
}

void show_hex(FILE *out, struct rill_view v, size_t limit)
{
    size_t n = limit && v.n > limit ? limit : v.n;
    fputs("```\n", out);
    for (size_t at = 0; at < n; at += 16)
        hex_line(out, rill_view_at(v.p + at, n - at < 16 ? n - at : 16), at);
    if (n < v.n)
        fprintf(out, "…    %zu bytes more\n", v.n - n);
    fputs("```\n", out);
}

void show_addr(FILE *out, const struct rill_addr *a)
{
    char text[RILL_ADDR_TEXT_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    if (a->port)
        rill_addr_write(&w, a);
    else
        rill_addr_write_ip(&w, a);
    rill_w_end_text(&w);
    fputs(text, out);
}

/* --- a datagram ------------------------------------------------------------------------------- */

void show_datagram(FILE *out, const struct walk_row *row, size_t limit)
{
    fputs("At ", out);
    show_time(out, row->at);
    fprintf(out, ", %s, from `", walk_place_name(row->who));
    show_addr(out, &row->from);
    fputs("` to `", out);
    show_addr(out, &row->to);
    fprintf(out, "`, UDP, %zu bytes:\n\n", row->text.n);
    show_hex(out, row->text, limit);
}

/* --- signaling -------------------------------------------------------------------------------- */

struct rill_view show_unmask(struct rill_view frame, struct rill_span out)
{
    struct rill_reader r = rill_reader_of(frame);
    rill_r_u8(&r);
    uint8_t second = rill_r_u8(&r);
    uint64_t n = second & 0x7f;
    if (n >= 126)
        n = n == 126 ? rill_r_u16(&r) : rill_r_u64(&r);
    struct rill_view key = rill_r_bytes(&r, second & 0x80 ? 4 : 0);
    struct rill_view v = rill_r_bytes(&r, (size_t)n);
    size_t fits = v.n < out.n ? v.n : out.n;
    for (size_t i = 0; i < fits; i++)
        out.p[i] = v.p[i] ^ (key.n ? key.p[i % 4] : 0);
    return rill_view_at(out.p, fits);
}

void show_payload(FILE *out, const struct walk_row *row, size_t limit)
{
    uint8_t text[16384];
    struct rill_view v = show_unmask(row->text, (struct rill_span){text, sizeof text});
    size_t n = limit && v.n > limit ? limit : v.n;
    fputs("```\n", out);
    for (size_t at = 0; at < n; at += LINE)
        fprintf(out, at ? "\n%.*s" : "%.*s", (int)(n - at < LINE ? n - at : LINE), v.p + at);
    if (n < v.n)
        fprintf(out, "… %zu characters more", v.n - n);
    fputs("\n```\n", out);
}

/* --- states and decisions --------------------------------------------------------------------- */

/* What changed is bold. */
static void state_row(FILE *out, const char *what, const char *before, const char *after)
{
    const char *mark = strcmp(before, after) ? "**" : "";
    fprintf(out, "| %s | %s | %s%s%s |\n", what, before, mark, after, mark);
}

static const char *gathering(const struct walk_states *s)
{
    return !s->known ? "–" : s->gathered ? "complete" : s->gathering ? "gathering" : "new";
}

static const char *yes(const struct walk_states *s)
{
    return !s->known ? "–" : s->needs_negotiation ? "yes" : "no";
}

void show_states(FILE *out, const struct walk_row *step)
{
    const struct walk_states *b = &step->before, *a = &step->after;
    fprintf(out, "| %s | before | after |\n|---|---|---|\n", walk_place_name(step->who));
    state_row(out, "signalingState", b->known ? rill_peer_signaling_state_name(b->signaling) : "–",
              a->known ? rill_peer_signaling_state_name(a->signaling) : "–");
    state_row(out, "iceGatheringState", gathering(b), gathering(a));
    state_row(out, "iceConnectionState", b->known ? b->ice : "–", a->known ? a->ice : "–");
    state_row(out, "connectionState",
              b->known ? rill_peer_connection_state_name(b->connection) : "–",
              a->known ? rill_peer_connection_state_name(a->connection) : "–");
    state_row(out, "negotiation needed", yes(b), yes(a));
}

/* A sentence is read once. */
static bool is_said(const struct walk_record *r, size_t from, size_t i)
{
    while (from < i && (r->rows[from].kind != WALK_DECISION ||
                        strcmp(r->rows[from].what, r->rows[i].what) != 0))
        from++;
    return from < i;
}

void show_decision(FILE *out, const struct walk_record *r, size_t from, size_t i)
{
    const struct walk_row *row = &r->rows[i];
    const char *text = (const char *)row->text.p;
    const char *sentence = strstr(text, " (");
    size_t n = sentence && is_said(r, from, i) ? (size_t)(sentence - text) : strcspn(text, "\n");
    show_time(out, row->at);
    fprintf(out, "  %s  %-22s %.*s\n", walk_place_name(row->who), row->what, (int)n, text);
}
