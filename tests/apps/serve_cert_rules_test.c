/* When a server looks for another certificate, and whether it takes what it found. */
#include "apps/serve_cert_rules.h"
#include "dtls/dates.h"
#include "tests/rill_test.h"

#define NOW ((int64_t)1800000000)
#define LONG_AGO (NOW - 86400)

static struct rill_cert_names names(const char *const *texts)
{
    struct rill_cert_names out = {0};
    for (; *texts; texts++)
        assert_true(rill_tls_name_parse(rill_view_of(*texts), &out.list[out.n++]));
    return out;
}

static bool same(const char *const *a, const char *const *b)
{
    struct rill_cert_names x = names(a), y = names(b);
    return serve_cert_same_names(&x, &y);
}

static void names_are_the_same_in_any_order_and_written_otherwise(void **state)
{
    (void)state;
    assert_true(same((const char *const[]){"localhost", "127.0.0.1", "2001:db8:0::1", NULL},
                     (const char *const[]){"2001:db8::1", "localhost", "127.0.0.1", NULL}));
    assert_true(same((const char *const[]){NULL}, (const char *const[]){NULL}));
}

static void names_that_came_or_went_are_other_names(void **state)
{
    (void)state;
    const char *const one[] = {"localhost", "192.168.1.5", NULL};
    assert_false(same(one, (const char *const[]){"localhost", NULL}));
    assert_false(same((const char *const[]){"localhost", NULL}, one));
    assert_false(same(one, (const char *const[]){"localhost", "192.168.1.6", NULL}));
    assert_false(same(one, (const char *const[]){"otherhost", "192.168.1.5", NULL}));
}

static void another_is_due_at_once_when_the_names_changed(void **state)
{
    (void)state;
    assert_true(serve_cert_is_due(NOW, NOW + 800 * RILL_DAY_S, NOW, false));
    assert_false(serve_cert_is_due(NOW, NOW + 800 * RILL_DAY_S, LONG_AGO, true));
}

static void another_is_due_thirty_days_before_the_end_and_once_an_hour(void **state)
{
    (void)state;
    int64_t month = 30 * RILL_DAY_S;
    assert_false(serve_cert_is_due(NOW, NOW + month, LONG_AGO, true));
    assert_true(serve_cert_is_due(NOW, NOW + month - 1, LONG_AGO, true));
    assert_true(serve_cert_is_due(NOW, NOW - 1, LONG_AGO, true));
    assert_false(serve_cert_is_due(NOW, NOW - 1, NOW - 3599, true));
    assert_true(serve_cert_is_due(NOW, NOW - 1, NOW - 3600, true));
}

static void one_that_is_not_valid_now_takes_no_valid_ones_place(void **state)
{
    (void)state;
    int64_t later = NOW + 1000;
    assert_true(serve_cert_is_taken(NOW, later, NOW, NOW));
    assert_false(serve_cert_is_taken(NOW, later, NOW - 10, NOW - 1));
    assert_false(serve_cert_is_taken(NOW, later, NOW + 1, NOW + 10));
    assert_true(serve_cert_is_taken(NOW, NOW - 1, NOW - 10, NOW - 1));
    assert_false(serve_cert_is_taken(NOW, NOW, NOW - 10, NOW - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_the_same_in_any_order_and_written_otherwise),
        cmocka_unit_test(names_that_came_or_went_are_other_names),
        cmocka_unit_test(another_is_due_at_once_when_the_names_changed),
        cmocka_unit_test(another_is_due_thirty_days_before_the_end_and_once_an_hour),
        cmocka_unit_test(one_that_is_not_valid_now_takes_no_valid_ones_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
