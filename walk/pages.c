/* pages: see pages.h. */
#include "walk/pages.h"

#include <stdlib.h>
#include <string.h>

#define OPENS "<!-- walk: "
#define CLOSES "<!-- /walk -->\n"

static const struct walk_block *const lists[] = {
    walk_state_blocks, walk_media_blocks, walk_sdp_blocks,  walk_signal_blocks,
    walk_wire_blocks,  walk_ice_blocks,   walk_dtls_blocks, walk_rtp_blocks,
};

const struct walk_block *walk_block_at(size_t i)
{
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++)
        for (const struct walk_block *b = lists[l]; b->name; b++)
            if (i-- == 0)
                return b;
    return NULL;
}

static size_t number_of(struct rill_view name)
{
    size_t i = 0;
    while (walk_block_at(i) && !rill_view_is(name, walk_block_at(i)->name))
        i++;
    return i;
}

char *walk_read(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0)
        return NULL;
    long n = ftell(f);
    char *text = n < 0 ? NULL : malloc((size_t)n + 1);
    rewind(f);
    if (text)
        text[fread(text, 1, (size_t)n, f)] = 0;
    fclose(f);
    return text;
}

static bool write_file(const char *path, const char *text, size_t n)
{
    FILE *f = fopen(path, "wb");
    bool ok = f && fwrite(text, 1, n, f) == n;
    return f && fclose(f) == 0 && ok;
}

/* --- the difference --------------------------------------------------------------------------- */

static size_t line_size(struct rill_view v)
{
    const uint8_t *end = v.n ? memchr(v.p, '\n', v.n) : NULL;
    return end ? (size_t)(end - v.p) + 1 : v.n;
}

static void print_lines(const char *sign, struct rill_view v)
{
    while (v.n) {
        size_t n = line_size(v);
        fprintf(stderr, "%s%.*s", sign, (int)n, (const char *)v.p);
        if (v.p[n - 1] != '\n')
            fputc('\n', stderr);
        v = rill_view_sub(v, n, v.n - n);
    }
}

/* The lines between what both begin with and what both end with. */
static void tell_difference(const char *path, struct rill_view name, struct rill_view page,
                            struct rill_view call)
{
    size_t n;
    while (page.n && call.n && (n = line_size(page)) == line_size(call) &&
           memcmp(page.p, call.p, n) == 0) {
        page = rill_view_sub(page, n, page.n - n);
        call = rill_view_sub(call, n, call.n - n);
    }
    while (page.n && call.n && page.p[page.n - 1] == call.p[call.n - 1]) {
        page.n--;
        call.n--;
    }
    page.n += line_size(rill_view_at(page.p + page.n, strlen((const char *)page.p + page.n)));
    call.n += line_size(rill_view_at(call.p + call.n, strlen((const char *)call.p + call.n)));
    fprintf(stderr, "%s: block %.*s is not what the call gives (make walk writes it anew)\n", path,
            (int)name.n, (const char *)name.p);
    print_lines("- ", page);
    print_lines("+ ", call);
}

/* --- a page ----------------------------------------------------------------------------------- */

/* The next block of the page: its name, and its text up to the closing marker. */
struct place {
    struct rill_view name;
    char *begins, *ends;
};

static bool next_place(char *from, struct place *out)
{
    char *opens = strstr(from, "\n" OPENS);
    char *name = opens ? opens + 1 + strlen(OPENS) : NULL;
    char *end = name ? strstr(name, " -->\n") : NULL;
    if (!end)
        return false;
    out->name = rill_view_at(name, (size_t)(end - name));
    out->begins = end + strlen(" -->\n");
    out->ends = strstr(out->begins, CLOSES);
    return true;
}

static bool settle_block(const char *path, const struct walk_world *w, const struct place *p,
                         bool write, FILE *out, bool *used)
{
    size_t number = number_of(p->name);
    const struct walk_block *b = walk_block_at(number);
    char *text = NULL;
    size_t n = 0;
    if (!b || !p->ends) {
        fprintf(stderr, "%s: block %.*s %s\n", path, (int)p->name.n, (const char *)p->name.p,
                b ? "has no end" : "is none that the call has");
        return false;
    }
    used[number] = true;
    FILE *block = open_memstream(&text, &n);
    b->show(block, w, b);
    fclose(block);
    fwrite(text, 1, n, out);
    struct rill_view page = rill_view_at(p->begins, (size_t)(p->ends - p->begins));
    bool same = rill_view_equal(page, rill_view_at(text, n));
    if (!same && !write) {
        *p->ends = 0;
        tell_difference(path, p->name, page, rill_view_at(text, n));
        *p->ends = CLOSES[0];
    }
    free(text);
    return same || write;
}

bool walk_page(const char *path, const struct walk_world *w, bool write, bool *used)
{
    char *page = walk_read(path), *anew = NULL, *from = page;
    size_t n = 0;
    bool ok = page != NULL;
    struct place p;
    if (!page) {
        fprintf(stderr, "%s: it cannot be read\n", path);
        return false;
    }
    FILE *out = open_memstream(&anew, &n);
    while (next_place(from, &p)) {
        fwrite(from, 1, (size_t)(p.begins - from), out);
        ok = settle_block(path, w, &p, write, out, used) && ok;
        from = p.ends ? p.ends : p.begins;
    }
    fputs(from, out);
    fclose(out);
    if (write && ok && strcmp(page, anew) != 0) {
        ok = write_file(path, anew, n);
        printf("%s: written anew\n", path);
    }
    free(anew);
    free(page);
    return ok;
}
