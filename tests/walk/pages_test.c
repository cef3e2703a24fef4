/* The pages of the walk: what is not true any more is told. */
#include "tests/rill_test.h"
#include "walk/pages.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct walk_world world;
static bool used[128];
static char page[] = "/tmp/rill-walk-page-XXXXXX";

static int begin(void **state)
{
    (void)state;
    int fd = mkstemp(page);
    return fd < 0 || close(fd) != 0 || !walk_play(&world, false);
}

static int end(void **state)
{
    (void)state;
    walk_world_free(&world);
    return unlink(page);
}

static void write_page(const char *text)
{
    FILE *f = fopen(page, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static bool is_true(void)
{
    return walk_page(page, &world, false, used);
}

static bool page_has(const char *text)
{
    char *all = walk_read(page);
    bool has = strstr(all, text) != NULL;
    free(all);
    return has;
}

static void page_is_written_from_the_call_and_is_true_then(void **state)
{
    (void)state;
    write_page("before\n\n<!-- walk: steps -->\nas it was\n<!-- /walk -->\n\nbehind\n");
    assert_false(is_true());
    assert_true(page_has("as it was"));
    assert_true(walk_page(page, &world, true, used));
    assert_true(is_true());
    assert_true(page_has("before\n\n<!-- walk: steps -->\n| step"));
    assert_true(page_has("CONNECTED!!"));
    assert_true(page_has("<!-- /walk -->\n\nbehind\n"));
    assert_false(page_has("as it was"));
}

static void page_with_one_wrong_byte_is_told(void **state)
{
    (void)state;
    write_page("\n<!-- walk: stun-request -->\n<!-- /walk -->\n");
    assert_true(walk_page(page, &world, true, used));
    char *all = walk_read(page);
    char *cookie = strstr(all, "21 12 a4 42");
    assert_non_null(cookie);
    cookie[1] = '2';
    write_page(all);
    free(all);
    assert_false(is_true());
}

static void block_that_is_none_or_has_no_end_is_told_and_nothing_written(void **state)
{
    (void)state;
    static const char *const wrong[] = {"\n<!-- walk: nonsense -->\n<!-- /walk -->\n",
                                        "\n<!-- walk: steps -->\n"};
    for (size_t i = 0; i < 2; i++) {
        write_page(wrong[i]);
        assert_false(is_true());
        assert_false(walk_page(page, &world, true, used));
        assert_false(page_has("CONNECTED!!"));
    }
}

static size_t paths_of(const char *text, bool *ok)
{
    size_t n = 0;
    write_page(text);
    *ok = walk_paths(page, &n);
    return n;
}

static void path_to_a_function_holds_wherever_its_line_is_broken(void **state)
{
    (void)state;
    bool ok;
    assert_int_equal(paths_of("see `walk/paths.c` · `walk_paths`, and `walk/paths.c` ·\n"
                              "  `is_definition` · not a path",
                              &ok),
                     2);
    assert_true(ok);
}

static void path_to_what_is_only_called_or_declared_or_not_there_is_told(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "`walk/main.c` · `walk_paths`",  /* called */
        "`walk/pages.h` · `walk_paths`", /* declared */
        "`walk/paths.c` · `walk_path`",  /* the beginning of a name */
        "`walk/nowhere.c` · `main`",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        bool ok;
        assert_int_equal(paths_of(wrong[i], &ok), 1);
        assert_false(ok);
    }
}

static void call_made_twice_is_the_same_row_for_row(void **state)
{
    (void)state;
    struct walk_record first = world.record;
    world.record = (struct walk_record){0};
    walk_world_free(&world);
    assert_true(walk_play(&world, false));
    assert_true(first.n > 1000);
    assert_true(walk_record_parts(&first, &world.record) == SIZE_MAX);
    first.rows[first.n / 2].at++;
    assert_true(walk_record_parts(&first, &world.record) == first.n / 2);
    walk_record_free(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_is_written_from_the_call_and_is_true_then),
        cmocka_unit_test(page_with_one_wrong_byte_is_told),
        cmocka_unit_test(block_that_is_none_or_has_no_end_is_told_and_nothing_written),
        cmocka_unit_test(path_to_a_function_holds_wherever_its_line_is_broken),
        cmocka_unit_test(path_to_what_is_only_called_or_declared_or_not_there_is_told),
        cmocka_unit_test(call_made_twice_is_the_same_row_for_row),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
