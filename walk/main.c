/* main: `walk write` and `walk check`, from the top of the tree: docs/walk from one call. */
#include "walk/pages.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS_MAX 128

/* A block that no page shows would be forgotten. */
static bool all_used(const bool *used)
{
    bool ok = true;
    for (size_t i = 0; walk_block_at(i); i++) {
        if (used[i])
            continue;
        fprintf(stderr, "walk: no page has block %s\n", walk_block_at(i)->name);
        ok = false;
    }
    return ok;
}

static bool pages(const struct walk_world *w, bool write)
{
    static const char *const others[] = {"docs/reading-order.md"};
    bool used[BLOCKS_MAX] = {false}, ok = true;
    size_t paths = 0;
    glob_t found;
    if (glob("docs/walk/*.md", 0, NULL, &found) != 0) {
        fputs("walk: docs/walk has no pages here\n", stderr);
        return false;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        ok = walk_page(found.gl_pathv[i], w, write, used) && ok;
        ok = walk_paths(found.gl_pathv[i], &paths) && ok;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ok = walk_paths(others[i], &paths) && ok;
    ok = all_used(used) && ok;
    printf("walk: %zu pages, %zu rows of the call, %zu paths into the code\n", found.gl_pathc,
           w->record.n, paths);
    globfree(&found);
    return ok;
}

/* The call a second time, bit for bit. */
static bool again(const struct walk_record *first)
{
    static struct walk_world w;
    bool ok = walk_play(&w, false);
    size_t part = walk_record_parts(first, &w.record);
    if (part != SIZE_MAX)
        fprintf(stderr, "walk: made twice, the call is not the same in row %zu\n", part);
    walk_world_free(&w);
    return ok && part == SIZE_MAX;
}

int main(int argc, char **argv)
{
    static struct walk_world w;
    bool write = argc == 2 && strcmp(argv[1], "write") == 0;
    if (!write && !(argc == 2 && strcmp(argv[1], "check") == 0)) {
        fputs("usage: walk write|check\n", stderr);
        return 2;
    }
    bool ok = walk_play(&w, write) && pages(&w, write);
    struct walk_record record = w.record;
    w.record = (struct walk_record){0};
    walk_world_free(&w);
    ok = again(&record) && ok;
    if (write && ok)
        ok = walk_files_write(&record, WALK_WALL_US);
    walk_record_free(&record);
    return ok ? 0 : 1;
}
