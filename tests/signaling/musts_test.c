/* musts: the tests that docs/signaling.md names for each MUST of the two protocols are there. */
#include "tests/rill_test.h"

#include <stdio.h>

static const char *const files[] = {
    "tests/signaling/eio_session_test.c",     "tests/signaling/engineio_test.c",
    "tests/signaling/server_socketio_test.c", "tests/signaling/sio_client_test.c",
    "tests/signaling/socketio_test.c",
};

static char *read_text(const char *path, char *out, size_t n)
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    out[fread(out, 1, n - 1, f)] = 0;
    fclose(f);
    return out;
}

static bool is_run(const char *name)
{
    static char text[65536];
    char line[160];
    snprintf(line, sizeof line, "cmocka_unit_test(%s)", name);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (strstr(read_text(files[i], text, sizeof text), line))
            return true;
    return false;
}

static void musts_have_the_tests_that_are_named(void **state)
{
    (void)state;
    static char text[65536];
    char name[128];
    int n = 0;
    read_text("docs/signaling.md", text, sizeof text);
    const char *at = strstr(text, "### What the two protocols demand\n");
    const char *end = strstr(text, "## What a client says\n");
    assert_true(at && end && at < end);
    while ((at = strstr(at, "| `")) && at < end) {
        assert_int_equal(sscanf(at, "| `%127[a-z0-9_]` |", name), 1);
        if (!is_run(name))
            fail_msg("no test is called %s", name);
        n++;
        at++;
    }
    assert_int_equal(n, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(musts_have_the_tests_that_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
