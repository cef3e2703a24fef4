/* steps_test: twice as much text is about twice as much work. Work is counted, not timed: the room
 * is compiled so that each basic block calls __sanitizer_cov_trace_pc. */
#include "tests/sdp/sdp_test.h"
#include "tests/sdp/shapes.h"

static uint64_t steps;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

static uint64_t steps_of(const struct shape *s, size_t n)
{
    static char text[RILL_SDP_TEXT_MAX];
    size_t length = shape_text(s, n, text, sizeof text);
    assert_true(length > 0);
    size_t bytes = 3 * rill_sdp_arena_size(RILL_SDP_TEXT_MAX);
    void *block = malloc(bytes);
    assert_non_null(block);
    steps = 0;
    if (shape_all(rill_view_at(text, length), block, bytes) < 0)
        fail_msg("%s is refused", s->name);
    free(block);
    return steps;
}

static void sdp_does_twice_the_work_for_twice_the_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_SHAPES; i++) {
        uint64_t half = steps_of(&shapes[i], shapes[i].n / 2);
        uint64_t whole = steps_of(&shapes[i], shapes[i].n);
        print_message("%-30s %9llu %9llu\n", shapes[i].name, (unsigned long long)half,
                      (unsigned long long)whole);
        assert_true(half > 0);
        if (whole > half * 5 / 2)
            fail_msg("%s", shapes[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdp_does_twice_the_work_for_twice_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
